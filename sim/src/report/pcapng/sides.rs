//! The two sides of a TCP conversation that is shown: their sequence numbers, and how far each has come.

use super::{
    Layer,
    packets::{FIN, RST, SYN},
};

/// The port that all are shown to have dialled.
pub(super) const PORT_SHOWN: u16 = 5222;

/// The first port of diallers, and how many there are until they are used again.
const PORTS: (u64, u64) = (20_000, 40_000);

/// See the file's documentation.
pub(super) struct Sides {
    /// The dialler has asked, and was answered.
    pub(super) asked: bool,
    /// The dialler has said that it heard the answer.
    pub(super) opened: bool,
    reset: bool,
    dialler: Side,
    answerer: Side,
}

#[derive(Clone, Copy)]
struct Side {
    /// The number of its first packet.
    initial: u32,
    /// SYN and FIN count as one octet each.
    begun: u32,
    ended: u32,
    /// Octets that were shown.
    written: usize,
    /// Octets that the other side has read. Some may still have to be shown.
    read: usize,
    /// Whether the other side has taken its end in.
    end_seen: bool,
}

/// The dialler's port for a conversation.
pub(super) fn port(connection: u64, layer: Layer) -> u16 {
    let (first, count) = PORTS;
    let layer = u64::from(layer == Layer::Sealed);
    u16::try_from(first + (connection * 2 + layer) % count).unwrap_or(u16::MAX)
}

/// The dialler's and the answerer's, in the order of who sends.
pub(super) fn pair<T>(by_dialler: bool, (dialler, answerer): (T, T)) -> (T, T) {
    if by_dialler { (dialler, answerer) } else { (answerer, dialler) }
}

/// TCP counts modulo 2³².
fn low(octets: usize) -> u32 {
    (octets & 0xffff_ffff).try_into().unwrap_or_default()
}

impl Side {
    fn new(initial: u32) -> Self {
        Self { initial, begun: 0, ended: 0, written: 0, read: 0, end_seen: false }
    }

    /// The number of what it says next.
    fn next(&self) -> u32 {
        self.initial.wrapping_add(self.begun + self.ended).wrapping_add(low(self.written))
    }

    /// The number up to which the other side has read.
    fn acknowledged(&self) -> u32 {
        let end = if self.end_seen { self.ended } else { 0 };
        self.initial.wrapping_add(self.begun + end).wrapping_add(low(self.read.min(self.written)))
    }
}

impl Sides {
    pub(super) fn new(connection: u64) -> Self {
        let initial = low(usize::try_from(connection % 4096).unwrap_or_default()) * 1_000_000;
        Self {
            asked: false,
            opened: false,
            reset: false,
            dialler: Side::new(initial + 1000),
            answerer: Side::new(initial + 500_000),
        }
    }

    fn side(&mut self, by_dialler: bool) -> &mut Side {
        if by_dialler { &mut self.dialler } else { &mut self.answerer }
    }

    /// How many octets of one side were shown by now.
    pub(super) fn written(&self, by_dialler: bool) -> usize {
        if by_dialler { self.dialler.written } else { self.answerer.written }
    }

    /// The other side read so much of what one side wrote. Whether that is worth a packet.
    pub(super) fn read(&mut self, by_dialler: bool, octets: usize) -> bool {
        let is_open = self.is_open();
        let side = self.side(by_dialler);
        let before = side.acknowledged();
        side.read += octets;
        side.end_seen |= side.ended > 0 && side.read >= side.written;
        is_open && side.acknowledged() != before
    }

    pub(super) fn may_end(&self, by_dialler: bool) -> bool {
        let side = if by_dialler { self.dialler } else { self.answerer };
        self.asked && !self.reset && side.ended == 0
    }

    pub(super) fn is_open(&self) -> bool {
        self.asked && !self.reset
    }

    /// The numbers of a packet of one side.
    pub(super) fn send(&mut self, by_dialler: bool, flags: u8, octets: usize) -> (u32, u32) {
        let other = self.side(!by_dialler);
        if flags & FIN != 0 {
            other.end_seen |= other.ended > 0 && other.read >= other.written;
        }
        let acknowledged = if other.begun == 0 { 0 } else { other.acknowledged() };
        let side = self.side(by_dialler);
        let sequence = side.next();
        side.begun |= u32::from(flags & SYN != 0);
        side.ended |= u32::from(flags & FIN != 0);
        side.written += octets;
        self.reset |= flags & RST != 0;
        (sequence, acknowledged)
    }
}
