//! What a client asks of the directory: `<check-in/>`, which is also its heartbeat, and `<online/>` in an iq get, which
//! reads without entering.

use std::num::NonZeroU32;

use chatdev_directory::{Announcement, Profile, Show, Version};
use chatdev_xml::{Builder, Node};

use super::online::RefusedEndpoint;
use super::{NS, NS_FINGERPRINT, piece};
use crate::Payload;
use crate::malformed::{Malformed, expect_element, parsed};

/// The most endpoints that are read of one check-in, good and bad together: 16. Those behind are counted.
pub const ENDPOINTS_READ_MAX: usize = 16;

/// `<check-in/>`: I am here; this is new of me; what is new of the others?
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CheckIn {
    /// Where the answer should begin. A `since` that cannot be a version reads as none: the answer is then a reset.
    pub since: Option<Version>,
    /// How many changes the client wants at most; the server may send fewer.
    pub max: Option<NonZeroU32>,
    /// What is new; `None` for a mere heartbeat. If any of it is there, all of it is replaced.
    pub announcement: Option<Announcement>,
    /// Endpoints that are no IP address and port, to be named in the answer. Never written.
    pub unreadable: Vec<RefusedEndpoint>,
    /// How many endpoints stood behind the first [`ENDPOINTS_READ_MAX`], unread. Never written.
    pub surplus: usize,
}

impl CheckIn {
    /// Reads `<check-in/>`. Endpoints cost no memory beyond the first [`ENDPOINTS_READ_MAX`].
    ///
    /// # Errors
    /// The node is no `<check-in/>`; `max` is no number from 1; `show` is none of RFC 6121's; the fingerprint cannot be
    /// read.
    pub fn from_node(node: Node<'_>) -> Result<Self, Malformed> {
        expect_element(node, NS, "check-in")?;
        let Look { since, max } = Look::read(node)?;
        let mut check_in = Self { since, max, ..Self::default() };
        let announces = |child: Node<'_>| {
            child.is(NS, "profile") || child.is(NS, "endpoint") || child.is(NS_FINGERPRINT, "fingerprint")
        };
        if !node.children().any(announces) {
            return Ok(check_in);
        }
        let mut announcement = Announcement {
            profile: node.child(NS, "profile").map_or(Ok(Profile::default()), profile)?,
            endpoints: Vec::new(),
            fingerprint: piece::fingerprint(node)?,
        };
        let mut endpoints = piece::endpoints(node);
        for endpoint in endpoints.by_ref().take(ENDPOINTS_READ_MAX) {
            match endpoint {
                Ok(endpoint) => announcement.endpoints.push(endpoint),
                Err((host, port)) => check_in.unreadable.push(RefusedEndpoint::unreadable(&host, &port)),
            }
        }
        check_in.surplus = endpoints.count();
        check_in.announcement = Some(announcement);
        Ok(check_in)
    }
}

fn profile(node: Node<'_>) -> Result<Profile, Malformed> {
    let show = match node.attribute("show").as_deref() {
        None | Some("") => Show::Available,
        Some(show) => {
            show.parse().map_err(|_| Malformed::new("chat, away, dnd or xa in attribute ‘show’", show))?
        }
    };
    Ok(Profile {
        nick: piece::said(node.attribute("nick")),
        show,
        status: piece::said(node.child(NS, "status").map(Node::text)),
    })
}

impl Payload for CheckIn {
    fn write(&self, out: Builder) -> Builder {
        let mut out = write_place(out.open(NS, "check-in"), self.since.as_ref(), self.max);
        if let Some(announcement) = &self.announcement {
            let profile = &announcement.profile;
            out = out
                .open(NS, "profile")
                .attribute_opt("nick", profile.nick.as_deref())
                .attribute_opt("show", profile.show.as_str());
            if let Some(status) = &profile.status {
                out = out.open(NS, "status").text(status).close();
            }
            out = out.close();
            out = announcement.endpoints.iter().fold(out, piece::write_endpoint);
            if let Some(fingerprint) = announcement.fingerprint {
                out = piece::write_fingerprint(out, fingerprint);
            }
        }
        out.close()
    }
}

/// `<online/>` in an iq get: what is new? Reads without entering the directory.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Look {
    /// As in [`CheckIn::since`].
    pub since: Option<Version>,
    /// As in [`CheckIn::max`].
    pub max: Option<NonZeroU32>,
}

impl Look {
    /// Reads the `<online/>` of a get.
    ///
    /// # Errors
    /// The node is no `<online/>`, or `max` is no number from 1.
    pub fn from_node(node: Node<'_>) -> Result<Self, Malformed> {
        expect_element(node, NS, "online")?;
        Self::read(node)
    }

    fn read(node: Node<'_>) -> Result<Self, Malformed> {
        Ok(Self {
            since: node.attribute("since").and_then(|since| since.parse().ok()),
            max: parsed(node, "max", "a number from 1 to 4294967295")?,
        })
    }
}

impl Payload for Look {
    fn write(&self, out: Builder) -> Builder {
        write_place(out.open(NS, "online"), self.since.as_ref(), self.max).close()
    }
}

fn write_place(out: Builder, since: Option<&Version>, max: Option<NonZeroU32>) -> Builder {
    out.attribute_opt("since", since.map(Version::as_str))
        .attribute_opt("max", max.map(|max| max.to_string()).as_deref())
}
