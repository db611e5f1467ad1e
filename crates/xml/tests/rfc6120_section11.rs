//! RFC 6120 §11, restriction by restriction: what is refused, for which reason, and what is not.
//!
//! Each case is read whole and again byte by byte; both must say the same.

use chatdev_xml::{Element, Error, Event, Flaw, Limits, Reader, Restriction};

const HEADER: &str = "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>";

fn read(bytes: &[u8]) -> Result<Vec<Event>, Error> {
    let in_pieces = |size| {
        let mut reader = Reader::new(Limits::AFTER_SIGN_IN);
        let mut events = Vec::new();
        for mut piece in bytes.chunks(size) {
            while let Some(event) = reader.read(&mut piece)? {
                events.push(event);
            }
        }
        Ok(events)
    };
    let whole = in_pieces(bytes.len().max(1));
    let single = in_pieces(1);
    assert_eq!(whole.as_ref().err(), single.as_ref().err(), "{}", bytes.escape_ascii());
    whole
}

fn error_of(text: impl AsRef<[u8]>) -> Error {
    let text = text.as_ref();
    read(text).expect_err(&text.escape_ascii().to_string())
}

fn in_stream(text: impl AsRef<[u8]>) -> Vec<u8> {
    [HEADER.as_bytes(), text.as_ref()].concat()
}

/// The canonical form of an element.
fn canonical(text: &str) -> String {
    let events = read(&in_stream(text)).expect(text);
    match &events[..] {
        [Event::Open(_), Event::Element(element)] => element.to_string(),
        other => panic!("{text}: {other:?}"),
    }
}

fn refused(cases: &[&str], error: impl Into<Error>) {
    let error = error.into();
    for case in cases {
        assert_eq!(error_of(in_stream(case)), error, "{case}");
        assert_eq!(Element::parse(case), Err(error), "{case}");
    }
}

// §11.1 Restrictions

#[test]
fn comments_are_restricted() {
    refused(&["<!-- x -->", "<a><!---->", "<a>x<!--"], Restriction::Comment);
    assert_eq!(error_of("<!-- x -->"), Restriction::Comment.into());
}

#[test]
fn processing_instructions_are_restricted() {
    refused(
        &["<?x?>", "<a><?php echo ?>", "<?xml version='1.0'?>", "<a><?"],
        Restriction::ProcessingInstruction,
    );
    for text in ["<?x?>", "<?xm?>", "<?xmlx version='1.0'?>", "<?xml?>", " <?xml version='1.0'?>"] {
        assert_eq!(error_of(text), Restriction::ProcessingInstruction.into(), "{text}");
    }
    let twice = "<?xml version='1.0'?><?xml version='1.0'?>";
    assert_eq!(error_of(twice), Restriction::ProcessingInstruction.into());
}

#[test]
fn document_types_are_restricted() {
    refused(&["<!DOCTYPE a>", "<a><!DOCTYPE a [<!ENTITY b 'c'>]>"], Restriction::DocumentType);
    assert_eq!(error_of("<?xml version='1.0'?><!DOCTYPE a SYSTEM 'x'>"), Restriction::DocumentType.into());
    refused(&["<!ELEMENT a>", "<!doctype a>", "<a><!x>", "<a><![IGNORE["], Flaw::Markup);
}

#[test]
fn entities_other_than_the_five_are_restricted() {
    refused(&["<a>&nbsp;</a>", "<a b='&x;'/>", "<a>&AMP;</a>", "<a xmlns='&x;'/>"], Restriction::Entity);
    assert_eq!(
        canonical("<a b='&lt;&gt;&amp;&apos;&quot;'>&lt;&gt;&amp;&apos;&quot;</a>"),
        "<a b='&lt;&gt;&amp;&apos;\"'>&lt;&gt;&amp;'\"</a>"
    );
}

#[test]
fn character_references_are_legal_to_legal_characters() {
    assert_eq!(canonical("<a b='&#x27;&#9;'>&#60;&#x1F980;&#13;</a>"), "<a b='&apos;&#9;'>&lt;🦀&#13;</a>");
    refused(
        &["<a>&#0;</a>", "<a>&#x1B;</a>", "<a b='&#xFFFF;'/>", "<a>&#xD800;</a>"],
        Flaw::ForbiddenCharacter,
    );
    refused(
        &["<a>& </a>", "<a>&;</a>", "<a>&#;</a>", "<a b='&lt'/>", "<a>&lt</a>", "<a b='&'/>"],
        Flaw::Reference,
    );
}

// §11.2 and Namespaces in XML

#[test]
fn prefixes_must_be_bound() {
    refused(&["<p:a/>", "<a p:b=''/>", "<a><b xmlns:p='urn:p'/><p:c/></a>"], Flaw::UnboundPrefix);
    assert_eq!(error_of("<stream:stream xmlns='jabber:client'>"), Flaw::UnboundPrefix.into());
    assert_eq!(canonical("<p:a xmlns:p='urn:p'><p:b/></p:a>"), "<a xmlns='urn:p'><b/></a>");
}

#[test]
fn prefixes_of_the_header_are_bound_in_every_element() {
    let header =
        "<s:stream xmlns='jabber:client' xmlns:s='http://etherx.jabber.org/streams' xmlns:db='urn:db'>";
    let elements = "<db:a/><s:features/><b db:c='1'/></s:stream>";
    let events = read(format!("{header}{elements}").as_bytes()).expect("all is bound");
    let texts = events.iter().filter_map(|event| match event {
        Event::Element(element) => Some(element.as_str()),
        _ => None,
    });
    let texts: Vec<_> = texts.collect();
    assert_eq!(texts, ["<a xmlns='urn:db'/>", "<stream:features/>", "<b xmlns:ns0='urn:db' ns0:c='1'/>"]);
    assert_eq!(events.last(), Some(&Event::Close));
}

#[test]
fn reserved_prefixes_and_namespaces_stay_what_they_are() {
    let xml = "http://www.w3.org/XML/1998/namespace";
    let xmlns = "http://www.w3.org/2000/xmlns/";
    let cases = [
        format!("<a xmlns='{xml}'/>"),
        format!("<a xmlns='{xmlns}'/>"),
        format!("<a xmlns:p='{xml}'/>"),
        format!("<a xmlns:p='{xmlns}'/>"),
        format!("<a xmlns:xmlns='{xmlns}'/>"),
        "<a xmlns:xml='urn:x'/>".to_owned(),
        "<a xmlns:xmlns='urn:x'/>".to_owned(),
        "<xmlns:a/>".to_owned(),
        "<xml:a/>".to_owned(),
    ];
    for case in &cases {
        refused(&[case], Flaw::ReservedNamespace);
    }
    assert_eq!(canonical(&format!("<a xmlns:xml='{xml}' xml:lang='en'/>")), "<a xml:lang='en'/>");
}

#[test]
fn a_prefix_cannot_be_undeclared() {
    refused(&["<a xmlns:p=''/>"], Flaw::EmptyPrefixDeclaration);
    assert_eq!(canonical("<a xmlns=''><b/></a>"), "<a xmlns=''><b/></a>");
}

#[test]
fn attributes_are_given_once_also_after_expansion() {
    refused(
        &[
            "<a b='1' b='2'/>",
            "<a xmlns='a' xmlns='b'/>",
            "<a xmlns:p='a' xmlns:q='a' p:b='' q:b=''/>",
            "<a xml:lang='' xml:lang=''/>",
        ],
        Flaw::DuplicateAttribute,
    );
    assert_eq!(
        canonical("<a xmlns:p='a' b='1' p:b='2'/>"),
        "<a b='1' xmlns:ns0='a' ns0:b='2'/>",
        "no namespace is not the element's namespace"
    );
}

#[test]
fn names_are_qualified_names() {
    let bad = [
        "<1/>",
        "<-a/>",
        "<a:/>",
        "<:a/>",
        "<a:b:c/>",
        "<a 1='x'/>",
        "<a :b=''/>",
        "<a xmlns:=''/>",
        "<>",
        "< a/>",
        "</>",
        "<\u{D7}/>",
    ];
    refused(&bad, Flaw::Name);
    assert_eq!(canonical("<имя é-1.x='ü'><名前/></имя>"), "<имя é-1.x='ü'><名前/></имя>");
}

// §11.3 Well-formedness

#[test]
fn tags_follow_the_grammar() {
    let bad = [
        "<a b='1'c='2'/>",
        "<a b/>",
        "<a b=1/>",
        "<a b'1'/>",
        "<a / >",
        "<a /b>",
        "<a b='1'/z>",
        "<a></a b='c'>",
        "<a=''/>",
    ];
    refused(&bad, Flaw::Tag);
    refused(
        &["<a><b></a></b>", "</a>", "<a></A>", "<a></p:a>", "<p:a xmlns:p='u' xmlns:q='u'></q:a>"],
        Flaw::MismatchedEnd,
    );
    assert_eq!(canonical("<a\n b = \"x\"\tc='y' ></a\r\n>"), "<a b='x' c='y'/>");
}

#[test]
fn values_hold_no_less_than_and_text_no_section_end() {
    refused(&["<a b='<'/>", "<a b=\"x<y>\"/>"], Flaw::LessThanInValue);
    refused(&["<a>]]></a>", "<a>x]]]></a>", "<a>é]]></a>"], Flaw::CDataEnd);
    assert_eq!(canonical("<a>]]&gt;]] > ]<![CDATA[]]>]></a>"), "<a>]]&gt;]] &gt; ]]&gt;</a>");
}

#[test]
fn cdata_is_legal_and_becomes_text() {
    assert_eq!(canonical("<a>x<![CDATA[<b>&amp;]]]></a>"), "<a>x&lt;b&gt;&amp;amp;]</a>");
    assert_eq!(canonical("<a><![CDATA[]]></a>"), "<a/>");
    assert_eq!(canonical("<a><![CDATA[]]]]]]><![CDATA[>]] >\r\n]]></a>"), "<a>]]]]&gt;]] &gt;\n</a>");
    refused(&["<a><![CDATA[\u{1}]]></a>"], Flaw::ForbiddenCharacter);
}

#[test]
fn forbidden_characters_are_refused_wherever_they_are() {
    for c in ('\0'..='\u{1F}').filter(|c| !matches!(c, '\t' | '\n' | '\r')).chain(['\u{FFFE}', '\u{FFFF}']) {
        refused(
            &[&format!("<a>x{c}</a>"), &format!("<a b='{c}'/>"), &format!("<a>é{c}")],
            Flaw::ForbiddenCharacter,
        );
    }
    let legal = "\u{7F}\u{85}\u{9F}\u{FDD0}\u{FFFD}\u{FEFF}\u{10FFFF}";
    assert_eq!(canonical(&format!("<a b='{legal}'>{legal}</a>")), format!("<a b='{legal}'>{legal}</a>"));
}

#[test]
fn ends_of_lines_and_white_space_in_values_are_normalised_once() {
    assert_eq!(canonical("<a>1\r\n2\r3\n4\r\r\n5&#13;\n</a>"), "<a>1\n2\n3\n4\n\n5&#13;\n</a>");
    assert_eq!(canonical("<a b='1\r\n2\r3\n4\t5&#13;&#10;&#9;'/>"), "<a b='1 2 3 4 5&#13;&#10;&#9;'/>");
}

// §11.5 XML declaration

#[test]
fn one_declaration_at_the_very_start() {
    let good = [
        "<?xml version='1.0'?>",
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>",
        "<?xml\tversion = '1.0'\n encoding='utf-8' standalone='no' ?>",
        "<?xml version='1.0' standalone='yes'?>\r\n",
    ];
    for declaration in good {
        let events = read(format!("{declaration}{HEADER}").as_bytes());
        assert!(matches!(events.as_deref(), Ok([Event::Open(_)])), "{declaration}");
    }
    let bad = [
        "<?xml ?>",
        "<?xml version='1.1'?>",
        "<?xml version='2.0'?>",
        "<?xml encoding='UTF-8'?>",
        "<?xml version='1.0' standalone='maybe'?>",
        "<?xml version='1.0' standalone='yes' encoding='UTF-8'?>",
        "<?xml version='1.0' version='1.0'?>",
        "<?xml version='1.0' x='y'?>",
        "<?xml version='1.0'encoding='UTF-8'?>",
        "<?xml version='1.0'/?>",
        "<?xml version='&#49;.0'?>",
    ];
    for declaration in bad {
        assert_eq!(error_of(declaration), Flaw::Declaration.into(), "{declaration}");
    }
}

// §11.6 Character encoding

#[test]
fn other_encodings_are_unsupported() {
    for encoding in ["UTF-16", "ISO-8859-1", "utf8", ""] {
        assert_eq!(
            error_of(format!("<?xml version='1.0' encoding='{encoding}'?>")),
            Error::UnsupportedEncoding
        );
    }
    for begun in [&b"\xFF\xFE<\0"[..], b"\xFE\xFF\0<", b"\0<\0s"] {
        assert_eq!(error_of(begun), Error::UnsupportedEncoding);
    }
}

#[test]
fn a_byte_order_mark_is_a_character_like_any_other() {
    assert_eq!(error_of(format!("\u{FEFF}{HEADER}")), Flaw::TextBeforeRoot.into());
    assert_eq!(error_of(in_stream("\u{FEFF}")), Error::StrayText);
    assert_eq!(canonical("<a>\u{FEFF}</a>"), "<a>\u{FEFF}</a>");
}

#[test]
fn invalid_utf8_is_refused_also_where_it_would_swallow_markup() {
    let bad: [&[u8]; 12] = [
        b"\x80",
        b"\xC0\x80",
        b"\xC1\xBF",
        b"\xC3",
        b"\xC3<",
        b"\xE2\x82",
        b"\xE0\x80\x80",
        b"\xED\xA0\x80",
        b"\xF0\x9F",
        b"\xF4\x90\x80\x80",
        b"\xF8\x88\x80\x80\x80",
        b"\xFF",
    ];
    for bytes in bad {
        for (before, after) in [
            ("<a>", "</a>"),
            ("<a>x", "]]>"),
            ("<a b='", "'/>"),
            ("<a", "/>"),
            ("<a><![CDATA[", "]]></a>"),
            ("<a></a", ">"),
        ] {
            let text = [in_stream(before), bytes.to_vec(), after.as_bytes().to_vec()].concat();
            assert_eq!(error_of(&text), Flaw::InvalidUtf8.into(), "{}", text.escape_ascii());
        }
    }
}

// §11.7 White space, and what else may stand between elements

#[test]
fn between_elements_is_white_space_or_nothing() {
    let events = read(&in_stream(" \r\n<a/>\t</stream:stream>\n")).expect("white space only");
    let kinds: Vec<_> = events.iter().map(std::mem::discriminant).collect();
    let (alive, element) = (Event::KeepAlive, Event::Element(Element::parse("<a/>").expect("well-formed")));
    let kind = std::mem::discriminant;
    assert_eq!(kinds[1..], [kind(&alive), kind(&element), kind(&alive), kind(&Event::Close)]);
    refused(&["x", "<a/>x", "&lt;", "&#32;", "<![CDATA[ ]]>", ">"], Error::StrayText);
    for begun in ["x", "x<stream:stream>", "<![CDATA[", " &lt;"] {
        assert_eq!(error_of(begun), Flaw::TextBeforeRoot.into(), "{begun}");
    }
    assert_eq!(error_of(in_stream("\u{16}")), Flaw::ForbiddenCharacter.into());
    assert_eq!(error_of("\u{16}\u{3}\u{1}"), Flaw::ForbiddenCharacter.into());
}

// The stream as a document

#[test]
fn the_header_is_told_with_what_it_declares() {
    let text = "<?xml version='1.0'?> <foo:stream xmlns='jabber:server' xmlns:foo='http://etherx.jabber.org/streams' \
                from=\"a&amp;b\" version='1.0' xml:lang='de'>";
    let events = read(text.as_bytes()).expect("well-formed");
    let [Event::Open(header)] = &events[..] else { panic!("{events:?}") };
    assert_eq!((header.prefix(), header.name()), ("foo", "stream"));
    assert_eq!(header.namespace(), "http://etherx.jabber.org/streams");
    assert_eq!(header.content_namespace(), "jabber:server");
    assert_eq!(header.attribute("from").as_deref(), Some("a&b"));
    assert_eq!(header.attribute("to"), None);
    assert_eq!(header.lang().as_deref(), Some("de"));
}

#[test]
fn the_stream_ends_once() {
    assert_eq!(error_of(in_stream("</stream:stream><a/>")), Flaw::Trailing.into());
    assert_eq!(error_of(in_stream("</stream:stream>x")), Flaw::Trailing.into());
    assert_eq!(error_of(in_stream("</stream>")), Flaw::MismatchedEnd.into());
    assert_eq!(error_of("</stream:stream>"), Flaw::MismatchedEnd.into());
    let events = read(b"<a/>").expect("a whole document");
    assert!(matches!(events[..], [Event::Open(_), Event::Close]));
}

#[test]
fn an_error_is_final() {
    let mut reader = Reader::new(Limits::AFTER_SIGN_IN);
    let text = in_stream("<a></b><c/>");
    let mut input = &text[..];
    assert!(matches!(reader.read(&mut input), Ok(Some(Event::Open(_)))));
    assert_eq!(reader.read(&mut input), Err(Flaw::MismatchedEnd.into()));
    assert_eq!(reader.read(&mut &b"<c/>"[..]), Err(Flaw::MismatchedEnd.into()));
    reader.reset();
    assert!(matches!(reader.read(&mut HEADER.as_bytes()), Ok(Some(Event::Open(_)))));
}
