//! Captures made octet by octet, whole, in pieces and damaged, and what comes out of them.

use std::io::{self, Read};

use proptest::prelude::*;

use super::*;

/// Octets that come in pieces, one by each read; after the last there is nothing more.
struct Pieces<'a>(Vec<&'a [u8]>);

impl Read for Pieces<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let Some(first) = self.0.first_mut() else { return Ok(0) };
        let octets = first.read(buffer)?;
        if first.is_empty() {
            self.0.remove(0);
        }
        Ok(octets)
    }
}

/// A number in the byte order of the capture.
#[derive(Clone, Copy)]
struct Writer(Order);

use options::Order;

impl Writer {
    fn u16(self, number: u16) -> [u8; 2] {
        if self.0 == Order::Big { number.to_be_bytes() } else { number.to_le_bytes() }
    }

    fn u32(self, number: u32) -> [u8; 4] {
        if self.0 == Order::Big { number.to_be_bytes() } else { number.to_le_bytes() }
    }

    fn classic(self, magic: u32, link: u32, packets: &[(u32, u32, &[u8], u32)]) -> Vec<u8> {
        let mut octets = self.u32(magic).to_vec();
        octets.extend([self.u16(2), self.u16(4)].concat());
        octets.extend([self.u32(0), self.u32(0), self.u32(65_535), self.u32(link)].concat());
        for (seconds, part, packet, on_wire) in packets {
            octets.extend(
                [self.u32(*seconds), self.u32(*part), self.u32(packet.len() as u32), self.u32(*on_wire)]
                    .concat(),
            );
            octets.extend(*packet);
        }
        octets
    }

    fn block(self, kind: u32, content: &[u8]) -> Vec<u8> {
        let mut octets = self.u32(kind).to_vec();
        let length = self.u32(content.len().next_multiple_of(4) as u32 + 12);
        octets.extend(length);
        octets.extend(content);
        octets.resize(octets.len().next_multiple_of(4), 0);
        octets.extend(length);
        octets
    }

    fn section(self) -> Vec<u8> {
        let content = [&self.u32(0x1a2b_3c4d)[..], &self.u16(1), &self.u16(0), &[0xff; 8]].concat();
        self.block(0x0a0d_0d0a, &content)
    }

    fn field(self, code: u16, value: &[u8]) -> Vec<u8> {
        let mut octets = [&self.u16(code)[..], &self.u16(value.len() as u16), value].concat();
        octets.resize(octets.len().next_multiple_of(4), 0);
        octets
    }

    fn interface(self, link: u16, snap: u32, options: &[Vec<u8>]) -> Vec<u8> {
        self.block(1, &[&self.u16(link)[..], &self.u16(0), &self.u32(snap), &options.concat()].concat())
    }

    fn packet(self, interface: u32, ticks: u64, octets: &[u8], options: &[Vec<u8>]) -> Vec<u8> {
        let length = self.u32(octets.len() as u32);
        let mut content =
            [self.u32(interface), self.u32((ticks >> 32) as u32), self.u32(ticks as u32), length, length]
                .concat();
        content.extend(octets);
        content.resize(content.len().next_multiple_of(4), 0);
        content.extend(options.concat());
        self.block(6, &content)
    }
}

const BIG: Writer = Writer(Order::Big);
const LITTLE: Writer = Writer(Order::Little);

/// Everything in a capture as lines, the error last.
fn lines(read: impl Read) -> Vec<String> {
    let mut lines = Vec::new();
    let mut capture = match Capture::open(read) {
        Ok(capture) => capture,
        Err(error) => return vec![error.to_string()],
    };
    loop {
        match capture.record() {
            Ok(Some(Record::Wait)) => {}
            Ok(Some(record)) => lines.push(line(&record)),
            Ok(None) => return lines,
            Err(error) => lines.push(error.to_string()),
        }
    }
}

fn line(record: &Record<'_>) -> String {
    match record {
        Record::Packet(packet) => {
            let comments: Vec<_> = packet.comments.clone().collect();
            let text = String::from_utf8_lossy(packet.octets);
            format!(
                "{} {} {text} of {}{}",
                packet.at.0,
                packet.link.0,
                packet.octets_on_wire,
                comments.concat()
            )
        }
        Record::Names(names) => names.clone().map(|(address, name)| format!("{address} {name};")).collect(),
        Record::Secrets(octets) => format!("secrets {}", String::from_utf8_lossy(octets)),
        Record::Wait => "wait".to_owned(),
    }
}

#[test]
fn a_classic_capture_is_read_in_either_byte_order_and_either_unit() {
    let packets: [(u32, u32, &[u8], u32); 2] =
        [(1_700_000_000, 5, b"romeo", 5), (1_700_000_001, 999, b"jul", 6)];
    for writer in [BIG, LITTLE] {
        let micro = writer.classic(0xa1b2_c3d4, 1, &packets);
        assert_eq!(lines(&micro[..]), ["1700000000000005000 1 romeo of 5", "1700000001000999000 1 jul of 6"]);
        let nano = writer.classic(0xa1b2_3c4d, 0x1000_0071, &packets);
        assert_eq!(
            lines(&nano[..]),
            ["1700000000000000005 113 romeo of 5", "1700000001000000999 113 jul of 6"]
        );
    }
}

#[test]
fn a_modified_capture_has_longer_headers() {
    let mut capture = LITTLE.classic(0xa1b2_cd34, 1, &[]);
    capture.extend([1, 2, 3, 3].map(u32::to_le_bytes).concat());
    capture.extend(b"????????abc");
    assert_eq!(lines(&capture[..]), ["1000002000 1 abc of 3"]);
}

/// Two sections of different byte order, with everything that matters and much that does not.
fn sections() -> (Vec<u8>, Vec<&'static str>) {
    let (l, b) = (LITTLE, BIG);
    let ipv4 = l.field(1, b"\xc0\x00\x02\x01romeo.example\0second.example\0");
    let ipv6 = l.field(2, b"\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x05juliet.example\0");
    let capture = [
        l.section(),
        l.interface(1, 0, &[l.field(2, b"eth0"), l.field(9, &[9]), l.field(0, b"")]),
        l.interface(101, 4, &[l.field(9, &[0x80 | 10]), l.field(14, &2_i64.to_le_bytes())]),
        l.block(4, &[ipv4, ipv6, l.field(9, b"?"), l.field(0, b"")].concat()),
        l.block(10, &[&l.u32(0x544c_534b)[..], &l.u32(5), b"key=1"].concat()),
        l.block(10, &[&l.u32(0x5747_4b4c)[..], &l.u32(5), b"other"].concat()),
        l.packet(
            0,
            77,
            b"to eth",
            &[l.field(1, b" first,"), l.field(2, &[0, 0, 0, 0]), l.field(1, b" \xff")],
        ),
        l.packet(1, 512, b"raw", &[]),
        l.block(5, &[0; 12]),
        l.block(0xbad, b"who knows"),
        l.block(3, &[&l.u32(4)[..], b"none"].concat()),
        l.block(
            2,
            &[&l.u16(1)[..], &l.u16(9), &l.u32(0), &l.u32(1024), &l.u32(3), &l.u32(9), b"old"].concat(),
        ),
        b.section(),
        b.interface(113, 2, &[b.field(14, &(-1_i64).to_be_bytes())]),
        b.packet(0, 3_000_001, b"cooked", &[b.field(1, b" second")]),
        b.block(3, &[&b.u32(9)[..], b"short..."].concat()),
    ];
    let lines = vec![
        "192.0.2.1 romeo.example;2001:db8::5 juliet.example;",
        "secrets key=1",
        "77 1 to eth of 6 first, \u{fffd}",
        "2500000000 101 raw of 3",
        "0 1 none of 4",
        "3000000000 101 old of 9",
        "2000001000 113 cooked of 6 second",
        "0 113 sh of 9",
    ];
    (capture.concat(), lines)
}

#[test]
fn sections_have_their_own_byte_order_interfaces_and_clocks() {
    let (capture, expected) = sections();
    assert_eq!(lines(&capture[..]), expected);
}

#[test]
fn a_packet_comes_out_as_soon_as_its_octets_are_there_and_a_wait_before_each_read() {
    let (capture, _) = sections();
    let classic = LITTLE.classic(0xa1b2_c3d4, 1, &[(1, 0, b"romeo", 5), (2, 0, b"juliet", 6)]);
    let ends = [24 + 16 + 5, classic.len()];
    let mut reader = Capture::open(Pieces(vec![&classic[..30], &classic[30..ends[0]], &classic[ends[0]..]]))
        .expect("a capture");
    let mut seen = Vec::new();
    while let Some(record) = reader.record().expect("an undamaged capture") {
        seen.push(line(&record));
    }
    let [romeo, juliet] = ["1000000000 1 romeo of 5", "2000000000 1 juliet of 6"];
    assert_eq!(seen, ["wait", romeo, "wait", juliet, "wait"]);
    let single: Vec<&[u8]> = capture.chunks(1).collect();
    assert_eq!(lines(Pieces(single)), sections().1);
}

#[test]
fn a_capture_that_ends_within_a_packet_says_where_and_how_much_is_there() {
    let classic = LITTLE.classic(0xa1b2_c3d4, 1, &[(1, 0, b"romeo", 5), (2, 0, b"juliet", 6)]);
    let cut = lines(&classic[..classic.len() - 4]);
    let error = "the capture ends within a packet that begins at octet 45: expected 22 octets, found 18; everything before was read";
    assert_eq!(cut, ["1000000000 1 romeo of 5", error]);
    let (capture, _) = sections();
    let error = "the capture ends within a block that begins at octet 584: expected 24 octets, found 23; everything before was read";
    assert_eq!(lines(&capture[..capture.len() - 1]).last().map(String::as_str), Some(error));
}

#[test]
fn damage_is_told_with_its_place_and_after_what_is_whole() {
    let damaged = |at: usize, octets: &[u8]| {
        let mut capture =
            [LITTLE.section(), LITTLE.interface(1, 0, &[]), LITTLE.packet(0, 1, b"abcd", &[])].concat();
        let length = capture.len();
        capture.extend(LITTLE.packet(0, 2, b"efgh", &[]));
        capture[length + at..length + at + octets.len()].copy_from_slice(octets);
        let mut lines = lines(&capture[..]);
        assert_eq!(lines.remove(0), "1000 1 abcd of 4");
        lines.join("\n")
    };
    for (at, octets, error) in [
        (4, &[35, 0, 0, 0], "expected a block's length: a multiple of 4, at least 12, found 35"),
        (4, &[8, 0, 0, 0], "expected a block's length: a multiple of 4, at least 12, found 8"),
        (
            8,
            &[1, 0, 0, 0],
            "expected a packet of an interface that was described before it, found interface 1 where 1 are described",
        ),
        (
            20,
            &[9, 0, 0, 0],
            "expected a block as long as what it says it holds, found 9 octets in a block with room for 4",
        ),
        (
            32,
            &[1, 0, 0, 0],
            "expected the same length before and after a block's content, found a block of 36 octets that says 1 at its end",
        ),
    ] {
        assert_eq!(
            damaged(at, octets),
            format!("the capture is damaged at octet 84: {error}; everything before was read")
        );
    }
    let error = "the capture has a block of 4294967292 octets at octet 84, which is more than 16777216; it is damaged, or not meant to be read here";
    assert_eq!(damaged(4, &[0xfc, 0xff, 0xff, 0xff]), error);
}

#[test]
fn garbage_after_a_classic_packet_is_told() {
    let mut classic = BIG.classic(0xa1b2_c3d4, 1, &[(1, 0, b"romeo", 5)]);
    classic.extend([0xee; 40]);
    let error = "the capture has a packet of 4008636142 octets at octet 45, which is more than 262144; it is damaged, or not meant to be read here";
    assert_eq!(lines(&classic[..]), ["1000000000 1 romeo of 5", error]);
}

#[test]
fn other_files_are_told_by_their_first_octets() {
    assert_eq!(
        lines(&b""[..]),
        [
            "expected a capture (pcap or pcapng), found nothing at all; is the capturing program running, with the rights that it needs?"
        ]
    );
    assert_eq!(lines(&b"ab"[..]), ["expected a capture (pcap or pcapng), found no more than 2 octets"]);
    assert_eq!(lines(&b"<xml"[..]), ["expected a capture (pcap or pcapng), found the octets 3c 78 6d 6c"]);
    let gzip =
        "expected a capture (pcap or pcapng), found a gzip file; unpack it on the way in (`gunzip -c FILE`)";
    assert_eq!(lines(&b"\x1f\x8b\x08\0"[..]), [gzip]);
}

#[test]
fn a_failing_read_is_told_and_an_interrupted_one_is_not() {
    struct Failing(Vec<io::ErrorKind>);
    impl Read for Failing {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(self.0.remove(0).into())
        }
    }
    let classic = LITTLE.classic(0xa1b2_c3d4, 1, &[(1, 0, b"romeo", 5)]);
    let failing = Failing(vec![io::ErrorKind::Interrupted, io::ErrorKind::BrokenPipe]);
    assert_eq!(
        lines((&classic[..]).chain(failing)),
        ["1000000000 1 romeo of 5", "reading the capture failed at octet 45"]
    );
}

#[test]
fn a_large_block_makes_the_buffer_grow() {
    let large = vec![b'x'; 3_000_000];
    let capture = [
        LITTLE.section(),
        LITTLE.interface(1, 0, &[]),
        LITTLE.packet(0, 1, &large, &[]),
        LITTLE.packet(0, 2, b"y", &[]),
    ]
    .concat();
    let lines = lines(&capture[..]);
    assert_eq!(lines[0].len(), "1000 1  of 3000000".len() + large.len());
    assert_eq!(lines[1..], ["2000 1 y of 1"]);
}

proptest! {
    #[test]
    fn a_capture_cut_anywhere_gives_what_is_before_and_at_most_one_error(share in 0.0..1.0_f64, piece in 1..100_usize) {
        let (capture, expected) = sections();
        let cut = &capture[..(capture.len() as f64 * share) as usize];
        let mut lines = lines(Pieces(cut.chunks(piece).collect()));
        if lines.last().is_some_and(|last| last.contains("capture")) {
            lines.pop();
        }
        prop_assert_eq!(&lines[..], &expected[..lines.len()]);
    }

    #[test]
    fn a_capture_damaged_anywhere_ends(places in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6)) {
        let (mut capture, _) = sections();
        for (place, octet) in places {
            let place = place.index(capture.len());
            capture[place] = octet;
        }
        prop_assert!(lines(&capture[..]).len() < 20);
    }
}
