//! From text to an [`Expression`]: `or` binds least, then `and`, then `not`; each deeper level is a method.

use std::iter::Peekable;
use std::ops::Range;
use std::vec::IntoIter;

use super::expression::{Comparison, Condition, Expression, TextTest};
use super::field::{FIELDS, FLAGS, Field, Measure, TextField};
use super::lexer::{Lexeme, Operator, Token, lex};
use super::near::did_you_mean;
use super::needle::{Needle, Pattern};
use super::value::{self, Unfit, Word};
use super::{DEPTH_MAX, FilterError, LENGTH_OCTETS_MAX};
use crate::entry::Kind;
use crate::visible;

/// What was found is shown in so many columns.
const FOUND_COLUMNS_MAX: usize = 40;

pub(super) fn parse(expression: &str) -> Result<Expression, FilterError> {
    if expression.len() > LENGTH_OCTETS_MAX {
        let what = format!("expected at most {LENGTH_OCTETS_MAX} octets, found {}", expression.len());
        let begin = expression.floor_char_boundary(LENGTH_OCTETS_MAX);
        return Err(FilterError::new(expression, begin..expression.len(), what));
    }
    let mut parser = Parser { expression, tokens: lex(expression)?.into_iter().peekable() };
    let parsed = parser.any(0)?;
    match parser.tokens.next() {
        None => Ok(parsed),
        Some(token) => Err(parser.expected("`and`, `or` or the end", Some(&token))),
    }
}

struct Parser<'a> {
    expression: &'a str,
    tokens: Peekable<IntoIter<Token<'a>>>,
}

impl<'a> Parser<'a> {
    fn any(&mut self, depth: usize) -> Result<Expression, FilterError> {
        let mut parts = vec![self.all(depth)?];
        while self.takes(|lexeme| is(lexeme, &Lexeme::Or, "or")).is_some() {
            parts.push(self.all(depth)?);
        }
        Ok(Expression::any(parts))
    }

    fn all(&mut self, depth: usize) -> Result<Expression, FilterError> {
        let mut parts = vec![self.not(depth)?];
        while self.takes(|lexeme| is(lexeme, &Lexeme::And, "and")).is_some() {
            parts.push(self.not(depth)?);
        }
        Ok(Expression::all(parts))
    }

    fn not(&mut self, depth: usize) -> Result<Expression, FilterError> {
        if let Some(token) = self.takes(|lexeme| is(lexeme, &Lexeme::Not, "not")) {
            self.may_go_deeper(depth, &token)?;
            return Ok(Expression::Not(Box::new(self.not(depth + 1)?)));
        }
        let Some(open) = self.takes(|lexeme| *lexeme == Lexeme::Open) else {
            return self.condition().map(Expression::Condition);
        };
        self.may_go_deeper(depth, &open)?;
        let inner = self.any(depth + 1)?;
        match self.tokens.next() {
            Some(Token { lexeme: Lexeme::Close, .. }) => Ok(inner),
            other => Err(self.expected("`and`, `or` or `)`", other.as_ref())),
        }
    }

    fn may_go_deeper(&self, depth: usize, token: &Token<'a>) -> Result<(), FilterError> {
        if depth < DEPTH_MAX {
            return Ok(());
        }
        Err(self.expected(&format!("`not` and parentheses at most {DEPTH_MAX} deep"), Some(token)))
    }

    fn condition(&mut self) -> Result<Condition, FilterError> {
        let token = self.tokens.next();
        let Some(Token { lexeme, span }) = &token else {
            return Err(self.expected("a condition, such as kind=iq", None));
        };
        let text = |test| Condition::Text { field: TextField::Text, negated: false, test };
        match lexeme {
            Lexeme::Word(_) if is(lexeme, &Lexeme::And, "and") || is(lexeme, &Lexeme::Or, "or") => {
                Err(self.expected("a condition, such as kind=iq", token.as_ref()))
            }
            Lexeme::Quoted(quoted) => Ok(text(TextTest::Contains(Needle::new(quoted)))),
            Lexeme::Pattern(written) => Ok(text(TextTest::Matches(self.pattern(written, span)?))),
            Lexeme::Word(word) => match self.takes(|lexeme| matches!(lexeme, Lexeme::Operator(_))) {
                Some(Token { lexeme: Lexeme::Operator(operator), span: sign }) => {
                    self.comparison(word, span, operator, sign)
                }
                _ => self.bare(word, span),
            },
            _ => Err(self.expected("a condition, such as kind=iq", token.as_ref())),
        }
    }

    /// A word that no operator follows.
    fn bare(&self, word: &str, span: &Range<usize>) -> Result<Condition, FilterError> {
        let same = |name: &str| name.eq_ignore_ascii_case(word);
        if same(Kind::Connection.word()) {
            let what = "expected a flag, found `connection`, which is a field and a kind".to_owned();
            let help = "write kind=connection, or connection=1".to_owned();
            return Err(self.error(span.clone(), what).with_help(Some(help)));
        }
        if let Some(row) = FLAGS.iter().find(|row| same(row.name)) {
            return Ok(Condition::Flag(row.flag));
        }
        if let Some(&kind) = Kind::ALL.iter().find(|kind| same(kind.word())) {
            return Ok(Condition::Word { comparison: Comparison::Equal, word: Word::Kind(kind) });
        }
        match FIELDS.iter().find(|row| same(row.name)) {
            Some(row) if row.field.may_be_missing() => Ok(Condition::Has(row.field)),
            Some(row) => {
                let what = format!(
                    "expected one of {} behind `{}`, which every entry has",
                    row.field.operators(),
                    row.name
                );
                Err(self.error(span.clone(), what).with_help(Some(format!("such as {}", row.example))))
            }
            None => {
                let what = format!("expected a field, a kind or a flag, found {}", self.found(span));
                let known = FIELDS.iter().map(|row| row.name).chain(FLAGS.iter().map(|row| row.name));
                let help = did_you_mean(word, known.chain(Kind::ALL.map(Kind::word)))
                    .unwrap_or_else(|| "text that is searched for stands in quotes".to_owned());
                Err(self.error(span.clone(), what).with_help(Some(help)))
            }
        }
    }

    fn comparison(
        &mut self,
        name: &str,
        span: &Range<usize>,
        operator: Operator,
        sign: Range<usize>,
    ) -> Result<Condition, FilterError> {
        let Some(row) = FIELDS.iter().find(|row| row.name.eq_ignore_ascii_case(name)) else {
            let names: Vec<_> = FIELDS.iter().map(|row| row.name).collect();
            let help = did_you_mean(name, names.iter().copied())
                .unwrap_or_else(|| format!("fields are {}", names.join(" ")));
            let what = format!("expected a field, found {}", self.found(span));
            return Err(self.error(span.clone(), what).with_help(Some(help)));
        };
        if let Field::Text(field) = row.field {
            return self.text(field, operator, &sign);
        }
        let comparison = match operator {
            Operator::Equal => Comparison::Equal,
            Operator::NotEqual => Comparison::NotEqual,
            Operator::Less => Comparison::Less,
            Operator::AtMost => Comparison::AtMost,
            Operator::Greater => Comparison::Greater,
            Operator::AtLeast => Comparison::AtLeast,
            Operator::Contains | Operator::ContainsNot => return Err(self.operator(row.field, &sign)),
        };
        match row.field {
            Field::Word(field) if comparison.is_order() && !field.is_ordered() => {
                Err(self.operator(row.field, &sign))
            }
            Field::Word(field) => {
                let word = self.value(None, |typed| Word::parse(field, typed))?;
                Ok(Condition::Word { comparison, word })
            }
            Field::Time => {
                let moment = self.value(Some(Measure::Duration), value::parse_moment)?;
                Ok(Condition::Time { comparison, moment })
            }
            Field::Quantity(field) => {
                let measure = field.measure();
                let value = self.value(Some(measure), |typed| value::parse_quantity(measure, typed))?;
                Ok(Condition::Quantity { field, comparison, value })
            }
            Field::Text(_) => unreachable!("returned above"),
        }
    }

    fn text(
        &mut self,
        field: TextField,
        operator: Operator,
        sign: &Range<usize>,
    ) -> Result<Condition, FilterError> {
        let (negated, whole) = match operator {
            Operator::Equal => (false, true),
            Operator::NotEqual => (true, true),
            Operator::Contains => (false, false),
            Operator::ContainsNot => (true, false),
            _ => return Err(self.operator(Field::Text(field), sign)),
        };
        let token = self.tokens.next();
        let test = match &token {
            Some(Token { lexeme: Lexeme::Pattern(_), .. }) if whole => {
                let help = "a regular expression stands behind `~`; text that begins with a slash, in quotes";
                return Err(self.expected("text", token.as_ref()).with_help(Some(help.to_owned())));
            }
            Some(Token { lexeme: Lexeme::Pattern(written), span }) => {
                TextTest::Matches(self.pattern(written, span)?)
            }
            Some(Token { lexeme, .. }) => match text_of(lexeme) {
                Some(text) if whole => TextTest::Equals(text.into()),
                Some(text) => TextTest::Contains(Needle::new(text)),
                None => return Err(self.expected("text", token.as_ref())),
            },
            None => return Err(self.expected("text", None)),
        };
        Ok(Condition::Text { field, negated, test })
    }

    /// The next value, as `read` reads it. With a measure, its unit may stand apart: `50 ms`.
    fn value<T>(
        &mut self,
        measure: Option<Measure>,
        read: impl Fn(&str) -> Result<T, Unfit>,
    ) -> Result<T, FilterError> {
        let token = self.tokens.next();
        let Some(text) = token.as_ref().and_then(|token| text_of(&token.lexeme)) else {
            let expected = read("").err().map_or_else(|| "a value".to_owned(), |unfit| unfit.expected);
            return Err(self.expected(&expected, token.as_ref()));
        };
        let mut span = token.as_ref().map_or(0..0, |token| token.span.clone());
        let mut typed = text.to_owned();
        let is_number = typed.bytes().all(|octet| matches!(octet, b'0'..=b'9' | b'.' | b'_'));
        if let Some(measure) = measure.filter(|_| is_number)
            && let Some(unit) =
                self.takes(|lexeme| matches!(lexeme, Lexeme::Word(word) if value::is_unit(measure, word)))
        {
            typed.push_str(&self.expression[unit.span.clone()]);
            span.end = unit.span.end;
        }
        read(&typed).map_err(|unfit| {
            let what = format!("expected {}, found {}", unfit.expected, self.found(&span));
            self.error(span, what).with_help(unfit.help)
        })
    }

    fn pattern(&self, written: &str, span: &Range<usize>) -> Result<Pattern, FilterError> {
        Pattern::new(written).map_err(|error| {
            let what = format!("expected a regular expression, found {}: {error}", self.found(span));
            self.error(span.clone(), visible::line(&what).into_owned())
        })
    }

    fn takes(&mut self, wanted: impl Fn(&Lexeme<'a>) -> bool) -> Option<Token<'a>> {
        self.tokens.next_if(|token| wanted(&token.lexeme))
    }

    fn operator(&self, field: Field, sign: &Range<usize>) -> FilterError {
        let row = field.row();
        let what = format!(
            "expected one of {} behind `{}`, found {}",
            field.operators(),
            row.name,
            self.found(sign)
        );
        self.error(sign.clone(), what).with_help(Some(format!("such as {}", row.example)))
    }

    fn expected(&self, expected: &str, token: Option<&Token<'a>>) -> FilterError {
        let end = self.expression.len();
        let span = token.map_or(end..end, |token| token.span.clone());
        let what = format!("expected {expected}, found {}", self.found(&span));
        self.error(span, what)
    }

    fn error(&self, span: Range<usize>, what: String) -> FilterError {
        FilterError::new(self.expression, span, what)
    }

    fn found(&self, span: &Range<usize>) -> String {
        match &self.expression[span.clone()] {
            "" => "the end".to_owned(),
            found => format!("`{}`", visible::cut(found, FOUND_COLUMNS_MAX)),
        }
    }
}

/// Whether a lexeme is that sign, or the word for it.
fn is(lexeme: &Lexeme<'_>, sign: &Lexeme<'_>, word: &str) -> bool {
    lexeme == sign || matches!(lexeme, Lexeme::Word(typed) if typed.eq_ignore_ascii_case(word))
}

fn text_of<'t>(lexeme: &'t Lexeme<'_>) -> Option<&'t str> {
    match lexeme {
        Lexeme::Word(word) => Some(word),
        Lexeme::Quoted(text) => Some(text),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use crate::filter::Filter;

    fn plain(expression: &str) -> String {
        Filter::parse(expression).unwrap_or_else(|error| panic!("{error}")).to_string()
    }

    #[test]
    fn there_are_several_spellings_of_the_same_question() {
        assert_eq!(plain("iq&&to~'bob'&&latency>50 ms"), "kind=iq and to~\"bob\" and latency>50ms");
        assert_eq!(plain("!(id=b)"), "not id=\"b\"");
        assert_eq!(plain("NOT KIND=IQ"), "not kind=iq");
        assert_eq!(plain("\"hello\""), "text~\"hello\"");
        assert_eq!(plain("/a\\/b/ or type == get"), "text~/a\\/b/ or type=\"get\"");
        assert_eq!(plain("octets>=2048"), "octets>=2KiB");
        assert_eq!(plain("time<90s"), "time<90s");
        assert_eq!(plain("name=and"), "name=\"and\"");
        assert_eq!(
            plain("ns=http://jabber.org/protocol/disco#info"),
            "ns=\"http://jabber.org/protocol/disco#info\""
        );
    }

    #[test]
    fn and_binds_more_than_or_and_not_more_than_both() {
        assert_eq!(plain("iq or message and error"), "kind=iq or kind=message and error");
        assert_eq!(plain("(iq or message) and error"), "(kind=iq or kind=message) and error");
        assert_eq!(plain("not iq and error"), "not kind=iq and error");
        assert_eq!(plain("not (iq and (error and stanza))"), "not (kind=iq and error and stanza)");
        assert_eq!(plain("((iq))"), "kind=iq");
    }

    #[test]
    fn what_is_too_long_or_too_deep_is_refused() {
        let deep = |depth: usize| format!("{}iq{}", "(".repeat(depth), ")".repeat(depth));
        assert!(Filter::parse(&deep(32)).is_ok());
        assert!(Filter::parse(&deep(33)).is_err());
        assert!(Filter::parse(&format!("{}iq", "not ".repeat(33))).is_err());
        assert!(Filter::parse(&format!("{}iq", "iq or ".repeat(680))).is_ok());
        assert!(Filter::parse(&format!("{}iq", "iq or ".repeat(690))).is_err());
    }

    #[test]
    fn an_error_points_at_the_spot_and_says_what_may_have_been_meant() {
        let wrong = [
            "",
            "kind=mesage and to~bob",
            "iq and frm~bob",
            "iq to~bob",
            "iq and",
            "(iq or message",
            "iq)",
            "latency>50",
            "latency>50mz",
            "latency~50ms",
            "from<bob",
            "kind",
            "connection",
            "side>dialler",
            "lint>=warn",
            "hello",
            "number=x",
            "to~\"bob",
            "to~\"\\d\"",
            "to~/(/",
            "to=/bob/",
            "iq & message",
            "time>yesterday",
            "type=",
            "text~\"世界\" and kind=世界",
            "text~\"\u{202e}\" and kind=\u{1b}[2J",
            "iq or or message",
        ];
        let errors: Vec<_> =
            wrong.iter().map(|wrong| Filter::parse(wrong).unwrap_err().to_string()).collect();
        insta::assert_snapshot!(errors.join("\n\n"));
    }

    #[test]
    fn of_a_long_filter_the_neighbourhood_of_the_spot_is_shown() {
        let long = format!("{}kind=mesage{}", "iq or ".repeat(50), " or iq".repeat(50));
        insta::assert_snapshot!(Filter::parse(&long).unwrap_err());
    }
}
