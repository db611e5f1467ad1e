//! Whatever is said, in whatever order: the lint goes on, and remembers no more than it may.

use proptest::prelude::*;

use super::dialogue::findings;

/// Pieces of every area, whole and broken.
const PIECES: &[&str] = &[
    "<?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' to='x' version='1.0'>",
    "<?xml version='1.0'?><stream:stream xmlns='jabber:server' xmlns:stream='http://etherx.jabber.org/streams' from='y' id='1' version='9.9'>",
    "<?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' to='a@x/1' from='b@x/2' version='1.0'>",
    "<stream:features><mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>PLAIN</mechanism></mechanisms></stream:features>",
    "<stream:error/>",
    "</stream:stream>",
    "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>",
    "<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>",
    "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>=</auth>",
    "<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>",
    "<success xmlns='urn:xmpp:sasl:2'><authorization-identifier>a@x/1</authorization-identifier></success>",
    "<iq type='result' id='1'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><jid>a@x/1</jid></bind></iq>",
    "<iq type='set' id='1'><check-in xmlns='urn:chatdev:directory:1' since='?' max='0'/></iq>",
    "<iq type='result' id='1'><online xmlns='urn:chatdev:directory:1' version='v' interval='1' limit='1'/></iq>",
    "<iq type='get' id='1' to='b@x'><error/></iq>",
    "<iq type='error' id='1'/>",
    "<iq/>",
    "<presence type='unavailable'><show/><priority>x</priority></presence>",
    "<message from='@' to='/'><body><body/></body><body/></message>",
    "<message><seq xmlns='urn:chatdev:peer:1' n='0'/></message>",
    "<enable xmlns='urn:xmpp:sm:3'/>",
    "<resumed xmlns='urn:xmpp:sm:3' h='4294967295' previd='x'/>",
    "<a xmlns='urn:xmpp:sm:3' h='4294967295'/>",
    "<r xmlns='urn:xmpp:sm:3'/>",
    "<db:result xmlns:db='jabber:server:dialback' from='y' to='x' type='valid'/>",
    "<message><x:y/></message>",
    "<a><b></a></b>",
    "</b>",
    "<!-- -->",
    "\\s",
    "\\xff\\xfe<",
    "text",
];

/// Other things that happen.
const EVENTS: &[&str] = &[
    "-- tls",
    "-- wait 70",
    "-- missing C",
    "-- missing S",
    "-- end C",
    "-- end S",
    "-- reset S",
    "-- words sealed",
];

fn line() -> impl Strategy<Value = String> {
    let said = (prop::bool::ANY, prop::sample::select(PIECES))
        .prop_map(|(is_client, piece)| format!("{}: {piece}", if is_client { "C" } else { "S" }));
    prop_oneof![8 => said, 1 => prop::sample::select(EVENTS).prop_map(str::to_owned)]
}

proptest! {
    #[test]
    fn nothing_that_is_said_is_too_much(lines in prop::collection::vec(line(), 0..40), is_middle in prop::bool::ANY) {
        let beginning = if is_middle { "-- middle\n" } else { "" };
        let found = findings(&format!("{beginning}{}", lines.join("\n")));
        prop_assert!(found.iter().all(|finding| finding.found.chars().count() < 1000));
    }
}

#[test]
fn requests_that_nobody_answers_are_not_kept_for_ever() {
    let asked: String = (0..5000)
        .map(|n| format!("C: <iq type='get' id='{n}'><ping xmlns='urn:xmpp:ping'/></iq>\n"))
        .collect();
    let found = findings(&format!(
        "@c2s\n{asked}S: <iq type='result' id='4999'/>\n-- wait 12\nS: <presence from='b@x'/>\n@ended"
    ));
    // The last ones were not kept, so an answer to them is nothing new; of the others the first are told, and the rest is counted.
    let rules: Vec<_> = found.iter().map(|finding| finding.rule).collect();
    assert_eq!(rules, ["iq-unanswered"; 17]);
    assert_eq!(found[16].found, "and 4080 more");
}
