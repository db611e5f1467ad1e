//! Every place where a secret may stand, whole, broken, and torn at any octet: nothing of it is left.

use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use proptest::prelude::*;
use proptest::sample::select;

use super::*;
use crate::desk::Desk;
use crate::entry::Severity;
use crate::lint::Lint;
use crate::model::{At, ConnectionId, End, Happening, Layer, Listener as _, Side};
use crate::output::Summary;
use crate::output::json::Json;
use crate::reading::Reading;
use crate::tls::KeyRing;
use crate::understanding::{Depth, Understander};

/// What is secret: a letter that stands nowhere else.
const SECRET: &str = "QQQQQQQQ";

/// Stanzas and other elements, with `@` where a secret stands that is text, and `%` where it is a value, or must not have markup in it.
#[rustfmt::skip]
const PLACES: &[&str] = &[
    // SASL: RFC 6120 §6, XEP-0388, XEP-0480
    "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>@</auth>",
    "<challenge xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>@</challenge>",
    "<response xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>@</response>",
    "<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>@</success>",
    "<auth>@</auth>",
    "<s:auth xmlns:s='urn:ietf:params:xml:ns:xmpp-sasl'>@</s:auth>",
    "<authenticate xmlns='urn:xmpp:sasl:2' mechanism='PLAIN'><initial-response>@</initial-response><user-agent id='u'/></authenticate>",
    "<response xmlns='urn:xmpp:sasl:2'>@</response>",
    "<success xmlns='urn:xmpp:sasl:2'><additional-data>@</additional-data><authorization-identifier>a@b</authorization-identifier></success>",
    "<success xmlns='urn:xmpp:sasl:2'><token xmlns='urn:xmpp:fast:0' expiry='2030-01-01T00:00:00Z' token='%'/><bound xmlns='urn:xmpp:bind:0'><enabled xmlns='urn:xmpp:sm:3' id='%'/></bound></success>",
    "<next xmlns='urn:xmpp:sasl:2'><task-data><hash xmlns='urn:xmpp:scram-upgrade:0'>@</hash></task-data></next>",
    "<task-data xmlns='urn:xmpp:sasl:2'><hash xmlns='urn:xmpp:scram-upgrade:0'>@</hash></task-data>",
    "<handshake>@</handshake>",
    // XEP-0198, XEP-0397, XEP-0220
    "<enabled xmlns='urn:xmpp:sm:3' resume='true' id='%'/>",
    "<resume xmlns='urn:xmpp:sm:3' h='1' previd='%'/>",
    "<resumed xmlns='urn:xmpp:sm:3' previd='%' h='1'/>",
    "<db:result from='a.example' to='b.example'>@</db:result>",
    "<d:verify xmlns:d='jabber:server:dialback' id='x' from='a.example' to='b.example'>@</d:verify>",
    "<result xmlns='jabber:server:dialback' from='a.example' to='b.example'>@</result>",
    // Accounts: XEP-0077, XEP-0078
    "<iq type='set' id='b'><query xmlns='jabber:iq:register'><username>u</username><password>@</password><key>@</key></query></iq>",
    "<iq type='set' id='b'><query xmlns='jabber:iq:auth'><username>u</username><digest>@</digest></query></iq>",
    "<iq type='set' id='b'><query xmlns='jabber:iq:auth'\n><password\n>@</password\n></query></iq>",
    "<iq type='set' id='b'><r:query xmlns:r='jabber:iq:register'><r:password>@</r:password></r:query></iq>",
    "<iq type='set' id='b'><query xmlns='u:nobody'><password>@</password><Client_Secret>@</Client_Secret></query></iq>",
    "<iq type='result' id='b'><token xmlns='erlang-solutions.com:xmpp:token-auth:0'><access_token>@</access_token><refresh_token>@</refresh_token></token></iq>",
    "<iq type='set' id='b'><query xmlns='u:nobody'><password>a<b xmlns='u:b'>@</b></password></query></iq>",
    // Each word by itself.
    "<iq type='set' id='b'><x xmlns='u:nobody'><client_secret>@</client_secret></x></iq>",
    "<iq type='set' id='b'><x xmlns='u:nobody'><digest>@</digest></x></iq>",
    "<iq type='set' id='b'><x xmlns='u:nobody'><key>@</key></x></iq>",
    "<iq type='set' id='b'><x xmlns='u:nobody' token='%'/></iq>",
    "<iq type='set' id='b'><x xmlns='u:nobody'><additional-data>@</additional-data></x></iq>",
    "<iq type='set' id='b'><response xmlns='urn:xmpp:sasl:2'>@</response></iq>",
    "<iq type='set' id='b'><hash xmlns='urn:xmpp:scram-upgrade:0'>@</hash></iq>",
    "<iq type='set' id='b'><resume xmlns='urn:xmpp:sm:3' previd='%'/></iq>",
    "<iq type='set' id='b'><enabled xmlns='urn:xmpp:sm:3' id='%'/></iq>",
    "<iq type='set' id='b'><x xmlns='jabber:x:data'><field type='text-private' var='pin'><value>@</value></field></x></iq>",
    "<iq type='result' id='b'><slot xmlns='urn:xmpp:http:upload:0'><put url='https://up.example/%'/></slot></iq>",
    // Forms: XEP-0004
    "<iq type='set' id='b'><query xmlns='jabber:iq:register'><x xmlns='jabber:x:data'><field var='Passwort'><value>@</value></field><field type='text-private' var='pin'><value>@</value></field></x></query></iq>",
    "<iq type='set' id='b'><enable xmlns='urn:xmpp:push:0' jid='push.x'><x xmlns='jabber:x:data' type='submit'><field var='secret'><value>@</value></field></x></enable></iq>",
    "<iq type='set' id='b'><r:query xmlns:r='jabber:iq:register'><d:x xmlns:d='jabber:x:data'><d:field var='PWD'><d:value>@</d:value></d:field></d:x></r:query></iq>",
    "<iq type='set' id='b'><query xmlns='http://jabber.org/protocol/muc#owner'><x xmlns='jabber:x:data'><field var='muc#roomconfig_rooms&#101;cret'><value>@</value></field></x></query></iq>",
    // Rooms: XEP-0045, XEP-0048, XEP-0402, XEP-0249
    "<presence to='r@muc/n'><x xmlns='http://jabber.org/protocol/muc'><password>@</password></x></presence>",
    "<message from='r@muc' to='a@b/c'><x xmlns='http://jabber.org/protocol/muc#user'><invite from='d@e'/><password>@</password></x></message>",
    "<message from='r@muc' to='a@b/c'><x xmlns='jabber:x:conference' jid='r@muc' password='%' reason='come'/></message>",
    "<iq type='result' id='b'><pubsub xmlns='http://jabber.org/protocol/pubsub'><items node='urn:xmpp:bookmarks:1'><item id='r@muc'><conference xmlns='urn:xmpp:bookmarks:1'><nick>a</nick><password>@</password></conference></item></items></pubsub></iq>",
    "<iq type='result' id='b'><query xmlns='jabber:iq:private'><storage xmlns='storage:bookmarks'><conference jid='a@b'><password>@</password></conference></storage></query></iq>",
    // Invitations: XEP-0379, XEP-0401, XEP-0445
    "<iq type='set' id='b'><preauth xmlns='urn:xmpp:pars:0' token='%'/></iq>",
    "<presence to='b@x' type='subscribe'><preauth xmlns='urn:xmpp:pars:0' token='%'/></presence>",
    "<iq type='result' id='b'><x xmlns='urn:xmpp:invite'><uri>xmpp:corp.example?register;preauth=%</uri></x></iq>",
    "<iq type='result' id='b'><command xmlns='http://jabber.org/protocol/commands' node='urn:xmpp:invite#invite'><x xmlns='jabber:x:data' type='result'><field var='uri'><value>xmpp:corp.example?register;preauth=%</value></field></x></command></iq>",
    "<message to='a@b'><body>come: xmpp:corp.example?register;preauth=%;ibr=y soon</body></message>",
    "<message to='a@b'><x xmlns='jabber:x:oob'><url>https://up.example/a?v=1&amp;token=%</url></x></message>",
    // Media and files: XEP-0176, XEP-0167, XEP-0215, XEP-0363
    "<iq type='set' id='b'><jingle xmlns='urn:xmpp:jingle:1'><content><transport xmlns='urn:xmpp:jingle:transports:ice-udp:1' ufrag='x' pwd='%'/></content></jingle></iq>",
    "<iq type='set' id='b'><jingle xmlns='urn:xmpp:jingle:1'><content><crypto crypto-suite='A' key-params='inline:%' tag='1'/></content></jingle></iq>",
    "<iq type='result' id='b'><services xmlns='urn:xmpp:extdisco:2'><service host='turn.x' password='%' username='1:u'/></services></iq>",
    "<iq type='result' id='b'><slot xmlns='urn:xmpp:http:upload:0'><put url='https://up.example/x?token=%'><header name='Authorization'>@</header><header name='Cookie'>@</header></put><get url='https://up.example/%'/></slot></iq>",
];

/// The place, changed in one way or the other that is somebody's idea of XML.
fn written(place: &str, changes: [bool; 6]) -> String {
    let [nested, cdata, double, late, forwarded, broken] = changes;
    let mut text = place.to_owned();
    if forwarded
        && (place.starts_with("<iq") || place.starts_with("<message") || place.starts_with("<presence"))
    {
        text = text.replacen(' ', " xmlns='jabber:client' ", 1);
        text = format!(
            "<message from='a@b'><received xmlns='urn:xmpp:carbons:2'><forwarded xmlns='urn:xmpp:forward:0'>{text}</forwarded></received></message>"
        );
    }
    if late && let Some(at) = text.find('>').filter(|at| !text[..*at].ends_with('/')) {
        text.insert_str(at + 1, &"<a xmlns='u:x'/>".repeat(13));
    }
    if broken {
        text = text.replacen(' ', " of=nothing ", 1);
    }
    if double {
        text = text.replace('\'', "\"");
    }
    let secret = match (nested, cdata) {
        (true, true) => format!("a<b>{SECRET}<c/></b><![CDATA[{SECRET}]]>"),
        (true, false) => format!("a<b c='{SECRET}'>{SECRET}</b>{SECRET}"),
        (false, true) => format!("<![CDATA[{SECRET}]]>"),
        (false, false) => SECRET.to_owned(),
    };
    // The at sign of addresses is none of these.
    let text = text.replace(">@<", &format!(">{secret}<")).replace('%', SECRET);
    assert!(text.contains(SECRET), "{text}");
    text
}

fn plain(place: &str) -> String {
    written(place, [false; 6])
}

fn shown(octets: &[u8], kind: Kind, reach: Reach) -> String {
    let mut entry = Entry::empty(1, At(0), kind);
    entry.phase = Phase::Established;
    entry.raw = Cow::Borrowed(octets);
    Redactor::new(reach).redacted(&entry).text().into_owned()
}

#[track_caller]
fn assert_hidden(octets: &[u8], kind: Kind) {
    for reach in [Reach::Secrets, Reach::Everything] {
        let shown = shown(octets, kind, reach);
        assert!(!shown.contains('Q'), "{kind} {reach:?}: {}\n→ {shown}", String::from_utf8_lossy(octets));
    }
}

#[test]
fn secrets_are_hidden_in_every_place() {
    for place in PLACES {
        assert_hidden(plain(place).as_bytes(), kind_of(place));
        assert_hidden(plain(place).as_bytes(), Kind::Broken);
    }
}

#[test]
fn secrets_are_hidden_wherever_an_end_is_torn_off() {
    for place in PLACES {
        let text = plain(place);
        for at in 0..text.len() {
            for part in [&text[..at], &text[at..]] {
                assert_hidden(part.as_bytes(), Kind::Broken);
                assert_hidden(part.as_bytes(), Kind::Nonza);
            }
        }
    }
}

#[test]
fn elements_with_a_secret_stay_readable_around_it() {
    let all: String = PLACES
        .iter()
        .map(|place| shown(plain(place).as_bytes(), kind_of(place), Reach::Secrets) + "\n")
        .collect();
    insta::assert_snapshot!(all);
}

/// What was written, for the test and the output.
#[derive(Clone, Default)]
struct Shared(Arc<Mutex<Vec<u8>>>);

impl Write for Shared {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(octets)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

const HEADER: &str = "<?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' to='x.example' version='1.0'>";

/// All that the program shows of it, from the octets on the wire to the last line.
fn told(parts: &[&[u8]], reach: Reach, is_established: bool) -> String {
    let out = Shared::default();
    let mut desk = Desk::new(Box::new(Json::new(out.clone())));
    desk.lint = Some(Lint::new());
    desk.redactor = Redactor::new(reach);
    let mut reading =
        Reading::new(true, KeyRing::default(), Understander::new(Depth { exact: true, detail: true }, desk));
    let (at, id) = (At(1), ConnectionId(1));
    let ends = [End { address: None, name: Some("a".into()) }, End { address: None, name: Some("b".into()) }];
    reading.take(Happening::Opened { at, id, ends: &ends, from_start: !is_established });
    for side in Side::BOTH {
        reading.take(Happening::Octets { at, id, side, layer: Layer::Tls, octets: HEADER.as_bytes() });
        for (n, octets) in parts.iter().enumerate() {
            if n > 0 {
                reading.take(Happening::Missing { at, id, side, octets: Some(1) });
            }
            reading.take(Happening::Octets { at, id, side, layer: Layer::Tls, octets });
        }
    }
    reading.finish();
    let mut desk = reading.into_hearer().taker;
    let (late_findings, _) = desk.late_findings();
    desk.finish(&Summary { late_findings: late_findings.clone(), ..Summary::default() }).unwrap();
    let text = String::from_utf8(out.0.lock().unwrap().clone()).unwrap();
    format!("{text}{late_findings:?}")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn nothing_of_a_secret_is_left_however_it_is_written_and_torn(
        place in select(PLACES), changes: [bool; 6], from: prop::sample::Index, to: prop::sample::Index, kind in select(Kind::ALL.to_vec()),
    ) {
        let text = written(place, changes);
        assert_hidden(text.as_bytes(), Kind::Broken);
        if !matches!(kind_of(&text), Kind::Nonza) {
            assert_hidden(text.as_bytes(), kind_of(&text));
        }
        let (from, to) = (from.index(text.len() + 1), to.index(text.len() + 1));
        let part = &text[from.min(to)..from.max(to)];
        let kind = if from.min(to) == 0 && !kind.is_stanza() { kind } else { Kind::Broken };
        assert_hidden(part.as_bytes(), if matches!(kind, Kind::Sasl | Kind::Nonza) { kind } else { Kind::Broken });
    }

    #[test]
    fn nothing_of_a_secret_is_left_in_anything_that_is_shown(
        place in select(PLACES), changes: [bool; 6], cut: prop::sample::Index, more: prop::sample::Index, is_established: bool, everything: bool,
    ) {
        let text = written(place, changes) + "<presence/>";
        let octets = text.as_bytes();
        let (cut, more) = (cut.index(octets.len()), more.index(24));
        let parts = [&octets[..cut], &octets[(cut + more).min(octets.len())..]];
        let reach = if everything { Reach::Everything } else { Reach::Secrets };
        for parts in [&parts[..], &[octets], &[&octets[..cut], &octets[cut..]]] {
            let shown = told(parts, reach, is_established);
            prop_assert!(!shown.contains('Q'), "{}", shown);
        }
    }
}

#[test]
fn findings_tell_the_length_of_what_they_would_quote() {
    let finding =
        |rule, found: &str| Finding { rule, severity: Severity::Error, section: "", found: found.to_owned() };
    let mut redactor = Redactor::new(Reach::Secrets);
    let mut shown = |rule, found| redactor.finding(finding(rule, found)).found;
    assert_eq!(shown("stray-text", "'it's it'"), "(7 characters)");
    assert_eq!(shown("not-well-formed", "no end: '<a>b'"), "no end: (4 characters)");
    assert_eq!(shown("iq-answer-unasked", "nobody asked with the id '7'"), "nobody asked with the id '7'");
    let mut redactor = Redactor::new(Reach::Everything);
    assert!(
        !redactor
            .finding(finding("iq-unanswered", "#7 with the id 'alice' to 'bob'"))
            .found
            .contains("alice")
    );
}
