//! What servers and clients in the field do and may do: nothing is found in it.

use super::dialogue::findings;
use crate::entry::Severity;

#[track_caller]
fn assert_clean(dialogue: &str) {
    let wrong: Vec<_> =
        findings(dialogue).into_iter().filter(|finding| finding.severity > Severity::Note).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn sasl_2_binds_and_enables_at_once() {
    // XEP-0388 §2, XEP-0386, XEP-0198 §9: no header behind <success/>, features follow it.
    assert_clean(
        "-- tls
         @open
         S: <stream:features><authentication xmlns='urn:xmpp:sasl:2'><mechanism>SCRAM-SHA-1</mechanism><inline><bind xmlns='urn:xmpp:bind:0'><inline><feature var='urn:xmpp:sm:3'/></inline></bind><sm xmlns='urn:xmpp:sm:3'/></inline></authentication><limits xmlns='urn:xmpp:stream-limits:0'><max-bytes>262144</max-bytes></limits></stream:features>
         C: <authenticate xmlns='urn:xmpp:sasl:2' mechanism='SCRAM-SHA-1'><initial-response>biwsbj1qdWxpZXQscj1h</initial-response><user-agent id='d4565fa7'><software>Gajim</software></user-agent><bind xmlns='urn:xmpp:bind:0'><tag>Gajim</tag><enable xmlns='urn:xmpp:sm:3' resume='true'/><inactive xmlns='urn:xmpp:csi:0'/></bind></authenticate>
         S: <challenge xmlns='urn:xmpp:sasl:2'>cj1hYixzPUFBPT0saT00MDk2</challenge>
         C: <response xmlns='urn:xmpp:sasl:2'>Yz1iaXdzLHI9YWIscD1BQT09</response>
         S: <success xmlns='urn:xmpp:sasl:2'><additional-data>dj1BQT09</additional-data><authorization-identifier>juliet@example.net/Gajim.1</authorization-identifier><bound xmlns='urn:xmpp:bind:0'><enabled xmlns='urn:xmpp:sm:3' resume='true' id='x' max='600'/></bound></success>
         S: <stream:features><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/><sm xmlns='urn:xmpp:sm:3'/></stream:features>
         C: <presence id='p'><priority>50</priority></presence><r xmlns='urn:xmpp:sm:3'/>
         S: <a xmlns='urn:xmpp:sm:3' h='1'/><presence from='juliet@example.net/Gajim.1' to='juliet@example.net/Gajim.1'/><r xmlns='urn:xmpp:sm:3'/>
         C: <a xmlns='urn:xmpp:sm:3' h='1'/>
         -- reset C",
    );
}

#[test]
fn sasl_2_resumes_at_once() {
    assert_clean(
        "-- tls
         @open
         S: <stream:features><authentication xmlns='urn:xmpp:sasl:2'><mechanism>PLAIN</mechanism><inline><sm xmlns='urn:xmpp:sm:3'/></inline></authentication></stream:features>
         C: <authenticate xmlns='urn:xmpp:sasl:2' mechanism='PLAIN'><initial-response>AGp1bGlldABy</initial-response><resume xmlns='urn:xmpp:sm:3' previd='x' h='5'/></authenticate>
         S: <success xmlns='urn:xmpp:sasl:2'><authorization-identifier>juliet@example.net</authorization-identifier><resumed xmlns='urn:xmpp:sm:3' previd='x' h='9'/></success>
         S: <stream:features/>
         S: <message from='romeo@example.net/orchard' to='juliet@example.net'><body>missed</body></message>
         S: <iq type='result' id='of-before' to='juliet@example.net/Gajim.1'/>
         C: <a xmlns='urn:xmpp:sm:3' h='7'/>
         C: <message to='romeo@example.net'><body>hi</body></message>
         S: <a xmlns='urn:xmpp:sm:3' h='10'/>",
    );
}

#[test]
fn authentication_of_old_clients() {
    // XEP-0078, XEP-0077.
    assert_clean(
        "-- tls
         @open
         S: <stream:features><auth xmlns='http://jabber.org/features/iq-auth'/><register xmlns='http://jabber.org/features/iq-register'/></stream:features>
         C: <iq type='get' id='r' to='example.net'><query xmlns='jabber:iq:register'/></iq>
         S: <iq type='result' id='r' from='example.net'><query xmlns='jabber:iq:register'><username/><password/></query></iq>
         C: <iq type='set' id='a'><query xmlns='jabber:iq:auth'><username>juliet</username><resource>balcony</resource><digest>48fc78be9ec8f86d8ce1c39c320c97c21d62334d</digest></query></iq>
         S: <iq type='result' id='a'/>
         C: <presence/>
         C: <message to='romeo@example.net'><body>hi</body></message>",
    );
}

#[test]
fn servers_with_certificates_and_both_ways() {
    // XEP-0178, XEP-0288.
    assert_clean(
        "C: <?xml version='1.0'?><stream:stream xmlns='jabber:server' xmlns:stream='http://etherx.jabber.org/streams' xmlns:db='jabber:server:dialback' to='example.org' from='example.net' version='1.0'>
         S: <?xml version='1.0'?><stream:stream xmlns='jabber:server' xmlns:stream='http://etherx.jabber.org/streams' xmlns:db='jabber:server:dialback' to='example.net' from='example.org' id='1' version='1.0' xml:lang='en'>
         S: <stream:features><starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'><required/></starttls></stream:features>
         C: <starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>
         S: <proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>
         -- words client hello | to example.org, offers TLS 1.3
         -- tls
         C: <?xml version='1.0'?><stream:stream xmlns='jabber:server' xmlns:stream='http://etherx.jabber.org/streams' xmlns:db='jabber:server:dialback' to='example.org' from='example.net' version='1.0'>
         S: <?xml version='1.0'?><stream:stream xmlns='jabber:server' xmlns:stream='http://etherx.jabber.org/streams' xmlns:db='jabber:server:dialback' to='example.net' from='example.org' id='2' version='1.0' xml:lang='en'>
         S: <stream:features><mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>EXTERNAL</mechanism></mechanisms><bidi xmlns='urn:xmpp:features:bidi'/></stream:features>
         C: <bidi xmlns='urn:xmpp:bidi'/><auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='EXTERNAL'>ZXhhbXBsZS5uZXQ=</auth>
         S: <success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>
         C: <?xml version='1.0'?><stream:stream xmlns='jabber:server' xmlns:stream='http://etherx.jabber.org/streams' xmlns:db='jabber:server:dialback' to='example.org' from='example.net' version='1.0'>
         S: <?xml version='1.0'?><stream:stream xmlns='jabber:server' xmlns:stream='http://etherx.jabber.org/streams' xmlns:db='jabber:server:dialback' to='example.net' from='example.org' id='3' version='1.0' xml:lang='en'>
         S: <stream:features><sm xmlns='urn:xmpp:sm:3'/></stream:features>
         C: <enable xmlns='urn:xmpp:sm:3'/>
         S: <enabled xmlns='urn:xmpp:sm:3'/>
         C: <presence from='juliet@example.net' to='romeo@example.org' type='probe'/>
         S: <presence from='romeo@example.org/orchard' to='juliet@example.net'><show>xa</show></presence>
         C: <iq type='get' id='7' from='juliet@example.net/balcony' to='romeo@example.org/orchard'><query xmlns='jabber:iq:version'/></iq>
         S: <iq type='error' id='7' to='juliet@example.net/balcony' from='romeo@example.org/orchard'><error type='cancel'><service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>
         S: <a xmlns='urn:xmpp:sm:3' h='2'/>
         @ended",
    );
}

#[test]
fn rooms_carbons_and_archives_wrap_stanzas_of_others() {
    assert_clean(
        "@c2s
         C: <presence to='garden@rooms.example.net/Juliet'><x xmlns='http://jabber.org/protocol/muc'/></presence>
         S: <presence from='garden@rooms.example.net/Juliet' to='juliet@example.net/balcony'><x xmlns='http://jabber.org/protocol/muc#user'><item affiliation='owner' role='moderator'/><status code='110'/></x></presence>
         S: <message type='groupchat' from='garden@rooms.example.net' to='juliet@example.net/balcony'><subject/></message>
         S: <message from='juliet@example.net' to='juliet@example.net/balcony'><received xmlns='urn:xmpp:carbons:2'><forwarded xmlns='urn:xmpp:forward:0'><message xmlns='jabber:client' from='romeo@example.net/orchard' to='juliet@example.net/chamber' type='chat'><body>hi</body><body>there</body></message></forwarded></received></message>
         C: <iq type='set' id='mam'><query xmlns='urn:xmpp:mam:2' queryid='1'/></iq>
         S: <message to='juliet@example.net/balcony'><result xmlns='urn:xmpp:mam:2' id='1' queryid='1'><forwarded xmlns='urn:xmpp:forward:0'><delay xmlns='urn:xmpp:delay' stamp='2026-11-22T20:59:03Z'/><message xmlns='jabber:client' from='romeo@example.net/orchard' type='error'/></forwarded></result></message>
         S: <iq type='result' id='mam' to='juliet@example.net/balcony'><fin xmlns='urn:xmpp:mam:2' complete='true'/></iq>
         C: <iq type='set' id='s' xmlns='jabber:client'><session xmlns='urn:ietf:params:xml:ns:xmpp-session'/></iq>
         S: <iq xmlns='jabber:client' type='result' id='s' from='example.net' to='juliet@example.net/balcony'/>
         S: <iq type='set' id='push' from='juliet@example.net' to='juliet@example.net/balcony'><query xmlns='jabber:iq:roster' ver='ver1'><item jid='romeo@example.net' subscription='none' ask='subscribe'/></query></iq>
         C: <iq type='result' id='push' to='juliet@example.net' from='juliet@example.net/balcony'/>
         S: <presence from='romeo@example.net' to='juliet@example.net' type='subscribe'><status>It is I</status><nick xmlns='http://jabber.org/protocol/nick'>R</nick></presence>
         C: <presence to='romeo@example.net' type='subscribed'/>
         @ended",
    );
}

#[test]
fn a_domain_that_is_not_served() {
    assert_clean(
        "C: <?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' to='nowhere.example' version='1.0'>
         S: <?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' from='example.net' id='1' version='1.0' xml:lang='en'><stream:error><host-unknown xmlns='urn:ietf:params:xml:ns:xmpp-streams'/><text xmlns='urn:ietf:params:xml:ns:xmpp-streams' xml:lang='en'>no</text></stream:error></stream:stream>
         C: </stream:stream>
         -- end S
         -- end C",
    );
}
