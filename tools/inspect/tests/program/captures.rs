//! What each recorded conversation looks like.

use crate::shown;

/// A capture, and its key log if it needs one.
const CAPTURES: [(&str, Option<&str>); 12] = [
    ("broken.pcapng", None),
    ("chatdev-plain.pcap", None),
    ("chatdev-starttls.pcapng", Some("chatdev-starttls.keys")),
    ("chatdev-starttls-dsb.pcapng", None),
    ("cut.pcap", None),
    ("gaps.pcap", None),
    ("lossy.pcap", None),
    ("prosody-plain.pcap", None),
    ("prosody-tls12.pcapng", Some("prosody-tls12.keys")),
    ("prosody-tls13-direct.pcapng", Some("prosody-tls13-direct.keys")),
    ("simulation.pcapng", None),
    ("vlan6.pcapng", None),
];

fn of_each(form: &str) {
    for (file, keys) in CAPTURES {
        let mut arguments = vec![file, form];
        if let Some(keys) = keys {
            arguments.extend(["--keys", keys]);
        }
        insta::assert_snapshot!(format!("{}{form}", file.replace('.', "-")), shown(&arguments));
    }
}

#[test]
fn each_conversation_line_by_line() {
    of_each("--brief");
}

#[test]
fn what_is_against_the_rules_in_each() {
    of_each("--lint");
}

#[test]
fn the_secrets_within_a_capture_open_as_much_as_a_key_log_beside_it() {
    let beside = shown(&["chatdev-starttls.pcapng", "--brief", "--keys", "chatdev-starttls.keys"]);
    assert_eq!(shown(&["chatdev-starttls-dsb.pcapng", "--brief"]), beside);
    assert!(beside.contains("chat message"), "the direct stream is opened too");
}

#[test]
fn without_keys_it_is_said_what_is_missing() {
    let closed = shown(&["chatdev-starttls.pcapng", "--brief", "--filter", "tls"]);
    assert!(closed.contains("unreadable: no key log was given"), "{closed}");
    assert!(closed.contains("octets could not be read"), "{closed}");
}
