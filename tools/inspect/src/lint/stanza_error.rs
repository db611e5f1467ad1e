//! Stanza errors (RFC 6120 §8.3): where `<error/>` stands, its type and condition.

use chatdev_stanza::{ErrorType, StanzaCondition};
use chatdev_xml::Node;

use super::rules::*;
use super::said::{NS_STANZA_ERRORS, Said, content_children, quoted};
use crate::entry::Finding;

pub(super) fn look(said: &Said<'_>, out: &mut Vec<Finding>) {
    let Some(stanza) = said.stanza() else { return };
    let error = content_children(stanza.root(), "error").next();
    match (said.stanza_type() == Some("error"), error) {
        (true, None) => {
            out.push(
                STANZA_ERROR_MISSING.found(format!("a {} of type error without <error/>", said.entry.kind)),
            );
        }
        (false, Some(_)) => {
            let stanza_type = said.stanza_type().map_or("no type".to_owned(), quoted);
            out.push(
                STANZA_ERROR_MISPLACED.found(format!("<error/> in a {} of {stanza_type}", said.entry.kind)),
            );
        }
        (true, Some(error)) => self::error(error, out),
        (false, None) => {}
    }
}

fn error(error: Node<'_>, out: &mut Vec<Finding>) {
    match error.attribute("type") {
        None => out.push(STANZA_ERROR_TYPE.found("<error/> has no type")),
        Some(error_type) if ErrorType::from_name(&error_type).is_none() => {
            out.push(STANZA_ERROR_TYPE.found(format!("the type of <error/> is {}", quoted(&error_type))));
        }
        Some(_) => {}
    }
    let mut conditions =
        error.children().filter(|child| child.namespace() == NS_STANZA_ERRORS && child.name() != "text");
    match conditions.next() {
        None => out.push(STANZA_ERROR_CONDITION_MISSING.found("<error/> without a condition")),
        Some(condition) if StanzaCondition::from_name(condition.name()).is_none() => {
            out.push(STANZA_ERROR_CONDITION_UNKNOWN.found(format!("it is {}", quoted(condition.name()))));
        }
        Some(_) => {}
    }
}
