//! What a person gets to see of a run: the diagram's page and the capture.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeMap;

use chatdev_sim::{
    report::{Conversation, Layer, diagram, pcapng},
    run::{Outcome, run},
    scenarios,
    schedule::{Expected, Schedule},
};
use etherparse::{NetSlice, SlicedPacket, TcpSlice, TransportSlice};
use pcap_file::pcapng::{
    Block, PcapNgReader,
    blocks::enhanced_packet::{EnhancedPacketBlock, EnhancedPacketOption},
};

fn a_run(scenario: &str, seed: u64) -> (Schedule, Outcome) {
    let schedule = (scenarios::find(scenario).unwrap().schedule)(seed);
    let outcome = run(&schedule);
    (schedule, outcome)
}

/// Calls `each` with every packet of a capture.
fn packets(capture: &[u8], mut each: impl FnMut(&EnhancedPacketBlock<'_>)) {
    let mut reader = PcapNgReader::new(capture).unwrap();
    while let Some(block) = reader.next_block() {
        if let Block::EnhancedPacket(packet) = block.unwrap() {
            each(&packet);
        }
    }
}

fn tcp_of<'a>(packet: &'a EnhancedPacketBlock<'_>) -> (([u8; 4], [u8; 4]), TcpSlice<'a>) {
    let packet = SlicedPacket::from_ethernet(&packet.data).unwrap();
    let (Some(NetSlice::Ipv4(ip)), Some(TransportSlice::Tcp(tcp))) = (packet.net, packet.transport) else {
        panic!("a packet is no TCP in IPv4");
    };
    let header = ip.header();
    assert_eq!(header.header_checksum(), header.to_header().calc_header_checksum());
    assert_eq!(tcp.checksum(), tcp.calc_checksum_ipv4(header.source(), header.destination()).unwrap());
    ((header.source(), header.destination()), tcp)
}

/// What each side of each conversation said, put together by sequence numbers.
fn put_together(capture: &[u8]) -> Vec<Vec<u8>> {
    type Side = ([u8; 4], u16, [u8; 4], u16);
    let mut begun: BTreeMap<Side, u32> = BTreeMap::new();
    let mut said: BTreeMap<Side, Vec<u8>> = BTreeMap::new();
    packets(capture, |packet| {
        let ((from, to), tcp) = tcp_of(packet);
        let side = (from, tcp.source_port(), to, tcp.destination_port());
        assert!(tcp.source_port() == 5222 || tcp.destination_port() == 5222);
        if tcp.syn() {
            begun.insert(side, tcp.sequence_number().wrapping_add(1));
        }
        let text = said.entry(side).or_default();
        if !tcp.payload().is_empty() {
            let before = tcp.sequence_number().wrapping_sub(begun[&side]);
            assert_eq!(before as usize, text.len(), "no hole, no repetition");
            text.extend(tcp.payload());
            assert!(tcp.payload().len() <= 1400);
        }
        // Nothing is acknowledged that was not said; beginning and end count as one octet each.
        let other = (to, tcp.destination_port(), from, tcp.source_port());
        if tcp.ack() {
            let acknowledged = tcp.acknowledgment_number().wrapping_sub(begun[&other]);
            assert!(acknowledged as usize <= said[&other].len() + 1);
        }
    });
    sorted(said.into_values())
}

fn sorted(texts: impl Iterator<Item = Vec<u8>>) -> Vec<Vec<u8>> {
    let mut texts: Vec<_> = texts.filter(|text| !text.is_empty()).collect();
    texts.sort();
    texts
}

#[test]
fn a_capture_holds_exactly_what_was_said() {
    for (scenario, seed) in [("silence", 1), ("peer-streams", 3), ("partition", 2), ("server-restart", 1)] {
        let (schedule, outcome) = a_run(scenario, seed);
        let conversation = Conversation::of(&outcome.log);
        let ways = conversation.connections().values().flat_map(|connection| {
            let way = |layer, by_dialler| connection.way(layer, by_dialler).text.clone();
            [Layer::Clear, Layer::Sealed]
                .into_iter()
                .flat_map(move |layer| [way(layer, true), way(layer, false)])
        });
        let found = put_together(&pcapng(&schedule, &outcome));
        assert!(!found.is_empty());
        assert_eq!(found, sorted(ways), "{scenario} {seed}");
    }
}

#[test]
fn a_capture_says_when_and_what_was_sealed() {
    let (schedule, outcome) = a_run("silence", 1);
    let (mut last, mut comments) = (None, Vec::new());
    packets(&pcapng(&schedule, &outcome), |packet| {
        assert!(last.is_none_or(|last| last <= packet.timestamp), "packets are in order of time");
        last = Some(packet.timestamp);
        for option in &packet.options {
            if let EnhancedPacketOption::Comment(text) = option {
                comments.push(text.to_string());
            }
        }
    });
    assert_eq!(last.unwrap().as_secs() / 60, 1_795_348_800 / 60, "the simulated wall clock's time");
    assert!(comments.iter().any(|text| text.ends_with("sealed in TLS in the simulation")), "{comments:?}");
    assert!(comments.iter().any(|text| text.contains("is frozen for")), "{comments:?}");
}

#[test]
fn a_page_holds_its_run_and_nothing_in_it_is_markup() {
    let mut schedule = (scenarios::find("peer-message").unwrap().schedule)(0);
    schedule.about = Some("</script><script>alert(1)</script>{run}".to_owned());
    schedule.expected.push(Expected::Away("alice".to_owned()));
    let page = diagram(&schedule, &run(&schedule), "just sim peer-message --seed 0");
    let (_, run) = page.split_once(r#"<script type="application/json" id="run">"#).unwrap();
    let (run, _) = run.split_once("</script>").unwrap();
    assert!(!run.contains('<'));
    let run: serde_json::Value = serde_json::from_str(run).unwrap();
    assert_eq!(run["about"], schedule.about.unwrap());
    assert_eq!(run["replay"], "just sim peer-message --seed 0");
    assert_eq!(run["violations"][0]["checker"], "expectations");
    let arrows = run["arrows"].as_array().unwrap();
    assert!(arrows.iter().any(|arrow| arrow["what"] == "message" && !arrow["read"].is_null()));
    assert!(!page.contains("src=") && !page.contains("<link"), "it needs nothing else");
}
