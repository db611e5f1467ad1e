//! What was not seen is nobody's fault.

use super::dialogue::findings;
use crate::entry::Severity;

#[track_caller]
fn assert_silent(dialogue: &str) {
    let wrong: Vec<_> =
        findings(dialogue).into_iter().filter(|finding| finding.severity > Severity::Note).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn a_capture_may_begin_in_the_middle() {
    assert_silent(
        "-- middle
         C: body>there</body></message><presence><show>away</show></presence>
         S: <iq type='result' id='before' to='juliet@example.net/balcony'/>
         C: <message to='romeo@example.net'><x:y/></message>
         S: <a xmlns='urn:xmpp:sm:3' h='70'/>
         C: <r xmlns='urn:xmpp:sm:3'/>
         S: <a xmlns='urn:xmpp:sm:3' h='71'/>
         C: </stream:stream>
         S: </stream:stream>
         -- end C
         -- end S",
    );
}

#[test]
fn what_is_known_in_the_middle_is_still_judged() {
    let found = findings(
        "-- middle
         C: <iq type='get'/>
         S: <a xmlns='urn:xmpp:sm:3' h='70'/>
         S: <a xmlns='urn:xmpp:sm:3' h='69'/>",
    );
    let rules: Vec<_> = found.iter().map(|finding| finding.rule).collect();
    assert_eq!(rules, ["iq-without-id", "iq-request-payload", "sm-h-back"]);
}

#[test]
fn octets_may_be_missing() {
    assert_silent(
        "@c2s
         C: <enable xmlns='urn:xmpp:sm:3'/>
         S: <enabled xmlns='urn:xmpp:sm:3'/>
         C: <iq type='get' id='1'><ping xmlns='urn:xmpp:ping'/></iq>
         C: <message to='romeo@exam
         -- missing C
         C: dy></message><presence/>
         S: <iq type='result' id='2'/>
         S: <a xmlns='urn:xmpp:sm:3' h='7'/>
         S: <iq type='result' id='1'/>
         @ended",
    );
}

#[test]
fn answers_may_be_among_what_is_missing() {
    assert_silent(
        "@c2s
         C: <iq type='get' id='1'><ping xmlns='urn:xmpp:ping'/></iq>
         C: <enable xmlns='urn:xmpp:sm:3'/>
         S: <enabled xmlns='urn:xmpp:sm:3'/>
         C: <r xmlns='urn:xmpp:sm:3'/>
         -- missing S
         -- wait 70
         S: <presence from='romeo@example.net/orchard'/>
         @ended",
    );
}

#[test]
fn the_end_of_the_source_ends_nothing() {
    assert_silent(
        "@c2s
         C: <iq type='get' id='1'><ping xmlns='urn:xmpp:ping'/></iq>
         C: <message to='romeo@exam",
    );
}

#[test]
fn what_stays_sealed_is_not_missed() {
    assert_silent(
        "@open
         S: <stream:features><starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'><required/></starttls></stream:features>
         C: <starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>
         S: <proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>
         -- words client hello | to example.net, offers TLS 1.3
         -- words sealed | 4000 octets could not be read
         -- end C
         -- end S",
    );
}

#[test]
fn tls_that_the_source_does_not_tell_of_is_assumed() {
    assert_silent(
        "@open
         S: <stream:features><starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'><required/></starttls></stream:features>
         C: <starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>
         S: <proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>
         C: <?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' to='example.net' version='1.0'>
         S: <?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' from='example.net' id='s2' version='1.0' xml:lang='en'>
         S: <stream:features><mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>PLAIN</mechanism></mechanisms></stream:features>
         C: <auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>AGp1bGlldABy</auth>",
    );
}

#[test]
fn an_entry_without_a_connection_is_no_ones() {
    let remark = crate::entry::Entry::empty(1, crate::model::At(0), crate::entry::Kind::Remark);
    assert!(crate::lint::Lint::new().look(&remark, &crate::exact::Exact::Unread).is_empty());
}

#[test]
fn what_comes_late_is_no_false_alarm() {
    // One packet of the client is not in the capture: what follows it is known only when that is certain, with its own times.
    let gap = "@c2s
         C: <enable xmlns='urn:xmpp:sm:3'/>
         S: <enabled xmlns='urn:xmpp:sm:3'/>
         S: <iq type='result' id='1'/>
         S: <a xmlns='urn:xmpp:sm:3' h='2'/>
         -- missing C
         -- back 5
         C: <iq type='get' id='1'><ping xmlns='urn:xmpp:ping'/></iq>
         -- wait 20
         S: <presence from='romeo@example.net/orchard'/>
         @ended";
    assert_silent(gap);
    // Or it is put together late without anything missing: packets overtook each other.
    assert_silent(&gap.replace("-- missing C\n", "\n"));
}

#[test]
fn a_finding_that_waited_says_of_which_entry_it_is() {
    let found = super::dialogue::numbered(
        "@c2s
         S: <iq type='result' id='nobody'/>
         C: <presence/>",
    );
    let (entry, finding) = &found[0];
    assert_eq!((*entry, finding.found.as_str()), (Some(15), "#14: nobody asked with the id 'nobody'"));
}

#[test]
fn a_mechanism_that_binds_to_tls_is_inside_it() {
    assert_silent(
        "@open
         S: <stream:features><mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>SCRAM-SHA-1-PLUS</mechanism><mechanism>PLAIN</mechanism></mechanisms></stream:features>
         C: <auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='SCRAM-SHA-1-PLUS'>cD10bHMtZXhwb3J0ZXIsLG49anVsaWV0LHI9YQ==</auth>",
    );
}

#[test]
fn who_is_gone_is_not_late() {
    assert_silent(
        "@c2s
         C: <iq type='set' id='1'><check-in xmlns='urn:chatdev:directory:1'/></iq>
         S: <iq type='result' id='1'><online xmlns='urn:chatdev:directory:1' version='e.p.1' interval='20' limit='60'/></iq>
         -- wait 60
         S: <stream:error><connection-timeout xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error></stream:stream>
         -- end S
         -- end C",
    );
}

#[test]
fn tls_that_comes_to_nothing_leaves_no_stream_open() {
    assert_silent(
        "@open
         S: <stream:features><starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/></stream:features>
         C: <starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>
         S: <proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>
         -- end C
         -- end S",
    );
}
