//! The directory's answer: `<online/>` with the changes, oldest first, and what was not accepted of the check-in.

use std::borrow::Cow;
use std::num::NonZeroU32;
use std::time::Duration;

use chatdev_directory::{Page, Refused};
use chatdev_xml::{Builder, Node};

use super::{NS, change};
use crate::Payload;
use crate::malformed::{Malformed, boolean, expect_element, parsed, required_parsed};

/// The most changes that are read of one answer: 2,048, as many elements as one stanza may have. A longer one is
/// malformed; leaving some out would lose them.
pub const CHANGES_MAX: usize = 2048;

/// The longest interval or limit that is believed, in seconds: a day, which is the longest a server of ours can say.
const SECONDS_MAX: u32 = 24 * 60 * 60;

/// `<online/>` in an iq result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Online {
    /// What changed, and where the answer ends.
    pub page: Page,
    /// How long the client should wait before its next check-in. Whole seconds, 1 s to a day.
    pub interval: Duration,
    /// How long the client may be silent before it is reaped. Whole seconds, 1 s to a day.
    pub limit: Duration,
    /// Endpoints of the check-in that were not accepted.
    pub refused: Vec<RefusedEndpoint>,
    /// How many endpoints were not even read, because too many came before them.
    pub surplus: usize,
}

/// `<refused/>`: an endpoint that was not accepted, as the client named it, with the reason for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefusedEndpoint {
    /// What was given as its host, clipped to 64 characters.
    pub host: String,
    /// What was given as its port, clipped to 64 characters.
    pub port: String,
    /// The rule that it broke.
    pub reason: Option<String>,
}

impl RefusedEndpoint {
    pub(super) fn unreadable(host: &str, port: &str) -> Self {
        Self {
            host: clipped(host),
            port: clipped(port),
            reason: Some("an endpoint is an IP address and a port below 65536".into()),
        }
    }

    fn from_node(node: Node<'_>) -> Self {
        let text = |attribute| clipped(&node.attribute(attribute).unwrap_or_default());
        let reason = Some(node.text()).filter(|reason| !reason.is_empty());
        Self { host: text("host"), port: text("port"), reason: reason.map(Cow::into_owned) }
    }
}

impl From<&Refused> for RefusedEndpoint {
    fn from(refused: &Refused) -> Self {
        Self {
            host: refused.endpoint.address.to_string(),
            port: refused.endpoint.port.to_string(),
            reason: Some(refused.refusal.to_string()),
        }
    }
}

fn clipped(text: &str) -> String {
    const CHARS_MAX: usize = 64;
    text.chars().take(CHARS_MAX).collect()
}

impl Online {
    /// Reads the `<online/>` of a result.
    ///
    /// # Errors
    /// The node is no `<online/>`; it lacks its version, interval or limit, or these are out of range; it has more than
    /// [`CHANGES_MAX`] changes, or one that cannot be read.
    pub fn from_node(node: Node<'_>) -> Result<Self, Malformed> {
        expect_element(node, NS, "online")?;
        let mut online = Self {
            page: Page {
                reset: boolean(node, "reset")?,
                changes: Vec::new(),
                version: required_parsed(node, "version", "1 to 128 visible ASCII characters")?,
                more: boolean(node, "more")?,
            },
            interval: seconds(node, "interval")?,
            limit: seconds(node, "limit")?,
            refused: Vec::new(),
            surplus: 0,
        };
        for child in node.children() {
            if child.is(NS, "refused") {
                online.read_refused(child)?;
                continue;
            }
            let Some(change) = change::read(child)? else { continue };
            if online.page.changes.len() == CHANGES_MAX {
                return Err(Malformed::new(format!("at most {CHANGES_MAX} changes in <online/>"), "more"));
            }
            online.page.changes.push(change);
        }
        Ok(online)
    }

    /// `<refused host='…' port='…'/>` names one, `<refused surplus='…'/>` counts the rest.
    fn read_refused(&mut self, node: Node<'_>) -> Result<(), Malformed> {
        if let Some(surplus) = parsed::<u32>(node, "surplus", "a number below 4294967296")? {
            self.surplus = surplus as usize;
        } else if self.refused.len() < super::ENDPOINTS_READ_MAX {
            self.refused.push(RefusedEndpoint::from_node(node));
        }
        Ok(())
    }
}

fn seconds(node: Node<'_>, attribute: &'static str) -> Result<Duration, Malformed> {
    const WHAT: &str = "seconds, 1 to 86400,";
    let seconds = required_parsed::<NonZeroU32>(node, attribute, WHAT)?.get();
    if seconds > SECONDS_MAX {
        return Err(Malformed::new(format!("{WHAT} in attribute ‘{attribute}’"), &seconds.to_string()));
    }
    Ok(Duration::from_secs(seconds.into()))
}

impl Payload for Online {
    fn write(&self, out: Builder) -> Builder {
        let mut out = out
            .open(NS, "online")
            .attribute("version", self.page.version.as_str())
            .attribute("interval", &self.interval.as_secs().to_string())
            .attribute("limit", &self.limit.as_secs().to_string())
            .attribute_opt("reset", self.page.reset.then_some("true"))
            .attribute_opt("more", self.page.more.then_some("true"));
        out = self.page.changes.iter().fold(out, change::write);
        for refused in &self.refused {
            out = out.open(NS, "refused").attribute("host", &refused.host).attribute("port", &refused.port);
            out = match &refused.reason {
                Some(reason) => out.text(reason),
                None => out,
            }
            .close();
        }
        if self.surplus > 0 {
            out = out.open(NS, "refused").attribute("surplus", &self.surplus.to_string()).close();
        }
        out.close()
    }
}
