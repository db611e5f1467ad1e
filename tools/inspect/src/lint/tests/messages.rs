//! Messages and presence (RFC 6121).

super::rules! {
    a_message_is_of_one_of_five_types "message-type" {
        "@c2s
         C: <message to='romeo@example.net' type='whisper'><body>hi</body></message>"
    } {
        "@c2s
         C: <message to='romeo@example.net' type='headline'><body>hi</body></message>
         C: <message to='romeo@example.net'><body>hi</body></message>"
    }

    bodies_are_in_several_languages "body-language-twice" {
        // One is in the language of the stream, and so is the other, which says so.
        "@c2s
         C: <message to='romeo@example.net'><body>hi</body><body xml:lang='EN'>hello</body></message>"
    } {
        "@c2s
         C: <message to='romeo@example.net'><body>hi</body><body xml:lang='cs'>ahoj</body><html xmlns='http://jabber.org/protocol/xhtml-im'><body xmlns='http://www.w3.org/1999/xhtml'>hi</body></html></message>"
    }

    subjects_are_in_several_languages "subject-language-twice" {
        "@c2s
         C: <message to='romeo@example.net'><subject>a</subject><subject>b</subject></message>"
    } {
        "@c2s
         C: <message to='romeo@example.net' xml:lang='de'><subject>a</subject><subject xml:lang='en'>b</subject></message>"
    }

    a_message_is_of_one_thread "thread-twice" {
        "@c2s
         C: <message to='romeo@example.net'><thread>a</thread><thread>b</thread></message>"
    } {
        "@c2s
         C: <message to='romeo@example.net'><thread parent='a'>b</thread></message>"
    }

    a_body_is_text_alone "mixed-content" {
        "@c2s
         C: <message to='romeo@example.net'><body>hi <b xmlns='urn:example'>there</b></body></message>"
    } {
        "@c2s
         C: <message to='romeo@example.net'><body>hi &lt;b&gt;there</body></message>"
    }

    a_presence_is_of_one_of_seven_types "presence-type" {
        "@c2s
         C: <presence type='available'/>"
    } {
        "@c2s
         C: <presence/>
         C: <presence to='romeo@example.net' type='subscribe'/>"
    }

    clients_do_not_probe "client-probes" {
        "@c2s
         C: <presence to='romeo@example.net' type='probe'/>"
    } {
        "@s2s
         C: <presence from='juliet@example.net' to='romeo@example.org' type='probe'/>"
    }

    there_is_one_show "show-twice" {
        "@c2s
         C: <presence><show>away</show><show>xa</show></presence>"
    } {
        "@c2s
         C: <presence><show>away</show></presence>"
    }

    a_show_is_one_of_four "show-unknown" {
        "@c2s
         C: <presence><show>online</show></presence>"
    } {
        "@c2s
         C: <presence><show>dnd</show><x xmlns='urn:example'><show>online</show></x></presence>"
    }

    statuses_are_in_several_languages "status-language-twice" {
        "@c2s
         C: <presence><status>a</status><status>b</status></presence>"
    } {
        "@c2s
         C: <presence><status>a</status><status xml:lang='cs'>b</status></presence>"
    }

    there_is_one_priority "priority-twice" {
        "@c2s
         C: <presence><priority>1</priority><priority>2</priority></presence>"
    } {
        "@c2s
         C: <presence><priority>-1</priority></presence>"
    }

    a_priority_is_a_number_of_eight_bits "priority-range" {
        "@c2s
         C: <presence><priority>128</priority></presence>"
    } {
        "@c2s
         C: <presence><priority>-128</priority></presence>
         C: <presence><priority>127</priority></presence>"
    }

    who_goes_has_no_show "unavailable-with-show" {
        "@c2s
         C: <presence type='unavailable'><show>xa</show></presence>"
    } {
        "@c2s
         C: <presence type='unavailable'><status>bye</status></presence>
         S: <presence type='unavailable' from='romeo@example.net/orchard' to='juliet@example.net'><show>xa</show></presence>"
    }
}
