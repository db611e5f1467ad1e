//! Packets of every kind of link, whole and cut, and what is read of them.

use etherparse::{
    IpFragOffset, IpHeaders, IpNumber, Ipv4Header, Ipv6Extensions, Ipv6FragmentHeader, Ipv6Header,
    Ipv6RawExtHeader,
};
use etherparse::{PacketBuilder, PacketBuilderStep, TcpHeader, VlanId};
use proptest::prelude::*;

use super::*;

const ROMEO: [u8; 4] = [192, 0, 2, 1];
const JULIET: [u8; 4] = [198, 51, 100, 5];
const ROMEO6: [u8; 16] = [0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1];
const JULIET6: [u8; 16] = [0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 5];

/// A segment from Romeo to Juliet, in whatever the builder has made so far.
fn tcp(step: PacketBuilderStep<IpHeaders>) -> Vec<u8> {
    let step = step.tcp(40_000, 5_222, 7, 1_024).ack(9).psh();
    let mut octets = Vec::new();
    step.write(&mut octets, b"<presence/>").expect("a vector takes all");
    octets
}

fn ipv4() -> Vec<u8> {
    tcp(PacketBuilder::ipv4(ROMEO, JULIET, 64))
}

fn ipv6() -> Vec<u8> {
    tcp(PacketBuilder::ipv6(ROMEO6, JULIET6, 64))
}

fn ethernet() -> Vec<u8> {
    tcp(PacketBuilder::ethernet2([1; 6], [2; 6]).ipv4(ROMEO, JULIET, 64))
}

/// Reads a packet that was captured whole.
fn read(link: LinkType, octets: &[u8]) -> Result<Segment<'_>, Skip> {
    Segment::read(link, octets, octets.len() as u32)
}

#[track_caller]
fn assert_reads(link: LinkType, octets: &[u8]) {
    let segment = read(link, octets).expect("a segment");
    let version = if segment.from.is_ipv4() {
        [ROMEO.into(), JULIET.into()]
    } else {
        [IpAddr::from(ROMEO6), JULIET6.into()]
    };
    let expected = Segment {
        from: (version[0], 40_000).into(),
        to: (version[1], 5_222).into(),
        seq: 7,
        ack: 9,
        flags: Flags { ack: true, ..Flags::default() },
        payload: b"<presence/>",
        payload_octets_on_wire: 11,
    };
    assert_eq!(segment, expected);
}

use std::net::IpAddr;

#[test]
fn every_kind_of_link_is_unwrapped() {
    assert_reads(LinkType::ETHERNET, &ethernet());
    assert_reads(
        LinkType::ETHERNET,
        &tcp(PacketBuilder::ethernet2([1; 6], [2; 6]).ipv6(ROMEO6, JULIET6, 64)),
    );
    for raw in [LinkType::RAW, LinkType::RAW_BSD, LinkType::RAW_OPENBSD, LinkType::IPV4, LinkType::IPV6] {
        assert_reads(raw, &ipv4());
        assert_reads(raw, &ipv6());
    }
    let cooked = [&[0, 0, 0, 1, 0, 6, 1, 2, 3, 4, 5, 6, 0, 0, 8, 0][..], &ipv4()].concat();
    assert_reads(LinkType::LINUX_SLL, &cooked);
    let cooked = [&[0x86, 0xdd, 0, 0, 0, 0, 0, 2, 0, 1, 0, 6, 1, 2, 3, 4, 5, 6, 0, 0][..], &ipv6()].concat();
    assert_reads(LinkType::LINUX_SLL2, &cooked);
    for (family, packet) in
        [([2, 0, 0, 0], ipv4()), ([0, 0, 0, 2], ipv4()), ([30, 0, 0, 0], ipv6()), ([0, 0, 0, 24], ipv6())]
    {
        assert_reads(LinkType::NULL, &[&family[..], &packet].concat());
        assert_reads(LinkType::LOOP, &[&family[..], &packet].concat());
    }
}

#[test]
fn tags_of_virtual_networks_are_looked_through() {
    let id = |id| VlanId::try_new(id).expect("twelve bits");
    let ethernet = || PacketBuilder::ethernet2([1; 6], [2; 6]);
    assert_reads(LinkType::ETHERNET, &tcp(ethernet().single_vlan(id(7)).ipv4(ROMEO, JULIET, 64)));
    assert_reads(LinkType::ETHERNET, &tcp(ethernet().double_vlan(id(7), id(8)).ipv6(ROMEO6, JULIET6, 64)));
    let mut endless = [0; 12].to_vec();
    endless.extend([0x81, 0, 0, 1].repeat(20));
    assert_eq!(read(LinkType::ETHERNET, &endless), Err(Skip::NotIp));
}

#[test]
fn options_and_extension_headers_are_looked_through() {
    let mut header = Ipv4Header::new(0, 64, IpNumber::TCP, ROMEO, JULIET).expect("a short payload");
    header.options = (&[1, 1, 1, 0][..]).try_into().expect("four octets of options");
    assert_reads(
        LinkType::RAW,
        &tcp(PacketBuilder::ip(IpHeaders::Ipv4(header, etherparse::Ipv4Extensions::default()))),
    );
    let hop_by_hop = Ipv6RawExtHeader::new_raw(IpNumber::TCP, &[5, 2, 0, 0, 1, 0]).expect("six octets");
    let extensions = Ipv6Extensions { hop_by_hop_options: Some(hop_by_hop), ..Ipv6Extensions::default() };
    assert_reads(LinkType::RAW, &tcp(PacketBuilder::ip(IpHeaders::Ipv6(ipv6_header(), extensions))));
}

fn ipv6_header() -> Ipv6Header {
    Ipv6Header { source: ROMEO6, destination: JULIET6, hop_limit: 64, ..Ipv6Header::default() }
}

#[test]
fn padding_behind_the_packet_is_no_payload() {
    let mut padded = ethernet();
    padded.extend([0; 10]);
    assert_reads(LinkType::ETHERNET, &padded);
}

#[test]
fn a_packet_too_large_for_its_length_field_is_as_long_as_it_was_captured() {
    let mut packet = ipv4();
    packet[2..4].fill(0);
    assert_reads(LinkType::RAW, &packet);
    let segment = Segment::read(LinkType::RAW, &packet, packet.len() as u32 + 70_000).expect("a segment");
    assert_eq!((segment.payload, segment.payload_octets_on_wire), (&b"<presence/>"[..], 70_011));
}

#[test]
fn a_cut_packet_says_how_much_it_carried() {
    let packet = ethernet();
    let on_wire = packet.len() as u32;
    for kept in 0..packet.len() {
        let segment = Segment::read(LinkType::ETHERNET, &packet[..kept], on_wire);
        if kept < packet.len() - 11 {
            assert_eq!(segment, Err(Skip::Cut), "{kept} octets kept");
        } else {
            let segment = segment.expect("a segment whose headers are whole");
            assert_eq!(
                (segment.payload.len(), segment.payload_octets_on_wire),
                (kept + 11 - packet.len(), 11)
            );
            assert!(segment.is_cut());
        }
    }
}

#[test]
fn what_is_not_read_is_counted_by_reason() {
    let mut fragment = Ipv4Header::new(0, 64, IpNumber::TCP, ROMEO, JULIET).expect("a short payload");
    fragment.fragment_offset = IpFragOffset::try_new(8).expect("thirteen bits");
    let fragment = tcp(PacketBuilder::ip(IpHeaders::Ipv4(fragment, etherparse::Ipv4Extensions::default())));
    let later = Ipv6FragmentHeader::new(IpNumber::TCP, IpFragOffset::ZERO, true, 5);
    let extensions = Ipv6Extensions { fragment: Some(later), ..Ipv6Extensions::default() };
    let fragment6 = tcp(PacketBuilder::ip(IpHeaders::Ipv6(ipv6_header(), extensions)));
    let mut udp = Vec::new();
    PacketBuilder::ipv4(ROMEO, JULIET, 64).udp(53, 53).write(&mut udp, b"?").expect("a vector takes all");
    let mut damaged = ipv4();
    damaged[32] = 0x10;
    let mut arp = ethernet();
    arp[12..14].copy_from_slice(&[8, 6]);
    let mut skipped = Skipped::default();
    for (link, packet) in [
        (LinkType::RAW, &fragment),
        (LinkType::RAW, &fragment6),
        (LinkType::RAW, &udp),
        (LinkType::RAW, &damaged),
        (LinkType::RAW, &vec![0x50; 60]),
        (LinkType::ETHERNET, &arp),
        (LinkType(147), &arp),
    ] {
        skipped.count(read(link, packet).expect_err("nothing to read"));
    }
    let expected = "2 IP fragments (not put together), 2 packets with damaged headers, 1 packet of a link type that is not known here, \
                    1 packet other than TCP, 1 packet other than IP";
    assert_eq!(skipped.to_string(), expected);
    assert!(skipped.may_matter());
    assert!(!Skipped { not_ip: 3, not_tcp: 4, ..Skipped::default() }.may_matter());
}

#[test]
fn flags_are_read_one_by_one() {
    for (set, expected) in [
        (TcpHeader { syn: true, ..TcpHeader::default() }, Flags { syn: true, ..Flags::default() }),
        (TcpHeader { fin: true, ..TcpHeader::default() }, Flags { fin: true, ..Flags::default() }),
        (TcpHeader { rst: true, ..TcpHeader::default() }, Flags { rst: true, ..Flags::default() }),
        (TcpHeader { ack: true, urg: true, ..TcpHeader::default() }, Flags { ack: true, ..Flags::default() }),
    ] {
        let mut packet = Vec::new();
        PacketBuilder::ipv4(ROMEO, JULIET, 64)
            .tcp_header(set)
            .write(&mut packet, b"")
            .expect("a vector takes all");
        assert_eq!(read(LinkType::RAW, &packet).map(|segment| segment.flags), Ok(expected));
    }
}

proptest! {
    #[test]
    fn any_octets_are_read_or_skipped(
        link in prop_oneof![Just(0_u16), Just(1), Just(101), Just(113), Just(276), any::<u16>()],
        octets in proptest::collection::vec(any::<u8>(), 0..120),
        more in 0..2_000_u32,
    ) {
        if let Ok(segment) = Segment::read(LinkType(link), &octets, octets.len() as u32 + more) {
            prop_assert!(segment.payload.len() <= octets.len());
            prop_assert!(segment.payload.len() as u32 <= segment.payload_octets_on_wire);
        }
    }

    #[test]
    fn a_damaged_packet_is_read_or_skipped(place in 0..51_usize, octet in any::<u8>(), version in any::<bool>()) {
        let mut packet = if version { ipv6() } else { ipv4() };
        packet[place] = octet;
        if let Ok(segment) = read(LinkType::RAW, &packet) {
            prop_assert!(segment.payload.len() as u32 <= segment.payload_octets_on_wire);
        }
    }
}
