//! [`Requests`]: which answer belongs to which request (RFC 6120 §8.2.3), on one connection, in one direction.
//!
//! An `id` is unique for who made it, so that requests of two people through one server may have the same: then the address decides,
//! and after it the age. At most [`OPEN_MAX`] requests wait; a later one is not paired.

use std::hash::BuildHasher as _;

use hashbrown::HashMap;

use crate::entry::Answer;
use crate::model::At;

/// Requests of one side of a connection that wait for their answers.
pub(super) const OPEN_MAX: usize = 4096;

/// A request without an answer yet.
#[derive(Clone, Copy, Debug)]
pub(super) struct Open {
    /// Number of its entry.
    pub(super) number: u64,
    /// When it was made.
    pub(super) at: At,
    /// Whose it is ([`Talk::party`](super::talk::Talk::party)): a hash, the same in every run.
    party: u64,
    /// What it asks for.
    pub(super) title: Option<&'static str>,
}

/// See the file's documentation.
#[derive(Debug)]
pub(super) struct Requests {
    /// By the hash of the id.
    open: HashMap<u64, Waiting>,
    len: usize,
    hashing: foldhash::quality::FixedState,
}

/// Requests of one id; more than one is rare.
#[derive(Debug)]
struct Waiting {
    first: Open,
    others: Vec<Open>,
}

impl Default for Requests {
    fn default() -> Self {
        let hashing = foldhash::quality::FixedState::with_seed(0x51f1_22a9);
        Self { open: HashMap::new(), len: 0, hashing }
    }
}

impl Requests {
    /// A request is made.
    pub(super) fn ask(
        &mut self,
        id: &str,
        party: (&str, &str),
        number: u64,
        at: At,
        title: Option<&'static str>,
    ) {
        if self.len >= OPEN_MAX {
            return;
        }
        self.len += 1;
        let open = Open { number, at, party: self.hashing.hash_one(party), title };
        match self.open.get_mut(&self.hashing.hash_one(id)) {
            Some(waiting) => waiting.others.push(open),
            None => {
                self.open.insert(self.hashing.hash_one(id), Waiting { first: open, others: Vec::new() });
            }
        }
    }

    /// An answer comes: the request that it belongs to.
    pub(super) fn answer(&mut self, id: &str, party: (&str, &str)) -> Option<Open> {
        let key = self.hashing.hash_one(id);
        let waiting = self.open.get_mut(&key)?;
        self.len -= 1;
        if waiting.others.is_empty() {
            return self.open.remove(&key).map(|waiting| waiting.first);
        }
        let party = self.hashing.hash_one(party);
        let is_it = |open: &Open| open.party == party;
        let place = waiting.others.iter().position(is_it).filter(|_| !is_it(&waiting.first));
        Some(match place {
            Some(place) => waiting.others.remove(place),
            None => std::mem::replace(&mut waiting.first, waiting.others.remove(0)),
        })
    }
}

impl Open {
    /// A question without an id or address.
    pub(super) fn new(number: u64, at: At) -> Self {
        Self { number, at, party: 0, title: None }
    }

    /// The answer to it, when it comes at `at`.
    pub(super) fn answered(&self, at: At) -> Answer {
        Answer { to: self.number, latency: at.after(self.at) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_belongs_to_the_request_of_its_id_and_address() {
        let mut requests = Requests::default();
        requests.ask("1", ("a@x", ""), 10, At(100), None);
        requests.ask("1", ("b@x", ""), 11, At(200), None);
        assert_eq!(requests.answer("2", ("a@x", "")).map(|open| open.number), None);
        assert_eq!(requests.answer("1", ("b@x", "")).map(|open| open.number), Some(11));
        let first = requests.answer("1", ("elsewhere", "")).unwrap();
        assert_eq!(first.answered(At(350)), Answer { to: 10, latency: Some(250) });
        assert!(requests.answer("1", ("a@x", "")).is_none());
    }

    #[test]
    fn only_so_many_requests_wait() {
        let mut requests = Requests::default();
        for n in 0..OPEN_MAX + 3 {
            requests.ask(&n.to_string(), ("", ""), n as u64, At(0), None);
        }
        assert_eq!(requests.len, OPEN_MAX);
        assert!(requests.answer(&(OPEN_MAX + 1).to_string(), ("", "")).is_none());
    }
}
