//! The example of RFC 6120 §9.1, replayed: the client's half comes from `rfc6120_9_1.play`.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chatdev_stream::receiving::Event;
use chatdev_stream::sasl::{FakeSalts, Hash, ScramKeys};
use chatdev_stream::{Closed, Side, Transport, receiving};
use chatdev_xml::Element;
use hmac::{Hmac, KeyInit as _, Mac as _};
use jid::BareJid;
use sha1::{Digest as _, Sha1};

use crate::script;
use crate::server_side::{ServerSide, password};
use crate::transcript::Transcript;

const PLAY: &str = include_str!("rfc6120_9_1.play");
const PASSWORD: &str = "r0m30myr0m30";
/// The first message without its header, and the salt, of RFC 6120 §9.1.2.
const FIRST_BARE: &str = "n=juliet,r=oMsTAAwAAAAMAAAANP0TAAAAAABPU0AA";
const SALT: &[u8] = b"68da3408-4f4f-467f-912e-49f53f43d033";

fn hmac(key: &[u8], message: &str) -> Vec<u8> {
    let mut mac = Hmac::<Sha1>::new_from_slice(key).unwrap();
    mac.update(message.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

/// RFC 5802 §3 by hand, so that the server is held against another hand than its own client's.
fn final_message(challenge: &str) -> String {
    let nonce = challenge.split_once(',').unwrap().0;
    let without_proof = format!("c=biws,{nonce}");
    let signed = format!("{FIRST_BARE},{challenge},{without_proof}");
    let mut salted = [0; 20];
    pbkdf2::pbkdf2_hmac::<Sha1>(PASSWORD.as_bytes(), SALT, 4096, &mut salted);
    let client_key = hmac(&salted, "Client Key");
    let signature = hmac(&Sha1::digest(&client_key), &signed);
    let proof: Vec<u8> = client_key.iter().zip(signature).map(|(key, mask)| key ^ mask).collect();
    format!("{without_proof},p={}", STANDARD.encode(proof))
}

fn server() -> ServerSide {
    let domain = "im.example.com".parse().unwrap();
    let config = receiving::Config::new(domain, FakeSalts::new([9; 32], 4096));
    let mut server = ServerSide::new(config, Transport { tls: None, loopback: false });
    server.add("juliet@im.example.com", PASSWORD);
    let juliet = server.accounts.get_mut(&BareJid::new("juliet@im.example.com").unwrap()).unwrap();
    juliet.sha1 = ScramKeys::derive(Hash::Sha1, &password(PASSWORD), SALT, 4096);
    server
}

#[test]
fn the_proof_made_by_hand_is_that_of_the_rfc() {
    let challenge = "r=oMsTAAwAAAAMAAAANP0TAAAAAABPU0AAe124695b-69a9-4de6-9c30-b51b3808c59e,\
                     s=NjhkYTM0MDgtNGY0Zi00NjdmLTkxMmUtNDlmNTNmNDNkMDMz,i=4096";
    assert!(final_message(challenge).ends_with(",p=UA57tM/SvpATBkH2FXs0WDXvJYw="));
}

#[test]
fn juliet_signs_in_speaks_and_leaves() {
    let mut server = server();
    let mut transcript = Transcript::default();
    let mut challenge = String::new();
    for step in PLAY.split("\n== ").skip(1) {
        let (name, said) = step.split_once('\n').unwrap();
        transcript.note(name);
        if name == "TLS handshake" {
            server.handle_tls();
            continue;
        }
        let said = said.trim().replace("{proof}", &STANDARD.encode(final_message_or_nothing(&challenge)));
        transcript.say("C", said.as_bytes());
        let answer = server.hear(&said);
        transcript.say("S", answer.as_bytes());
        challenge = script::messages(&answer).pop().unwrap_or_default();
    }
    let message = server.events.iter().find_map(|event| match event {
        Event::Element(element) => Some(element.clone()),
        _ => None,
    });
    let said = "<message from='juliet@im.example.com/balcony' id='ju2ba41c' to='romeo@example.net' type='chat' \
        xml:lang='en'>\n  <body>Art thou not Romeo, and a Montague?</body>\n</message>";
    assert_eq!(message, Some(Element::parse(said).unwrap()));
    assert_eq!(server.events.last(), Some(&Event::Closed(Closed::Orderly { by: Side::Them })));
    assert_eq!(server.wait(Duration::from_secs(60)), b"");
    insta::assert_snapshot!(transcript.to_string());
}

fn final_message_or_nothing(challenge: &str) -> String {
    if challenge.starts_with("r=") { final_message(challenge) } else { String::new() }
}
