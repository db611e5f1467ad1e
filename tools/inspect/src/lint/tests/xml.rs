//! XML, namespaces, languages.

super::rules! {
    what_is_sent_is_well_formed "not-well-formed" {
        "@c2s
         C: <message to='romeo@example.net'><body>hi</subject></message>"
    } {
        "@c2s
         C: <message to=\"romeo@example.net\"><body><![CDATA[<hi>]]></body></message>"
    }

    no_end_tag_ends_nothing "not-well-formed" {
        "@c2s
         C: </message>"
    } { "@c2s" }

    every_prefix_is_declared "undeclared-prefix" {
        "@c2s
         C: <message to='romeo@example.net'><x:y/></message>"
    } {
        "@c2s
         C: <message to='romeo@example.net'><x:y xmlns:x='urn:example'/></message>"
    }

    comments_are_restricted "restricted-xml" {
        "@c2s
         C: <message to='romeo@example.net'><!-- hi --></message>"
    } {
        "@c2s
         C: <message to='romeo@example.net'><body>&lt;!-- hi --&gt; &amp; &#x21;</body></message>"
    }

    a_comment_between_stanzas_is_restricted_too "restricted-xml" {
        "@c2s
         C: <!-- hi -->"
    } { "@c2s" }

    everything_is_utf_8 "not-utf8" {
        "@c2s
         C: <message to='romeo@example.net'><body>M\\xfcnchen</body></message>"
    } {
        "@c2s
         C: <message to='romeo@example.net'><body>München</body></message>"
    }

    no_byte_order_mark_comes_first "byte-order-mark" {
        "C: \\xef\\xbb\\xbf<?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' to='example.net' version='1.0'>"
    } { "@open" }

    between_stanzas_there_is_white_space_alone "stray-text" {
        "@c2s
         C: hi <presence/>"
    } {
        "@c2s
         C: \\s<presence/>\\s"
    }

    a_language_is_a_language_tag "lang-malformed" {
        "@c2s
         C: <message to='romeo@example.net' xml:lang='en_US'><body>hi</body></message>"
    } {
        "@c2s
         C: <message to='romeo@example.net' xml:lang='de-CH-1996'><body>hi</body></message>
         C: <message to='romeo@example.net' xml:lang=''><body>hi</body></message>"
    }

    stanzas_are_in_the_namespace_of_their_stream "stanza-namespace" {
        "@c2s
         S: <message xmlns='jabber:server' from='romeo@example.net' to='juliet@example.net'><body>hi</body></message>"
    } {
        "@c2s
         S: <message xmlns='jabber:client' from='romeo@example.net' to='juliet@example.net'><body>hi</body></message>"
    }

    stanzas_have_no_prefix "stanza-prefixed" {
        "@c2s
         C: <c:message xmlns:c='jabber:client' to='romeo@example.net'><c:body>hi</c:body></c:message>"
    } { "@c2s" }

    what_looks_like_a_stanza_is_one "looks-like-stanza" {
        "@c2s
         C: <message xmlns='urn:example' to='romeo@example.net'><body>hi</body></message>"
    } { "@c2s" }

    what_is_no_stanza_was_negotiated "element-unknown" {
        "@c2s
         C: <hello xmlns='urn:example'/>"
    } {
        "@c2s
         C: <inactive xmlns='urn:xmpp:csi:0'/>"
    }

    an_extension_has_its_own_namespace "child-without-namespace" {
        "@c2s
         C: <message to='romeo@example.net'><nick>J</nick><body>hi</body></message>"
    } {
        "@c2s
         C: <message to='romeo@example.net'><nick xmlns='http://jabber.org/protocol/nick'>J</nick><body>hi</body></message>"
    }
}
