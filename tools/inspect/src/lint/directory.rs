//! ChatDev's directory (PROTOCOL §2, §4): what check-ins say, when they come, and what answers them.
//!
//! Times are those of the source; without a clock nobody is late.

use std::collections::{BTreeSet, VecDeque};
use std::net::IpAddr;

use chatdev_stanza::directory::{CheckIn, NS, Online};
use chatdev_xml::{Element, Node};

use super::ground::Ground;
use super::rules::*;
use super::said::{Said, What, attribute, quoted};
use crate::entry::{Finding, Kind};
use crate::model::{At, Side};

const NICK_OCTETS_MAX: usize = 64;
const STATUS_OCTETS_MAX: usize = 512;
const PORT_MIN: u16 = 1024;

/// Versions that were told, of one connection, the newest.
const VERSIONS_MAX: usize = 64;

/// Requests that wait for their answers.
const REQUESTS_MAX: usize = 64;

/// Check-ins within one interval that nobody wonders about: profiles change, and strangers knock.
const CHECK_INS_MAX: usize = 8;

/// How much later than told a check-in may be seen, for the way to here: nanoseconds.
const SLACK: u64 = 1_000_000_000;

const SECOND: u64 = 1_000_000_000;

/// See the file's documentation.
#[derive(Debug, Default)]
pub(super) struct Directory {
    requests: VecDeque<Box<str>>,
    versions: VecDeque<Box<str>>,
    /// Until when the next check-in is due; `None` where nothing is.
    due: Option<At>,
    /// The interval last told, in nanoseconds.
    interval: u64,
    /// Whether the last answer has more pages: the next request comes at once.
    has_more: bool,
    /// The last check-ins, the oldest first.
    check_ins: VecDeque<At>,
    is_often_told: bool,
}

impl Directory {
    pub(super) fn look(&mut self, ground: &Ground, said: &Said<'_>, out: &mut Vec<Finding>) {
        if !ground.knows(Side::Dialler) {
            self.due = None;
        }
        if said.entry.kind == Kind::Presence
            && said.is_by(Side::Dialler)
            && said.stanza_type() == Some("unavailable")
            && said.entry.to.is_none()
        {
            self.due = None;
        }
        if let What::Ended(_) = said.what {
            self.end(ground, out);
        }
        // Who leaves need not come again.
        if ground.closed != [false; 2] || matches!(said.what, What::Ended(_)) {
            self.due = None;
        }
        let Some(iq) = said.stanza_of(Kind::Iq) else { return };
        match (said.side, said.stanza_type()) {
            (Side::Dialler, Some("set" | "get")) => self.request(said, iq, out),
            (Side::Answerer, Some("result" | "error")) => self.answer(said, iq, out),
            _ => {}
        }
    }

    fn request(&mut self, said: &Said<'_>, iq: &Element, out: &mut Vec<Finding>) {
        let Some(node) = iq.children().find(|child| child.namespace() == NS) else { return };
        if self.requests.len() >= REQUESTS_MAX {
            self.requests.pop_front();
        }
        self.requests.extend(said.entry.id.as_deref().map(Into::into));
        if let Some(since) = node.attribute("since")
            && !self.versions.is_empty()
            && !self.versions.iter().any(|known| **known == *since)
        {
            out.push(CHECK_IN_SINCE.found(format!("{} was not told on this connection", quoted(&since))));
        }
        if node.name() == "check-in" {
            self.times(said.at(), out);
            check_in(node, out);
        }
    }

    fn times(&mut self, at: At, out: &mut Vec<Finding>) {
        if let Some(late) = self.lateness(at) {
            out.push(CHECK_IN_LATE.found(late));
        }
        self.due = None;
        if self.has_more || self.interval == 0 || at.0 == 0 {
            return;
        }
        while self.check_ins.front().is_some_and(|first| at.since(*first) > self.interval) {
            self.check_ins.pop_front();
        }
        if self.check_ins.is_empty() {
            self.is_often_told = false;
        }
        if self.check_ins.len() >= CHECK_INS_MAX {
            if !std::mem::replace(&mut self.is_often_told, true) {
                let found = format!("{} check-ins in {} s", CHECK_INS_MAX + 1, self.interval / SECOND);
                out.push(CHECK_IN_OFTEN.found(found));
            }
            self.check_ins.pop_front();
        }
        self.check_ins.push_back(at);
    }

    /// How late it is, in words, if it is.
    fn lateness(&self, at: At) -> Option<String> {
        let due = self.due.filter(|due| at.since(*due) > SLACK)?;
        let late = at.since(due) as f64 / SECOND as f64;
        Some(format!("{late:.1} s behind the interval of {} s", self.interval / SECOND))
    }

    fn answer(&mut self, said: &Said<'_>, iq: &Element, out: &mut Vec<Finding>) {
        let id = said.entry.id.as_deref();
        let place = self.requests.iter().position(|request| Some(&**request) == id);
        let Some(_) = place.and_then(|place| self.requests.remove(place)) else { return };
        if said.stanza_type() == Some("error") {
            self.due = None;
            return;
        }
        let Some(node) = iq.child(NS, "online") else {
            let found =
                iq.children().next().map_or("nothing".to_owned(), |child| format!("<{}/>", child.name()));
            out.push(DIRECTORY_ANSWER.found(format!("the answer has {found}")));
            return;
        };
        twice(node, out);
        match Online::from_node(node) {
            Err(malformed) => out.push(DIRECTORY_MALFORMED.found(malformed.to_string())),
            Ok(online) => self.online(said.at(), &online, out),
        }
    }

    fn online(&mut self, at: At, online: &Online, out: &mut Vec<Finding>) {
        let (interval, limit) = (online.interval.as_secs(), online.limit.as_secs());
        if limit < 3 * interval {
            out.push(DIRECTORY_LIMIT.found(format!("the limit is {limit} s, the interval {interval} s")));
        }
        if self.versions.len() >= VERSIONS_MAX {
            self.versions.pop_front();
        }
        self.versions.push_back(online.page.version.as_str().into());
        self.has_more = online.page.more;
        self.interval = interval.saturating_mul(SECOND);
        self.due = (at.0 > 0).then_some(At(at.0.saturating_add(self.interval)));
    }

    /// Nothing more comes on the connection, or of the source. Who has fallen silent altogether is not late but gone.
    pub(super) fn end(&self, ground: &Ground, out: &mut Vec<Finding>) {
        if let Some(late) = self.lateness(ground.spoke[Side::Dialler.index()]) {
            out.push(CHECK_IN_LATE.found(format!("none came, {late}")));
        }
    }
}

fn check_in(node: Node<'_>, out: &mut Vec<Finding>) {
    if let Err(malformed) = CheckIn::from_node(node) {
        out.push(CHECK_IN_MALFORMED.found(malformed.to_string()));
    }
    if let Some(profile) = node.child(NS, "profile") {
        let nick = attribute(profile, "nick").len();
        if nick > NICK_OCTETS_MAX {
            out.push(CHECK_IN_NICK.found(format!("{nick} octets")));
        }
        let status = profile.child(NS, "status").map_or(0, |status| status.text().len());
        if status > STATUS_OCTETS_MAX {
            out.push(CHECK_IN_STATUS.found(format!("{status} octets")));
        }
    }
    for endpoint in node.children().filter(|child| child.is(NS, "endpoint")) {
        let (host, port) = (attribute(endpoint, "host"), attribute(endpoint, "port"));
        let is_fine =
            host.parse::<IpAddr>().is_ok() && port.parse::<u16>().is_ok_and(|port| port >= PORT_MIN);
        if !is_fine {
            out.push(CHECK_IN_ENDPOINT.found(format!("{}, port {}", quoted(&host), quoted(&port))));
        }
    }
}

fn twice(online: Node<'_>, out: &mut Vec<Finding>) {
    let mut seen = BTreeSet::new();
    for record in online.children().filter(|child| matches!(child.name(), "user" | "gone")) {
        if let Some(jid) = record.attribute("jid")
            && !seen.insert(jid.clone())
        {
            out.push(DIRECTORY_TWICE.found(format!("{} has two records", quoted(&jid))));
            return;
        }
    }
}
