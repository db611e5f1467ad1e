//! Outputs, filters, and what is said when something is wrong.

use serde_json::Value;

use crate::{captures, complaint, run, shown};

#[test]
fn each_entry_with_its_xml() {
    insta::assert_snapshot!(shown(&["broken.pcapng", "--filter", "connection=3"]));
}

#[test]
fn a_report_in_figures() {
    insta::assert_snapshot!(shown(&["prosody-plain.pcap", "--stats"]));
    let report: Value = serde_json::from_str(&shown(&["prosody-plain.pcap", "--stats", "--json"])).unwrap();
    assert_eq!(report["kinds"][0]["name"], "message");
    assert!(report["answered_after"][0]["p50_ns"].as_u64().unwrap() > 0);
}

#[test]
fn json_has_a_line_for_each_entry_and_one_for_the_whole() {
    let text = shown(&["chatdev-plain.pcap", "--json"]);
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let (last, entries) = lines.split_last().unwrap();
    assert_eq!(last["summary"]["entries"], entries.len());
    assert_eq!(entries.len(), shown(&["chatdev-plain.pcap", "--brief"]).lines().count());
    let answer = entries.iter().find(|entry| entry["title"] == "bind result").unwrap();
    let asked = usize::try_from(answer["answers"]["number"].as_u64().unwrap()).unwrap();
    assert_eq!(entries[asked - 1]["title"], "bind set");
    insta::assert_snapshot!(text.lines().take(12).collect::<Vec<_>>().join("\n"));
}

#[test]
fn a_filter_chooses_what_is_shown() {
    let all = shown(&["prosody-plain.pcap", "--brief"]).lines().count();
    let some = shown(&["prosody-plain.pcap", "--brief", "--filter", "message"]).lines().count();
    let others = shown(&["prosody-plain.pcap", "--brief", "--filter", "not message"]).lines().count();
    assert!(some > 10 && others > 10);
    assert_eq!(some + others, all);
    let found = shown(&["broken.pcapng", "--brief", "--filter", "rule=iq-without-id"]);
    assert_eq!(found.lines().count(), 1, "a filter that asks for findings has entries judged");
}

#[test]
fn a_filter_that_cannot_be_understood_is_answered_at_the_spot() {
    insta::assert_snapshot!(complaint(&["broken.pcapng", "--filter", "kind=iq and frm=bob"]));
}

#[test]
fn times_are_shown_as_asked() {
    let first = |times: &str| {
        let text = shown(&["chatdev-plain.pcap", "--brief", "--times", times]);
        text.lines().nth(1).unwrap().split_whitespace().nth(1).unwrap().to_owned()
    };
    assert!(first("absolute").contains("T") && first("absolute").ends_with('Z'));
    assert!(first("relative").starts_with("0."));
    assert!(first("delta").starts_with("0."));
    assert_eq!(first("off"), "1", "the connection follows");
}

#[test]
fn the_status_says_whether_rules_are_broken() {
    assert_eq!(run(&["broken.pcapng", "--lint"]).status.code(), Some(1));
    let sealed = ["chatdev-starttls-dsb.pcapng", "--lint"];
    assert_eq!(run(&sealed).status.code(), Some(0));
    assert_eq!(run(&["broken.pcapng", "--brief"]).status.code(), Some(0));
}

#[test]
fn what_cannot_be_read_is_said_with_what_to_do() {
    insta::assert_snapshot!(complaint(&["nowhere.pcap"]));
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("picture.png");
    std::fs::write(&path, b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR").unwrap();
    let said = complaint(&[path.to_str().unwrap()]);
    assert!(said.contains("89 50 4e 47"), "{said}");
}

#[test]
fn a_capture_that_ends_within_a_packet_is_shown_up_to_there() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("torn.pcap");
    let whole = std::fs::read(captures().join("chatdev-plain.pcap")).unwrap();
    std::fs::write(&path, &whole[..whole.len() / 2]).unwrap();
    let output = run(&[path.to_str().unwrap(), "--brief"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(output.stdout.split(|octet| *octet == b'\n').count() > 20);
    assert!(!output.stderr.is_empty());
}

#[test]
fn a_page_is_written_whole_and_only_for_its_owner() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("page.html");
    shown(&["prosody-plain.pcap", "--html", path.to_str().unwrap()]);
    let page = std::fs::read_to_string(&path).unwrap();
    assert!(page.starts_with("<!DOCTYPE html>") || page.starts_with("<!doctype html>"));
    assert!(page.trim_end().ends_with("</html>"));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
}

#[test]
fn what_can_be_asked_is_printed() {
    assert!(shown(&["filters"]).contains("latency>50ms"));
    assert!(shown(&["rules"]).contains("iq-without-id"));
    assert!(shown(&["formats"]).contains("prosody"));
}
