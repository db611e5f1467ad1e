//! What all connections share, behind one lock: the Switchboard, and the line of each connection. Nothing
//! waits, reads, writes or logs while it is held; what was touched in a hold is written right after it.

use std::collections::BTreeMap;
use std::fmt;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chatdev_directory::{ConfigError, Moment};
use chatdev_server::{Admitted, Config, ConnectionId, Counters, Occurrence, Refused, Switchboard, What};
use jid::BareJid;
use tokio::sync::Notify;

use super::line::Line;
use crate::env::Env;
use crate::note::Note;

/// How late the timer may look at the clock before the server is taken to have stood still. Default: half a second; a
/// busy machine is late by milliseconds.
const STALL: Duration = Duration::from_millis(500);

/// See the file's documentation.
pub(super) struct Board<E: Env> {
    held: Mutex<Held<E>>,
    /// The Switchboard wants its timer earlier than it was set.
    earlier: Notify,
    /// The last connection is gone.
    empty: Notify,
}

struct Held<E: Env> {
    switchboard: Switchboard,
    /// Ordered, because a process that is killed closes its connections in the order of this map, and others
    /// see that.
    lines: BTreeMap<ConnectionId, Arc<Line<E>>>,
    /// When the timer is set to.
    timer: Option<Duration>,
    /// When the timer looks at the clock next. Whoever is here much later than that knows of a stall.
    watch: Option<Duration>,
}

/// The lines whose queue or orders a hold touched.
#[must_use]
pub(super) struct Touched<E: Env>(Vec<Arc<Line<E>>>);

impl<E: Env> Touched<E> {
    /// Writes each queue once, as far as its socket takes it.
    pub(super) fn write(self) {
        for line in self.0 {
            line.push();
        }
    }
}

impl<E: Env> Board<E> {
    pub(super) fn new(config: Arc<Config>) -> Result<Self, ConfigError> {
        let switchboard = Switchboard::new(config)?;
        let held = Held { switchboard, lines: BTreeMap::new(), timer: None, watch: None };
        Ok(Self { held: Mutex::new(held), earlier: Notify::new(), empty: Notify::new() })
    }

    /// Holds the Switchboard for one transition. What it touched is to be written next.
    pub(super) fn hold<R>(&self, env: &E, transition: impl FnOnce(&mut Switchboard) -> R) -> (R, Touched<E>) {
        let (result, touched, occurrences) = {
            let mut held = self.lock();
            held.notice_stall(env);
            let result = transition(&mut held.switchboard);
            let occurrences = held.switchboard.take_occurrences();
            for occurrence in &occurrences {
                // Within the hold, so that a simulation hears of things in the order in which they happened.
                env.note(|| note(occurrence));
            }
            let touched = held.switchboard.take_touched();
            let lines = touched.iter().filter_map(|outbound| held.lines.get(&outbound.connection()));
            let touched: Vec<Arc<Line<E>>> = lines.cloned().collect();
            let next = held.switchboard.poll_timeout();
            if next.is_some_and(|next| held.timer.is_none_or(|timer| next < timer)) {
                held.timer = next;
                self.earlier.notify_one();
            }
            (result, touched, occurrences)
        };
        occurrences.iter().for_each(log);
        (result, Touched(touched))
    }

    fn hold_and_write<R>(&self, env: &E, transition: impl FnOnce(&mut Switchboard) -> R) -> R {
        let (result, touched) = self.hold(env, transition);
        touched.write();
        result
    }

    pub(super) fn admit(&self, env: &E, address: IpAddr) -> Result<Admitted, Refused> {
        self.hold_and_write(env, |switchboard| switchboard.admit(address))
    }

    /// A connection ended before its stream began.
    pub(super) fn release(&self, env: &E, admitted: &Admitted) {
        self.hold_and_write(env, |switchboard| switchboard.release(admitted));
        self.tell_if_empty();
    }

    pub(super) fn add_line(&self, line: &Arc<Line<E>>) {
        self.lock().lines.insert(line.outbound().connection(), Arc::clone(line));
    }

    pub(super) fn remove_line(&self, line: &Line<E>) {
        self.lock().lines.remove(&line.outbound().connection());
        self.tell_if_empty();
    }

    pub(super) fn shut_down(&self, env: &E) {
        self.hold_and_write(env, Switchboard::shut_down);
    }

    /// Waits until there is no connection.
    pub(super) async fn emptied(&self) {
        while self.counters().connections > 0 {
            self.empty.notified().await;
        }
    }

    pub(super) fn expel(&self, env: &E, account: &BareJid) {
        let at = env.moment();
        self.hold_and_write(env, |switchboard| switchboard.expel(at, account));
    }

    pub(super) fn counters(&self) -> Counters {
        self.lock().switchboard.counters()
    }

    pub(super) fn online(&self) -> usize {
        self.lock().switchboard.directory().online()
    }

    /// When the timer is wanted, and when it has to look at the clock; it is set to that from now on. `at_latest`: it
    /// looks then, whenever it is wanted.
    pub(super) fn set_timer(&self, at_latest: Duration) -> Option<(Duration, Duration)> {
        let mut held = self.lock();
        held.timer = held.switchboard.poll_timeout();
        held.watch = held.timer.map(|deadline| deadline.min(at_latest));
        held.timer.zip(held.watch)
    }

    /// Waits until the timer is wanted earlier than it was set. Cancel safe.
    pub(super) async fn timer_wanted_earlier(&self) {
        self.earlier.notified().await;
    }

    pub(super) fn handle_timeout(&self, env: &E, at: Moment) {
        self.hold_and_write(env, |switchboard| switchboard.handle_timeout(at));
    }

    /// Looks whether the server stood still.
    pub(super) fn watch(&self, env: &E) {
        self.lock().notice_stall(env);
    }

    fn tell_if_empty(&self) {
        if self.counters().connections == 0 {
            self.empty.notify_one();
        }
    }

    fn lock(&self) -> MutexGuard<'_, Held<E>> {
        // A panic inside a hold is a bug that its task dies of; the others go on with what is there.
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<E: Env> Held<E> {
    /// The server stood still, if its timer should have looked at the clock long ago: every deadline of a session moves
    /// by that, before anything that waited meanwhile is handled. So it is noticed by whoever comes first: what is
    /// heard after a stall must not be put off by it.
    fn notice_stall(&mut self, env: &E) {
        let Some(watch) = self.watch else { return };
        let now = env.now();
        let late = now.saturating_sub(watch);
        if late >= STALL {
            tracing::warn!(?late, "the server stood still; deadlines move by that");
            self.switchboard.handle_stall(late);
            self.watch = Some(now);
        }
    }
}

impl<E: Env> fmt::Debug for Board<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Board").field("counters", &self.counters()).finish_non_exhaustive()
    }
}

fn note(occurrence: &Occurrence) -> Note {
    let session = occurrence.session;
    let jid = occurrence.jid.as_ref().clone();
    match occurrence.what {
        What::Bound => Note::Bound { session, jid },
        What::Entered => Note::Entered { session, jid },
        What::Departed(reason) => Note::Departed { session, jid, reason },
        What::Reaped { silence, limit } => Note::Reaped { session, jid, silence, limit },
        What::Ended => Note::Ended { session, jid },
    }
}

fn log(occurrence: &Occurrence) {
    let (jid, session) = (occurrence.jid.as_str(), occurrence.session);
    match occurrence.what {
        What::Bound => tracing::info!(jid, %session, "signed in"),
        What::Entered => tracing::debug!(jid, %session, "in the directory"),
        What::Departed(reason) => {
            tracing::debug!(jid, %session, reason = reason.as_str(), "out of the directory");
        }
        What::Reaped { silence, limit } => tracing::info!(jid, %session, ?silence, ?limit, "reaped"),
        What::Ended => tracing::info!(jid, %session, "signed out"),
    }
}
