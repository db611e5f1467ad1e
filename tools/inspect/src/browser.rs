//! The entries in a full-screen terminal: a list, what is in the one that is selected, filters typed as they take effect.
//!
//! [`Browser`] is all of it but the terminal: keys and entries go in, a frame is drawn; it reads no clock and touches no file.
//! [`run`] is the loop around it. Entries come from another thread, over a channel, so a source may be live. What it does *not*
//! do: change anything, or keep entries without bound ([`Kept`]).

mod clock;
mod detail;
mod draw;
mod keys;
mod list;
mod palette;
mod prompt;
mod store;
mod terminal;
#[cfg(test)]
mod tests;
mod view;
mod wishes;
mod wrap;

use std::collections::VecDeque;

use self::palette::Palette;
use self::prompt::{History, Prompt};
pub use self::store::Kept;
use self::store::Store;
pub use self::terminal::{check_terminal, run};
use self::view::View;
pub use self::wishes::Wish;
use crate::entry::Entry;
use crate::filter::{Filter, FilterError};
use crate::output::Summary;

/// So many jumps can be taken back; the oldest is forgotten.
const JUMPS_MAX: usize = 64;

/// What the thread that reads the source tells.
#[derive(Debug)]
pub enum Feed {
    /// The next entry.
    Entry(Box<Entry<'static>>),
    /// There are no more.
    End(Summary),
    /// It could not be read on: why, in words.
    Failed(String),
}

/// How a browser begins.
#[derive(Clone, Debug)]
pub struct Options {
    /// What is browsed, for people: a file name, an address.
    pub source: String,
    /// What is shown at first; everything without it.
    pub filter: Option<Filter>,
    /// Whether it stays at the newest entry until the person moves.
    pub follow: bool,
    /// Whether it may use colours.
    pub colour: bool,
    /// How much is kept.
    pub kept: Kept,
}

impl Options {
    /// All of `source`, from its beginning, in colours unless the environment has `NO_COLOR`.
    #[must_use]
    pub fn new(source: impl Into<String>) -> Self {
        Self {
            source: source.into(),
            filter: None,
            follow: false,
            colour: std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty()),
            kept: Kept::default(),
        }
    }
}

/// The browser without its terminal.
#[derive(Debug)]
pub struct Browser {
    source: String,
    palette: Palette,
    store: Store,
    view: View,
    progress: Progress,
    mode: Mode,
    panes: Panes,
    times: Times,
    /// The largest number of a connection so far.
    connection_max: u32,
    /// The first row on the screen, and how many there are.
    top: usize,
    page: usize,
    /// The first line of the details on the screen, and of which position they are.
    detail_top: usize,
    detail_of: Option<u64>,
    search: Option<Filter>,
    trouble: Trouble,
    /// Where the person was before jumps, the last one last.
    jumps: VecDeque<u64>,
    filters: History,
    searches: History,
    /// What the person is told until they press another key.
    message: Option<String>,
}

/// How far the source is.
#[derive(Debug)]
enum Progress {
    Reading,
    Ended(Summary),
    Failed(String),
}

/// What keys are for.
#[derive(Debug)]
enum Mode {
    List,
    Typing(Box<Typing>),
    /// The help, from this line.
    Help(usize),
    /// The notes, from this line.
    Notes(usize),
}

/// A filter or a search in the making.
#[derive(Debug)]
struct Typing {
    purpose: Purpose,
    prompt: Prompt,
    /// What is wrong with it so far.
    error: Option<FilterError>,
    /// The filter to go back to.
    before: Option<Filter>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Purpose {
    Filter,
    Search,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Panes {
    Both,
    Detail,
    List,
}

/// What the column of times shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Times {
    SinceFirst,
    SinceAbove,
    OfDay,
}

/// What people look for first.
#[derive(Debug)]
struct Trouble {
    /// Errors and gaps: shown as such.
    errors: Filter,
    /// Those, and findings.
    all: Filter,
}

impl Trouble {
    fn new() -> Self {
        let parse = |expression| Filter::parse(expression).expect("this expression is a filter");
        Self {
            errors: parse("error or broken or missing"),
            all: parse("error or broken or missing or lint>=warning"),
        }
    }
}

impl Browser {
    /// A browser without entries.
    #[must_use]
    pub fn new(options: Options) -> Self {
        let store = Store::new(options.kept);
        let mut view = View::default();
        view.follows = options.follow;
        view.set_filter(options.filter, &store);
        Self {
            source: options.source,
            palette: Palette { colour: options.colour },
            store,
            view,
            progress: Progress::Reading,
            mode: Mode::List,
            panes: Panes::Both,
            times: Times::SinceFirst,
            connection_max: 0,
            top: 0,
            page: 1,
            detail_top: 0,
            detail_of: None,
            search: None,
            trouble: Trouble::new(),
            jumps: VecDeque::new(),
            filters: History::default(),
            searches: History::default(),
            message: None,
        }
    }

    /// Takes what the source tells. [`Self::catch_up`] brings entries into the list.
    pub fn handle_feed(&mut self, feed: Feed) {
        match feed {
            Feed::Entry(entry) => {
                self.connection_max = self.connection_max.max(entry.connection.map_or(0, |id| id.0));
                self.store.push(entry);
            }
            Feed::End(summary) => self.progress = Progress::Ended(summary),
            Feed::Failed(why) => self.progress = Progress::Failed(why),
        }
    }

    /// Looks at no more than so many entries that came, or that a new filter has not seen; whether there are more.
    pub fn catch_up(&mut self, entries_max: u64) -> bool {
        self.view.catch_up(&self.store, entries_max);
        self.view.behind(&self.store) > 0
    }

    /// Whether the source may still tell something.
    #[must_use]
    pub fn is_reading(&self) -> bool {
        matches!(self.progress, Progress::Reading)
    }

    /// Why the source could not be read to its end, if so.
    #[must_use]
    pub fn failure(&self) -> Option<&str> {
        match &self.progress {
            Progress::Failed(why) => Some(why),
            Progress::Reading | Progress::Ended(_) => None,
        }
    }

    /// The entry where the person is.
    fn selected(&self) -> Option<&Entry<'static>> {
        self.store.get(self.view.selected()?)
    }
}
