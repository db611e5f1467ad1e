//! Dialogues: `C: …` says the dialler, `S: …` the answerer, as it stands; through the real reading to the lint.
//!
//! `\s` is a space, `\xHH` an octet. Other lines: `-- tls` (what follows is said inside TLS), `-- wait 20` (seconds), `-- back 3` (what
//! follows was said so many lines earlier), `-- missing C`, `-- end C` (FIN), `-- reset C`, `-- middle` (the beginning was not seen),
//! `-- words TITLE | DETAIL` (the source's words on TLS), `@name` (one of [`PRELUDES`]).

use super::super::Lint;
use crate::entry::{Entry, Finding, Kind};
use crate::exact::Exact;
use crate::model::{At, ConnectionId, End, Ending, Happening, Layer, Listener as _, Side};
use crate::reading::Reading;
use crate::tls::KeyRing;
use crate::understanding::{Depth, Taker, Understander};

/// Beginnings that many dialogues have.
const PRELUDES: &[(&str, &str)] = &[
    ("open", OPEN),
    ("features", FEATURES),
    ("signed-in", SIGNED_IN),
    ("c2s", C2S),
    ("s2s", S2S),
    ("peer", PEER),
    ("peer-in-clear", PEER_IN_CLEAR),
    ("ended", ENDED),
];

/// Headers of a client and its server, in the clear.
const OPEN: &str = "
C: <?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' to='example.net' from='juliet@example.net' version='1.0' xml:lang='en'>
S: <?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' from='example.net' to='juliet@example.net' id='s1' version='1.0' xml:lang='en'>";

/// The same inside TLS, with what is offered.
const FEATURES: &str = "
-- tls
@open
S: <stream:features><mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>SCRAM-SHA-1</mechanism><mechanism>PLAIN</mechanism></mechanisms></stream:features>";

/// Authenticated, and the new stream is open.
const SIGNED_IN: &str = "
@features
C: <auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='SCRAM-SHA-1'>biwsbj1qdWxpZXQscj1h</auth>
S: <challenge xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>cj1hYixzPUFBPT0saT00MDk2</challenge>
C: <response xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>Yz1iaXdzLHI9YWIscD1BQT09</response>
S: <success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>dj1BQT09</success>
C: <?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' to='example.net' from='juliet@example.net' version='1.0' xml:lang='en'>
S: <?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' from='example.net' to='juliet@example.net' id='s2' version='1.0' xml:lang='en'>";

/// A client that is bound.
const C2S: &str = "
@signed-in
S: <stream:features><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/><sm xmlns='urn:xmpp:sm:3'/></stream:features>
C: <iq type='set' id='bind'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>balcony</resource></bind></iq>
S: <iq type='result' id='bind'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><jid>juliet@example.net/balcony</jid></bind></iq>";

/// A stream between servers, authenticated.
const S2S: &str = "
-- tls
C: <?xml version='1.0'?><stream:stream xmlns='jabber:server' xmlns:stream='http://etherx.jabber.org/streams' xmlns:db='jabber:server:dialback' to='example.org' from='example.net' version='1.0' xml:lang='en'>
S: <?xml version='1.0'?><stream:stream xmlns='jabber:server' xmlns:stream='http://etherx.jabber.org/streams' xmlns:db='jabber:server:dialback' to='example.net' from='example.org' id='s1' version='1.0' xml:lang='en'>
S: <stream:features><dialback xmlns='urn:xmpp:features:dialback'/></stream:features>
C: <db:result from='example.net' to='example.org'>1e701f120f66824b57303384e83b51feba858024fd2221d39f7acc52dcf767a9</db:result>
S: <db:result from='example.org' to='example.net' type='valid'/>";

/// A peer stream with stream management.
const PEER: &str = "
-- tls
@peer-in-clear";

/// The same without TLS.
const PEER_IN_CLEAR: &str = "
C: <?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' to='romeo@example.net/orchard' from='juliet@example.net/balcony' version='1.0'>
S: <?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' from='romeo@example.net/orchard' to='juliet@example.net/balcony' id='p1' version='1.0'>
S: <stream:features><sm xmlns='urn:xmpp:sm:3'/></stream:features>
C: <enable xmlns='urn:xmpp:sm:3'/>
S: <enabled xmlns='urn:xmpp:sm:3'/>";

/// Both streams are ended, then the connection.
const ENDED: &str = "
C: </stream:stream>
S: </stream:stream>
-- end S
-- end C";

const ID: ConnectionId = ConnectionId(1);

/// Everything that the lint finds, in order.
pub(super) fn findings(dialogue: &str) -> Vec<Finding> {
    numbered(dialogue).into_iter().map(|(_, finding)| finding).collect()
}

/// The same, with the number of the entry, if it is of one.
pub(super) fn numbered(dialogue: &str) -> Vec<(Option<u64>, Finding)> {
    let mut play = Play::new(dialogue);
    for line in lines(dialogue) {
        play.line(&line);
    }
    play.reading.finish();
    let Judge { lint, found } = &mut play.reading.hearer().taker;
    found.extend(lint.finish().into_iter().map(|(_, finding)| (None, finding)));
    std::mem::take(found)
}

/// Lines, preludes put in.
fn lines(dialogue: &str) -> Vec<String> {
    let lines = dialogue.lines().map(str::trim).filter(|line| !line.is_empty());
    lines
        .flat_map(|line| match line.strip_prefix('@') {
            Some(name) => {
                let prelude = PRELUDES.iter().find(|(known, _)| *known == name);
                lines_of(prelude.unwrap_or_else(|| panic!("no prelude {name}")).1)
            }
            None => vec![line.to_owned()],
        })
        .collect()
}

fn lines_of(dialogue: &str) -> Vec<String> {
    lines(dialogue)
}

/// The lint, and what it found.
struct Judge {
    lint: Lint,
    found: Vec<(Option<u64>, Finding)>,
}

impl Taker for Judge {
    fn take(&mut self, entry: &Entry<'_>, exact: &Exact) {
        let findings = self.lint.look(entry, exact);
        self.found.extend(findings.into_iter().map(|finding| (Some(entry.number), finding)));
    }
}

struct Play {
    reading: Reading<Understander<Judge>>,
    at: At,
    layer: Layer,
}

impl Play {
    fn new(dialogue: &str) -> Self {
        let depth = Depth { exact: true, detail: false };
        let judge = Judge { lint: Lint::new(), found: Vec::new() };
        let mut reading = Reading::new(true, KeyRing::default(), Understander::new(depth, judge));
        let at = At(1_000_000_000_000_000_000);
        let from_start = !dialogue.contains("-- middle");
        reading.take(Happening::Opened { at, id: ID, ends: &[End::default(), End::default()], from_start });
        Self { reading, at, layer: Layer::Clear }
    }

    fn line(&mut self, line: &str) {
        self.at.0 += 1_000_000;
        let (at, id) = (self.at, ID);
        if let Some(said) = line.strip_prefix("C: ").or(line.strip_prefix("S: ")) {
            let octets = octets(said);
            let (side, layer) = (side(&line[..1]), self.layer);
            self.reading.take(Happening::Octets { at, id, side, layer, octets: &octets });
            return;
        }
        let words = line.strip_prefix("-- ").unwrap_or_else(|| panic!("what is {line:?}?"));
        let (word, rest) = words.split_once(' ').unwrap_or((words, ""));
        match word {
            "tls" => self.layer = Layer::Tls,
            "back" => self.at.0 -= rest.parse::<u64>().expect("lines") * 1_000_000,
            "wait" => self.at.0 += rest.parse::<u64>().expect("seconds") * 1_000_000_000,
            "missing" => self.reading.take(Happening::Missing { at, id, side: side(rest), octets: None }),
            "end" => self.reading.take(Happening::Ended { at, id, how: Ending::Finished(side(rest)) }),
            "reset" => self.reading.take(Happening::Ended { at, id, how: Ending::Reset(side(rest)) }),
            "middle" => {}
            "words" => {
                let (title, detail) = rest.split_once(" | ").unwrap_or((rest, ""));
                let entry = Entry {
                    connection: Some(id),
                    side: Some(Side::Dialler),
                    title: title.into(),
                    detail: detail.into(),
                    ..Entry::empty(0, at, Kind::Tls)
                };
                self.reading.hearer().taker.take(&entry, &Exact::Unread);
            }
            _ => panic!("what is {line:?}?"),
        }
    }
}

fn side(letter: &str) -> Side {
    match letter {
        "C" => Side::Dialler,
        "S" => Side::Answerer,
        _ => panic!("who is {letter:?}?"),
    }
}

/// As it stands, but `\s` and `\xHH`.
fn octets(said: &str) -> Vec<u8> {
    let mut octets = Vec::new();
    let mut pieces = said.split('\\');
    octets.extend_from_slice(pieces.next().unwrap_or("").as_bytes());
    for piece in pieces {
        if let Some(rest) = piece.strip_prefix('s') {
            octets.push(b' ');
            octets.extend_from_slice(rest.as_bytes());
        } else {
            let (hex, rest) = piece[1..].split_at(2);
            octets.push(u8::from_str_radix(hex, 16).expect("two hexadecimal digits"));
            octets.extend_from_slice(rest.as_bytes());
        }
    }
    octets
}
