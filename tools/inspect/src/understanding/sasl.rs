//! What SASL elements say that is no secret: mechanism, user name, iterations, why it failed (RFC 6120 §6, RFC 5802, XEP-0388).

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::framing::{Outline, unescape};

/// The user name in an initial response: PLAIN's (RFC 4616 §2) or SCRAM's (RFC 5802 §5.1).
pub(super) fn user(mechanism: &str, outline: &Outline<'_>) -> Option<String> {
    let text = response(outline)?;
    if mechanism.eq_ignore_ascii_case("PLAIN") {
        // What leaves out the first NUL would have its password taken for its name.
        let [_, name, _] = text.split('\0').collect::<Vec<_>>()[..] else { return None };
        return Some(name.to_owned());
    }
    let name = text.split(',').find_map(|field| field.strip_prefix("n="))?;
    Some(name.replace("=2C", ",").replace("=3D", "="))
}

/// What the client says of channel binding in its first SCRAM message (RFC 5802 §7, gs2-cbind-flag).
pub(super) fn binding(mechanism: &str, outline: &Outline<'_>) -> Option<String> {
    let text = response(outline).filter(|_| mechanism.starts_with("SCRAM"))?;
    match text.split(',').next()? {
        "n" => Some("binds no channel".to_owned()),
        "y" => Some("could bind a channel".to_owned()),
        flag => flag.strip_prefix("p=").map(|kind| format!("binds {kind}")),
    }
}

/// What a challenge says that matters for people: SCRAM's iterations.
pub(super) fn challenge(outline: &Outline<'_>, out: &mut String) {
    let iterations = decoded(outline.raw_text())
        .and_then(|text| text.split(',').find_map(|field| field.strip_prefix("i=").map(str::to_owned)));
    if let Some(iterations) = iterations {
        let _ = write!(out, "{iterations} iterations");
    }
}

/// Why it failed: the condition, and words for people.
pub(super) fn failure(outline: &Outline<'_>, out: &mut String) {
    if let Some(condition) = outline.children().find(|child| child.local_name() != "text") {
        out.push_str(condition.local_name());
    }
    if let Some(text) = outline.raw_text_of("text") {
        let _ = write!(out, ": {}", unescape(text));
    }
}

/// The initial response: in `<auth/>` itself, or in SASL 2's `<initial-response/>`.
fn response(outline: &Outline<'_>) -> Option<String> {
    decoded(outline.raw_text_of("initial-response").unwrap_or_else(|| outline.raw_text()))
}

fn decoded(text: &str) -> Option<String> {
    String::from_utf8(STANDARD.decode(text.trim()).ok()?).ok()
}
