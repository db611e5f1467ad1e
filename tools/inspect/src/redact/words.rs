//! Words of specifications, which name nobody: namespaces, names of elements, values of attributes, names of fields.
//!
//! Only these stay where all names are hidden. A word that is missing here is hidden, which does no harm: whoever misses it adds it.

use chatdev_stanza::sasl::SaslCondition;
use chatdev_stanza::{StanzaCondition, StreamCondition};

use crate::understanding::has_title;

/// Names of elements of streams and stanzas, values of attributes, names of mechanisms and hashes. Sorted.
#[rustfmt::skip]
const WORDS: &[&str] = &[
    "0", "1", "ANONYMOUS", "CRAM-MD5", "DIGEST-MD5", "EXTERNAL", "GSSAPI", "HT-SHA-256-ENDP", "HT-SHA-256-EXPR", "HT-SHA-256-NONE",
    "HT-SHA-256-UNIQ", "HT-SHA-512-ENDP", "HT-SHA-512-EXPR", "HT-SHA-512-NONE", "HT-SHA-512-UNIQ", "HT-SHA3-512-ENDP", "HT-SHA3-512-EXPR",
    "HT-SHA3-512-NONE", "HT-SHA3-512-UNIQ", "LOGIN", "NTLM", "OAUTHBEARER", "PLAIN", "SCRAM-SHA-1", "SCRAM-SHA-1-PLUS", "SCRAM-SHA-224",
    "SCRAM-SHA-224-PLUS", "SCRAM-SHA-256", "SCRAM-SHA-256-PLUS", "SCRAM-SHA-384", "SCRAM-SHA-384-PLUS", "SCRAM-SHA-512",
    "SCRAM-SHA-512-PLUS", "SCRAM-SHA3-512", "SCRAM-SHA3-512-PLUS", "X-GOOGLE-TOKEN", "X-OAUTH2", "a", "abort", "account", "active", "add",
    "admin", "all", "allow", "always", "and", "anonymous", "application/xmpp+xml", "auth", "authenticate", "authentication", "automation",
    "available", "away", "base64", "bind", "blake2b-256", "blake2b-512", "body", "boolean", "bot", "both", "c", "cancel", "canceled",
    "challenge", "channel-binding", "chat", "check-in", "client", "closed", "closing", "collaboration", "collection", "complete",
    "completed", "component", "composing", "compress", "compressed", "compression", "conference", "configure", "console", "continue",
    "create", "csi", "default", "delay", "delete", "deny", "dialback", "directory", "displayed", "dnd", "enable", "enabled", "endpoint",
    "error", "execute", "executing", "failed", "failure", "false", "feature", "features", "fingerprint", "fixed", "form", "from", "game",
    "gateway", "get", "gone", "group", "groupchat", "handheld", "handshake", "headline", "hidden", "hierarchy", "host", "html", "identity",
    "idle-seconds", "im", "inactive", "inline", "invalid", "iq", "irc", "item", "items", "jid", "jid-multi", "jid-single", "json", "leaf",
    "left", "limits", "list-multi", "list-single", "lzw", "markable", "max-bytes", "md5", "mechanism", "mechanisms", "member", "message",
    "moderator", "modify", "more", "never", "news", "next", "no", "node", "none", "normal", "of", "on", "online", "opened", "optional",
    "outcast", "owner", "participant", "paused", "pc", "pep", "phone", "ping", "presence", "prev", "prflx", "priority", "private", "probe",
    "proceed", "proxy", "publish-only", "publisher", "pubsub", "purge", "query", "r", "reaped", "received", "refused", "register",
    "registered", "relay", "remove", "replace", "request", "required", "resource", "response", "result", "resume", "resumed", "retract",
    "roster", "sasl-channel-binding", "sent", "server", "service", "session", "set", "sha-1", "sha-224", "sha-256", "sha-384", "sha-512",
    "sha3-256", "sha3-512", "show", "sm", "sms", "srflx", "starttls", "status", "store", "stream", "stun", "stuns", "sub", "subject",
    "submit", "subscribe", "subscribed", "subscription", "success", "tablet", "tcp", "text", "text-multi", "text-private", "text-single",
    "than", "the", "thread", "tls", "tls-exporter", "tls-server-end-point", "tls-unique", "to", "true", "turn", "turns", "udp",
    "unavailable", "unsubscribe", "unsubscribed", "user", "user-agent", "username", "utf-8", "valid", "ver", "verify", "visitor", "wait",
    "way", "web", "x", "xa", "xmpp", "yes", "zlib",
];

/// Names of fields of forms (XEP-0045, XEP-0060, XEP-0068, XEP-0077, XEP-0313). Sorted.
#[rustfmt::skip]
const FIELDS: &[&str] = &[
    "FORM_TYPE", "after-id", "before-id", "email", "end", "first", "ids", "last", "max-file-size", "muc#invite", "muc#jid",
    "muc#maxhistoryfetch", "muc#register_email", "muc#register_faqentry", "muc#register_first", "muc#register_last",
    "muc#register_roomnick", "muc#register_url", "muc#request_allow", "muc#role", "muc#roomconfig_allowinvites", "muc#roomconfig_allowpm",
    "muc#roomconfig_changesubject", "muc#roomconfig_enablearchiving", "muc#roomconfig_enablelogging", "muc#roomconfig_getmemberlist",
    "muc#roomconfig_lang", "muc#roomconfig_maxusers", "muc#roomconfig_membersonly", "muc#roomconfig_moderatedroom",
    "muc#roomconfig_passwordprotectedroom", "muc#roomconfig_persistentroom", "muc#roomconfig_presencebroadcast",
    "muc#roomconfig_publicroom", "muc#roomconfig_pubsub", "muc#roomconfig_roomadmins", "muc#roomconfig_roomdesc", "muc#roomconfig_roomname",
    "muc#roomconfig_roomowners", "muc#roomconfig_roomsecret", "muc#roomconfig_whois", "muc#roominfo_avatarhash", "muc#roominfo_contactjid",
    "muc#roominfo_description", "muc#roominfo_lang", "muc#roominfo_ldapgroup", "muc#roominfo_logs", "muc#roominfo_occupants",
    "muc#roominfo_pubsub", "muc#roominfo_subject", "muc#roominfo_subjectmod", "muc#roomnick", "muc_hidden", "muc_membersonly",
    "muc_moderated", "muc_nonanonymous", "muc_open", "muc_passwordprotected", "muc_persistent", "muc_public", "muc_rooms",
    "muc_semianonymous", "muc_temporary", "muc_unmoderated", "muc_unsecured", "name", "nick", "password", "pubsub#access_model",
    "pubsub#body_xslt", "pubsub#children", "pubsub#children_max", "pubsub#collection", "pubsub#contact", "pubsub#creation_date",
    "pubsub#creator", "pubsub#dataform_xslt", "pubsub#deliver_notifications", "pubsub#deliver_payloads", "pubsub#description",
    "pubsub#digest", "pubsub#digest_frequency", "pubsub#expire", "pubsub#include_body", "pubsub#item_expire", "pubsub#itemreply",
    "pubsub#language", "pubsub#max_items", "pubsub#max_payload_size", "pubsub#node_type", "pubsub#notification_type",
    "pubsub#notify_config", "pubsub#notify_delete", "pubsub#notify_retract", "pubsub#notify_sub", "pubsub#num_subscribers", "pubsub#owner",
    "pubsub#persist_items", "pubsub#presence_based_delivery", "pubsub#publish_model", "pubsub#publisher", "pubsub#purge_offline",
    "pubsub#roster_groups_allowed", "pubsub#send_last_published_item", "pubsub#show-values", "pubsub#subscribe", "pubsub#subscriber_jid",
    "pubsub#subscription_depth", "pubsub#subscription_type", "pubsub#tempsub", "pubsub#title", "pubsub#type", "start", "username", "with",
];

/// What may stand behind a namespace and `#` in a feature. Sorted.
#[rustfmt::skip]
const BEHIND_NAMESPACES: &[&str] = &[
    "access-authorize", "access-open", "access-presence", "access-roster", "access-whitelist", "admin", "auto-create", "auto-subscribe",
    "bookmarks-conversion", "collections", "compat", "compat-pep-vcard-conversion", "config-node", "config-node-max", "create-nodes",
    "delete-any", "delete-items", "delete-nodes", "errors", "event", "extended", "features", "full-stanza-id", "get-pending",
    "groupchat-available", "info", "instant-nodes", "invite", "item-ids", "items", "leased-subscription", "manage-subscriptions", "max",
    "member-affiliation", "meta-data", "metadata", "modify-affiliations", "multi-collection", "multi-subscribe", "notify",
    "outcast-affiliation", "owner", "pep-vcard-conversion", "persistent-items", "presence-notifications", "presence-subscribe", "publish",
    "publish-only-affiliation", "publish-options", "publish_options", "publisher-affiliation", "pubsub", "purge-nodes", "register",
    "request", "retract-items", "retrieve-affiliations", "retrieve-default", "retrieve-items", "retrieve-subscriptions", "roomconfig",
    "roominfo", "rsm-in-replies", "self-ping-optimization", "stable_id", "subscribe", "subscription-notifications", "subscription-options",
    "traffic", "unique", "user",
];

/// Namespaces of RFCs and XEPs, besides those that have a title. Sorted.
#[rustfmt::skip]
const NAMESPACES: &[&str] = &[
    "http://etherx.jabber.org/streams", "http://jabber.org/features/compress", "http://jabber.org/features/iq-auth",
    "http://jabber.org/features/iq-register", "http://jabber.org/protocol/address", "http://jabber.org/protocol/disco",
    "http://jabber.org/protocol/muc#register", "http://jabber.org/protocol/muc#request", "http://jabber.org/protocol/muc#roomconfig",
    "http://jabber.org/protocol/muc#roominfo", "http://jabber.org/protocol/muc#unique", "http://jabber.org/protocol/pubsub#errors",
    "http://jabber.org/protocol/pubsub#meta-data", "http://jabber.org/protocol/pubsub#node_config",
    "http://jabber.org/protocol/pubsub#publish-options", "http://jabber.org/protocol/pubsub#subscribe_authorization",
    "http://jabber.org/protocol/pubsub#subscribe_options", "http://jabber.org/protocol/tune+notify",
    "http://jabber.org/protocol/xdata-layout", "http://www.w3.org/1999/xhtml", "http://www.w3.org/XML/1998/namespace", "jabber:client",
    "jabber:component:accept", "jabber:component:connect", "jabber:iq:agents", "jabber:iq:auth", "jabber:iq:browse", "jabber:iq:register",
    "jabber:server", "jabber:server:dialback", "jabber:x:roster", "storage:metadata", "storage:rosternotes", "urn:chatdev:directory:1",
    "urn:chatdev:peer:1", "urn:ietf:params:xml:ns:xmpp-bind", "urn:ietf:params:xml:ns:xmpp-e2e", "urn:ietf:params:xml:ns:xmpp-framing",
    "urn:ietf:params:xml:ns:xmpp-sasl", "urn:ietf:params:xml:ns:xmpp-session", "urn:ietf:params:xml:ns:xmpp-stanzas",
    "urn:ietf:params:xml:ns:xmpp-streams", "urn:ietf:params:xml:ns:xmpp-tls", "urn:xmpp:atm:1", "urn:xmpp:bidi", "urn:xmpp:bob",
    "urn:xmpp:bookmarks-conversion:0", "urn:xmpp:bookmarks:0", "urn:xmpp:call-invites:0", "urn:xmpp:caps", "urn:xmpp:caps:optimize",
    "urn:xmpp:carbons:rules:0", "urn:xmpp:dialback:1", "urn:xmpp:domain-based-name:1", "urn:xmpp:errors",
    "urn:xmpp:extensible-thumbnails:0", "urn:xmpp:fast:0", "urn:xmpp:features:bidi", "urn:xmpp:features:dialback",
    "urn:xmpp:features:pre-approval", "urn:xmpp:features:rosterver", "urn:xmpp:hash-function-text-names:sha-1", "urn:xmpp:hashes:1",
    "urn:xmpp:http:upload", "urn:xmpp:http:upload:purpose:0", "urn:xmpp:ibr", "urn:xmpp:ibr-token:0", "urn:xmpp:invite#create-account",
    "urn:xmpp:invite#invite", "urn:xmpp:isr:0", "urn:xmpp:jingle:apps:file-transfer:5", "urn:xmpp:jingle:apps:grouping:0",
    "urn:xmpp:jingle:apps:rtp:1", "urn:xmpp:jingle:apps:rtp:audio", "urn:xmpp:jingle:apps:rtp:info:1", "urn:xmpp:jingle:apps:rtp:rtcp-fb:0",
    "urn:xmpp:jingle:apps:rtp:rtp-hdrext:0", "urn:xmpp:jingle:apps:rtp:ssma:0", "urn:xmpp:jingle:apps:rtp:video",
    "urn:xmpp:jingle:errors:1", "urn:xmpp:jingle:transports:ibb:1", "urn:xmpp:jingle:transports:ice-udp:1",
    "urn:xmpp:jingle:transports:ice:0", "urn:xmpp:jingle:transports:s5b:1", "urn:xmpp:mam:2#extended", "urn:xmpp:mam:2#groupchat-field",
    "urn:xmpp:mds:server-assist:0", "urn:xmpp:message-retract:0", "urn:xmpp:moderated:0", "urn:xmpp:openpgp:im:0", "urn:xmpp:pie:0",
    "urn:xmpp:psa", "urn:xmpp:push:options", "urn:xmpp:push:summary", "urn:xmpp:reporting:0", "urn:xmpp:reporting:1",
    "urn:xmpp:reporting:reason:spam:0", "urn:xmpp:sasl-cb:0", "urn:xmpp:sasl:1", "urn:xmpp:sce:1", "urn:xmpp:sce:rfc2822",
    "urn:xmpp:scram-upgrade:0", "urn:xmpp:ssdp:0", "urn:xmpp:stream-limits:0", "urn:xmpp:styling:0", "urn:xmpp:tls:0", "urn:xmpp:tm:1",
    "urn:xmpp:trust-messages:0", "urn:xmpp:vcard4", "urn:xmpp:version", "vcard-temp:x:update",
];

/// Whether it is such a word, or a condition of an error (RFC 6120 §4.9.3, §6.5, §8.3.3).
pub(super) fn is_word(word: &str) -> bool {
    WORDS.binary_search(&word).is_ok()
        || StanzaCondition::from_name(word).is_some()
        || StreamCondition::from_name(word).is_some()
        || SaslCondition::from_name(word).is_some()
}

/// Whether a specification has defined this namespace.
pub(super) fn is_namespace(namespace: &str) -> bool {
    NAMESPACES.binary_search(&namespace).is_ok() || has_title(namespace)
}

/// Whether elements of this namespace are, but for a few, conditions of errors: others are somebody's own.
pub(super) fn has_conditions(namespace: &str) -> bool {
    matches!(
        namespace,
        "urn:ietf:params:xml:ns:xmpp-stanzas"
            | "urn:ietf:params:xml:ns:xmpp-streams"
            | "urn:ietf:params:xml:ns:xmpp-sasl"
    )
}

/// Whether it is the name of a feature (XEP-0030) or field of a form (XEP-0004) of a specification.
pub(super) fn is_var(var: &str) -> bool {
    let is_behind = |behind: &str| BEHIND_NAMESPACES.binary_search(&behind).is_ok();
    let (before, behind) = var.split_once('#').unwrap_or((var, ""));
    is_namespace(var)
        || FIELDS.binary_search(&var).is_ok()
        || (is_namespace(before) && is_behind(behind))
        || var.strip_suffix("+notify").is_some_and(is_namespace)
        || var.rsplit_once('#').is_some_and(|(before, behind)| is_namespace(before) && is_behind(behind))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lists_are_sorted_and_say_nothing_twice() {
        for list in [WORDS, FIELDS, BEHIND_NAMESPACES, NAMESPACES] {
            assert!(list.is_sorted());
            assert_eq!(list.windows(2).find(|pair| pair[0] == pair[1]), None);
        }
    }

    #[test]
    fn features_and_fields_of_specifications_are_known_and_others_are_not() {
        for var in [
            "FORM_TYPE",
            "urn:xmpp:ping",
            "http://jabber.org/protocol/pubsub#publish",
            "muc#roomconfig_roomname",
            "urn:xmpp:omemo:2:devices+notify",
            "http://jabber.org/protocol/tune+notify",
        ] {
            assert_eq!(is_var(var), !var.contains("devices"), "{var}");
        }
        for var in [
            "muc#alice@corp",
            "urn:xmpp:alice",
            "http://jabber.org/protocol/alice",
            "http://jabber.org/protocol/pubsub#alice",
        ] {
            assert!(!is_var(var), "{var}");
        }
    }
}
