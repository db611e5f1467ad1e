//! A capture that never was, for tests and for people who work on the page: two people sign in over STARTTLS, talk through the
//! server and directly; a request is refused, octets are missing, something is no XML, a connection is reset.

use std::borrow::Cow;

use crate::entry::{Answer, Entry, Finding, Kind, Payload, Phase, Severity, Sighting};
use crate::model::Side::{Answerer, Dialler};
use crate::model::{At, ConnectionId, Layer, Side};

const MS: u64 = 1_000_000;
/// 2026-11-26T10:00:00Z
const START: u64 = 1_795_687_200 * 1000 * MS;

const ALICE: &str = "alice@example.net/phone";
const BOB: &str = "bob@example.net/laptop";
const SERVER: &str = "example.net";

/// Entries, numbered, at times that go on.
pub(super) struct Sample {
    pub(super) entries: Vec<Entry<'static>>,
    now: u64,
    /// Names of both ends, of each connection.
    ends: Vec<[&'static str; 2]>,
}

/// So many who are never known by name, and ask a server something.
pub(super) fn crowd(many: u32) -> Vec<Entry<'static>> {
    let ask = |n: u32| Entry {
        connection: Some(ConnectionId(n)),
        at: At(START + u64::from(n) * 20 * MS),
        ends: [format!("[2001:db8::{n:x}]:40000").into(), Cow::Borrowed(SERVER)],
        title: Cow::Borrowed("ping get"),
        ..blank(u64::from(n), Kind::Iq)
    };
    (1..=many).map(ask).collect()
}

/// An entry of this kind that says nothing yet.
pub(super) fn blank(number: u64, kind: Kind) -> Entry<'static> {
    Entry {
        connection: Some(ConnectionId(1)),
        side: Some(Dialler),
        layer: Layer::Tls,
        phase: Phase::Established,
        ends: ["a", "b"].map(Cow::Borrowed),
        ..Entry::empty(number, At(START), kind)
    }
}

impl Sample {
    /// Everything once, and the chat in the middle of it so many times.
    pub(super) fn of(chats: u64) -> Self {
        let ends = vec![
            ["127.0.0.1:50412", "127.0.0.1:5222"],
            ["127.0.0.1:50420", "127.0.0.1:5222"],
            ["127.0.0.1:50431", "127.0.0.1:41007"],
        ];
        let mut sample = Self { entries: Vec::new(), now: START, ends };
        sample.remark("operation 1: alice signs in");
        sample.sign_in(1, ALICE, "alice");
        sample.after(180 * MS).sign_in(2, BOB, "bob");
        for chat in 0..chats {
            sample.after(12_400 * MS).chat(chat);
        }
        sample.after(40 * MS).peer_stream();
        sample.trouble();
        sample
    }

    fn after(&mut self, pause: u64) -> &mut Self {
        self.now += pause;
        self
    }

    /// The next entry, on this connection.
    fn next(
        &mut self,
        connection: u32,
        side: Option<Side>,
        kind: Kind,
        title: &'static str,
    ) -> &mut Entry<'static> {
        self.now += 731_000 + self.now / 7 % 900_000;
        let number = self.entries.len() as u64 + 1;
        let ends = self.ends[connection as usize - 1].map(Cow::Borrowed);
        self.entries.push(Entry {
            at: At(self.now),
            connection: Some(ConnectionId(connection)),
            side,
            ends,
            title: Cow::Borrowed(title),
            ..blank(number, kind)
        });
        self.entries.last_mut().expect("one was pushed")
    }

    fn said(
        &mut self,
        connection: u32,
        side: Side,
        kind: Kind,
        title: &'static str,
        xml: &str,
    ) -> &mut Entry<'static> {
        let entry = self.next(connection, Some(side), kind, title);
        entry.octets = xml.len() as u64;
        entry.raw = Cow::Owned(xml.as_bytes().to_owned());
        let head = xml.split('>').next().unwrap_or_default();
        let value = |name: &str| {
            let (_, rest) = head.split_once(&format!(" {name}='"))?;
            Some(Cow::Owned(rest.split('\'').next()?.to_owned()))
        };
        entry.name =
            Cow::Owned(head.trim_start_matches('<').split([' ', '/']).next().unwrap_or_default().to_owned());
        (entry.stanza_type, entry.id, entry.from, entry.to) =
            (value("type"), value("id"), value("from"), value("to"));
        entry
    }

    fn remark(&mut self, text: &'static str) {
        let entry = self.next(1, None, Kind::Remark, "remark");
        (entry.connection, entry.ends, entry.detail) = (None, Default::default(), Cow::Borrowed(text));
    }

    /// The last entry answers the one before the last `back` ones.
    fn answers(&mut self, back: usize) {
        let [.., last] = &self.entries[..] else { return };
        let request = &self.entries[self.entries.len() - 1 - back];
        let answer = Answer { to: request.number, latency: Some(last.at.since(request.at)) };
        self.entries.last_mut().expect("there is one").answers = Some(answer);
    }

    fn sign_in(&mut self, connection: u32, jid: &'static str, name: &str) {
        let from = self.entries.len();
        self.next(connection, None, Kind::Connection, "opened").detail = Cow::Borrowed("from its beginning");
        self.streams(connection);
        self.said(connection, Answerer, Kind::Stream, "features", "<stream:features><starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'><required/></starttls></stream:features>").detail = Cow::Borrowed("STARTTLS required");
        self.said(
            connection,
            Dialler,
            Kind::Tls,
            "starttls",
            "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>",
        );
        self.said(
            connection,
            Answerer,
            Kind::Tls,
            "proceed",
            "<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>",
        );
        self.next(connection, None, Kind::Tls, "handshake").detail =
            Cow::Borrowed("TLS 1.3, TLS13_AES_128_GCM_SHA256, decrypted with the key log");
        for entry in &mut self.entries[from..] {
            (entry.layer, entry.phase) = (Layer::Clear, Phase::Negotiating);
        }
        self.authenticate(connection, name);
        self.bind(connection, jid);
    }

    fn authenticate(&mut self, connection: u32, name: &str) {
        self.streams(connection);
        self.said(connection, Answerer, Kind::Stream, "features", "<stream:features><mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>SCRAM-SHA-256-PLUS</mechanism><mechanism>SCRAM-SHA-256</mechanism></mechanisms></stream:features>").detail = Cow::Borrowed("SCRAM-SHA-256-PLUS, SCRAM-SHA-256");
        let auth = format!(
            "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='SCRAM-SHA-256'>biwsbj17{name}</auth>"
        );
        self.said(connection, Dialler, Kind::Sasl, "auth", &auth).detail = Cow::Borrowed("SCRAM-SHA-256");
        self.said(
            connection,
            Answerer,
            Kind::Sasl,
            "challenge",
            "<challenge xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>cj0xMjM0</challenge>",
        );
        self.said(
            connection,
            Dialler,
            Kind::Sasl,
            "response",
            "<response xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>Yz1iaXdz</response>",
        );
        self.said(
            connection,
            Answerer,
            Kind::Sasl,
            "success",
            "<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>dj1oZWxsbw==</success>",
        );
        self.streams(connection);
    }

    fn bind(&mut self, connection: u32, jid: &'static str) {
        let bind = "<iq type='set' id='b1'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>";
        self.said(connection, Dialler, Kind::Iq, "bind set", bind).payloads =
            payload("bind", "urn:ietf:params:xml:ns:xmpp-bind", "resource binding");
        let bound = format!(
            "<iq type='result' id='b1'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><jid>{jid}</jid></bind></iq>"
        );
        self.ends[connection as usize - 1] = [jid, SERVER];
        self.said(connection, Answerer, Kind::Iq, "bind result", &bound).detail = Cow::Borrowed(jid);
        self.answers(1);
        self.said(
            connection,
            Dialler,
            Kind::Iq,
            "roster get",
            "<iq type='get' id='r1'><query xmlns='jabber:iq:roster'/></iq>",
        )
        .payloads = payload("query", "jabber:iq:roster", "roster");
        self.said(connection, Dialler, Kind::Sm, "enable", "<enable xmlns='urn:xmpp:sm:3' resume='true'/>");
        self.said(
            connection,
            Dialler,
            Kind::Presence,
            "available",
            "<presence><priority>5</priority></presence>",
        )
        .detail = Cow::Borrowed("priority 5");
        self.after(9 * MS).said(connection, Answerer, Kind::Iq, "roster result", "<iq type='result' id='r1'><query xmlns='jabber:iq:roster' ver='7'><item jid='bob@example.net' subscription='both'/><item jid='carol@example.net' subscription='to'/></query></iq>").detail = Cow::Borrowed("2 contacts, version 7");
        self.answers(3);
        self.said(
            connection,
            Answerer,
            Kind::Sm,
            "enabled",
            "<enabled xmlns='urn:xmpp:sm:3' id='s-7f' resume='true' max='300'/>",
        )
        .detail = Cow::Borrowed("resumable for 300 s");
    }

    fn streams(&mut self, connection: u32) {
        let header = "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' to='example.net' version='1.0'>";
        self.said(connection, Dialler, Kind::Stream, "stream header", header).detail =
            Cow::Borrowed("to example.net");
        self.said(
            connection,
            Answerer,
            Kind::Stream,
            "stream header",
            &header.replace("to=", "id='c4f1' from="),
        );
    }

    /// A check-in, a message and what comes back, an acknowledgement.
    fn chat(&mut self, round: u64) {
        let check_in = format!(
            "<iq type='set' id='d{round}'><check-in xmlns='urn:chatdev:directory:0' version='{round}'/></iq>"
        );
        self.said(1, Dialler, Kind::Iq, "directory check-in", &check_in).payloads =
            payload("check-in", "urn:chatdev:directory:0", "directory");
        self.said(1, Answerer, Kind::Iq, "directory result", &format!("<iq type='result' id='d{round}'><directory xmlns='urn:chatdev:directory:0' version='{}'/></iq>", round + 1)).detail = Cow::Borrowed("2 online, nothing new");
        self.answers(1);
        let body = [
            "are you there?",
            "the build is green — shall we ship?",
            "<b>tags</b> & ünïcödé 👋🏽",
            "right away",
        ][(round % 4) as usize];
        let escaped = body.replace('&', "&amp;").replace('<', "&lt;");
        let message = |from: &str| {
            format!(
                "<message {from}to='bob@example.net' type='chat' id='m{round}'><body>{escaped}</body><request xmlns='urn:xmpp:receipts'/></message>"
            )
        };
        let first = self.said(1, Dialler, Kind::Message, "chat message", &message(""));
        (first.detail, first.payloads) = (Cow::Borrowed(body), payload("body", "", ""));
        let (number, at) = (first.number, first.at);
        let copy =
            self.said(2, Answerer, Kind::Message, "chat message", &message(&format!("from='{ALICE}' ")));
        copy.detail = Cow::Borrowed(body);
        copy.seen = Some(Sighting { first: number, after: Some(copy.at.since(at)), times: 1 });
        self.said(2, Dialler, Kind::Message, "receipt", &format!("<message to='{ALICE}' id='k{round}'><received xmlns='urn:xmpp:receipts' id='m{round}'/></message>"));
        self.said(1, Answerer, Kind::Message, "receipt", &format!("<message from='{BOB}' to='{ALICE}' id='k{round}'><received xmlns='urn:xmpp:receipts' id='m{round}'/></message>"));
        self.said(1, Dialler, Kind::Sm, "ack request", "<r xmlns='urn:xmpp:sm:3'/>");
        self.after(3 * MS).said(1, Answerer, Kind::Sm, "ack", "<a xmlns='urn:xmpp:sm:3' h='4'/>").detail =
            Cow::Borrowed("h 3 → 4");
        self.answers(1);
        self.said(2, Dialler, Kind::KeepAlive, "keep-alive", " ");
    }

    fn peer_stream(&mut self) {
        self.next(3, None, Kind::Connection, "opened").detail = Cow::Borrowed("peer stream");
        self.ends[2] = [ALICE, BOB];
        self.said(3, Dialler, Kind::Stream, "stream header", "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' version='1.0'>");
        let body = "now without the server between us";
        self.said(
            3,
            Dialler,
            Kind::Message,
            "chat message",
            &format!("<message to='{BOB}' type='chat' id='p1'><body>{body}</body></message>"),
        )
        .detail = Cow::Borrowed(body);
        let entry = self.said(
            3,
            Answerer,
            Kind::Message,
            "chat message",
            &format!("<message to='{ALICE}' type='chat'><body>so I see</body></message>"),
        );
        entry.detail = Cow::Borrowed("so I see");
        entry.findings = vec![finding(
            "message-without-id",
            Severity::Note,
            "RFC 6121 §5.2.3",
            "a message for a person has no id, so that nothing can refer to it",
        )];
    }

    fn trouble(&mut self) {
        self.said(2, Dialler, Kind::Iq, "disco info get", "<iq type='get' id='x9' to='nobody.example.net'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>").payloads = payload("query", "http://jabber.org/protocol/disco#info", "service discovery");
        self.after(83 * MS).said(2, Answerer, Kind::Iq, "disco info error", "<iq type='error' id='x9' from='nobody.example.net'><query xmlns='http://jabber.org/protocol/disco#info'/><error type='cancel'><remote-server-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>").detail = Cow::Borrowed("remote-server-not-found");
        self.answers(1);
        let entry =
            self.said(2, Dialler, Kind::Iq, "ping get", "<iq type='get'><ping xmlns='urn:xmpp:ping'/></iq>");
        entry.findings = vec![finding(
            "iq-without-id",
            Severity::Error,
            "RFC 6120 §8.1.3",
            "an iq needs an id, and this one has none: no answer can refer to it",
        )];
        self.remark("1200 ms: partition alice from server");
        self.after(1200 * MS).next(1, Some(Answerer), Kind::Missing, "missing").detail =
            Cow::Borrowed("1,460 octets");
        let broken =
            self.said(1, Answerer, Kind::Broken, "no XML", "ody>and the rest\u{202e}</message><\u{1}\u{7f}");
        (broken.detail, broken.raw) = (
            Cow::Borrowed("a control character where markup was expected"),
            Cow::Borrowed(&b"ody>and the rest\xe2\x80\xae</message><\x01\x7f\xff\xfe"[..]),
        );
        broken.findings = vec![
            finding("not-well-formed", Severity::Error, "RFC 6120 §11.3", "U+0001 cannot be in XML"),
            finding(
                "restricted-xml",
                Severity::Warning,
                "RFC 6120 §11.1",
                "what follows a broken element is not looked at",
            ),
        ];
        self.next(1, Some(Dialler), Kind::Connection, "reset").detail = Cow::Borrowed("by the dialler");
        self.remark("VIOLATED: whoever is in the directory has a session. Found: alice@example.net/phone is listed 1204 ms after its last session ended, and every client that looked in the meantime was told that she is online");
        self.said(2, Dialler, Kind::Stream, "stream end", "</stream:stream>");
        self.said(2, Answerer, Kind::Stream, "stream end", "</stream:stream>");
        self.next(2, None, Kind::Connection, "closed");
    }
}

fn payload(name: &'static str, namespace: &'static str, title: &'static str) -> Vec<Payload<'static>> {
    vec![Payload {
        namespace: namespace.into(),
        name: name.into(),
        title: Some(title).filter(|title| !title.is_empty()),
    }]
}

fn finding(rule: &'static str, severity: Severity, section: &'static str, found: &str) -> Finding {
    Finding { rule, severity, section, found: found.to_owned() }
}
