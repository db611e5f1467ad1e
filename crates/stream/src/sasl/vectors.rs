//! The published conversations: RFC 5802 §5 (SHA-1) and RFC 7677 §3 (SHA-256), played through both sides.

use super::client::{Channel, Distrust};
use super::server::{Refusal, Step};
use super::{Hash, ITERATIONS_MIN, Password, ScramKeys, client, server};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// One conversation. User `user`, password `pencil`, 4096 iterations in both.
struct Vector {
    hash: Hash,
    client_nonce: &'static str,
    server_nonce: &'static str,
    salt: &'static str,
    messages: [&'static str; 4],
}

const RFC_5802: Vector = Vector {
    hash: Hash::Sha1,
    client_nonce: "fyko+d2lbbFgONRv9qkxdawL",
    server_nonce: "3rfcNHYJY1ZVvWVs7j",
    salt: "QSXCR+Q6sek8bf92",
    messages: [
        "n,,n=user,r=fyko+d2lbbFgONRv9qkxdawL",
        "r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096",
        "c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=",
        "v=rmF9pqV8S7suAoZWja4dJRkFsKQ=",
    ],
};

const RFC_7677: Vector = Vector {
    hash: Hash::Sha256,
    client_nonce: "rOprNGfwEbeRWgbNEkqO",
    server_nonce: "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0",
    salt: "W22ZaJ0SNY7soEsUEjb6gQ==",
    messages: [
        "n,,n=user,r=rOprNGfwEbeRWgbNEkqO",
        "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
        "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=",
        "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=",
    ],
};

fn pencil() -> Password {
    Password::new("pencil").unwrap()
}

fn client(vector: &Vector) -> (client::Exchange, Vec<u8>) {
    let nonce = vector.client_nonce.to_owned();
    let bounds = ITERATIONS_MIN..=ITERATIONS_MIN;
    client::Exchange::scram_with_nonce(vector.hash, Channel::Unbound, "user", pencil(), bounds, nonce)
}

fn server(vector: &Vector) -> (server::Exchange, Vec<u8>) {
    let keys = ScramKeys::derive(vector.hash, &pencil(), &STANDARD.decode(vector.salt).unwrap(), 4096);
    server::Exchange::challenged(vector.messages[0].as_bytes(), &keys, vector.server_nonce)
}

#[test]
fn the_client_says_what_the_rfcs_say_and_accepts_their_server() {
    for vector in [RFC_5802, RFC_7677] {
        let (mut exchange, first) = client(&vector);
        assert_eq!(String::from_utf8(first).unwrap(), vector.messages[0]);
        let response = exchange.handle_challenge(vector.messages[1].as_bytes()).unwrap();
        assert_eq!(String::from_utf8(response).unwrap(), vector.messages[2]);
        assert_eq!(exchange.handle_success(Some(vector.messages[3].as_bytes())), Ok(()));
    }
}

#[test]
fn the_server_says_what_the_rfcs_say_and_accepts_their_client() {
    for vector in [RFC_5802, RFC_7677] {
        let (mut exchange, challenge) = server(&vector);
        assert_eq!(String::from_utf8(challenge).unwrap(), vector.messages[1]);
        let step = exchange.handle(vector.messages[2].as_bytes()).unwrap();
        assert_eq!(step, Step::Success(Some(vector.messages[3].as_bytes().to_vec())));
    }
}

#[test]
fn a_signature_may_come_as_a_challenge_but_not_be_missing_or_changed() {
    let answered = || {
        let (mut exchange, _) = client(&RFC_7677);
        exchange.handle_challenge(RFC_7677.messages[1].as_bytes()).unwrap();
        exchange
    };
    let mut exchange = answered();
    assert_eq!(exchange.handle_challenge(RFC_7677.messages[3].as_bytes()), Ok(Vec::new()));
    assert_eq!(exchange.handle_success(None), Ok(()));

    assert_eq!(answered().handle_success(None), Err(Distrust::Signature));
    let changed = RFC_7677.messages[3].replace("v=6r", "v=7r");
    assert_eq!(answered().handle_success(Some(changed.as_bytes())), Err(Distrust::Signature));
    assert_eq!(answered().handle_challenge(changed.as_bytes()), Err(Distrust::Signature));
    let refused = answered().handle_success(Some(b"e=invalid-proof"));
    assert_eq!(refused, Err(Distrust::Refused("invalid-proof".to_owned())));
    assert_eq!(
        client(&RFC_7677).0.handle_success(None),
        Err(Distrust::Signature),
        "success before any challenge"
    );
}

#[test]
fn the_server_takes_neither_a_changed_proof_nor_another_nonce_or_header() {
    let answer = |from: &str, to: &str| {
        let changed = RFC_5802.messages[2].replace(from, to);
        assert_ne!(changed, RFC_5802.messages[2]);
        server(&RFC_5802).0.handle(changed.as_bytes()).unwrap_err()
    };
    assert_eq!(answer("p=v0", "p=v1"), Refusal::NotAuthorized);
    assert_eq!(answer("p=v0X8", "p="), Refusal::NotAuthorized);
    assert_eq!(answer("r=fyko", "r=gyko"), Refusal::NotAuthorized);
    assert_eq!(answer("VvWVs7j,", "VvWVs7k,"), Refusal::NotAuthorized);
    assert_eq!(answer("c=biws", "c=eSws"), Refusal::ChannelBinding, "`y` where `n` was said before");
    assert_eq!(answer(",p=", ",x=1,p="), Refusal::NotAuthorized, "an extension that was not signed");
}

#[test]
fn the_client_takes_no_nonce_but_its_own_made_longer() {
    for (nonce, why) in [
        ("rOprNGfwEbeRWgbNEkqO", "nothing added"),
        ("rOprNGfwEbeRWgbNEkqX%hvYDpWUa2RaTCAfuxFIlj", "another one's"),
        ("x", "too short"),
    ] {
        let challenge = format!("r={nonce},s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096");
        let answer = client(&RFC_7677).0.handle_challenge(challenge.as_bytes());
        assert_eq!(answer, Err(Distrust::Nonce), "{why}");
    }
}

#[test]
fn the_client_takes_no_count_out_of_its_bounds() {
    for count in ["1", "4095", "4097", "4294967296"] {
        let challenge = RFC_7677.messages[1].replace("i=4096", &format!("i={count}"));
        let answer = client(&RFC_7677).0.handle_challenge(challenge.as_bytes());
        let found = count.parse().unwrap_or(u32::MAX);
        assert_eq!(answer, Err(Distrust::Iterations { found, min: 4096, max: 4096 }));
    }
}
