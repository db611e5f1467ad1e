//! Which of the entries are in the list, and where the person is in it.
//!
//! A new filter looks at the entries a piece at a time ([`View::catch_up`]), so that keys are heard meanwhile.

use std::collections::VecDeque;

use super::store::Store;
use crate::filter::Filter;
use crate::model::ConnectionId;

#[derive(Debug, Default)]
pub(super) struct View {
    filter: Option<Filter>,
    connection: Option<ConnectionId>,
    /// Positions of the entries in the list, among those before `scanned`.
    shown: VecDeque<u64>,
    /// The next position to look at.
    scanned: u64,
    /// The person is at this position, or as near as the list has it.
    selected: u64,
    /// The person is at the newest entry, whichever it is.
    pub(super) follows: bool,
}

impl View {
    pub(super) fn filter(&self) -> Option<&Filter> {
        self.filter.as_ref()
    }

    pub(super) fn connection(&self) -> Option<ConnectionId> {
        self.connection
    }

    pub(super) fn set_filter(&mut self, filter: Option<Filter>, store: &Store) {
        if self.filter != filter {
            self.filter = filter;
            self.restart(store);
        }
    }

    pub(super) fn set_connection(&mut self, connection: Option<ConnectionId>, store: &Store) {
        if self.connection != connection {
            self.connection = connection;
            self.restart(store);
        }
    }

    fn restart(&mut self, store: &Store) {
        self.shown.clear();
        self.scanned = store.begin();
    }

    /// Looks at no more than so many further entries.
    pub(super) fn catch_up(&mut self, store: &Store, entries_max: u64) {
        while self.shown.front().is_some_and(|&position| position < store.begin()) {
            self.shown.pop_front();
        }
        self.scanned = self.scanned.max(store.begin());
        let end = store.end().min(self.scanned.saturating_add(entries_max));
        for position in self.scanned..end {
            if self.shows(position, store) {
                self.shown.push_back(position);
            }
        }
        self.scanned = end;
        if self.follows {
            self.selected = self.shown.back().copied().unwrap_or(self.selected);
        }
    }

    fn shows(&self, position: u64, store: &Store) -> bool {
        let Some(entry) = store.get(position) else { return false };
        let is_on_connection = self.connection.is_none_or(|connection| entry.connection == Some(connection));
        is_on_connection && self.filter.as_ref().is_none_or(|filter| filter.matches(entry, store.start()))
    }

    /// So many entries are still to be looked at.
    pub(super) fn behind(&self, store: &Store) -> u64 {
        store.end().saturating_sub(self.scanned.max(store.begin()))
    }

    /// So many rows the list has.
    pub(super) fn len(&self) -> usize {
        self.shown.len()
    }

    /// The position in a row.
    pub(super) fn position(&self, row: usize) -> Option<u64> {
        self.shown.get(row).copied()
    }

    /// The row where the person is; `None` if the list is empty.
    pub(super) fn row(&self) -> Option<usize> {
        let last = self.shown.len().checked_sub(1)?;
        Some(self.shown.partition_point(|&position| position < self.selected).min(last))
    }

    /// The position where the person is.
    pub(super) fn selected(&self) -> Option<u64> {
        self.position(self.row()?)
    }

    /// Goes to a row, or the last one if there are fewer.
    pub(super) fn go_to_row(&mut self, row: usize) {
        if let Some(position) = self.position(row).or_else(|| self.shown.back().copied()) {
            self.selected = position;
        }
    }

    /// Goes to a position; whether it is in the list.
    pub(super) fn go_to(&mut self, position: u64) -> bool {
        let is_shown = self.shown.binary_search(&position).is_ok();
        if is_shown {
            self.selected = position;
        }
        is_shown
    }

    /// From the row behind (or before) the person's on, and around the end, the first position that passes.
    pub(super) fn find(&self, backwards: bool, passes: impl Fn(u64) -> bool) -> Option<u64> {
        let (row, rows) = (self.row()?, self.shown.len());
        (1..=rows)
            .map(|step| if backwards { (row + rows - step) % rows } else { (row + step) % rows })
            .filter_map(|row| self.position(row))
            .find(|&position| passes(position))
    }
}

#[cfg(test)]
mod tests {
    use super::super::store::Kept;
    use super::*;
    use crate::sample::{disco, hello};

    fn filled(entries: u64, entries_max: usize) -> (Store, View) {
        let mut store = Store::new(Kept { entries_max, ..Kept::default() });
        let mut view = View::default();
        for number in 1..=entries {
            store.push(Box::new(if number % 2 == 0 { hello(number) } else { disco(number) }));
            view.catch_up(&store, 1);
        }
        (store, view)
    }

    fn only(view: &mut View, filter: &str, store: &Store) {
        view.set_filter(Some(Filter::parse(filter).unwrap()), store);
    }

    #[test]
    fn a_filter_looks_at_a_piece_at_a_time_and_the_person_stays_where_they_are() {
        let (store, mut view) = filled(10, 100);
        view.go_to_row(6);
        only(&mut view, "message", &store);
        assert_eq!((view.len(), view.behind(&store)), (0, 10));
        view.catch_up(&store, 4);
        assert_eq!((view.len(), view.behind(&store)), (2, 6));
        view.catch_up(&store, 100);
        assert_eq!((view.len(), view.behind(&store)), (5, 0));
        assert_eq!(view.selected(), Some(7), "the next message behind the seventh entry");
        view.set_filter(None, &store);
        view.catch_up(&store, 100);
        assert_eq!(view.selected(), Some(6));
    }

    #[test]
    fn what_is_dropped_leaves_the_list() {
        let (mut store, mut view) = filled(10, 4);
        view.go_to_row(0);
        assert_eq!((view.len(), view.selected()), (4, Some(6)));
        for number in 11..=13 {
            store.push(Box::new(hello(number)));
        }
        view.catch_up(&store, 100);
        assert_eq!((view.len(), view.selected()), (4, Some(9)));
    }

    #[test]
    fn who_follows_is_at_the_newest_entry_that_is_shown() {
        let (mut store, mut view) = filled(4, 100);
        view.follows = true;
        only(&mut view, "message", &store);
        store.push(Box::new(disco(5)));
        view.catch_up(&store, 100);
        assert_eq!(view.selected(), Some(3));
        store.push(Box::new(hello(6)));
        view.catch_up(&store, 100);
        assert_eq!(view.selected(), Some(5));
    }

    #[test]
    fn a_search_goes_around_the_end_and_comes_back_to_where_it_began() {
        let (store, mut view) = filled(5, 100);
        let is_message = |position| store.get(position).is_some_and(|entry| entry.number % 2 == 0);
        view.go_to_row(3);
        assert_eq!(view.find(false, is_message), Some(1));
        assert_eq!(view.find(true, is_message), Some(1));
        view.go_to_row(1);
        assert_eq!(view.find(true, is_message), Some(3));
        assert_eq!(view.find(false, |position| position == 1), Some(1));
        assert_eq!(view.find(false, |_| false), None);
    }
}
