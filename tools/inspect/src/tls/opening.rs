//! Opening records: one key, and the number of the next record (RFC 8446 §5.2–5.3, RFC 5246 §6.2.3.3).

use std::ops::Range;

use ring::aead::{Aad, LessSafeKey, Nonce, UnboundKey};

use super::record::{APPLICATION_DATA, HEADER_OCTETS, Header};
use super::suite::Primitives;

/// Part of the nonce that a record of AES-GCM carries in TLS 1.2 (RFC 5288 §3).
const EXPLICIT_OCTETS: usize = 8;

/// A key of one direction.
#[derive(Debug)]
pub(super) struct Opening {
    key: LessSafeKey,
    /// The secret part of the nonce; of AES-GCM in TLS 1.2 only the first four octets.
    iv: [u8; 12],
    form: Form,
    /// The number of the next record.
    pub(super) sequence: u64,
}

/// How records are sealed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Tls13,
    Tls12ExplicitNonce,
    Tls12,
}

/// What was in a record: its true type, and where the content is in the scratch buffer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Opened {
    pub(super) kind: u8,
    pub(super) content: Range<usize>,
}

impl Opening {
    pub(super) fn tls13(suite: Primitives, key: &[u8], iv: [u8; 12]) -> Self {
        Self { key: bound(suite, key), iv, form: Form::Tls13, sequence: 0 }
    }

    pub(super) fn tls12(suite: Primitives, key: &[u8], secret_iv: &[u8]) -> Self {
        let mut iv = [0; 12];
        iv[..secret_iv.len()].copy_from_slice(secret_iv);
        let form = if suite.is_chacha() { Form::Tls12 } else { Form::Tls12ExplicitNonce };
        Self { key: bound(suite, key), iv, form, sequence: 0 }
    }

    /// Opens a record as the one with this number. `None` if it is not, or not under this key.
    pub(super) fn open(
        &self,
        sequence: u64,
        header: Header,
        fragment: &[u8],
        scratch: &mut Vec<u8>,
    ) -> Option<Opened> {
        scratch.clear();
        match self.form {
            Form::Tls13 => {
                scratch.extend_from_slice(fragment);
                let aad = Aad::from(header.octets());
                let plain = self.key.open_in_place(self.numbered(sequence), aad, scratch).ok()?;
                inner(plain)
            }
            Form::Tls12 => {
                scratch.extend_from_slice(fragment);
                self.open_tls12(self.numbered(sequence), sequence, header, scratch)
            }
            Form::Tls12ExplicitNonce => {
                let (explicit, sealed) = fragment.split_first_chunk::<EXPLICIT_OCTETS>()?;
                let mut nonce = self.iv;
                nonce[4..].copy_from_slice(explicit);
                scratch.extend_from_slice(sealed);
                self.open_tls12(Nonce::assume_unique_for_key(nonce), sequence, header, scratch)
            }
        }
    }

    fn open_tls12(&self, nonce: Nonce, sequence: u64, header: Header, scratch: &mut [u8]) -> Option<Opened> {
        let plain_octets = u16::try_from(scratch.len().checked_sub(self.key.algorithm().tag_len())?).ok()?;
        let mut aad = [0; 8 + HEADER_OCTETS];
        aad[..8].copy_from_slice(&sequence.to_be_bytes());
        aad[8..].copy_from_slice(&Header { length: plain_octets, ..header }.octets());
        let plain = self.key.open_in_place(nonce, Aad::from(aad), scratch).ok()?;
        Some(Opened { kind: header.kind, content: 0..plain.len() })
    }

    fn numbered(&self, sequence: u64) -> Nonce {
        let mut nonce = self.iv;
        for (octet, of_number) in nonce[4..].iter_mut().zip(sequence.to_be_bytes()) {
            *octet ^= of_number;
        }
        Nonce::assume_unique_for_key(nonce)
    }
}

fn bound(suite: Primitives, key: &[u8]) -> LessSafeKey {
    LessSafeKey::new(UnboundKey::new(suite.aead, key).expect("as long as the algorithm's keys are"))
}

/// RFC 8446 §5.2: content, its type, and zeros as padding. One of zeros alone is told as empty application data.
fn inner(plain: &[u8]) -> Option<Opened> {
    Some(match plain.iter().rposition(|octet| *octet != 0) {
        Some(end) => Opened { kind: plain[end], content: 0..end },
        None => Opened { kind: APPLICATION_DATA, content: 0..0 },
    })
}
