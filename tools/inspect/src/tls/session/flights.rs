//! What handshake messages change: who is the client, what was agreed on, which key is next.

use ring::digest;

use super::{Outside, Session};
use crate::model::Side;
use crate::tls::direction::Protection;
use crate::tls::handshake::{ClientHello, EncryptedExtensions, ServerHello, leaf};
use crate::tls::messages::{
    CERTIFICATE, CLIENT_HELLO, ENCRYPTED_EXTENSIONS, END_OF_EARLY_DATA, FINISHED, KEY_UPDATE, SERVER_HELLO,
    SERVER_HELLO_DONE,
};
use crate::tls::negotiation::{Agreement, Early, Open, Phase};
use crate::tls::{Told, Version, Why};

impl Session {
    /// Takes the content of a handshake record.
    pub(super) fn handshake(&mut self, outside: &mut Outside<'_>, side: Side, content: &[u8]) {
        if self.directions[side.index()].is_broken && !stands_alone(content) {
            return;
        }
        let mut messages = std::mem::take(&mut self.directions[side.index()].messages);
        messages.add(content);
        while let Some((kind, body)) = messages.next() {
            if let Err(why) = self.message(outside, side, kind, body) {
                self.give_up_both(outside, why);
                return;
            }
        }
        messages.shrink();
        self.directions[side.index()].messages = messages;
    }

    fn message(&mut self, outside: &mut Outside<'_>, side: Side, kind: u8, body: &[u8]) -> Result<(), Why> {
        let version = self.negotiation.agreed.as_ref().map(|agreed| agreed.version);
        let is_13 = version == Some(Version::TLS_1_3);
        let is_client = self.negotiation.is_client(side);
        match kind {
            CLIENT_HELLO => self.client_hello(outside, side, body),
            SERVER_HELLO => self.server_hello(outside, side, body),
            ENCRYPTED_EXTENSIONS if is_13 && !is_client => self.encrypted_extensions(outside, side, body),
            CERTIFICATE if version.is_some() => {
                // Only the fingerprint is lost with a malformed one, and whoever it was sent to will say more.
                if let Some(certificate) = leaf(body, is_13) {
                    let digest = digest::digest(&digest::SHA256, certificate);
                    let sha256 = digest.as_ref().try_into().expect("SHA-256 has 32 octets");
                    outside.tell(side, Told::Certificate { sha256 });
                }
                Ok(())
            }
            SERVER_HELLO_DONE if !is_13 && !is_client => {
                if let Some(agreed) = &mut self.negotiation.agreed {
                    agreed.resumed = false;
                }
                self.tell_agreed(outside);
                Ok(())
            }
            END_OF_EARLY_DATA if is_client => {
                self.advance(side, Phase::Early, Phase::Handshake);
                Ok(())
            }
            FINISHED if is_13 => {
                if !is_client {
                    self.tell_agreed(outside);
                }
                self.advance(side, Phase::Handshake, Phase::Application);
                Ok(())
            }
            KEY_UPDATE if is_13 => {
                self.update_key(outside, side);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn client_hello(&mut self, outside: &mut Outside<'_>, side: Side, body: &[u8]) -> Result<(), Why> {
        let is_first = match &self.negotiation.hello {
            None => true,
            // Renegotiation. A second one without it answers a HelloRetryRequest, and says nothing new.
            Some((client, _)) if *client == side && self.negotiation.agreed.is_some() => false,
            Some(_) => return Ok(()),
        };
        let hello = ClientHello::read(body).ok_or(Why::Malformed("a ClientHello"))?;
        if is_first {
            let told = Told::ClientHello {
                client_random: &hello.random,
                server_name: hello.server_name.as_deref(),
                alpn: &hello.alpn,
                versions: &hello.versions,
            };
            outside.tell(side, told);
            if hello.early_data {
                self.negotiation.early = Early::Offered;
            }
        }
        self.negotiation.hello = Some((side, hello));
        Ok(())
    }

    fn server_hello(&mut self, outside: &mut Outside<'_>, side: Side, body: &[u8]) -> Result<(), Why> {
        let Some((client, hello)) = &self.negotiation.hello else { return Err(Why::StartMissing) };
        if *client == side {
            return Err(Why::Malformed("a ServerHello from who is not the client"));
        }
        let answer = ServerHello::read(body).ok_or(Why::Malformed("a ServerHello"))?;
        if answer.is_retry() {
            self.negotiation.retried = true;
            if self.negotiation.early == Early::Offered {
                self.negotiation.early = Early::Refused;
            }
            return Ok(());
        }
        let agreed = Agreement::new(hello, answer);
        let (version, obstacle) = (agreed.version, agreed.obstacle());
        self.negotiation.agreed = Some(agreed);
        if version == Version::TLS_1_3 {
            let first =
                if self.negotiation.early == Early::Offered { Phase::Early } else { Phase::Handshake };
            self.directions[side.index()].protection = Protection::Wanted(Phase::Handshake);
            self.directions[side.other().index()].protection = Protection::Wanted(first);
        } else if self.negotiation.early == Early::Offered {
            self.negotiation.early = Early::Refused;
        }
        if obstacle.is_some() && version == Version::TLS_1_3 {
            self.tell_agreed(outside);
        }
        Ok(())
    }

    fn encrypted_extensions(
        &mut self,
        outside: &mut Outside<'_>,
        side: Side,
        body: &[u8],
    ) -> Result<(), Why> {
        let extensions = EncryptedExtensions::read(body).ok_or(Why::Malformed("EncryptedExtensions"))?;
        if self.negotiation.early == Early::Offered {
            if extensions.early_data {
                self.negotiation.early = Early::Accepted;
            } else {
                self.negotiation.early = Early::Refused;
                self.advance(side.other(), Phase::Early, Phase::Handshake);
            }
        }
        if let Some(agreed) = &mut self.negotiation.agreed {
            agreed.alpn = extensions.alpn;
        }
        self.tell_agreed(outside);
        Ok(())
    }

    /// From one phase to the next, if it is in that one.
    fn advance(&mut self, side: Side, from: Phase, to: Phase) {
        let protection = &mut self.directions[side.index()].protection;
        let phase = match protection {
            Protection::Wanted(phase) => *phase,
            Protection::Open(open) => open.phase,
            _ => return,
        };
        if phase == from {
            *protection = Protection::Wanted(to);
        }
    }

    /// RFC 8446 §4.6.3.
    fn update_key(&mut self, outside: &mut Outside<'_>, side: Side) {
        if let Protection::Open(open) = &self.directions[side.index()].protection
            && let Open { phase: Phase::Application, .. } = **open
            && let Some(next) = self.negotiation.successor(outside.keys, side, open)
        {
            self.directions[side.index()].protection = Protection::Open(Box::new(next));
        }
    }
}

/// Whether a record is exactly one message after which the key changes: what may be read where others may be cut.
fn stands_alone(content: &[u8]) -> bool {
    match *content {
        [KEY_UPDATE, 0, 0, 1, 0 | 1] | [END_OF_EARLY_DATA, 0, 0, 0] => true,
        [FINISHED, 0, 0, octets, ref rest @ ..] => usize::from(octets) == rest.len(),
        _ => false,
    }
}
