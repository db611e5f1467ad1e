//! Transcripts read and written, whole, torn, and by other hands.

use std::io::BufReader;

use proptest::prelude::*;

use super::*;
use crate::model::{At, ConnectionId, End, Ending, Happening, Layer, Side};

/// A happening that lives on its own.
#[derive(Clone, Debug, PartialEq)]
enum Told {
    Opened(At, u32, [End; 2], bool),
    Octets(At, u32, Side, Layer, Vec<u8>),
    Missing(At, u32, Side, Option<u64>),
    Ended(At, u32, Ending),
    Remark(At, Option<u32>, String),
}

impl Told {
    #[expect(clippy::needless_pass_by_value, reason = "a listener is given it so")]
    fn keep(happening: Happening<'_>) -> Self {
        match happening {
            Happening::Opened { at, id, ends, from_start } => {
                Self::Opened(at, id.0, ends.clone(), from_start)
            }
            Happening::Octets { at, id, side, layer, octets } => {
                Self::Octets(at, id.0, side, layer, octets.to_vec())
            }
            Happening::Missing { at, id, side, octets } => Self::Missing(at, id.0, side, octets),
            Happening::Ended { at, id, how } => Self::Ended(at, id.0, how),
            Happening::Remark { at, id, text } => Self::Remark(at, id.map(|id| id.0), text.to_owned()),
        }
    }

    fn write(&self, writer: &mut Writer<Vec<u8>>) {
        let id = ConnectionId;
        let happening = match self {
            Self::Opened(at, number, ends, from_start) => {
                Happening::Opened { at: *at, id: id(*number), ends, from_start: *from_start }
            }
            Self::Octets(at, number, side, layer, octets) => {
                Happening::Octets { at: *at, id: id(*number), side: *side, layer: *layer, octets }
            }
            Self::Missing(at, number, side, octets) => {
                Happening::Missing { at: *at, id: id(*number), side: *side, octets: *octets }
            }
            Self::Ended(at, number, how) => Happening::Ended { at: *at, id: id(*number), how: *how },
            Self::Remark(at, number, text) => Happening::Remark { at: *at, id: number.map(id), text },
        };
        writer.write(&happening).unwrap();
    }
}

fn read(text: &[u8]) -> (Vec<Told>, Result<(), TranscriptError>) {
    let mut told = Vec::new();
    let result =
        Transcript::read(BufReader::new(text), |happening: Happening<'_>| told.push(Told::keep(happening)));
    (told, result)
}

fn written(told: &[Told]) -> Vec<u8> {
    let mut writer = Writer::new(Vec::new(), "chatdev-inspect 0.1.0", At(1_764_151_200_123_456_000)).unwrap();
    told.iter().for_each(|told| told.write(&mut writer));
    writer.finish().unwrap()
}

fn error_of(text: &str) -> String {
    read(text.as_bytes()).1.unwrap_err().to_string()
}

#[test]
fn each_kind_of_line_is_written_as_the_format_says() {
    let ends = [
        End { address: Some("127.0.0.1:50000".parse().unwrap()), name: None },
        End { address: Some("127.0.0.1:5222".parse().unwrap()), name: Some("capulet.example".into()) },
    ];
    let at = At(1_764_151_200_000_000_001);
    let told = [
        Told::Opened(at, 1, ends, true),
        Told::Octets(
            at,
            1,
            Side::Dialler,
            Layer::Clear,
            b"<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>".to_vec(),
        ),
        Told::Remark(at, Some(1), "TLS 1.3".to_owned()),
        Told::Octets(at, 1, Side::Answerer, Layer::Tls, "<message>\u{e9}</message>".as_bytes().to_vec()),
        Told::Octets(at, 1, Side::Answerer, Layer::Tls, vec![b'a', 0xff]),
        Told::Missing(at, 1, Side::Dialler, Some(123)),
        Told::Missing(at, 1, Side::Dialler, None),
        Told::Ended(at, 1, Ending::Finished(Side::Dialler)),
        Told::Ended(at, 1, Ending::Reset(Side::Answerer)),
        Told::Remark(At(0), None, "the end".to_owned()),
    ];
    insta::assert_snapshot!(String::from_utf8(written(&told)).unwrap());
}

#[test]
fn what_a_server_wrote_is_read_with_keys_and_lines_that_are_not_known() {
    let text = r#"{"transcript":1,"by":"chatdevd 0.1.0","at":"2026-11-26T10:00:00.123456Z"}
{"at":"2026-11-26T10:00:00Z","connection":7,"opened":{"dialler":"127.0.0.1:50000","answerer":"here","more":[]},"x":1}
{"at":"2026-11-26T10:00:01Z","weather":{"rain":true}}

{"at":"2026-11-26T10:00:02Z","connection":7,"by":"dialler","layer":"tls","text":"<a/>","tags":["x"]}
{"at":"2026-11-26T10:00:03Z","connection":9,"by":"answerer","missing":null}
{"at":"2026-11-26T10:00:04Z","connection":7,"ended":"unknown"}
{"at":"2026-11-26T10:00:05Z","connection":7,"opened":{}}
"#;
    let (told, result) = read(text.as_bytes());
    result.unwrap();
    let at = |seconds: u64| At((1_795_687_200 + seconds) * 1_000_000_000);
    let ends = [
        End { address: Some("127.0.0.1:50000".parse().unwrap()), name: None },
        End { address: None, name: Some("here".into()) },
    ];
    let expected = [
        Told::Opened(at(0), 1, ends, true),
        Told::Octets(at(2), 1, Side::Dialler, Layer::Tls, b"<a/>".to_vec()),
        Told::Opened(at(3), 2, [End::default(), End::default()], false),
        Told::Missing(at(3), 2, Side::Answerer, None),
        Told::Ended(at(4), 1, Ending::Abandoned),
        Told::Opened(at(5), 3, [End::default(), End::default()], true),
    ];
    assert_eq!(told, expected);
}

#[test]
fn errors_say_the_line_what_was_expected_and_what_was_found() {
    let errors = [
        "{\"transcript\":2}\n",
        "{\"transcript\":1}\nHello\n",
        "{\"connection\":1,\"by\":\"me\",\"text\":\"<a/>\"}\n",
        "{\"connection\":1,\"text\":\"<a/>\"}\n",
        "{\"by\":\"dialler\",\"text\":\"<a/>\"}\n",
        "{\"connection\":1,\"by\":\"dialler\",\"layer\":\"ssl\",\"text\":\"<a/>\"}\n",
        "{\"connection\":1,\"by\":\"dialler\",\"base64\":\"?\"}\n",
        "{\"connection\":1,\"at\":\"yesterday\",\"note\":\"\"}\n",
        "{\"connection\":1,\"ended\":\"well\"}\n",
        "{\"connection\":-1,\"note\":\"\"}\n",
    ];
    insta::assert_snapshot!(errors.map(error_of).join("\n"));
}

#[test]
fn a_last_line_that_is_cut_off_is_a_remark_and_one_in_the_middle_is_an_error() {
    let (told, result) = read(b"{\"connection\":1,\"note\":\"a\"}\n{\"connection\":1,\"no");
    result.unwrap();
    assert!(matches!(told.last(), Some(Told::Remark(_, None, text)) if text.contains("cut off")), "{told:?}");
    assert!(error_of("{\"connection\":1,\"no\n{\"connection\":1,\"note\":\"a\"}\n").starts_with("line 1:"));
}

#[test]
fn a_line_without_end_is_an_error() {
    let text = format!("{{\"connection\":1,\"note\":\"{}\"}}\n", "a".repeat(LINE_OCTETS_MAX));
    assert!(error_of(&text).contains("longer than"));
}

#[test]
fn the_first_octets_tell_a_transcript_from_others() {
    assert!(looks_like(&written(&[])));
    assert!(looks_like(b" {\"by\":\"x\", \"transcript\" : 1}"));
    assert!(!looks_like(b"{\"at\":1}\n{\"transcript\":1}"));
    assert!(!looks_like(b"<stream:stream \"transcript\""));
    assert!(!looks_like(b""));
}

/// A reader that knows of what it gave whether it was told.
struct Pipe<'a> {
    lines: std::vec::IntoIter<&'a [u8]>,
    line: &'a [u8],
    paused: &'a std::cell::Cell<usize>,
    given: usize,
}

impl std::io::Read for Pipe<'_> {
    fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
        unreachable!("read as lines")
    }
}

impl BufRead for Pipe<'_> {
    fn fill_buf(&mut self) -> std::io::Result<&[u8]> {
        if self.line.is_empty() {
            assert_eq!(self.paused.get(), self.given, "more is waited for before what came was shown");
            self.line = self.lines.next().unwrap_or_default();
            self.given += usize::from(!self.line.is_empty());
        }
        Ok(self.line)
    }

    fn consume(&mut self, octets: usize) {
        self.line = &self.line[octets..];
    }
}

struct Pausing<'a>(&'a std::cell::Cell<usize>, &'a std::cell::Cell<usize>);

impl Listener for Pausing<'_> {
    fn take(&mut self, _: Happening<'_>) {
        self.1.set(self.1.get() + 1);
    }

    fn pause(&mut self) {
        self.0.set(self.0.get() + 1);
        assert_eq!(self.0.get(), self.1.get());
    }
}

#[test]
fn a_growing_pipe_is_followed_line_by_line() {
    let (paused, told) = (std::cell::Cell::new(0), std::cell::Cell::new(0));
    let line: &[u8] = b"{\"note\":\"a\"}\n";
    let pipe = Pipe { lines: vec![line; 3].into_iter(), line: &[], paused: &paused, given: 0 };
    Transcript::read(pipe, Pausing(&paused, &told)).unwrap();
    assert_eq!((paused.get(), told.get()), (3, 3));
}

fn any_end() -> impl Strategy<Value = End> {
    let address = proptest::option::of((any::<[u8; 4]>(), any::<u16>()).prop_map(Into::into));
    // A name alone that reads as an address would be one.
    let name = proptest::option::of("[a-z\u{e9} .\"]{0,9}".prop_map(|name| format!("{name}x").into()));
    (address, name).prop_map(|(address, name)| End { address, name })
}

fn any_told() -> impl Strategy<Value = Told> {
    let at = || any::<u64>().prop_map(At);
    let side = || prop_oneof![Just(Side::Dialler), Just(Side::Answerer)];
    let layer = prop_oneof![Just(Layer::Clear), Just(Layer::Tls)];
    let octets =
        prop_oneof!["\\PC{1,9}".prop_map(String::into_bytes), proptest::collection::vec(any::<u8>(), 1..9)];
    let how = prop_oneof![
        side().prop_map(Ending::Finished),
        side().prop_map(Ending::Reset),
        Just(Ending::Abandoned)
    ];
    prop_oneof![
        4 => (at(), side(), layer, octets).prop_map(|(at, side, layer, octets)| Told::Octets(at, 1, side, layer, octets)),
        1 => (at(), side(), any::<Option<u64>>()).prop_map(|(at, side, octets)| Told::Missing(at, 1, side, octets)),
        1 => (at(), how).prop_map(|(at, how)| Told::Ended(at, 1, how)),
        1 => (at(), any::<bool>(), ".{0,9}").prop_map(|(at, one, text)| Told::Remark(at, one.then_some(1), text)),
        1 => (at(), any_end(), any_end(), any::<bool>()).prop_map(|(at, a, b, from)| Told::Opened(at, 1, [a, b], from)),
    ]
}

/// What comes back is the same but for where a piece ends: the octets of one side that stand together are joined.
fn joined(told: &[Told], side: Side) -> Vec<(Layer, Vec<u8>)> {
    let mut joined: Vec<(Layer, Vec<u8>)> = Vec::new();
    for told in told {
        match told {
            Told::Octets(_, _, by, layer, octets) if *by == side => match joined.last_mut() {
                Some((last, before)) if last == layer => before.extend(octets),
                _ => joined.push((*layer, octets.clone())),
            },
            _ => {}
        }
    }
    joined
}

proptest! {
    #[test]
    fn what_was_written_is_read(told in proptest::collection::vec(any_told(), 0..20)) {
        let (read, result) = read(&written(&told));
        result.unwrap();
        for side in Side::BOTH {
            prop_assert_eq!(joined(&read, side), joined(&told, side));
        }
        let others = |told: &[Told]| -> Vec<String> {
            // The reader numbers anew, and opens what was not opened; neither is asked here.
            let others = told.iter().filter(|told| !matches!(told, Told::Octets(..) | Told::Opened(..)));
            others.map(|told| match told.clone() {
                Told::Missing(at, _, side, octets) => Told::Missing(at, 0, side, octets),
                Told::Ended(at, _, how) => Told::Ended(at, 0, how),
                Told::Remark(at, id, text) => Told::Remark(at, id.map(|_| 0), text),
                other => other,
            }).filter(|told| !matches!(told, Told::Ended(_, _, Ending::Abandoned))).map(|told| format!("{told:?}")).collect()
        };
        prop_assert_eq!(others(&read), others(&told));
        let opened = |told: &[Told]| -> Vec<String> {
            let opened = told.iter().filter_map(|told| match told {
                Told::Opened(at, _, ends, true) => Some(format!("{at:?} {ends:?}")),
                _ => None,
            });
            opened.collect()
        };
        prop_assert_eq!(opened(&read), opened(&told));
    }

    #[test]
    fn any_text_is_read_or_refused(text in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = read(&text);
        let _ = looks_like(&text);
    }
}
