//! A line as serde has it. All keys are optional: which of them are there is what kind of line it is.

use std::borrow::Cow;
use std::net::SocketAddr;

use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize};

use crate::model::{At, End, Layer, Side};

/// The first line.
#[derive(Debug, Serialize)]
pub(super) struct Head<'a> {
    pub(super) transcript: u64,
    pub(super) by: &'a str,
    pub(super) at: String,
}

#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Line<'a> {
    #[serde(default, skip_serializing)]
    pub(super) transcript: Option<u64>,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub(super) at: Option<Cow<'a, str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) connection: Option<u64>,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub(super) by: Option<Cow<'a, str>>,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub(super) layer: Option<Cow<'a, str>>,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub(super) text: Option<Cow<'a, str>>,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub(super) base64: Option<Cow<'a, str>>,
    /// `Some(None)` for `null`.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub(super) missing: Option<Option<u64>>,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub(super) note: Option<Cow<'a, str>>,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub(super) ended: Option<Cow<'a, str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) opened: Option<Opened>,
}

#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Opened {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    dialler: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    dialler_name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    answerer: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    answerer_name: Option<String>,
    #[serde(default = "yes", skip_serializing_if = "is_yes")]
    pub(super) from_start: bool,
}

impl Opened {
    pub(super) fn new(ends: &[End; 2], from_start: bool) -> Self {
        let address = |end: &End| end.address.map(|address| address.to_string());
        let name = |end: &End| end.name.as_deref().map(str::to_owned);
        let [dialler, answerer] = ends;
        Self {
            dialler: address(dialler),
            dialler_name: name(dialler),
            answerer: address(answerer),
            answerer_name: name(answerer),
            from_start,
        }
    }

    pub(super) fn ends(self) -> [End; 2] {
        [end(self.dialler, self.dialler_name), end(self.answerer, self.answerer_name)]
    }
}

/// An end is an address or a name, and may be both.
fn end(place: Option<String>, name: Option<String>) -> End {
    let address = place.as_deref().and_then(|place| place.parse::<SocketAddr>().ok());
    let name = name.or_else(|| if address.is_none() { place } else { None });
    End { address, name: name.map(Into::into) }
}

fn yes() -> bool {
    true
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
fn is_yes(from_start: &bool) -> bool {
    *from_start
}

fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Option<u64>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

/// RFC 3339, in UTC, with up to nine decimals.
pub(super) fn write_time(At(nanoseconds): At) -> String {
    Timestamp::from_nanosecond(i128::from(nanoseconds)).unwrap_or(Timestamp::MAX).to_string()
}

/// What is before 1970 is no time.
pub(super) fn read_time(text: &str) -> Option<At> {
    let nanoseconds = text.parse::<Timestamp>().ok()?.as_nanosecond();
    Some(At(u64::try_from(nanoseconds.max(0)).unwrap_or(u64::MAX)))
}

pub(super) fn side_word(side: Side) -> &'static str {
    match side {
        Side::Dialler => "dialler",
        Side::Answerer => "answerer",
    }
}

pub(super) fn read_side(word: &str) -> Option<Side> {
    Side::BOTH.into_iter().find(|side| side_word(*side) == word)
}

pub(super) fn layer_word(layer: Layer) -> &'static str {
    match layer {
        Layer::Clear => "clear",
        Layer::Tls => "tls",
    }
}

pub(super) fn read_layer(word: &str) -> Option<Layer> {
    [Layer::Clear, Layer::Tls].into_iter().find(|layer| layer_word(*layer) == word)
}
