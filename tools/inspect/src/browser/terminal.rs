//! The loop around the browser: keys and entries in, frames out; and a terminal that is given back as it was found.

use std::io::{self, IsTerminal as _, stdout};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, TryRecvError};
use std::time::Duration;

use ratatui::backend::CrosstermBackend;
use ratatui::crossterm::event::{self, Event};
use ratatui::crossterm::execute;
use ratatui::crossterm::terminal::{EnterAlternateScreen, enable_raw_mode};
use ratatui::{DefaultTerminal, Terminal};
use signal_hook::consts::{SIGHUP, SIGTERM, SIGTSTP};

use super::{Browser, Feed, Options, Wish};

/// So many entries are taken, and looked at, between two looks at the keyboard.
const ENTRIES_PER_TURN_MAX: u64 = 20_000;

/// How long a key is waited for where entries may come, or a signal; 50 ms.
const TURN: Duration = Duration::from_millis(50);

/// Whether there is a terminal to browse in.
///
/// # Errors
/// Standard output is none.
pub fn check_terminal() -> io::Result<()> {
    if stdout().is_terminal() {
        return Ok(());
    }
    Err(io::Error::other(
        "browsing needs a terminal: expected one as standard output, found a file or a pipe; choose another form of output",
    ))
}

/// Browses what comes over `feed`, until the person quits or the program is told to end (SIGTERM, SIGHUP). The terminal is given
/// back as it was found in any case, also on a panic. A bounded channel keeps a fast source from running ahead.
///
/// # Errors
/// Standard output is no terminal, or it cannot be used; the source failed ([`Feed::Failed`]), told once the person has quit; its
/// thread is gone without a word.
pub fn run(feed: &Receiver<Feed>, options: Options) -> io::Result<()> {
    check_terminal()?;
    let ends = Arc::new(AtomicBool::new(false));
    for signal in [SIGTERM, SIGHUP] {
        signal_hook::flag::register(signal, Arc::clone(&ends))?;
    }
    let mut browser = Browser::new(options);
    {
        let _given_back = GivenBack;
        let mut terminal = ratatui::try_init()?;
        turns(&mut terminal, &mut browser, feed, &ends)?;
    }
    match browser.failure() {
        Some(why) => Err(io::Error::other(why.to_owned())),
        None => Ok(()),
    }
}

/// Gives the terminal back when it goes.
struct GivenBack;

impl Drop for GivenBack {
    fn drop(&mut self) {
        ratatui::restore();
    }
}

fn turns(
    terminal: &mut DefaultTerminal,
    browser: &mut Browser,
    feed: &Receiver<Feed>,
    ends: &AtomicBool,
) -> io::Result<()> {
    let mut is_stale = true;
    while !ends.load(Ordering::Relaxed) {
        let came = take(browser, feed)?;
        let is_behind = browser.catch_up(ENTRIES_PER_TURN_MAX);
        is_stale |= came > 0 || is_behind;
        if is_stale {
            terminal.draw(|frame| browser.draw(frame))?;
        }
        is_stale = is_behind;
        let mut wait = if is_behind || came == ENTRIES_PER_TURN_MAX { Duration::ZERO } else { TURN };
        while event::poll(wait)? {
            wait = Duration::ZERO;
            is_stale = true;
            let wish = match event::read()? {
                Event::Key(key) => browser.handle_key(key),
                _ => Wish::None,
            };
            match wish {
                Wish::None => {}
                Wish::Suspend => suspend(terminal)?,
                Wish::Quit => return Ok(()),
            }
        }
    }
    Ok(())
}

/// Takes what has come; how much that was.
fn take(browser: &mut Browser, feed: &Receiver<Feed>) -> io::Result<u64> {
    for came in 0..ENTRIES_PER_TURN_MAX {
        match feed.try_recv() {
            Ok(told) => browser.handle_feed(told),
            Err(TryRecvError::Empty) => return Ok(came),
            Err(TryRecvError::Disconnected) if browser.is_reading() => {
                return Err(io::Error::other("what reads the source ended without a word; this is a bug"));
            }
            Err(TryRecvError::Disconnected) => return Ok(came),
        }
    }
    Ok(ENTRIES_PER_TURN_MAX)
}

/// Stops the program, as Ctrl-Z does elsewhere, and goes on when it is continued.
fn suspend(terminal: &mut DefaultTerminal) -> io::Result<()> {
    terminal.show_cursor()?;
    ratatui::try_restore()?;
    signal_hook::low_level::raise(SIGTSTP)?;
    enable_raw_mode()?;
    execute!(stdout(), EnterAlternateScreen)?;
    // A new one knows that the screen is empty, without asking the terminal where its cursor is.
    *terminal = Terminal::new(CrosstermBackend::new(stdout()))?;
    Ok(())
}
