//! What was not read, and why, counted.

use std::fmt;

/// Why a packet is no TCP segment that can be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Skip {
    /// Its link type is not known here.
    Link,
    /// It is not IP (ARP, for example).
    NotIp,
    /// It is IP but not TCP.
    NotTcp,
    /// It is a fragment of an IP packet.
    Fragment,
    /// The capture's snap length cut off what had to be read.
    Cut,
    /// Its headers contradict themselves.
    Damaged,
}

/// How many packets were not read, or not in full, by reason.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Skipped {
    /// Packets with a link type that is not known here.
    pub link: u64,
    /// Packets that are not IP.
    pub not_ip: u64,
    /// IP packets that are not TCP.
    pub not_tcp: u64,
    /// IP fragments.
    pub fragments: u64,
    /// Packets of which the snap length left less than their headers.
    pub cut: u64,
    /// Packets whose headers contradict themselves.
    pub damaged: u64,
    /// Segments that were read but lack the end of what they carried, for the same reason as `cut`.
    pub payload_cut: u64,
}

impl Skipped {
    /// Counts a packet.
    pub fn count(&mut self, why: Skip) {
        *match why {
            Skip::Link => &mut self.link,
            Skip::NotIp => &mut self.not_ip,
            Skip::NotTcp => &mut self.not_tcp,
            Skip::Fragment => &mut self.fragments,
            Skip::Cut => &mut self.cut,
            Skip::Damaged => &mut self.damaged,
        } += 1;
    }

    /// Whether something may be missing that belongs to what is inspected: everything but other protocols.
    #[must_use]
    pub fn may_matter(&self) -> bool {
        [self.link, self.fragments, self.cut, self.damaged, self.payload_cut].iter().any(|count| *count > 0)
    }
}

impl fmt::Display for Skipped {
    /// A list for people, the weightiest first; empty if nothing was skipped.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut comma = "";
        for (count, one, many) in [
            (
                self.payload_cut,
                "segment cut by the capture's snap length",
                "segments cut by the capture's snap length",
            ),
            (
                self.cut,
                "packet cut within its headers by the snap length",
                "packets cut within their headers by the snap length",
            ),
            (self.fragments, "IP fragment (not put together)", "IP fragments (not put together)"),
            (self.damaged, "packet with damaged headers", "packets with damaged headers"),
            (
                self.link,
                "packet of a link type that is not known here",
                "packets of a link type that is not known here",
            ),
            (self.not_tcp, "packet other than TCP", "packets other than TCP"),
            (self.not_ip, "packet other than IP", "packets other than IP"),
        ] {
            if count > 0 {
                write!(f, "{comma}{count} {}", if count == 1 { one } else { many })?;
                comma = ", ";
            }
        }
        Ok(())
    }
}
