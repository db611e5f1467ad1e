//! What an entry is called, in two or three words.

use std::fmt::Write as _;

use crate::entry::Payload;

/// `disco info get`, `ping result`.
pub(super) fn iq(known: Option<&str>, payload: Option<&Payload<'_>>, stanza_type: &str, out: &mut String) {
    if let Some(what) = known.or_else(|| payload.map(|payload| &*payload.name)) {
        out.push_str(what);
        out.push(' ');
    }
    out.push_str(stanza_type);
}

/// `chat message`, `receipt`, `composing`, `message error`.
pub(super) fn message(stanza_type: &str, has_body: bool, payload: Option<&Payload<'_>>, out: &mut String) {
    let what = payload.map(|payload| payload.title.unwrap_or(&payload.name));
    match stanza_type {
        "error" => out.push_str("message error"),
        "normal" | "" if has_body => out.push_str("message"),
        stanza_type if has_body => {
            out.push_str(stanza_type);
            out.push_str(" message");
        }
        _ => out.push_str(what.unwrap_or("message")),
    }
    // A body that only stands in for something else.
    if has_body
        && let Some(
            what @ ("OMEMO" | "OpenPGP (XEP-0373)" | "correction" | "reactions" | "sent carbon"
            | "received carbon"),
        ) = what
    {
        let _ = write!(out, ", {what}");
    }
}

/// `available`, `unavailable`, `subscribe`, `error`: the kind says of what.
pub(super) fn presence(stanza_type: &str, out: &mut String) {
    match stanza_type {
        "" => out.push_str("available"),
        stanza_type => out.push_str(stanza_type),
    }
}
