//! What is no element: headers, ends, what has no place, and what the source itself tells.

use std::fmt::Write as _;

use super::{Learnt, Line, Place, Taker, Understanding, detail};
use crate::entry::{Entry, Kind, Phase};
use crate::exact::Exact;
use crate::framing::{Oddity, Tag};
use crate::model::{At, Ending, Side};

impl Understanding {
    pub(super) fn header(&mut self, line: &mut Line, place: Place, text: &str, taker: &mut impl Taker) {
        self.begin();
        let Some(side) = place.side else { return };
        let before = line.talk.phase;
        let tag = Tag::of_header(text);
        line.talk.header(side, tag);
        self.title.push_str("stream header");
        detail::header(tag, &mut self.detail);
        let exact = line.exact[side.index()].header(text, self.depth.exact);
        let mut learnt = Learnt { exact: Some(exact), ..Learnt::default() };
        if side == Side::Dialler {
            self.ask(line, place.at, side);
        } else if let Some(question) = &line.talk.question[Side::Dialler.index()] {
            // The features that follow answer it too.
            learnt.answers = Some(question.answered(place.at));
        }
        self.tell(line, place, before, Kind::Stream, text.as_bytes(), learnt, taker);
    }

    pub(super) fn close(&mut self, line: &mut Line, place: Place, octets: &[u8], taker: &mut impl Taker) {
        self.begin();
        let Some(side) = place.side else { return };
        let before = line.talk.phase;
        line.talk.close(side);
        self.title.push_str("stream end");
        self.tell(line, place, before, Kind::Stream, octets, Learnt::default(), taker);
    }

    pub(super) fn odd(
        &mut self,
        line: &mut Line,
        place: Place,
        octets: &[u8],
        oddity: Oddity,
        taker: &mut impl Taker,
    ) {
        self.begin();
        self.title.push_str(match oddity {
            Oddity::Text => "text between elements",
            Oddity::EndTag => "end tag of nothing",
            Oddity::Markup => "markup between elements",
            Oddity::Torn => "rest of an element whose beginning is missing",
            Oddity::Unfinished => "beginning of an element whose end is missing",
            Oddity::Encoding => "element that is not UTF-8",
            Oddity::TooLong => "element too long to be put together",
        });
        let _ = write!(self.detail, "{} octets", octets.len());
        self.tell(line, place, line.talk.phase, Kind::Broken, octets, Learnt::default(), taker);
    }

    /// A connection begins, or is seen for the first time.
    pub(super) fn opened(&mut self, line: &Line, at: At, from_start: bool, taker: &mut impl Taker) {
        self.begin();
        self.title.push_str(if from_start { "opened" } else { "seen, its beginning is missing" });
        self.tell_about(line, at, None, Kind::Connection, taker);
    }

    /// Octets of one side are missing.
    pub(super) fn missing(
        &mut self,
        line: &mut Line,
        at: At,
        side: Side,
        octets: Option<u64>,
        taker: &mut impl Taker,
    ) {
        self.begin();
        line.talk.lost(side);
        self.title.push_str("missing");
        match octets {
            Some(octets) => {
                let _ = write!(self.detail, "{octets} octets are not in the capture");
            }
            None => self.detail.push_str("nobody knows how many octets are not in the capture"),
        }
        self.tell_about(line, at, Some(side), Kind::Missing, taker);
    }

    /// A connection ends.
    pub(super) fn ended(&mut self, line: &mut Line, at: At, how: Ending, taker: &mut impl Taker) {
        self.begin();
        let (title, side) = match how {
            Ending::Finished(side) => ("closed", Some(side)),
            Ending::Reset(side) => ("reset", Some(side)),
            Ending::Abandoned => ("not seen any more", None),
        };
        self.title.push_str(title);
        let before = line.talk.phase;
        match how {
            Ending::Finished(side) => line.talk.close(side),
            _ => line.talk.phase = Phase::Ended,
        }
        let place = Place { at, side, layer: line.talk.layer };
        self.tell(line, place, before, Kind::Connection, &[], Learnt::default(), taker);
    }

    /// Something about TLS on a connection, in words.
    pub(super) fn tls(
        &mut self,
        line: &mut Line,
        at: At,
        side: Option<Side>,
        words: (&str, &str),
        taker: &mut impl Taker,
    ) {
        self.begin();
        self.title.push_str(words.0);
        self.detail.push_str(words.1);
        self.tell_about(line, at, side, Kind::Tls, taker);
    }

    /// Words of the source about a connection.
    pub(super) fn remark_on(&mut self, line: &Line, at: At, text: &str, taker: &mut impl Taker) {
        self.begin();
        self.title.push_str("remark");
        self.detail.push_str(text);
        self.tell_about(line, at, None, Kind::Remark, taker);
    }

    /// Words of the source about everything.
    pub(super) fn remark(&mut self, at: At, text: &str, taker: &mut impl Taker) {
        self.begin();
        let entry = Entry {
            title: "remark".into(),
            detail: text.into(),
            ..Entry::empty(self.number, at, Kind::Remark)
        };
        taker.take(&entry, &Exact::Unread);
    }

    fn tell_about(&self, line: &Line, at: At, side: Option<Side>, kind: Kind, taker: &mut impl Taker) {
        let place = Place { at, side, layer: line.talk.layer };
        self.tell(line, place, line.talk.phase, kind, &[], Learnt::default(), taker);
    }
}
