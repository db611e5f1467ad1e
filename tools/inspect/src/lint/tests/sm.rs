//! Stream management.

super::rules! {
    stream_management_comes_after_binding "sm-enable-early" {
        "@signed-in
         S: <stream:features><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/><sm xmlns='urn:xmpp:sm:3'/></stream:features>
         C: <enable xmlns='urn:xmpp:sm:3'/>"
    } {
        // Who resumes does not bind.
        "@signed-in
         S: <stream:features><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/><sm xmlns='urn:xmpp:sm:3'/></stream:features>
         C: <resume xmlns='urn:xmpp:sm:3' previd='x' h='3'/>
         S: <resumed xmlns='urn:xmpp:sm:3' previd='x' h='7'/>
         S: <iq type='result' id='of-before'/>
         C: <message to='romeo@example.net'><body>hi</body></message>
         S: <a xmlns='urn:xmpp:sm:3' h='8'/>"
    }

    stream_management_is_enabled_once "sm-enable-twice" {
        "@c2s
         C: <enable xmlns='urn:xmpp:sm:3'/>
         S: <enabled xmlns='urn:xmpp:sm:3'/>
         C: <enable xmlns='urn:xmpp:sm:3'/>"
    } {
        "@c2s
         C: <enable xmlns='urn:xmpp:sm:3'/>
         S: <enabled xmlns='urn:xmpp:sm:3'/>"
    }

    what_may_be_resumed_has_an_id "sm-enabled-without-id" {
        "@c2s
         C: <enable xmlns='urn:xmpp:sm:3' resume='true'/>
         S: <enabled xmlns='urn:xmpp:sm:3' resume='true'/>"
    } {
        // It may also be left without an end.
        "@c2s
         C: <enable xmlns='urn:xmpp:sm:3' resume='1'/>
         S: <enabled xmlns='urn:xmpp:sm:3' resume='1' id='x'/>
         -- end C
         -- end S"
    }

    nothing_is_enabled_unasked "sm-unasked" {
        "@c2s
         S: <enabled xmlns='urn:xmpp:sm:3'/>"
    } {
        "@c2s
         C: <enable xmlns='urn:xmpp:sm:3'/>
         S: <failed xmlns='urn:xmpp:sm:3'><unexpected-request xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></failed>"
    }

    who_resumes_says_what_and_from_where "sm-resume-incomplete" {
        "@signed-in
         C: <resume xmlns='urn:xmpp:sm:3' previd='x'/>"
    } {
        "@signed-in
         S: <stream:features><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/><sm xmlns='urn:xmpp:sm:3'/></stream:features>
         C: <resume xmlns='urn:xmpp:sm:3' previd='x' h='0'/>
         S: <failed xmlns='urn:xmpp:sm:3' h='4'><item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></failed>"
    }

    acknowledgements_come_after_enabling "sm-before-enable" {
        "@c2s
         S: <r xmlns='urn:xmpp:sm:3'/>"
    } {
        "@c2s
         C: <enable xmlns='urn:xmpp:sm:3'/>
         C: <presence/><r xmlns='urn:xmpp:sm:3'/>
         S: <enabled xmlns='urn:xmpp:sm:3'/>
         S: <a xmlns='urn:xmpp:sm:3' h='1'/>"
    }

    an_acknowledgement_has_a_number "sm-h-missing" {
        "@c2s
         C: <enable xmlns='urn:xmpp:sm:3'/>
         S: <enabled xmlns='urn:xmpp:sm:3'/>
         S: <a xmlns='urn:xmpp:sm:3'/>"
    } {
        "@c2s
         C: <enable xmlns='urn:xmpp:sm:3'/>
         S: <enabled xmlns='urn:xmpp:sm:3'/>
         S: <a xmlns='urn:xmpp:sm:3' h='0'/>"
    }

    no_more_is_acknowledged_than_was_sent "sm-h-too-high" {
        "@c2s
         C: <enable xmlns='urn:xmpp:sm:3'/>
         S: <enabled xmlns='urn:xmpp:sm:3'/>
         C: <presence/>
         S: <a xmlns='urn:xmpp:sm:3' h='2'/>"
    } {
        // Not everything is a stanza.
        "@c2s
         C: <enable xmlns='urn:xmpp:sm:3'/>
         C: <presence/>
         S: <enabled xmlns='urn:xmpp:sm:3'/>
         S: <presence from='juliet@example.net/balcony' to='juliet@example.net/balcony'/>
         C: <active xmlns='urn:xmpp:csi:0'/><presence><show>away</show></presence>
         S: <a xmlns='urn:xmpp:sm:3' h='2'/>
         C: <a xmlns='urn:xmpp:sm:3' h='1'/>"
    }

    a_counter_never_goes_back "sm-h-back" {
        "@c2s
         C: <enable xmlns='urn:xmpp:sm:3'/>
         S: <enabled xmlns='urn:xmpp:sm:3'/>
         C: <presence/>
         S: <a xmlns='urn:xmpp:sm:3' h='1'/>
         S: <a xmlns='urn:xmpp:sm:3' h='0'/>"
    } {
        // After 2^32 - 1 comes 0.
        "@signed-in
         S: <stream:features><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/><sm xmlns='urn:xmpp:sm:3'/></stream:features>
         C: <resume xmlns='urn:xmpp:sm:3' previd='x' h='0'/>
         S: <resumed xmlns='urn:xmpp:sm:3' previd='x' h='4294967295'/>
         C: <presence/>
         S: <a xmlns='urn:xmpp:sm:3' h='0'/>"
    }

    who_is_asked_acknowledges "sm-unanswered" {
        "@c2s
         C: <enable xmlns='urn:xmpp:sm:3'/>
         S: <enabled xmlns='urn:xmpp:sm:3'/>
         C: <presence/><r xmlns='urn:xmpp:sm:3'/>
         -- wait 11
         S: <presence from='romeo@example.net/orchard'/>
         @ended"
    } {
        "@c2s
         C: <enable xmlns='urn:xmpp:sm:3'/>
         S: <enabled xmlns='urn:xmpp:sm:3'/>
         C: <presence/><r xmlns='urn:xmpp:sm:3'/><presence/><r xmlns='urn:xmpp:sm:3'/>
         S: <a xmlns='urn:xmpp:sm:3' h='2'/>
         -- wait 11
         S: <presence from='romeo@example.net/orchard'/>
         @ended"
    }
}
