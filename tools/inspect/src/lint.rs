//! [`Lint`]: what of a conversation is against the rules: RFC 6120 and 6121, XEP-0198, and ChatDev's PROTOCOL.md.
//!
//! It takes entries in order, each with its exact reading (`Depth::exact`; without it nearly nothing is found), and says what is wrong with
//! each. The rules stand in one table ([`RULES`]); each area is a file of its own with its own state, bounded, and dropped when its
//! connection ends. What they all need to know of a connection is in `ground`, which also knows what was *not* seen: where a source begins
//! in the middle, or octets are missing, a rule that cannot be sure is silent.
//!
//! It judges what is on the wire. What a program does with what it got, and timing beyond PROTOCOL §2, it does not; nor limits of size.

mod address;
mod binding;
mod directory;
mod ending;
mod features;
mod ground;
mod header;
mod held;
mod iq;
mod message;
mod peer;
mod presence;
mod questions;
mod report;
mod roster;
mod rules;
mod said;
mod sasl;
mod sm;
mod stanza_error;
mod starttls;
#[cfg(test)]
mod tests;
mod xml;

pub use report::{EXAMPLES_MAX, Report, Row, Verdict};
pub use rules::{RULES, Rule, table};

use hashbrown::HashMap;

use crate::entry::{Entry, Finding, Kind, Phase};
use crate::exact::Exact;
use crate::model::{ConnectionId, Side};
use ground::Ground;
use said::{Over, Said, What};

/// Connections that are watched at once; one more is not judged, and counted ([`Lint::unwatched`]).
pub const CONNECTIONS_MAX: usize = 65_536;

/// See the file's documentation.
#[derive(Debug, Default)]
pub struct Lint {
    watched: HashMap<ConnectionId, Box<Watched>>,
    unwatched: u64,
}

/// One connection: what is known of it, and what each area remembers.
#[derive(Debug)]
struct Watched {
    ground: Ground,
    finished: [bool; 2],
    addresses: address::Addresses,
    directory: directory::Directory,
    endings: ending::Endings,
    features: features::Features,
    headers: header::Headers,
    held: held::Held,
    peers: peer::Peers,
    questions: questions::Questions,
    sasl: sasl::Sasl,
    sm: sm::Sm,
    starttls: starttls::StartTls,
}

impl Lint {
    /// Nothing is known yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Connections that were not judged, because [`CONNECTIONS_MAX`] others were open.
    #[must_use]
    pub fn unwatched(&self) -> u64 {
        self.unwatched
    }

    /// What is wrong with the next entry. That of the end of a connection has what is known only then.
    pub fn look(&mut self, entry: &Entry<'_>, exact: &Exact) -> Vec<Finding> {
        let mut findings = Vec::new();
        let Some(id) = entry.connection else { return findings };
        let is_new = !self.watched.contains_key(&id);
        if is_new {
            if self.watched.len() >= CONNECTIONS_MAX {
                self.unwatched += u64::from(entry.kind == Kind::Connection);
                return findings;
            }
            // A connection that was seen from its beginning is told of before anything is said on it.
            let is_from_start = entry.kind == Kind::Connection && entry.phase == Phase::Opening;
            self.watched.insert(id, Box::new(Watched::new(is_from_start)));
            if entry.kind == Kind::Connection {
                return findings;
            }
        }
        let said = Said::new(entry, exact);
        let Some(watched) = self.watched.get_mut(&id) else { return findings };
        watched.look(&said, &mut findings);
        if watched.is_over(&said) {
            watched.end(&mut findings);
            self.watched.remove(&id);
        }
        findings
    }

    /// Nothing more comes: what is known only now of connections that are still open, by their number.
    pub fn finish(&mut self) -> Vec<(ConnectionId, Finding)> {
        let mut open: Vec<_> = self.watched.drain().collect();
        open.sort_unstable_by_key(|(id, _)| *id);
        let mut all = Vec::new();
        for (id, mut watched) in open {
            let mut findings = Vec::new();
            watched.end(&mut findings);
            all.extend(findings.into_iter().map(|finding| (id, finding)));
        }
        all
    }
}

impl Watched {
    fn new(is_from_start: bool) -> Self {
        Self {
            ground: Ground::new(is_from_start),
            finished: [false; 2],
            addresses: Default::default(),
            directory: Default::default(),
            endings: Default::default(),
            features: Default::default(),
            headers: Default::default(),
            held: Default::default(),
            peers: Default::default(),
            questions: Default::default(),
            sasl: Default::default(),
            sm: Default::default(),
            starttls: Default::default(),
        }
    }

    fn look(&mut self, said: &Said<'_>, out: &mut Vec<Finding>) {
        let mut decided = Vec::new();
        self.held.decide(said, &mut decided);
        self.judge(said, out);
        if !out.is_empty() {
            self.held.hold(said, out);
        }
        out.append(&mut decided);
    }

    fn judge(&mut self, said: &Said<'_>, out: &mut Vec<Finding>) {
        self.ground.prepare(said);
        let ground = &self.ground;
        xml::look(ground, said, out);
        self.headers.look(ground, said, out);
        self.features.look(ground, said, out);
        self.starttls.look(ground, said, out);
        self.sasl.look(ground, said, out);
        binding::look(ground, said, out);
        iq::look(said, out);
        stanza_error::look(said, out);
        message::look(ground, said, out);
        presence::look(ground, said, out);
        roster::look(ground, said, out);
        self.addresses.look(ground, said, out);
        self.questions.look(ground, said, out);
        self.sm.look(ground, said, out);
        self.directory.look(ground, said, out);
        self.peers.look(ground, said, out);
        self.endings.look(ground, said, out);
        self.ground.learn(said);
    }

    fn is_over(&mut self, said: &Said<'_>) -> bool {
        match said.what {
            What::Ended(Over::Finished) => {
                self.finished[said.side.index()] = true;
                self.finished == [true; Side::BOTH.len()]
            }
            What::Ended(_) => true,
            _ => false,
        }
    }

    /// What is known only when nothing more comes.
    fn end(&mut self, out: &mut Vec<Finding>) {
        self.held.end(out);
        self.questions.end(&self.ground, out);
        self.sm.end(&self.ground, out);
        self.directory.end(&self.ground, out);
    }
}
