//! The real server with the same three clients: every byte goes through its streams, its sessions and its directory.
//! Tasks take their turns when they are told to, so that what one of them has not done yet is a state like any other.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use chatdev_directory::{Change as Told, SessionId, Version};
use chatdev_server::{Config, MemoryStore};
use jid::FullJid;

use super::actions::{Action, Change, Heard, Name, Outcome, Since, TWINS, To, WATCHER, Who};
use super::heard::{heard, number, version};
use crate::world::{self, World, config, sign_in_text};

const WATCHER_JID: &str = "watcher@example.net/w";
const TWINS_JID: &str = "bob@example.net/tui";
const TWINS_BARE_JID: &str = "bob@example.net";
const ADDRESS: [u8; 4] = [192, 0, 2, 1];
/// Of no server: the first answer begins at the start.
const NO_VERSION: &str = "0";

fn check_in(since: Option<&str>) -> String {
    let since = since.map_or(String::new(), |since| format!(" since='{since}'"));
    format!("<iq type='set' id='c1' to='example.net'><check-in xmlns='urn:chatdev:directory:1'{since}/></iq>")
}

/// What does not differ between plays, so that it is made once.
pub(super) struct Stage {
    config: Config,
    store: MemoryStore,
    twins: FullJid,
    sign_in: String,
    check_in: String,
    greeting: String,
}

impl Stage {
    pub(super) fn new() -> Self {
        let mut world = World::new();
        world.add_account("watcher@example.net");
        world.add_account("bob@example.net");
        Self {
            config: config(),
            store: world.store,
            twins: FullJid::new(TWINS_JID).unwrap(),
            sign_in: sign_in_text("bob", "tui"),
            check_in: check_in(None),
            greeting: format!("<message to='{WATCHER_JID}' id='g1'><body>Hello</body></message>"),
        }
    }
}

/// See the file's documentation.
pub(super) struct Play<'a> {
    stage: &'a Stage,
    world: World,
    clients: BTreeMap<Who, Client>,
    /// Those whose task is about to reap.
    looked: BTreeSet<Who>,
    /// Up to where the one who asks after every action was told.
    asked_since: Version,
    watcher_since: String,
    /// The watcher's list, from what it was told alone.
    view: BTreeMap<Name, u64>,
    /// How often each message arrived somewhere, or came back.
    messages: Vec<u32>,
}

/// The connection that a client has, or had last.
#[derive(Clone, Copy)]
struct Client {
    place: world::Name,
    /// How much of what it read was looked at.
    looked_at: usize,
}

impl<'a> Play<'a> {
    /// The watcher has checked in.
    pub(super) fn new(stage: &'a Stage) -> Self {
        let mut world = World::with(stage.config.clone());
        world.store = stage.store.clone();
        let place = world.connect(WATCHER_JID, ADDRESS.into());
        let asked_since = NO_VERSION.parse().unwrap();
        let mut play = Self {
            stage,
            world,
            clients: BTreeMap::from([(Who::Watcher, Client { place, looked_at: 0 })]),
            looked: BTreeSet::new(),
            asked_since,
            watcher_since: String::new(),
            view: BTreeMap::new(),
            messages: Vec::new(),
        };
        play.say(Who::Watcher, &(sign_in_text("watcher", "w") + &stage.check_in));
        play.outcome();
        play
    }

    /// Where time stands when nothing has happened yet.
    pub(super) fn now(&self) -> Duration {
        self.world.at.mono
    }

    /// Does it, and looks at what came of it. If time passes, it is `now` then.
    pub(super) fn step(&mut self, action: Action, now: Duration) -> Outcome {
        let owed = TWINS.map(|who| self.owed(who));
        self.carry_out(action, now);
        self.check_touched(action, owed);
        self.outcome()
    }

    fn carry_out(&mut self, action: Action, now: Duration) {
        match action {
            Action::SignIn(who) => {
                let place = self.world.connect(TWINS_JID, ADDRESS.into());
                self.clients.insert(who, Client { place, looked_at: 0 });
                self.say(who, &self.stage.sign_in);
            }
            Action::CheckIn(who) => self.say(who, &(self.stage.check_in.clone() + &self.stage.greeting)),
            Action::KeepAlive(who) => self.say(who, " "),
            Action::Unavailable(who) => self.say(who, "<presence type='unavailable'/>"),
            Action::Cut(who) => {
                let place = self.clients[&who].place;
                self.world.clients[place].connection.handle_eof(self.world.at);
                self.world.settle(place);
                self.world.close(place);
                self.looked.remove(&who);
            }
            Action::Turn(who) => self.turn(who),
            Action::Race(who) => self.race(who, now),
            Action::Time(_) => self.pass(now),
            Action::Say(to) => {
                let to = if to == To::Full { TWINS_JID } else { TWINS_BARE_JID };
                let text =
                    format!("<message to='{to}' id='m{}'><body>Hello</body></message>", self.messages.len());
                self.messages.push(0);
                self.say(Who::Watcher, &text);
            }
            Action::Look(Since::Start) => self.say(Who::Watcher, &self.stage.check_in),
            Action::Look(Since::Last) => self.say(Who::Watcher, &check_in(Some(&self.watcher_since))),
        }
    }

    /// Each message that was accepted has arrived or come back, once. No model is needed to see that.
    pub(super) fn check_messages(&self) {
        for (message, times) in self.messages.iter().enumerate() {
            assert_eq!(*times, 1, "times that message {message} arrived or came back");
        }
    }

    /// Octets that wait for a twin, and whether orders do.
    fn owed(&self, who: Who) -> (usize, bool) {
        let Some(client) = self.clients.get(&who) else { return (0, false) };
        let outbound = self.world.clients[client.place].connection.outbound();
        (outbound.unwritten_bytes(), outbound.has_orders())
    }

    /// What one client's action brings another one is there to be written, and to wake its task, at once.
    fn check_touched(&mut self, action: Action, before: [(usize, bool); 2]) {
        let touched = self.world.switchboard.take_touched();
        for (who, before) in TWINS.into_iter().zip(before) {
            let after = self.owed(who);
            if action.twin() != Some(who) && (after.0 > before.0 || (after.1 && !before.1)) {
                let outbound = self.world.clients[self.clients[&who].place].connection.outbound();
                let told = touched.iter().any(|touched| touched.connection() == outbound.connection());
                assert!(told, "nobody is told that something waits for {who}");
            }
        }
    }

    /// A client says something, and reads what it was sent until then.
    fn say(&mut self, who: Who, text: &str) {
        let place = self.clients[&who].place;
        self.world.clients[place].connection.handle_bytes(self.world.at, text.as_bytes());
        self.world.settle(place);
        self.world.bring_to_client(place);
    }

    fn turn(&mut self, who: Who) {
        let place = self.clients[&who].place;
        let at = self.world.at;
        let client = &mut self.world.clients[place];
        if self.looked.remove(&who) {
            client.connection.handle_due(at);
            self.world.settle(place);
        } else if client.connection.is_over() {
            self.world.bring_to_client(place);
            self.world.close(place);
        } else {
            if client.connection.handle_orders(at) {
                self.looked.insert(who);
            }
            self.world.settle(place);
        }
    }

    /// Without a commit between what waits on the socket and the time-out: both are in one hold.
    fn race(&mut self, who: Who, now: Duration) {
        self.pass(now);
        let place = self.clients[&who].place;
        let connection = &mut self.world.clients[place].connection;
        let due = connection.handle_orders(self.world.at);
        connection.handle_bytes(self.world.at, self.stage.check_in.as_bytes());
        connection.handle_bytes(self.world.at, self.stage.greeting.as_bytes());
        if due {
            connection.handle_due(self.world.at);
        }
        self.world.settle(place);
        self.world.bring_to_client(place);
    }

    fn pass(&mut self, now: Duration) {
        self.world.go_to(now);
        self.say(Who::Watcher, " ");
        self.world.switchboard.handle_timeout(self.world.at);
    }

    fn outcome(&mut self) -> Outcome {
        let mut out = Outcome::default();
        // The watcher always reads.
        self.world.bring_to_client(self.clients[&Who::Watcher].place);
        for who in [Who::A, Who::B, Who::Watcher] {
            let heard = self.hear(who);
            if !heard.is_empty() {
                out.hears(who, heard);
            }
        }
        let occurrences = self.world.switchboard.take_occurrences();
        out.happened = occurrences.iter().map(|occurrence| (occurrence.session.0, occurrence.what)).collect();
        let (since, told) = self.changes(Some(&self.asked_since));
        (self.asked_since, out.told) = (since, told);
        out.listed = self.changes(None).1;
        let directory = self.world.switchboard.directory();
        out.changes = directory.counter();
        out.owner = directory.owner(&self.stage.twins).map(|session| session.0);
        let counters = self.world.counters();
        (out.sessions, out.connections) = (counters.sessions, counters.connections);
        out.deadline = self.world.switchboard.poll_timeout();
        out
    }

    /// What a client has read and was not looked at yet.
    fn hear(&mut self, who: Who) -> Vec<Heard> {
        let Some(client) = self.clients.get_mut(&who) else { return Vec::new() };
        let text = &self.world.clients[client.place].heard;
        let text = &text[std::mem::replace(&mut client.looked_at, text.len())..];
        if text.is_empty() {
            return Vec::new();
        }
        let heard = heard(text);
        if let Some(version) = version(text).filter(|_| who == Who::Watcher) {
            version.clone_into(&mut self.watcher_since);
        }
        for heard in &heard {
            match heard {
                Heard::Message(message) | Heard::Bounced(message, _) => {
                    self.messages[*message as usize] += 1;
                }
                Heard::Online { reset, changes } if who == Who::Watcher => {
                    self.view(*reset, changes);
                }
                _ => {}
            }
        }
        heard
    }

    /// The watcher was told something: its list, made of nothing but what it is told, is now that of the server.
    fn view(&mut self, reset: bool, changes: &[Change]) {
        if reset {
            self.view.clear();
        }
        for change in changes {
            match change {
                Change::Online(name, session) => self.view.insert(*name, *session),
                Change::Gone(name, _) => self.view.remove(name),
            };
        }
        let view: Vec<_> = self.view.iter().map(|(name, session)| Change::Online(*name, *session)).collect();
        assert_eq!(view, self.changes(None).1, "the watcher's list, and the server's");
    }

    /// What the watcher would be told if it asked now.
    fn changes(&self, since: Option<&Version>) -> (Version, Vec<Change>) {
        let directory = self.world.switchboard.directory();
        let page = directory.changes(SessionId(WATCHER), since).unwrap().page(9);
        let name = |jid: &FullJid| if *jid == self.stage.twins { Name::Twins } else { Name::Watcher };
        let change = |change: &Told| match change {
            Told::Online(entry) => Change::Online(name(&entry.jid), number(entry.session.as_str())),
            Told::Gone(departure) => Change::Gone(name(&departure.jid), departure.reason),
        };
        (page.version, page.changes.iter().map(change).collect())
    }
}
