//! The line at the bottom where filters and searches are typed, and what was typed there before.

use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use crate::filter::LENGTH_OCTETS_MAX;

/// So many former lines are remembered; the oldest is forgotten.
const HISTORY_LINES_MAX: usize = 100;

/// A line in the making.
#[derive(Debug, Default)]
pub(super) struct Prompt {
    text: String,
    /// Where the cursor is, in octets.
    cursor: usize,
    /// Which former line is shown, counted from the newest; `None` for the one that was being typed.
    recalled: Option<usize>,
    /// What was being typed before former lines were looked at.
    draft: String,
}

/// Former lines, the newest last.
#[derive(Debug, Default)]
pub(super) struct History(Vec<String>);

impl History {
    /// Remembers a line, unless it is empty.
    pub(super) fn remember(&mut self, line: &str) {
        if line.trim().is_empty() {
            return;
        }
        self.0.retain(|former| former != line);
        if self.0.len() == HISTORY_LINES_MAX {
            self.0.remove(0);
        }
        self.0.push(line.to_owned());
    }

    fn recall(&self, back: usize) -> Option<&str> {
        self.0.iter().rev().nth(back).map(String::as_str)
    }
}

impl Prompt {
    /// A line that begins with this text, the cursor behind it.
    pub(super) fn new(text: String) -> Self {
        Self { cursor: text.len(), text, ..Self::default() }
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// What stands before the cursor.
    pub(super) fn before_cursor(&self) -> &str {
        &self.text[..self.cursor]
    }

    /// Takes a key; whether it changed the text.
    pub(super) fn handle_key(&mut self, key: KeyEvent, history: &History) -> bool {
        let former = self.text.clone();
        let control = key.modifiers.contains(KeyModifiers::CONTROL);
        match key.code {
            KeyCode::Char('u') if control => {
                self.text.drain(..self.cursor);
                self.cursor = 0;
            }
            KeyCode::Char('w') if control => self.erase_to(self.word_before()),
            KeyCode::Char('a') if control => self.cursor = 0,
            KeyCode::Char('e') if control => self.cursor = self.text.len(),
            KeyCode::Char(typed) if !control && !key.modifiers.contains(KeyModifiers::ALT) => {
                self.insert(typed);
            }
            KeyCode::Backspace => self.erase_to(self.before()),
            KeyCode::Delete if self.cursor < self.text.len() => {
                self.text.remove(self.cursor);
            }
            KeyCode::Left => self.cursor = self.before(),
            KeyCode::Right => {
                self.cursor += self.text[self.cursor..].chars().next().map_or(0, char::len_utf8);
            }
            KeyCode::Home => self.cursor = 0,
            KeyCode::End => self.cursor = self.text.len(),
            KeyCode::Up => self.recall(self.recalled.map_or(0, |back| back + 1), history),
            KeyCode::Down => match self.recalled {
                Some(0) => self.replace(None, self.draft.clone()),
                Some(back) => self.recall(back - 1, history),
                None => {}
            },
            _ => {}
        }
        self.text != former
    }

    fn insert(&mut self, typed: char) {
        if self.text.len() + typed.len_utf8() <= LENGTH_OCTETS_MAX && !typed.is_control() {
            self.text.insert(self.cursor, typed);
            self.cursor += typed.len_utf8();
        }
    }

    /// Erases from there to the cursor.
    fn erase_to(&mut self, begin: usize) {
        self.text.drain(begin..self.cursor);
        self.cursor = begin;
    }

    /// Where the character before the cursor begins.
    fn before(&self) -> usize {
        self.before_cursor().char_indices().next_back().map_or(0, |(at, _)| at)
    }

    /// Where the word before the cursor begins.
    fn word_before(&self) -> usize {
        let words = self.before_cursor().trim_end();
        words.char_indices().rfind(|(_, c)| c.is_whitespace()).map_or(0, |(at, space)| at + space.len_utf8())
    }

    fn recall(&mut self, back: usize, history: &History) {
        if let Some(line) = history.recall(back) {
            if self.recalled.is_none() {
                self.draft.clone_from(&self.text);
            }
            self.replace(Some(back), line.to_owned());
        }
    }

    fn replace(&mut self, recalled: Option<usize>, text: String) {
        self.recalled = recalled;
        self.cursor = text.len();
        self.text = text;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn press(prompt: &mut Prompt, codes: &[KeyCode], history: &History) {
        for &code in codes {
            prompt.handle_key(KeyEvent::from(code), history);
        }
    }

    #[test]
    fn text_is_typed_and_erased_at_the_cursor() {
        use KeyCode::*;
        let history = History::default();
        let mut prompt = Prompt::new("iq é".to_owned());
        press(
            &mut prompt,
            &[Left, Char('ü'), Right, Backspace, Home, Delete, End, Char('x'), Delete],
            &history,
        );
        assert_eq!(prompt.text(), "q üx");
        let control = |letter| KeyEvent::new(Char(letter), KeyModifiers::CONTROL);
        assert!(prompt.handle_key(control('w'), &history));
        assert_eq!(prompt.text(), "q ");
        assert!(prompt.handle_key(control('u'), &history));
        assert!(!prompt.handle_key(control('u'), &history));
    }

    #[test]
    fn former_lines_come_back_and_so_does_what_was_being_typed() {
        use KeyCode::*;
        let mut history = History::default();
        for line in ["one", "two", "one", " "] {
            history.remember(line);
        }
        let mut prompt = Prompt::new("draft".to_owned());
        let mut shown = Vec::new();
        for code in [Up, Up, Up, Down, Down, Down] {
            press(&mut prompt, &[code], &history);
            shown.push(prompt.text().to_owned());
        }
        assert_eq!(shown, ["one", "two", "two", "one", "draft", "draft"]);
    }

    proptest! {
        #[test]
        fn whatever_is_pressed_the_cursor_stands_between_characters(keys in proptest::collection::vec(0_usize..12, 0..40)) {
            use KeyCode::*;
            let codes = [
                Left, Right, Backspace, Delete, Home, End, Up, Down, Char('a'), Char('é'), Char(' '), Char('\u{1b}'),
            ];
            let mut history = History::default();
            history.remember("世界");
            let mut prompt = Prompt::default();
            for key in keys {
                press(&mut prompt, &[codes[key]], &history);
                prop_assert!(prompt.text().is_char_boundary(prompt.cursor));
                prop_assert!(!prompt.text().chars().any(char::is_control));
            }
        }
    }
}
