//! The queue itself, without its lock: octets, where its stanzas end, and how far it is written.

use std::collections::VecDeque;

use super::{Full, Owed, Undelivered};

/// Invariant: `start <= written <= bytes.len()`, and every mark ends after `written`, in ascending order.
#[derive(Default)]
pub(super) struct Queue {
    bytes: Vec<u8>,
    /// Where the first stanza that is not wholly written begins; what is before it is only not yet moved
    /// away.
    start: usize,
    written: usize,
    /// One for each stanza that is not wholly written.
    marks: VecDeque<Mark>,
}

struct Mark {
    /// An index into `bytes`.
    end: usize,
    undelivered: Undelivered,
}

impl Queue {
    pub(super) fn unwritten(&self) -> &[u8] {
        &self.bytes[self.written..]
    }

    pub(super) fn append(
        &mut self,
        bytes_max: usize,
        undelivered: Undelivered,
        write: impl FnOnce(&mut Vec<u8>),
    ) -> Result<(), Full> {
        let before = self.bytes.len();
        write(&mut self.bytes);
        if self.unwritten().len() > bytes_max {
            self.bytes.truncate(before);
            return Err(Full);
        }
        self.marks.push_back(Mark { end: self.bytes.len(), undelivered });
        Ok(())
    }

    pub(super) fn advance(&mut self, length: usize) {
        self.written += length;
        assert!(self.written <= self.bytes.len(), "no more can be written than was queued");
        while self.marks.front().is_some_and(|mark| mark.end <= self.written) {
            let mark = self.marks.pop_front().expect("the loop's condition saw it");
            self.start = mark.end;
        }
        if self.written == self.bytes.len() {
            self.clear();
        } else if self.start > self.bytes.len() / 2 {
            self.compact();
        }
    }

    pub(super) fn cut(&mut self) -> Vec<Owed> {
        let partly_written = usize::from(self.written > self.start);
        let bounced = self.bounced(partly_written);
        self.marks.truncate(partly_written);
        self.bytes.truncate(self.marks.back().map_or(self.written, |mark| mark.end));
        if self.marks.is_empty() {
            self.clear();
        }
        bounced
    }

    pub(super) fn abandon(&mut self) -> Vec<Owed> {
        // A stanza that is partly written is among them: its recipient cannot have read it.
        let bounced = self.bounced(0);
        self.clear();
        bounced
    }

    /// The stanzas after the first `kept` that go back to their senders.
    fn bounced(&self, kept: usize) -> Vec<Owed> {
        let mut start = self.start;
        let mut bounced = Vec::new();
        for (index, mark) in self.marks.iter().enumerate() {
            let shared_before = match mark.undelivered {
                Undelivered::Dropped => None,
                Undelivered::Bounced => Some(None),
                Undelivered::Shared { before } => Some(Some(before)),
            };
            if let Some(shared_before) = shared_before.filter(|_| index >= kept) {
                bounced.push(Owed { stanza: self.bytes[start..mark.end].into(), shared_before });
            }
            start = mark.end;
        }
        bounced
    }

    /// Moves the rest to the front. Done when what is finished outweighs the rest: each octet moves at most
    /// once on average.
    fn compact(&mut self) {
        self.bytes.drain(..self.start);
        self.written -= self.start;
        for mark in &mut self.marks {
            mark.end -= self.start;
        }
        self.start = 0;
    }

    /// An empty queue keeps no room: most sessions are idle most of the time.
    fn clear(&mut self) {
        *self = Self::default();
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn queue(stanzas: &[(&str, Undelivered)]) -> Queue {
        let mut queue = Queue::default();
        for (text, undelivered) in stanzas {
            let added = queue.append(1000, *undelivered, |bytes| bytes.extend_from_slice(text.as_bytes()));
            assert_eq!(added, Ok(()));
        }
        queue
    }

    fn front(queue: &Queue) -> String {
        String::from_utf8(queue.unwritten().to_vec()).unwrap()
    }

    fn texts(stanzas: Vec<Owed>) -> Vec<String> {
        stanzas.into_iter().map(|owed| String::from_utf8(owed.stanza.into()).unwrap()).collect()
    }

    use Undelivered::{Bounced, Dropped};

    #[test]
    fn what_is_written_leaves_from_the_front() {
        let mut queue = queue(&[("<a/>", Bounced), ("<bb/>", Bounced), ("<ccc/>", Dropped)]);
        queue.advance(6);
        assert_eq!(front(&queue), "b/><ccc/>");
        assert_eq!(queue.unwritten().len(), 9);
        queue.advance(9);
        assert_eq!(queue.unwritten().len(), 0);
    }

    #[test]
    fn a_stanza_over_the_limit_is_not_in_it() {
        let mut queue = queue(&[("<a/>", Bounced)]);
        let added = queue.append(8, Bounced, |bytes| bytes.extend_from_slice(b"<bbb/>"));
        assert_eq!(added, Err(Full));
        assert_eq!(front(&queue), "<a/>");
        queue.advance(2);
        let added = queue.append(8, Bounced, |bytes| bytes.extend_from_slice(b"<bbb/>"));
        assert_eq!(added, Ok(()), "only what is unwritten counts");
    }

    #[test]
    fn a_dead_connection_gives_back_all_that_it_did_not_get_whole() {
        let mut queue =
            queue(&[("<a/>", Bounced), ("<bb/>", Bounced), ("<ccc/>", Dropped), ("<d/>", Bounced)]);
        queue.advance(6);
        assert_eq!(texts(queue.abandon()), ["<bb/>", "<d/>"]);
        assert_eq!(queue.unwritten().len(), 0);
    }

    #[test]
    fn a_connection_that_is_cut_off_keeps_the_stanza_that_is_under_way() {
        let mut queue = queue(&[("<a/>", Bounced), ("<bb/>", Bounced), ("<ccc/>", Bounced)]);
        queue.advance(6);
        assert_eq!(texts(queue.cut()), ["<ccc/>"]);
        assert_eq!(front(&queue), "b/>");
    }

    #[test]
    fn between_stanzas_a_cut_leaves_nothing() {
        let mut queue = queue(&[("<a/>", Bounced), ("<bb/>", Bounced)]);
        queue.advance(4);
        assert_eq!(texts(queue.cut()), ["<bb/>"]);
        assert_eq!(front(&queue), "");
    }

    #[test]
    fn long_use_neither_loses_nor_keeps_octets() {
        let mut queue = Queue::default();
        let (mut added, mut taken) = (String::new(), String::new());
        for round in 0..200 {
            let stanza = format!("<s n='{round}'/>");
            queue.append(10_000, Bounced, |bytes| bytes.extend_from_slice(stanza.as_bytes())).unwrap();
            added += &stanza;
            let length = (round * 7) % 23;
            let length = length.min(queue.unwritten().len());
            taken += &front(&queue)[..length];
            queue.advance(length);
            assert!(queue.bytes.len() <= 2 * queue.unwritten().len() + 40, "finished octets pile up");
        }
        taken += &front(&queue);
        assert_eq!(taken, added);
    }

    /// What the queue is: whole stanzas, and how far the first of them is written.
    #[derive(Default)]
    struct Model {
        stanzas: VecDeque<(Vec<u8>, bool)>,
        written: usize,
    }

    impl Model {
        fn unwritten(&self) -> Vec<u8> {
            let all: Vec<u8> = self.stanzas.iter().flat_map(|(stanza, _)| stanza.clone()).collect();
            all[self.written..].to_vec()
        }

        fn advance(&mut self, length: usize) {
            self.written += length;
            while self.stanzas.front().is_some_and(|(stanza, _)| stanza.len() <= self.written) {
                self.written -= self.stanzas.pop_front().unwrap().0.len();
            }
        }

        fn take(&mut self, kept: usize) -> Vec<Vec<u8>> {
            let taken = self.stanzas.split_off(kept);
            taken.into_iter().filter(|(_, bounced)| *bounced).map(|(stanza, _)| stanza).collect()
        }
    }

    #[derive(Clone, Debug)]
    enum Step {
        Append(Vec<u8>, bool),
        Advance(usize),
        Cut,
        Abandon,
    }

    fn steps() -> impl Strategy<Value = Vec<Step>> {
        let append = (prop::collection::vec(any::<u8>(), 1..40), any::<bool>());
        let step = prop_oneof![
            8 => append.prop_map(|(stanza, bounced)| Step::Append(stanza, bounced)),
            8 => (0..60_usize).prop_map(Step::Advance),
            1 => Just(Step::Cut),
            1 => Just(Step::Abandon),
        ];
        prop::collection::vec(step, 0..60)
    }

    proptest! {
        #[test]
        fn it_is_always_the_stanzas_that_are_not_wholly_written(steps in steps()) {
            let (mut queue, mut model) = (Queue::default(), Model::default());
            let given_back = |owed: Vec<Owed>| -> Vec<Vec<u8>> {
                owed.into_iter().map(|owed| owed.stanza.into_vec()).collect()
            };
            for step in steps {
                match step {
                    Step::Append(stanza, bounced) => {
                        let undelivered = if bounced { Bounced } else { Dropped };
                        queue.append(usize::MAX, undelivered, |bytes| bytes.extend(&stanza)).unwrap();
                        model.stanzas.push_back((stanza, bounced));
                    }
                    Step::Advance(length) => {
                        let length = length.min(queue.unwritten().len());
                        queue.advance(length);
                        model.advance(length);
                    }
                    Step::Cut => {
                        let kept = usize::from(model.written > 0);
                        prop_assert_eq!(given_back(queue.cut()), model.take(kept));
                    }
                    Step::Abandon => {
                        prop_assert_eq!(given_back(queue.abandon()), model.take(0));
                        model.written = 0;
                    }
                }
                prop_assert_eq!(queue.unwritten(), model.unwritten());
            }
        }
    }
}
