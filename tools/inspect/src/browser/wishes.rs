//! Keys: what a person wishes, carried out.

use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers};

use super::keys::{Action, action};
use super::prompt::Prompt;
use super::{Browser, JUMPS_MAX, Mode, Panes, Purpose, Times, Typing};
use crate::filter::Filter;
use crate::model::ConnectionId;

/// What is left to the owner of the terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Wish {
    /// Nothing but to draw anew.
    None,
    /// To stop the program until it is continued.
    Suspend,
    /// To end.
    Quit,
}

impl Browser {
    /// Takes a key.
    pub fn handle_key(&mut self, key: KeyEvent) -> Wish {
        if key.kind == KeyEventKind::Release {
            return Wish::None;
        }
        self.message = None;
        match self.mode {
            Mode::List => self.in_list(key),
            Mode::Typing(_) => self.while_typing(key),
            Mode::Help(_) | Mode::Notes(_) => self.in_overlay(key),
        }
    }

    fn in_list(&mut self, key: KeyEvent) -> Wish {
        let Some(action) = action(key) else { return Wish::None };
        let row = self.view.row().unwrap_or_default();
        match action {
            Action::Quit => return Wish::Quit,
            Action::Suspend => return Wish::Suspend,
            Action::Down => self.go_to_row(row.saturating_add(1)),
            Action::Up => self.go_to_row(row.saturating_sub(1)),
            Action::PageDown => self.go_to_row(row.saturating_add(self.page)),
            Action::PageUp => self.go_to_row(row.saturating_sub(self.page)),
            Action::First => self.go_to_row(0),
            Action::Last => self.go_to_row(usize::MAX),
            Action::DetailDown => self.detail_top = self.detail_top.saturating_add(1),
            Action::DetailUp => self.detail_top = self.detail_top.saturating_sub(1),
            Action::Panes => {
                self.panes = match self.panes {
                    Panes::Both => Panes::Detail,
                    Panes::Detail => Panes::List,
                    Panes::List => Panes::Both,
                };
            }
            Action::Times => {
                self.times = match self.times {
                    Times::SinceFirst => Times::SinceAbove,
                    Times::SinceAbove => Times::OfDay,
                    Times::OfDay => Times::SinceFirst,
                };
            }
            Action::Filter => self.type_for(Purpose::Filter),
            Action::Search => self.type_for(Purpose::Search),
            Action::SearchNext => self.find_searched(false),
            Action::SearchPrevious => self.find_searched(true),
            Action::TroubleNext => self.find_trouble(false),
            Action::TroublePrevious => self.find_trouble(true),
            Action::Connection => self.toggle_connection(),
            Action::ShowAll => self.show_all(),
            Action::Follow => self.view.follows = !self.view.follows,
            Action::Partner => self.go_to_partner(),
            Action::Path => self.go_along_path(),
            Action::Back => self.go_back(),
            Action::Notes => self.mode = Mode::Notes(0),
            Action::Help => self.mode = Mode::Help(0),
        }
        Wish::None
    }

    fn in_overlay(&mut self, key: KeyEvent) -> Wish {
        let (Mode::Help(top) | Mode::Notes(top)) = &mut self.mode else { return Wish::None };
        match action(key) {
            Some(Action::Down) => *top = top.saturating_add(1),
            Some(Action::Up) => *top = top.saturating_sub(1),
            Some(Action::PageDown) => *top = top.saturating_add(self.page),
            Some(Action::PageUp) => *top = top.saturating_sub(self.page),
            Some(Action::Quit) if key.modifiers.contains(KeyModifiers::CONTROL) => return Wish::Quit,
            Some(Action::Suspend) => return Wish::Suspend,
            _ => self.mode = Mode::List,
        }
        Wish::None
    }

    fn while_typing(&mut self, key: KeyEvent) -> Wish {
        let Mode::Typing(typing) = &mut self.mode else { return Wish::None };
        match key.code {
            KeyCode::Char('c') if key.modifiers.contains(KeyModifiers::CONTROL) => return Wish::Quit,
            KeyCode::Char('z') if key.modifiers.contains(KeyModifiers::CONTROL) => return Wish::Suspend,
            KeyCode::Esc => {
                let before = typing.before.take();
                let is_filter = typing.purpose == Purpose::Filter;
                self.mode = Mode::List;
                if is_filter {
                    self.view.set_filter(before, &self.store);
                }
            }
            KeyCode::Enter => self.accept(),
            _ => {
                let history = if typing.purpose == Purpose::Filter { &self.filters } else { &self.searches };
                if typing.prompt.handle_key(key, history) {
                    self.typed();
                }
            }
        }
        Wish::None
    }

    fn type_for(&mut self, purpose: Purpose) {
        let before = self.view.filter().cloned();
        let shown = match purpose {
            Purpose::Filter => before.as_ref(),
            Purpose::Search => None,
        };
        let prompt = Prompt::new(shown.map(Filter::to_string).unwrap_or_default());
        self.mode = Mode::Typing(Box::new(Typing { purpose, prompt, error: None, before }));
    }

    /// What is typed has changed: a filter takes effect at once, if it is one.
    fn typed(&mut self) {
        let Mode::Typing(typing) = &mut self.mode else { return };
        let parsed = parse(typing.prompt.text());
        typing.error = parsed.as_ref().err().cloned();
        if let (Purpose::Filter, Ok(filter)) = (typing.purpose, parsed) {
            self.view.set_filter(filter, &self.store);
        }
    }

    /// What is typed is meant so. What is wrong stays where it can be corrected.
    fn accept(&mut self) {
        let Mode::Typing(typing) = &mut self.mode else { return };
        let filter = match parse(typing.prompt.text()) {
            Ok(filter) => filter,
            Err(error) => {
                typing.error = Some(error);
                return;
            }
        };
        let (purpose, line) = (typing.purpose, typing.prompt.text().to_owned());
        self.mode = Mode::List;
        match purpose {
            Purpose::Filter => {
                self.filters.remember(&line);
                self.view.set_filter(filter, &self.store);
            }
            // An empty search is the last one again.
            Purpose::Search => {
                self.searches.remember(&line);
                self.search = filter.or(self.search.take());
                self.find_searched(false);
            }
        }
    }

    /// Goes where the person wishes, who no longer follows.
    fn go_to_row(&mut self, row: usize) {
        self.view.follows = false;
        self.view.go_to_row(row);
    }

    fn find_searched(&mut self, backwards: bool) {
        let Some(search) = self.search.take() else {
            self.message = Some("nothing was searched for yet: s begins a search".to_owned());
            return;
        };
        self.find(backwards, &search);
        self.search = Some(search);
    }

    fn find_trouble(&mut self, backwards: bool) {
        let trouble = self.trouble.all.clone();
        self.find(backwards, &trouble);
    }

    fn find(&mut self, backwards: bool, wanted: &Filter) {
        let passes = |position| {
            self.store.get(position).is_some_and(|entry| wanted.matches(entry, self.store.start()))
        };
        let (here, found) = (self.view.selected(), self.view.find(backwards, passes));
        match (here, found) {
            (Some(here), Some(found)) => {
                let is_around = if backwards { found >= here } else { found <= here };
                if is_around {
                    let (end, begin) = if backwards { ("first", "last") } else { ("last", "first") };
                    self.message = Some(format!("behind the {end} entry comes the {begin} one again"));
                }
                self.jump(found);
            }
            _ => self.message = Some(format!("no entry in the list is {wanted}")),
        }
    }

    fn toggle_connection(&mut self) {
        let connection = match (self.view.connection(), self.selected()) {
            (Some(_), _) => None,
            (None, Some(entry)) => match entry.connection {
                Some(connection) => Some(connection),
                None => {
                    self.message = Some("this entry is on no connection".to_owned());
                    return;
                }
            },
            (None, None) => return,
        };
        self.view.set_connection(connection, &self.store);
        if let Some(ConnectionId(number)) = connection {
            self.message = Some(format!("only connection {number} is shown: c shows all"));
        }
    }

    fn show_all(&mut self) {
        self.view.set_filter(None, &self.store);
        self.view.set_connection(None, &self.store);
    }

    fn go_to_partner(&mut self) {
        let Some(entry) = self.selected() else { return };
        let partner = entry.answers.map(|answer| answer.to).or_else(|| self.store.answer_to(entry.number));
        match partner {
            Some(number) => self.jump_to_number(number),
            None => self.message = Some("this entry answers nothing, and no answer to it came".to_owned()),
        }
    }

    fn go_along_path(&mut self) {
        let Some(entry) = self.selected() else { return };
        let (number, path) = (entry.number, self.store.path_of(entry));
        let next = path.iter().find(|later| **later > number).or(path.first());
        match next {
            Some(&next) => self.jump_to_number(next),
            None => self.message = Some("this was seen nowhere else".to_owned()),
        }
    }

    fn jump_to_number(&mut self, number: u64) {
        match self.store.position_of(number) {
            Some(position) => self.jump(position),
            None => self.message = Some(format!("entry {number} is no longer kept")),
        }
    }

    fn jump(&mut self, position: u64) {
        let here = self.view.selected();
        if !self.view.go_to(position) {
            let number = self.store.get(position).map_or(0, |entry| entry.number);
            self.message = Some(format!("entry {number} is not in the list: x shows all"));
            return;
        }
        self.view.follows = false;
        if let Some(here) = here.filter(|here| *here != position) {
            if self.jumps.len() == JUMPS_MAX {
                self.jumps.pop_front();
            }
            self.jumps.push_back(here);
        }
    }

    fn go_back(&mut self) {
        match self.jumps.pop_back() {
            Some(position) if self.view.go_to(position) => self.view.follows = false,
            Some(_) => self.message = Some("where you were is not in the list: x shows all".to_owned()),
            None => self.message = Some("there was no jump to take back".to_owned()),
        }
    }
}

/// What is typed, as a filter; nothing is none.
fn parse(typed: &str) -> Result<Option<Filter>, crate::filter::FilterError> {
    if typed.trim().is_empty() { Ok(None) } else { Filter::parse(typed).map(Some) }
}
