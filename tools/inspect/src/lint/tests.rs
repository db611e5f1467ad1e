//! Every rule, as small dialogues: one that breaks it, and one that keeps it and all others.

mod chatdev;
mod dialogue;
mod field;
mod gaps;
mod hostile;
mod iq;
mod messages;
mod negotiation;
mod report;
mod sm;
mod stanzas;
mod streams;
mod xml;

use super::{RULES, Rule};
use crate::entry::Severity;

/// What is said in a dialogue against a rule, and what in its favour. `keeps` breaks nothing at all, notes aside.
#[track_caller]
fn check(rule: &str, breaks: &str, keeps: &str) {
    assert!(Rule::named(rule).is_some(), "{rule} is in no table");
    let found = dialogue::findings(breaks);
    assert!(found.iter().any(|finding| finding.rule == rule), "{rule} is not found, but {found:#?}");
    let found = dialogue::findings(keeps);
    let is_wrong =
        |finding: &&crate::entry::Finding| finding.rule == rule || finding.severity > Severity::Note;
    let wrong: Vec<_> = found.iter().filter(is_wrong).collect();
    assert!(wrong.is_empty(), "{rule} is kept, but {wrong:#?}");
}

/// Declares tests by the rule that they are of: a dialogue that breaks it, and one that does not.
macro_rules! rules {
    ($($name:ident $rule:literal { $breaks:expr } { $keeps:expr })+) => {
        $(#[test]
        fn $name() {
            $crate::lint::tests::check($rule, $breaks, $keeps);
        })+

        pub(super) const TESTED: &[&str] = &[$($rule),+];
    };
}
use rules;

#[test]
fn every_rule_has_a_dialogue_that_breaks_it_and_one_that_keeps_it() {
    let tested = [
        chatdev::TESTED,
        iq::TESTED,
        messages::TESTED,
        negotiation::TESTED,
        sm::TESTED,
        stanzas::TESTED,
        streams::TESTED,
        xml::TESTED,
    ]
    .concat();
    for rule in RULES {
        assert!(tested.contains(&rule.name), "{} is not tested", rule.name);
    }
}

#[test]
fn rules_have_names_of_their_own_and_say_where_they_are_written() {
    for (n, rule) in RULES.iter().enumerate() {
        assert!(RULES[..n].iter().all(|other| other.name != rule.name), "{} is there twice", rule.name);
        assert!(
            rule.name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
        );
        assert!(
            ["RFC 6120 §", "RFC 6121 §", "XEP-0198 §", "PROTOCOL §"]
                .iter()
                .any(|of| rule.section.starts_with(of))
        );
        assert!(!rule.explanation.is_empty() && !rule.explanation.ends_with('.'));
    }
}

#[test]
fn the_table_is_for_people_and_for_the_readme() {
    let plain = super::table(false);
    assert_eq!(plain.lines().count(), RULES.len());
    let markdown = super::table(true);
    assert_eq!(markdown.lines().count(), RULES.len() + 2);
    assert!(markdown.contains("| `iq-without-id` | error | RFC 6120 §8.2.3 | an iq has an id |"));
    assert!(markdown.contains("every `<r/>` is answered with `<a/>`"));
}
