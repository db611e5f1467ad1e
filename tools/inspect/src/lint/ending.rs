//! How streams end (RFC 6120 §4.4), and stream errors (§4.9).

use chatdev_stanza::StreamCondition;
use chatdev_xml::{Element, NS_STREAMS};

use super::ground::Ground;
use super::rules::*;
use super::said::{NS_STREAM_ERRORS, Odd, Over, Said, What, quoted};
use crate::entry::Finding;
use crate::framing::ELEMENT_OCTETS_MAX;
use crate::model::Side;

/// See the file's documentation.
#[derive(Debug, Default)]
pub(super) struct Endings {
    /// Whether the side has sent a stream error, and not ended its stream.
    has_erred: [bool; 2],
    /// Whether the side is in the middle of an element.
    is_unfinished: [bool; 2],
    /// Who ended the connection without ending its stream, while the other's was open.
    left: Option<(Side, u64)>,
    finished: [bool; 2],
}

impl Endings {
    pub(super) fn look(&mut self, ground: &Ground, said: &Said<'_>, out: &mut Vec<Finding>) {
        let place = said.side.index();
        match said.what {
            What::Ended(over) => {
                self.ended(ground, said, over, out);
                return;
            }
            What::Odd(Odd::Torn) => {
                let is_cut_here = said.entry.raw.len() > ELEMENT_OCTETS_MAX;
                self.is_unfinished[place] = !ground.torn[place] && !is_cut_here;
            }
            _ if !said.entry.raw.is_empty() => self.is_unfinished[place] = false,
            _ => {}
        }
        let name = match said.what {
            What::Header(_) => "a header".to_owned(),
            What::Element(element) => format!("<{}/>", element.name()),
            What::Flawed(_) => "an element".to_owned(),
            What::Odd(Odd::Text | Odd::Markup) => "something that is no element".to_owned(),
            What::Close => "another end".to_owned(),
            _ => return,
        };
        if ground.closed[place] {
            out.push(DATA_AFTER_END.found(format!("{name} follows the end of the stream")));
        } else if self.has_erred[place] && !matches!(said.what, What::Close) {
            out.push(STREAM_ERROR_NOT_CLOSED.found(format!("{name} follows a stream error")));
        }
        self.has_erred[place] = false;
        if let Some(error) = said.element_named(NS_STREAMS, "error") {
            self.has_erred[place] = true;
            stream_error(error, out);
        }
    }

    fn ended(&mut self, ground: &Ground, said: &Said<'_>, over: Over, out: &mut Vec<Finding>) {
        let place = said.side.index();
        match over {
            Over::Abandoned => return,
            Over::Finished => {
                self.finished[place] = true;
                if !self.finished[said.side.other().index()] && !ground.closed[place] {
                    self.left = Some((said.side, said.entry.number));
                }
                if std::mem::take(&mut self.is_unfinished[place]) {
                    out.push(ELEMENT_UNFINISHED.found("the connection ends in the middle of an element"));
                }
                if self.finished != [true; 2] {
                    return;
                }
            }
            Over::Cut => {}
        }
        // Only now it is known what could not be read.
        for side in Side::BOTH {
            if self.has_erred[side.index()] && ground.knows(side) {
                out.push(STREAM_ERROR_NOT_CLOSED.found("the connection ends without the end of the stream"));
            }
        }
        let may_leave = |side| side == Side::Dialler && ground.is_resumable;
        match (over, self.left) {
            (Over::Finished, Some((side, number))) => {
                let is_open = ground.heading(side).is_some() && ground.knows(side) && !may_leave(side);
                if is_open && !self.has_erred[side.index()] {
                    out.push(
                        STREAM_NOT_CLOSED
                            .found(format!("the connection is closed in #{number}, the stream is not")),
                    );
                }
            }
            (Over::Cut, _) => {
                let are_open = Side::BOTH
                    .into_iter()
                    .all(|side| ground.heading(side).is_some() && !ground.closed[side.index()]);
                if are_open && !may_leave(said.side) {
                    out.push(CONNECTION_CUT.found("the connection is cut off, both streams are open"));
                }
            }
            _ => {}
        }
    }
}

fn stream_error(error: &Element, out: &mut Vec<Finding>) {
    let defined = |name| StreamCondition::from_name(name).is_some();
    let conditions =
        error.children().filter(|child| child.namespace() == NS_STREAM_ERRORS && child.name() != "text");
    let mut is_there = false;
    for condition in conditions {
        is_there = true;
        if !defined(condition.name()) {
            out.push(STREAM_ERROR_CONDITION_UNKNOWN.found(format!("it is {}", quoted(condition.name()))));
        }
    }
    if !is_there {
        let found = match error.children().next() {
            None => "<error/> is empty".to_owned(),
            Some(child) => format!("<{}/> is in {}", child.name(), quoted(child.namespace())),
        };
        out.push(STREAM_ERROR_CONDITION_MISSING.found(found));
    }
}
