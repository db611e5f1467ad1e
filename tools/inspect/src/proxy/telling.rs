//! Happenings on their way from the relaying thread to the listener's: a bounded channel.

use std::net::SocketAddr;

use tokio::sync::mpsc;

use super::HAPPENINGS_WAITING_MAX;
use super::clock::Clock;
use crate::model::{At, ConnectionId, End, Ending, Happening, Layer, Listener, Side};

pub(super) fn channel() -> (Teller, mpsc::Receiver<Told>) {
    let (sender, receiver) = mpsc::channel(HAPPENINGS_WAITING_MAX);
    (Teller { sender, clock: Clock::new() }, receiver)
}

/// A happening that borrows nothing.
#[derive(Debug)]
pub(super) struct Told {
    at: At,
    id: Option<ConnectionId>,
    what: What,
}

#[derive(Debug)]
enum What {
    Opened(Box<[End; 2]>),
    Octets(Side, Layer, Vec<u8>),
    Ended(Ending),
    Remark(String),
    /// Nothing: the listener may look around.
    Nothing,
}

impl Told {
    pub(super) fn tell(&self, listener: &mut impl Listener) {
        let at = self.at;
        let happening = match (&self.what, self.id) {
            (What::Nothing, _) => return,
            (What::Remark(text), id) => Happening::Remark { at, id, text },
            (What::Opened(ends), Some(id)) => Happening::Opened { at, id, ends, from_start: true },
            (What::Octets(side, layer, octets), Some(id)) => {
                Happening::Octets { at, id, side: *side, layer: *layer, octets }
            }
            (What::Ended(how), Some(id)) => Happening::Ended { at, id, how: *how },
            (_, None) => return,
        };
        listener.take(happening);
    }
}

/// Tells what is about no connection.
#[derive(Clone, Debug)]
pub(super) struct Teller {
    sender: mpsc::Sender<Told>,
    clock: Clock,
}

impl Teller {
    pub(super) async fn remark(&self, text: String) {
        self.tell(None, What::Remark(text)).await;
    }

    /// Wakes a listener that waits: it may want nothing more. One that is busy looks by itself.
    pub(super) fn wake(&self) {
        let _ = self.sender.try_send(Told { at: self.clock.now(), id: None, what: What::Nothing });
    }

    /// For one connection.
    pub(super) fn voice(&self, id: ConnectionId) -> Voice {
        Voice { teller: self.clone(), id }
    }

    /// A listener that is gone has panicked, and the program is about to end.
    async fn tell(&self, id: Option<ConnectionId>, what: What) {
        let told = Told { at: self.clock.now(), id, what };
        let _ = self.sender.send(told).await;
    }
}

/// Tells what happens on one connection.
#[derive(Debug)]
pub(super) struct Voice {
    teller: Teller,
    id: ConnectionId,
}

impl Voice {
    pub(super) async fn opened(&self, client: SocketAddr, server: End) {
        let client = End { address: Some(client), name: None };
        self.teller.tell(Some(self.id), What::Opened(Box::new([client, server]))).await;
    }

    pub(super) async fn ended(&self, how: Ending) {
        self.teller.tell(Some(self.id), What::Ended(how)).await;
    }

    pub(super) async fn remark(&self, text: String) {
        self.teller.tell(Some(self.id), What::Remark(text)).await;
    }

    /// Waits until something can be told. Given up while it waits, nothing is lost.
    pub(super) async fn turn(&self) -> Turn<'_> {
        Turn { permit: self.teller.sender.reserve().await.ok(), voice: self }
    }
}

/// A place in the channel.
#[derive(Debug)]
pub(super) struct Turn<'a> {
    permit: Option<mpsc::Permit<'a, Told>>,
    voice: &'a Voice,
}

impl Turn<'_> {
    pub(super) fn octets(self, side: Side, layer: Layer, octets: &[u8]) {
        self.tell(What::Octets(side, layer, octets.to_vec()));
    }

    pub(super) fn ended(self, how: Ending) {
        self.tell(What::Ended(how));
    }

    fn tell(self, what: What) {
        if let Some(permit) = self.permit {
            permit.send(Told { at: self.voice.teller.clock.now(), id: Some(self.voice.id), what });
        }
    }
}
