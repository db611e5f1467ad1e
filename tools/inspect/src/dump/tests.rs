//! Dumps of every form, as happenings; and whatever text may come.

use std::fmt::Write as _;
use std::io::BufReader;

use proptest::prelude::*;

use super::*;
use crate::model::{End, Ending, Happening, Layer, Side};

/// All that is told of a dump, one happening a line, as a person would read it.
fn told(text: &str, format: Option<Format>) -> (String, Result<Report, DumpError>) {
    let mut told = String::new();
    let result = read(BufReader::new(text.as_bytes()), format, |happening: Happening<'_>| {
        let _ = match happening {
            Happening::Opened { id, ends: [End { name, .. }, _], from_start, .. } => {
                let from = if from_start { "" } else { ", its beginning unseen" };
                writeln!(told, "{} begins{from}: {}", id.0, name.as_deref().unwrap_or("?"))
            }
            Happening::Octets { at, id, side, layer, octets } => {
                let arrow = if side == Side::Dialler { "->" } else { "<-" };
                let lock = if layer == Layer::Tls { "sealed " } else { "" };
                writeln!(told, "{} {arrow} {lock}{} {:?}", id.0, time(at.0), String::from_utf8_lossy(octets))
            }
            Happening::Missing { id, side, octets, .. } => {
                writeln!(told, "{} of {side:?} missing: {octets:?}", id.0)
            }
            Happening::Ended { id, how: Ending::Abandoned, .. } => {
                writeln!(told, "{} is no longer told of", id.0)
            }
            Happening::Ended { id, how, .. } => writeln!(told, "{} {how:?}", id.0),
            Happening::Remark { text, .. } => writeln!(told, "remark: {text}"),
        };
    });
    (told, result)
}

fn time(nanoseconds: u64) -> String {
    if nanoseconds == 0 {
        return "at no time".to_owned();
    }
    jiff::Timestamp::from_nanosecond(nanoseconds.into()).unwrap().to_string()
}

fn shown(text: &str, format: Format) -> String {
    assert_eq!(looks_like(text.as_bytes()), Some(format));
    let (told, result) = told(text, None);
    let report = result.unwrap();
    assert_eq!(report.format, format);
    // A snapshot has no room for names of files and calls: those of insta are the tests'.
    format!("{told}{} told, {} passed over", report.told, report.passed_over)
}

#[test]
fn ejabberd_tells_its_processes_apart() {
    insta::assert_snapshot!(shown(
        "\
2026-01-17 14:52:12.896 [info] <0.383.0>@ejabberd_listener:accept:238 (<0.562.0>) Accepted connection 127.0.0.1:59016 -> 127.0.0.1:5222
2026-01-17 14:52:12.904 [debug] <0.562.0> (tcp|<0.562.0>) Received XML on stream = <<\"<?xml version='1.0'?><stream:stream to='a.example'>\">>
2026-01-17 14:52:12.905 [debug] <0.562.0> (tcp|<0.562.0>) Send XML on stream = <<\"<?xml version='1.0'?><stream:stream id='1'>\">>
2026-01-17 14:52:12.906 [debug] <0.570.0> (tls|<0.570.0>) Received XML on stream = <<\"<message to=\\\"b\\\"><body>first\\nsecond</body>\">>
2026-01-17 14:52:12.907 [debug] <0.570.0> (tls|<0.570.0>) Received XML on stream = <<\"</message>\">>
2026-01-17 14:52:12.908 [debug] <0.562.0> (tcp|<0.562.0>) Received XML on stream = <<>>
",
        Format::Ejabberd
    ));
}

#[test]
fn prosody_has_whole_elements_or_start_tags() {
    insta::assert_snapshot!(shown(
        "\
Oct 07 04:09:50 mod_c2s\tinfo\tClient connected
Oct 07 04:09:50 c2s55ed533db830\tdebug\tSending[c2s_unauthed]: <?xml version='1.0'?>
Oct 07 04:09:50 c2s55ed533db830\tdebug\tSending[c2s_unauthed]: <stream:features>
Oct 07 04:09:50 c2s55ed533db830\tdebug\tSEND: <stream:features><bind/></stream:features>
Oct 07 04:09:50 c2s55ed533db830\tdebug\tRECV(64): <enable xmlns=\"urn:xmpp:sm:3\"/><iq id=\"1\"
  type=\"get\"/>
Oct 07 04:09:50 c2s55ed533db830\tdebug\tReceived[c2s]: <enable xmlns='urn:xmpp:sm:3'>
Oct 07 04:09:50 c2s55ed533db830\tdebug\tSEND(10): <enabled/>
Oct 07 04:09:51 c2s66ed533db830\tdebug\tSending[c2s]: <presence to='a@b' from='c@d'>
Oct 07 04:09:52 s2sout66ed533db0\tdebug\tSending[s2sout]: <message id='1'>
",
        Format::Prosody
    ));
}

#[test]
fn gajims_console_is_pretty_printed_and_has_accounts() {
    insta::assert_snapshot!(shown(
        "\
<!-- Outgoing Thu Nov 26 10:00:00 2026 (home) -->
<iq xmlns=\"jabber:client\" type=\"get\" id=\"1\">
  <ping xmlns=\"urn:xmpp:ping\" />
</iq>

<!-- Incoming Thu Nov 26 10:00:01 2026 (home) -->
<iq type=\"result\" id=\"1\" />

<!-- Incoming Thu Nov 26 10:00:02 2026 (work) -->
<r xmlns=\"urn:xmpp:sm:3\" />
",
        Format::Gajim
    ));
}

#[test]
fn gajims_log_has_the_xml_below_an_empty_line() {
    insta::assert_snapshot!(shown(
        "\
2026-11-26 10:00:00,000 (I) nbxmpp.client             | (home) Connect
2026-11-26 10:00:00,000 (I) nbxmpp.stream             | (home) ::::: DATA SENT ::::

<?xml version='1.0'?><stream:stream to='a.example'>

2026-11-26 10:00:01,500 (I) nbxmpp.stream             | (home) ::::: DATA RECEIVED ::::

<stream:features><starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/></stream:features>

2026-11-26 10:00:01,500 (I) nbxmpp.client             | (home) Set state: x
",
        Format::Gajim
    ));
}

#[test]
fn smack_counts_its_connections() {
    insta::assert_snapshot!(shown(
        "\
2026-12-11 12:25:33.548 5470-5636/org.example D/SMACK: SENT (0): <stream:stream to='a.example'>
2026-12-11 12:25:33.600 5470-5636/org.example D/SMACK: RECV (0): 
    <stream:features>
      <bind/>
    </stream:features>
2026-12-11 12:25:33.700 5470-5636/org.example D/OTHER: something else
2026-12-11 12:25:33.748 5470-5636/org.example D/SMACK: SENT (1): <presence/>
",
        Format::Smack
    ));
}

#[test]
fn profanitys_log_goes_on_through_tls_and_a_second_connection() {
    insta::assert_snapshot!(shown(
        "\
2026-11-26T10:00:00.000000+00: 00000042: prof: INF: Starting
2026-11-26T10:00:01.000000+00: 00000042: conn: DBG: SENT: <?xml version=\"1.0\"?><stream:stream to=\"a.example\">
2026-11-26T10:00:01.100000+00: 00000042: xmpp: DBG: RECV: <stream:stream id=\"1\">
2026-11-26T10:00:01.200000+00: 00000042: conn: DBG: SENT: <starttls xmlns=\"urn:ietf:params:xml:ns:xmpp-tls\"/>
2026-11-26T10:00:01.300000+00: 00000042: xmpp: DBG: RECV: <proceed xmlns=\"urn:ietf:params:xml:ns:xmpp-tls\"/>
2026-11-26T10:00:02.000000+00: 00000042: conn: DBG: SENT: <?xml version=\"1.0\"?><stream:stream to=\"a.example\">
2026-11-26T10:00:02.100000+00: 00000042: conn: DBG: SENT: </stream:stream>
2026-11-26T10:00:02.200000+00: 00000042: xmpp: DBG: RECV: </stream:stream>
2026-11-26T10:00:03.000000+00: 00000042: conn: DBG: SENT: <?xml version=\"1.0\"?><stream:stream to=\"a.example\">
2026-11-26T10:00:04.000000+00: 00000042: conn: DBG: SENT: <?xml version=\"1.0\"?><stream:stream to=\"a.example\">
",
        Format::Profanity
    ));
}

#[test]
fn profanitys_console_has_the_time_in_front_of_each_line() {
    insta::assert_snapshot!(shown(
        "10:00:01 - SENT:\n10:00:01 - <presence id=\"1\"/>\n10:00:01 - \n10:00:02 - RECV:\n10:00:02 - <iq\n10:00:02 - id=\"2\"/>\n",
        Format::Profanity
    ));
}

#[test]
fn slixmpp_has_bodies_of_several_lines() {
    insta::assert_snapshot!(shown(
        "\
2026-03-10 20:47:03,330 - DEBUG - Event triggered: sent_presence
2026-03-10 20:47:03,330 - DEBUG - SEND: <message id=\"1\"><body>test title

10 o'clock</body></message>
2026-03-10 20:47:03,331 - DEBUG - RECV: <presence><status>cut
2026-03-10 20:47:03,346 - DEBUG - Event triggered: presence
2026-03-10 20:47:03,346 - DEBUG - SEND: </stream:stream>
",
        Format::Slixmpp
    ));
}

#[test]
fn examples_of_the_rfcs_are_indented() {
    insta::assert_snapshot!(shown(
        "\
   Step 1: Client initiates stream to server:

   C: <stream:stream
        from='juliet@im.example.com'
        version='1.0'>

   Step 2: Server responds:

   S: <stream:stream
        id='t7AMCin9zjMNwQKDnplntZPIDEI='>

   S: <proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>
   C: <a/>
",
        Format::Rfc
    ));
}

#[test]
fn arrows_need_no_times() {
    insta::assert_snapshot!(shown(">>> <a/>\n<<< <b>\n      <c/>\n    </b>\nwords\n", Format::Arrows));
}

#[test]
fn one_sides_stream_is_cut_into_items() {
    insta::assert_snapshot!(shown(
        "<?xml version='1.0'?>\n<stream:stream id='1' from='a'><stream:features>\n  <bind/></stream:features> <message/><iq>unfinished",
        Format::Stream
    ));
    let (told, result) = told("<message><body>a</body></message>\n\n<presence/>", None);
    assert!(told.contains("1 -> at no time \"<presence/>\""), "{told}");
    assert_eq!(result.unwrap().told, 2);
}

#[test]
fn of_two_streams_in_each_other_is_guessed_who_says_what() {
    insta::assert_snapshot!(shown(
        "\
<stream:stream to='a' xmlns='jabber:client'>
<stream:stream from='a' id='1' xmlns='jabber:client'>
<stream:features/>
<auth mechanism='PLAIN'>AGE=</auth>
<success/>
<iq type='set' id='1'/>
<iq type='result' id='1'/>
<message from='b' to='c'/>
<message to='b'/>
<r/>
",
        Format::Stream
    ));
}

#[test]
fn what_is_of_no_form_is_an_error_that_shows_the_forms() {
    let (told_, result) = told("\nHello,\nit does not work\n", None);
    assert_eq!(told_, "");
    insta::assert_snapshot!(result.unwrap_err().to_string());
    let (_, result) = told("C: <a/>\n", Some(Format::Smack));
    insta::assert_snapshot!(result.unwrap_err().to_string());
    assert!("html".parse::<Format>().unwrap_err().to_string().contains("expected one of ejabberd, prosody"));
    assert_eq!("RFC".parse::<Format>().unwrap(), Format::Rfc);
    assert_eq!(looks_like(b"\xd4\xc3\xb2\xa1"), None);
}

#[test]
fn every_form_recognises_its_own_example() {
    for format in Format::ALL {
        assert_eq!(looks_like(format.example().as_bytes()), Some(format), "{format}");
    }
}

#[test]
fn a_log_that_begins_in_the_middle_of_an_element_is_still_a_log() {
    let text = "  <query xmlns='jabber:iq:roster'/>\n</iq>\nSENT (0): <presence/>\n";
    let (told, result) = told(text, None);
    let report = result.unwrap();
    assert_eq!((report.format, report.told, report.passed_over), (Format::Smack, 1, 2));
    assert!(
        told.ends_with("remark: 2 lines are no XML of a stream, and passed over (read as smack)\n"),
        "{told}"
    );
}

#[test]
fn a_line_without_end_is_told_as_far_as_it_is_kept() {
    let text = format!("C: <a>{}</a>\nC: <b/>\n", "x".repeat(LINE_OCTETS_MAX));
    let (told, result) = told(&text, None);
    assert_eq!(result.unwrap().told, 2);
    assert!(
        told.contains("1 of Dialler missing: Some(10)\n1 -> at no time \"<b/>\""),
        "{}",
        &told[told.len() - 200..]
    );
}

#[test]
fn an_element_without_end_does_not_grow_for_ever() {
    let text = format!("C: <a>\n{}C: <b/>\n", format!("{}\n", "x".repeat(1_000_000)).repeat(20));
    let (told, _) = told(&text, None);
    assert!(told.contains("1 of Dialler missing: None"));
    assert!(told.ends_with("1 -> at no time \"<b/>\"\n1 is no longer told of\nremark: 3 lines are no XML of a stream, and passed over (read as rfc)\n"));
}

/// Elements of both sides, as each form writes them.
fn written(format: Format, elements: &[(bool, String)]) -> String {
    let mut text = String::new();
    for (sent, xml) in elements {
        let word = |one: &'static str, other: &'static str| if *sent { one } else { other };
        let _ = match format {
            Format::Ejabberd => {
                let escaped = xml.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
                writeln!(
                    text,
                    "[debug] (tls|<0.5.0>) {} XML on stream = <<\"{escaped}\">>",
                    word("Received", "Send")
                )
            }
            Format::Prosody => writeln!(text, "c2s55ed533db830\tdebug\t{}: {xml}", word("RECV", "SEND")),
            Format::Gajim => writeln!(
                text,
                "<!-- {} Thu Nov 26 10:00:00 2026 (a) -->\n{xml}\n",
                word("Outgoing", "Incoming")
            ),
            Format::Smack => writeln!(text, "{} (0): {xml}", word("SENT", "RECV")),
            Format::Profanity => writeln!(text, "{} {xml}", word("conn: DBG: SENT:", "xmpp: DBG: RECV:")),
            Format::Slixmpp => writeln!(text, "DEBUG    {}: {xml}", word("SEND", "RECV")),
            Format::Rfc => writeln!(text, "{}: {xml}", word("C", "S")),
            Format::Arrows => writeln!(text, "{} {xml}", word(">>>", "<<<")),
            Format::Stream => writeln!(text, "{xml}"),
        };
    }
    text
}

fn element() -> impl Strategy<Value = String> {
    // Lines of text are not such as would be marks.
    ("[a-z]{1,5}", "[ a-z\\\\\n\"]{0,12}")
        .prop_map(|(name, text)| format!("<{name} a='>'><b/>{text}</{name}>"))
}

proptest! {
    #[test]
    fn what_was_said_comes_back_in_every_form(
        elements in proptest::collection::vec((any::<bool>(), element()), 1..8),
        format in proptest::sample::select(Format::ALL.to_vec()),
    ) {
        let mut came = Vec::new();
        let result = read(written(format, &elements).as_bytes(), None, |happening: Happening<'_>| {
            if let Happening::Octets { side, octets, .. } = happening {
                came.push((side == Side::Dialler, String::from_utf8(octets.to_vec()).unwrap()));
            }
        });
        prop_assert_eq!(result.unwrap().format, format);
        if format == Format::Stream {
            let elements: Vec<_> = elements.into_iter().map(|(_, xml)| (true, xml)).collect();
            prop_assert_eq!(came, elements);
        } else {
            prop_assert_eq!(came, elements);
        }
    }

    #[test]
    fn any_text_is_read_or_refused_and_connections_are_told_in_order(
        parts in proptest::collection::vec(prop_oneof![
            "[ -~]{0,20}", Just("\n".to_owned()), Just("RECV: <a>".to_owned()), Just("C: <stream:stream>".to_owned()),
            Just("<!-- In 10:00:00 -->".to_owned()), Just("S: </stream:stream>".to_owned()), Just("c2s55ed53: Received[c2s]: <a".to_owned()),
            Just("Send XML on stream = <<\"<a\\".to_owned()), Just("</a>".to_owned()),
        ], 0..20),
        format in proptest::option::of(proptest::sample::select(Format::ALL.to_vec())),
    ) {
        let text = parts.concat();
        let mut open = std::collections::BTreeSet::new();
        let mut seen = std::collections::BTreeSet::new();
        let _ = read(text.as_bytes(), format, |happening: Happening<'_>| match happening {
            Happening::Opened { id, .. } => assert!(seen.insert(id) && open.insert(id)),
            Happening::Octets { id, octets, .. } => assert!(open.contains(&id) && !octets.is_empty()),
            Happening::Missing { id, .. } => assert!(open.contains(&id)),
            Happening::Ended { id, how, .. } => assert!(if how == Ending::Abandoned { open.remove(&id) } else { open.contains(&id) }),
            Happening::Remark { .. } => {}
        });
    }
}
