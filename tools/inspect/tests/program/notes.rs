//! What is told beside the entries: what could not be read, and what is known only at the end.

use serde_json::Value;

use crate::{complaint, run, shown};

#[test]
fn what_is_sealed_is_not_called_clean() {
    let sealed = shown(&["chatdev-starttls.pcapng", "--lint"]);
    assert!(sealed.contains("could not be read inside TLS: give a key log with --keys"), "{sealed}");
    let opened = shown(&["chatdev-starttls.pcapng", "--lint", "--keys", "chatdev-starttls.keys"]);
    assert!(!opened.contains("inside TLS"), "{opened}");
    let others = shown(&["chatdev-starttls.pcapng", "--lint", "--keys", "prosody-tls12.keys"]);
    assert!(others.contains("inside TLS: the key logs hold no keys of them"), "{others}");
}

#[test]
fn without_a_key_log_nothing_is_said_of_one() {
    let sealed = shown(&["chatdev-starttls.pcapng", "--brief", "--filter", "tls"]);
    assert!(sealed.contains("unreadable: no key log was given (--keys FILE)"), "{sealed}");
    let others =
        shown(&["chatdev-starttls.pcapng", "--brief", "--filter", "tls", "--keys", "prosody-tls12.keys"]);
    assert!(others.contains("unreadable: the key log has no"), "{others}");
}

#[test]
fn a_key_log_that_is_not_there_is_an_error() {
    let output = run(&["chatdev-plain.pcap", "--brief", "--keys", "nowhere.keys"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(!output.stdout.is_empty(), "what could be read is shown");
    let said = complaint(&["chatdev-plain.pcap", "--stats", "--keys", "nowhere.keys"]);
    assert!(said.contains("key log nowhere.keys could not be read"), "{said}");
}

/// A transcript at whose end a question waits for its answer, and no iq breaks a rule but so.
fn unanswered() -> (tempfile::TempDir, String) {
    let said = [
        (
            "10:00:00",
            "dialler",
            "<?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' to='a.example' version='1.0'>",
        ),
        (
            "10:00:00",
            "answerer",
            "<?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' from='a.example' id='one' version='1.0' xml:lang='en'><stream:features><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></stream:features>",
        ),
        (
            "10:00:01",
            "dialler",
            "<iq type='set' id='secret.person'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>",
        ),
        ("10:59:00", "answerer", "<iq type='get' id='x' from='a.example'><ping xmlns='urn:xmpp:ping'/></iq>"),
    ];
    transcript(&said)
}

#[test]
fn what_is_known_only_at_the_end_is_in_every_form_that_shows_findings() {
    let (_folder, path) = unanswered();
    assert!(shown(&[&path, "--lint"]).contains("iq-unanswered"));
    let text = shown(&[&path]);
    assert!(text.contains("connection 1: #5 with the id 'secret.person' [iq-unanswered]"), "{text}");
    let json = shown(&[&path, "--json"]);
    let last: Value = serde_json::from_str(json.lines().last().unwrap()).unwrap();
    let late = &last["summary"]["late_findings"][0];
    assert_eq!((&late["connection"], &late["rule"]), (&1.into(), &"iq-unanswered".into()), "{json}");
    assert!(late["severity"].is_string() && late["section"].is_string() && late["found"].is_string());
    assert!(shown(&[&path, "--html", "-"]).contains("iq-unanswered]"));
    for form in [&["--html", "-"][..], &["--json"], &[], &["--lint"]] {
        let redacted = shown(&[&[&*path, "--redact"], form].concat());
        assert!(redacted.contains("iq-unanswered") && !redacted.contains("secret.person"), "{redacted}");
    }
}

#[test]
fn a_filter_judges_what_it_shows() {
    let (_folder, path) = unanswered();
    assert_eq!(run(&[&path, "--lint"]).status.code(), Some(1));
    let chosen = run(&[&path, "--lint", "--filter", "id=x"]);
    let text = String::from_utf8(chosen.stdout).unwrap();
    assert_eq!(chosen.status.code(), Some(0), "{text}");
    assert!(text.contains("1 finding known only at the end is not shown because of the filter"), "{text}");
    let judged = |filter: &str| run(&["broken.pcapng", "--lint", "--filter", filter]).status.code();
    assert_eq!(judged("rule=iq-without-id"), Some(1));
    assert_eq!(judged("keepalive"), Some(0), "nothing that is shown is against a rule");
}

#[test]
fn segments_that_were_passed_over_are_told() {
    let capture = std::fs::read(crate::captures().join("chatdev-plain.pcap")).unwrap();
    // Without the handshake of its first connection: what follows is read from the middle on.
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("middle.pcap");
    let mut packets = Vec::new();
    let mut rest = &capture[24..];
    while rest.len() >= 16 {
        let octets = 16 + u32::from_le_bytes(rest[8..12].try_into().unwrap()) as usize;
        packets.push(&rest[..octets]);
        rest = &rest[octets..];
    }
    // A reset far outside the window, of which a receiver takes no notice.
    let mut reset = packets[3].to_vec();
    let tcp = reset.len() - (reset.len() - 16 - 14 - 20);
    reset[tcp + 13] = 0x04;
    reset[tcp + 4] ^= 0x80;
    let whole = [&capture[..24], &packets[..4].concat(), &reset, &packets[4..].concat()].concat();
    std::fs::write(&path, whole).unwrap();
    let stats = shown(&[path.to_str().unwrap(), "--stats"]);
    assert!(stats.contains("outside"), "{stats}");
}

/// A transcript of stanzas of one connection, each at its time.
fn transcript(said: &[(&str, &str, &str)]) -> (tempfile::TempDir, String) {
    let mut text = String::from("{\"transcript\":1,\"by\":\"x\",\"at\":\"2026-11-26T10:00:00Z\"}\n");
    text.push_str("{\"at\":\"2026-11-26T10:00:00Z\",\"connection\":1,\"opened\":{\"dialler\":\"127.0.0.1:50000\",\"answerer\":\"127.0.0.1:5222\"}}\n");
    for (time, by, xml) in said {
        text.push_str(&format!("{{\"at\":\"2026-11-26T{time}Z\",\"connection\":1,\"by\":\"{by}\",\"layer\":\"tls\",\"text\":\"{xml}\"}}\n"));
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("said.jsonl");
    std::fs::write(&path, text).unwrap();
    let path = path.to_str().unwrap().to_owned();
    (folder, path)
}

#[test]
fn a_clock_that_goes_back_is_shown_to() {
    let (_folder, path) = transcript(&[("09:59:58.5", "dialler", "<presence/>")]);
    assert!(shown(&[&path, "--brief"]).contains(" -1.500000  "));
    let json = shown(&[&path, "--json"]);
    let second: Value = serde_json::from_str(json.lines().nth(1).unwrap()).unwrap();
    assert_eq!(second["time_ns"], -1_500_000_000_i64, "{json}");
}

#[test]
fn an_answer_at_once_took_no_time() {
    let (_folder, path) = transcript(&[
        ("10:00:01", "dialler", "<iq type='get' id='1'><ping xmlns='urn:xmpp:ping'/></iq>"),
        ("10:00:01", "answerer", "<iq type='result' id='1'/>"),
    ]);
    let report: Value = serde_json::from_str(&shown(&[&path, "--stats", "--json"])).unwrap();
    assert_eq!(report["answered_after"][0]["max_ns"], 0, "{report}");
}

#[test]
fn a_presence_that_is_an_error_is_called_so_once() {
    let (_folder, path) = transcript(&[(
        "10:00:01",
        "answerer",
        "<presence type='error' from='a@b'><error type='cancel'><item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></presence>",
    )]);
    let brief = shown(&[&path, "--brief"]);
    assert!(brief.contains("presence error: item-not-found"), "{brief}");
    assert!(!brief.contains("presence presence"), "{brief}");
}
