//! STARTTLS (RFC 6120 §5): that it is used where it is required, that nothing stands behind it, and that the stream begins anew.
//!
//! What TLS itself does is not judged.

use chatdev_xml::NS_STREAMS;

use super::ground::Ground;
use super::rules::*;
use super::said::{NS_TLS, Odd, Said, What};
use crate::entry::Finding;
use crate::model::{Layer, Side};

/// How far the negotiation is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Step {
    #[default]
    None,
    /// `<starttls/>` is said.
    Asked,
    /// `<proceed/>` is said: TLS comes next.
    Proceeding,
}

/// See the file's documentation.
#[derive(Debug, Default)]
pub(super) struct StartTls {
    step: Step,
    /// Whether it was told that what is required was passed over.
    is_told: bool,
}

impl StartTls {
    pub(super) fn look(&mut self, ground: &Ground, said: &Said<'_>, out: &mut Vec<Finding>) {
        if said.entry.side.is_none() || said.entry.raw.is_empty() {
            return;
        }
        if !ground.is_clear(said) {
            self.step = Step::None;
            first_within(ground, said, out);
            return;
        }
        self.behind(ground, said, out);
        match said.element() {
            Some(element) if element.namespace() == NS_TLS => self.negotiate(ground, element.name(), out),
            Some(element) if said.is_by(Side::Dialler) && element.namespace() != NS_STREAMS => {
                let is_required = ground.offer.as_ref().and_then(|offer| offer.starttls) == Some(true);
                if is_required && self.step == Step::None && !std::mem::replace(&mut self.is_told, true) {
                    let found = format!("<{}/> before TLS, which is required", element.name());
                    out.push(STARTTLS_REQUIRED_IGNORED.found(found));
                }
            }
            _ => {}
        }
    }

    fn negotiate(&mut self, ground: &Ground, name: &str, out: &mut Vec<Finding>) {
        match name {
            "starttls" => {
                self.step = Step::Asked;
                if ground.offer.as_ref().is_some_and(|offer| offer.starttls.is_none()) {
                    out.push(STARTTLS_NOT_OFFERED.found("<starttls/>, which the features do not offer"));
                }
            }
            "proceed" => self.step = Step::Proceeding,
            _ => self.step = Step::None,
        }
    }

    /// What is said in the clear while it should not be.
    fn behind(&self, ground: &Ground, said: &Said<'_>, out: &mut Vec<Finding>) {
        let is_told = match self.step {
            Step::None => false,
            // Until the answer, the other side may still say that it refuses.
            Step::Asked => said.is_by(Side::Dialler) || matches!(said.what, What::Space),
            Step::Proceeding => true,
        };
        if !is_told || ground.torn[said.side.index()] {
            return;
        }
        match said.what {
            What::Space if self.step == Step::Asked => {
                out.push(SPACE_DURING_STARTTLS.found("white space before <proceed/>"));
            }
            What::Header(_) => out.push(DATA_BEHIND_STARTTLS.found("a header in the clear")),
            What::Element(element) => {
                out.push(DATA_BEHIND_STARTTLS.found(format!("<{}/> in the clear", element.name())));
            }
            What::Space | What::Odd(Odd::Text | Odd::Markup) | What::Flawed(_) => {
                out.push(DATA_BEHIND_STARTTLS.found("something in the clear"));
            }
            _ => {}
        }
    }
}

/// The first thing that a side says within TLS.
fn first_within(ground: &Ground, said: &Said<'_>, out: &mut Vec<Finding>) {
    let place = said.side.index();
    let is_first = said.entry.layer == Layer::Tls && ground.layers[place] == Layer::Clear;
    if let Some(element) = said.element()
        && is_first
        && !ground.torn[place]
    {
        out.push(NO_RESTART_AFTER_TLS.found(format!("<{}/> comes first within TLS", element.name())));
    }
}
