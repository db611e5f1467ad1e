//! STARTTLS, authentication, binding.

super::rules! {
    starttls_is_used_where_it_is_offered "starttls-not-offered" {
        "@open
         S: <stream:features/>
         C: <starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"
    } {
        "@open
         S: <stream:features><starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/></stream:features>
         C: <starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>
         S: <proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"
    }

    nothing_goes_before_tls_where_it_is_required "starttls-required-ignored" {
        "@open
         S: <stream:features><starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'><required/></starttls></stream:features>
         C: <iq type='get' id='1'><query xmlns='jabber:iq:register'/></iq>"
    } {
        "@open
         S: <stream:features><starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/><register xmlns='http://jabber.org/features/iq-register'/></stream:features>
         C: <iq type='get' id='1'><query xmlns='jabber:iq:register'/></iq>"
    }

    no_white_space_comes_before_proceed "space-during-starttls" {
        "@open
         S: <stream:features><starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/></stream:features>
         C: <starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>
         C: \\s"
    } {
        "@open
         C: \\s
         S: <stream:features><starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/></stream:features>
         C: \\s<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>
         S: <failure xmlns='urn:ietf:params:xml:ns:xmpp-tls'/></stream:stream>
         C: \\s"
    }

    nothing_is_pipelined_behind_starttls "data-behind-starttls" {
        "@open
         S: <stream:features><starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/></stream:features>
         C: <starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/><presence to='romeo@example.net'/>"
    } {
        "@open
         S: <stream:features><starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/></stream:features>
         C: <starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>
         S: <proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>
         -- tls
         C: <?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' to='example.net' version='1.0'>"
    }

    within_tls_a_header_comes_first "no-restart-after-tls" {
        "@open
         S: <stream:features><starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/></stream:features>
         C: <starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>
         S: <proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>
         -- tls
         C: <auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='EXTERNAL'>=</auth>"
    } { "@features" }

    a_password_does_not_go_in_the_clear "plain-in-clear" {
        "@open
         S: <stream:features/>
         C: <auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>AGp1bGlldABy</auth>"
    } {
        "-- tls
         @open
         S: <stream:features><mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>PLAIN</mechanism></mechanisms></stream:features>
         C: <auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>AGp1bGlldABy</auth>"
    }

    one_authenticates_within_tls "sasl-in-clear" {
        "@open
         S: <stream:features><mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>SCRAM-SHA-1</mechanism></mechanisms></stream:features>
         C: <auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='SCRAM-SHA-1'>biwsbj1qdWxpZXQscj1h</auth>"
    } { "@c2s" }

    plain_is_the_last_resort "plain-though-better" {
        "@features
         C: <auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>AGp1bGlldABy</auth>"
    } {
        "@features
         C: <auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='SCRAM-SHA-1'>biwsbj1qdWxpZXQscj1h</auth>
         S: <failure xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><temporary-auth-failure/></failure>
         C: <auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>AGp1bGlldABy</auth>"
    }

    a_mechanism_is_one_of_those_offered "mechanism-not-offered" {
        "@features
         C: <auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='DIGEST-MD5'/>"
    } {
        // XEP-0388, XEP-0484: offered elsewhere.
        "-- tls
         @open
         S: <stream:features><authentication xmlns='urn:xmpp:sasl:2'><mechanism>SCRAM-SHA-1</mechanism><inline><fast xmlns='urn:xmpp:fast:0'><mechanism>HT-SHA-256-EXPR</mechanism></fast></inline></authentication></stream:features>
         C: <authenticate xmlns='urn:xmpp:sasl:2' mechanism='HT-SHA-256-EXPR'><initial-response>AAAA</initial-response></authenticate>"
    }

    authentication_begins_with_a_mechanism "auth-without-mechanism" {
        "@features
         C: <auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>AGp1bGlldABy</auth>"
    } { "@signed-in" }

    what_sasl_says_is_base_64 "sasl-not-base64" {
        "@features
         C: <auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='SCRAM-SHA-1'>n,,n=juliet,r=a</auth>"
    } {
        "-- tls
         @open
         S: <stream:features><mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>EXTERNAL</mechanism></mechanisms></stream:features>
         C: <auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='EXTERNAL'>=</auth>
         S: <challenge xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>
         C: <response xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>anVsaWV0</response>"
    }

    no_white_space_stands_within_an_authentication "space-during-sasl" {
        "@features
         C: <auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='SCRAM-SHA-1'>biwsbj1qdWxpZXQscj1h</auth>
         C: \\s"
    } {
        "@c2s
         C: \\s"
    }

    a_challenge_belongs_to_an_authentication "sasl-unasked" {
        "@features
         S: <success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>"
    } { "@signed-in" }

    a_failure_says_why "sasl-failure-condition-missing" {
        "@features
         C: <auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='SCRAM-SHA-1'>biwsbj1qdWxpZXQscj1h</auth>
         S: <failure xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>"
    } {
        "@features
         C: <auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='SCRAM-SHA-1'>biwsbj1qdWxpZXQscj1h</auth>
         S: <failure xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><text>no</text><not-authorized/></failure>"
    }

    a_failure_says_why_in_known_words "sasl-failure-condition-unknown" {
        "@features
         C: <auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='SCRAM-SHA-1'>biwsbj1qdWxpZXQscj1h</auth>
         S: <failure xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><bad-auth/></failure>"
    } {
        "@features
         C: <auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='SCRAM-SHA-1'>biwsbj1qdWxpZXQscj1h</auth>
         C: <abort xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>
         S: <failure xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><aborted/></failure>"
    }

    after_success_a_header_comes_first "no-restart-after-sasl" {
        "@features
         C: <auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='SCRAM-SHA-1'>biwsbj1qdWxpZXQscj1h</auth>
         S: <success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>
         C: <iq type='set' id='bind'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>"
    } {
        // Who is sure of it need not wait for the answer.
        "@features
         C: <auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='SCRAM-SHA-1'>biwsbj1qdWxpZXQscj1h</auth>
         C: <?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' to='example.net' version='1.0'>
         S: <success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>
         C: <iq type='set' id='bind'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>"
    }

    the_answer_to_bind_has_the_full_jid "bind-result" {
        "@signed-in
         S: <stream:features><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></stream:features>
         C: <iq type='set' id='bind'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>
         S: <iq type='result' id='bind'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><jid>juliet@example.net</jid></bind></iq>"
    } { "@c2s" }

    a_stream_is_not_restarted_after_binding "restart-after-bind" {
        "@c2s
         C: <?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' to='example.net' version='1.0'>"
    } { "@c2s" }

    nobody_is_spoken_to_before_binding "stanza-too-early" {
        "@signed-in
         S: <stream:features><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></stream:features>
         C: <message to='romeo@example.net'><body>hi</body></message>"
    } {
        "@signed-in
         S: <stream:features><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></stream:features>
         C: <iq type='get' id='1' to='example.net'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>
         C: <iq type='get' id='2' to='juliet@example.net'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>
         C: <iq type='get' id='3'><query xmlns='jabber:iq:register'/></iq>"
    }

    servers_prove_who_they_are_first "stanza-too-early" {
        "-- tls
         C: <?xml version='1.0'?><stream:stream xmlns='jabber:server' xmlns:stream='http://etherx.jabber.org/streams' to='example.org' from='example.net' version='1.0'>
         C: <message from='juliet@example.net' to='romeo@example.org'><body>hi</body></message>"
    } {
        "@s2s
         C: <message from='juliet@example.net' to='romeo@example.org'><body>hi</body></message>"
    }
}
