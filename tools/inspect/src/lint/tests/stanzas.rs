//! Addresses and errors of stanzas.

super::rules! {
    addresses_are_addresses "jid-malformed" {
        "@c2s
         C: <message to='@example.net'><body>hi</body></message>"
    } {
        "@c2s
         C: <message to='romeo@example.net/or/ch@rd 1'><body>hi</body></message>"
    }

    a_client_speaks_in_its_own_name "from-not-own" {
        "@c2s
         C: <message from='romeo@example.net' to='nurse@example.net'><body>hi</body></message>"
    } {
        "@c2s
         C: <message from='Juliet@example.net/balcony' to='nurse@example.net'><body>hi</body></message>
         C: <message from='juliet@example.net' to='nurse@example.net'><body>hi</body></message>"
    }

    what_a_server_delivers_says_for_whom "from-missing" {
        "@c2s
         S: <message to='juliet@example.net'><body>hi</body></message>"
    } {
        "@c2s
         S: <message from='example.net'><body>Welcome</body></message>
         S: <message to='juliet@example.net'><event xmlns='http://jabber.org/protocol/pubsub#event'/></message>"
    }

    a_client_is_given_its_own "to-foreign" {
        "@c2s
         S: <message from='romeo@example.net/orchard' to='nurse@example.net'><body>hi</body></message>"
    } {
        // RFC 6120 §8.1.1.1: another resource may have been meant, of which a message was left.
        "@c2s
         S: <message from='romeo@example.net/orchard' to='juliet@example.net/chamber'><body>hi</body></message>
         S: <message from='romeo@example.net/orchard' to='juliet@example.net'><body>hi</body></message>"
    }

    servers_address_every_stanza "unaddressed" {
        "@s2s
         C: <message from='juliet@example.net'><body>hi</body></message>"
    } {
        "@s2s
         C: <message from='juliet@example.net' to='romeo@example.org'><body>hi</body></message>"
    }

    servers_speak_for_their_own_domains "foreign-domain" {
        "@s2s
         C: <message from='juliet@example.com' to='romeo@example.org'><body>hi</body></message>"
    } {
        "@s2s
         C: <db:result from='rooms.example.net' to='example.org'>aa</db:result>
         S: <db:result from='example.org' to='rooms.example.net' type='valid'/>
         C: <message from='garden@rooms.example.net/juliet' to='romeo@example.org'><body>hi</body></message>
         S: <message to='juliet@example.net' from='romeo@EXAMPLE.org'><body>hi</body></message>"
    }

    an_error_says_which "stanza-error-missing" {
        "@c2s
         C: <message to='romeo@example.net' type='error'><body>hi</body></message>"
    } {
        "@c2s
         C: <message to='romeo@example.net' type='error'><body>hi</body><error type='wait' by='x'><resource-constraint xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/><text xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'>later</text></error></message>"
    }

    only_errors_have_an_error "stanza-error-misplaced" {
        "@c2s
         C: <message to='romeo@example.net'><error type='wait'><resource-constraint xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>"
    } {
        "@c2s
         C: <message to='romeo@example.net'><error xmlns='urn:example'/></message>"
    }

    an_error_is_of_one_of_five_types "stanza-error-type" {
        "@c2s
         C: <message to='romeo@example.net' type='error'><error code='503'><service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>"
    } {
        "@c2s
         C: <message to='romeo@example.net' type='error'><error code='503' type='cancel'><service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>"
    }

    an_error_has_a_condition "stanza-error-condition-missing" {
        "@c2s
         C: <message to='romeo@example.net' type='error'><error type='cancel'><text xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'>no</text></error></message>"
    } {
        "@c2s
         C: <message to='romeo@example.net' type='error'><error type='cancel'><text xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'>no</text><gone xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>"
    }

    an_error_has_a_condition_that_is_defined "stanza-error-condition-unknown" {
        "@c2s
         C: <message to='romeo@example.net' type='error'><error type='cancel'><payment-required xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>"
    } {
        "@c2s
         C: <message to='romeo@example.net' type='error'><error type='modify'><policy-violation xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/><stanza-too-big xmlns='urn:xmpp:errors'/></error></message>"
    }
}
