//! What happened so far, as plain numbers: the owner shows them as it likes. All but the two gauges only
//! grow.

/// Counts since the start of the server.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Connections open now, signed in or not.
    pub connections: u64,
    /// Sessions bound now.
    pub sessions: u64,
    /// Connections taken in.
    pub connections_accepted: u64,
    /// Connections refused because a limit was reached, or the server is shutting down.
    pub connections_refused: u64,
    /// Streams that signed in.
    pub sign_ins: u64,
    /// Attempts to sign in that were refused.
    pub sign_in_failures: u64,
    /// Accounts made in band.
    pub registrations: u64,
    /// `<message>` stanzas from clients put into another session's queue, once for each session.
    pub messages_routed: u64,
    /// `<iq>` requests from clients, answered here or routed.
    pub iqs: u64,
    /// `<presence>` stanzas from clients.
    pub presences: u64,
    /// Check-ins taken.
    pub check_ins: u64,
    /// Stanzas that went back to their sender with an error.
    pub bounced: u64,
    /// Sessions removed because they were silent for their limit.
    pub reaped: u64,
    /// Sessions that gave way to a newer one under the same full JID.
    pub replaced: u64,
    /// Sessions cut off because they did not read what they were sent.
    pub slow_readers: u64,
}
