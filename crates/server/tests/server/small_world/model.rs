//! What must be so: the twins' sessions, lines and entry as plain maps, looked at whole every time. It shares no code
//! with the server, only the names of what happens.

mod essence;

use std::collections::BTreeMap;
use std::time::Duration;

use chatdev_directory::Reason;
use chatdev_server::What;

use super::actions::{
    Action, Change, Heard, LIMIT, Name, Outcome, Since, TICK, TWINS, To, WATCHER, When, Who,
};

/// Between a twin and the server.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Line {
    session: u64,
    /// A newer session took the JID, and the task of this line is to say so.
    end_ordered: bool,
    due_ordered: bool,
    /// The task has looked at the socket, found nothing, and is about to reap.
    looked: bool,
    /// The stream is over; its last words wait to be written.
    over: bool,
    unread: Vec<Heard>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Stage {
    Fresh,
    Pinged,
    Due,
}

/// A bound session.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Session {
    who: Who,
    seen: Duration,
    stage: Stage,
    available: bool,
}

/// An entry that is still an older session's; the newest session answers for it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Inherited {
    /// When it goes, if nobody makes it their own.
    until: Duration,
    /// The heir's task was told that this time is over.
    due: bool,
}

/// See the file's documentation.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Model {
    pub(super) now: Duration,
    next_session: u64,
    lines: BTreeMap<Who, Line>,
    /// By number. All are of one JID, so there is never more than one.
    sessions: BTreeMap<u64, Session>,
    /// The last change in the directory under the twins' JID, and its place in the order of changes.
    record: Option<(u64, Change)>,
    inherited: Option<Inherited>,
    changes: u64,
    /// Up to which change the watcher was told.
    watcher_since: u64,
    messages: u32,
}

impl Model {
    /// The watcher has checked in, and nobody else was ever there.
    pub(super) fn new(now: Duration) -> Self {
        Self {
            now,
            next_session: WATCHER + 1,
            lines: BTreeMap::new(),
            sessions: BTreeMap::new(),
            record: None,
            inherited: None,
            changes: 1,
            watcher_since: 1,
            messages: 0,
        }
    }

    /// Whether this means anything here.
    pub(super) fn applies(&self, action: Action) -> bool {
        let open = |who: Who| self.lines.get(&who).filter(|line| !line.over);
        match action {
            // While neither is there they are alike: the one that comes is called A.
            Action::SignIn(Who::B) => !self.lines.contains_key(&Who::B) && self.lines.contains_key(&Who::A),
            Action::SignIn(who) => !self.lines.contains_key(&who),
            Action::CheckIn(who) => open(who).is_some(),
            Action::KeepAlive(who) => open(who)
                .and_then(|line| self.sessions.get(&line.session))
                .is_some_and(|session| session.stage != Stage::Fresh),
            Action::Unavailable(who) => open(who).is_some_and(|line| {
                let session = self.sessions.get(&line.session);
                session.is_none_or(|session| session.available) || self.entry().is_some()
            }),
            Action::Cut(who) => self.lines.contains_key(&who),
            Action::Turn(who) => self
                .lines
                .get(&who)
                .is_some_and(|line| line.end_ordered || line.due_ordered || line.looked || line.over),
            Action::Race(who) => open(who)
                .filter(|line| !line.looked)
                .and_then(|line| self.sessions.get(&line.session))
                .is_some_and(|session| self.is_due_next(session)),
            Action::Time(When::Before) => self.deadline().is_some_and(|due| self.now < due - TICK),
            Action::Time(_) => self.deadline().is_some(),
            Action::Say(_) | Action::Look(_) => true,
        }
    }

    /// What happens next if everybody falls silent; `None` once nobody is left.
    pub(super) fn winding_down(&self) -> Option<Action> {
        let turns = TWINS.map(Action::Turn).into_iter();
        turns.chain([Action::Time(When::At)]).find(|action| self.applies(*action))
    }

    pub(super) fn is_empty(&self) -> bool {
        self.lines.is_empty() && self.sessions.is_empty() && self.entry().is_none()
    }

    /// Does it, and says what must be seen of it.
    pub(super) fn step(&mut self, action: Action) -> Outcome {
        let mut out = Outcome::default();
        let before = self.changes;
        match action {
            Action::SignIn(who) => self.sign_in(who, &mut out),
            Action::CheckIn(who) => self.check_in(who, &mut out),
            Action::KeepAlive(who) => {
                self.seen(who);
                self.read(who, &mut out);
            }
            Action::Unavailable(who) => self.unavailable(who, &mut out),
            Action::Cut(who) => self.cut(who, &mut out),
            Action::Turn(who) => self.turn(who, &mut out),
            Action::Race(who) => {
                self.pass(When::At);
                self.line(who).due_ordered = false;
                self.check_in(who, &mut out);
            }
            Action::Time(when) => self.pass(when),
            Action::Say(to) => self.say(to, &mut out),
            Action::Look(since) => self.look(since, &mut out),
        }
        out.heard.retain(|_, heard| !heard.is_empty());
        out.told = self.changed_after(before);
        out.listed = self.list();
        out.changes = self.changes;
        out.owner = self.sessions.last_key_value().map(|(number, _)| *number);
        out.sessions = 1 + self.sessions.len() as u64;
        out.connections = 1 + self.lines.len() as u64;
        // The watcher speaks whenever time has passed.
        out.deadline = self.deadline().into_iter().chain([self.now + LIMIT / 2]).min();
        out
    }

    fn sign_in(&mut self, who: Who, out: &mut Outcome) {
        let number = self.next_session;
        self.next_session += 1;
        if let Some((older, session)) = self.sessions.pop_last() {
            self.line(session.who).end_ordered = true;
            out.happened.push((older, What::Ended));
        }
        if self.entry().is_some() {
            let inherited = Inherited { until: self.now + LIMIT, due: false };
            // With the same end as for an heir before this one, whose task is to say nothing more of it.
            self.inherited.get_or_insert(inherited).due = false;
        }
        self.sessions.insert(number, Session { who, seen: self.now, stage: Stage::Fresh, available: false });
        let line = Line {
            session: number,
            end_ordered: false,
            due_ordered: false,
            looked: false,
            over: false,
            unread: Vec::new(),
        };
        self.lines.insert(who, line);
        out.happened.push((number, What::Bound));
        out.hears(who, [Heard::Bound]);
    }

    fn check_in(&mut self, who: Who, out: &mut Outcome) {
        if let Some((number, session)) = self.seen(who) {
            session.available = true;
            if self.entry() != Some(number) {
                self.change(Change::Online(Name::Twins, number));
                out.happened.push((number, What::Entered));
            }
            let answer = Heard::Online { reset: true, changes: self.list() };
            self.line(who).unread.push(answer);
            out.hears(Who::Watcher, [Heard::Greeting]);
        }
        self.read(who, out);
    }

    fn unavailable(&mut self, who: Who, out: &mut Outcome) {
        if let Some((number, session)) = self.seen(who) {
            let was_available = std::mem::replace(&mut session.available, false);
            if self.entry().is_some() {
                self.change(Change::Gone(Name::Twins, Reason::Left));
                out.happened.push((number, What::Departed(Reason::Left)));
            }
            if was_available {
                self.line(who).unread.push(Heard::Unavailable);
            }
        }
        self.read(who, out);
    }

    fn cut(&mut self, who: Who, out: &mut Outcome) {
        let line = self.lines.remove(&who).unwrap();
        if self.sessions.remove(&line.session).is_some() {
            if self.entry().is_some() {
                self.change(Change::Gone(Name::Twins, Reason::Closed));
                out.happened.push((line.session, What::Departed(Reason::Closed)));
            }
            out.happened.push((line.session, What::Ended));
        }
        for heard in line.unread {
            if let Heard::Message(number) = heard {
                out.hears(Who::Watcher, [Heard::Bounced(number, "recipient-unavailable".to_owned())]);
            }
        }
    }

    fn turn(&mut self, who: Who, out: &mut Outcome) {
        let line = self.line(who);
        if line.looked {
            line.looked = false;
            self.reap(who, out);
        } else if line.over {
            self.read(who, out);
            self.lines.remove(&who);
        } else if line.end_ordered {
            line.over = true;
            line.unread.extend([Heard::Failed("conflict".to_owned()), Heard::Closed]);
        } else {
            line.due_ordered = false;
            line.looked = true;
        }
    }

    fn reap(&mut self, who: Who, out: &mut Outcome) {
        let number = self.line(who).session;
        let Some(session) = self.sessions.get(&number) else { return };
        let silence = self.now - session.seen;
        if self.inherited.as_ref().is_some_and(|inherited| inherited.until <= self.now) {
            self.change(Change::Gone(Name::Twins, Reason::Closed));
            out.happened.push((number, What::Departed(Reason::Closed)));
        }
        if silence < LIMIT {
            return;
        }
        self.sessions.remove(&number);
        if self.entry().is_some() {
            self.change(Change::Gone(Name::Twins, Reason::Reaped));
        }
        out.happened.extend([(number, What::Reaped { silence, limit: LIMIT }), (number, What::Ended)]);
        let line = self.line(who);
        line.over = true;
        line.unread.extend([Heard::Failed("connection-timeout".to_owned()), Heard::Closed]);
    }

    fn pass(&mut self, when: When) {
        let due = self.deadline().unwrap();
        // What is inherited late is due at once.
        self.now = self.now.max(match when {
            When::Before => due - TICK,
            When::At => due,
            When::After => due + TICK,
        });
        let Some(mut session) = self.sessions.last_entry() else { return };
        let session = session.get_mut();
        let silence = self.now - session.seen;
        let line = self.lines.get_mut(&session.who).unwrap();
        // What comes at this instant goes before the end of what was inherited, as it does before that of a session.
        if let Some(inherited) = self.inherited.as_mut().filter(|inherited| inherited.until <= self.now) {
            line.due_ordered |= !std::mem::replace(&mut inherited.due, true);
        }
        if session.stage != Stage::Due && silence >= LIMIT {
            session.stage = Stage::Due;
            line.due_ordered = true;
        } else if session.stage == Stage::Fresh && silence >= LIMIT / 2 {
            session.stage = Stage::Pinged;
            line.unread.push(Heard::Ping);
        }
    }

    fn say(&mut self, to: To, out: &mut Outcome) {
        let number = self.messages;
        self.messages += 1;
        let recipient = self.sessions.values().find(|session| to == To::Full || session.available);
        match recipient.map(|session| session.who) {
            Some(who) => self.line(who).unread.push(Heard::Message(number)),
            None => out.hears(Who::Watcher, [Heard::Bounced(number, "service-unavailable".to_owned())]),
        }
    }

    fn look(&mut self, since: Since, out: &mut Outcome) {
        let answer = match since {
            Since::Start => Heard::Online { reset: true, changes: self.list() },
            Since::Last => Heard::Online { reset: false, changes: self.changed_after(self.watcher_since) },
        };
        self.watcher_since = self.changes;
        out.hears(Who::Watcher, [answer]);
    }

    /// Something comes from a twin. `None` if its session is no more, and nothing of it counts.
    fn seen(&mut self, who: Who) -> Option<(u64, &mut Session)> {
        let number = self.line(who).session;
        let session = self.sessions.get_mut(&number)?;
        (session.seen, session.stage) = (self.now, Stage::Fresh);
        Some((number, session))
    }

    fn read(&mut self, who: Who, out: &mut Outcome) {
        out.hears(who, std::mem::take(&mut self.line(who).unread));
    }

    fn change(&mut self, change: Change) {
        self.changes += 1;
        self.record = Some((self.changes, change));
        self.inherited = None;
    }

    /// The session that the entry of the twins' JID speaks of.
    fn entry(&self) -> Option<u64> {
        match self.record {
            Some((_, Change::Online(_, session))) => Some(session),
            _ => None,
        }
    }

    fn changed_after(&self, since: u64) -> Vec<Change> {
        self.record.filter(|(place, _)| *place > since).map(|(_, change)| change).into_iter().collect()
    }

    fn list(&self) -> Vec<Change> {
        let twins = self.entry().map(|session| Change::Online(Name::Twins, session));
        [Change::Online(Name::Watcher, WATCHER)].into_iter().chain(twins).collect()
    }

    /// When something falls due, if none of the twins speaks before.
    fn deadline(&self) -> Option<Duration> {
        let of = |session: &Session| match session.stage {
            Stage::Fresh => Some(session.seen + LIMIT / 2),
            Stage::Pinged => Some(session.seen + LIMIT),
            Stage::Due => None,
        };
        self.sessions.values().filter_map(of).chain(self.inheritance_deadline()).min()
    }

    fn inheritance_deadline(&self) -> Option<Duration> {
        self.inherited.as_ref().filter(|inherited| !inherited.due).map(|inherited| inherited.until)
    }

    /// Whether the next deadline is the end of this session, or of what it inherited.
    fn is_due_next(&self, session: &Session) -> bool {
        let own = Some(session.seen + LIMIT).filter(|_| session.stage == Stage::Pinged);
        self.deadline().is_some_and(|due| [own, self.inheritance_deadline()].contains(&Some(due)))
    }

    fn line(&mut self, who: Who) -> &mut Line {
        self.lines.get_mut(&who).unwrap()
    }
}
