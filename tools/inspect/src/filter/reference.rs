//! The language, for people: made of the tables that the parser reads, so that it says what is so.

use std::fmt::Write as _;

use super::field::{FIELDS, FLAGS, Field, Measure, WordField};
use super::value::{Word, units};
use super::{DEPTH_MAX, LENGTH_OCTETS_MAX};
use crate::entry::Kind;

const INTRODUCTION: &str = r#"A filter is made of conditions, joined by `and`, `or`, `not` and parentheses (or `&&`, `||`, `!`):

    kind=iq and to~bob and latency>50ms
    not (presence or keepalive) and "hello"
    error or lint>=warning

A condition is

    FIELD OPERATOR VALUE   a comparison
    FIELD                  true where the entry has it: `latency`, `id`, `lint`
    KIND or FLAG           one of the words below: `iq`, `error`
    "TEXT" or /REGEX/      short for text~"TEXT", text~/REGEX/

Operators are

    = !=        equal, in the same case; another one
    ~ !~        contains, in any case, or matches a /REGEX/; does not
    < <= > >=   before and after, for numbers, durations, octets, times, phases and findings

Text without spaces and signs needs no quotes; within "…" or '…' the escapes are \\ \" \' \n \r \t. Within /…/ a slash is \/, and
(?i) in front ignores case.

What an entry does not have answers no comparison: from!=bob@localhost is "has a from, which is another one"; to find those without
one, too, write not from=bob@localhost. Where a field has several values, = and ~ ask for one that does, != and !~ for none that does.
"#;

/// The language, described for people: fields, flags, words and units. It ends with a line break.
#[must_use]
pub fn reference() -> String {
    let mut text = INTRODUCTION.to_owned();
    let width = FIELDS.iter().map(|row| row.name.len()).max().unwrap_or_default();
    let example_width = FIELDS.iter().map(|row| row.example.len()).max().unwrap_or_default();
    text.push_str("\nFields\n\n");
    for row in &FIELDS {
        let takes = takes(row.field);
        line(
            &mut text,
            format_args!("{:width$}  {:example_width$}  {}{takes}", row.name, row.example, row.about),
        );
    }
    text.push_str("\nFlags\n\n");
    for row in &FLAGS {
        line(&mut text, format_args!("{:width$}  {}", row.name, row.about));
    }
    let kinds = Kind::ALL.iter().filter(|kind| **kind != Kind::Connection).map(|kind| kind.word());
    let kinds = kinds.collect::<Vec<_>>().join(" ");
    line(&mut text, format_args!("{:width$}  the kind, for each but connection: {kinds}", ""));
    text.push_str("\nWords\n\n");
    for field in [WordField::Kind, WordField::Side, WordField::Layer, WordField::Phase, WordField::Lint] {
        let words: Vec<_> = Word::all(field).into_iter().map(Word::as_str).collect();
        let between = if field.is_ordered() { " < " } else { " " };
        line(&mut text, format_args!("{:width$}  {}", Field::Word(field).row().name, words.join(between)));
    }
    text.push_str("\nUnits\n\n");
    for (name, measure) in [("octets", Measure::Octets), ("durations", Measure::Duration)] {
        let names: Vec<_> = units(measure).iter().map(|(name, _)| *name).collect();
        line(&mut text, format_args!("{name:width$}  {}", names.join(" ")));
    }
    let limits = format_args!(
        "\nA filter has at most {LENGTH_OCTETS_MAX} octets, and parentheses and `not` at most {DEPTH_MAX} deep.\n"
    );
    text.write_fmt(limits).expect("writing to a string never fails");
    text
}

/// What is compared, where the example does not tell.
fn takes(field: Field) -> &'static str {
    match field {
        Field::Word(_) => ", see words",
        Field::Text(_) | Field::Quantity(_) | Field::Time => "",
    }
}

fn line(text: &mut String, words: std::fmt::Arguments<'_>) {
    writeln!(text, "    {words}").expect("writing to a string never fails");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reference_reads_well() {
        insta::assert_snapshot!(reference());
    }

    #[test]
    fn every_filter_of_the_introduction_is_one() {
        let examples = INTRODUCTION.lines().skip(2).take(3);
        for example in examples {
            crate::filter::Filter::parse(example).unwrap_or_else(|error| panic!("{error}"));
        }
    }
}
