//! What was passed over or given up, counted.

use std::fmt;

/// What reassembly passed over or gave up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Oddities {
    /// Segments that belong to no connection and open none.
    pub stray: u64,
    /// Segments of connections that had ended.
    pub late: u64,
    /// Segments whose numbers are far from any window of their connection.
    pub absurd: u64,
    /// Resets outside the window, which a receiver ignores too (RFC 5961 §3).
    pub resets_ignored: u64,
    /// Octets that came again.
    pub repeated_octets: u64,
    /// Octets behind the end of what their side said.
    pub octets_after_end: u64,
    /// Octets before the first that was seen of a connection which was open already.
    pub octets_before_start: u64,
    /// Gaps told missing because more could not be held.
    pub gaps_forced: u64,
    /// Connections abandoned because there were too many.
    pub crowded_out: u64,
}

impl fmt::Display for Oddities {
    /// A list for people; empty if there was nothing. What every network does (octets that come again, strays) is left out.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut comma = "";
        for (count, one, many) in [
            (self.crowded_out, "connection abandoned to make room", "connections abandoned to make room"),
            (self.gaps_forced, "gap given up to make room", "gaps given up to make room"),
            (
                self.absurd,
                "segment with numbers outside any window",
                "segments with numbers outside any window",
            ),
            (self.resets_ignored, "reset outside the window", "resets outside the window"),
            (self.octets_after_end, "octet after the end of its side", "octets after the end of their side"),
            (
                self.octets_before_start,
                "octet before the first that was seen",
                "octets before the first that was seen",
            ),
        ] {
            if count > 0 {
                write!(f, "{comma}{count} {}", if count == 1 { one } else { many })?;
                comma = ", ";
            }
        }
        Ok(())
    }
}
