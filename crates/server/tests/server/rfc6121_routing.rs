//! Whom a stanza reaches (RFC 6120 §10, RFC 6121 §8.5), cell by cell of the table.

use crate::world::{Name, World, stanza_error};

const UNAVAILABLE: &str = "service-unavailable";

/// Alice, who sends; Bob with an available session, one of negative priority, and one that is not available.
struct Cast {
    world: World,
    alice: Name,
    here: Name,
    hidden: Name,
    silent: Name,
}

impl Cast {
    fn new() -> Self {
        let mut world = World::new();
        let alice = world.sign_in("alice@example.net/desk");
        let here = world.sign_in("bob@example.net/here");
        let hidden = world.sign_in("bob@example.net/hidden");
        let silent = world.sign_in("bob@example.net/silent");
        world.send(here, "<presence/>");
        world.send(hidden, "<presence><priority>-1</priority></presence>");
        let mut cast = Self { world, alice, here, hidden, silent };
        cast.forget();
        cast
    }

    fn forget(&mut self) {
        for client in &mut self.world.clients {
            client.inbox.clear();
        }
    }

    /// Sends; returns what Alice is answered, if anything, and who of Bob's got it.
    fn send(&mut self, stanza: &str) -> (Option<String>, Vec<&'static str>) {
        self.world.send(self.alice, stanza);
        let answers: Vec<_> = self.world.clients[self.alice].inbox.drain(..).collect();
        assert!(answers.len() <= 1, "{stanza}: {answers:?}");
        let sessions = [(self.here, "here"), (self.hidden, "hidden"), (self.silent, "silent")];
        let got = sessions.into_iter().filter(|(name, _)| match self.world.received(*name).len() {
            0 => false,
            1 => true,
            more => panic!("{stanza}: {more} copies"),
        });
        let got = got.map(|(_, name)| name).collect();
        (answers.first().map(stanza_error), got)
    }

    fn holds(&mut self, stanza: &str, answer: Option<&str>, got: &[&str]) {
        assert_eq!(self.send(stanza), (answer.map(str::to_owned), got.to_vec()), "{stanza}");
    }
}

fn message(type_: &str, to: &str) -> String {
    format!("<message type='{type_}' to='{to}'><body>Hi</body></message>")
}

#[test]
fn messages_to_a_full_jid_reach_that_session_whatever_its_priority() {
    let mut cast = Cast::new();
    for type_ in ["normal", "chat", "groupchat", "headline", "error", "unheard-of"] {
        for resource in ["here", "hidden", "silent"] {
            cast.holds(&message(type_, &format!("bob@example.net/{resource}")), None, &[resource]);
        }
    }
}

#[test]
fn messages_to_a_full_jid_of_nobody() {
    let mut cast = Cast::new();
    cast.holds(&message("chat", "bob@example.net/away"), None, &["here"]);
    cast.holds(&message("normal", "bob@example.net/away"), Some(UNAVAILABLE), &[]);
    cast.holds(&message("groupchat", "bob@example.net/away"), Some(UNAVAILABLE), &[]);
    cast.holds(&message("headline", "bob@example.net/away"), Some(UNAVAILABLE), &[]);
    cast.holds(&message("error", "bob@example.net/away"), None, &[]);
}

#[test]
fn messages_to_a_bare_jid_reach_all_who_are_available_and_not_negative() {
    let mut cast = Cast::new();
    cast.holds(&message("normal", "bob@example.net"), None, &["here"]);
    cast.holds(&message("chat", "bob@example.net"), None, &["here"]);
    cast.holds(&message("headline", "bob@example.net"), None, &["here"]);
    cast.holds(&message("groupchat", "bob@example.net"), Some(UNAVAILABLE), &[]);
    cast.holds(&message("error", "bob@example.net"), None, &[]);
    cast.world.send(cast.silent, "<presence/>");
    cast.forget();
    cast.holds(&message("chat", "bob@example.net"), None, &["here", "silent"]);
    assert_eq!(cast.world.counters().messages_routed, 5, "each copy counts");
}

#[test]
fn the_address_is_passed_on_as_it_was_written() {
    let mut cast = Cast::new();
    cast.world.send(cast.alice, "<message to='bob@example.net'/>");
    assert_eq!(
        cast.world.received(cast.here),
        ["<message to='bob@example.net' from='alice@example.net/desk'/>"]
    );
}

#[test]
fn messages_to_a_bare_jid_that_nobody_takes() {
    let mut cast = Cast::new();
    cast.world.send(cast.here, "<presence type='unavailable'/>");
    cast.forget();
    for to in ["bob@example.net", "nobody@example.net"] {
        cast.holds(&message("normal", to), Some(UNAVAILABLE), &[]);
        cast.holds(&message("chat", to), Some(UNAVAILABLE), &[]);
        cast.holds(&message("groupchat", to), Some(UNAVAILABLE), &[]);
        cast.holds(&message("headline", to), None, &[]);
        cast.holds(&message("error", to), None, &[]);
    }
}

#[test]
fn a_session_that_checked_in_gets_messages_to_the_bare_jid() {
    let mut cast = Cast::new();
    cast.world.send(
        cast.silent,
        "<iq type='set' id='c1' to='example.net'><check-in xmlns='urn:chatdev:directory:1'/></iq>",
    );
    cast.forget();
    cast.holds(&message("chat", "bob@example.net"), None, &["here", "silent"]);
    cast.world.send(
        cast.hidden,
        "<iq type='set' id='c1' to='example.net'><check-in xmlns='urn:chatdev:directory:1'/></iq>",
    );
    cast.forget();
    cast.holds(&message("chat", "bob@example.net"), None, &["here", "silent"]);
}

#[test]
fn requests_reach_a_full_jid_and_nothing_else() {
    let mut cast = Cast::new();
    let request = |to: &str| format!("<iq type='get' id='i1' to='{to}'><query xmlns='urn:example'/></iq>");
    for resource in ["here", "hidden", "silent"] {
        cast.holds(&request(&format!("bob@example.net/{resource}")), None, &[resource]);
    }
    for to in [
        "bob@example.net/away",
        "bob@example.net",
        "nobody@example.net",
        "nobody@example.net/x",
        "example.net/x",
    ] {
        cast.holds(&request(to), Some(UNAVAILABLE), &[]);
    }
    let result = |to: &str| format!("<iq type='result' id='i1' to='{to}'/>");
    cast.holds(&result("bob@example.net/silent"), None, &["silent"]);
    cast.holds(&result("bob@example.net/away"), None, &[]);
    cast.holds(&result("bob@example.net"), None, &[]);
    let error = "<iq type='error' id='i1' to='bob@example.net/away'><error type='cancel'/></iq>";
    cast.holds(error, None, &[]);
}

#[test]
fn an_answer_finds_its_way_back() {
    let mut cast = Cast::new();
    cast.world.send(
        cast.alice,
        "<iq type='get' id='v1' to='bob@example.net/here'><query xmlns='jabber:iq:version'/></iq>",
    );
    let asked = cast.world.receive(cast.here);
    let to = asked.attribute("from").unwrap().into_owned();
    cast.world.send(cast.here, &format!("<iq type='result' id='v1' to='{to}'/>"));
    assert_eq!(
        cast.world.received(cast.alice),
        ["<iq type='result' id='v1' to='alice@example.net/desk' from='bob@example.net/here'/>"]
    );
}

#[test]
fn nothing_goes_to_other_domains() {
    let mut cast = Cast::new();
    for stanza in [
        "<message to='carol@example.org'/>",
        "<message to='carol@example.org/x' type='headline'/>",
        "<presence to='carol@example.org'/>",
        "<iq type='get' id='i1' to='example.org'><ping xmlns='urn:xmpp:ping'/></iq>",
        "<message to='conference.example.net'/>",
    ] {
        cast.holds(stanza, Some("remote-server-not-found"), &[]);
    }
    cast.holds("<message type='error' to='carol@example.org'/>", None, &[]);
    cast.holds("<iq type='result' id='i1' to='example.org'/>", None, &[]);
}

#[test]
fn a_message_to_nobody_in_particular_is_to_oneself() {
    let mut cast = Cast::new();
    cast.holds("<message><body>Remember</body></message>", Some(UNAVAILABLE), &[]);
    cast.world.send(cast.alice, "<presence/>");
    cast.forget();
    cast.world.send(cast.alice, "<message><body>Remember</body></message>");
    assert_eq!(
        cast.world.received(cast.alice),
        ["<message from='alice@example.net/desk'><body>Remember</body></message>"]
    );
}

#[test]
fn the_server_itself_reads_no_messages() {
    let mut cast = Cast::new();
    cast.holds(&message("chat", "example.net"), Some(UNAVAILABLE), &[]);
    cast.holds(&message("normal", "example.net/admin"), Some(UNAVAILABLE), &[]);
}

#[test]
fn an_error_says_whose_it_is() {
    let mut cast = Cast::new();
    cast.world.send(cast.alice, "<message to='nobody@example.net' id='m1'><body>Hi</body></message>");
    assert_eq!(
        cast.world.received(cast.alice),
        ["<message type='error' id='m1' from='nobody@example.net' to='alice@example.net/desk'>\
          <error type='cancel'><service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>"]
    );
}

#[test]
fn whom_one_may_ask_about_is_not_told_apart_from_who_does_not_exist() {
    let mut cast = Cast::new();
    let mut answers = Vec::new();
    for to in ["bob@example.net", "nobody@example.net"] {
        let ask = format!(
            "<iq type='get' id='i1' to='{to}'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>"
        );
        cast.world.send(cast.alice, &ask);
        answers.push(cast.world.receive(cast.alice).to_string().replace(to, "WHO"));
    }
    assert_eq!(answers[0], answers[1]);
}

#[test]
fn what_is_passed_on_stands_alone() {
    let mut cast = Cast::new();
    cast.world.send(
        cast.alice,
        "<message to='bob@example.net/here' xmlns:x='urn:example'><x:a b=\"it's\"><![CDATA[<&]]></x:a></message>",
    );
    let got = cast.world.receive(cast.here);
    let again = chatdev_xml::Element::parse(got.as_str()).unwrap();
    assert_eq!(again.child("urn:example", "a").unwrap().text(), "<&");
    assert!(!got.as_str().contains("x:"), "{got}");
}
