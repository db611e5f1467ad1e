//! The client's side of one attempt to sign in.
//!
//! ```text
//!            handle_challenge          handle_challenge (v=)
//!   First ────────────────────▶ Final ──────────────────────▶ Proven ──┐
//!                                 │ handle_success (v=)                │ handle_success
//!                                 └───────────────▶ signed in ◀────────┘            SCRAM
//!   Sent ──────────────────────── handle_success ─▶ signed in                       PLAIN
//! ```
//!
//! What a password was stretched to is kept for the next time, if the owner wants ([`ClientKeys`]).
//!
//! SCRAM proves both sides: a server that does not know the keys is found out, and the caller must then not go on. It
//! does not choose a mechanism, and never changes to another.

use std::fmt;
use std::ops::RangeInclusive;
use std::sync::Arc;

use rand_chacha::ChaCha20Rng;
use subtle::ConstantTimeEq as _;

use super::hash::{Secret, xor};
use super::message::{ClientFinal, ClientFirst, ServerFinal, ServerFirst};
use super::plain::Plain;
use super::{Exporter, Hash, Password, SyntaxError, TLS_EXPORTER, nonce};

/// One attempt to sign in.
pub struct Exchange {
    state: State,
    /// What the password was stretched to, once the server has said with what salt.
    keys: Option<Arc<ClientKeys>>,
}

/// What a password is stretched to for one account (RFC 5802 §3). A client may keep it and spare itself the stretching the
/// next time, as long as the server asks with the same salt and iteration count (§5.1). As secret as the password.
pub struct ClientKeys {
    hash: Hash,
    salt: Vec<u8>,
    iterations: u32,
    client_key: Secret,
    server_key: Secret,
}

/// What is said of channel binding (RFC 5802 §6).
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Channel {
    /// We cannot, or choose not to though the server could: `n`.
    Unbound,
    /// We could, and the server did not offer it: `y`. A server that did offer it then knows that somebody lies.
    NotOffered,
    /// We do, to this TLS connection: `p=tls-exporter`.
    Bound(Exporter),
}

/// Why the server is not to be trusted, or was not understood.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Distrust {
    /// A message cannot be read.
    #[error(transparent)]
    Malformed(#[from] SyntaxError),
    /// The server's nonce does not begin with ours, or is nothing but ours.
    #[error("the server answered another sign-in than ours")]
    Nonce,
    /// So few iterations that a listener could guess the password, or so many that they could only waste our time.
    #[error("the server asks for {found} iterations; {min} to {max} are accepted")]
    Iterations {
        /// What it asks for.
        found: u32,
        /// The fewest accepted.
        min: u32,
        /// The most accepted.
        max: u32,
    },
    /// The signature is not there, or not that of one who knows our keys.
    #[error("the server could not prove that it knows the account")]
    Signature,
    /// The server said no in SCRAM's own words.
    #[error("the server refused: {0}")]
    Refused(String),
    /// A challenge that the mechanism does not have.
    #[error("the server sent a challenge that the mechanism does not have")]
    OutOfOrder,
}

enum State {
    Sent,
    First(First),
    Final { signature: Secret },
    Proven,
    Over,
}

/// What the answer to the server's challenge is made of.
struct First {
    hash: Hash,
    channel: Channel,
    iterations: RangeInclusive<u32>,
    password: Password,
    known: Option<Arc<ClientKeys>>,
    bare: String,
    nonce: String,
}

impl ClientKeys {
    fn derive(hash: Hash, password: &Password, challenge: &ServerFirst) -> Self {
        let salted = hash.stretch(password.reveal().as_bytes(), &challenge.salt, challenge.iterations);
        Self {
            hash,
            salt: challenge.salt.clone(),
            iterations: challenge.iterations,
            client_key: hash.hmac(&salted, &[b"Client Key"]),
            server_key: hash.hmac(&salted, &[b"Server Key"]),
        }
    }

    fn answers(&self, hash: Hash, challenge: &ServerFirst) -> bool {
        self.hash == hash && self.salt == challenge.salt && self.iterations == challenge.iterations
    }
}

impl fmt::Debug for ClientKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientKeys").field("hash", &self.hash).finish_non_exhaustive()
    }
}

impl Exchange {
    /// PLAIN: the exchange and its only message. To be used inside TLS only.
    pub fn plain(username: &str, password: &Password) -> (Self, Vec<u8>) {
        (Self { state: State::Sent, keys: None }, Plain::write(username, password.reveal()))
    }

    /// SCRAM: the exchange and its first message. Counts outside `iterations` are refused.
    pub fn scram(
        hash: Hash,
        channel: Channel,
        username: &str,
        password: Password,
        iterations: RangeInclusive<u32>,
        rng: &mut ChaCha20Rng,
    ) -> (Self, Vec<u8>) {
        Self::scram_with_nonce(hash, channel, username, password, iterations, nonce(rng))
    }

    pub(super) fn scram_with_nonce(
        hash: Hash,
        channel: Channel,
        username: &str,
        password: Password,
        iterations: RangeInclusive<u32>,
        nonce: String,
    ) -> (Self, Vec<u8>) {
        let bare = ClientFirst::write_bare(username, &nonce);
        let message = [channel.header(), bare.clone()].concat().into_bytes();
        let first = First { hash, channel, iterations, password, known: None, bare, nonce };
        (Self { state: State::First(first), keys: None }, message)
    }

    /// What an earlier sign-in stretched the same password to. Used if the server asks with the same salt.
    #[must_use]
    pub fn knowing(mut self, keys: Option<Arc<ClientKeys>>) -> Self {
        if let State::First(first) = &mut self.state {
            first.known = keys;
        }
        self
    }

    /// What the password was stretched to in this one; to be kept only once the attempt has succeeded.
    pub fn keys(&self) -> Option<&Arc<ClientKeys>> {
        self.keys.as_ref()
    }

    /// Takes a challenge and gives the response to it.
    ///
    /// # Errors
    /// The attempt is to be aborted: see [`Distrust`].
    pub fn handle_challenge(&mut self, message: &[u8]) -> Result<Vec<u8>, Distrust> {
        match std::mem::replace(&mut self.state, State::Over) {
            State::First(first) => {
                let (response, signature, keys) = first.answer(message)?;
                self.keys = Some(keys);
                self.state = State::Final { signature };
                Ok(response)
            }
            // Some servers send the signature as one more challenge instead of with the success.
            State::Final { signature } => {
                verify(&signature, message)?;
                self.state = State::Proven;
                Ok(Vec::new())
            }
            _ => Err(Distrust::OutOfOrder),
        }
    }

    /// Takes the server's success, with the data that came along.
    ///
    /// # Errors
    /// It is not worth anything: see [`Distrust`].
    pub fn handle_success(self, additional: Option<&[u8]>) -> Result<(), Distrust> {
        match self.state {
            State::Sent | State::Proven => Ok(()),
            State::Final { signature } => verify(&signature, additional.ok_or(Distrust::Signature)?),
            State::First(_) | State::Over => Err(Distrust::Signature),
        }
    }
}

impl First {
    /// RFC 5802 §3: the proof, and the signature that the server must show in return.
    fn answer(self, message: &[u8]) -> Result<(Vec<u8>, Secret, Arc<ClientKeys>), Distrust> {
        let challenge = ServerFirst::parse(message)?;
        if challenge.nonce.len() <= self.nonce.len() || !challenge.nonce.starts_with(&self.nonce) {
            return Err(Distrust::Nonce);
        }
        if !self.iterations.contains(&challenge.iterations) {
            let (&min, &max) = (self.iterations.start(), self.iterations.end());
            return Err(Distrust::Iterations { found: challenge.iterations, min, max });
        }
        let hash = self.hash;
        let known = self.known.filter(|known| known.answers(hash, &challenge));
        let keys = known.unwrap_or_else(|| Arc::new(ClientKeys::derive(hash, &self.password, &challenge)));

        let without_proof = ClientFinal::write_without_proof(&self.channel.binding(), &challenge.nonce);
        let signed = [self.bare.as_bytes(), b",", message, b",", without_proof.as_bytes()];
        let client_key = &keys.client_key;
        let proof = xor(client_key, &hash.hmac(&hash.digest(client_key), &signed));
        let response = ClientFinal::write(&without_proof, &proof).into_bytes();
        Ok((response, hash.hmac(&keys.server_key, &signed), keys))
    }
}

impl Channel {
    /// `gs2-header`. No authorisation identity: one acts as oneself.
    fn header(self) -> String {
        match self {
            Self::Unbound => "n,,".to_owned(),
            Self::NotOffered => "y,,".to_owned(),
            Self::Bound(_) => format!("p={TLS_EXPORTER},,"),
        }
    }

    /// `cbind-input`.
    fn binding(self) -> Vec<u8> {
        let mut binding = self.header().into_bytes();
        if let Self::Bound(exporter) = self {
            binding.extend(exporter);
        }
        binding
    }
}

fn verify(signature: &[u8], message: &[u8]) -> Result<(), Distrust> {
    match ServerFinal::parse(message)? {
        ServerFinal::Signature(shown) if shown.ct_eq(signature).into() => Ok(()),
        ServerFinal::Signature(_) => Err(Distrust::Signature),
        ServerFinal::Error(error) => Err(Distrust::Refused(error)),
    }
}
