//! What is read of lists without end: as much as is named, and what is behind it is passed over.

#![allow(clippy::unwrap_used, reason = "in a test a panic is a failure")]

use chatdev_stanza::disco::{self, Info};
use chatdev_stanza::roster::{self, Roster};
use chatdev_xml::Element;

#[test]
fn of_an_answer_to_disco_so_many_entries_are_read() {
    let many = disco::ENTRIES_MAX + 1;
    let identity = "<identity category='client' type='x'/>".repeat(many);
    let feature = "<feature var='urn:x'/>".repeat(many);
    let query = format!("<query xmlns='http://jabber.org/protocol/disco#info'>{identity}{feature}</query>");
    let info = Info::from_node(Element::parse(&query).unwrap().root()).unwrap();
    assert_eq!((info.identities.len(), info.features.len()), (disco::ENTRIES_MAX, disco::ENTRIES_MAX));
}

#[test]
fn of_a_contact_so_many_groups_are_read() {
    let groups: String = (0..=roster::GROUPS_MAX).map(|number| format!("<group>{number}</group>")).collect();
    let query =
        format!("<query xmlns='jabber:iq:roster'><item jid='bob@example.net'>{groups}</item></query>");
    let roster = Roster::from_node(Element::parse(&query).unwrap().root()).unwrap();
    assert_eq!(roster.items[0].groups.len(), roster::GROUPS_MAX);
}
