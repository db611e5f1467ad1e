//! From a capture to happenings: `capture`, `packet` and `tcp` in a row.

use std::io::Read;

use crate::capture::{Capture, CaptureError, Packet, Record};
use crate::model::{Happening, Listener};
use crate::packet::{Segment, Skipped};
use crate::tcp::Reassembly;

/// Why telling stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Told {
    /// Everything that is there was told; to go on is to read, and may block. Who has something to flush does it now.
    Waits,
    /// The capture is over. [`Reassembly::finish`] is the caller's: another capture may follow.
    All,
}

/// Tells what is in a capture until more of it has to be read.
///
/// # Errors
///
/// If the capture cannot be read further; everything before was told, and [`Reassembly::finish`] tells what it held.
pub fn tell<R: Read, L: Listener>(
    capture: &mut Capture<R>,
    reassembly: &mut Reassembly,
    skipped: &mut Skipped,
    listener: &mut L,
) -> Result<Told, CaptureError> {
    loop {
        match capture.record()? {
            Some(Record::Packet(packet)) => take(&packet, reassembly, skipped, listener),
            Some(Record::Names(names)) => names.for_each(|(address, name)| reassembly.name(address, &name)),
            Some(Record::Secrets(octets)) => listener.secrets(octets),
            Some(Record::Wait) => return Ok(Told::Waits),
            None => return Ok(Told::All),
        }
    }
}

/// A packet: its comments, then what it does.
fn take<L: Listener>(
    packet: &Packet<'_>,
    reassembly: &mut Reassembly,
    skipped: &mut Skipped,
    listener: &mut L,
) {
    let segment = Segment::read(packet.link, packet.octets, packet.octets_on_wire);
    for comment in packet.comments.clone() {
        let id = segment.as_ref().ok().and_then(|segment| reassembly.connection_of(segment));
        listener.take(Happening::Remark { at: packet.at, id, text: &comment });
    }
    match segment {
        Ok(segment) => {
            skipped.payload_cut += u64::from(segment.is_cut());
            reassembly.take(packet.at, &segment, listener);
        }
        Err(why) => skipped.count(why),
    }
}

#[cfg(test)]
mod tests {
    use etherparse::PacketBuilder;

    use super::*;
    use crate::tcp::Limits;

    fn block(kind: u32, content: &[u8]) -> Vec<u8> {
        let length = content.len() as u32 + 12;
        [&kind.to_le_bytes()[..], &length.to_le_bytes(), content, &length.to_le_bytes()].concat()
    }

    /// An enhanced packet block: a segment, with a comment of four octets.
    fn packet(seq: u32, syn: bool, payload: &[u8], comment: &[u8; 4]) -> Vec<u8> {
        let step = PacketBuilder::ethernet2([1; 6], [2; 6]).ipv4([192, 0, 2, 1], [192, 0, 2, 2], 64);
        let step = step.tcp(40_000, 5_222, seq, 1_024);
        let step = if syn { step.syn() } else { step };
        let mut octets = Vec::new();
        step.write(&mut octets, payload).expect("a vector takes all");
        let length = octets.len() as u32;
        octets.resize(octets.len().next_multiple_of(4), 0);
        let header = [0, 0, 1_000, length, length].map(u32::to_le_bytes).concat();
        block(6, &[&header[..], &octets, &[1, 0, 4, 0], comment].concat())
    }

    /// Writes down what it is told.
    #[derive(Default)]
    struct Notes(Vec<String>);

    impl Listener for Notes {
        fn take(&mut self, happening: Happening<'_>) {
            self.0.push(match happening {
                Happening::Opened { ends, .. } => format!("opened by {}", ends[0]),
                Happening::Octets { octets, .. } => format!("said {}", String::from_utf8_lossy(octets)),
                Happening::Remark { id, text, .. } => format!("remark on {:?} {text}", id.map(|id| id.0)),
                other => format!("{other:?}"),
            });
        }

        fn secrets(&mut self, log: &[u8]) {
            self.0.push(format!("secrets {}", String::from_utf8_lossy(log)));
        }
    }

    #[test]
    fn comments_come_before_what_their_packets_do_and_secrets_before_what_follows_them() {
        let capture = [
            block(0x0a0d_0d0a, &[&0x1a2b_3c4d_u32.to_le_bytes()[..], &[1, 0, 0, 0], &[0xff; 8]].concat()),
            block(1, &[1, 0, 0, 0, 0, 0, 0, 0]),
            block(4, b"\x01\0\x10\0\xc0\0\x02\x01romeo.local\0\0\0\0\0"),
            packet(9, true, b"", b"dial"),
            block(10, &[&0x544c_534b_u32.to_le_bytes()[..], &4_u32.to_le_bytes(), b"keys"].concat()),
            packet(10, false, b"hi", b"said"),
            block(6, &[[0, 0, 0, 4, 4].map(u32::to_le_bytes).concat(), vec![0; 4]].concat()),
        ];
        let capture = capture.concat();
        let mut reader = Capture::open(&capture[..]).expect("a capture");
        let (mut reassembly, mut skipped) = (Reassembly::new(Limits::default()), Skipped::default());
        let mut notes = Notes::default();
        let mut tell = || tell(&mut reader, &mut reassembly, &mut skipped, &mut notes).expect("no damage");
        assert_eq!([tell(), tell()], [Told::Waits, Told::All]);
        assert_eq!(skipped, Skipped { damaged: 1, ..Skipped::default() });
        assert_eq!(
            notes.0,
            [
                "remark on None dial",
                "opened by romeo.local:40000",
                "secrets keys",
                "remark on Some(1) said",
                "said hi"
            ]
        );
    }
}
