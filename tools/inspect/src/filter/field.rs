//! What can be asked: one table of fields and one of flags, which the parser reads and the reference shows.

/// What can be asked about an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Field {
    Text(TextField),
    Quantity(QuantityField),
    Word(WordField),
    /// When it was said.
    Time,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TextField {
    Type,
    Id,
    From,
    To,
    Jid,
    Speaker,
    Hearer,
    Name,
    Namespace,
    Payload,
    Title,
    Detail,
    Text,
    Rule,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum QuantityField {
    Number,
    Connection,
    Answers,
    Seen,
    Octets,
    Latency,
    SeenAfter,
}

/// In what a quantity is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Measure {
    Count,
    Octets,
    /// Nanoseconds.
    Duration,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum WordField {
    Kind,
    Side,
    Layer,
    Phase,
    Lint,
}

/// What can be said about an entry in one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Flag {
    Stanza,
    Request,
    Error,
}

impl QuantityField {
    pub(super) fn measure(self) -> Measure {
        match self {
            Self::Number | Self::Connection | Self::Answers | Self::Seen => Measure::Count,
            Self::Octets => Measure::Octets,
            Self::Latency | Self::SeenAfter => Measure::Duration,
        }
    }
}

impl WordField {
    /// Whether its words have an order.
    pub(super) fn is_ordered(self) -> bool {
        matches!(self, Self::Phase | Self::Lint)
    }
}

impl Field {
    /// The operators that it takes.
    pub(super) fn operators(self) -> &'static str {
        match self {
            Self::Text(_) => "= != ~ !~",
            Self::Word(field) if !field.is_ordered() => "= !=",
            Self::Quantity(_) | Self::Word(_) | Self::Time => "= != < <= > >=",
        }
    }

    /// Whether some entries do not have it, so that it can stand alone.
    pub(super) fn may_be_missing(self) -> bool {
        !matches!(
            self,
            Self::Quantity(QuantityField::Number | QuantityField::Octets)
                | Self::Word(WordField::Kind | WordField::Layer | WordField::Phase)
        )
    }

    /// The row that describes it.
    pub(super) fn row(self) -> &'static FieldRow {
        FIELDS.iter().find(|row| row.field == self).expect("every field has a row, see the test below")
    }
}

/// A field, for the parser and for people.
#[derive(Debug)]
pub(super) struct FieldRow {
    pub(super) name: &'static str,
    pub(super) field: Field,
    /// What it is, after "the entry's".
    pub(super) about: &'static str,
    /// A condition on it.
    pub(super) example: &'static str,
}

/// A flag, for the parser and for people.
#[derive(Debug)]
pub(super) struct FlagRow {
    pub(super) name: &'static str,
    pub(super) flag: Flag,
    pub(super) about: &'static str,
}

/// All flags, as the reference shows them. Each kind but `connection` is a flag besides.
pub(super) const FLAGS: [FlagRow; 3] = [
    FlagRow { name: "stanza", flag: Flag::Stanza, about: "a message, a presence or an iq" },
    FlagRow { name: "request", flag: Flag::Request, about: "an iq of type get or set" },
    FlagRow {
        name: "error",
        flag: Flag::Error,
        about: "a stanza of type error, a stream error, a failure of STARTTLS, SASL or stream management",
    },
];

const fn text(name: &'static str, field: TextField, about: &'static str, example: &'static str) -> FieldRow {
    FieldRow { name, field: Field::Text(field), about, example }
}

const fn quantity(
    name: &'static str,
    field: QuantityField,
    about: &'static str,
    example: &'static str,
) -> FieldRow {
    FieldRow { name, field: Field::Quantity(field), about, example }
}

const fn word(name: &'static str, field: WordField, about: &'static str, example: &'static str) -> FieldRow {
    FieldRow { name, field: Field::Word(field), about, example }
}

/// All fields, as the reference shows them.
pub(super) const FIELDS: [FieldRow; 27] = [
    quantity("number", QuantityField::Number, "its number, from 1", "number>=100"),
    FieldRow {
        name: "time",
        field: Field::Time,
        about: "when it was said: since the first entry, or a date and time (UTC without an offset)",
        example: "time>=1.5s",
    },
    word("kind", WordField::Kind, "what it is", "kind=iq"),
    text("type", TextField::Type, "the stanza's type, as written", "type=result"),
    text("id", TextField::Id, "the stanza's id", "id=\"a1\""),
    text("from", TextField::From, "the stanza's from, as written", "from=bob@localhost/phone"),
    text("to", TextField::To, "the stanza's to, as written", "to~bob"),
    text(
        "jid",
        TextField::Jid,
        "from, to and both ends, each also without its resource",
        "jid=bob@localhost",
    ),
    text("speaker", TextField::Speaker, "the end of the connection that said it", "speaker~alice"),
    text("hearer", TextField::Hearer, "the other end", "hearer=localhost"),
    text("name", TextField::Name, "the root element, as written and without its prefix", "name=features"),
    text("ns", TextField::Namespace, "namespaces of payloads, and all declared in it", "ns=urn:xmpp:mam:2"),
    text("payload", TextField::Payload, "names of payloads, and what people call them", "payload=query"),
    text("title", TextField::Title, "what it is, in words", "title~disco"),
    text("detail", TextField::Detail, "what it says, in words", "detail~hello"),
    text("text", TextField::Text, "the XML as it was written, and detail", "text~/<body>\\s*</"),
    quantity("connection", QuantityField::Connection, "number of its connection", "connection=3"),
    word("side", WordField::Side, "who said it", "side=dialler"),
    word("layer", WordField::Layer, "how it was protected", "layer=clear"),
    word("phase", WordField::Phase, "how far the connection had come", "phase<established"),
    quantity("latency", QuantityField::Latency, "between the request and this answer", "latency>50ms"),
    quantity("answers", QuantityField::Answers, "number of the request that it answers", "answers=12"),
    quantity("seen", QuantityField::Seen, "number of the entry where the same message was first", "seen=7"),
    quantity(
        "seen-after",
        QuantityField::SeenAfter,
        "since the same message was seen first",
        "seen-after>1s",
    ),
    quantity("octets", QuantityField::Octets, "its length on the stream", "octets>4KiB"),
    word("lint", WordField::Lint, "the gravest finding", "lint>=warning"),
    text("rule", TextField::Rule, "names of findings", "rule=iq-without-id"),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::filter::Filter;

    #[test]
    fn every_example_is_a_filter_on_its_field() {
        for row in &FIELDS {
            let filter = Filter::parse(row.example).unwrap_or_else(|error| panic!("{error}"));
            assert!(filter.to_string().starts_with(row.name), "{filter}");
        }
    }

    #[test]
    fn no_two_fields_or_flags_share_a_name_and_every_row_finds_itself() {
        let mut names: Vec<_> = FIELDS.iter().map(|row| row.name).collect();
        names.extend(FLAGS.iter().map(|row| row.name));
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), FIELDS.len() + FLAGS.len());
        for row in &FIELDS {
            assert_eq!(row.field.row().name, row.name);
        }
    }
}
