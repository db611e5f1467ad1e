//! What must hold for any bytes: splits do not matter, canonical form is a fixpoint, a second parser reads
//! the same, nothing panics.

mod second_parser;

use chatdev_xml::{Builder, Element, Error, Event, Limits, NS_CLIENT, Reader};
use proptest::prelude::*;
use second_parser::{ours, theirs};

const HEADER: &str = "<?xml version='1.0'?><stream:stream xmlns='jabber:client' \
                      xmlns:stream='http://etherx.jabber.org/streams' to='example.net' version='1.0'>";

/// Everything that a stream gives up to its end or first error; runs of keep-alives count once, because how
/// many there are depends on how the white space arrived.
fn read_in_pieces<'a>(
    limits: Limits,
    pieces: impl IntoIterator<Item = &'a [u8]>,
) -> (Vec<Event>, Result<(), Error>) {
    let mut reader = Reader::new(limits);
    let mut events: Vec<Event> = Vec::new();
    for mut piece in pieces {
        loop {
            match reader.read(&mut piece) {
                Ok(None) => break,
                Ok(Some(Event::KeepAlive)) if events.last() == Some(&Event::KeepAlive) => {}
                Ok(Some(event)) => events.push(event),
                Err(error) => return (events, Err(error)),
            }
        }
        assert!(piece.is_empty(), "all is taken before more is asked for");
    }
    (events, Ok(()))
}

/// Near enough to XML to reach every state of the reader.
const FRAGMENTS: &[&str] = &[
    "<",
    ">",
    "/",
    "/>",
    "</",
    "='",
    "=\"",
    "'",
    "\"",
    "&",
    ";",
    "&amp;",
    "&lt;",
    "&#10;",
    "&#x1F980;",
    "&#0;",
    "&nbsp;",
    " ",
    "\t",
    "\n",
    "\r",
    "\r\n",
    "]]>",
    "]",
    "<![CDATA[",
    "<!--",
    "-->",
    "<!DOCTYPE",
    "<?",
    "?>",
    "a",
    "b",
    "message",
    "<a>",
    "</a>",
    "<a/>",
    "<b c='d'>",
    "</b>",
    "<p:a>",
    "</p:a>",
    " xmlns='urn:a'",
    " xmlns='jabber:client'",
    " xmlns=''",
    " xmlns:p='urn:a'",
    " xmlns:q='urn:a'",
    " p:c='1'",
    " q:c='2'",
    " c='1'",
    " c=\"it's\"",
    " xml:lang='en'",
    "<a",
    "<b",
    "<stream:features>",
    "</stream:features>",
    "</stream:stream>",
    "é",
    "名",
    "🦀",
    "\u{FFFE}",
    "\u{FF5E}",
    "\u{1}",
    "\u{7F}",
    "<a xmlns='urn:a'><b/>t</a>",
    "<message to='b'><body>hi</body></message>",
];

/// A piece of something that looks like XML.
fn shard() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        30 => prop::sample::select(FRAGMENTS).prop_map(|text| text.as_bytes().to_vec()),
        1 => prop::collection::vec(any::<u8>(), 1..4),
        1 => prop::sample::select(vec![&b"\xC3"[..], b"\xE2\x82", b"\xF0\x9F", b"\xC0\x80", b"\xED\xA0\x80", b"\x80"])
            .prop_map(<[u8]>::to_vec),
    ]
}

fn soup() -> impl Strategy<Value = Vec<u8>> {
    (0..4_usize, prop::collection::vec(shard(), 0..24)).prop_map(|(begin, shards)| {
        let begin = [HEADER, HEADER, HEADER, ""][begin].as_bytes();
        [begin, &shards.concat()].concat()
    })
}

fn limits() -> impl Strategy<Value = Limits> {
    let tight = (1..200_usize, 1..5_usize, 1..4_usize, 1..6_usize, 1..4_usize).prop_map(
        |(bytes, depth, attributes, elements, namespaces)| Limits {
            element_bytes_max: HEADER.len() + bytes,
            depth_max: depth,
            attributes_max: attributes + 3,
            elements_max: elements,
            namespaces_max: namespaces + 1,
            prefixes_max: 2,
        },
    );
    prop_oneof![Just(Limits::AFTER_SIGN_IN), tight]
}

/// Source text of one well-formed element, in as many ways of writing as there are.
fn source() -> impl Strategy<Value = String> {
    let text = prop_oneof![
        "[a-z ]{0,8}",
        "[\\PC\t\n\r]{0,6}"
            .prop_map(|text| text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")),
        Just("<![CDATA[<&]] >]]>".to_owned()),
        Just("&#13;&#x9;&quot;&apos;\r\n\r".to_owned()),
    ];
    let attribute =
        (0..8_usize, prop_oneof!["[a-z0-9@/.]{0,6}", Just("&lt;\t\n&#10;&#13;>".to_owned())], any::<bool>())
            .prop_map(|(name, value, single)| {
                let name = ["to", "id", "xml:lang", "p:x", "q:x", "p:y", "type", "é"][name];
                if single {
                    (name, format!(" {name}='{value}\"'"))
                } else {
                    (name, format!("  {name} =\"{value}'\""))
                }
            });
    let tag = (0..6_usize, 0..5_usize, prop::collection::vec(attribute, 0..4)).prop_map(
        |(name, declared, mut attributes)| {
            let name = ["message", "body", "p:a", "q:b", "stream:c", "имя"][name];
            let declared = [
                "",
                " xmlns='urn:one'",
                " xmlns=\"jabber:client\"",
                " xmlns=''",
                " xmlns:p='urn:p&amp;p' xmlns='a b'",
            ][declared];
            attributes.sort();
            attributes.dedup_by_key(|(name, _)| *name);
            let attributes: String = attributes.into_iter().map(|(_, text)| text).collect();
            (name, format!("{name}{attributes}{declared}"))
        },
    );
    let leaf = tag.clone().prop_map(|(_, tag)| format!("<{tag}/>"));
    let inner = leaf.prop_recursive(4, 24, 4, move |inner| {
        (tag.clone(), prop::collection::vec(prop_oneof![inner, text.clone()], 0..4))
            .prop_map(|((name, tag), content)| format!("<{tag}>{}</{name} >", content.concat()))
    });
    // The outermost declares all prefixes.
    inner.prop_map(|inner| format!("<x xmlns:p='urn:p' xmlns:q='urn:q'>{inner}</x>"))
}

/// An element made from values, and what the values were.
fn built() -> impl Strategy<Value = Element> {
    let name = "[a-zA-Z_é][a-z0-9é.-]{0,5}";
    let namespace = prop_oneof![Just(NS_CLIENT.to_owned()), Just(String::new()), "[ -~é]{1,12}"];
    let step = (0..4_u8, namespace.clone(), name, ".{0,8}");
    (namespace, name, prop::collection::vec(step, 0..16)).prop_map(|(namespace, name, steps)| {
        let mut builder = Builder::new(&namespace, &name);
        let mut depth = 0;
        for (kind, namespace, name, value) in steps {
            match kind {
                0 => {
                    depth += 1;
                    builder.add_open(&namespace, &name);
                    builder.add_attribute(&name, &value);
                    builder.add_attribute("xml:lang", &value);
                }
                1 if depth > 0 => {
                    depth -= 1;
                    builder.add_close();
                }
                _ => builder.add_text(&value),
            }
        }
        builder.build()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_split_gives_the_same_events_and_errors(bytes in soup(), limits in limits(), cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..6)) {
        let whole = read_in_pieces(limits, [&bytes[..]]);
        let single = read_in_pieces(limits, bytes.chunks(1));
        prop_assert_eq!(&whole, &single);
        let mut cuts: Vec<_> = cuts.iter().map(|cut| cut.index(bytes.len() + 1)).chain([0, bytes.len()]).collect();
        cuts.sort_unstable();
        let split = read_in_pieces(limits, cuts.windows(2).map(|cut| &bytes[cut[0]..cut[1]]));
        prop_assert_eq!(&whole, &split);
    }

    #[test]
    fn what_is_accepted_reads_the_same_elsewhere(bytes in soup()) {
        if let Some(source) = std::str::from_utf8(&bytes).ok().map(|text| text.strip_prefix(HEADER).unwrap_or(text))
            && let Ok(element) = Element::parse(source)
        {
            prop_assert_eq!(theirs(source), Some(ours(&element)));
            prop_assert_eq!(theirs(element.as_str()), Some(ours(&element)));
        }
    }

    #[test]
    fn every_way_of_writing_is_read_as_elsewhere(source in source()) {
        let element = Element::parse(&source);
        match theirs(&source) {
            Some(words) => {
                let element = element.map_err(|error| TestCaseError::fail(format!("{error}: {source}")))?;
                prop_assert_eq!(&words, &ours(&element));
                prop_assert_eq!(Some(words), theirs(element.as_str()));
            }
            None => prop_assert!(element.is_err(), "{}", source),
        }
    }

    #[test]
    fn canonical_form_is_a_fixpoint(source in source()) {
        if let Ok(element) = Element::parse(&source) {
            let again = Element::parse(element.as_str()).map_err(|error| TestCaseError::fail(format!("{error}: {element}")))?;
            prop_assert_eq!(&again, &element);
            prop_assert_eq!(ours(&again), ours(&element));
        }
    }

    #[test]
    fn each_node_stands_alone(source in source()) {
        if let Ok(element) = Element::parse(&source) {
            let mut nodes = vec![element.root()];
            while let Some(node) = nodes.pop() {
                let alone = node.to_element();
                prop_assert_eq!(&Element::parse(alone.as_str()).ok(), &Some(alone.clone()));
                prop_assert_eq!(theirs(alone.as_str()), Some(ours(&alone)));
                let wrapped = Builder::new("urn:wrap", "w").node(node).build();
                prop_assert_eq!(wrapped.children().next().map(|node| node.to_element()), Some(alone));
                nodes.extend(node.children());
            }
        }
    }

    #[test]
    fn what_is_built_is_read_back(element in built()) {
        let read = Element::parse(element.as_str()).map_err(|error| TestCaseError::fail(format!("{error}: {element}")))?;
        prop_assert_eq!(&read, &element);
        prop_assert_eq!(ours(&read), ours(&element));
        prop_assert_eq!(theirs(element.as_str()), Some(ours(&element)));
    }

    #[test]
    fn attributes_of_the_root_can_be_set_and_removed(source in source(), from in ".{0,12}", id in any::<bool>()) {
        if let Ok(element) = Element::parse(&source) {
            let set = [("from", Some(from.as_str())), ("id", id.then_some("7"))];
            let mut written = Vec::new();
            element.write_with(&mut written, &set);
            let with = element.with(&set);
            prop_assert_eq!(with.as_bytes(), &written[..]);
            let read = Element::parse(with.as_str()).map_err(|error| TestCaseError::fail(format!("{error}: {with}")))?;
            prop_assert_eq!(&read, &with);
            prop_assert_eq!(ours(&read), ours(&with));
            prop_assert_eq!(ours(&with).len(), ours(&element).len());
            prop_assert!(with.attribute("id").as_deref() == id.then_some("7"));
        }
    }
}
