//! The key log: the secrets of TLS connections, for whoever looks into their own with a packet inspector.
//!
//! SSLKEYLOGFILE (RFC 9850 §2), which packet inspectors read: a label, the client's random and the secret in hexadecimal,
//! one line each. A line is in the file before the handshake goes on, so that an inspector which reads along can decrypt
//! what comes next. Both programs have it, off unless asked for. It does *not* hold passwords, nor the key of a
//! certificate; but whoever has it can read all that its connections carried.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use chatdev_net::tls::KeyLog;

use crate::private_file::{Lines, LinesError};

/// A file that secrets are appended to. A line that cannot be written breaks no connection; that there is one is said
/// once.
#[derive(Debug)]
pub struct KeyLogFile {
    path: PathBuf,
    say: fn(&str),
    open: Mutex<Open>,
}

#[derive(Debug)]
struct Open {
    lines: Lines,
    failed: bool,
}

impl KeyLogFile {
    /// Opens `path` to go on at its end; makes it (0600) if it is missing. `say` tells the person of trouble with it.
    ///
    /// # Errors
    /// It cannot be written to, or others can read it.
    pub fn open(path: &Path, say: fn(&str)) -> Result<Self, LinesError> {
        Ok(Self::with(path, Lines::open(path)?, say))
    }

    fn with(path: &Path, lines: Lines, say: fn(&str)) -> Self {
        Self { path: path.to_owned(), say, open: Mutex::new(Open { lines, failed: false }) }
    }

    /// What to tell the person at the start.
    pub fn warning(&self) -> String {
        format!(
            "the secrets of every TLS connection are appended to {}: whoever has that file can read everything that is said",
            self.path.display()
        )
    }
}

impl KeyLog for KeyLogFile {
    fn log(&self, label: &str, client_random: &[u8], secret: &[u8]) {
        let mut line = String::with_capacity(label.len() + 2 * (client_random.len() + secret.len()) + 3);
        line.push_str(label);
        for part in [client_random, secret] {
            line.push(' ');
            for byte in part {
                // Writing to a string cannot fail.
                let _ = write!(line, "{byte:02x}");
            }
        }
        line.push('\n');
        // A panic of another task left at worst a torn line.
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Err(error) = open.lines.append(line.as_bytes())
            && !std::mem::replace(&mut open.failed, true)
        {
            let path = self.path.display();
            (self.say)(&format!(
                "cannot write to the key log {path}: {error}; what is not in it cannot be decrypted"
            ));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    #[test]
    fn a_secret_is_a_line_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keys");
        let log = KeyLogFile::open(&path, |trouble| panic!("{trouble}")).unwrap();
        log.log("CLIENT_RANDOM", &[0, 0xab], &[1, 2, 0xff]);
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "CLIENT_RANDOM 00ab 0102ff\n");
        log.log("EXPORTER_SECRET", &[9], &[8]);
        let text = std::fs::read_to_string(&path).unwrap();
        assert_eq!(text, "CLIENT_RANDOM 00ab 0102ff\nEXPORTER_SECRET 09 08\n");
        assert!(log.warning().contains("keys: whoever has that file"), "{}", log.warning());
        assert!(!format!("{log:?}").contains("0102ff"));
    }

    #[test]
    fn trouble_with_the_file_is_said_once() {
        static SAID: AtomicU32 = AtomicU32::new(0);
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keys");
        let log = KeyLogFile::with(&path, Lines::broken(&path), |trouble| {
            assert!(trouble.contains("keys: Bad file descriptor") && !trouble.contains("0102"), "{trouble}");
            SAID.fetch_add(1, Ordering::Relaxed);
        });
        log.log("CLIENT_RANDOM", &[0], &[1, 2]);
        log.log("CLIENT_RANDOM", &[0], &[1, 2]);
        assert_eq!(SAID.load(Ordering::Relaxed), 1);
    }
}
