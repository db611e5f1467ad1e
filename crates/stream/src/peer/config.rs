//! What either side of a peer stream is told once: who it is, limits, deadlines.

use std::time::Duration;

use chatdev_xml::Limits;
use jid::FullJid;

/// Settings of [`Peer`](super::Peer).
#[derive(Clone, Debug)]
pub struct Config {
    /// Who we are.
    pub me: FullJid,
    /// Messages that may wait for their acknowledgement; with so many, sending pauses. Default: 256.
    pub unacknowledged_max: u32,
    /// Messages given to the owner that it may not have stored yet; with so many, reading pauses. Default: 256.
    pub unstored_max: u32,
    /// How long an `<r/>` may stay unanswered. Default: 10 s.
    pub answer: Duration,
    /// From the first octet until messages may flow, extended by nothing. Default: 30 s.
    pub negotiation: Duration,
    /// How long the other side may take to answer our closing tag. Default: 5 s.
    pub closing: Duration,
    /// Limits on what is read until messages may flow. Default: [`Limits::BEFORE_SIGN_IN`].
    pub before_ready: Limits,
    /// Limits from then on. Default: [`Limits::AFTER_SIGN_IN`].
    pub after_ready: Limits,
}

impl Config {
    /// The defaults for one device.
    pub fn new(me: FullJid) -> Self {
        Self {
            me,
            unacknowledged_max: 256,
            unstored_max: 256,
            answer: Duration::from_secs(10),
            negotiation: Duration::from_secs(30),
            closing: Duration::from_secs(5),
            before_ready: Limits::BEFORE_SIGN_IN,
            after_ready: Limits::AFTER_SIGN_IN,
        }
    }
}
