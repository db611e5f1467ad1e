//! Streams cut anywhere, torn, broken, and in the middle: what comes out is what went in.

use proptest::prelude::*;

use super::*;

/// What came out, and a `|` where TLS begins.
fn framed_by(framer: &mut Framer, pieces: &[&[u8]]) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let say = |octets: &[u8]| String::from_utf8_lossy(octets).into_owned();
    for piece in pieces {
        let fed = framer.feed(piece, |frame| {
            found.push(match frame {
                Frame::Header(text) => format!("header {text}"),
                Frame::Element(outline) => outline.text().to_owned(),
                Frame::Close(_) => "close".to_owned(),
                Frame::Space(_) => "space".to_owned(),
                Frame::Odd(octets, oddity) => format!("{oddity:?} {}", say(octets)),
            });
        });
        if let Fed::UntilTls(at) = fed {
            found.push(format!("TLS at {at}"));
        }
    }
    found
}

fn framed(pieces: &[&[u8]]) -> Vec<String> {
    framed_by(&mut Framer::default(), pieces)
}

const STREAM: &str = "<?xml version='1.0'?><stream:stream to='a>b' xmlns='jabber:client'>\
    <message id='1'><body>a &lt; b</body></message><iq type=\"get\" id='>'/>\
    <presence a='\"' b=\"'/>\"><x/><y><x>/></x></y></presence><message><body><![CDATA[</message>]]></body></message>\
    <a><!-- </a> --></a></stream:stream>";

fn whole() -> Vec<&'static str> {
    vec![
        "header <?xml version='1.0'?><stream:stream to='a>b' xmlns='jabber:client'>",
        "<message id='1'><body>a &lt; b</body></message>",
        "<iq type=\"get\" id='>'/>",
        "<presence a='\"' b=\"'/>\"><x/><y><x>/></x></y></presence>",
        "<message><body><![CDATA[</message>]]></body></message>",
        "<a><!-- </a> --></a>",
        "close",
    ]
}

#[test]
fn elements_are_found_wherever_the_stream_is_cut() {
    let octets = STREAM.as_bytes();
    assert_eq!(framed(&[octets]), whole());
    for cut in 1..octets.len() {
        assert_eq!(framed(&[&octets[..cut], &octets[cut..]]), whole(), "cut at {cut}");
    }
    let single: Vec<&[u8]> = octets.chunks(1).collect();
    assert_eq!(framed(&single), whole());
}

#[test]
fn the_children_of_an_element_are_known() {
    let mut seen = Vec::new();
    let text = b"<message to='b'><body>Hi &amp; bye</body><x:y xmlns:x='urn:x' a='&lt;'><z/></x:y><empty/></message>";
    Framer::default().feed(text, |frame| {
        let Frame::Element(outline) = frame else { panic!("no element") };
        assert_eq!(outline.root().attribute("to").as_deref(), Some("b"));
        assert_eq!(outline.raw_text_of("body"), Some("Hi &amp; bye"));
        assert_eq!(outline.raw_text_of("empty"), Some(""));
        let child = outline.child("y").unwrap();
        assert_eq!(child.declared("x").as_deref(), Some("urn:x"));
        assert_eq!(child.attribute("a").as_deref(), Some("<"));
        seen.extend(outline.children().map(|child| child.name().to_owned()));
    });
    assert_eq!(seen, ["body", "x:y", "empty"]);
}

#[test]
fn a_body_is_known_however_much_stands_before_it() {
    let text = format!("<message>{}<body>Hi</body></message>", "<x/>".repeat(40));
    let mut body = None;
    Framer::default().feed(text.as_bytes(), |frame| {
        let Frame::Element(outline) = frame else { panic!("no element") };
        body = outline.raw_text_of("body").map(str::to_owned);
    });
    assert_eq!(body.as_deref(), Some("Hi"));
}

#[test]
fn what_was_searched_is_not_searched_again() {
    for begin in ["<a><b", "<a></b", "<a><!--", "<a><![CDATA[", "<a><?x", "<a><b c='", "<a><b c=\""] {
        let mut framer = Framer::default();
        framer.feed(begin.as_bytes(), |_| panic!("nothing is whole"));
        for n in 0..1000 {
            framer.feed(b"xxxxxxxxxx", |_| panic!("nothing is whole"));
            let (tag, all) = (begin.len() - 3, begin.len() + 10 * (n + 1));
            assert_eq!((framer.search.at, framer.search.seen), (3, tag + 10 * (n + 1)), "{begin} {all}");
        }
    }
}

#[test]
fn what_has_no_place_in_a_stream_is_given_as_such() {
    assert_eq!(
        framed(&[b"<a/>text<c/> <!-- no --><d/>"]),
        ["<a/>", "Text text", "<c/>", "space", "Markup <!-- no -->", "<d/>"]
    );
}

#[test]
fn after_a_gap_the_next_stanza_is_found() {
    let mut framer = Framer::default();
    assert_eq!(framed_by(&mut framer, &[b"<message><body>Hel"]), Vec::<String>::new());
    let mut lost = Vec::new();
    framer.lost(|frame| lost.push(format!("{frame:?}").contains("Unfinished")));
    assert_eq!(lost, [true]);
    let found = framed_by(&mut framer, &[b"lo</body></message><r xm", b"lns='urn:xmpp:sm:3'/><iq/>"]);
    assert_eq!(found, ["Torn lo</body></message>", "<r xmlns='urn:xmpp:sm:3'/>", "<iq/>"]);
}

#[test]
fn an_end_tag_that_ends_nothing_is_told_and_reading_goes_on() {
    let found =
        framed_by(&mut Framer::in_the_middle(), &[b"<message/></forwarded></received></message><iq/>"]);
    assert_eq!(found, ["<message/>", "EndTag </forwarded>", "Torn </received></message>", "<iq/>"]);
}

#[test]
fn tls_begins_where_only_xml_may_stand() {
    assert_eq!(framed(&[b"\x16\x03\x01"]), ["TLS at 0"]);
    let found = framed(&[b"<proceed xmlns='urn:x'", b"/>\x16\x03\x01"]);
    assert_eq!(found, ["<proceed xmlns='urn:x'/>", "TLS at 2"]);
}

#[test]
fn what_does_not_end_is_given_up() {
    let mut framer = Framer::default();
    framer.feed(b"<a>", |_| panic!("nothing is whole"));
    let mut count = 0;
    for _ in 0..=ELEMENT_OCTETS_MAX / 65_536 {
        framer.feed(&[b'x'; 65_536], |frame| {
            count += usize::from(matches!(frame, Frame::Odd(_, Oddity::TooLong)));
        });
    }
    assert_eq!(count, 1);
    assert!(framer.kept.len() < 65_537);
}

proptest! {
    #[test]
    fn any_octets_come_out_as_they_went_in_however_they_are_cut(
        octets in proptest::collection::vec(prop_oneof![
            3 => proptest::sample::select(b"<>/'\"!?-[] =ab:".to_vec()), 1 => 0x17..=255_u8
        ], 0..200),
        sizes in proptest::collection::vec(1..9_usize, 1..6),
    ) {
        let gather = |sizes: &[usize]| {
            let (mut framer, mut rest, mut sizes) = (Framer::default(), &octets[..], sizes.iter().cycle());
            let mut all = Vec::new();
            let take = |all: &mut Vec<u8>, frame: Frame<'_>| all.extend_from_slice(match frame {
                Frame::Close(octets) | Frame::Space(octets) | Frame::Odd(octets, _) => octets,
                Frame::Header(text) => text.as_bytes(),
                Frame::Element(outline) => outline.text().as_bytes(),
            });
            while !rest.is_empty() {
                let (piece, behind) = rest.split_at((*sizes.next().unwrap()).min(rest.len()));
                framer.feed(piece, |frame| take(&mut all, frame));
                rest = behind;
            }
            framer.finish(|frame| take(&mut all, frame));
            all
        };
        prop_assert_eq!(&gather(&[octets.len().max(1)]), &octets);
        prop_assert_eq!(&gather(&sizes), &octets);
    }
}
