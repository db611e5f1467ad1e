//! Attending to one signed-in session: it reads, answers what the server asks, and gives the rest to whoever acts there.

use std::cell::Cell;
use std::io::{self, ErrorKind};
use std::rc::Rc;
use std::time::Duration;

use super::worker::Worker;
use crate::target::Speech;
use crate::wire::{Frame, Framer, Link, Stanza};

/// Whoever acts in a session.
pub(super) trait Actor {
    /// A stanza came that is no request.
    fn stanza(&self, stanza: Stanza<'_>, now: Duration);

    /// All that came at one time is told.
    fn settled(self: &Rc<Self>, _now: Duration) {}
}

/// How a session ended.
#[derive(Debug)]
pub(super) enum End {
    /// The server closed the stream in good order.
    Closed,
    /// The server closed it with a stream error: which.
    Failed(String),
    /// The connection ended without a word, or what came was no stream.
    Lost(String),
}

impl End {
    /// What all of its kind are counted under.
    pub(super) fn name(&self) -> String {
        match self {
            Self::Closed => "session: closed by the server".to_owned(),
            Self::Failed(error) => format!("session: stream error {error}"),
            Self::Lost(why) => format!("session: {why}"),
        }
    }
}

/// Until the session ends. `rest` came in with the answer that bound it.
pub(super) async fn attend<A: Actor>(worker: &Worker, link: &Rc<Link>, rest: Vec<u8>, actor: &Rc<A>) -> End {
    let end = read(worker, link, rest, actor).await;
    if let End::Closed | End::Failed(_) = end {
        // RFC 6120 §4.4: the server closed its stream, and we close ours.
        link.end_stream();
    }
    link.close();
    end
}

async fn read<A: Actor>(worker: &Worker, link: &Rc<Link>, rest: Vec<u8>, actor: &Rc<A>) -> End {
    let mut framer = Framer::default();
    let end = Cell::new(None);
    // The bare relay gives back what was written: requests too.
    let speaks_xmpp = worker.target.speech == Speech::Xmpp;
    let take = |framer: &mut Framer, bytes: &[u8]| {
        let now = worker.clock.now();
        if bytes.is_empty() {
            end.set(Some(End::Lost("the connection ended".to_owned())));
        }
        let fed = framer.feed(bytes, |frame| match frame {
            Frame::Stanza(stanza) if speaks_xmpp && is_request(stanza) => answer(link, stanza),
            Frame::Stanza(stanza) if stanza.name().ends_with(b":error") => {
                end.set(Some(End::Failed(condition(stanza))));
            }
            Frame::Stanza(stanza) => actor.stanza(stanza, now),
            Frame::Close => end.set(Some(end.take().unwrap_or(End::Closed))),
        });
        if let Err(broken) = fed {
            end.set(Some(End::Lost(broken.to_string())));
        }
        actor.settled(now);
    };
    if !rest.is_empty() {
        take(&mut framer, &rest);
        drop(rest);
    }
    loop {
        if let Some(end) = end.take() {
            return end;
        }
        let read: io::Result<()> = link.read(&worker.read_buffer, |bytes| take(&mut framer, bytes)).await;
        if let Err(error) = read {
            return End::Lost(match error.kind() {
                ErrorKind::Other => error.to_string(),
                kind => kind.to_string(),
            });
        }
    }
}

fn is_request(stanza: Stanza<'_>) -> bool {
    stanza.name() == b"iq" && (stanza.has(b"type", b"get") || stanza.has(b"type", b"set"))
}

/// Answers a ping, and refuses everything else (RFC 6120 §8.4).
fn answer(link: &Rc<Link>, request: Stanza<'_>) {
    let is_ping = request.inner(b"ping").is_some();
    let mut answer: Vec<u8> = Vec::with_capacity(256);
    answer.extend_from_slice(b"<iq type=");
    answer.extend_from_slice(if is_ping { b"'result'" } else { b"'error'" });
    for (name, from) in [(&b" id="[..], &b"id"[..]), (b" to=", b"from")] {
        if let Some(quoted) = request.attribute(from) {
            answer.extend_from_slice(name);
            answer.push(quoted.quote);
            answer.extend_from_slice(quoted.value);
            answer.push(quoted.quote);
        }
    }
    answer.extend_from_slice(if is_ping {
        b"/>"
    } else {
        b"><error type='cancel'><service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>"
    });
    link.send(&answer);
}

/// The condition of a stream error: the name of its first child.
fn condition(error: Stanza<'_>) -> String {
    let text = String::from_utf8_lossy(error.bytes());
    let child = text.split('<').nth(2).unwrap_or_default();
    child.split(|c: char| c.is_whitespace() || matches!(c, '/' | '>')).next().unwrap_or_default().to_owned()
}
