//! Requests, answers, rosters.

super::rules! {
    an_iq_has_an_id "iq-without-id" {
        "@c2s
         C: <iq type='get'><ping xmlns='urn:xmpp:ping'/></iq>"
    } {
        "@c2s
         C: <iq type='get' id='1'><ping xmlns='urn:xmpp:ping'/></iq>
         S: <iq type='result' id='1'/>"
    }

    an_iq_has_a_type "iq-without-type" {
        "@c2s
         C: <iq id='1'><ping xmlns='urn:xmpp:ping'/></iq>"
    } { "@c2s" }

    an_iq_is_of_one_of_four_types "iq-type" {
        "@c2s
         C: <iq type='GET' id='1'><ping xmlns='urn:xmpp:ping'/></iq>"
    } { "@c2s" }

    a_request_asks_for_one_thing "iq-request-payload" {
        "@c2s
         C: <iq type='get' id='1'/>"
    } {
        "@c2s
         C: <iq type='set' id='1'><session xmlns='urn:ietf:params:xml:ns:xmpp-session'/></iq>
         S: <iq type='result' id='1'/>"
    }

    a_request_asks_for_no_more_than_one_thing "iq-request-payload" {
        "@c2s
         C: <iq type='get' id='1'><ping xmlns='urn:xmpp:ping'/><query xmlns='jabber:iq:version'/></iq>"
    } { "@c2s" }

    a_result_says_one_thing_or_nothing "iq-result-payload" {
        "@c2s
         C: <iq type='get' id='1'><ping xmlns='urn:xmpp:ping'/></iq>
         S: <iq type='result' id='1'><a xmlns='urn:example'/><b xmlns='urn:example'/></iq>"
    } {
        "@c2s
         C: <iq type='get' id='1'><query xmlns='jabber:iq:version'/></iq>
         S: <iq type='result' id='1'><query xmlns='jabber:iq:version'/></iq>"
    }

    the_id_of_a_request_is_its_own "iq-id-reused" {
        "@c2s
         C: <iq type='get' id='1'><ping xmlns='urn:xmpp:ping'/></iq>
         C: <iq type='get' id='1'><query xmlns='jabber:iq:version'/></iq>"
    } {
        // Two people who ask through one server do not know of each other.
        "@c2s
         C: <iq type='get' id='1'><ping xmlns='urn:xmpp:ping'/></iq>
         S: <iq type='result' id='1'/>
         C: <iq type='get' id='1'><query xmlns='jabber:iq:version'/></iq>
         S: <iq type='get' id='1' from='romeo@example.net/orchard'><ping xmlns='urn:xmpp:ping'/></iq>
         S: <iq type='get' id='1' from='nurse@example.net/door'><ping xmlns='urn:xmpp:ping'/></iq>
         C: <iq type='result' id='1' to='nurse@example.net/door'/>
         C: <iq type='result' id='1' to='romeo@example.net/orchard'/>"
    }

    an_answer_answers_a_request "iq-answer-unasked" {
        "@c2s
         S: <iq type='result' id='nobody'/>"
    } {
        "@c2s
         S: <iq type='set' id='push'><query xmlns='jabber:iq:roster'><item jid='romeo@example.net'/></query></iq>
         C: <iq type='result' id='push'/>"
    }

    a_request_is_answered_once "iq-answered-twice" {
        "@c2s
         C: <iq type='get' id='1'><ping xmlns='urn:xmpp:ping'/></iq>
         S: <iq type='result' id='1'/>
         S: <iq type='result' id='1'/>"
    } {
        "@c2s
         C: <iq type='get' id='1'><ping xmlns='urn:xmpp:ping'/></iq>
         S: <iq type='result' id='1'/>"
    }

    a_request_is_answered "iq-unanswered" {
        "@c2s
         C: <iq type='get' id='1'><ping xmlns='urn:xmpp:ping'/></iq>
         -- wait 12
         S: <presence from='romeo@example.net/orchard' to='juliet@example.net'/>
         @ended"
    } {
        // Who leaves at once, or has lost the other side, is not owed an answer.
        "@c2s
         C: <iq type='get' id='1'><ping xmlns='urn:xmpp:ping'/></iq>
         -- wait 12
         C: <iq type='get' id='2'><ping xmlns='urn:xmpp:ping'/></iq>
         C: </stream:stream>
         -- end C
         -- end S"
    }

    a_roster_push_may_stay_unanswered "iq-unanswered" {
        "@c2s
         S: <iq type='get' id='1' from='example.net'><ping xmlns='urn:xmpp:ping'/></iq>
         -- wait 61
         C: <presence/>
         @ended"
    } {
        "@c2s
         S: <iq type='set' id='push'><query xmlns='jabber:iq:roster'><item jid='romeo@example.net'/></query></iq>
         -- wait 61
         C: <presence/>
         @ended"
    }

    who_was_asked_answers "iq-answer-from-other" {
        "@c2s
         C: <iq type='get' id='1' to='romeo@example.net/orchard'><query xmlns='jabber:iq:version'/></iq>
         S: <iq type='result' id='1' from='mallory@example.net/x'><query xmlns='jabber:iq:version'/></iq>"
    } {
        // However servers sign what they say for an account.
        "@c2s
         C: <iq type='get' id='1'><query xmlns='jabber:iq:roster'/></iq>
         S: <iq type='result' id='1' from='juliet@example.net' to='juliet@example.net/balcony'><query xmlns='jabber:iq:roster'/></iq>
         C: <iq type='get' id='2' to='example.net'><ping xmlns='urn:xmpp:ping'/></iq>
         S: <iq type='result' id='2'/>
         C: <iq type='get' id='3'><ping xmlns='urn:xmpp:ping'/></iq>
         S: <iq type='result' id='3' from='example.net'/>
         C: <iq type='get' id='4' to='Juliet@example.net'><ping xmlns='urn:xmpp:ping'/></iq>
         S: <iq type='result' id='4' to='juliet@example.net/balcony'/>"
    }

    errors_are_not_answered "error-answers-error" {
        "@c2s
         C: <iq type='get' id='1'><ping xmlns='urn:xmpp:ping'/></iq>
         S: <iq type='result' id='1'/>
         C: <iq type='error' id='1'><error type='cancel'><bad-request xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>"
    } {
        "@c2s
         C: <iq type='get' id='1'><ping xmlns='urn:xmpp:ping'/></iq>
         S: <iq type='error' id='1'><error type='cancel'><service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>"
    }

    errors_of_messages_are_not_answered "error-answers-error" {
        "@c2s
         S: <message type='error' id='m' from='romeo@example.net'><error type='cancel'><service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>
         C: <message type='error' id='m' to='romeo@example.net'><error type='cancel'><service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>"
    } {
        "@c2s
         C: <message id='m' to='romeo@example.net'><body>hi</body></message>
         S: <message type='error' id='m' from='romeo@example.net'><error type='cancel'><service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>"
    }

    a_roster_set_has_one_item "roster-items" {
        "@c2s
         C: <iq type='set' id='1'><query xmlns='jabber:iq:roster'><item jid='a@example.net'/><item jid='b@example.net'/></query></iq>"
    } {
        "@c2s
         C: <iq type='get' id='0'><query xmlns='jabber:iq:roster'/></iq>
         S: <iq type='result' id='0'><query xmlns='jabber:iq:roster'><item jid='a@example.net' subscription='both'/><item jid='b@example.net'/></query></iq>
         C: <iq type='set' id='1'><query xmlns='jabber:iq:roster'><item jid='a@example.net' name='A'><group>G</group></item></query></iq>
         S: <iq type='set' id='push' to='juliet@example.net/balcony'><query xmlns='jabber:iq:roster'><item jid='a@example.net' ask='subscribe'/></query></iq>
         S: <iq type='result' id='1'/>"
    }

    who_asks_for_the_roster_gives_no_items "roster-get-items" {
        "@c2s
         C: <iq type='get' id='1'><query xmlns='jabber:iq:roster'><item jid='a@example.net'/></query></iq>"
    } {
        "@c2s
         C: <iq type='get' id='1'><query xmlns='jabber:iq:roster' ver=''/></iq>
         S: <iq type='result' id='1'/>"
    }

    a_roster_item_has_a_jid "roster-item-without-jid" {
        "@c2s
         S: <iq type='set' id='1'><query xmlns='jabber:iq:roster'><item name='A'/></query></iq>"
    } { "@c2s" }

    a_subscription_is_none_to_from_or_both "roster-subscription" {
        "@c2s
         C: <iq type='get' id='1'><query xmlns='jabber:iq:roster'/></iq>
         S: <iq type='result' id='1'><query xmlns='jabber:iq:roster'><item jid='a@example.net' subscription='remove'/></query></iq>"
    } {
        "@c2s
         S: <iq type='set' id='push'><query xmlns='jabber:iq:roster'><item jid='a@example.net' subscription='remove'/></query></iq>"
    }

    a_client_does_not_say_what_it_asked_of_others "roster-set-state" {
        "@c2s
         C: <iq type='set' id='1'><query xmlns='jabber:iq:roster'><item jid='a@example.net' ask='subscribe'/></query></iq>"
    } {
        "@c2s
         S: <iq type='set' id='push'><query xmlns='jabber:iq:roster'><item jid='a@example.net' ask='subscribe' approved='true'/></query></iq>"
    }

    roster_pushes_come_from_the_own_account "roster-push-from-other" {
        "@c2s
         S: <iq type='set' id='push' from='mallory@example.net'><query xmlns='jabber:iq:roster'><item jid='a@example.net'/></query></iq>"
    } {
        "@c2s
         S: <iq type='set' id='push' from='juliet@example.net'><query xmlns='jabber:iq:roster'><item jid='a@example.net'/></query></iq>"
    }
}
