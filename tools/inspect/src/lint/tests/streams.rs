//! Stream headers, features, and how streams end.

super::rules! {
    a_header_has_a_version "header-without-version" {
        "C: <?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' to='example.net'>"
    } { "@open" }

    the_answer_to_a_version_has_one_too "header-without-version" {
        "C: <?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' to='example.net' version='1.0'>
         S: <?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' from='example.net' id='1' xml:lang='en'>"
    } {
        "C: <?xml version='1.0'?><stream:stream xmlns='jabber:component:accept' xmlns:stream='http://etherx.jabber.org/streams' to='echo.example.net'>
         S: <?xml version='1.0'?><stream:stream xmlns='jabber:component:accept' xmlns:stream='http://etherx.jabber.org/streams' from='echo.example.net' id='1'>
         C: <handshake>aaee83c26aeeafcbabeabfcbcd50df997e0a2a1e</handshake>
         S: <handshake/>
         C: <message from='echo.example.net' to='juliet@example.net'><body>hi</body></message>"
    }

    a_version_is_answered_with_that_or_a_lower_one "header-version-raised" {
        "C: <?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' to='example.net' version='1.2'>
         S: <?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' from='example.net' id='1' xml:lang='en' version='1.10'>"
    } {
        "C: <?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' to='example.net' version='1.10'>
         S: <?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' from='example.net' id='1' xml:lang='en' version='1.2'>"
    }

    who_opens_says_to_whom "header-without-to" {
        "C: <?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' version='1.0'>"
    } { "@open" }

    who_asked_by_name_is_answered_by_name "response-to" {
        "C: <?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' to='example.net' from='juliet@example.net' version='1.0'>
         S: <?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' from='example.net' id='1' xml:lang='en' version='1.0'>"
    } {
        "C: <?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' to='example.net' version='1.0'>
         S: <?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' from='example.net' id='1' xml:lang='en' version='1.0'>"
    }

    nobody_is_answered_who_did_not_say_who_they_are "response-to" {
        "C: <?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' to='example.net' version='1.0'>
         S: <?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' from='example.net' to='juliet@example.net' id='1' xml:lang='en' version='1.0'>"
    } { "@open" }

    who_answers_says_who_it_is "header-without-from" {
        "C: <?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' to='example.net' version='1.0'>
         S: <?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' id='1' xml:lang='en' version='1.0'>"
    } {
        // RFC 6120 §4.9.1.3: no host was meant that is here.
        "C: <?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' to='example.com' version='1.0'>
         S: <?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' from='' id='1' xml:lang='en' version='1.0'>
         S: <stream:error><host-unknown xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error></stream:stream>
         C: </stream:stream>"
    }

    a_server_says_within_tls_who_it_is "header-without-from" {
        "-- tls
         C: <?xml version='1.0'?><stream:stream xmlns='jabber:server' xmlns:stream='http://etherx.jabber.org/streams' to='example.net' version='1.0'>"
    } {
        "C: <?xml version='1.0'?><stream:stream xmlns='jabber:server' xmlns:stream='http://etherx.jabber.org/streams' to='example.net' version='1.0'>
         -- tls
         @s2s"
    }

    an_answering_header_has_an_id "header-without-id" {
        "C: <?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' to='example.net' version='1.0'>
         S: <?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' from='example.net' xml:lang='en' version='1.0'>"
    } { "@open" }

    who_opens_gives_no_id "header-with-id" {
        "C: <?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' to='example.net' version='1.0' id='mine'>"
    } { "@open" }

    a_restarted_stream_has_another_id "stream-id-reused" {
        "@open
         -- tls
         @open"
    } { "@signed-in" }

    an_answering_header_has_a_language "header-without-lang" {
        "C: <?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' to='example.net' version='1.0'>
         S: <?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' from='example.net' id='1' version='1.0'>"
    } { "@open" }

    streams_are_in_the_namespace_of_streams "stream-namespace" {
        "C: <?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://wrong.namespace.example.org/' to='example.net' version='1.0'>"
    } { "@open" }

    both_streams_have_the_same_content "content-namespace-differs" {
        "C: <?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' to='example.net' version='1.0'>
         S: <?xml version='1.0'?><stream:stream xmlns='jabber:server' xmlns:stream='http://etherx.jabber.org/streams' from='example.net' id='1' xml:lang='en' version='1.0'>"
    } { "@open" }

    content_is_of_clients_servers_or_components "content-namespace-unknown" {
        "C: <?xml version='1.0'?><stream:stream xmlns='urn:example:other' xmlns:stream='http://etherx.jabber.org/streams' to='example.net' version='1.0'>"
    } {
        "C: <?xml version='1.0'?><stream xmlns='http://etherx.jabber.org/streams' to='example.net' version='1.0'>"
    }

    the_prefix_of_streams_is_stream "stream-prefix" {
        "C: <?xml version='1.0'?><s:stream xmlns='jabber:client' xmlns:s='http://etherx.jabber.org/streams' to='example.net' version='1.0'>"
    } { "@open" }

    extensions_are_not_declared_in_the_header "header-declares-extension" {
        "C: <?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' xmlns:x='jabber:x:data' to='example.net' version='1.0'>"
    } { "@s2s" }

    an_xml_declaration_comes_first "header-without-declaration" {
        "C: <stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' to='example.net' version='1.0'>"
    } { "@open" }

    features_follow_the_answering_header "features-missing" {
        "@open
         S: <message from='example.net'><body>Welcome</body></message>"
    } { "@features" }

    features_come_from_who_accepted "features-from-initiator" {
        "@open
         C: <stream:features/>"
    } { "@features" }

    no_features_come_after_binding "features-after-negotiation" {
        "@c2s
         S: <stream:features><sm xmlns='urn:xmpp:sm:3'/></stream:features>"
    } {
        // RFC 6120 §4.3.5 allows empty ones.
        "@c2s
         S: <stream:features/>"
    }

    within_tls_no_starttls_is_offered "starttls-within-tls" {
        "-- tls
         @open
         S: <stream:features><starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/></stream:features>"
    } {
        "@open
         S: <stream:features><starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/></stream:features>"
    }

    sasl_is_not_offered_beside_required_tls "sasl-beside-required-tls" {
        "@open
         S: <stream:features><starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'><required/></starttls><mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>SCRAM-SHA-1</mechanism></mechanisms></stream:features>"
    } {
        "@open
         S: <stream:features><starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'><required/></starttls></stream:features>"
    }

    plain_is_not_offered_in_the_clear "plain-offered-in-clear" {
        "@open
         S: <stream:features><mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>PLAIN</mechanism></mechanisms></stream:features>"
    } { "@features" }

    binding_is_offered_once_one_is_authenticated "bind-not-offered" {
        "@signed-in
         S: <stream:features><sm xmlns='urn:xmpp:sm:3'/></stream:features>"
    } { "@c2s" }

    binding_is_not_offered_before "bind-offered-early" {
        "-- tls
         @open
         S: <stream:features><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></stream:features>"
    } { "@c2s" }

    nothing_follows_the_end_of_a_stream "data-after-end" {
        "@c2s
         C: </stream:stream>
         C: <presence type='unavailable'/>"
    } {
        // The other side may go on.
        "@c2s
         C: </stream:stream>
         S: <message from='romeo@example.net/orchard' to='juliet@example.net'><body>stay</body></message>
         S: </stream:stream>"
    }

    a_stream_is_ended_before_its_connection "stream-not-closed" {
        "@c2s
         -- end C
         -- end S"
    } { "@c2s
         @ended" }

    a_connection_is_not_cut_off "connection-cut" {
        "@c2s
         -- reset C"
    } {
        "@c2s
         C: </stream:stream>
         -- reset S"
    }

    a_stream_error_ends_the_stream "stream-error-not-closed" {
        "@c2s
         S: <stream:error><conflict xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>
         S: <presence from='romeo@example.net/orchard'/>"
    } {
        "@c2s
         S: <stream:error><conflict xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error></stream:stream>
         C: </stream:stream>
         -- end S
         -- end C"
    }

    a_connection_is_not_ended_with_a_stream_error_alone "stream-error-not-closed" {
        "@c2s
         S: <stream:error><conflict xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>
         -- end S
         -- end C"
    } { "@c2s
         @ended" }

    a_stream_error_has_a_condition "stream-error-condition-missing" {
        "@c2s
         S: <stream:error><text xmlns='urn:ietf:params:xml:ns:xmpp-streams'>no</text></stream:error></stream:stream>"
    } {
        "@c2s
         S: <stream:error><undefined-condition xmlns='urn:ietf:params:xml:ns:xmpp-streams'/><x xmlns='urn:example'/></stream:error></stream:stream>"
    }

    a_stream_error_has_a_condition_that_is_defined "stream-error-condition-unknown" {
        "@c2s
         S: <stream:error><xml-not-well-formed xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error></stream:stream>"
    } {
        "@c2s
         S: <stream:error><see-other-host xmlns='urn:ietf:params:xml:ns:xmpp-streams'>192.0.2.1</see-other-host></stream:error></stream:stream>"
    }

    a_connection_does_not_end_in_the_middle_of_an_element "element-unfinished" {
        "@c2s
         C: <message to='romeo@exam
         -- end C
         -- end S"
    } { "@c2s
         @ended" }
}
