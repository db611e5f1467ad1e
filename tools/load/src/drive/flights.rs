//! [`Flights`]: operations that are under way, numbered in the order of their beginning.

use std::collections::VecDeque;
use std::time::Duration;

/// See the file's documentation.
#[derive(Debug, Default)]
pub(super) struct Flights {
    /// The number of the first that is kept.
    first: u64,
    /// When each was to begin; nothing where it has ended.
    intended: VecDeque<Option<Duration>>,
    /// How many have not ended.
    open: usize,
}

impl Flights {
    /// The number that the next one gets.
    pub(super) fn next(&self) -> u64 {
        self.first + self.intended.len() as u64
    }

    /// One begins.
    pub(super) fn begin(&mut self, intended: Duration) {
        self.intended.push_back(Some(intended));
        self.open += 1;
    }

    /// One ends: when it was to begin. Nothing, if it has ended before, also by lasting too long.
    pub(super) fn end(&mut self, number: u64) -> Option<Duration> {
        let index = usize::try_from(number.checked_sub(self.first)?).ok()?;
        let intended = self.intended.get_mut(index)?.take()?;
        self.open -= 1;
        self.forget_ended();
        Some(intended)
    }

    /// Gives up what was to begin before: how many that were.
    pub(super) fn expire(&mut self, before: Duration) -> usize {
        let was_open = self.open;
        // They were to begin in this order, so the first that is young enough ends the search.
        for flight in &mut self.intended {
            match *flight {
                Some(intended) if intended >= before => break,
                Some(_) => {
                    *flight = None;
                    self.open -= 1;
                }
                None => {}
            }
        }
        self.forget_ended();
        was_open - self.open
    }

    /// How many are under way.
    pub(super) fn open(&self) -> usize {
        self.open
    }

    fn forget_ended(&mut self) {
        while let Some(None) = self.intended.front() {
            self.intended.pop_front();
            self.first += 1;
        }
        if self.intended.is_empty() && self.intended.capacity() > 64 {
            self.intended = VecDeque::new();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    #[test]
    fn each_ends_once_in_any_order() {
        let mut flights = Flights::default();
        for at in 0..4 {
            assert_eq!(flights.next(), at);
            flights.begin(ms(at));
        }
        assert_eq!(flights.end(2), Some(ms(2)));
        assert_eq!(flights.end(2), None);
        assert_eq!(flights.end(0), Some(ms(0)));
        assert_eq!(flights.end(4), None, "it never began");
        assert_eq!((flights.open(), flights.next()), (2, 4));
    }

    #[test]
    fn what_lasts_too_long_is_given_up_once() {
        let mut flights = Flights::default();
        (0..5).for_each(|at| flights.begin(ms(10 * at)));
        flights.end(1);
        assert_eq!(flights.expire(ms(30)), 2, "0 and 2; 1 has ended");
        assert_eq!(flights.expire(ms(30)), 0);
        assert_eq!(flights.end(0), None);
        assert_eq!(flights.end(3), Some(ms(30)));
    }
}
