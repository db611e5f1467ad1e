//! [`Ahead`]: reading goes ahead on one thread while what was read is understood and shown on another.
//!
//! What is heard is written into batches, each one buffer of text and one of octets, and told again on the other thread, in order. A batch goes
//! over when it is full, or when nothing more comes for now. Batches are used again; there are at most four, so that a source
//! that is faster than the output waits for it.

use std::ops::Range;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{Builder, JoinHandle};

use crate::framing::{CHILDREN_MAX, Frame, Oddity, Outline};
use crate::model::{At, ConnectionId, End, Ending, Side};
use crate::understanding::{Hearer, Place};

/// Batches on the way, or being filled.
const BATCHES_MAX: usize = 4;
/// So many octets make a batch full.
const BATCH_OCTETS: usize = 256 * 1024;
/// So many events make a batch full.
const BATCH_EVENTS: usize = 2048;

/// See the file's documentation. The hearer comes back from [`Ahead::finish`].
#[derive(Debug)]
pub struct Ahead<H> {
    filling: Batch,
    full: SyncSender<Batch>,
    empty: Receiver<Batch>,
    hearing: JoinHandle<H>,
    /// Nothing more is wanted.
    is_over: bool,
}

#[derive(Debug, Default)]
struct Batch {
    text: String,
    octets: Vec<u8>,
    events: Vec<(Option<ConnectionId>, Event)>,
    /// Nothing more comes for now.
    is_pause: bool,
}

/// What is heard; places are in the buffers of its batch.
#[derive(Debug)]
enum Event {
    Opened { at: At, ends: Box<[End; 2]>, from_start: bool },
    Element { place: Place, text: Range<usize>, head_end: usize, children: [u32; CHILDREN_MAX], len: usize },
    Header { place: Place, text: Range<usize> },
    Close { place: Place, octets: Range<usize> },
    Space { place: Place, octets: Range<usize> },
    Odd { place: Place, octets: Range<usize>, oddity: Oddity },
    Tls { at: At, side: Option<Side>, title: &'static str, detail: Range<usize> },
    Missing { at: At, side: Side, octets: Option<u64> },
    Ended { at: At, how: Ending },
    Forget,
    Remark { at: At, text: Range<usize> },
}

impl<H: Hearer + Send + 'static> Ahead<H> {
    /// Has `hearer` hear on a thread of its own.
    ///
    /// # Errors
    /// There can be no more threads.
    pub fn of(hearer: H) -> std::io::Result<Self> {
        let (full, to_hear) = sync_channel(BATCHES_MAX);
        let (to_fill, empty) = sync_channel(BATCHES_MAX);
        for _ in 1..BATCHES_MAX {
            to_fill.try_send(Batch::default()).expect("there is room for all");
        }
        let hear = move || hear(hearer, &to_hear, &to_fill);
        let hearing = Builder::new().name("understanding".to_owned()).spawn(hear)?;
        Ok(Self { filling: Batch::default(), full, empty, hearing, is_over: false })
    }

    /// Everything is read: waits until everything is heard.
    pub fn finish(mut self) -> H {
        self.send(false);
        drop(self.full);
        match self.hearing.join() {
            Ok(hearer) => hearer,
            Err(panic) => std::panic::resume_unwind(panic),
        }
    }
}

/// Tells batch after batch, until there are no more, or nothing more is wanted.
fn hear<H: Hearer>(mut hearer: H, to_hear: &Receiver<Batch>, to_fill: &SyncSender<Batch>) -> H {
    while let Ok(mut batch) = to_hear.recv() {
        batch.tell(&mut hearer);
        if hearer.is_over() {
            break;
        }
        // Whoever reads may be gone.
        let _ = to_fill.try_send(batch);
    }
    hearer
}

impl<H> Ahead<H> {
    fn send(&mut self, is_pause: bool) {
        self.filling.is_pause = is_pause;
        let batch = std::mem::take(&mut self.filling);
        self.is_over |= self.full.send(batch).is_err();
        match self.empty.recv() {
            Ok(batch) => self.filling = batch,
            Err(_) => self.is_over = true,
        }
    }

    fn note(&mut self, id: Option<ConnectionId>, event: Event) {
        if self.is_over {
            return;
        }
        self.filling.events.push((id, event));
        let octets = self.filling.text.len() + self.filling.octets.len();
        if octets >= BATCH_OCTETS || self.filling.events.len() >= BATCH_EVENTS {
            self.send(false);
        }
    }

    fn text(&mut self, text: &str) -> Range<usize> {
        if self.is_over {
            return 0..0;
        }
        let begin = self.filling.text.len();
        self.filling.text.push_str(text);
        begin..self.filling.text.len()
    }

    fn octets(&mut self, octets: &[u8]) -> Range<usize> {
        if self.is_over {
            return 0..0;
        }
        let begin = self.filling.octets.len();
        self.filling.octets.extend_from_slice(octets);
        begin..self.filling.octets.len()
    }
}

impl Batch {
    /// Tells all that is in it, and empties it.
    fn tell(&mut self, hearer: &mut impl Hearer) {
        let Self { text, octets, events, is_pause } = self;
        for (id, event) in events.drain(..) {
            match (id, event) {
                (id, Event::Remark { at, text: words }) => hearer.remark(id, at, &text[words]),
                (Some(id), event) => tell(id, event, text, octets, hearer),
                (None, _) => {}
            }
        }
        if std::mem::take(is_pause) {
            hearer.pause();
        }
        text.clear();
        octets.clear();
    }
}

/// Tells one event of a connection.
fn tell(id: ConnectionId, event: Event, text: &str, octets: &[u8], hearer: &mut impl Hearer) {
    match event {
        Event::Element { place, text: element, head_end, children, len } => {
            let outline = Outline::new(&text[element], head_end, &children[..len]);
            hearer.frame(id, place, Frame::Element(outline));
        }
        Event::Header { place, text: header } => hearer.frame(id, place, Frame::Header(&text[header])),
        Event::Close { place, octets: close } => hearer.frame(id, place, Frame::Close(&octets[close])),
        Event::Space { place, octets: space } => hearer.frame(id, place, Frame::Space(&octets[space])),
        Event::Odd { place, octets: odd, oddity } => {
            hearer.frame(id, place, Frame::Odd(&octets[odd], oddity));
        }
        Event::Opened { at, ends, from_start } => hearer.opened(id, at, &ends, from_start),
        Event::Tls { at, side, title, detail } => hearer.tls(id, at, side, title, &text[detail]),
        Event::Missing { at, side, octets } => hearer.missing(id, at, side, octets),
        Event::Ended { at, how } => hearer.ended(id, at, how),
        Event::Forget => hearer.forget(id),
        Event::Remark { at, text: words } => hearer.remark(Some(id), at, &text[words]),
    }
}

impl<H> Hearer for Ahead<H> {
    fn opened(&mut self, id: ConnectionId, at: At, ends: &[End; 2], from_start: bool) {
        let ends = Box::new(ends.clone());
        self.note(Some(id), Event::Opened { at, ends, from_start });
    }

    fn frame(&mut self, id: ConnectionId, place: Place, frame: Frame<'_>) {
        let event = match frame {
            Frame::Element(outline) => {
                let (head_end, places) = outline.places();
                let (mut children, len) = ([0; CHILDREN_MAX], places.len());
                children[..len].copy_from_slice(places);
                Event::Element { place, text: self.text(outline.text()), head_end, children, len }
            }
            Frame::Header(text) => Event::Header { place, text: self.text(text) },
            Frame::Close(octets) => Event::Close { place, octets: self.octets(octets) },
            Frame::Space(octets) => Event::Space { place, octets: self.octets(octets) },
            Frame::Odd(octets, oddity) => Event::Odd { place, octets: self.octets(octets), oddity },
        };
        self.note(Some(id), event);
    }

    fn tls(&mut self, id: ConnectionId, at: At, side: Option<Side>, title: &'static str, detail: &str) {
        let detail = self.text(detail);
        self.note(Some(id), Event::Tls { at, side, title, detail });
    }

    fn missing(&mut self, id: ConnectionId, at: At, side: Side, octets: Option<u64>) {
        self.note(Some(id), Event::Missing { at, side, octets });
    }

    fn ended(&mut self, id: ConnectionId, at: At, how: Ending) {
        self.note(Some(id), Event::Ended { at, how });
    }

    fn forget(&mut self, id: ConnectionId) {
        self.note(Some(id), Event::Forget);
    }

    fn remark(&mut self, id: Option<ConnectionId>, at: At, text: &str) {
        let text = self.text(text);
        self.note(id, Event::Remark { at, text });
    }

    fn pause(&mut self) {
        if !self.is_over && !self.filling.events.is_empty() {
            self.send(true);
        }
    }

    /// Also where nothing is told any more: the thread that shows has ended by itself.
    fn is_over(&self) -> bool {
        self.is_over || self.hearing.is_finished()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Writes down what it hears.
    #[derive(Default)]
    struct Notes {
        heard: Vec<String>,
        wanted: Option<usize>,
    }

    impl Hearer for Notes {
        fn opened(&mut self, id: ConnectionId, at: At, ends: &[End; 2], from_start: bool) {
            self.heard.push(format!("opened {id:?} {at:?} {ends:?} {from_start}"));
        }
        fn frame(&mut self, id: ConnectionId, place: Place, frame: Frame<'_>) {
            self.heard.push(format!("{id:?} {place:?} {frame:?}"));
        }
        fn tls(&mut self, id: ConnectionId, at: At, side: Option<Side>, title: &'static str, detail: &str) {
            self.heard.push(format!("tls {id:?} {at:?} {side:?} {title} {detail}"));
        }
        fn missing(&mut self, id: ConnectionId, at: At, side: Side, octets: Option<u64>) {
            self.heard.push(format!("missing {id:?} {at:?} {side:?} {octets:?}"));
        }
        fn ended(&mut self, id: ConnectionId, at: At, how: Ending) {
            self.heard.push(format!("ended {id:?} {at:?} {how:?}"));
        }
        fn forget(&mut self, id: ConnectionId) {
            self.heard.push(format!("forget {id:?}"));
        }
        fn remark(&mut self, id: Option<ConnectionId>, at: At, text: &str) {
            self.heard.push(format!("remark {id:?} {at:?} {text}"));
        }
        fn pause(&mut self) {
            self.heard.push("pause".to_owned());
        }
        fn is_over(&self) -> bool {
            self.wanted.is_some_and(|wanted| self.heard.len() >= wanted)
        }
    }

    fn say_everything(hearer: &mut impl Hearer) {
        let id = ConnectionId(7);
        let place = Place { at: At(3), side: Some(Side::Answerer), layer: crate::model::Layer::Tls };
        hearer.remark(None, At(1), "before all");
        hearer.opened(id, At(2), &[End::default(), End::default()], true);
        hearer.tls(id, At(2), None, "TLS", "1.3");
        hearer.frame(id, place, Frame::Header("<stream:stream>"));
        let element = "<a><b/><c/></a>";
        for _ in 0..2 * BATCH_EVENTS {
            hearer.frame(id, place, Frame::Element(Outline::new(element, 3, &[3, 7])));
        }
        hearer.frame(id, place, Frame::Space(b" \n"));
        hearer.pause();
        hearer.frame(id, place, Frame::Odd(b"\xff", Oddity::Text));
        hearer.missing(id, At(4), Side::Dialler, Some(12));
        hearer.frame(id, place, Frame::Close(b"</stream:stream>"));
        hearer.ended(id, At(5), Ending::Reset(Side::Dialler));
        hearer.remark(Some(id), At(6), "behind all");
        hearer.forget(id);
    }

    #[test]
    fn what_is_heard_on_another_thread_is_what_was_said() {
        let mut ahead = Ahead::of(Notes::default()).unwrap();
        say_everything(&mut ahead);
        let (heard, mut at_once) = (ahead.finish().heard, Notes::default());
        say_everything(&mut at_once);
        assert_eq!(heard, at_once.heard);
    }

    #[test]
    fn whoever_wants_nothing_more_ends_it() {
        let notes = Notes { wanted: Some(5), ..Notes::default() };
        let mut ahead = Ahead::of(notes).unwrap();
        while !ahead.is_over() {
            say_everything(&mut ahead);
        }
        say_everything(&mut ahead);
        assert!(ahead.finish().heard.len() >= 5);
    }
}
