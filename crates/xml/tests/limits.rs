//! Each limit, reached and not quite reached, whole and byte by byte.

use chatdev_xml::{Element, Error, Event, Limit, Limits, Reader};

const HEADER: &str = "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>";

const LIMITS: Limits = Limits {
    element_bytes_max: 200,
    depth_max: 5,
    attributes_max: 4,
    elements_max: 8,
    namespaces_max: 4,
    prefixes_max: 3,
};

/// Reads `text` in a stream whose header is behind us; also how many bytes were taken.
fn read_by(size: usize, limits: Limits, text: &str) -> (Result<usize, Error>, usize) {
    let mut reader = Reader::new(Limits::AFTER_SIGN_IN);
    assert!(matches!(reader.read(&mut HEADER.as_bytes()), Ok(Some(Event::Open(_)))));
    reader.set_limits(limits);
    let mut elements = 0;
    let mut taken = 0;
    for mut piece in text.as_bytes().chunks(size) {
        let len = piece.len();
        loop {
            match reader.read(&mut piece) {
                Ok(None) => break,
                Ok(Some(_)) => elements += 1,
                Err(error) => return (Err(error), taken),
            }
        }
        taken += len;
    }
    (Ok(elements), taken)
}

fn read(text: &str) -> Result<usize, Error> {
    let whole = read_by(text.len(), LIMITS, text).0;
    assert_eq!(whole, read_by(1, LIMITS, text).0, "{text}");
    whole
}

fn over(limit: Limit) -> Result<usize, Error> {
    Err(Error::Limit(limit))
}

#[test]
fn bytes_are_counted_to_the_last() {
    let just = format!("<a>{}</a>", "x".repeat(193));
    assert_eq!((just.len(), read(&just)), (200, Ok(1)));
    assert_eq!(read(&just.repeat(3)), Ok(3), "each element has its own");
    assert_eq!(read(&format!("<a>{}</a>", "x".repeat(194))), over(Limit::Bytes));
    assert_eq!(read(&format!("<a>{}</a>", "é".repeat(97))), over(Limit::Bytes));
}

#[test]
fn bytes_are_counted_inside_an_unfinished_piece_of_markup() {
    let x = "x".repeat(500);
    for begun in [
        format!("<{x}"),
        format!("<a b='{x}"),
        format!("</{x}"),
        format!("<a>&#{}", "0".repeat(500)),
        format!("<a><![CDATA[{x}"),
    ] {
        assert_eq!(read(&begun), over(Limit::Bytes), "{begun}");
        let (result, taken) = read_by(1, LIMITS, &begun);
        assert_eq!((result, taken), (over(Limit::Bytes), 200), "refused at once, not when the tag ends");
    }
}

#[test]
fn what_grows_in_canonical_form_is_counted_as_it_grows() {
    assert_eq!(read(&format!("<a>{}</a>", ">".repeat(49))), over(Limit::Bytes));
    assert_eq!(read(&format!("<a>{}</a>", ">".repeat(48))), Ok(1));
    assert_eq!(read(&format!("<a><![CDATA[{}]]></a>", "&".repeat(40))), over(Limit::Bytes));
    assert_eq!(read(&format!("<a b=\"{}\"/>", "'".repeat(40))), over(Limit::Bytes));
    let long = "u".repeat(100);
    assert_eq!(
        read(&format!("<a xmlns:p='{long}'><p:b/><p:b/></a>")),
        over(Limit::Bytes),
        "one declaration becomes two"
    );
}

#[test]
fn depth_is_limited() {
    assert_eq!(read("<a><a><a><a><a/></a></a></a></a>"), Ok(1));
    assert_eq!(read("<a><a><a><a><a><a/>"), over(Limit::Depth));
}

#[test]
fn elements_are_limited() {
    assert_eq!(read(&format!("<a>{}</a>", "<b/>".repeat(7))), Ok(1));
    assert_eq!(read(&format!("<a>{}", "<b/>".repeat(8))), over(Limit::Elements));
}

#[test]
fn attributes_are_limited() {
    assert_eq!(read("<a b='' c='' d='' e=''/>"), Ok(1));
    assert_eq!(read("<a b='' c='' d='' e='' f=''/>"), over(Limit::Attributes));
}

#[test]
fn namespace_declarations_are_limited() {
    let child = "<b xmlns='urn:b'/>";
    assert_eq!(read(&format!("<a>{}</a>", child.repeat(4)).repeat(2)), Ok(2), "each element has its own");
    assert_eq!(read(&format!("<a>{}", child.repeat(5))), over(Limit::Namespaces));
}

#[test]
fn prefixes_bound_at_one_time_are_limited() {
    assert_eq!(read("<a><b xmlns:p='p' xmlns:q='q'/><b xmlns:p='p' xmlns:q='q'/></a>"), Ok(1));
    assert_eq!(
        read("<a xmlns:p='p' xmlns:q='q' xmlns:r='r'/>"),
        over(Limit::Prefixes),
        "the header's is the first"
    );
}

#[test]
fn thirty_five_kilobytes_of_nested_elements_are_refused_early() {
    let nested = "<a>".repeat(35 * 1024 / 3);
    for limits in [Limits::BEFORE_SIGN_IN, Limits::AFTER_SIGN_IN] {
        for size in [1, 1460, nested.len()] {
            let (result, taken) = read_by(size, limits, &nested);
            assert_eq!(result, over(Limit::Depth));
            assert!(taken <= 3 * (limits.depth_max + 1), "{taken}");
        }
    }
}

#[test]
fn depth_costs_no_stack() {
    let depth = 100_000;
    let limits =
        Limits { element_bytes_max: 1 << 20, depth_max: depth, elements_max: depth, ..Limits::AFTER_SIGN_IN };
    let nested = "<a>".repeat(depth) + &"</a>".repeat(depth);
    let mut reader = Reader::new(limits);
    let text = format!("{HEADER}{nested}");
    let mut input = text.as_bytes();
    assert!(matches!(reader.read(&mut input), Ok(Some(Event::Open(_)))));
    let Ok(Some(Event::Element(element))) = reader.read(&mut input) else { panic!("within its limits") };
    let child = element.children().next().expect("it is nested");
    let alone: Element = child.to_element();
    assert_eq!(alone.as_bytes().len() + "<a></a>".len(), element.as_bytes().len());
    assert_eq!(alone.clone(), alone);
}

#[test]
fn the_header_is_limited_with_all_before_it() {
    let read = |text: &str| {
        let single = Reader::new(LIMITS).read(&mut text.as_bytes()).map(|event| event.is_some());
        let mut reader = Reader::new(LIMITS);
        let by_byte =
            text.as_bytes().chunks(1).try_fold(false, |_, mut byte| Ok(reader.read(&mut byte)?.is_some()));
        assert_eq!(single, by_byte, "{text}");
        single
    };
    let spaces = " ".repeat(200 - HEADER.len());
    assert_eq!(read(&format!("{spaces}{HEADER}")), Ok(true));
    assert_eq!(read(&format!("{spaces} {HEADER}")), Err(Error::Limit(Limit::Bytes)));
    assert_eq!(read(&" ".repeat(201)), Err(Error::Limit(Limit::Bytes)));
    assert_eq!(read(&format!("<?xml {}", " ".repeat(200))), Err(Error::Limit(Limit::Bytes)));
    assert_eq!(read(&HEADER.replace('>', " a='' b='' c=''>")), Err(Error::Limit(Limit::Attributes)));
    assert_eq!(read(&HEADER.replace('>', " xmlns:p='p' xmlns:q='q'>")), Ok(true));
}

#[test]
fn white_space_between_elements_is_free() {
    assert_eq!(read_by(7, LIMITS, &" ".repeat(10_000)).0, Ok(10_000_usize.div_ceil(7)));
}
