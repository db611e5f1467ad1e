//! Reading a report. What is too new or no report at all is refused with words for the person who gave the file.

use serde::Deserialize;
use thiserror::Error;

use super::{FORMAT, Report};

/// Why something is not a report that can be read. The name of the file is the caller's to add.
#[derive(Debug, Error)]
pub enum ReadError {
    /// Not even JSON.
    #[error("expected a report in JSON, as `--json` writes it, found no JSON: {0}")]
    Json(#[source] serde_json::Error),
    /// JSON of something else.
    #[error(
        "expected a report with \"format\": \"{FORMAT}\", found JSON without a format; was it written by chatdev-load?"
    )]
    NoFormat,
    /// From another version.
    #[error(
        "expected \"format\": \"{FORMAT}\", found \"{0}\"; read it with the version of chatdev-load that wrote it, or measure again"
    )]
    Format(String),
    /// Something is missing or of the wrong kind.
    #[error("expected a whole report of format {FORMAT}: {0}; was it cut off or edited?")]
    Malformed(#[source] serde_json::Error),
}

impl Report {
    /// From JSON of the same format. Fields that are not known are ignored.
    ///
    /// # Errors
    ///
    /// It is no JSON, no report, or of another format.
    pub fn from_json(json: &str) -> Result<Self, ReadError> {
        let value: serde_json::Value = serde_json::from_str(json).map_err(ReadError::Json)?;
        match value.get("format").and_then(serde_json::Value::as_str) {
            None => Err(ReadError::NoFormat),
            Some(FORMAT) => Self::deserialize(value).map_err(ReadError::Malformed),
            Some(other) => Err(ReadError::Format(other.to_owned())),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::samples::{CHATDEVD, bad, good};
    use super::*;

    fn changed(change: impl FnOnce(&mut Value)) -> Result<Report, ReadError> {
        let mut value = serde_json::to_value(good(&CHATDEVD)).expect("plain data");
        change(&mut value);
        Report::from_json(&value.to_string())
    }

    fn refusal(json: &str) -> String {
        Report::from_json(json).expect_err("refused").to_string()
    }

    #[test]
    fn a_report_reads_as_it_was_written() {
        for report in [good(&CHATDEVD), bad(&CHATDEVD)] {
            assert!(
                Report::from_json(&report.to_json()).expect("our own") == report,
                "see {}",
                report.to_json()
            );
        }
    }

    #[test]
    fn fields_of_a_later_version_are_ignored() {
        let read = changed(|value| {
            value["weather"] = json!("fine");
            value["operations"]["message"]["colour"] = json!("red");
            value["operations"]["teleport"] = value["operations"]["message"].clone();
        });
        let read = read.expect("the format is the same");
        assert!(read.operations.contains_key("teleport"), "a kind of operation that is not known is kept");
    }

    #[test]
    fn fields_that_an_earlier_version_did_not_write_are_not_missed() {
        let read = changed(|value| {
            let worker = value["generator"]["workers"][0].as_object_mut();
            worker.expect("an object").remove("cpu_percent_max");
            for (part, field) in [("sessions", "to_stay"), ("audit", "returned")] {
                value[part].as_object_mut().expect("an object").remove(field);
            }
        });
        let read = read.expect("the format is the same");
        assert!(read.headline().contains("busiest worker 61 %"), "the mean, as there is nothing else");
        assert_eq!((read.sessions.to_stay, read.audit.expect("there is one").returned), (0, 0));
    }

    #[test]
    fn another_format_is_refused_with_its_name() {
        let error =
            changed(|value| value["format"] = json!("chatdev-load/2")).expect_err("too new").to_string();
        assert!(
            error.contains("expected \"format\": \"chatdev-load/1\", found \"chatdev-load/2\""),
            "{error}"
        );
    }

    #[test]
    fn what_is_no_report_is_told_apart() {
        assert!(refusal("not json").starts_with("expected a report in JSON"));
        assert!(refusal(r#"{"hello": 1}"#).contains("found JSON without a format"));
        assert!(refusal(r#"{"format": "chatdev-load/1"}"#).contains("missing field"));
    }
}
