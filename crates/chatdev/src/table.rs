//! The list of who is online, as a table: nick, JID, status, online since, reachable how.

use chatdev_client::display::line;
use chatdev_client::{Person, Reach};
use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::json::show_name;

const HEADINGS: [&str; 5] = ["NICK", "JID", "STATUS", "SINCE", "REACHABLE"];

/// Columns that a cell may take; longer text is cut, with `…`.
const CELL_COLUMNS_MAX: usize = 40;

/// The table's lines, aligned, the headings first; times in the zone of this machine.
pub(crate) fn lines(people: &[Person], now: Timestamp) -> Vec<String> {
    let mut rows = vec![HEADINGS.map(str::to_owned)];
    rows.extend(people.iter().map(|person| row(person, now)));
    let mut widths = [0; HEADINGS.len()];
    for row in &rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    rows.iter().map(|row| align(row, &widths)).collect()
}

fn align(row: &[String; HEADINGS.len()], widths: &[usize; HEADINGS.len()]) -> String {
    let cells: Vec<_> = row.iter().zip(widths).map(|(cell, width)| format!("{cell:<width$}")).collect();
    cells.join("  ").trim_end().to_owned()
}

fn row(person: &Person, now: Timestamp) -> [String; HEADINGS.len()] {
    let nick = person.profile.nick.as_deref().unwrap_or("");
    let status = match person.profile.status.as_deref() {
        Some(text) => format!("{}: {}", show_name(person.profile.show), line(text)),
        None => show_name(person.profile.show).to_owned(),
    };
    let mut reachable = reach(person.reach).to_owned();
    if person.unconfirmed {
        reachable.push_str(" (not confirmed since the server restarted)");
    }
    [cut(&line(nick)), cut(&line(person.jid.as_str())), cut(&status), since(person.since, now), reachable]
}

/// How messages get there, in a few words.
pub(crate) fn reach(reach: Reach) -> &'static str {
    match reach {
        Reach::Oneself => "you",
        Reach::Open => "directly, connected",
        Reach::Direct => "directly",
        Reach::NoEndpoint => "only if they call",
        Reach::NotAccepted => "key not accepted",
        Reach::ViaServer => "through the server",
    }
}

/// The time of day, and the date if it is another one.
fn since(since: Timestamp, now: Timestamp) -> String {
    let zone = TimeZone::system();
    let (since, now) = (since.to_zoned(zone.clone()), now.to_zoned(zone));
    let form = if since.date() == now.date() { "%H:%M:%S" } else { "%Y-%m-%d %H:%M" };
    since.strftime(form).to_string()
}

fn cut(text: &str) -> String {
    if text.chars().count() <= CELL_COLUMNS_MAX {
        return text.to_owned();
    }
    text.chars().take(CELL_COLUMNS_MAX - 1).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use chatdev_directory::{Profile, Show};

    use super::*;

    fn person(jid: &str, nick: &str, status: Option<&str>, reach: Reach) -> Person {
        Person {
            jid: jid.parse().unwrap(),
            profile: Profile { nick: Some(nick.into()), show: Show::Away, status: status.map(Into::into) },
            since: "2026-11-21T20:59:03Z".parse().unwrap(),
            reach,
            unconfirmed: false,
        }
    }

    #[test]
    fn columns_are_aligned_and_text_from_others_is_harmless() {
        let people = [
            person("bob@example.net/tui", "Bob", Some("At lunch"), Reach::Direct),
            person("eve@example.net/x", "\u{1b}[2JAlice\u{202e}", Some(&"x".repeat(100)), Reach::ViaServer),
        ];
        let now = "2026-11-23T12:00:00Z".parse().unwrap();
        let table = lines(&people, now);
        let column = table[0].find("JID").unwrap();
        assert!(table[1][column..].starts_with("bob@example.net/tui"), "{table:#?}");
        assert!(table[2].starts_with("␛[2JAlice‹U+202E›"), "{table:#?}");
        assert!(table[2].contains('…') && table[2].ends_with("through the server"), "{table:#?}");
        assert!(table[1].contains("2026-11-2") && table[1].ends_with("directly"));
    }
}
