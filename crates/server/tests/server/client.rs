//! One scripted client: its end of the stream, the server's, and the pipe between them.

use std::collections::VecDeque;
use std::time::Duration;

use chatdev_server::Connection;
use chatdev_stream::initiating::{self, Event};
use chatdev_stream::{Closed, Initiating};
use chatdev_xml::Element;
use jid::FullJid;

/// See the file's documentation.
pub(crate) struct Client {
    pub(crate) jid: FullJid,
    pub(crate) connection: Connection,
    pub(crate) initiating: Option<Initiating>,
    /// Sent, and not yet brought to the server.
    pub(crate) to_server: Vec<u8>,
    /// Everything that the server wrote, as text.
    pub(crate) heard: String,
    /// Stanzas that were not asked for yet.
    pub(crate) inbox: VecDeque<Element>,
    /// How the stream ended, as the client sees it.
    pub(crate) closed: Option<Closed>,
    pub(crate) failed: Option<initiating::Failure>,
    /// Whether it reads what it is sent; if not, it stays in the server's queue.
    pub(crate) reads: bool,
    /// Whether what it sends gets through; if not, it waits until somebody looks at the socket.
    pub(crate) arrives: bool,
    /// Its stream is over in the server; until when the server waits for it to read that.
    pub(crate) parting: Option<Duration>,
    pub(crate) gone: bool,
}

impl Client {
    pub(crate) fn new(jid: FullJid, connection: Connection) -> Self {
        Self {
            jid,
            connection,
            initiating: None,
            to_server: Vec::new(),
            heard: String::new(),
            inbox: VecDeque::new(),
            closed: None,
            failed: None,
            reads: true,
            arrives: true,
            parting: None,
            gone: false,
        }
    }

    pub(crate) fn hear(&mut self, now: Duration, mut bytes: &[u8]) {
        self.heard.push_str(str::from_utf8(bytes).expect("these tests cut no character in two"));
        while let Some(initiating) = &mut self.initiating
            && !bytes.is_empty()
        {
            let before = bytes.len();
            initiating.handle_bytes(now, &mut bytes);
            self.take_events();
            assert!(bytes.len() < before, "the client does not read on");
        }
    }

    pub(crate) fn take_events(&mut self) {
        let Some(initiating) = &mut self.initiating else { return };
        while let Some(event) = initiating.poll_event() {
            match event {
                Event::Bound(jid) => self.jid = jid,
                Event::Element(element) => self.inbox.push_back(element),
                Event::Closed(closed) => self.closed = Some(closed),
                Event::Failed(failure) => self.failed = Some(failure),
                Event::StartTls | Event::Registered | Event::SignedIn { .. } | Event::KeepAlive => {}
            }
        }
    }
}
