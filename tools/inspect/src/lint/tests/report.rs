//! The report over all findings.

use super::dialogue::numbered;
use crate::lint::{Report, Verdict};

fn report(dialogue: &str) -> Report {
    let mut report = Report::new();
    for (entry, finding) in numbered(dialogue) {
        report.take(entry, &[finding]);
    }
    report
}

const SOME: &str = "
    @c2s
    C: <iq type='get'><ping xmlns='urn:xmpp:ping'/></iq>
    C: <iq type='get'/>
    C: <presence to='romeo@example.net' type='probe'/>
    C: <hello xmlns='urn:example'/>";

#[test]
fn the_table_has_the_gravest_first() {
    insta::assert_snapshot!(report(SOME), @"
    error    iq-without-id       RFC 6120 §8.2.3       2  #14 #15
             an iq has an id; found: an iq without an id
    error    iq-request-payload  RFC 6120 §8.2.3       1  #15
             an iq get or set has exactly one child; found: 0 children
    warning  client-probes       RFC 6121 §4.7.1       1  #16
             servers probe, clients do not; found: a probe by a client
    note     element-unknown     RFC 6120 §4.8.4       1  #17
             elements of a stream that are no stanzas are those that were negotiated; found: <hello/> in 'urn:example'
    3 errors, 1 warning, 1 note
    ");
}

#[test]
fn the_report_is_json_too() {
    insta::assert_snapshot!(serde_json::to_string(&report(SOME).rows()[0]).unwrap(), @r#"{"rule":"iq-without-id","severity":"error","section":"RFC 6120 §8.2.3","count":2,"entries":[14,15],"explanation":"an iq has an id","found":"an iq without an id"}"#);
    assert_eq!(serde_json::to_value(report(SOME)).unwrap().as_array().unwrap().len(), 4);
}

#[test]
fn the_verdict_is_that_of_the_gravest() {
    assert_eq!(report(SOME).verdict(), Verdict::Errors);
    assert_eq!(
        report("@c2s\nC: <presence to='romeo@example.net' type='probe'/>").verdict(),
        Verdict::Warnings
    );
    assert_eq!(report("@c2s\nC: <hello xmlns='urn:example'/>").verdict(), Verdict::Clean);
    assert!(report("@c2s").is_empty());
    assert_eq!(Report::new().to_string(), "nothing is against the rules\n");
}

#[test]
fn only_the_first_entries_are_named() {
    let many = "C: <iq type='get'><ping xmlns='urn:xmpp:ping'/></iq>\n".repeat(9);
    let report = report(&format!("@c2s\n{many}"));
    let row = report.rows()[0];
    assert_eq!((row.count, row.entries.len()), (9, crate::lint::EXAMPLES_MAX));
}
