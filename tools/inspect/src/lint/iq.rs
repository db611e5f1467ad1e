//! IQ stanzas (RFC 6120 §8.2.3): their form. Whether requests are answered is asked in `questions`.

use super::rules::*;
use super::said::{Said, content_children, quoted};
use crate::entry::{Finding, Kind};

pub(super) fn look(said: &Said<'_>, out: &mut Vec<Finding>) {
    let Some(iq) = said.stanza_of(Kind::Iq) else { return };
    if said.entry.id.is_none() {
        out.push(IQ_WITHOUT_ID.found("an iq without an id"));
    }
    let children = iq.children().count();
    match said.stanza_type() {
        None => out.push(IQ_WITHOUT_TYPE.found("an iq without a type")),
        Some("get" | "set") => {
            // An <error/> that should not be there is told elsewhere.
            let payloads = children - content_children(iq.root(), "error").count();
            if payloads != 1 {
                out.push(IQ_REQUEST_PAYLOAD.found(format!("{payloads} children")));
            }
        }
        Some("result") if children > 1 => out.push(IQ_RESULT_PAYLOAD.found(format!("{children} children"))),
        Some("result" | "error") => {}
        Some(other) => out.push(IQ_TYPE.found(format!("the type is {}", quoted(other)))),
    }
}
