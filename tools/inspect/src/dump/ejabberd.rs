//! ejabberd at `loglevel: debug`.
//!
//! Seen in processone/xmpp `src/xmpp_socket.erl` (`(~s) Send XML on stream = ~p`; the parentheses hold `tcp|<pid>` or `tls|<pid>`), in
//! reports on processone/ejabberd (#1711: `Received` without a pid; #3148) and vukoye/xmpp_dart (#50: Elixir's strings, without `<<>>`),
//! and in logs of 2014 to 2017, where `<0.454.0>@ejabberd_receiver:process_data:349` received and the process next to it,
//! `<0.455.0>@ejabberd_c2s:send_text:1901`, sent.

use std::borrow::Cow;

use regex_lite::Regex;

use super::mark::{Extent, Mark, Pattern, constant};
use crate::model::{Layer, Side};

pub(super) struct Ejabberd {
    line: Regex,
    pid: Regex,
}

impl Ejabberd {
    pub(super) fn new() -> Self {
        Self {
            line: constant(r"^(.*?)(Received|Send) XML on stream = (.*)$"),
            pid: constant(r"(?:(tcp|tls)\|)?<(\d+)\.(\d+)\.(\d+)>(@\w+:send_text:)?"),
        }
    }
}

impl Pattern for Ejabberd {
    fn mark<'a>(&self, line: &'a str) -> Option<Mark<'a>> {
        let found = self.line.captures(line)?;
        let before = found.get(1)?.as_str();
        // The last one is that of the socket.
        let pid = self.pid.captures_iter(before).last();
        let layer = pid.as_ref().and_then(|pid| pid.get(1)).map(|kind| match kind.as_str() {
            "tls" => Layer::Tls,
            _ => Layer::Clear,
        });
        let session = pid.and_then(|pid| {
            let number: u64 = pid[3].parse().ok()?;
            let receiver = if pid.get(5).is_some() { number.checked_sub(1)? } else { number };
            Some(Cow::Owned(format!("<{}.{receiver}.{}>", &pid[2], &pid[4])))
        });
        Some(Mark {
            side: if &found[2] == "Received" { Side::Dialler } else { Side::Answerer },
            session,
            layer,
            time: before,
            xml: found.get(3)?.as_str(),
            extent: Extent::Line,
        })
    }

    fn plain<'a>(&self, written: &'a str) -> Cow<'a, str> {
        term(written)
    }
}

/// An Erlang binary or an Elixir string, as text.
fn term(term: &str) -> Cow<'_, str> {
    let term = term.trim();
    let inner = term.strip_prefix("<<").map_or(term, |term| term.strip_suffix(">>").unwrap_or(term));
    let inner = inner.strip_suffix("/utf8").unwrap_or(inner);
    match inner.strip_prefix('"') {
        Some(quoted) => unescaped(quoted.strip_suffix('"').unwrap_or(quoted)),
        // Numbers, where not all octets can be printed.
        None => {
            let octets: Option<Vec<u8>> = inner.split(',').map(|octet| octet.trim().parse().ok()).collect();
            octets.map_or("".into(), |octets| String::from_utf8_lossy(&octets).into_owned().into())
        }
    }
}

fn unescaped(text: &str) -> Cow<'_, str> {
    if !text.contains('\\') {
        return text.into();
    }
    let mut plain = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(char) = chars.next() {
        let escaped = if char == '\\' { chars.next() } else { None };
        plain.push(match (char, escaped) {
            ('\\', Some('n')) => '\n',
            ('\\', Some('r')) => '\r',
            ('\\', Some('t')) => '\t',
            ('\\', Some(other)) => other,
            (char, _) => char,
        });
    }
    plain.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mark(line: &str) -> (Side, Option<String>, Option<Layer>, String) {
        let ejabberd = Ejabberd::new();
        let mark = ejabberd.mark(line).unwrap();
        (mark.side, mark.session.map(Cow::into_owned), mark.layer, ejabberd.plain(mark.xml).into_owned())
    }

    #[test]
    fn each_generation_of_lines_is_read() {
        let pid = |number| Some(format!("<0.{number}.0>"));
        let old = "2015-08-31 13:14:47.541 [debug] <0.454.0>@ejabberd_receiver:process_data:349 Received XML on stream = <<\"<a b='c'/>\">>";
        assert_eq!(mark(old), (Side::Dialler, pid(454), None, "<a b='c'/>".to_owned()));
        let old = "2015-08-31 13:14:47.541 [debug] <0.455.0>@ejabberd_c2s:send_text:1901 Send XML on stream = <<\"<a/>\">>";
        assert_eq!(mark(old), (Side::Answerer, pid(454), None, "<a/>".to_owned()));
        let new = "2020-01-17 14:52:12.904 [info] <0.562.0> (tls|<0.562.0>) Received XML on stream = <<\"<a b=\\\"c\\\">\\n\\\\</a>\"/utf8>>";
        assert_eq!(mark(new), (Side::Dialler, pid(562), Some(Layer::Tls), "<a b=\"c\">\n\\</a>".to_owned()));
        let elixir = "21:18:29.738 [info]  (tcp|<0.1049.0>) Send XML on stream = \"<iq type='result'/>\"";
        assert_eq!(
            mark(elixir),
            (Side::Answerer, pid(1049), Some(Layer::Clear), "<iq type='result'/>".to_owned())
        );
        let without = "15:26:33.804 [debug] Received XML on stream = <<60,97,47,62>>";
        assert_eq!(mark(without), (Side::Dialler, None, None, "<a/>".to_owned()));
        assert_eq!(mark("Received XML on stream = <<>>").3, "");
    }
}
