//! The server's side of one attempt to sign in.
//!
//! ```text
//!            handle         handle_credentials               handle
//!   Waiting ────────▶ Asking ───────────────▶ Challenged ───────────────▶ Over     SCRAM
//!   Waiting ────────▶ Asking ───────────────▶ Stretching ───────────────▶ Over     PLAIN
//!                                                      handle_stretched
//! ```
//!
//! It does not know the users: whoever drives it answers [`Step::Credentials`], with [`super::FakeSalts`]' for a name
//! that nobody has, so that both look alike and take the same time. It does not judge the authorisation identity
//! either, which is a matter of JIDs.

use rand_chacha::ChaCha20Rng;
use subtle::ConstantTimeEq as _;

use super::hash::{Secret, xor};
use super::message::{BindingFlag, ClientFinal, ClientFirst, ServerFinal, ServerFirst};
use super::plain::Plain;
use super::{
    Credentials, Exporter, Hash, Mechanism, Password, ScramKeys, Stretched, Stretching, SyntaxError,
    TLS_EXPORTER, nonce,
};

/// One attempt to sign in.
pub struct Exchange {
    state: State,
}

/// What comes next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Look this name up and answer with [`Exchange::handle_credentials`].
    Credentials {
        /// The authentication identity, as the client wrote it.
        username: String,
        /// Whom it wants to act as, if it said so.
        authzid: Option<String>,
    },
    /// Carry this out, which is slow, and answer with [`Exchange::handle_stretched`].
    Stretch(Stretching),
    /// Send this and wait for the client's answer.
    Challenge(Vec<u8>),
    /// The client has proven that it knows the password. SCRAM: send this along with the success.
    Success(Option<Vec<u8>>),
}

/// Why the attempt has failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The message cannot be read.
    #[error(transparent)]
    Malformed(#[from] SyntaxError),
    /// Not the password, or no such user; nobody is told which.
    #[error("wrong user name or password")]
    NotAuthorized,
    /// The client believes that channel binding was not offered, and it was: somebody between changed the offer.
    #[error("channel binding was offered, but did not reach the client")]
    Downgraded,
    /// Another kind of channel binding than the mechanism's, or data of another TLS connection.
    #[error("the channel binding is not that of this connection")]
    ChannelBinding,
    /// A message that nobody asked for.
    #[error("the exchange is over or waits for something else")]
    OutOfOrder,
}

enum State {
    Waiting { mechanism: Mechanism, exporter: Option<Exporter> },
    AskingPlain { password: Password },
    AskingScram { hash: Hash, exporter: Option<Exporter>, first: ClientFirst },
    Stretching { stored_key: Secret },
    Challenged(Challenged),
    Over,
}

/// What the client's proof is checked against.
struct Challenged {
    hash: Hash,
    /// `client-first-message-bare "," server-first-message ","`.
    signed: String,
    nonce: String,
    /// The only `cbind-input` that is right.
    binding: Vec<u8>,
    stored_key: Secret,
    server_key: Secret,
}

impl Exchange {
    /// `exporter` is there if and only if a mechanism with channel binding was offered on this connection.
    pub fn new(mechanism: Mechanism, exporter: Option<Exporter>) -> Self {
        Self { state: State::Waiting { mechanism, exporter } }
    }

    /// Takes a message of the client's.
    ///
    /// # Errors
    /// The attempt is over: see [`Refusal`].
    pub fn handle(&mut self, message: &[u8]) -> Result<Step, Refusal> {
        match std::mem::replace(&mut self.state, State::Over) {
            State::Waiting { mechanism, exporter } => match mechanism.hash() {
                None => self.plain(message),
                Some(hash) => self.client_first(hash, mechanism.binds_channel(), exporter, message),
            },
            State::Challenged(challenged) => challenged.verify(message),
            _ => Err(Refusal::OutOfOrder),
        }
    }

    /// Takes the credentials that belong to the name in [`Step::Credentials`], or fake ones.
    ///
    /// # Errors
    /// The attempt is over: see [`Refusal`].
    pub fn handle_credentials(
        &mut self,
        credentials: &Credentials,
        rng: &mut ChaCha20Rng,
    ) -> Result<Step, Refusal> {
        match std::mem::replace(&mut self.state, State::Over) {
            State::AskingPlain { password } => {
                self.state =
                    State::Stretching { stored_key: credentials.sha256.stored_key().to_vec().into() };
                Ok(Step::Stretch(Stretching::again(password, credentials)))
            }
            State::AskingScram { hash, exporter, first } => {
                let (challenged, challenge) =
                    Challenged::new(first, exporter, credentials.keys(hash), &nonce(rng));
                self.state = State::Challenged(challenged);
                Ok(Step::Challenge(challenge))
            }
            _ => Err(Refusal::OutOfOrder),
        }
    }

    /// Takes what came of [`Step::Stretch`].
    ///
    /// # Errors
    /// The attempt is over: see [`Refusal`].
    pub fn handle_stretched(&mut self, stretched: &Stretched) -> Result<Step, Refusal> {
        match std::mem::replace(&mut self.state, State::Over) {
            State::Stretching { stored_key } if stretched.opens(&stored_key) => Ok(Step::Success(None)),
            State::Stretching { .. } => Err(Refusal::NotAuthorized),
            _ => Err(Refusal::OutOfOrder),
        }
    }

    fn plain(&mut self, message: &[u8]) -> Result<Step, Refusal> {
        let Plain { authzid, username, password } = Plain::parse(message)?;
        // What cannot be prepared was never anybody's password.
        let password = Password::new(&password).map_err(|_| Refusal::NotAuthorized)?;
        self.state = State::AskingPlain { password };
        Ok(Step::Credentials { username, authzid })
    }

    fn client_first(
        &mut self,
        hash: Hash,
        bind: bool,
        offered: Option<Exporter>,
        message: &[u8],
    ) -> Result<Step, Refusal> {
        let mut first = ClientFirst::parse(message)?;
        let exporter = match (&first.flag, bind) {
            (BindingFlag::Bound(name), true) if name == TLS_EXPORTER && offered.is_some() => offered,
            (BindingFlag::Unsupported, false) => None,
            // RFC 5802 §6: it could bind, and does not know that we can.
            (BindingFlag::NotOffered, false) if offered.is_none() => None,
            (BindingFlag::NotOffered, _) => return Err(Refusal::Downgraded),
            _ => return Err(Refusal::ChannelBinding),
        };
        let (username, authzid) = (first.username.clone(), first.authzid.take());
        self.state = State::AskingScram { hash, exporter, first };
        Ok(Step::Credentials { username, authzid })
    }
}

impl Challenged {
    /// The challenge, and what the answer to it must fit.
    fn new(first: ClientFirst, exporter: Option<Exporter>, keys: &ScramKeys, ours: &str) -> (Self, Vec<u8>) {
        let nonce = first.nonce + ours;
        let challenge = ServerFirst::write(&nonce, keys.salt(), keys.iterations());
        let mut binding = first.header.into_bytes();
        binding.extend(exporter.iter().flatten());
        let challenged = Self {
            hash: keys.hash(),
            signed: format!("{},{challenge},", first.bare),
            nonce,
            binding,
            stored_key: keys.stored_key().to_vec().into(),
            server_key: keys.server_key().to_vec().into(),
        };
        (challenged, challenge.into_bytes())
    }

    /// RFC 5802 §3: `ClientKey = ClientProof XOR HMAC(StoredKey, AuthMessage)`, and `H(ClientKey)` is `StoredKey`.
    fn verify(self, message: &[u8]) -> Result<Step, Refusal> {
        let last = ClientFinal::parse(message)?;
        if last.nonce != self.nonce {
            return Err(Refusal::NotAuthorized);
        }
        if !bool::from(last.binding.ct_eq(&self.binding)) {
            return Err(Refusal::ChannelBinding);
        }
        if last.proof.len() != self.hash.bytes() {
            return Err(Refusal::NotAuthorized);
        }
        let signed = [self.signed.as_bytes(), last.without_proof.as_bytes()];
        let client_key = xor(&last.proof, &self.hash.hmac(&self.stored_key, &signed));
        if !bool::from(self.hash.digest(&client_key).ct_eq(&self.stored_key)) {
            return Err(Refusal::NotAuthorized);
        }
        let signature = self.hash.hmac(&self.server_key, &signed);
        Ok(Step::Success(Some(ServerFinal::write(&signature).into_bytes())))
    }
}

#[cfg(test)]
impl Exchange {
    /// An exchange whose challenge has a nonce of our choice, so that published vectors can be replayed.
    pub(super) fn challenged(first: &[u8], keys: &ScramKeys, nonce: &str) -> (Self, Vec<u8>) {
        let first = ClientFirst::parse(first).expect("published vectors are well-formed");
        let (challenged, challenge) = Challenged::new(first, None, keys, nonce);
        (Self { state: State::Challenged(challenged) }, challenge)
    }
}
