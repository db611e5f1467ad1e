//! What OpenSSL does and rustls does not: key exchange with RSA and DHE, renegotiation, suites that cannot be read.

use super::seen::Seen;
use crate::model::Side;
use crate::tls::{KeyLog, Suite, Why};

const RECORDED: &str = include_str!("../testdata/openssl.txt");

/// SHA-256 of the server's certificate begins so.
const CERTIFICATE: &str = "< certificate 107a";

fn read(name: &str) -> Seen {
    let section =
        RECORDED.split("\n= ").find_map(|section| section.strip_prefix(name)?.strip_prefix('\n')).unwrap();
    let mut keys = KeyLog::new();
    let mut wire = Vec::new();
    for line in section.lines() {
        match line.split_once(' ').unwrap() {
            (">", digits) => wire.push((Side::Dialler, hex(digits))),
            ("<", digits) => wire.push((Side::Answerer, hex(digits))),
            _ => keys.add(format!("{line}\n").as_bytes()),
        }
    }
    assert_eq!(keys.bad_lines(), 0);
    Seen::of(&wire, &mut keys)
}

fn hex(digits: &str) -> Vec<u8> {
    let (pairs, []) = digits.as_bytes().as_chunks::<2>() else { panic!("odd digits") };
    pairs.iter().map(|pair| u8::from_str_radix(str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
}

const FROM_CLIENT: &[u8] = b"hello from the client\n";
const FROM_SERVER: &[u8] = b"hello from the server\n";

#[test]
fn tls_1_2_is_read_whatever_the_keys_were_agreed_on_with() {
    for suite in [
        "TLS_RSA_WITH_AES_128_GCM_SHA256",
        "TLS_RSA_WITH_AES_256_GCM_SHA384",
        "TLS_DHE_RSA_WITH_AES_128_GCM_SHA256",
        "TLS_DHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
        "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
        "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
        "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
    ] {
        let seen = read(suite);
        seen.assert_complete(&[FROM_CLIENT.to_vec(), FROM_SERVER.to_vec()]);
        assert_eq!(
            seen.words,
            [
                r#"> hello for Some("example.net"), [], ["TLS 1.2"]"#,
                CERTIFICATE,
                &format!("< TLS 1.2, {suite}, None"),
                "> close_notify",
                "< close_notify",
            ]
        );
    }
}

#[test]
fn a_session_resumed_by_its_id_is_read() {
    let seen = read("resumed by session id");
    seen.assert_complete(&[FROM_CLIENT.to_vec(), FROM_SERVER.to_vec()]);
    assert_eq!(seen.words[1], "< TLS 1.2, TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, None, resumed");
}

#[test]
fn a_handshake_inside_a_connection_is_followed() {
    let seen = read("renegotiated");
    seen.assert_complete(&[[FROM_CLIENT, b"hello again\n"].concat(), FROM_SERVER.to_vec()]);
    let agreed = "< TLS 1.2, TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, None";
    assert_eq!(seen.words[1..5], [CERTIFICATE, agreed, CERTIFICATE, agreed]);
}

#[test]
fn suites_that_cannot_be_read_are_named_once_for_each_side() {
    for (name, suite, version) in [
        ("TLS_RSA_WITH_AES_128_CBC_SHA", Suite(0x002f), "TLS 1.2"),
        ("TLS_AES_128_CCM_SHA256", Suite(0x1304), "TLS 1.3"),
    ] {
        let seen = read(name);
        assert_eq!(seen.plain, [b"", b""]);
        assert!(
            seen.words.iter().any(|words| words.starts_with(&format!("< {version}, {name}, None"))),
            "{:?}",
            seen.words
        );
        let mut unreadable = seen.unreadable.clone();
        unreadable.sort_by_key(|(side, _)| *side);
        assert_eq!(unreadable, Side::BOTH.map(|side| (side, Why::Suite(suite))));
        assert!(seen.sealed.iter().all(|octets| *octets > FROM_CLIENT.len()));
        assert_eq!(
            seen.unreadable[0].1.to_string(),
            format!("{name} cannot be read: only suites with AES-GCM or ChaCha20-Poly1305 can")
        );
    }
}
