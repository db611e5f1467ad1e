//! What reassembly may hold, and how long it waits; and what it holds.

/// What reassembly may hold, and how long it waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Connections that are open. One more, and the one that was silent longest is abandoned.
    pub connections: usize,
    /// Connections that have ended and are remembered, so that what comes late does not look like new ones.
    pub ended: usize,
    /// How long an ended connection is remembered, in nanoseconds.
    pub ended_ns: u64,
    /// Octets held for one side of a connection because others are to come before them. At the limit, those others are
    /// told missing.
    pub octets_per_side: usize,
    /// The same in segments.
    pub segments_per_side: usize,
    /// The same as `octets_per_side`, for all connections together. At the limit, who wants to hold more gives up waiting.
    pub octets: usize,
    /// The same in segments.
    pub segments: usize,
    /// Where the receiver acknowledged what is not in the capture: after how many further segments of the connection
    /// that is told missing. Captures sometimes have an acknowledgement before what it acknowledges.
    pub grace_segments: u32,
    /// The same in nanoseconds; whichever comes first.
    pub grace_ns: u64,
    /// Octets remembered, for all connections together, to see whether what is sent again is what was sent before.
    pub compared_octets: usize,
    /// Addresses whose names are remembered. Further ones stay without.
    pub names: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 65_536,
            ended: 16_384,
            ended_ns: 60_000_000_000,
            octets_per_side: 4 << 20,
            segments_per_side: 2_048,
            octets: 64 << 20,
            segments: 65_536,
            grace_segments: 8,
            grace_ns: 50_000_000,
            compared_octets: 8 << 20,
            names: 65_536,
        }
    }
}

/// What is held at the moment, for all connections together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Holding {
    /// Octets that wait for others to come before them.
    pub octets: usize,
    /// The segments that they came in, or parts of them.
    pub segments: usize,
}
