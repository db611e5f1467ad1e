//! [`Ear`]: listens to what is told of TLS on one connection: whether it is XMPP, what is within, and what cannot be read.

use super::connection::Connection;
use super::{guess, tls_words};
use crate::model::{At, Layer, Side};
use crate::tls::{Told, Why};
use crate::understanding::{Hearer, Place};

/// See the file's documentation.
pub(super) struct Ear<'a, H> {
    pub(super) connection: &'a mut Connection,
    pub(super) at: At,
    pub(super) hearer: &'a mut H,
    pub(super) shown: &'a mut u64,
    /// Whether there is a key log.
    pub(super) has_keys: bool,
}

impl<H: Hearer> Ear<'_, H> {
    pub(super) fn told(&mut self, side: Side, told: Told<'_>) {
        if self.connection.is_given_up {
            return;
        }
        if !self.connection.is_shown {
            match guess::by_tls(&told, self.connection.has_xmpp_port) {
                Some(true) => self.show(),
                Some(false) => {
                    self.connection.is_given_up = true;
                    return;
                }
                // Kept to be told once it is known.
                None => {
                    self.connection.hello = tls_words::words(&told).map(|words| (side, words));
                    return;
                }
            }
        }
        match told {
            Told::Plain(octets) => self.plain(side, octets),
            Told::Sealed { octets } => self.connection.sealed[side.index()] += octets as u64,
            Told::Resumed { .. } => {
                self.say(side, &told);
                self.lose_frames(side);
            }
            Told::Unreadable { why } => {
                // Without any key the rest is of no interest.
                let known = self.connection.unreadable.get_or_insert(why);
                if let Why::NoKey { .. } = why {
                    *known = why;
                }
                match why {
                    Why::NoKey { .. } if !self.has_keys => self.hearer.tls(
                        self.connection.id,
                        self.at,
                        Some(side),
                        "unreadable",
                        "no key log was given (--keys FILE)",
                    ),
                    _ => self.say(side, &told),
                }
            }
            _ => self.say(side, &told),
        }
    }

    fn show(&mut self) {
        self.connection.is_shown = true;
        *self.shown += 1;
        let Connection { id, opened_at, ends, from_start, hello, .. } = &mut *self.connection;
        self.hearer.opened(*id, *opened_at, ends, *from_start);
        if let Some((side, (title, detail))) = hello.take() {
            self.hearer.tls(*id, self.at, Some(side), title, &detail);
        }
    }

    fn say(&mut self, side: Side, told: &Told<'_>) {
        if let Some((title, detail)) = tls_words::words(told) {
            self.hearer.tls(self.connection.id, self.at, Some(side), title, &detail);
        }
    }

    fn plain(&mut self, side: Side, octets: &[u8]) {
        let (id, place) = (self.connection.id, self.place(side));
        self.connection.framers[side.index()].feed(octets, |frame| self.hearer.frame(id, place, frame));
    }

    fn lose_frames(&mut self, side: Side) {
        let (id, place) = (self.connection.id, self.place(side));
        self.connection.framers[side.index()].lost(|frame| self.hearer.frame(id, place, frame));
    }

    fn place(&self, side: Side) -> Place {
        Place { at: self.at, side: Some(side), layer: Layer::Tls }
    }
}
