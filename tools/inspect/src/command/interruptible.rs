//! [`Interruptible`]: a file or pipe that ends where the person interrupts the program (Ctrl-C), as it would at its end.
//!
//! A pipe is given a moment: whoever writes into it was interrupted by the same key, and may still have something to say. A second
//! interruption ends the program at once.

use std::fs::{File, Metadata};
use std::io::{self, Read};
use std::os::fd::AsFd as _;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use signal_hook::consts::SIGINT;

/// How long a pipe is still read from.
const MOMENT: Duration = Duration::from_secs(1);

/// Whether the person has interrupted the program.
#[derive(Clone, Debug, Default)]
pub(super) struct Interruption {
    has_come: Arc<AtomicBool>,
    /// Something was not read for it.
    has_cut: Arc<AtomicBool>,
    /// Can be read from once it has come.
    wakes: Option<Arc<UnixStream>>,
}

impl Interruption {
    /// Begins to wait for one.
    pub(super) fn awaited() -> io::Result<Self> {
        let (wakes, woken) = UnixStream::pair()?;
        let interruption = Self { wakes: Some(Arc::new(wakes)), ..Self::default() };
        // In this order: the first one still finds that none has come.
        signal_hook::flag::register_conditional_default(SIGINT, Arc::clone(&interruption.has_come))?;
        signal_hook::flag::register(SIGINT, Arc::clone(&interruption.has_come))?;
        signal_hook::low_level::pipe::register(SIGINT, woken)?;
        Ok(interruption)
    }

    /// Whether something was not read because of it.
    pub(super) fn has_cut(&self) -> bool {
        self.has_cut.load(Ordering::Relaxed)
    }

    fn has_come(&self) -> bool {
        self.has_come.load(Ordering::Relaxed)
    }
}

/// See the file's documentation.
#[derive(Debug)]
pub(super) struct Interruptible {
    file: File,
    /// Reading it may take any time.
    is_pipe: bool,
    interruption: Interruption,
    /// When what is left in the pipe is not waited for any more.
    until: Option<Instant>,
}

impl Interruptible {
    /// Opens a file, or standard input for `-`.
    pub(super) fn open(path: &Path, interruption: Interruption) -> io::Result<Self> {
        let file = if path == Path::new("-") {
            File::from(io::stdin().as_fd().try_clone_to_owned()?)
        } else {
            File::open(path)?
        };
        let is_pipe = !file.metadata()?.is_file();
        Ok(Self { file, is_pipe, interruption, until: None })
    }

    /// What the system knows of it.
    pub(super) fn metadata(&self) -> io::Result<Metadata> {
        self.file.metadata()
    }

    /// Waits until there is something to read, or the interruption comes.
    fn wait(&self) -> io::Result<()> {
        let mut both = vec![PollFd::new(&self.file, PollFlags::IN)];
        both.extend(self.interruption.wakes.iter().map(|wakes| PollFd::new(&**wakes, PollFlags::IN)));
        match poll(&mut both, None) {
            Ok(_) | Err(rustix::io::Errno::INTR) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Whether there is something to read within what is left of the moment.
    fn has_more(&mut self) -> io::Result<bool> {
        #[expect(clippy::disallowed_methods, reason = "a person waits, not a simulation")]
        let now = Instant::now();
        let left = self.until.get_or_insert(now + MOMENT).saturating_duration_since(now);
        if !self.is_pipe || left.is_zero() {
            return Ok(false);
        }
        let left = Timespec::try_from(left).map_err(io::Error::other)?;
        match poll(&mut [PollFd::new(&self.file, PollFlags::IN)], Some(&left)) {
            Ok(ready) => Ok(ready > 0),
            Err(rustix::io::Errno::INTR) => Ok(true),
            Err(error) => Err(error.into()),
        }
    }
}

impl Read for Interruptible {
    fn read(&mut self, octets: &mut [u8]) -> io::Result<usize> {
        if self.is_pipe && !self.interruption.has_come() {
            self.wait()?;
        }
        if self.interruption.has_come() && !self.has_more()? {
            self.interruption.has_cut.store(true, Ordering::Relaxed);
            return Ok(0);
        }
        self.file.read(octets)
    }
}
