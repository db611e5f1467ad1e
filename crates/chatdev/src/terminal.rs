//! The line that a person types, and the lines that appear above it while they do.
//!
//! On a terminal, rustyline edits the line and its external printer puts other lines above without tearing it. Where standard
//! input is no terminal, lines are simply read, so that the prompt can be driven by a script. Typing happens on a thread of
//! its own, because reading a terminal blocks. What is typed is remembered until the program ends, and nowhere else.

use std::borrow::Cow;
use std::io::{BufRead as _, IsTerminal as _, Write as _};
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context as _, Result};
use nix::sys::termios::{SetArg, Termios, tcgetattr, tcsetattr};
use rustyline::completion::Completer;
use rustyline::history::MemHistory;
use rustyline::{Completer, Editor, ExternalPrinter, Helper, Highlighter, Hinter, Validator};
use tokio::sync::mpsc;

/// What stands before the line that is typed.
const PROMPT: &str = "> ";

/// Lines typed ahead of the program at most; further ones wait in the terminal.
const TYPED_AHEAD_MAX: usize = 64;

/// Names that Tab completes; the program keeps them up to date.
#[derive(Debug, Clone, Default)]
pub(crate) struct Names(Arc<Mutex<Vec<String>>>);

impl Names {
    pub(crate) fn set(&self, names: Vec<String>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = names;
    }

    fn starting_with(&self, start: &str) -> Vec<String> {
        let names = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        names.iter().filter(|name| name.starts_with(start)).cloned().collect()
    }
}

/// A person at the keyboard, or a script in their place. Dropping it leaves the terminal as it was found, also while a line is
/// being edited.
pub(crate) struct Terminal {
    lines: mpsc::Receiver<String>,
    printer: Option<Box<dyn ExternalPrinter + Send>>,
    found: Option<Termios>,
}

impl Drop for Terminal {
    fn drop(&mut self) {
        if let Some(found) = &self.found {
            // The thread at the keyboard may be in the middle of a line, which no shell should find itself behind. A terminal
            // that is gone needs nothing put back.
            let _ = tcsetattr(std::io::stdin(), SetArg::TCSANOW, found);
            let _ = write!(std::io::stdout(), "\r\x1b[K");
            let _ = std::io::stdout().flush();
        }
    }
}

impl Terminal {
    /// Takes standard input and output.
    ///
    /// # Errors
    /// The terminal cannot be set up.
    pub(crate) fn open(names: Names) -> Result<Self> {
        let (typed, lines) = mpsc::channel(TYPED_AHEAD_MAX);
        if !std::io::stdin().is_terminal() || !std::io::stdout().is_terminal() {
            spawn("input", move || read_lines(&typed))?;
            return Ok(Self { lines, printer: None, found: None });
        }
        let found = tcgetattr(std::io::stdin()).context("cannot use this terminal")?;
        let mut editor: Editor<Tab, MemHistory> =
            Editor::with_history(rustyline::Config::default(), MemHistory::new())
                .context("cannot use this terminal")?;
        editor.set_helper(Some(Tab { names: NameCompleter(names) }));
        let printer = editor.create_external_printer().context("cannot use this terminal")?;
        spawn("input", move || edit_lines(editor, &typed))?;
        Ok(Self { lines, printer: Some(Box::new(printer)), found: Some(found) })
    }

    /// The next line; `None` at the end of input, on Ctrl-C and Ctrl-D.
    pub(crate) async fn next_line(&mut self) -> Option<String> {
        self.lines.recv().await
    }

    /// Puts lines above the one that is being typed. A reader that went away is no error.
    pub(crate) fn print(&mut self, lines: &[String]) {
        for line in lines {
            match &mut self.printer {
                Some(printer) => drop(printer.print(format!("{line}\n"))),
                None => drop(writeln!(std::io::stdout(), "{line}")),
            }
        }
    }
}

fn spawn(name: &str, body: impl FnOnce() + Send + 'static) -> Result<()> {
    std::thread::Builder::new()
        .name(name.into())
        .spawn(body)
        .context("cannot start a thread for the keyboard")?;
    Ok(())
}

fn read_lines(typed: &mpsc::Sender<String>) {
    for line in std::io::stdin().lock().lines() {
        let Ok(line) = line else { return };
        if typed.blocking_send(line).is_err() {
            return;
        }
    }
}

fn edit_lines(mut editor: Editor<Tab, MemHistory>, typed: &mpsc::Sender<String>) {
    loop {
        match editor.readline(PROMPT) {
            Ok(line) => {
                // A line that history does not take (a repetition) is still a line.
                let _ = editor.add_history_entry(&line);
                if typed.blocking_send(line).is_err() {
                    return;
                }
            }
            // Ctrl-C, Ctrl-D, a terminal that went away.
            Err(_) => return,
        }
    }
}

#[derive(Completer, Helper, Hinter, Highlighter, Validator)]
struct Tab {
    #[rustyline(Completer)]
    names: NameCompleter,
}

struct NameCompleter(Names);

impl Completer for NameCompleter {
    type Candidate = String;

    fn complete(
        &self,
        line: &str,
        position: usize,
        _: &rustyline::Context<'_>,
    ) -> rustyline::Result<(usize, Vec<String>)> {
        let typed = &line[..position];
        let start = typed.rfind(char::is_whitespace).map_or(0, |blank| blank + 1);
        let word: Cow<'_, str> = Cow::Borrowed(&typed[start..]);
        Ok((start, self.0.starting_with(&word)))
    }
}
