//! For tests: a dialogue as text becomes happenings, and entries come out as lines.
//!
//! `C: ` is said by the dialler, `S: ` by the answerer, a millisecond after what was before; `C! ` and `S! ` miss so many octets; `C.` and
//! `S.` close, `C#` and `S#` reset. `2>` before any of them is the second connection.

use crate::entry::Entry;
use crate::exact::Exact;
use crate::model::{At, ConnectionId, End, Ending, Happening, Layer, Listener as _, Side};
use crate::output::brief;
use crate::output::paint::Paint;
use crate::output::times::{Clock, Times};
use crate::reading::Reading;
use crate::tls::KeyRing;
use crate::understanding::{Depth, Taker, Understander};

/// 2026-11-26T10:00:00Z.
const BEGIN: u64 = 1_795_687_200_000_000_000;

/// Gives every entry of a dialogue to `taker`. Connections are told from their start; `in_the_middle`: are not.
pub(crate) fn play(dialogue: &str, in_the_middle: bool, taker: impl Taker) {
    let depth = Depth { exact: true, detail: true };
    let mut reading = Reading::new(true, KeyRing::default(), Understander::new(depth, taker));
    let mut at = BEGIN;
    let mut begun = Vec::new();
    for line in dialogue.lines().map(str::trim).filter(|line| !line.is_empty()) {
        at += 1_000_000;
        let (id, line) = match line.split_once('>') {
            Some((number, rest)) if number.parse::<u32>().is_ok() => {
                (ConnectionId(number.parse().unwrap()), rest)
            }
            _ => (ConnectionId(1), line),
        };
        if !begun.contains(&id) {
            begun.push(id);
            let end = |port| End { address: Some(([127, 0, 0, 1], port).into()), name: None };
            let ends = [end(40_000 + u16::try_from(id.0).unwrap()), end(5222)];
            reading.take(Happening::Opened { at: At(at - 1), id, ends: &ends, from_start: !in_the_middle });
        }
        let (side, at) = (if line.starts_with('C') { Side::Dialler } else { Side::Answerer }, At(at));
        let said = line[2..].trim_start();
        reading.take(match &line[1..2] {
            ":" => Happening::Octets { at, id, side, layer: Layer::Clear, octets: said.as_bytes() },
            "!" => Happening::Missing { at, id, side, octets: said.parse().ok() },
            "." => Happening::Ended { at, id, how: Ending::Finished(side) },
            "#" => Happening::Ended { at, id, how: Ending::Reset(side) },
            _ => panic!("no line of a dialogue: {line}"),
        });
    }
    reading.finish();
}

/// The lines of a dialogue's entries, as `--brief` has them.
pub(crate) fn lines(dialogue: &str, in_the_middle: bool) -> String {
    let (mut out, mut clock) = (String::new(), Clock::new(Times::Relative));
    play(dialogue, in_the_middle, |entry: &Entry<'_>, _: &Exact| {
        brief::line(entry, &mut clock, Paint(false), &mut out);
        out.push('\n');
    });
    out
}
