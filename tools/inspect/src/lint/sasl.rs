//! Authentication (RFC 6120 §6, §13.8; XEP-0388): over what, by what, in which form, and that the stream begins anew behind it.
//!
//! What is secret in it is not quoted.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chatdev_stanza::sasl::SaslCondition;
use chatdev_xml::{Element, NS_STREAMS};

use super::ground::Ground;
use super::rules::*;
use super::said::{NS_SASL, NS_SASL2, Said, What, quoted};
use crate::entry::Finding;
use crate::model::Side;

/// See the file's documentation.
#[derive(Debug, Default)]
pub(super) struct Sasl {
    /// Whether an authentication is under way, by RFC 6120 or by XEP-0388.
    is_under_way: bool,
    is_sasl2: bool,
    attempts: u32,
    /// Whether the client has begun a new stream since it last had to say something: it did not wait for `<success/>`.
    has_restarted: bool,
    /// Who has to begin a new stream.
    owes_header: [bool; 2],
}

impl Sasl {
    pub(super) fn look(&mut self, ground: &Ground, said: &Said<'_>, out: &mut Vec<Finding>) {
        let place = said.side.index();
        match said.what {
            What::Header(_) => {
                self.owes_header[place] = false;
                self.has_restarted |= said.side == Side::Dialler;
            }
            What::Space if self.is_under_way && !self.is_sasl2 && !self.has_restarted => {
                out.push(SPACE_DURING_SASL.found("white space before <success/> or <failure/>"));
            }
            What::Element(element) => {
                let owes_header = std::mem::take(&mut self.owes_header[place]);
                if owes_header && !element.is(NS_STREAMS, "error") && ground.knows(said.side) {
                    out.push(NO_RESTART_AFTER_SASL.found(format!("<{}/> comes first", element.name())));
                }
                if matches!(element.namespace(), NS_SASL | NS_SASL2) {
                    self.element(ground, said, element, out);
                }
            }
            What::Close | What::Missing => self.owes_header[place] = false,
            _ => {}
        }
    }

    fn element(&mut self, ground: &Ground, said: &Said<'_>, element: &Element, out: &mut Vec<Finding>) {
        let is_sasl2 = element.namespace() == NS_SASL2;
        let name = element.name();
        if !is_sasl2 {
            encoding(name, element, out);
        }
        match (said.side, name) {
            (Side::Dialler, "auth" | "authenticate") => {
                self.begin(ground, said, element, out);
                (self.is_under_way, self.is_sasl2) = (true, is_sasl2);
                self.has_restarted = false;
            }
            (Side::Dialler, "response") => self.has_restarted = false,
            (Side::Answerer, "challenge" | "success" | "failure" | "continue") => {
                if !self.is_under_way && ground.knows_all() {
                    out.push(SASL_UNASKED.found(format!("<{name}/> while nobody authenticates")));
                }
                if name == "failure" {
                    failure(element, out);
                }
                self.is_under_way &= matches!(name, "challenge" | "continue");
                if name == "success" && !is_sasl2 {
                    self.owes_header = [!self.has_restarted, true];
                }
            }
            _ => {}
        }
    }

    fn begin(&mut self, ground: &Ground, said: &Said<'_>, element: &Element, out: &mut Vec<Finding>) {
        self.attempts = self.attempts.saturating_add(1);
        let mechanism = element.attribute("mechanism").unwrap_or_default();
        if mechanism.is_empty() {
            out.push(AUTH_WITHOUT_MECHANISM.found(format!("<{}/> without a mechanism", element.name())));
            return;
        }
        let is_plain = mechanism.eq_ignore_ascii_case("PLAIN");
        if ground.is_clear(said) {
            if is_plain {
                out.push(PLAIN_IN_CLEAR.found("a password in the clear"));
            } else {
                out.push(SASL_IN_CLEAR.found(format!("{} in the clear", quoted(&mechanism))));
            }
        }
        let Some(offer) = ground.offer.as_ref().filter(|_| ground.knows_all()) else { return };
        if !offer.has_more && !offer.mechanisms.iter().any(|offered| **offered == *mechanism) {
            let found = format!("{}, offered {}", quoted(&mechanism), offer.mechanisms.join(" "));
            out.push(MECHANISM_NOT_OFFERED.found(found));
        }
        let better = offer.mechanisms.iter().find(|offered| offered.starts_with("SCRAM-"));
        // Later ones may be what is left after the better ones have failed.
        if let Some(better) = better.filter(|_| is_plain && self.attempts == 1) {
            out.push(PLAIN_THOUGH_BETTER.found(format!("PLAIN, offered {better}")));
        }
    }
}

/// RFC 6120 §6.3.5, §6.4.2: base 64, or `=` for a response that is there and empty.
fn encoding(name: &str, element: &Element, out: &mut Vec<Finding>) {
    if !matches!(name, "auth" | "challenge" | "response" | "success") {
        return;
    }
    let text = element.text();
    // What a transcript has in the place of a secret says nothing about what was there.
    if text == crate::redact::HIDDEN {
        return;
    }
    if text != "=" && STANDARD.decode(text.as_bytes()).is_err() {
        let found = format!("the text of <{name}/>, of {} octets, is no base 64", text.len());
        out.push(SASL_NOT_BASE64.found(found));
    }
}

fn failure(failure: &Element, out: &mut Vec<Finding>) {
    let mut conditions = failure
        .children()
        .filter(|child| child.namespace() == NS_SASL && child.name() != "text")
        .map(|child| child.name());
    match conditions.next() {
        None => out.push(SASL_FAILURE_CONDITION_MISSING.found("<failure/> without a condition")),
        Some(condition) if SaslCondition::from_name(condition).is_none() => {
            out.push(SASL_FAILURE_CONDITION_UNKNOWN.found(format!("it is {}", quoted(condition))));
        }
        Some(_) => {}
    }
}
