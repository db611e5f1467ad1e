//! The two sides of SASL against each other, for names and passwords that people may really have.

use std::sync::Arc;

use chatdev_stream::sasl::client::Channel;
use chatdev_stream::sasl::server::{Refusal, Step};
use chatdev_stream::sasl::{ClientKeys, Credentials, Hash, Mechanism, Password, Stretching, client, server};
use proptest::prelude::*;
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng as _;

/// One attempt with SCRAM: what the server was told of the name, and how it ended on both sides.
fn attempt(
    mechanism: Mechanism,
    (name, typed): (&str, &str),
    stored: &Credentials,
    (here, there): (Channel, Option<[u8; 32]>),
) -> Result<String, Refusal> {
    let mut rng = ChaCha20Rng::from_seed([7; 32]);
    let hash = mechanism.hash().unwrap_or(Hash::Sha256);
    let typed = Password::new(typed).unwrap();
    let (mut client, first) = match mechanism {
        Mechanism::Plain => client::Exchange::plain(name, &typed),
        _ => client::Exchange::scram(hash, here, name, typed, 1..=10, &mut rng),
    };
    let mut server = server::Exchange::new(mechanism, there);
    let Step::Credentials { username, authzid: None } = server.handle(&first)? else { panic!("no name") };
    let success = match server.handle_credentials(stored, &mut rng)? {
        Step::Challenge(challenge) => server.handle(&client.handle_challenge(&challenge).unwrap())?,
        Step::Stretch(stretching) => server.handle_stretched(&stretching.carry_out())?,
        step => panic!("neither asked nor checked: {step:?}"),
    };
    let Step::Success(additional) = success else { panic!("no success") };
    client.handle_success(additional.as_deref()).unwrap();
    Ok(username)
}

fn credentials(secret: &str) -> Credentials {
    Credentials::derive(&Password::new(secret).unwrap(), 2, &mut ChaCha20Rng::from_seed([8; 32]))
}

const BOUND: (Channel, Option<[u8; 32]>) = (Channel::Bound([1; 32]), Some([1; 32]));
const UNBOUND: (Channel, Option<[u8; 32]>) = (Channel::Unbound, None);

#[test]
fn another_tls_connection_is_found_out() {
    let channel = (Channel::Bound([1; 32]), Some([2; 32]));
    let result = attempt(Mechanism::ScramSha256Plus, ("user", "pencil"), &credentials("pencil"), channel);
    assert_eq!(result, Err(Refusal::ChannelBinding));
}

#[test]
fn an_exchange_takes_nothing_that_it_did_not_ask_for() {
    let mut rng = ChaCha20Rng::from_seed([7; 32]);
    let mut server = server::Exchange::new(Mechanism::ScramSha256, None);
    assert_eq!(server.handle_credentials(&credentials("x"), &mut rng), Err(Refusal::OutOfOrder));
    let mut server = server::Exchange::new(Mechanism::ScramSha256, None);
    server.handle(b"n,,n=user,r=abc").unwrap();
    assert_eq!(server.handle(b"n,,n=user,r=abc"), Err(Refusal::OutOfOrder));
    let stretched = Stretching::again(Password::new("x").unwrap(), &credentials("x")).carry_out();
    let mut server = server::Exchange::new(Mechanism::Plain, None);
    server.handle(b"\0user\0x").unwrap();
    assert_eq!(server.handle_stretched(&stretched), Err(Refusal::OutOfOrder), "with whose keys?");
}

#[test]
fn both_sides_prepare_the_password() {
    // The same word, typed with a ligature, and with a soft hyphen in it.
    let stored = credentials("ﬁnally");
    for mechanism in Mechanism::ALL {
        let channel = if mechanism.binds_channel() { BOUND } else { UNBOUND };
        assert!(attempt(mechanism, ("user", "fin\u{ad}ally"), &stored, channel).is_ok(), "{mechanism:?}");
    }
}

/// A SCRAM sign-in of somebody who may know the keys: whether it succeeds, and the keys that it used.
fn attempt_knowing(
    known: Option<Arc<ClientKeys>>,
    typed: &str,
    stored: &Credentials,
) -> (bool, Option<Arc<ClientKeys>>) {
    let mut rng = ChaCha20Rng::from_seed([7; 32]);
    let password = Password::new(typed).unwrap();
    let (client, first) =
        client::Exchange::scram(Hash::Sha256, Channel::Unbound, "user", password, 1..=10, &mut rng);
    let mut client = client.knowing(known);
    let mut server = server::Exchange::new(Mechanism::ScramSha256, None);
    server.handle(&first).unwrap();
    let Ok(Step::Challenge(challenge)) = server.handle_credentials(stored, &mut rng) else {
        panic!("no challenge")
    };
    let step = server.handle(&client.handle_challenge(&challenge).unwrap());
    let keys = client.keys().cloned();
    let Ok(Step::Success(additional)) = step else { return (false, keys) };
    client.handle_success(additional.as_deref()).unwrap();
    (true, keys)
}

#[test]
fn a_password_is_stretched_once_for_one_salt() {
    let stored = credentials("pencil");
    let (signed_in, keys) = attempt_knowing(None, "pencil", &stored);
    assert!(signed_in);
    // Whatever is typed: with the salt that the keys are for, they are what counts.
    let (signed_in, used) = attempt_knowing(keys.clone(), "not it", &stored);
    assert!(signed_in && Arc::ptr_eq(&used.unwrap(), &keys.clone().unwrap()));
    // Another salt makes them useless, and the password is stretched anew.
    let other = ChaCha20Rng::from_seed([9; 32]);
    let again = Credentials::derive(&Password::new("pencil").unwrap(), 2, &mut { other });
    let (signed_in, used) = attempt_knowing(keys.clone(), "pencil", &again);
    assert!(signed_in && !Arc::ptr_eq(&used.unwrap(), &keys.clone().unwrap()));
    assert!(!attempt_knowing(keys, "not it", &again).0);
}

#[test]
fn the_keys_of_a_password_do_not_show_themselves() {
    let (_, keys) = attempt_knowing(None, "pencil", &credentials("pencil"));
    assert_eq!(format!("{:?}", keys.unwrap()), "ClientKeys { hash: Sha256, .. }");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn whoever_knows_the_password_gets_in_and_nobody_else(
        name in "[^\0]{1,20}",
        right in "[ -~äöüßé日本]{1,20}",
        wrong in "[ -~äöüßé日本]{1,20}",
    ) {
        let stored = credentials(&right);
        let same = Password::new(&right).unwrap().reveal() == Password::new(&wrong).unwrap().reveal();
        for mechanism in Mechanism::ALL {
            let channel = if mechanism.binds_channel() { BOUND } else { UNBOUND };
            prop_assert_eq!(attempt(mechanism, (&name, &right), &stored, channel), Ok(name.clone()));
            let result = attempt(mechanism, (&name, &wrong), &stored, channel);
            prop_assert_eq!(result, if same { Ok(name.clone()) } else { Err(Refusal::NotAuthorized) });
        }
    }

    #[test]
    fn one_changed_octet_in_the_proof_is_enough(at in 0usize..32, bit in 0u8..8) {
        use base64::Engine as _;
        use base64::engine::general_purpose::STANDARD;
        let mut rng = ChaCha20Rng::from_seed([7; 32]);
        let password = Password::new("pencil").unwrap();
        let (mut client, first) =
            client::Exchange::scram(Hash::Sha256, Channel::Unbound, "user", password, 1..=10, &mut rng);
        let mut server = server::Exchange::new(Mechanism::ScramSha256, None);
        server.handle(&first).unwrap();
        let Ok(Step::Challenge(challenge)) = server.handle_credentials(&credentials("pencil"), &mut rng) else {
            panic!("no challenge")
        };
        let response = String::from_utf8(client.handle_challenge(&challenge).unwrap()).unwrap();
        let (rest, proof) = response.rsplit_once(",p=").unwrap();
        let mut proof = STANDARD.decode(proof).unwrap();
        proof[at] ^= 1 << bit;
        let changed = format!("{rest},p={}", STANDARD.encode(proof));
        prop_assert_eq!(server.handle(changed.as_bytes()), Err(Refusal::NotAuthorized));
    }
}
