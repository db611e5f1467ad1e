//! Clients that break the rules: XML that is none, elements without end, other people's names, answers to no
//! question, floods. They are told what was wrong and are gone; nobody else notices.

use super::{
    Scenario,
    draft::{Draft, SETTLED_MS},
};
use crate::{
    checkers::situations::{SHOWN, STREAM_ERROR},
    schedule::{Act, Expected, Kind, Schedule},
};

pub(super) const SCENARIO: Scenario = Scenario {
    name: "rude-clients",
    about: "ill-formed XML, endless elements, forged names, floods: the rude are gone, the others notice nothing",
    schedule,
    meets: &[STREAM_ERROR, SHOWN],
    share: 0.7,
};

/// What ends a stream.
const RUDE: [&str; 8] = [
    "<message><body></message>",
    "<!-- a comment --><presence/>",
    "<?php echo ?><presence/>",
    "<!DOCTYPE a [<!ENTITY b 'c'>]><message/>",
    "<message to='alice@example.net'><body>&undeclared;</body></message>",
    "<message from='alice@example.net/desk' to='bob@example.net'><body>I am Alice</body></message>",
    "<a:message xmlns:b='jabber:client'/>",
    "</stream:stream><message/>",
];

/// What is answered, or passed over.
const ODD: [&str; 5] = [
    "<iq type='get' id='x1'><query xmlns='nobody:knows:this'/></iq>",
    "<iq type='set' id='x2'><check-in xmlns='urn:chatdev:directory:1' since='nonsense' max='-1'/></iq>",
    "<iq type='error' id='x3'/>",
    "<message to='nobody@example.net/nowhere' id='x4'><body>?</body></message>",
    "<presence to='alice@example.net/desk'/>",
];

fn schedule(seed: u64) -> Schedule {
    let mut draft = Draft::new(SCENARIO.name, seed);
    let people = draft.people(2);
    let messages = draft.between(1, 8);
    draft.chatter(&people, messages, (SETTLED_MS, 3_000), true);
    for number in 0..draft.between(1, 3) {
        let who = draft.actor(&format!("rude-{number}"), "rude", Kind::Puppet, 30);
        draft.last().resource = format!("desk-{number}");
        for _ in 0..draft.between(0, 4) {
            let (at_ms, xml) = (draft.between(1_000, 2_000), draft.pick(&ODD).to_owned());
            draft.at(at_ms, Act::Write { who: who.clone(), xml });
        }
        let (at_ms, xml) = (draft.between(2_000, 3_000), draft.pick(&RUDE).to_owned());
        let xml =
            if draft.between(0, 5) == 0 { format!("<message><body>{}", "x".repeat(70_000)) } else { xml };
        draft.then(at_ms, Act::Write { who: who.clone(), xml }, vec![Expected::Away(who)]);
    }
    draft.expect(Expected::RoutedByServer(0));
    draft.settle(4_000)
}
