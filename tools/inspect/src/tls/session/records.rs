//! What a record means: in the clear, sealed, or out of reach.

use super::{Outside, Session, Step};
use crate::model::Side;
use crate::tls::direction::{Alignment, Direction, Lacking, Protection};
use crate::tls::negotiation::{Early, Lack, Phase};
use crate::tls::opening::Opened;
use crate::tls::record::{ALERT, APPLICATION_DATA, CHANGE_CIPHER_SPEC, HANDSHAKE, Header};
use crate::tls::search::Lost;
use crate::tls::{Label, Told, Version, Why, alert};

/// Keys behind the current one that are tried: from the handshake to the application's first, and one update of it.
const SUCCESSORS_TRIED: usize = 2;

impl Session {
    /// Takes a whole record.
    pub(super) fn record(
        &mut self,
        outside: &mut Outside<'_>,
        side: Side,
        header: Header,
        fragment: &[u8],
    ) -> Step {
        let is_13 = self.negotiation.version() == Some(Version::TLS_1_3);
        match self.directions[side.index()].protection {
            Protection::GivenUp => self.pass_over(outside, side, header),
            // RFC 8446 §5: all that is sealed looks like application data. What does not, is not.
            Protection::Wanted(_) | Protection::Open(_) if is_13 && header.kind != APPLICATION_DATA => {
                self.in_clear(outside, side, header, fragment)
            }
            Protection::Wanted(phase) => self.first_sealed(outside, side, phase, header, fragment),
            Protection::Open(_) => self.sealed(outside, side, header, fragment),
            Protection::Clear => self.in_clear(outside, side, header, fragment),
        }
    }

    fn pass_over(&mut self, outside: &mut Outside<'_>, side: Side, header: Header) -> Step {
        if header.kind == APPLICATION_DATA {
            outside.tell(side, Told::Sealed { octets: usize::from(header.length) });
        }
        Step::Done
    }

    fn in_clear(&mut self, outside: &mut Outside<'_>, side: Side, header: Header, fragment: &[u8]) -> Step {
        match header.kind {
            HANDSHAKE if self.is_secretly_sealed(outside, side, header, fragment) => {
                self.sealed(outside, side, header, fragment)
            }
            // Nothing of the handshake of TLS 1.3 is in the clear once there are keys.
            HANDSHAKE
                if self
                    .negotiation
                    .agreed
                    .as_ref()
                    .is_some_and(|agreed| agreed.version == Version::TLS_1_3) =>
            {
                Step::Done
            }
            HANDSHAKE => {
                self.handshake(outside, side, fragment);
                Step::Done
            }
            ALERT => self.alert(outside, side, fragment),
            CHANGE_CIPHER_SPEC => self.change_cipher_spec(outside, side),
            APPLICATION_DATA => self.unannounced(outside, side, header, fragment),
            _ => Step::Done,
        }
    }

    /// Whether the ChangeCipherSpec of TLS 1.2 is among what is missing, so that this handshake record is sealed.
    fn is_secretly_sealed(
        &mut self,
        outside: &mut Outside<'_>,
        side: Side,
        header: Header,
        fragment: &[u8],
    ) -> bool {
        let direction = &mut self.directions[side.index()];
        let (Protection::Clear, Some(lost), Some(Version::TLS_1_2)) =
            (&direction.protection, &mut direction.lost, self.negotiation.version())
        else {
            return false;
        };
        let Ok(open) = self.negotiation.key(outside.keys, side, Phase::Tls12) else { return false };
        if lost.search(&open.opening, header, fragment, &mut self.scratch).is_none() {
            return false;
        }
        direction.protection = Protection::Open(Box::new(open));
        true
    }

    fn alert(&mut self, outside: &mut Outside<'_>, side: Side, content: &[u8]) -> Step {
        if let [level, number] = *content {
            outside.tell(side, alert::told(level, number, self.negotiation.version()));
        }
        Step::Done
    }

    fn change_cipher_spec(&mut self, outside: &mut Outside<'_>, side: Side) -> Step {
        match self.negotiation.version() {
            // RFC 8446 appendix D.4: it is there for the sake of middleboxes.
            Some(Version::TLS_1_3) => Step::Done,
            Some(_) => {
                let direction = &mut self.directions[side.index()];
                direction.protection = Protection::Wanted(Phase::Tls12);
                // The numbers begin anew with the key.
                direction.lost = None;
                let is_broken = direction.is_broken;
                if self.negotiation.is_server(side) {
                    if let Some(agreed) = &mut self.negotiation.agreed
                        && !agreed.is_told
                        && !is_broken
                    {
                        // RFC 5246 §7.3: without a ServerHelloDone before it, this is the abbreviated handshake.
                        agreed.resumed = true;
                    }
                    self.tell_agreed(outside);
                }
                Step::Done
            }
            None => self.without_hellos(outside),
        }
    }

    /// Application data where nothing was said about keys.
    fn unannounced(
        &mut self,
        outside: &mut Outside<'_>,
        side: Side,
        header: Header,
        fragment: &[u8],
    ) -> Step {
        match self.negotiation.version() {
            None if self.negotiation.early == Early::Offered => Step::Wait(Lacking::Hello),
            None => match self.without_hellos(outside) {
                Step::Done => self.pass_over(outside, side, header),
                step => step,
            },
            // Early data, before a HelloRetryRequest refused it (RFC 8446 §4.2.10).
            Some(Version::TLS_1_3) => {
                outside.tell(side, Told::Sealed { octets: usize::from(header.length) });
                Step::Done
            }
            // The ChangeCipherSpec is among what is missing.
            Some(_) if self.directions[side.index()].lost.is_some() => {
                self.directions[side.index()].protection = Protection::Wanted(Phase::Tls12);
                self.first_sealed(outside, side, Phase::Tls12, header, fragment)
            }
            Some(_) => {
                self.give_up(outside, side, Why::Malformed("a ChangeCipherSpec before application data"));
                self.pass_over(outside, side, header)
            }
        }
    }

    /// Something that only makes sense once both hellos are known.
    fn without_hellos(&mut self, outside: &mut Outside<'_>) -> Step {
        if self.negotiation.hello.is_some()
            && self.directions.iter().all(|direction| direction.lost.is_none())
        {
            // The sides may have been captured out of step.
            return Step::Wait(Lacking::Hello);
        }
        self.give_up_both(outside, Why::StartMissing);
        Step::Done
    }

    /// A sealed record of whose key nothing was asked yet.
    fn first_sealed(
        &mut self,
        outside: &mut Outside<'_>,
        side: Side,
        phase: Phase,
        header: Header,
        fragment: &[u8],
    ) -> Step {
        let key = match (phase, self.negotiation.early) {
            // Whether it was accepted is under the server's key.
            (Phase::Early, Early::Offered) => return Step::Wait(Lacking::Key(Label::ServerHandshake)),
            (Phase::Early, _) => self.negotiation.key(outside.keys, side, phase).or_else(|lack| {
                // Its secret is the first to be logged: if a later one is there, it does not come, and early data is passed over.
                let later = self.negotiation.key(outside.keys, side, Phase::Handshake).map_err(|_| lack)?;
                self.negotiation.early = Early::Refused;
                Ok(later)
            }),
            _ => self.negotiation.key(outside.keys, side, phase),
        };
        match key {
            Ok(open) => {
                self.directions[side.index()].protection = Protection::Open(Box::new(open));
                self.sealed(outside, side, header, fragment)
            }
            Err(Lack::NotYet(label)) => Step::Wait(Lacking::Key(label)),
            Err(Lack::Never(why)) => {
                self.give_up(outside, side, why);
                self.pass_over(outside, side, header)
            }
        }
    }

    /// A sealed record.
    fn sealed(&mut self, outside: &mut Outside<'_>, side: Side, header: Header, fragment: &[u8]) -> Step {
        let mut scratch = std::mem::take(&mut self.scratch);
        let step = match self.open(outside, side, header, fragment, &mut scratch) {
            Some(Opened { kind, content }) => {
                self.content(outside, side, kind, &scratch[content]);
                Step::Done
            }
            None => self.unopened(outside, side, header),
        };
        self.scratch = scratch;
        step
    }

    /// Opens a record: as the next one under the current key, else as a later one, or as one under the keys to come.
    fn open(
        &mut self,
        outside: &mut Outside<'_>,
        side: Side,
        header: Header,
        fragment: &[u8],
        scratch: &mut Vec<u8>,
    ) -> Option<Opened> {
        let Direction { protection, lost, .. } = &mut self.directions[side.index()];
        let Protection::Open(open) = protection else { return None };
        if lost.is_none()
            && let Some(opened) = open.opening.open(open.opening.sequence, header, fragment, scratch)
        {
            open.opening.sequence += 1;
            return Some(opened);
        }
        let is_behind_gap = lost.is_some();
        let search = lost.get_or_insert(Lost::NOTHING);
        if is_behind_gap
            && let Some((sequence, opened)) = search.search(&open.opening, header, fragment, scratch)
        {
            outside.tell(side, Told::Resumed { records_lost: Some(sequence - open.opening.sequence) });
            open.opening.sequence = sequence + 1;
            *lost = None;
            return Some(opened);
        }
        let mut successor = self.negotiation.successor(outside.keys, side, open);
        for _ in 0..SUCCESSORS_TRIED {
            let Some(mut next) = successor else { break };
            if let Some((sequence, opened)) = search.search(&next.opening, header, fragment, scratch) {
                next.opening.sequence = sequence + 1;
                *protection = Protection::Open(Box::new(next));
                *lost = None;
                if self.negotiation.is_server(side) {
                    self.tell_agreed(outside);
                }
                if is_behind_gap {
                    outside.tell(side, Told::Resumed { records_lost: None });
                }
                return Some(opened);
            }
            successor = self.negotiation.successor(outside.keys, side, &next);
        }
        if !is_behind_gap {
            *lost = None;
        }
        None
    }

    /// A record that no key opens.
    fn unopened(&mut self, outside: &mut Outside<'_>, side: Side, header: Header) -> Step {
        let direction = &mut self.directions[side.index()];
        let Protection::Open(open) = &direction.protection else { return Step::Done };
        match direction.lost {
            Some(lost) if lost.is_hopeless() => self.give_up(outside, side, Why::Lost),
            Some(_) => {
                direction.alignment = Alignment::Unknown;
                return Step::NoRecord;
            }
            // What the client sent before it knew of the refusal, under a key that counts for nothing (RFC 8446 §4.2.10).
            None if self.negotiation.early == Early::Refused
                && open.phase == Phase::Handshake
                && open.opening.sequence == 0 => {}
            None => {
                let record = open.opening.sequence;
                self.give_up(outside, side, Why::NotAuthentic { record });
            }
        }
        self.pass_over(outside, side, header)
    }

    fn content(&mut self, outside: &mut Outside<'_>, side: Side, kind: u8, content: &[u8]) {
        match kind {
            APPLICATION_DATA if content.is_empty() => {}
            APPLICATION_DATA => outside.tell(side, Told::Plain(content)),
            HANDSHAKE => self.handshake(outside, side, content),
            ALERT => {
                self.alert(outside, side, content);
            }
            // Renegotiation (TLS 1.2).
            CHANGE_CIPHER_SPEC => {
                self.change_cipher_spec(outside, side);
            }
            _ => {}
        }
    }
}
