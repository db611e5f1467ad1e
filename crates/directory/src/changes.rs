//! What changed after a version (PROTOCOL section 2, "List and delta are one mechanism"). How many changes go into one
//! answer, by number and octets, is decided by the one who takes them; how they are written is not known here.

use std::sync::Arc;

use chatdev_canary::{Canary, planted};

use crate::records::{Between, Record, Records};
use crate::sessions::Sessions;
use crate::version::Position;
use crate::view::View;
use crate::{Change, EndpointVisibility, Entry, Page, Version, Visibility};

/// Who asks, and what they may see.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Watcher {
    pub(crate) epoch: u32,
    pub(crate) view: View,
    pub(crate) visibility: Visibility,
    pub(crate) endpoints: EndpointVisibility,
    /// The COUNTER of their own record, if they have one.
    pub(crate) own: Option<u64>,
}

/// The changes after a version, oldest first, each full JID once. Take as many as the answer has room for, and end it
/// with [`Changes::version`].
///
/// Cost: O(log n) to begin, O(1) for each change taken, however many are online. Telling an entry copies nothing,
/// except to a watcher who is not shown all of its endpoints.
#[derive(Clone, Debug)]
pub struct Changes<'a> {
    records: &'a Records,
    sessions: &'a Sessions,
    watcher: Watcher,
    reset: bool,
    /// Where the changes taken so far end.
    position: Position,
    stretch: Between<'a>,
    upcoming: Option<(u64, Record<'a>)>,
}

impl<'a> Changes<'a> {
    pub(crate) fn new(
        records: &'a Records,
        sessions: &'a Sessions,
        watcher: Watcher,
        since: Option<&Version>,
    ) -> Self {
        let known = since.and_then(|since| since.position(watcher.epoch, watcher.view));
        let usable = known.filter(|position| is_answerable(records, *position));
        let position = usable.unwrap_or(Position::Walk { at: 0, began: records.counter() });
        let stretch = stretch(records, &watcher, position);
        let mut changes =
            Self { records, sessions, watcher, reset: usable.is_none(), position, stretch, upcoming: None };
        changes.advance();
        changes
    }

    /// The list starts anew: what the watcher has is not to be built on.
    #[must_use]
    pub const fn reset(&self) -> bool {
        self.reset
    }

    /// The change that comes next, without taking it.
    #[must_use]
    pub fn peek(&self) -> Option<Change> {
        self.upcoming.map(|(counter, record)| self.show(counter, record))
    }

    /// There is more to take.
    #[must_use]
    pub const fn more(&self) -> bool {
        self.upcoming.is_some()
    }

    /// The version of an answer that ends with what has been taken.
    #[must_use]
    pub fn version(&self) -> Version {
        // At the end, changes that left no record behind (departures forgotten at once) are told as well.
        let position = if self.more() { self.position } else { Position::Delta(self.records.counter()) };
        let position = if planted(Canary::PageSkipsOne) { self.one_too_far(position) } else { position };
        Version::new(self.watcher.epoch, self.watcher.view, position)
    }

    /// A planted bug: a version that lies one COUNTER too far where there is more.
    fn one_too_far(&self, position: Position) -> Position {
        match position {
            Position::Delta(counter) if self.more() => Position::Delta(counter + 1),
            Position::Walk { at, began } => Position::Walk { at: at + 1, began },
            Position::Delta(_) => position,
        }
    }

    /// Takes up to `changes_max` changes as one page.
    #[must_use]
    pub fn page(mut self, changes_max: usize) -> Page {
        let changes = self.by_ref().take(changes_max).collect();
        Page { reset: self.reset(), changes, version: self.version(), more: self.more() }
    }

    /// Finds the next record; a walk that is through goes on with what changed since it began.
    fn advance(&mut self) {
        self.upcoming = self.stretch.next();
        if let (None, Position::Walk { began, .. }) = (self.upcoming, self.position) {
            self.position = Position::Delta(began);
            self.stretch = stretch(self.records, &self.watcher, self.position);
            self.upcoming = self.stretch.next();
        }
    }

    fn show(&self, counter: u64, record: Record<'_>) -> Change {
        let live = match record {
            Record::Gone(departure) => return Change::Gone(departure.clone()),
            Record::Live(live) => live,
        };
        let own = self.watcher.own == Some(counter);
        let origin = || self.sessions.at(live.owner).origin();
        let may = |endpoint| match self.watcher.endpoints {
            EndpointVisibility::Everyone => self.watcher.view.shows(endpoint, origin),
            EndpointVisibility::Nobody => false,
        };
        if own || live.entry.endpoints.iter().copied().all(may) {
            return Change::Online(live.entry.clone());
        }
        let endpoints = live.entry.endpoints.iter().copied().filter(|endpoint| may(*endpoint)).collect();
        Change::Online(Arc::new(Entry { endpoints, ..Entry::clone(&live.entry) }))
    }
}

impl Iterator for Changes<'_> {
    type Item = Change;

    fn next(&mut self) -> Option<Change> {
        let (counter, record) = self.upcoming?;
        let change = self.show(counter, record);
        self.position = match self.position {
            Position::Delta(_) => Position::Delta(counter),
            Position::Walk { began, .. } => Position::Walk { at: counter, began },
        };
        self.advance();
        Some(change)
    }
}

/// Whether everything that changed after `position` can still be told. A place in the future is nonsense, and a
/// departure that the watcher has not heard of must not have been forgotten: for a walk, one newer than its beginning,
/// since those before it cannot be in a list that the walk itself began.
fn is_answerable(records: &Records, position: Position) -> bool {
    let (at, told) = match position {
        Position::Delta(counter) => (counter, counter),
        Position::Walk { at, began } => (at, began),
    };
    let forgotten = told < records.forgotten() && !planted(Canary::ForgottenDepartureNoReset);
    at <= told && told <= records.counter() && !forgotten
}

/// The records that are to be told from `position` on, as far as one kind of position goes.
fn stretch<'a>(records: &'a Records, watcher: &Watcher, position: Position) -> Between<'a> {
    let (mut after, mut upto) = match position {
        Position::Delta(counter) => (counter, u64::MAX),
        Position::Walk { at, began } => (at, began),
    };
    if watcher.visibility == Visibility::Off {
        // Nobody's record has COUNTER 0: a watcher without a record is told nothing.
        let own = watcher.own.unwrap_or(0);
        after = after.max(own.saturating_sub(1));
        upto = upto.min(own);
    }
    match position {
        Position::Delta(_) => records.all(after, upto),
        Position::Walk { .. } => records.entries(after, upto),
    }
}
