//! One line of a key log (RFC 9850 §2): a label, a space, the client random, a space, the secret, both in hexadecimal.

use super::{LINE_OCTETS_MAX, Label, Secret};

/// What a line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Line {
    /// Blank, or a comment.
    Nothing,
    /// A label that is not needed here.
    PassedOver,
    /// A secret.
    Entry(Label, [u8; 32], Secret),
}

/// What is wrong with a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LineFlaw {
    /// There are not three words.
    #[error("expected a label, a client random and a secret, found words: {0}")]
    Words(usize),
    /// It does not begin with a label.
    #[error("expected a label (capital letters, digits, _)")]
    Label,
    /// The client random is none.
    #[error("expected a client random of 64 hexadecimal digits")]
    ClientRandom,
    /// The secret is none.
    #[error("expected a secret of 64 or 96 hexadecimal digits (96 after CLIENT_RANDOM)")]
    Secret,
    /// The line does not end.
    #[error("expected a line of at most {LINE_OCTETS_MAX} octets")]
    TooLong,
}

/// Reads a line without its line feed. `overlong`: it goes on beyond what is given.
pub(super) fn parse(line: &[u8], overlong: bool) -> Result<Line, LineFlaw> {
    let line = line.trim_ascii();
    if line.is_empty() || line[0] == b'#' {
        return Ok(Line::Nothing);
    }
    let mut words = line.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty());
    let name = words.next().unwrap_or_default();
    if !name.iter().all(|octet| octet.is_ascii_uppercase() || octet.is_ascii_digit() || *octet == b'_') {
        return Err(LineFlaw::Label);
    }
    let Some(label) = Label::ALL.into_iter().find(|label| label.name().as_bytes() == name) else {
        return if words.next().is_some() { Ok(Line::PassedOver) } else { Err(LineFlaw::Words(1)) };
    };
    if overlong {
        return Err(LineFlaw::TooLong);
    }
    let (Some(client_random), Some(secret), None) = (words.next(), words.next(), words.next()) else {
        return Err(LineFlaw::Words(
            line.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty()).count(),
        ));
    };
    let mut octets = [0; 32];
    if hex(client_random, &mut octets) != Some(32) {
        return Err(LineFlaw::ClientRandom);
    }
    Ok(Line::Entry(label, octets, secret_of(label, secret).ok_or(LineFlaw::Secret)?))
}

fn secret_of(label: Label, digits: &[u8]) -> Option<Secret> {
    let mut octets = [0; Secret::OCTETS_MAX];
    let length = hex(digits, &mut octets)?;
    // A master secret has always 48 octets; the others are as long as the suite's hash.
    if label == Label::ClientRandom && length != Secret::OCTETS_MAX {
        return None;
    }
    Secret::new(&octets[..length])
}

/// Octets from their hexadecimal digits, and how many; `None` if they are not such, or there is no room.
fn hex(digits: &[u8], octets: &mut [u8]) -> Option<usize> {
    let (pairs, rest) = digits.as_chunks::<2>();
    if !rest.is_empty() || pairs.len() > octets.len() {
        return None;
    }
    for (octet, [high, low]) in octets.iter_mut().zip(pairs) {
        *octet = digit(*high)? << 4 | digit(*low)?;
    }
    Some(pairs.len())
}

fn digit(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    }
}
