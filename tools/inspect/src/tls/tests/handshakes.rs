//! Full handshakes of both versions: every suite that rustls has, certificates, retries, changes of keys, alerts.

use rustls::crypto::ring as provider;

use super::party::{Circumstances, Connection, IDENTITY};
use super::seen::Seen;
use crate::model::Side;

fn certificate(who: char) -> String {
    let fingerprint = IDENTITY.fingerprint();
    format!("{who} certificate {:02x}{:02x}", fingerprint[0], fingerprint[1])
}

const HELLO: &str = r#"> hello for Some("example.net"), ["xmpp-client"], ["TLS 1.3", "TLS 1.2"]"#;

#[test]
fn every_suite_of_tls_1_3_is_read() {
    let suites = [
        (provider::cipher_suite::TLS13_AES_128_GCM_SHA256, "TLS_AES_128_GCM_SHA256"),
        (provider::cipher_suite::TLS13_AES_256_GCM_SHA384, "TLS_AES_256_GCM_SHA384"),
        (provider::cipher_suite::TLS13_CHACHA20_POLY1305_SHA256, "TLS_CHACHA20_POLY1305_SHA256"),
    ];
    for (suite, name) in suites {
        let circumstances = Circumstances {
            suites: vec![suite],
            versions: vec![&rustls::version::TLS13],
            ..Circumstances::default()
        };
        let mut connection = Connection::with_words(&circumstances);
        connection.close();
        let seen = Seen::of_connection(&connection);
        seen.assert_complete(&connection.said);
        assert_eq!(
            seen.words,
            [
                r#"> hello for Some("example.net"), ["xmpp-client"], ["TLS 1.3"]"#.to_owned(),
                format!(r#"< TLS 1.3, {name}, Some("xmpp-client")"#),
                certificate('<'),
                "> close_notify".to_owned(),
                "< close_notify".to_owned(),
            ]
        );
    }
}

#[test]
fn every_suite_of_tls_1_2_with_ecdsa_is_read() {
    let suites = [
        (
            provider::cipher_suite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
            "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
        ),
        (
            provider::cipher_suite::TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
            "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
        ),
        (
            provider::cipher_suite::TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
            "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
        ),
    ];
    for (suite, name) in suites {
        let mut connection =
            Connection::with_words(&Circumstances { suites: vec![suite], ..Circumstances::tls12() });
        connection.close();
        let seen = Seen::of_connection(&connection);
        seen.assert_complete(&connection.said);
        assert_eq!(
            seen.words,
            [
                r#"> hello for Some("example.net"), ["xmpp-client"], ["TLS 1.2"]"#.to_owned(),
                certificate('<'),
                format!(r#"< TLS 1.2, {name}, Some("xmpp-client")"#),
                "> close_notify".to_owned(),
                "< close_notify".to_owned(),
            ]
        );
    }
}

#[test]
fn a_handshake_that_was_asked_to_begin_again_is_read() {
    let circumstances = Circumstances {
        client_groups: vec![provider::kx_group::X25519, provider::kx_group::SECP256R1],
        server_groups: vec![provider::kx_group::SECP256R1],
        ..Circumstances::default()
    };
    let connection = Connection::with_words(&circumstances);
    assert_eq!(connection.client.handshake_kind(), Some(rustls::HandshakeKind::FullWithHelloRetryRequest));
    let seen = Seen::of_connection(&connection);
    seen.assert_complete(&connection.said);
    assert_eq!(seen.words.iter().filter(|words| **words == HELLO).count(), 1);
}

#[test]
fn both_certificates_of_a_peer_stream_are_told() {
    for versions in [vec![&rustls::version::TLS13], vec![&rustls::version::TLS12]] {
        let circumstances = Circumstances {
            client_shows_certificate: true,
            alpn: vec![b"xmpp-peer".to_vec()],
            versions,
            ..Circumstances::default()
        };
        let connection = Connection::with_words(&circumstances);
        let seen = Seen::of_connection(&connection);
        seen.assert_complete(&connection.said);
        for who in ['<', '>'] {
            assert!(seen.words.contains(&certificate(who)), "{who} {:?}", seen.words);
        }
    }
}

#[test]
fn the_answerer_may_be_the_client() {
    let connection = Connection::with_words(&Circumstances::default());
    let wire: Vec<_> = connection.wire.iter().map(|(side, octets)| (side.other(), octets.clone())).collect();
    let seen = Seen::of(&wire, &mut crate::tls::KeyLog::from(&connection.log.text()[..]));
    let [of_client, of_server] = connection.said;
    seen.assert_complete(&[of_server, of_client]);
}

#[test]
fn updates_of_keys_are_followed_on_both_sides() {
    let mut connection = Connection::under(&Circumstances::default());
    for side in [Side::Dialler, Side::Answerer, Side::Answerer, Side::Dialler] {
        connection.update_key(side);
        connection.say(Side::Dialler, b"one ");
        connection.say(Side::Answerer, b"two ");
    }
    Seen::of_connection(&connection).assert_complete(&connection.said);
}

#[test]
fn much_data_is_read_whole() {
    for circumstances in [Circumstances::default(), Circumstances::tls12()] {
        let mut connection = Connection::under(&circumstances);
        let words: Vec<u8> = (0..1_000_000_u32).map(|number| (number / 7) as u8).collect();
        for piece in words.chunks(60_000) {
            connection.say(Side::Answerer, piece);
        }
        Seen::of_connection(&connection).assert_complete(&connection.said);
    }
}

#[test]
fn what_is_agreed_on_without_alpn_is_told_so() {
    let connection = Connection::with_words(&Circumstances { alpn: Vec::new(), ..Circumstances::default() });
    let seen = Seen::of_connection(&connection);
    seen.assert_complete(&connection.said);
    assert!(seen.words.contains(&"< TLS 1.3, TLS_AES_256_GCM_SHA384, None".to_owned()), "{:?}", seen.words);
}

#[test]
fn a_refusal_is_told_as_the_alert_that_it_is() {
    let log = std::sync::Arc::default();
    let old = Circumstances::tls12();
    let new = Circumstances { versions: vec![&rustls::version::TLS13], ..Circumstances::default() };
    let mut connection = Connection::between(&new.client(&log), &old.server(&log), &log);
    let mut sent = Vec::new();
    connection.client.write_tls(&mut sent).unwrap();
    connection.server.read_tls(&mut &sent[..]).unwrap();
    connection.server.process_new_packets().unwrap_err();
    let mut answer = Vec::new();
    connection.server.write_tls(&mut answer).unwrap();
    let seen = Seen::of(&[(Side::Dialler, sent), (Side::Answerer, answer)], &mut crate::tls::KeyLog::new());
    assert_eq!(
        seen.words,
        [r#"> hello for Some("example.net"), ["xmpp-client"], ["TLS 1.3"]"#, "< protocol_version, fatal"]
    );
    assert_eq!(seen.unreadable, []);
}
