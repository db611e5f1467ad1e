//! Redaction, and transcripts that can be read again.

use serde_json::json;
use tempfile::TempDir;

use crate::{run, shown};

/// Names, addresses and texts of the recorded conversation.
const PRIVATE: [&str; 6] = ["juliet", "romeo", "chat.example", "127.0.0.1", "balcony", "orchard"];

#[test]
fn nothing_private_is_left_in_what_is_redacted() {
    for form in [
        &["--brief"][..],
        &["--json"],
        &["--stats"],
        &["--lint"],
        &["--html", "-"],
        &["--transcript", "-"],
        &[],
    ] {
        let mut arguments = vec!["prosody-plain.pcap", "--redact"];
        arguments.extend(form);
        let text = shown(&arguments).to_lowercase();
        for private in PRIVATE {
            // The title of the page is the file's name.
            assert!(!text.contains(private), "{form:?} shows {private}");
        }
    }
}

#[test]
fn secrets_are_shown_only_where_they_are_asked_for() {
    let sasl = |arguments: &[&str]| {
        let all = [&["prosody-plain.pcap", "--filter", "sasl"], arguments].concat();
        shown(&all)
    };
    assert!(sasl(&[]).contains("…</auth>") && sasl(&[]).contains("…</response>"));
    let secrets = sasl(&["--show-secrets"]);
    assert!(secrets.contains("</auth>") && !secrets.contains('…'), "{secrets}");
}

#[test]
fn a_transcript_reads_as_what_it_was_made_of() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("chat.jsonl");
    let path = path.to_str().unwrap();
    // Who signs in is among what is hidden.
    let what = ["--filter", "phase>=established and (message or iq or presence or sm)"];
    let of = |file: &str| shown(&[&[file, "--brief"], &what[..]].concat());
    // Numbers and connections may be others, who said what when is not.
    let said = |text: &str| -> Vec<String> {
        text.lines()
            .map(|line| line.split_whitespace().skip(3).take_while(|word| *word != "↳").collect())
            .collect()
    };
    let text = shown(&["prosody-plain.pcap", "--transcript", path]);
    assert_eq!(text, "");
    assert_eq!(said(&of(path)), said(&of("prosody-plain.pcap")));
}

#[test]
fn a_transcript_is_judged_as_what_it_was_made_of() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("chat.jsonl");
    let path = path.to_str().unwrap();
    let rules = |file: &str| -> Vec<String> {
        let text = shown(&[file, "--lint"]);
        let is_rule = |line: &&str| !line.starts_with(' ') && line.split_whitespace().count() > 3;
        let words =
            |line: &str| line.split_whitespace().take(2).map(str::to_owned).collect::<Vec<_>>().join(" ");
        text.lines().filter(is_rule).map(words).filter(|words| !words.ends_with("errors,")).collect()
    };
    for capture in ["prosody-plain.pcap", "chatdev-plain.pcap", "chatdev-starttls-dsb.pcapng"] {
        shown(&[capture, "--transcript", path]);
        assert_eq!(rules(path), rules(capture), "{capture}");
    }
}

#[test]
fn a_redacted_transcript_tells_the_same_story_of_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("shared.jsonl");
    let path = path.to_str().unwrap();
    shown(&["chatdev-plain.pcap", "--transcript", path, "--redact"]);
    insta::assert_snapshot!(shown(&[path, "--brief"]));
}

/// A folder with `chat.jsonl` in it: what a client (`C`) and its server say, and where octets are missing (`-`).
/// One a minute.
fn transcript(said: &[(char, &str)]) -> (TempDir, String) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("chat.jsonl");
    let mut lines = vec![
        json!({"transcript": 1, "by": "x", "at": "2026-11-26T00:00:00Z"}),
        json!({"at": "2026-11-26T00:00:00Z", "connection": 1, "opened": {"dialler": "10.0.0.7:54846", "answerer": "10.0.0.1:5222"}}),
    ];
    lines.extend(said.iter().enumerate().map(|(minute, (who, text))| {
        let at = format!("2026-11-26T00:{minute:02}:00Z");
        match who {
            '-' => json!({"at": at, "connection": 1, "by": "dialler", "missing": 10}),
            _ => {
                let by = if *who == 'C' { "dialler" } else { "answerer" };
                json!({"at": at, "connection": 1, "by": by, "layer": "clear", "text": text})
            }
        }
    }));
    let lines: String = lines.iter().map(|line| format!("{line}\n")).collect();
    std::fs::write(&path, lines).expect("a file");
    let path = path.to_str().expect("a path of text").to_owned();
    (folder, path)
}

const HEADER: &str = "<stream:stream to='corp.example' xmlns:stream='http://etherx.jabber.org/streams' xmlns='jabber:client' version='1.0'>";

/// All outputs, one after the other.
fn all_forms(path: &str, more: &[&str]) -> String {
    let forms: [&[&str]; 8] = [
        &[],
        &["--brief"],
        &["--json"],
        &["--stats"],
        &["--stats", "--json"],
        &["--lint"],
        &["--lint", "--json"],
        &["--transcript", "-"],
    ];
    let text: String = forms.iter().map(|form| shown(&[&[path], *form, more].concat())).collect();
    text + &shown(&[&[path, "--html", "-"], more].concat())
}

#[test]
fn a_password_is_shown_nowhere_however_it_is_sent() {
    let (_folder, path) = transcript(&[
        ('C', HEADER),
        // `user NUL password`, as PLAIN (RFC 4616) is not.
        ('C', "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>YWxpY2UATEVBSzE=</auth>"),
        ('S', "<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>"),
        ('C', "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism=PLAIN>LEAK2</auth>"),
        ('S', "<enabled xmlns='urn:xmpp:sm:3' id='LEAK3' resume='true'/>"),
        (
            'S',
            "<message from='r@m'><received xmlns='urn:xmpp:carbons:2'><forwarded xmlns='urn:xmpp:forward:0'><message xmlns='jabber:client'><x xmlns='http://jabber.org/protocol/muc#user'><password>LEAK4</password></x></message></forwarded></received></message>",
        ),
        (
            'C',
            "<iq type='get' id='b' foo=bar><query xmlns='jabber:iq:auth'><password>LEAK5</password></query></iq>",
        ),
        ('C', "<iq id='1'><query xmlns='jabber:iq:auth'><password>LEAK6"),
        ('-', ""),
        ('C', "LEAK7</password></query></iq><presence/>"),
        ('C', "LEAK8</auth>"),
    ]);
    let text = all_forms(&path, &[]);
    assert!(!text.contains("LEAK") && text.contains("session1"), "{text}");
}

#[test]
fn what_is_found_at_the_end_names_nobody_either() {
    let (_folder, path) = transcript(&[
        ('C', HEADER),
        ('S', HEADER),
        (
            'C',
            "<iq type='get' id='SECRETID' to='NAMEX@corp.example/home'><query xmlns='jabber:iq:roster'/></iq>",
        ),
        ('S', "<message from='a@b' to='c@corp.example'><body>x</body></message>"),
        ('S', "<message from='a@b' to='c@corp.example'><body>x</body></message>"),
    ]);
    let text = shown(&[&path, "--lint"]);
    assert!(text.contains("SECRETID"), "{text}");
    let text = all_forms(&path, &["--redact"]);
    assert!(!text.contains("SECRETID") && !text.contains("NAMEX"), "{text}");
}

#[test]
fn a_page_that_is_redacted_does_not_tell_the_name_of_its_file() {
    let (_folder, path) = transcript(&[('C', HEADER)]);
    assert!(shown(&[&path, "--html", "-"]).contains("<title>chat.jsonl"));
    let output = run(&[&path, "--html", "-", "--redact", "--keys", "/nowhere/corp.keys"]);
    let page = String::from_utf8(output.stdout).unwrap();
    assert!(page.contains("<title>a capture") && !page.contains("chat.jsonl") && !page.contains("corp.keys"));
}

#[test]
fn names_are_hidden_where_only_words_of_specifications_belong() {
    let (_folder, path) = transcript(&[
        ('C', HEADER),
        ('S', "<enabled xmlns='urn:xmpp:sm:3' id='x' resume='true' location='NAME.corp:5222'/>"),
        ('S', "<message xml:lang='NAME' type='NAME'><body>x</body></message>"),
        ('S', "<NAME xmlns='u:NAME'/>"),
        (
            'S',
            "<iq type='result' id='1'><query xmlns='jabber:iq:private'><NAME-note xmlns='n:p'/></query></iq>",
        ),
        (
            'C',
            "<iq type='get' id='2'><query xmlns='u:z' reason='NAME' last='NAME' NAME='1'><max>NAME</max></query></iq>",
        ),
        ('C', "<iq type='get' id='3'><x xmlns='jabber:x:data'><field var='muc#NAME@corp'/></x></iq>"),
        ('C', "<presence><show>NAME</show><priority>NAME</priority></presence>"),
        (
            'S',
            "<iq type='error' id='2'><error type='cancel'><NAME xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>",
        ),
        ('C', "<?xml NAME?><message type=chat to='NAME@corp'><body>NAME</body></message>"),
        ('C', "<resume xmlns='urn:xmpp:sm:3' previd='x' h='1'/>"),
    ]);
    let text = all_forms(&path, &["--redact"]);
    assert!(!text.contains("NAME"), "{}", &text[text.find("NAME").unwrap().saturating_sub(400)..]);
}

#[test]
fn nothing_acts_on_a_terminal() {
    let (_folder, path) =
        transcript(&[('C', HEADER), ('C', "<message><body>a\u{7f}b\u{9b}31m\u{202e}c</body></message>")]);
    let acts = |character: char| (character.is_control() && character != '\n') || character == '\u{202e}';
    assert!(!all_forms(&path, &[]).replace('\t', " ").contains(acts));
    let complaint = String::from_utf8(run(&["no\u{1b}[31m\u{9b}file"]).stderr).unwrap();
    assert!(complaint.contains("no␛[31m") && !complaint.contains(acts), "{complaint:?}");
}
