//! The four messages of SCRAM (RFC 5802 §5, grammar in §7): reading and writing.
//!
//! Reading is strict: whatever the grammar does not allow is refused, and so is the mandatory extension `m=`, of which
//! none is known. Optional extensions are skipped. Nothing here compares or computes keys.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// The longest SASL message taken, in octets after base64.
pub const MESSAGE_BYTES_MAX: usize = 4096;

/// How a message breaks the grammar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SyntaxError {
    /// Over [`MESSAGE_BYTES_MAX`].
    #[error("the message is over {MESSAGE_BYTES_MAX} octets")]
    TooLong,
    /// Not UTF-8.
    #[error("the message is not UTF-8")]
    NotUtf8,
    /// An attribute is missing, doubled, empty or out of place.
    #[error("the message does not follow the mechanism's grammar")]
    Grammar,
    /// Not base64, or not in its one canonical form.
    #[error("a value in the message is not base64")]
    Base64,
    /// `m=`: an extension that must be understood, and is not.
    #[error("the message demands an extension that is not known")]
    Extension,
}

/// What a client says of channel binding (`gs2-cbind-flag`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum BindingFlag {
    /// `n`: it can't.
    Unsupported,
    /// `y`: it could, and thinks that the server can't.
    NotOffered,
    /// `p=name`: it does, in this way.
    Bound(String),
}

/// `client-first-message`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ClientFirst {
    pub(super) flag: BindingFlag,
    pub(super) authzid: Option<String>,
    /// `gs2-header` as it stood, with its last comma.
    pub(super) header: String,
    /// `client-first-message-bare` as it stood.
    pub(super) bare: String,
    pub(super) username: String,
    pub(super) nonce: String,
}

/// `server-first-message`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ServerFirst {
    pub(super) nonce: String,
    pub(super) salt: Vec<u8>,
    pub(super) iterations: u32,
}

/// `client-final-message`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ClientFinal {
    /// `client-final-message-without-proof` as it stood.
    pub(super) without_proof: String,
    /// `cbind-input`: the gs2 header again, and the channel binding data.
    pub(super) binding: Vec<u8>,
    pub(super) nonce: String,
    pub(super) proof: Vec<u8>,
}

/// `server-final-message`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum ServerFinal {
    /// `v=`: the server's signature.
    Signature(Vec<u8>),
    /// `e=`: why not, in a word.
    Error(String),
}

impl ClientFirst {
    pub(super) fn parse(message: &[u8]) -> Result<Self, SyntaxError> {
        let text = text(message)?;
        let (flag, rest) = text.split_once(',').ok_or(SyntaxError::Grammar)?;
        let (authzid, bare) = rest.split_once(',').ok_or(SyntaxError::Grammar)?;
        let flag = match flag {
            "n" => BindingFlag::Unsupported,
            "y" => BindingFlag::NotOffered,
            _ => BindingFlag::Bound(binding_name(flag)?.to_owned()),
        };
        let authzid = match authzid {
            "" => None,
            _ => Some(unescape(authzid.strip_prefix("a=").ok_or(SyntaxError::Grammar)?)?),
        };
        let mut attributes = Attributes::new(bare)?;
        let username = unescape(attributes.take("n=")?)?;
        let nonce = nonce(attributes.take("r=")?)?.to_owned();
        let header = text[..text.len() - bare.len()].to_owned();
        Ok(Self { flag, authzid, header, bare: bare.to_owned(), username, nonce })
    }

    /// `n=…,r=…`.
    pub(super) fn write_bare(username: &str, nonce: &str) -> String {
        format!("n={},r={nonce}", escape(username))
    }
}

impl ServerFirst {
    pub(super) fn parse(message: &[u8]) -> Result<Self, SyntaxError> {
        let mut attributes = Attributes::new(text(message)?)?;
        let nonce = nonce(attributes.take("r=")?)?.to_owned();
        let salt = decode(attributes.take("s=")?)?;
        let count = attributes.take("i=")?;
        let positive =
            !count.starts_with('0') && !count.is_empty() && count.bytes().all(|b| b.is_ascii_digit());
        if salt.is_empty() || !positive {
            return Err(SyntaxError::Grammar);
        }
        // A count that no integer holds is grammatical, and over every bound.
        Ok(Self { nonce, salt, iterations: count.parse().unwrap_or(u32::MAX) })
    }

    pub(super) fn write(nonce: &str, salt: &[u8], iterations: u32) -> String {
        format!("r={nonce},s={},i={iterations}", STANDARD.encode(salt))
    }
}

impl ClientFinal {
    pub(super) fn parse(message: &[u8]) -> Result<Self, SyntaxError> {
        let text = text(message)?;
        // The proof is the last attribute, and base64 has no comma.
        let (without_proof, proof) = text.rsplit_once(",p=").ok_or(SyntaxError::Grammar)?;
        let mut attributes = Attributes::new(without_proof)?;
        let binding = decode(attributes.take("c=")?)?;
        let nonce = nonce(attributes.take("r=")?)?.to_owned();
        Ok(Self { without_proof: without_proof.to_owned(), binding, nonce, proof: decode(proof)? })
    }

    /// `c=…,r=…`.
    pub(super) fn write_without_proof(binding: &[u8], nonce: &str) -> String {
        format!("c={},r={nonce}", STANDARD.encode(binding))
    }

    /// The whole message.
    pub(super) fn write(without_proof: &str, proof: &[u8]) -> String {
        format!("{without_proof},p={}", STANDARD.encode(proof))
    }
}

impl ServerFinal {
    pub(super) fn parse(message: &[u8]) -> Result<Self, SyntaxError> {
        let first = text(message)?.split(',').next().unwrap_or_default();
        match first.split_once('=') {
            Some(("v", signature)) => Ok(Self::Signature(decode(signature)?)),
            Some(("e", error)) if !error.is_empty() => Ok(Self::Error(error.to_owned())),
            _ => Err(SyntaxError::Grammar),
        }
    }

    pub(super) fn write(signature: &[u8]) -> String {
        format!("v={}", STANDARD.encode(signature))
    }
}

/// Comma-separated attributes, taken in the order that the grammar fixes.
struct Attributes<'a>(std::str::Split<'a, char>);

impl<'a> Attributes<'a> {
    fn new(text: &'a str) -> Result<Self, SyntaxError> {
        if text.starts_with("m=") {
            return Err(SyntaxError::Extension);
        }
        Ok(Self(text.split(',')))
    }

    fn take(&mut self, key: &str) -> Result<&'a str, SyntaxError> {
        self.0.next().and_then(|attribute| attribute.strip_prefix(key)).ok_or(SyntaxError::Grammar)
    }
}

fn text(message: &[u8]) -> Result<&str, SyntaxError> {
    if message.len() > MESSAGE_BYTES_MAX {
        return Err(SyntaxError::TooLong);
    }
    std::str::from_utf8(message).map_err(|_| SyntaxError::NotUtf8)
}

fn decode(value: &str) -> Result<Vec<u8>, SyntaxError> {
    // This engine insists on padding and on zero trailing bits: one encoding per value.
    STANDARD.decode(value).map_err(|_| SyntaxError::Base64)
}

fn nonce(value: &str) -> Result<&str, SyntaxError> {
    let printable = !value.is_empty() && value.bytes().all(|b| matches!(b, 0x21..=0x2B | 0x2D..=0x7E));
    printable.then_some(value).ok_or(SyntaxError::Grammar)
}

fn binding_name(flag: &str) -> Result<&str, SyntaxError> {
    let name = flag.strip_prefix("p=").ok_or(SyntaxError::Grammar)?;
    let valid =
        !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-'));
    valid.then_some(name).ok_or(SyntaxError::Grammar)
}

/// `saslname`: a comma is `=2C`, an equals sign `=3D`.
fn escape(name: &str) -> String {
    name.replace('=', "=3D").replace(',', "=2C")
}

fn unescape(name: &str) -> Result<String, SyntaxError> {
    let mut pieces = name.split('=');
    let mut plain = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let (character, rest) = if let Some(rest) = piece.strip_prefix("2C") {
            (',', rest)
        } else if let Some(rest) = piece.strip_prefix("3D") {
            ('=', rest)
        } else {
            return Err(SyntaxError::Grammar);
        };
        plain.push(character);
        plain.push_str(rest);
    }
    if plain.is_empty() || plain.contains('\0') {
        return Err(SyntaxError::Grammar);
    }
    Ok(plain)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_client_first_message_is_taken_apart() {
        let message = ClientFirst::parse(b"p=tls-exporter,a=me,n=a=2Cb=3Dc,r=abc,x=later").unwrap();
        assert_eq!(message.flag, BindingFlag::Bound("tls-exporter".into()));
        assert_eq!(message.authzid.as_deref(), Some("me"));
        assert_eq!(message.header, "p=tls-exporter,a=me,");
        assert_eq!(message.bare, "n=a=2Cb=3Dc,r=abc,x=later");
        assert_eq!((message.username.as_str(), message.nonce.as_str()), ("a,b=c", "abc"));
    }

    #[test]
    fn what_the_grammar_does_not_allow_is_refused() {
        use SyntaxError::*;
        for (message, expected) in [
            ("", Grammar),
            ("n", Grammar),
            ("n,,", Grammar),
            ("x,,n=user,r=abc", Grammar),
            ("p=,,n=user,r=abc", Grammar),
            ("p=tls exporter,,n=user,r=abc", Grammar),
            ("n,user,n=user,r=abc", Grammar),
            ("n,,r=abc,n=user", Grammar),
            ("n,,n=,r=abc", Grammar),
            ("n,,n=user,r=", Grammar),
            ("n,,n=user,r=a\u{7f}c", Grammar),
            ("n,,n=us=er,r=abc", Grammar),
            ("n,,n=us=2cer,r=abc", Grammar),
            ("n,,m=1,n=user,r=abc", Extension),
        ] {
            assert_eq!(ClientFirst::parse(message.as_bytes()).unwrap_err(), expected, "{message}");
        }
        assert_eq!(ClientFirst::parse(b"n,,n=\xff,r=abc").unwrap_err(), NotUtf8);
        assert_eq!(ClientFirst::parse(&[b'n'; MESSAGE_BYTES_MAX + 1]).unwrap_err(), TooLong);
    }

    #[test]
    fn base64_has_one_form() {
        use SyntaxError::*;
        assert!(ClientFinal::parse(b"c=biws,r=abc,p=AAAA").is_ok());
        assert_eq!(ClientFinal::parse(b"c=biws,r=abc,p=AAA").unwrap_err(), Base64);
        assert_eq!(ClientFinal::parse(b"c=biw s,r=abc,p=AAAA").unwrap_err(), Base64);
        assert_eq!(ClientFinal::parse(b"c=biws,r=abc,p=AB==").unwrap_err(), Base64, "trailing bits");
        assert_eq!(ClientFinal::parse(b"c=biws,r=abc").unwrap_err(), Grammar);
        assert_eq!(ServerFirst::parse(b"r=abc,s=!,i=4096").unwrap_err(), Base64);
    }

    #[test]
    fn a_server_first_message_needs_a_positive_count() {
        let count = |count: &str| ServerFirst::parse(format!("r=abc,s=AAAA,i={count}").as_bytes());
        assert_eq!(count("4096").unwrap().iterations, 4096);
        assert_eq!(count("99999999999").unwrap().iterations, u32::MAX);
        for nonsense in ["", "0", "-1", "+5", "04096", "4096x"] {
            assert_eq!(count(nonsense).unwrap_err(), SyntaxError::Grammar, "{nonsense}");
        }
        assert_eq!(ServerFirst::parse(b"m=x,r=a,s=AAAA,i=1").unwrap_err(), SyntaxError::Extension);
        assert_eq!(ServerFirst::parse(b"r=a,s=,i=4096").unwrap_err(), SyntaxError::Grammar);
    }

    #[test]
    fn a_server_final_message_is_a_signature_or_an_error() {
        assert_eq!(ServerFinal::parse(b"v=AAAA").unwrap(), ServerFinal::Signature(vec![0; 3]));
        assert_eq!(ServerFinal::parse(b"e=other-error").unwrap(), ServerFinal::Error("other-error".into()));
        assert_eq!(ServerFinal::parse(b"hello").unwrap_err(), SyntaxError::Grammar);
    }

    proptest! {
        #[test]
        fn names_survive_escaping(name in "[^\0]{1,40}") {
            prop_assert_eq!(unescape(&escape(&name)).unwrap(), name);
        }

        #[test]
        fn no_octets_panic(message in proptest::collection::vec(any::<u8>(), 0..80)) {
            let _ = ClientFirst::parse(&message);
            let _ = ServerFirst::parse(&message);
            let _ = ClientFinal::parse(&message);
            let _ = ServerFinal::parse(&message);
        }
    }
}
