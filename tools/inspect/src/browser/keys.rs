//! Which key does what: one table, which the keyboard is looked up in and the help shows.

use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

/// What a person can wish of the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Action {
    Down,
    Up,
    PageDown,
    PageUp,
    First,
    Last,
    DetailDown,
    DetailUp,
    Panes,
    Filter,
    Search,
    SearchNext,
    SearchPrevious,
    TroubleNext,
    TroublePrevious,
    Connection,
    ShowAll,
    Follow,
    Partner,
    Path,
    Back,
    Times,
    Notes,
    Help,
    Suspend,
    Quit,
}

/// A row of the help.
pub(super) struct KeyRow {
    /// The keys, for people.
    pub(super) shown: &'static str,
    pub(super) about: &'static str,
    keys: &'static [(KeyCode, KeyModifiers)],
    action: Action,
}

const fn plain(code: KeyCode) -> (KeyCode, KeyModifiers) {
    (code, KeyModifiers::NONE)
}

const fn letter(letter: char) -> (KeyCode, KeyModifiers) {
    plain(KeyCode::Char(letter))
}

const fn control(letter: char) -> (KeyCode, KeyModifiers) {
    (KeyCode::Char(letter), KeyModifiers::CONTROL)
}

const fn row(
    shown: &'static str,
    about: &'static str,
    keys: &'static [(KeyCode, KeyModifiers)],
    action: Action,
) -> KeyRow {
    KeyRow { shown, about, keys, action }
}

/// All keys, in the order of the help.
pub(super) const KEYS: [KeyRow; 26] = [
    row("j ↓", "next entry", &[letter('j'), plain(KeyCode::Down)], Action::Down),
    row("k ↑", "previous entry", &[letter('k'), plain(KeyCode::Up)], Action::Up),
    row("PgDn Ctrl-D", "a page down", &[plain(KeyCode::PageDown), control('d')], Action::PageDown),
    row("PgUp Ctrl-U", "a page up", &[plain(KeyCode::PageUp), control('u')], Action::PageUp),
    row("g Home", "first entry", &[letter('g'), plain(KeyCode::Home)], Action::First),
    row("G End", "last entry", &[letter('G'), plain(KeyCode::End)], Action::Last),
    row("J", "details down", &[letter('J')], Action::DetailDown),
    row("K", "details up", &[letter('K')], Action::DetailUp),
    row(
        "Enter",
        "list and details, details alone, list alone",
        &[plain(KeyCode::Enter), letter(' ')],
        Action::Panes,
    ),
    row("/", "filter: only what it is true of is shown", &[letter('/')], Action::Filter),
    row("s", "search: go to what it is true of", &[letter('s')], Action::Search),
    row("n", "next that was searched for", &[letter('n')], Action::SearchNext),
    row("N", "previous that was searched for", &[letter('N')], Action::SearchPrevious),
    row("e", "next error, gap or finding", &[letter('e')], Action::TroubleNext),
    row("E", "previous error, gap or finding", &[letter('E')], Action::TroublePrevious),
    row("c", "only this connection, or all", &[letter('c')], Action::Connection),
    row("x", "no filter, all connections", &[letter('x')], Action::ShowAll),
    row("f", "follow: stay at the newest entry", &[letter('f')], Action::Follow),
    row("r", "from a request to its answer, and back", &[letter('r')], Action::Partner),
    row("p", "where the same message was seen next", &[letter('p')], Action::Path),
    row("b", "back to before a jump", &[letter('b'), plain(KeyCode::Backspace)], Action::Back),
    row("t", "times: since the first, since the one above, of the day (UTC)", &[letter('t')], Action::Times),
    row("i", "notes of the source", &[letter('i')], Action::Notes),
    row("?", "this help", &[letter('?'), plain(KeyCode::F(1))], Action::Help),
    row("Ctrl-Z", "stop for a while", &[control('z')], Action::Suspend),
    row("q Ctrl-C", "quit", &[letter('q'), control('c')], Action::Quit),
];

/// What a key does.
pub(super) fn action(key: KeyEvent) -> Option<Action> {
    // Capital letters come with SHIFT from some terminals and without from others.
    let modifiers = key.modifiers.difference(KeyModifiers::SHIFT);
    KEYS.iter().find(|row| row.keys.contains(&(key.code, modifiers))).map(|row| row.action)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_key_does_two_things() {
        for row in &KEYS {
            for &(code, modifiers) in row.keys {
                assert_eq!(action(KeyEvent::new(code, modifiers)), Some(row.action), "{}", row.shown);
            }
        }
        assert_eq!(action(KeyEvent::new(KeyCode::Char('G'), KeyModifiers::SHIFT)), Some(Action::Last));
        assert_eq!(action(KeyEvent::new(KeyCode::Char('q'), KeyModifiers::ALT)), None);
    }
}
