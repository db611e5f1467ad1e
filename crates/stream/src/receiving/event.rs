//! What the receiving side of a client stream tells its owner.

use std::fmt;

use chatdev_xml::Element;
use jid::{BareJid, ResourcePart};

use crate::Closed;
use crate::sasl::Stretching;

/// Something for the owner to act on.
#[derive(Clone, PartialEq)]
pub enum Event {
    /// Write the output, then do the TLS handshake and call [`handle_tls`](super::Receiving::handle_tls). What was
    /// read behind the request is dropped: it came in clear.
    StartTls,
    /// Look the account up and call [`handle_credentials`](super::Receiving::handle_credentials). Nothing is read
    /// until then.
    Credentials {
        /// The account, at the host of the stream.
        account: BareJid,
    },
    /// Carry this out, which is slow, and call [`handle_stretched`](super::Receiving::handle_stretched). Nothing is
    /// read until then.
    Stretch(Box<Stretching>),
    /// The client has proven to be this account.
    SignedIn {
        /// The account.
        account: BareJid,
    },
    /// A registration request (XEP-0077) before sign-in: an iq of type get or set with a `jabber:iq:register` query.
    /// Answer it with [`send`](super::Receiving::send). Nothing is read until then.
    PreAuth(Element),
    /// Give the session its full JID and call [`handle_bound`](super::Receiving::handle_bound). Nothing is read until
    /// then.
    Bind {
        /// Who has signed in.
        account: BareJid,
        /// The resource asked for; where there is none, the owner makes one.
        resource: Option<ResourcePart>,
    },
    /// A top-level element of a bound stream, of whatever name. `from` is still what the client wrote.
    Element(Element),
    /// Something else that shows that a bound client lives: white space, or a stanza that was answered here.
    KeepAlive,
    /// The stream is over. The last event.
    Closed(Closed),
}

/// Elements by their names alone: what clients send holds messages, and when they register or change a password, that.
impl fmt::Debug for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::StartTls => f.write_str("StartTls"),
            Self::Credentials { account } => write!(f, "Credentials({account})"),
            Self::Stretch(stretching) => write!(f, "{stretching:?}"),
            Self::SignedIn { account } => write!(f, "SignedIn({account})"),
            Self::PreAuth(element) => write!(f, "PreAuth(<{} …/>)", element.name()),
            Self::Bind { account, resource } => write!(f, "Bind({account}, {resource:?})"),
            Self::Element(element) => write!(f, "Element(<{} …/>)", element.name()),
            Self::KeepAlive => f.write_str("KeepAlive"),
            Self::Closed(closed) => write!(f, "Closed({closed:?})"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_no_password() {
        let request = "<iq type='set' id='1'><query xmlns='jabber:iq:register'><password>hunter2</password></query></iq>";
        let request = Element::parse(request).unwrap();
        let shown = format!("{:?}", [Event::PreAuth(request.clone()), Event::Element(request)]);
        assert_eq!(shown, "[PreAuth(<iq …/>), Element(<iq …/>)]");
    }
}
