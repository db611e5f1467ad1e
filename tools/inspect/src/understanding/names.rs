//! What people call a payload, by its namespace and name: RFCs and XEPs, and ChatDev's own.
//!
//! An empty name stands for every other element of the namespace. Names are those of the specifications, short enough for a line.

use hashbrown::HashMap;

/// Sorted by namespace, then name.
#[rustfmt::skip]
const TITLES: &[(&str, &str, &str)] = &[
    ("eu.siacs.conversations.axolotl", "", "OMEMO"),
    ("google:mail:notify", "", "Gmail notification"),
    ("http://etherx.jabber.org/streams", "", "stream"),
    ("http://jabber.org/features/compress", "", "compression (XEP-0138)"),
    ("http://jabber.org/protocol/activity", "", "activity (XEP-0108)"),
    ("http://jabber.org/protocol/address", "", "extended addresses (XEP-0033)"),
    ("http://jabber.org/protocol/amp", "", "message processing rules (XEP-0079)"),
    ("http://jabber.org/protocol/bytestreams", "", "SOCKS5 bytestream (XEP-0065)"),
    ("http://jabber.org/protocol/caps", "c", "capabilities (XEP-0115)"),
    ("http://jabber.org/protocol/chatstates", "active", "active"),
    ("http://jabber.org/protocol/chatstates", "composing", "composing"),
    ("http://jabber.org/protocol/chatstates", "gone", "gone"),
    ("http://jabber.org/protocol/chatstates", "inactive", "inactive"),
    ("http://jabber.org/protocol/chatstates", "paused", "paused"),
    ("http://jabber.org/protocol/commands", "command", "ad-hoc command (XEP-0050)"),
    ("http://jabber.org/protocol/compress", "", "compression (XEP-0138)"),
    ("http://jabber.org/protocol/disco#info", "", "disco info"),
    ("http://jabber.org/protocol/disco#items", "", "disco items"),
    ("http://jabber.org/protocol/feature-neg", "", "feature negotiation (XEP-0020)"),
    ("http://jabber.org/protocol/geoloc", "", "location (XEP-0080)"),
    ("http://jabber.org/protocol/httpbind", "", "BOSH (XEP-0124)"),
    ("http://jabber.org/protocol/ibb", "close", "in-band bytestream close"),
    ("http://jabber.org/protocol/ibb", "data", "in-band bytestream data"),
    ("http://jabber.org/protocol/ibb", "open", "in-band bytestream open"),
    ("http://jabber.org/protocol/mood", "", "mood (XEP-0107)"),
    ("http://jabber.org/protocol/muc", "", "join room"),
    ("http://jabber.org/protocol/muc#admin", "", "room admin"),
    ("http://jabber.org/protocol/muc#owner", "", "room owner"),
    ("http://jabber.org/protocol/muc#user", "", "room"),
    ("http://jabber.org/protocol/nick", "", "nick (XEP-0172)"),
    ("http://jabber.org/protocol/offline", "", "offline messages (XEP-0013)"),
    ("http://jabber.org/protocol/pubsub", "", "pubsub"),
    ("http://jabber.org/protocol/pubsub#event", "", "pubsub event"),
    ("http://jabber.org/protocol/pubsub#owner", "", "pubsub owner"),
    ("http://jabber.org/protocol/rosterx", "", "roster exchange (XEP-0144)"),
    ("http://jabber.org/protocol/rsm", "", "result set (XEP-0059)"),
    ("http://jabber.org/protocol/shim", "", "headers (XEP-0131)"),
    ("http://jabber.org/protocol/si", "", "stream initiation (XEP-0095)"),
    ("http://jabber.org/protocol/sipub", "", "SI publishing (XEP-0137)"),
    ("http://jabber.org/protocol/tune", "", "tune (XEP-0118)"),
    ("http://jabber.org/protocol/xdata-validate", "", "form validation"),
    ("http://jabber.org/protocol/xhtml-im", "", "XHTML (XEP-0071)"),
    ("jabber:component:accept", "", "component"),
    ("jabber:iq:auth", "", "legacy authentication (XEP-0078)"),
    ("jabber:iq:gateway", "", "gateway (XEP-0100)"),
    ("jabber:iq:last", "", "last activity"),
    ("jabber:iq:oob", "", "out-of-band file"),
    ("jabber:iq:privacy", "", "privacy list"),
    ("jabber:iq:private", "", "private storage"),
    ("jabber:iq:register", "", "registration"),
    ("jabber:iq:roster", "", "roster"),
    ("jabber:iq:rpc", "", "RPC (XEP-0009)"),
    ("jabber:iq:search", "", "search (XEP-0055)"),
    ("jabber:iq:time", "", "legacy time"),
    ("jabber:iq:version", "", "software version"),
    ("jabber:server:dialback", "", "dialback"),
    ("jabber:x:conference", "", "room invitation"),
    ("jabber:x:data", "", "form"),
    ("jabber:x:delay", "", "legacy delay"),
    ("jabber:x:encrypted", "", "OpenPGP (XEP-0027)"),
    ("jabber:x:event", "", "legacy events"),
    ("jabber:x:oob", "", "out-of-band file"),
    ("jabber:x:signed", "", "OpenPGP signature (XEP-0027)"),
    ("msgoffline", "", "offline"),
    ("p1:push", "", "push"),
    ("storage:bookmarks", "", "bookmarks"),
    ("urn:chatdev:directory:1", "check-in", "check-in"),
    ("urn:chatdev:directory:1", "online", "directory"),
    ("urn:chatdev:peer:1", "", "peer stream"),
    ("urn:ietf:params:xml:ns:vcard-4.0", "", "vCard"),
    ("urn:ietf:params:xml:ns:xmpp-bind", "", "bind"),
    ("urn:ietf:params:xml:ns:xmpp-sasl", "", "SASL"),
    ("urn:ietf:params:xml:ns:xmpp-session", "", "session"),
    ("urn:ietf:params:xml:ns:xmpp-stanzas", "", "stanza error"),
    ("urn:ietf:params:xml:ns:xmpp-streams", "", "stream error"),
    ("urn:ietf:params:xml:ns:xmpp-tls", "", "TLS"),
    ("urn:xmpp:attention:0", "", "attention"),
    ("urn:xmpp:avatar:data", "", "avatar"),
    ("urn:xmpp:avatar:metadata", "", "avatar metadata"),
    ("urn:xmpp:bind:0", "", "bind 2 (XEP-0386)"),
    ("urn:xmpp:blocking", "", "block list"),
    ("urn:xmpp:bob", "", "bits of binary"),
    ("urn:xmpp:bookmarks:1", "", "bookmarks"),
    ("urn:xmpp:captcha", "", "CAPTCHA (XEP-0158)"),
    ("urn:xmpp:carbons:2", "disable", "carbons off"),
    ("urn:xmpp:carbons:2", "enable", "carbons on"),
    ("urn:xmpp:carbons:2", "private", "no carbons"),
    ("urn:xmpp:carbons:2", "received", "received carbon"),
    ("urn:xmpp:carbons:2", "sent", "sent carbon"),
    ("urn:xmpp:chat-markers:0", "acknowledged", "acknowledged"),
    ("urn:xmpp:chat-markers:0", "displayed", "displayed"),
    ("urn:xmpp:chat-markers:0", "markable", "markable"),
    ("urn:xmpp:chat-markers:0", "received", "received marker"),
    ("urn:xmpp:csi:0", "active", "client active"),
    ("urn:xmpp:csi:0", "inactive", "client inactive"),
    ("urn:xmpp:delay", "", "delay"),
    ("urn:xmpp:eme:0", "", "encrypted by other means"),
    ("urn:xmpp:extdisco:1", "", "external services"),
    ("urn:xmpp:extdisco:2", "", "external services"),
    ("urn:xmpp:fallback:0", "", "fallback"),
    ("urn:xmpp:fasten:0", "", "fastening"),
    ("urn:xmpp:features:rosterver", "", "roster versions"),
    ("urn:xmpp:file:metadata:0", "", "file metadata"),
    ("urn:xmpp:forward:0", "", "forwarded"),
    ("urn:xmpp:hashes:2", "", "hash"),
    ("urn:xmpp:hints", "", "hints"),
    ("urn:xmpp:hints", "no-copy", "no copy"),
    ("urn:xmpp:hints", "no-store", "no store"),
    ("urn:xmpp:hints", "store", "store"),
    ("urn:xmpp:http:upload:0", "", "upload slot"),
    ("urn:xmpp:idle:1", "", "idle"),
    ("urn:xmpp:invite", "", "invitation"),
    ("urn:xmpp:iot:sensordata", "", "sensor data"),
    ("urn:xmpp:jingle-message:0", "", "Jingle message"),
    ("urn:xmpp:jingle:1", "", "Jingle"),
    ("urn:xmpp:jingle:apps:dtls:0", "", "DTLS fingerprint"),
    ("urn:xmpp:json:0", "", "JSON"),
    ("urn:xmpp:mam:1", "", "archive"),
    ("urn:xmpp:mam:2", "fin", "archive end"),
    ("urn:xmpp:mam:2", "metadata", "archive metadata"),
    ("urn:xmpp:mam:2", "prefs", "archive preferences"),
    ("urn:xmpp:mam:2", "query", "archive query"),
    ("urn:xmpp:mam:2", "result", "archive result"),
    ("urn:xmpp:mds:displayed:0", "", "displayed elsewhere"),
    ("urn:xmpp:message-correct:0", "", "correction"),
    ("urn:xmpp:message-moderate:1", "", "moderation"),
    ("urn:xmpp:message-retract:1", "", "retraction"),
    ("urn:xmpp:muclumbus:search:0", "", "room search"),
    ("urn:xmpp:mucsub:0", "", "room subscription"),
    ("urn:xmpp:occupant-id:0", "", "occupant id"),
    ("urn:xmpp:omemo:2", "", "OMEMO"),
    ("urn:xmpp:openpgp:0", "", "OpenPGP (XEP-0373)"),
    ("urn:xmpp:pars:0", "", "pre-authenticated roster"),
    ("urn:xmpp:ping", "", "ping"),
    ("urn:xmpp:push:0", "", "push"),
    ("urn:xmpp:raw-cert", "", "certificate"),
    ("urn:xmpp:reactions:0", "", "reactions"),
    ("urn:xmpp:receipts", "received", "receipt"),
    ("urn:xmpp:receipts", "request", "asks for a receipt"),
    ("urn:xmpp:reference:0", "", "reference"),
    ("urn:xmpp:reply:0", "", "reply"),
    ("urn:xmpp:sasl:2", "", "SASL 2"),
    ("urn:xmpp:serverinfo:0", "", "server info"),
    ("urn:xmpp:sfs:0", "", "stateless file sharing"),
    ("urn:xmpp:sic:1", "", "own address"),
    ("urn:xmpp:sid:0", "origin-id", "origin id"),
    ("urn:xmpp:sid:0", "stanza-id", "stanza id"),
    ("urn:xmpp:sm:2", "", "stream management"),
    ("urn:xmpp:sm:3", "", "stream management"),
    ("urn:xmpp:spoiler:0", "", "spoiler"),
    ("urn:xmpp:styling:0", "", "styling"),
    ("urn:xmpp:thumbs:1", "", "thumbnail"),
    ("urn:xmpp:time", "", "time"),
    ("urn:xmpp:tmp:jingle", "", "Jingle"),
    ("urn:xmpp:tmp:openpgp:0", "", "OpenPGP"),
    ("urn:xmpp:vcard4", "", "vCard"),
    ("vcard-temp", "", "vCard"),
    ("vcard-temp:x:update", "", "avatar hash"),
];

/// Whether something of this namespace has a title.
pub(crate) fn has_title(namespace: &str) -> bool {
    TITLES.binary_search_by(|(own, ..)| (*own).cmp(namespace)).is_ok()
}

/// The table, to be looked up by namespace.
#[derive(Debug)]
pub(super) struct Names(HashMap<&'static str, &'static [(&'static str, &'static str, &'static str)]>);

impl Default for Names {
    fn default() -> Self {
        Self(TITLES.chunk_by(|a, b| a.0 == b.0).map(|rows| (rows[0].0, rows)).collect())
    }
}

impl Names {
    /// The title of an element, where it is known.
    pub(super) fn title(&self, namespace: &str, name: &str) -> Option<&'static str> {
        let rows = *self.0.get(namespace)?;
        let own = rows.iter().find(|(_, row_name, _)| *row_name == name);
        let general = || rows.first().filter(|(_, row_name, _)| row_name.is_empty());
        own.or_else(general).map(|(_, _, title)| *title)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted_and_says_nothing_twice() {
        assert!(TITLES.is_sorted_by_key(|row| (row.0, row.1)));
        assert!(TITLES.windows(2).all(|pair| (pair[0].0, pair[0].1) != (pair[1].0, pair[1].1)));
    }

    #[test]
    fn an_element_is_called_by_its_own_title_or_that_of_its_namespace() {
        let names = Names::default();
        assert_eq!(names.title("urn:xmpp:carbons:2", "sent"), Some("sent carbon"));
        assert_eq!(names.title("jabber:iq:roster", "query"), Some("roster"));
        assert_eq!(names.title("urn:xmpp:hints", "no-permanent-store"), Some("hints"));
        assert_eq!(names.title("urn:example:none", "x"), None);
    }
}
