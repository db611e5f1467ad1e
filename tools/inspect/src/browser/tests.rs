//! The browser as a person sees it: keys in, screens out.

use proptest::prelude::*;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::style::Color;

use super::*;
use crate::entry::Kind;
use crate::sample::{conversation, disco, hello, said};

fn options() -> Options {
    Options { colour: false, ..Options::new("talk.pcapng") }
}

/// A browser and its screen.
struct Screen {
    browser: Browser,
    terminal: Terminal<TestBackend>,
}

impl Screen {
    fn empty(width: u16, height: u16, options: Options) -> Self {
        let terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
        Self { browser: Browser::new(options), terminal }
    }

    fn with(width: u16, height: u16, entries: Vec<Entry<'static>>) -> Self {
        let mut screen = Self::empty(width, height, options());
        screen.feed(entries);
        screen
    }

    fn feed(&mut self, entries: Vec<Entry<'static>>) {
        for entry in entries {
            self.browser.handle_feed(Feed::Entry(Box::new(entry)));
        }
        self.browser.catch_up(u64::MAX);
    }

    fn press(&mut self, code: KeyCode) {
        assert_eq!(self.browser.handle_key(KeyEvent::from(code)), Wish::None);
        self.browser.catch_up(u64::MAX);
    }

    fn type_keys(&mut self, keys: &str) {
        for key in keys.chars() {
            self.press(KeyCode::Char(key));
        }
    }

    fn draw(&mut self) {
        self.terminal.draw(|frame| self.browser.draw(frame)).unwrap();
    }

    fn shown(&mut self) -> String {
        self.draw();
        self.terminal.backend().to_string()
    }

    /// The last line: what the person is told.
    fn told(&mut self) -> String {
        self.shown().lines().last().unwrap().trim_matches(['"', ' ']).to_owned()
    }

    fn number(&self) -> u64 {
        self.browser.selected().map_or(0, |entry| entry.number)
    }
}

#[test]
fn a_conversation_is_a_list_with_the_selected_entry_below() {
    let mut screen = Screen::with(80, 24, conversation());
    screen.browser.handle_feed(Feed::End(Summary { entries: 12, connections: 2, ..Summary::default() }));
    screen.type_keys("jjjj");
    insta::assert_snapshot!(screen.shown());
}

#[test]
fn a_larger_screen_shows_more_of_both() {
    let mut screen = Screen::with(120, 40, conversation());
    screen.type_keys("jjjjjj");
    insta::assert_snapshot!(screen.shown());
}

#[test]
fn what_would_act_on_the_terminal_is_made_visible() {
    let mut screen = Screen::with(80, 24, conversation());
    screen.type_keys("Gk");
    let shown = screen.shown();
    assert!(!shown.chars().any(|shown| shown.is_control() && shown != '\n'));
    insta::assert_snapshot!(shown);
}

#[test]
fn a_filter_takes_effect_as_it_is_typed_and_its_error_points_at_the_spot() {
    let mut screen = Screen::with(80, 24, conversation());
    screen.type_keys("/kind=mes");
    let wrong = screen.shown();
    screen.type_keys("sage");
    let right = screen.shown();
    insta::assert_snapshot!(format!("{wrong}\n{right}"));
}

#[test]
fn a_filter_that_is_given_up_leaves_the_one_before() {
    let mut screen = Screen::with(80, 24, conversation());
    screen.type_keys("/message");
    screen.press(KeyCode::Enter);
    assert_eq!(screen.browser.view.len(), 3);
    screen.type_keys("/ and error");
    assert_eq!(screen.browser.view.len(), 1);
    screen.press(KeyCode::Esc);
    assert_eq!(screen.browser.view.len(), 3);
    screen.type_keys("/");
    screen.press(KeyCode::Up);
    assert_eq!(screen.browser.view.len(), 3, "the former line is the same filter");
    screen.press(KeyCode::Enter);
    screen.type_keys("x");
    assert_eq!(screen.browser.view.len(), 12);
}

#[test]
fn a_wrong_filter_is_not_accepted() {
    let mut screen = Screen::with(80, 24, conversation());
    screen.type_keys("/kind=");
    screen.press(KeyCode::Enter);
    assert!(screen.shown().contains("expected one of message, presence"));
    for _ in 0.."kind=".len() {
        screen.press(KeyCode::Backspace);
    }
    screen.press(KeyCode::Enter);
    assert_eq!(screen.browser.view.len(), 12);
}

#[test]
fn a_request_leads_to_its_answer_and_back() {
    let mut screen = Screen::with(80, 24, conversation());
    screen.type_keys("jjj");
    screen.type_keys("r");
    assert_eq!(screen.number(), 5);
    screen.type_keys("r");
    assert_eq!(screen.number(), 4);
    screen.type_keys("bb");
    assert_eq!(screen.number(), 4, "back over both jumps");
    screen.type_keys("gr");
    assert_eq!(screen.told(), "this entry answers nothing, and no answer to it came");
}

#[test]
fn a_message_is_followed_along_its_path_and_around() {
    let mut screen = Screen::with(80, 24, conversation());
    screen.type_keys("jjjjjp");
    assert_eq!(screen.number(), 7);
    screen.type_keys("p");
    assert_eq!(screen.number(), 6);
    screen.type_keys("cp");
    assert_eq!(screen.told(), "entry 7 is not in the list: x shows all");
    assert_eq!(screen.number(), 6);
}

#[test]
fn a_search_goes_to_what_it_is_true_of_and_around_the_end() {
    let mut screen = Screen::with(80, 24, conversation());
    screen.type_keys("n");
    assert_eq!(screen.told(), "nothing was searched for yet: s begins a search");
    screen.type_keys("smessage");
    screen.press(KeyCode::Enter);
    let mut visited = vec![screen.number()];
    for key in ["n", "n", "n"] {
        screen.type_keys(key);
        visited.push(screen.number());
    }
    assert_eq!(visited, [6, 7, 9, 6]);
    assert_eq!(screen.told(), "behind the last entry comes the first one again");
    screen.type_keys("N");
    assert_eq!(screen.number(), 9);
    screen.type_keys("spresence");
    screen.press(KeyCode::Enter);
    assert_eq!(screen.told(), "no entry in the list is kind=presence");
}

#[test]
fn errors_gaps_and_findings_are_one_key_away() {
    let mut screen = Screen::with(80, 24, conversation());
    let mut visited = Vec::new();
    for _ in 0..5 {
        screen.type_keys("e");
        visited.push(screen.number());
    }
    assert_eq!(visited, [5, 8, 9, 11, 5]);
    screen.type_keys("E");
    assert_eq!(screen.number(), 11);
}

#[test]
fn one_connection_can_be_seen_alone() {
    let mut screen = Screen::with(80, 24, conversation());
    screen.type_keys("jjjjjjc");
    assert_eq!((screen.browser.view.len(), screen.number()), (1, 7));
    assert_eq!(screen.told(), "only connection 4 is shown: c shows all");
    screen.type_keys("c");
    assert_eq!((screen.browser.view.len(), screen.number()), (12, 7));
    screen.type_keys("Gc");
    assert_eq!(screen.told(), "this entry is on no connection");
}

#[test]
fn who_follows_sees_the_newest_until_they_move() {
    let mut screen = Screen::empty(80, 24, Options { follow: true, ..options() });
    screen.feed(conversation());
    assert_eq!(screen.number(), 12);
    assert!(screen.told().contains("reading · following"));
    screen.type_keys("k");
    screen.feed(vec![hello(13)]);
    assert_eq!(screen.number(), 11);
    screen.type_keys("f");
    screen.feed(vec![hello(14)]);
    assert_eq!(screen.number(), 14);
}

#[test]
fn what_is_no_longer_kept_is_said_to_be_dropped() {
    let kept = Kept { entries_max: 3, ..Kept::default() };
    let mut screen = Screen::empty(80, 24, Options { kept, ..options() });
    screen.feed(conversation().into_iter().take(7).collect());
    assert!(screen.told().contains("the oldest 4 dropped"), "{}", screen.told());
    screen.type_keys("r");
    assert_eq!(screen.told(), "entry 4 is no longer kept");
}

#[test]
fn times_are_since_the_first_or_the_one_above_or_of_the_day() {
    let mut screen = Screen::with(80, 24, conversation());
    let mut third_row = || {
        let shown = screen.shown();
        screen.type_keys("t");
        shown.lines().nth(3).unwrap()[..24].to_owned()
    };
    let rows = [third_row(), third_row(), third_row()];
    let words = rows.map(|row| row.split_whitespace().nth(2).unwrap_or_default().to_owned());
    assert_eq!(words, ["1.000000", "+0.500000", "12:00:01.000000"]);
}

#[test]
fn panes_are_seen_together_or_alone() {
    let mut screen = Screen::with(80, 24, conversation());
    screen.type_keys("jjj");
    screen.press(KeyCode::Enter);
    let detail = screen.shown();
    screen.press(KeyCode::Enter);
    let list = screen.shown();
    insta::assert_snapshot!(format!("{detail}\n{list}"));
}

#[test]
fn the_help_has_all_keys_and_the_language_of_filters() {
    let mut screen = Screen::empty(80, 24, options());
    screen.type_keys("?");
    let first = screen.shown();
    screen.press(KeyCode::PageDown);
    screen.press(KeyCode::PageDown);
    let later = screen.shown();
    insta::assert_snapshot!(format!("{first}\n{later}"));
    screen.press(KeyCode::Esc);
    assert!(screen.shown().contains("nothing yet"));
}

#[test]
fn notes_and_failures_of_the_source_are_told() {
    let mut screen = Screen::with(80, 24, conversation());
    let notes = vec!["3 IP fragments, which are not put together".to_owned()];
    screen.browser.handle_feed(Feed::End(Summary { notes, ..Summary::default() }));
    assert!(screen.told().contains("notes: 1 (i)"), "{}", screen.told());
    screen.type_keys("i");
    assert!(screen.shown().contains("3 IP fragments, which are not put together"));
    screen.browser.handle_feed(Feed::Failed("the file is cut off".to_owned()));
    assert!(screen.told().starts_with("failed: the file is cut off"));
    assert_eq!(screen.browser.failure(), Some("the file is cut off"));
}

#[test]
fn the_details_are_scrolled_and_begin_anew_with_another_entry() {
    let long: &str = Box::leak(format!("<a>{}</a>", "<b/>".repeat(50)).into_boxed_str());
    let mut screen = Screen::with(80, 24, vec![said(1, Kind::Nonza, long), disco(2)]);
    assert!(screen.shown().contains("more: J"));
    screen.type_keys(&"J".repeat(200));
    assert!(screen.shown().contains("</a>"));
    screen.type_keys("jk");
    screen.shown();
    screen.type_keys("j");
    screen.shown();
    screen.type_keys("k");
    assert!(!screen.shown().contains("</a>"));
}

#[test]
fn keys_that_end_end_everywhere() {
    let end = KeyEvent::new(KeyCode::Char('c'), KeyModifiers::CONTROL);
    for before in ["", "/iq", "s", "?", "i"] {
        let mut screen = Screen::with(80, 24, conversation());
        screen.type_keys(before);
        assert_eq!(screen.browser.handle_key(end), Wish::Quit, "{before}");
    }
    let quit = KeyEvent::from(KeyCode::Char('q'));
    assert_eq!(Browser::new(options()).handle_key(quit), Wish::Quit);
}

#[test]
fn kinds_have_colours_unless_there_are_to_be_none() {
    let colours = |colour| {
        let mut screen = Screen::empty(80, 24, Options { colour, ..options() });
        screen.feed(conversation());
        screen.shown();
        let cells = screen.terminal.backend().buffer().content();
        cells.iter().filter(|cell| cell.fg != Color::Reset || cell.bg != Color::Reset).count()
    };
    assert!(colours(true) > 100);
    assert_eq!(colours(false), 0);
}

proptest! {
    #[test]
    fn no_size_and_no_key_is_too_strange(
        sizes in proptest::collection::vec((0_u16..40, 0_u16..16), 1..4),
        keys in "[jkgGJKnNeEcxfrpbti?/s\r\u{7f}\u{1b} =~a-z\"]{0,30}",
    ) {
        let mut screen = Screen::with(20, 5, conversation());
        for (width, height) in sizes {
            screen.terminal.backend_mut().resize(width, height);
            for key in keys.chars() {
                let code = match key {
                    '\r' => KeyCode::Enter,
                    '\u{7f}' => KeyCode::Backspace,
                    '\u{1b}' => KeyCode::Esc,
                    other => KeyCode::Char(other),
                };
                let _ = screen.browser.handle_key(KeyEvent::from(code));
                screen.browser.catch_up(u64::MAX);
                screen.draw();
            }
        }
    }
}
