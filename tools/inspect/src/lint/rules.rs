//! The table of rules: what each is called, how grave it is, where it is written. Nothing else names a section.
//!
//! A MUST is an error, a SHOULD a warning; what merely surprises is a note. Where that would cry wolf about what programs in the field do
//! without harm, it is a grade lower.

use std::fmt::{self, Write as _};

use crate::entry::{Finding, Severity};

/// One rule. See [`RULES`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rule {
    /// Its name; stable, so that filters and scripts may depend on it.
    pub name: &'static str,
    /// How grave it is to break it.
    pub severity: Severity,
    /// Where it is written.
    pub section: &'static str,
    /// What it asks for, on one line.
    pub explanation: &'static str,
}

impl Rule {
    /// It is broken: `found` says how.
    pub(super) fn found(&self, found: impl Into<String>) -> Finding {
        Finding { rule: self.name, severity: self.severity, section: self.section, found: found.into() }
    }

    /// The rule of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Self> {
        RULES.iter().find(|rule| rule.name == name)
    }
}

macro_rules! rules {
    ($($id:ident $name:literal $severity:ident $section:literal $explanation:literal)+) => {
        $(pub(super) const $id: Rule =
            Rule { name: $name, severity: Severity::$severity, section: $section, explanation: $explanation };)+

        /// Every rule, in the order of what they are about.
        pub const RULES: &[Rule] = &[$($id),+];
    };
}

#[rustfmt::skip]
rules! {
    // Stream headers
    HEADER_WITHOUT_VERSION "header-without-version" Error "RFC 6120 §4.7.5" "a stream header has a version, and so has the answer to one that has"
    HEADER_VERSION_RAISED "header-version-raised" Error "RFC 6120 §4.7.5" "the answer's version is not above the version asked for"
    HEADER_WITHOUT_TO "header-without-to" Error "RFC 6120 §4.7.2" "who opens a stream says to whom"
    RESPONSE_TO "response-to" Error "RFC 6120 §4.7.2" "the answering header's `to` is the `from` of the header that it answers, and absent if that has none"
    HEADER_WITHOUT_FROM "header-without-from" Error "RFC 6120 §4.7.1" "an answering header says who answers; within TLS, a server's says who opens"
    HEADER_WITHOUT_ID "header-without-id" Error "RFC 6120 §4.7.3" "an answering header has the stream's id"
    HEADER_WITH_ID "header-with-id" Error "RFC 6120 §4.7.3" "who opens a stream gives it no id"
    STREAM_ID_REUSED "stream-id-reused" Error "RFC 6120 §4.3.3" "a restarted stream has another id than before"
    HEADER_WITHOUT_LANG "header-without-lang" Error "RFC 6120 §4.7.4" "an answering header has an xml:lang"
    STREAM_NAMESPACE "stream-namespace" Error "RFC 6120 §4.8.1" "a stream header is <stream/> of http://etherx.jabber.org/streams"
    CONTENT_NAMESPACE_DIFFERS "content-namespace-differs" Error "RFC 6120 §4.8.2" "both streams of a connection have the same content namespace"
    CONTENT_NAMESPACE_UNKNOWN "content-namespace-unknown" Note "RFC 6120 §4.8.3" "the content namespace is one of client, server or component"
    STREAM_PREFIX "stream-prefix" Note "RFC 6120 §4.8.5" "many accept no other prefix of the stream's namespace than `stream`"
    HEADER_DECLARES_EXTENSION "header-declares-extension" Warning "RFC 6120 §4.8.5" "namespaces of extensions are declared where they are used, not in the header"
    HEADER_WITHOUT_DECLARATION "header-without-declaration" Note "RFC 6120 §11.5" "an XML declaration stands before a header"
    // Features
    FEATURES_MISSING "features-missing" Error "RFC 6120 §4.3.2" "features follow the answering header of an XMPP 1.0 stream"
    FEATURES_FROM_INITIATOR "features-from-initiator" Error "RFC 6120 §4.3.2" "only who accepted a stream offers features"
    FEATURES_AFTER_NEGOTIATION "features-after-negotiation" Error "RFC 6120 §4.3.5" "no more features are offered once negotiation is over"
    STARTTLS_WITHIN_TLS "starttls-within-tls" Error "RFC 6120 §5.4.3.3" "within TLS, STARTTLS is not offered"
    SASL_BESIDE_REQUIRED_TLS "sasl-beside-required-tls" Warning "RFC 6120 §5.3.1" "nothing is offered beside a STARTTLS that is required"
    PLAIN_OFFERED_IN_CLEAR "plain-offered-in-clear" Error "RFC 6120 §13.8.3" "PLAIN is offered within TLS alone"
    BIND_NOT_OFFERED "bind-not-offered" Error "RFC 6120 §7.4" "binding is offered once the client is authenticated"
    BIND_OFFERED_EARLY "bind-offered-early" Error "RFC 6120 §7.4" "binding is not offered before the client is authenticated"
    // Ends
    DATA_AFTER_END "data-after-end" Error "RFC 6120 §4.4" "nothing follows the end of one's stream"
    STREAM_NOT_CLOSED "stream-not-closed" Warning "RFC 6120 §4.4" "a stream is ended before its connection is"
    CONNECTION_CUT "connection-cut" Note "RFC 6120 §4.4" "a connection is ended, not cut off, while streams are open"
    STREAM_ERROR_NOT_CLOSED "stream-error-not-closed" Error "RFC 6120 §4.9.1.1" "who sends a stream error ends the stream at once"
    STREAM_ERROR_CONDITION_MISSING "stream-error-condition-missing" Error "RFC 6120 §4.9.2" "a stream error has a condition"
    STREAM_ERROR_CONDITION_UNKNOWN "stream-error-condition-unknown" Error "RFC 6120 §4.9.2" "a stream error's condition is one of those defined"
    ELEMENT_UNFINISHED "element-unfinished" Warning "RFC 6120 §11.3" "an element that is begun is finished before the connection ends"
    // STARTTLS
    STARTTLS_NOT_OFFERED "starttls-not-offered" Warning "RFC 6120 §5.4.2.2" "STARTTLS is used where it was offered"
    STARTTLS_REQUIRED_IGNORED "starttls-required-ignored" Error "RFC 6120 §5.3.1" "where TLS is required, nothing goes before it"
    SPACE_DURING_STARTTLS "space-during-starttls" Error "RFC 6120 §5.3.3" "no white space stands between <starttls/> and <proceed/>"
    DATA_BEHIND_STARTTLS "data-behind-starttls" Error "RFC 6120 §5.4.3.1" "nothing is said in the clear behind <starttls/> and <proceed/>"
    NO_RESTART_AFTER_TLS "no-restart-after-tls" Error "RFC 6120 §5.4.3.3" "within TLS, a new header comes first"
    // SASL
    PLAIN_IN_CLEAR "plain-in-clear" Error "RFC 6120 §13.8.3" "PLAIN is used within TLS alone: the password can be read here"
    SASL_IN_CLEAR "sasl-in-clear" Warning "RFC 6120 §13.8.1" "authentication takes place within TLS"
    PLAIN_THOUGH_BETTER "plain-though-better" Warning "RFC 6120 §13.8.3" "PLAIN is a last resort where nothing better is offered"
    MECHANISM_NOT_OFFERED "mechanism-not-offered" Warning "RFC 6120 §6.5.7" "the mechanism is one of those offered"
    AUTH_WITHOUT_MECHANISM "auth-without-mechanism" Error "RFC 6120 §6.4.2" "authentication begins by naming a mechanism"
    SASL_NOT_BASE64 "sasl-not-base64" Error "RFC 6120 §6.3.5" "what SASL elements say is in base 64, with padding and without white space"
    SPACE_DURING_SASL "space-during-sasl" Error "RFC 6120 §6.3.5" "no white space stands between <auth/> and <success/>"
    SASL_UNASKED "sasl-unasked" Error "RFC 6120 §6.4.3" "a challenge, success or failure belongs to an authentication under way"
    SASL_FAILURE_CONDITION_MISSING "sasl-failure-condition-missing" Error "RFC 6120 §6.4.5" "a failure says why"
    SASL_FAILURE_CONDITION_UNKNOWN "sasl-failure-condition-unknown" Error "RFC 6120 §6.5" "a failure's condition is one of those defined"
    NO_RESTART_AFTER_SASL "no-restart-after-sasl" Error "RFC 6120 §6.4.6" "after <success/> a new header comes first"
    // Binding
    BIND_RESULT "bind-result" Error "RFC 6120 §7.6.1" "the answer to <bind/> has the client's full JID"
    RESTART_AFTER_BIND "restart-after-bind" Error "RFC 6120 §7.3.2" "a stream is not restarted after binding"
    STANZA_TOO_EARLY "stanza-too-early" Error "RFC 6120 §4.3.5" "until negotiation is over, stanzas go to the own server and account alone"
    // XML
    NOT_WELL_FORMED "not-well-formed" Error "RFC 6120 §11.3" "what is sent is well-formed XML"
    UNDECLARED_PREFIX "undeclared-prefix" Error "RFC 6120 §11.3" "every prefix is declared"
    RESTRICTED_XML "restricted-xml" Error "RFC 6120 §11.1" "no comments, processing instructions, document types or entities of one's own"
    NOT_UTF8 "not-utf8" Error "RFC 6120 §11.6" "everything is UTF-8"
    BYTE_ORDER_MARK "byte-order-mark" Error "RFC 6120 §11.6" "no byte order mark stands at the beginning"
    STRAY_TEXT "stray-text" Error "RFC 6120 §11.7" "between elements there is nothing but white space"
    LANG_MALFORMED "lang-malformed" Error "RFC 6120 §8.1.5" "an xml:lang is a language tag"
    STANZA_NAMESPACE "stanza-namespace" Error "RFC 6120 §4.8.3" "stanzas are in the content namespace of their stream"
    STANZA_PREFIXED "stanza-prefixed" Error "RFC 6120 §4.8.5" "elements in the content namespace have no prefix"
    LOOKS_LIKE_STANZA "looks-like-stanza" Warning "RFC 6120 §4.8.4" "what is called as a stanza is one: it is in the content namespace"
    ELEMENT_UNKNOWN "element-unknown" Note "RFC 6120 §4.8.4" "elements of a stream that are no stanzas are those that were negotiated"
    CHILD_WITHOUT_NAMESPACE "child-without-namespace" Error "RFC 6120 §8.4" "an extension has a namespace of its own"
    // Addresses
    JID_MALFORMED "jid-malformed" Error "RFC 6120 §8.1.1" "`to` and `from` are addresses"
    FROM_NOT_OWN "from-not-own" Error "RFC 6120 §8.1.2.1" "a client speaks in its own name"
    FROM_MISSING "from-missing" Note "RFC 6120 §8.1.2.1" "what a server delivers for somebody says for whom"
    TO_FOREIGN "to-foreign" Error "RFC 6120 §8.1.1.1" "a client is given what is addressed to it, and nothing else"
    UNADDRESSED "unaddressed" Error "RFC 6120 §8.1.1.2, §8.1.2.2" "between servers, every stanza has `to` and `from`"
    FOREIGN_DOMAIN "foreign-domain" Error "RFC 6120 §8.1.2.2" "a server speaks for the domains that it has proven"
    // IQ
    IQ_WITHOUT_ID "iq-without-id" Error "RFC 6120 §8.2.3" "an iq has an id"
    IQ_WITHOUT_TYPE "iq-without-type" Error "RFC 6120 §8.2.3" "an iq has a type"
    IQ_TYPE "iq-type" Error "RFC 6120 §8.2.3" "an iq's type is get, set, result or error"
    IQ_REQUEST_PAYLOAD "iq-request-payload" Error "RFC 6120 §8.2.3" "an iq get or set has exactly one child"
    IQ_RESULT_PAYLOAD "iq-result-payload" Error "RFC 6120 §8.2.3" "an iq result has at most one child"
    IQ_ID_REUSED "iq-id-reused" Warning "RFC 6120 §8.1.3" "the id of a request is not that of another that is still open"
    IQ_ANSWER_UNASKED "iq-answer-unasked" Error "RFC 6120 §8.1.3" "an answer has the id of a request"
    IQ_ANSWERED_TWICE "iq-answered-twice" Error "RFC 6120 §8.2.3" "a request is answered once"
    IQ_UNANSWERED "iq-unanswered" Error "RFC 6120 §8.2.3" "every request is answered"
    IQ_ANSWER_FROM_OTHER "iq-answer-from-other" Warning "RFC 6120 §8.2.3" "who was asked answers"
    ERROR_ANSWERS_ERROR "error-answers-error" Error "RFC 6120 §8.3.1" "errors and results are never answered"
    // Stanza errors
    STANZA_ERROR_MISSING "stanza-error-missing" Error "RFC 6120 §8.3.1" "a stanza of type error says which, in <error/>"
    STANZA_ERROR_MISPLACED "stanza-error-misplaced" Error "RFC 6120 §8.3.1" "only a stanza of type error has <error/>"
    STANZA_ERROR_TYPE "stanza-error-type" Error "RFC 6120 §8.3.2" "the type of <error/> is auth, cancel, continue, modify or wait"
    STANZA_ERROR_CONDITION_MISSING "stanza-error-condition-missing" Error "RFC 6120 §8.3.2" "a stanza error has a condition"
    STANZA_ERROR_CONDITION_UNKNOWN "stanza-error-condition-unknown" Error "RFC 6120 §8.3.2" "a stanza error's condition is one of those defined"
    // Messages
    MESSAGE_TYPE "message-type" Error "RFC 6121 §5.2.2" "a message's type is chat, error, groupchat, headline or normal"
    BODY_LANGUAGE_TWICE "body-language-twice" Error "RFC 6121 §5.2.3" "several bodies are in several languages"
    SUBJECT_LANGUAGE_TWICE "subject-language-twice" Error "RFC 6121 §5.2.4" "several subjects are in several languages"
    THREAD_TWICE "thread-twice" Error "RFC 6121 §5.2.5" "a message belongs to one thread"
    MIXED_CONTENT "mixed-content" Error "RFC 6121 §4.7.2, §5.2" "body, subject, thread, show, status and priority hold text alone"
    // Presence
    PRESENCE_TYPE "presence-type" Error "RFC 6121 §4.7.1" "a presence's type is one of those defined; there is no `available`"
    CLIENT_PROBES "client-probes" Warning "RFC 6121 §4.7.1" "servers probe, clients do not"
    SHOW_TWICE "show-twice" Error "RFC 6121 §4.7.2.1" "a presence has at most one <show/>"
    SHOW_UNKNOWN "show-unknown" Error "RFC 6121 §4.7.2.1" "<show/> is away, chat, dnd or xa"
    STATUS_LANGUAGE_TWICE "status-language-twice" Error "RFC 6121 §4.7.2.2" "several statuses are in several languages"
    PRIORITY_TWICE "priority-twice" Error "RFC 6121 §4.7.2.3" "a presence has at most one <priority/>"
    PRIORITY_RANGE "priority-range" Error "RFC 6121 §4.7.2.3" "<priority/> is a whole number from -128 to 127"
    UNAVAILABLE_WITH_SHOW "unavailable-with-show" Error "RFC 6121 §4.5.1" "who goes offline has neither <show/> nor <priority/>"
    // Roster
    ROSTER_ITEMS "roster-items" Error "RFC 6121 §2.1.5, §2.1.6" "a roster set or push has exactly one item"
    ROSTER_GET_ITEMS "roster-get-items" Error "RFC 6121 §2.1.3" "who asks for the roster gives no items"
    ROSTER_ITEM_WITHOUT_JID "roster-item-without-jid" Error "RFC 6121 §2.1.2.3" "a roster item has a JID"
    ROSTER_SUBSCRIPTION "roster-subscription" Error "RFC 6121 §2.1.2.5" "a subscription is none, to, from or both; remove only in a set or push"
    ROSTER_SET_STATE "roster-set-state" Error "RFC 6121 §2.1.2.1, §2.1.2.2" "a client's roster set has neither ask nor approved"
    ROSTER_PUSH_FROM_OTHER "roster-push-from-other" Error "RFC 6121 §2.1.6" "roster pushes come from the own account"
    // Stream management
    SM_ENABLE_EARLY "sm-enable-early" Error "XEP-0198 §3" "stream management is enabled after binding, or after authentication between servers"
    SM_ENABLE_TWICE "sm-enable-twice" Error "XEP-0198 §3" "stream management is enabled once"
    SM_ENABLED_WITHOUT_ID "sm-enabled-without-id" Error "XEP-0198 §5" "a session that may be resumed has an id"
    SM_UNASKED "sm-unasked" Error "XEP-0198 §3" "<enabled/>, <resumed/> and <failed/> answer a request"
    SM_RESUME_INCOMPLETE "sm-resume-incomplete" Error "XEP-0198 §5" "<resume/> and <resumed/> have previd and h"
    SM_BEFORE_ENABLE "sm-before-enable" Error "XEP-0198 §4" "<r/> and <a/> come after stream management is enabled"
    SM_H_MISSING "sm-h-missing" Error "XEP-0198 §4" "<a/> has a number h"
    SM_H_TOO_HIGH "sm-h-too-high" Error "XEP-0198 §6" "no more stanzas are acknowledged than were sent"
    SM_H_BACK "sm-h-back" Error "XEP-0198 §4" "h never goes back"
    SM_UNANSWERED "sm-unanswered" Error "XEP-0198 §4" "every <r/> is answered with <a/>"
    // ChatDev: the directory
    CHECK_IN_MALFORMED "check-in-malformed" Error "PROTOCOL §2" "a check-in can be read: max, show, fingerprint"
    CHECK_IN_NICK "check-in-nick" Error "PROTOCOL §4" "a nick has at most 64 octets"
    CHECK_IN_STATUS "check-in-status" Error "PROTOCOL §4" "a status has at most 512 octets"
    CHECK_IN_ENDPOINT "check-in-endpoint" Warning "PROTOCOL §2" "an endpoint is an IP address and a port from 1024"
    CHECK_IN_SINCE "check-in-since" Warning "PROTOCOL §2" "`since` is a version that the server told"
    CHECK_IN_LATE "check-in-late" Error "PROTOCOL §2" "a client checks in before the interval is over"
    CHECK_IN_OFTEN "check-in-often" Warning "PROTOCOL §2" "a client checks in about once in an interval"
    DIRECTORY_ANSWER "directory-answer" Error "PROTOCOL §2" "a check-in is answered with <online/>, or an error"
    DIRECTORY_MALFORMED "directory-malformed" Error "PROTOCOL §2" "an answer can be read: version, interval, limit, entries"
    DIRECTORY_LIMIT "directory-limit" Error "PROTOCOL §2" "the limit is at least three intervals"
    DIRECTORY_TWICE "directory-twice" Error "PROTOCOL §2" "an answer has one record for each JID"
    // ChatDev: peer streams
    PEER_IN_CLEAR "peer-in-clear" Error "PROTOCOL §3" "a peer stream is inside TLS"
    PEER_TLS_VERSION "peer-tls-version" Error "PROTOCOL §3" "a peer stream is inside TLS 1.3"
    PEER_ALPN "peer-alpn" Error "PROTOCOL §3" "who dials a peer offers the protocol xmpp-peer"
    PEER_ELEMENT "peer-element" Error "PROTOCOL §3" "a peer stream carries messages, <r/> and <a/>"
    PEER_ADDRESS "peer-address" Error "PROTOCOL §3" "addresses of a message are those of its peer stream"
    PEER_SEQ_MISSING "peer-seq-missing" Error "PROTOCOL §3" "a message on a peer stream has a sequence number"
    PEER_SEQ_BACK "peer-seq-back" Error "PROTOCOL §3" "sequence numbers rise with every message"
    PEER_ORIGIN_ID "peer-origin-id" Error "PROTOCOL §3" "a message on a peer stream has an origin-id"
}

/// The table of all rules, for people. `as_markdown` for the README.
#[must_use]
pub fn table(as_markdown: bool) -> String {
    let mut out = String::new();
    let name_columns = RULES.iter().map(|rule| rule.name.len()).max().unwrap_or(0);
    let section_columns = RULES.iter().map(|rule| rule.section.chars().count()).max().unwrap_or(0);
    if as_markdown {
        out.push_str("| rule | severity | section | what it asks for |\n|---|---|---|---|\n");
    }
    for rule in RULES {
        let written = if as_markdown {
            writeln!(
                out,
                "| `{}` | {} | {} | {} |",
                rule.name,
                rule.severity.word(),
                rule.section,
                Cell(rule)
            )
        } else {
            let Rule { name, section, explanation, .. } = rule;
            let severity = rule.severity.word();
            writeln!(out, "{name:name_columns$}  {severity:7}  {section:section_columns$}  {explanation}")
        };
        written.expect("writing to a string does not fail");
    }
    out
}

/// An explanation in a table of Markdown: tags would be taken for HTML.
struct Cell(&'static Rule);

impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, piece) in self.0.explanation.split('`').enumerate() {
            if n % 2 == 1 {
                write!(f, "`{piece}`")?;
            } else {
                f.write_str(&piece.replace('<', "`<").replace("/>", "/>`"))?;
            }
        }
        Ok(())
    }
}
