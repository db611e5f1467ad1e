//! Sign-ins that must not succeed, seen from the side that has to notice.

use chatdev_stanza::sasl::SaslCondition;
use chatdev_stanza::{StreamCondition, StreamError};
use chatdev_stream::initiating::{Event, Failure};
use chatdev_stream::receiving::{self, Registration};
use chatdev_stream::sasl::Mechanism;
use chatdev_stream::sasl::client::Distrust;
use chatdev_stream::{Closed, Side};

use crate::client_side::{ClientSide, alice};
use crate::pair::Pair;
use crate::script::{self, CLIENT_HEADER, SERVER_HEADER};
use crate::server_side::{ServerSide, config, password};

fn failed(server: &ServerSide) -> StreamCondition {
    match server.events.last() {
        Some(receiving::Event::Closed(Closed::Failed { by: Side::Us, error })) => error.condition,
        other => panic!("expected a stream error of ours, found {other:?}"),
    }
}

/// A server inside TLS that has sent its features.
fn greeted() -> ServerSide {
    let mut server = ServerSide::inside_tls();
    server.hear(CLIENT_HEADER);
    server
}

#[test]
fn a_wrong_password() {
    let mut client = alice();
    client.password = password("pencils");
    let mut pair = Pair::inside_tls(client, config());
    pair.run();
    assert_eq!(*pair.client.failure(), Failure::NotAuthorized { text: None });
    insta::assert_snapshot!(pair.transcript.to_string());
}

#[test]
fn an_unknown_user_looks_like_a_wrong_password_every_time() {
    let attempt = |name: &str| {
        let mut client = alice();
        client.name = name.parse().unwrap();
        client.password = password("wrong");
        let mut pair = Pair::inside_tls(client, config());
        pair.run();
        (pair.client.failure().clone(), pair.transcript.to_string())
    };
    let (known, unknown, again) = (attempt("alice"), attempt("nobody"), attempt("nobody"));
    assert_eq!(known.0, unknown.0);
    assert_eq!(unknown.1, again.1, "the made-up salt is stable");
    assert_eq!(known.1.lines().count(), unknown.1.lines().count());
    // A name that is prepared to another is that other name.
    let salt = |transcript: &str| transcript.split_once(",s=").unwrap().1[..24].to_owned();
    assert_ne!(salt(&known.1), salt(&unknown.1));
    let mut server = greeted();
    let said = server.hear(&script::auth("SCRAM-SHA-256-PLUS", "p=tls-exporter,,n=NoBody,r=abc"));
    assert_eq!(salt(&script::messages(&said)[0]), salt(&unknown.1));
}

#[test]
fn the_server_ends_the_stream_with_the_fifth_failure() {
    let mut server = greeted();
    for _ in 0..4 {
        let said = server.hear(&script::auth("PLAIN", "\0alice\0wrong"));
        assert_eq!(said, "<failure xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><not-authorized/></failure>");
    }
    let said = server.hear(&script::auth("PLAIN", "\0alice\0wrong"));
    assert!(said.contains("<not-authorized/></failure><stream:error><policy-violation"), "{said}");
    assert_eq!(failed(&server), StreamCondition::PolicyViolation);
    assert_eq!(server.hear(&script::auth("PLAIN", "\0alice\0pencil")), "", "too late");
}

#[test]
fn failed_attempts_count_across_tls_and_kinds_of_failure() {
    let mut server = greeted();
    for attempt in [
        script::auth("NTLM", ""),
        "<abort xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>".to_owned(),
        script::auth("PLAIN", "nonsense"),
        "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>!</auth>".to_owned(),
    ] {
        let said = server.hear(&attempt);
        assert!(said.starts_with("<failure") && !said.contains("stream:error"), "{said}");
    }
    assert!(server.hear(&script::auth("PLAIN", "\0alice\0wrong")).contains("policy-violation"));
}

#[test]
fn what_the_server_says_to_each_kind_of_bad_attempt() {
    let raw = |text: &str| {
        format!("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>{text}</auth>")
    };
    for (attempt, condition) in [
        (script::auth("NTLM", "x"), "invalid-mechanism"),
        (script::auth("scram-sha-256", "n,,n=alice,r=abc"), "invalid-mechanism"),
        (raw("AGFsaWNl*"), "incorrect-encoding"),
        (raw("AGFsaWNlAHBlbmNpbB=="), "incorrect-encoding"),
        (script::auth("PLAIN", "alice"), "malformed-request"),
        (script::auth("PLAIN", "bob@example.net\0alice\0pencil"), "invalid-authzid"),
        (script::auth("PLAIN", "alice\0alice\0pencil"), "invalid-authzid"),
        (script::auth("SCRAM-SHA-1", "n,a=bob@example.net,n=alice,r=abc"), "invalid-authzid"),
        (script::auth("SCRAM-SHA-1", "n,,m=ext,n=alice,r=abc"), "malformed-request"),
        (script::auth("SCRAM-SHA-1", "y,,n=alice,r=abc"), "not-authorized"),
        (script::auth("SCRAM-SHA-256", "y,,n=alice,r=abc"), "not-authorized"),
        (script::auth("SCRAM-SHA-256", "p=tls-exporter,,n=alice,r=abc"), "not-authorized"),
        (script::auth("SCRAM-SHA-256-PLUS", "n,,n=alice,r=abc"), "not-authorized"),
        (script::auth("SCRAM-SHA-256-PLUS", "p=tls-unique,,n=alice,r=abc"), "not-authorized"),
        ("<response xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>".to_owned(), "malformed-request"),
        ("<abort xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>".to_owned(), "malformed-request"),
    ] {
        let said = greeted().hear(&attempt);
        assert!(said.contains(&format!("<{condition}")), "{attempt}\n{said}");
    }
}

#[test]
fn ones_own_bare_jid_is_a_fine_authorisation_identity() {
    let said = greeted().hear(&script::auth("PLAIN", "Alice@example.net\0alice\0pencil"));
    assert_eq!(said, "<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>");
}

#[test]
fn an_attempt_without_a_first_message_is_asked_for_it_and_may_be_aborted() {
    let mut server = greeted();
    let said = server.hear("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'/>");
    assert_eq!(said, "<challenge xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>");
    assert!(server.hear("<abort xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>").contains("<aborted"));
    server.hear("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'/>");
    assert!(server.hear(&script::response("\0alice\0pencil")).starts_with("<success"));
}

#[test]
fn secrets_are_not_taken_in_clear() {
    let mut server = ServerSide::in_clear();
    let greeting = server.hear(CLIENT_HEADER);
    assert!(!greeting.contains("mechanism"), "{greeting}");
    assert!(server.hear(&script::auth("PLAIN", "\0alice\0pencil")).contains("<encryption-required"));
    assert!(server.hear(&script::auth("SCRAM-SHA-256", "n,,n=alice,r=abc")).contains("<encryption-required"));
}

#[test]
fn what_is_pipelined_behind_starttls_is_dropped() {
    let mut server = ServerSide::in_clear();
    server.hear(CLIENT_HEADER);
    let said =
        server.hear(&[script::STARTTLS, CLIENT_HEADER, &script::auth("PLAIN", "\0alice\0pencil")].concat());
    assert_eq!(said, "<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>");
    assert_eq!(server.hear(CLIENT_HEADER), "", "still before TLS");
    server.handle_tls();
    assert_eq!(server.hear(""), "");
    assert_eq!(server.events, [receiving::Event::StartTls]);
    assert!(server.hear(CLIENT_HEADER).contains("SCRAM-SHA-256-PLUS"));

    let mut client = ClientSide::in_clear(alice());
    client.hear(SERVER_HEADER);
    client.hear("<stream:features><starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/></stream:features>");
    let proceed = "<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>".to_owned();
    client.hear(&(proceed + SERVER_HEADER + &script::mechanisms(&["PLAIN"])));
    client.handle_tls();
    let said = client.hear("");
    assert!(said.starts_with("<?xml") && !said.contains("auth"), "{said}");
}

#[test]
fn half_an_element_before_tls_is_forgotten_after_it() {
    let mut server = ServerSide::in_clear();
    server.hear(CLIENT_HEADER);
    server.hear(&[script::STARTTLS, "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mecha"].concat());
    server.handle_tls();
    assert!(server.hear(CLIENT_HEADER).contains("<stream:features>"));
}

#[test]
fn a_sign_in_at_one_host_is_none_at_another() {
    let mut config = config();
    config.domains.push("other.example".parse().unwrap());
    let mut server = ServerSide::new(
        config,
        chatdev_stream::Transport { tls: Some(crate::server_side::TLS), loopback: false },
    );
    server.hear(CLIENT_HEADER);
    server.hear(&script::auth("PLAIN", "\0alice\0pencil"));
    let said = server.hear(&CLIENT_HEADER.replace("example.net", "other.example"));
    assert!(!said.contains("features"), "{said}");
    assert_eq!(failed(&server), StreamCondition::NotAuthorized);
}

#[test]
fn nobody_registers_where_that_is_closed_or_in_clear_or_without_end() {
    let request = "<iq type='get' id='r1'><query xmlns='jabber:iq:register'/></iq>";
    let mut closed = greeted();
    closed.hear(request);
    assert_eq!(failed(&closed), StreamCondition::NotAuthorized);

    let open = |transport| {
        let mut config = config();
        config.registration = Registration::Everyone;
        let mut server = ServerSide::new(config, transport);
        server.hear(CLIENT_HEADER);
        server
    };
    let mut clear = open(chatdev_stream::Transport { tls: None, loopback: false });
    clear.hear(request);
    assert_eq!(failed(&clear), StreamCondition::NotAuthorized);

    let mut endless = open(chatdev_stream::Transport { tls: Some(crate::server_side::TLS), loopback: false });
    for _ in 0..8 {
        assert!(endless.hear(request).starts_with("<iq type='error'"));
    }
    endless.hear(request);
    assert_eq!(failed(&endless), StreamCondition::PolicyViolation);
}

#[test]
fn loopback_registration_is_for_loopback() {
    let mut config = config();
    config.registration = Registration::Loopback;
    for (loopback, offered) in [(true, true), (false, false)] {
        let transport = chatdev_stream::Transport { tls: Some(crate::server_side::TLS), loopback };
        let mut server = ServerSide::new(config.clone(), transport);
        assert_eq!(server.hear(CLIENT_HEADER).contains("iq-register"), offered);
    }
}

#[test]
fn a_name_that_is_taken_cannot_be_registered() {
    let mut client = alice();
    client.register = true;
    let mut server = config();
    server.registration = Registration::Everyone;
    let mut pair = Pair::inside_tls(client.clone(), server);
    pair.run();
    assert_eq!(*pair.client.failure(), Failure::AccountExists);

    let mut pair = Pair::inside_tls(client, config());
    pair.run();
    assert_eq!(*pair.client.failure(), Failure::RegistrationNotOffered);
}

#[test]
fn a_client_refuses_a_server_whose_offer_of_tls_is_gone() {
    let mut client = ClientSide::in_clear(alice());
    client.hear(SERVER_HEADER);
    let said = client.hear(&script::mechanisms(&["SCRAM-SHA-256", "PLAIN"]));
    assert_eq!(said, "</stream:stream>", "and nothing of a name or a secret");
    assert_eq!(*client.failure(), Failure::TlsNotOffered);
}

#[test]
fn a_client_refuses_a_failed_starttls() {
    let mut client = ClientSide::in_clear(alice());
    client.hear(SERVER_HEADER);
    client.hear("<stream:features><starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/></stream:features>");
    client.hear("<failure xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>");
    assert_eq!(*client.failure(), Failure::TlsRefused);
}

#[test]
fn a_client_says_y_where_channel_binding_was_not_offered_and_the_server_that_did_offer_it_notices() {
    let mut client = ClientSide::inside_tls(alice());
    client.hear(SERVER_HEADER);
    // Somebody between took the -PLUS away.
    let said = client.hear(&script::mechanisms(&["SCRAM-SHA-256", "PLAIN"]));
    let first = &script::messages(&said)[0];
    assert!(first.starts_with("y,,"), "{first}");
    let answer = greeted().hear(&script::auth("SCRAM-SHA-256", first));
    assert!(answer.contains("<not-authorized"), "{answer}");
}

#[test]
fn a_client_says_n_where_the_server_binds_in_a_way_that_it_cannot() {
    let mut client = ClientSide::inside_tls(alice());
    client.hear(SERVER_HEADER);
    let features = script::mechanisms(&["SCRAM-SHA-256-PLUS", "SCRAM-SHA-256"]).replace(
        "</stream:features>",
        "<sasl-channel-binding xmlns='urn:xmpp:sasl-cb:0'><channel-binding type='tls-unique'/></sasl-channel-binding></stream:features>",
    );
    let said = client.hear(&features);
    assert!(said.contains("mechanism='SCRAM-SHA-256'"), "{said}");
    assert!(script::messages(&said)[0].starts_with("n,,"), "{said}");
}

#[test]
fn a_client_never_shows_its_password_in_clear() {
    let mut config = alice();
    config.tls = chatdev_stream::initiating::TlsPolicy::OptionalOnLoopback;
    let mut client = ClientSide::new(config, chatdev_stream::Transport { tls: None, loopback: true });
    client.hear(SERVER_HEADER);
    client.hear(&script::mechanisms(&["PLAIN"]));
    assert_eq!(*client.failure(), Failure::NoMechanism { offered: vec!["PLAIN".to_owned()] });
}

#[test]
fn a_client_tries_nothing_weaker_after_a_failure() {
    let mut client = ClientSide::inside_tls(alice());
    client.hear(SERVER_HEADER);
    client.hear(&script::mechanisms(&["SCRAM-SHA-256", "SCRAM-SHA-1", "PLAIN"]));
    let said = client.hear(
        "<failure xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><temporary-auth-failure/><text>later</text></failure>",
    );
    assert_eq!(said, "</stream:stream>");
    let condition = Some(SaslCondition::TemporaryAuthFailure);
    assert_eq!(*client.failure(), Failure::Refused { condition, text: Some("later".to_owned()) });
}

#[test]
fn a_client_finds_out_a_server_that_does_not_know_its_password() {
    let scram = |answer: &dyn Fn(&str) -> String| {
        let mut config = alice();
        config.mechanisms = vec![Mechanism::ScramSha256];
        let mut client = ClientSide::inside_tls(config);
        client.hear(SERVER_HEADER);
        let said = client.hear(&script::mechanisms(&["SCRAM-SHA-256"]));
        let nonce = script::messages(&said)[0].split_once(",r=").unwrap().1.to_owned();
        client.hear(&answer(&nonce));
        client
    };
    let mut client = scram(&|nonce| script::challenge(&format!("r={nonce}x,s=AAAA,i=4096")));
    let said = client.hear("<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>dj1BQUFB</success>");
    assert_eq!(said, "</stream:stream>", "no new stream with a server that proved nothing");
    assert_eq!(*client.failure(), Failure::Distrusted(Distrust::Signature));

    let client = scram(&|_| "<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>".to_owned());
    assert_eq!(*client.failure(), Failure::Distrusted(Distrust::Signature));
    let client = scram(&|_| script::challenge("r=another,s=AAAA,i=4096"));
    assert_eq!(*client.failure(), Failure::Distrusted(Distrust::Nonce));
    for found in [1, 4095, 1_000_001] {
        let client = scram(&|nonce| script::challenge(&format!("r={nonce}x,s=AAAA,i={found}")));
        let expected = Distrust::Iterations { found, min: 4096, max: 1_000_000 };
        assert_eq!(*client.failure(), Failure::Distrusted(expected));
    }
}

#[test]
fn a_client_passes_on_why_the_server_ended_the_stream() {
    let mut client = ClientSide::inside_tls(alice());
    client.hear(SERVER_HEADER);
    let error = "<stream:error><host-unknown xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>";
    assert_eq!(client.hear(error), "</stream:stream>");
    let error = StreamError::new(StreamCondition::HostUnknown);
    assert_eq!(*client.failure(), Failure::Ended(Closed::Failed { by: Side::Them, error }));

    let mut pair = Pair::inside_tls(alice(), config()).bound();
    pair.server.stream.close(pair.now, Some(StreamCondition::Conflict.into()));
    let said = std::mem::take(pair.server.stream.output());
    assert_eq!(pair.client.receive(pair.now, &said), b"</stream:stream>");
    let error = StreamError::new(StreamCondition::Conflict);
    assert_eq!(pair.client.events.last(), Some(&Event::Closed(Closed::Failed { by: Side::Them, error })));
}

#[test]
fn a_refused_resource_is_told_apart() {
    let mut client = alice();
    client.resource = Some("taken".parse().unwrap());
    let mut pair = Pair::inside_tls(client, config());
    pair.run();
    assert!(
        matches!(pair.client.failure(), Failure::BindRefused(error) if error.condition.name() == "conflict")
    );
}
