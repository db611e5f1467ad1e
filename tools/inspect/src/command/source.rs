//! [`Source`]: what is read, recognised by its first octets.

use std::fs::Metadata;
use std::io::{self, BufReader, Cursor, Read};
use std::path::{Path, PathBuf};

use anyhow::Context as _;

use super::Reading;
use super::interruptible::{Interruptible, Interruption};
use crate::capture::{self, Capture, CaptureError};
use crate::dump;
use crate::model::{Lent, Listener as _};
use crate::packet::Skipped;
use crate::tcp::{Limits, Oddities, Reassembly};
use crate::telling;
use crate::transcript::{self, Transcript};

/// So much of a file is looked at to know whether it is a transcript.
const BEGINNING_OCTETS: usize = 64 * 1024;
/// So many octets tell text from what is none.
const TEXT_OCTETS: usize = 256;

/// What was looked at, and the rest.
type Input = Box<dyn Read + Send>;

/// See the file's documentation.
pub(super) struct Source {
    path: PathBuf,
    metadata: Metadata,
    content: Content,
    interruption: Interruption,
}

enum Content {
    Capture(Box<Capture<Input>>),
    Transcript(Input),
    /// Of this form, or of the one that it turns out to have.
    Dump(Option<dump::Format>, Input),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sort {
    Capture,
    Transcript,
    Dump,
}

/// What is known of a source that was told.
#[derive(Default)]
pub(super) struct Told {
    /// Packets that were not read.
    pub(super) skipped: Skipped,
    /// Segments and connections that were passed over.
    pub(super) oddities: Oddities,
    /// The person has interrupted it, and something was not read.
    pub(super) is_interrupted: bool,
    /// Why not all of it could be read.
    pub(super) failure: Option<anyhow::Error>,
}

impl Source {
    /// Opens a file, or standard input for `-`, and reads as far as it takes to know what it is; until the interruption comes.
    pub(super) fn open(
        path: &Path,
        format: Option<dump::Format>,
        interruption: Interruption,
    ) -> anyhow::Result<Self> {
        let opened = Interruptible::open(path, interruption.clone());
        let mut file = opened.with_context(|| format!("{} could not be opened", path.display()))?;
        let content = Content::of(&mut file, format);
        let (sort, beginning) = content.with_context(|| format!("{} could not be read", path.display()))?;
        let metadata = file.metadata().with_context(|| format!("{} could not be read", path.display()))?;
        let input: Input = Box::new(Cursor::new(beginning).chain(file));
        let content = match sort {
            Sort::Capture => {
                let capture = Capture::open(input).with_context(|| path.display().to_string())?;
                Content::Capture(Box::new(capture))
            }
            Sort::Transcript => Content::Transcript(input),
            Sort::Dump => Content::Dump(format, input),
        };
        Ok(Self { path: path.to_owned(), metadata, content, interruption })
    }

    /// What people call it.
    pub(super) fn name(&self) -> String {
        if self.path == Path::new("-") {
            return "standard input".to_owned();
        }
        self.path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned())
    }

    /// What the system knows of it.
    pub(super) fn metadata(&self) -> &Metadata {
        &self.metadata
    }

    pub(super) fn is_capture(&self) -> bool {
        matches!(self.content, Content::Capture(_))
    }

    /// Tells all of it.
    pub(super) fn tell(self, reading: &mut Reading) -> Told {
        let mut told = Told::default();
        let result = match self.content {
            Content::Capture(capture) => tell(*capture, reading, &mut told),
            Content::Dump(format, input) => {
                dump::read(BufReader::new(input), format, Lent(reading)).map(drop).map_err(Into::into)
            }
            Content::Transcript(input) => {
                Transcript::read(BufReader::new(input), Lent(reading)).map_err(Into::into)
            }
        };
        told.is_interrupted = self.interruption.has_cut();
        // What is cut off by an interruption was whole before.
        let result = result
            .or_else(|error| if told.is_interrupted && is_cut_off(&error) { Ok(()) } else { Err(error) });
        told.failure = result.with_context(|| self.path.display().to_string()).err();
        told
    }
}

fn is_cut_off(error: &anyhow::Error) -> bool {
    matches!(error.downcast_ref(), Some(CaptureError::CutOff { .. }))
}

impl Content {
    /// What it is, and what was read to know that.
    fn of(file: &mut impl Read, format: Option<dump::Format>) -> io::Result<(Sort, Vec<u8>)> {
        let (mut beginning, mut is_all) = (Vec::new(), false);
        loop {
            let sort = if format.is_some() { Some(Sort::Dump) } else { sort(&beginning, is_all) };
            if let Some(sort) = sort {
                return Ok((sort, beginning));
            }
            let before = beginning.len();
            beginning.resize(BEGINNING_OCTETS, 0);
            let read = match file.read(&mut beginning[before..]) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => None,
                read => Some(read?),
            };
            beginning.truncate(before + read.unwrap_or(0));
            is_all = read == Some(0);
        }
    }
}

/// What begins so; nothing while that cannot be known.
fn sort(beginning: &[u8], is_all: bool) -> Option<Sort> {
    match beginning.first_chunk() {
        Some(first) if capture::is_known(*first) => return Some(Sort::Capture),
        None if !is_all => return None,
        _ => {}
    }
    let is_text = !beginning.is_empty()
        && !beginning.iter().take(TEXT_OCTETS).any(|octet| matches!(octet, 0..=8 | 14..=26));
    if !is_text {
        // It says what was found instead.
        return Some(Sort::Capture);
    }
    let text = beginning.trim_ascii_start();
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
    let is_enough = is_all || beginning.len() == BEGINNING_OCTETS;
    match text.first() {
        _ if transcript::looks_like(text) => Some(Sort::Transcript),
        // The line may go on.
        Some(b'{') if !text.contains(&b'\n') && !is_enough => None,
        None if !is_enough => None,
        _ => Some(Sort::Dump),
    }
}

fn tell(mut capture: Capture<Input>, reading: &mut Reading, told: &mut Told) -> anyhow::Result<()> {
    let mut reassembly = Reassembly::new(Limits::default());
    let result = loop {
        match telling::tell(&mut capture, &mut reassembly, &mut told.skipped, reading) {
            Ok(telling::Told::Waits) => {
                while let Some(id) = reading.ignored() {
                    reassembly.ignore(id);
                }
                if reading.is_over() {
                    break Ok(());
                }
                reading.pause();
            }
            Ok(telling::Told::All) => break Ok(()),
            Err(error) => break Err(error.into()),
        }
    };
    reassembly.finish(reading);
    told.oddities = reassembly.oddities();
    result
}
