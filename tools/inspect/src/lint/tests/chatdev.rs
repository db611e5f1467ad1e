//! ChatDev's directory and peer streams (PROTOCOL.md).

super::rules! {
    a_check_in_can_be_read "check-in-malformed" {
        "@c2s
         C: <iq type='set' id='1' to='example.net'><check-in xmlns='urn:chatdev:directory:1' max='0'/></iq>"
    } {
        "@c2s
         C: <iq type='set' id='1' to='example.net'><check-in xmlns='urn:chatdev:directory:1' max='200'><profile nick='Juliet' show='away'><status>In a meeting</status></profile><endpoint host='192.168.1.10' port='5298'/></check-in></iq>
         S: <iq type='result' id='1' from='example.net' to='juliet@example.net/balcony'><online xmlns='urn:chatdev:directory:1' version='e.p.1' interval='20' limit='60' reset='true'><user jid='juliet@example.net/balcony' session='k1' nick='Juliet' since='2026-11-22T20:59:03Z'/></online></iq>"
    }

    a_nick_has_64_octets "check-in-nick" {
        "@c2s
         C: <iq type='set' id='1' to='example.net'><check-in xmlns='urn:chatdev:directory:1'><profile nick='ääääääääääääääääääääääääääääääääx'/></check-in></iq>"
    } {
        "@c2s
         C: <iq type='set' id='1' to='example.net'><check-in xmlns='urn:chatdev:directory:1'><profile nick='ääääääääääääääääääääääääääääääää'/></check-in></iq>"
    }

    a_status_has_512_octets "check-in-status" {
        &format!("@c2s
         C: <iq type='set' id='1' to='example.net'><check-in xmlns='urn:chatdev:directory:1'><profile><status>{}</status></profile></check-in></iq>", "x".repeat(513))
    } {
        &format!("@c2s
         C: <iq type='set' id='1' to='example.net'><check-in xmlns='urn:chatdev:directory:1'><profile><status>{}</status></profile></check-in></iq>", "x".repeat(512))
    }

    an_endpoint_is_an_address_and_a_high_port "check-in-endpoint" {
        "@c2s
         C: <iq type='set' id='1' to='example.net'><check-in xmlns='urn:chatdev:directory:1'><endpoint host='192.0.2.1' port='443'/></check-in></iq>"
    } {
        "@c2s
         C: <iq type='set' id='1' to='example.net'><check-in xmlns='urn:chatdev:directory:1'><endpoint host='fd00::10' port='1024'/></check-in></iq>"
    }

    since_is_a_version_that_was_told "check-in-since" {
        "@c2s
         C: <iq type='set' id='1'><check-in xmlns='urn:chatdev:directory:1'/></iq>
         S: <iq type='result' id='1'><online xmlns='urn:chatdev:directory:1' version='e.p.1' interval='20' limit='60'/></iq>
         -- wait 19
         C: <iq type='set' id='2'><check-in xmlns='urn:chatdev:directory:1' since='e.p.9'/></iq>"
    } {
        // The first may go on where another connection ended.
        "@c2s
         C: <iq type='set' id='1'><check-in xmlns='urn:chatdev:directory:1' since='e.p.0'/></iq>
         S: <iq type='result' id='1'><online xmlns='urn:chatdev:directory:1' version='e.p.1' interval='20' limit='60'/></iq>
         -- wait 19
         C: <iq type='set' id='2'><check-in xmlns='urn:chatdev:directory:1' since='e.p.1'/></iq>"
    }

    a_client_is_never_late "check-in-late" {
        "@c2s
         C: <iq type='set' id='1'><check-in xmlns='urn:chatdev:directory:1'/></iq>
         S: <iq type='result' id='1'><online xmlns='urn:chatdev:directory:1' version='e.p.1' interval='20' limit='60'/></iq>
         -- wait 22
         C: <iq type='set' id='2'><check-in xmlns='urn:chatdev:directory:1' since='e.p.1'/></iq>"
    } {
        "@c2s
         C: <iq type='set' id='1'><check-in xmlns='urn:chatdev:directory:1'/></iq>
         S: <iq type='result' id='1'><online xmlns='urn:chatdev:directory:1' version='e.p.1' interval='20' limit='60'/></iq>
         -- wait 20
         C: <iq type='set' id='2'><check-in xmlns='urn:chatdev:directory:1' since='e.p.1'/></iq>
         S: <iq type='result' id='2'><online xmlns='urn:chatdev:directory:1' version='e.p.2' interval='20' limit='60'/></iq>
         C: <presence type='unavailable'/>
         -- wait 200
         @ended"
    }

    a_client_does_not_stay_away "check-in-late" {
        "@c2s
         C: <iq type='set' id='1'><check-in xmlns='urn:chatdev:directory:1'/></iq>
         S: <iq type='result' id='1'><online xmlns='urn:chatdev:directory:1' version='e.p.1' interval='20' limit='60'/></iq>
         -- wait 60
         C: <presence/>
         -- reset S"
    } {
        "@c2s
         C: <iq type='set' id='1'><check-in xmlns='urn:chatdev:directory:1'/></iq>
         S: <iq type='result' id='1'><online xmlns='urn:chatdev:directory:1' version='e.p.1' interval='20' limit='60'/></iq>
         -- wait 60
         -- reset S"
    }

    a_client_does_not_come_all_the_time "check-in-often" {
        &format!("@c2s
         {}", "C: <iq type='set' id='1'><check-in xmlns='urn:chatdev:directory:1'/></iq>
         S: <iq type='result' id='1'><online xmlns='urn:chatdev:directory:1' version='e.p.1' interval='20' limit='60'/></iq>
         ".repeat(10))
    } {
        // Pages are asked for at once.
        &format!("@c2s
         {}", "C: <iq type='set' id='1'><check-in xmlns='urn:chatdev:directory:1'/></iq>
         S: <iq type='result' id='1'><online xmlns='urn:chatdev:directory:1' version='e.p.1' interval='20' limit='60' more='true'/></iq>
         ".repeat(10))
    }

    a_check_in_is_answered_with_the_directory "directory-answer" {
        "@c2s
         C: <iq type='set' id='1'><check-in xmlns='urn:chatdev:directory:1'/></iq>
         S: <iq type='result' id='1'/>"
    } {
        "@c2s
         C: <iq type='set' id='1'><check-in xmlns='urn:chatdev:directory:1'/></iq>
         S: <iq type='error' id='1'><error type='cancel'><service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>"
    }

    an_answer_of_the_directory_can_be_read "directory-malformed" {
        "@c2s
         C: <iq type='get' id='1'><online xmlns='urn:chatdev:directory:1'/></iq>
         S: <iq type='result' id='1'><online xmlns='urn:chatdev:directory:1' version='e p 1' interval='20' limit='60'/></iq>"
    } {
        "@c2s
         C: <iq type='get' id='1'><online xmlns='urn:chatdev:directory:1'/></iq>
         S: <iq type='result' id='1'><online xmlns='urn:chatdev:directory:1' version='e.p.1' interval='20' limit='60'><gone jid='eve@example.net/old' last='2026-11-22T21:03:11Z' reason='reaped'/></online></iq>"
    }

    the_limit_is_three_intervals "directory-limit" {
        "@c2s
         C: <iq type='set' id='1'><check-in xmlns='urn:chatdev:directory:1'/></iq>
         S: <iq type='result' id='1'><online xmlns='urn:chatdev:directory:1' version='e.p.1' interval='20' limit='59'/></iq>"
    } {
        "@c2s
         C: <iq type='set' id='1'><check-in xmlns='urn:chatdev:directory:1'/></iq>
         S: <iq type='result' id='1'><online xmlns='urn:chatdev:directory:1' version='e.p.1' interval='20' limit='60'/></iq>"
    }

    nobody_is_listed_twice "directory-twice" {
        "@c2s
         C: <iq type='set' id='1'><check-in xmlns='urn:chatdev:directory:1'/></iq>
         S: <iq type='result' id='1'><online xmlns='urn:chatdev:directory:1' version='e.p.1' interval='20' limit='60'><gone jid='eve@example.net/old' last='2026-11-22T21:03:11Z' reason='reaped'/><user jid='eve@example.net/old' session='k1' since='2026-11-22T20:59:03Z'/></online></iq>"
    } {
        "@c2s
         C: <iq type='set' id='1'><check-in xmlns='urn:chatdev:directory:1'/></iq>
         S: <iq type='result' id='1'><online xmlns='urn:chatdev:directory:1' version='e.p.1' interval='20' limit='60'><gone jid='eve@example.net/old' last='2026-11-22T21:03:11Z' reason='reaped'/><user jid='eve@example.net/new' session='k1' since='2026-11-22T20:59:03Z'/></online></iq>"
    }

    a_peer_stream_is_inside_tls "peer-in-clear" {
        "C: <?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' to='romeo@example.net/orchard' from='juliet@example.net/balcony' version='1.0'>"
    } { "@peer" }

    a_peer_stream_is_inside_tls_1_3 "peer-tls-version" {
        "-- words client hello | to nobody by name, offers TLS 1.2, ALPN xmpp-peer
         -- words TLS | TLS 1.2, TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, ALPN xmpp-peer
         @peer"
    } {
        "-- words client hello | to nobody by name, offers TLS 1.3, ALPN xmpp-peer
         -- words TLS | TLS 1.3, TLS_AES_128_GCM_SHA256, ALPN xmpp-peer
         @peer"
    }

    who_dials_a_peer_offers_its_protocol "peer-alpn" {
        "-- words client hello | to nobody by name, offers TLS 1.3, ALPN xmpp-client h2
         @peer"
    } {
        "-- words client hello | to nobody by name, offers TLS 1.3, ALPN h2 xmpp-peer
         @peer"
    }

    a_peer_stream_carries_messages "peer-element" {
        "@peer
         C: <presence/>"
    } {
        "@peer
         C: <message type='chat' id='m1'><body>hi</body><origin-id xmlns='urn:xmpp:sid:0' id='m1'/><seq xmlns='urn:chatdev:peer:1' n='17'/></message><r xmlns='urn:xmpp:sm:3'/>
         S: <a xmlns='urn:xmpp:sm:3' h='1'/>
         S: <stream:error><reset xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error></stream:stream>
         C: </stream:stream>"
    }

    addresses_on_a_peer_stream_are_the_streams "peer-address" {
        "@peer
         S: <message from='mallory@example.net/x'><body>hi</body><origin-id xmlns='urn:xmpp:sid:0' id='m1'/><seq xmlns='urn:chatdev:peer:1' n='1'/></message>"
    } {
        "@peer
         S: <message from='romeo@example.net/orchard' to='juliet@example.net'><body>hi</body><origin-id xmlns='urn:xmpp:sid:0' id='m1'/><seq xmlns='urn:chatdev:peer:1' n='1'/></message>"
    }

    a_message_to_a_peer_is_numbered "peer-seq-missing" {
        "@peer
         C: <message><body>hi</body><origin-id xmlns='urn:xmpp:sid:0' id='m1'/></message>"
    } {
        "@peer
         C: <message><body>hi</body><origin-id xmlns='urn:xmpp:sid:0' id='m1'/><seq xmlns='urn:chatdev:peer:1' n='18446744073709551615'/></message>"
    }

    numbers_of_messages_rise "peer-seq-back" {
        "@peer
         C: <message><body>hi</body><origin-id xmlns='urn:xmpp:sid:0' id='m1'/><seq xmlns='urn:chatdev:peer:1' n='5'/></message>
         C: <message><body>hi</body><origin-id xmlns='urn:xmpp:sid:0' id='m2'/><seq xmlns='urn:chatdev:peer:1' n='5'/></message>"
    } {
        "@peer
         C: <message><body>hi</body><origin-id xmlns='urn:xmpp:sid:0' id='m1'/><seq xmlns='urn:chatdev:peer:1' n='5'/></message>
         S: <message><body>hi</body><origin-id xmlns='urn:xmpp:sid:0' id='m3'/><seq xmlns='urn:chatdev:peer:1' n='5'/></message>
         C: <message><body>hi</body><origin-id xmlns='urn:xmpp:sid:0' id='m2'/><seq xmlns='urn:chatdev:peer:1' n='7'/></message>"
    }

    a_message_to_a_peer_has_an_origin_id "peer-origin-id" {
        "@peer
         C: <message><body>hi</body><seq xmlns='urn:chatdev:peer:1' n='1'/></message>"
    } {
        "@peer
         C: <message><body>hi</body><origin-id xmlns='urn:xmpp:sid:0' id='m1'/><seq xmlns='urn:chatdev:peer:1' n='1'/></message>"
    }
}
