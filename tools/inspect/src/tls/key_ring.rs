//! [`KeyRing`]: all keys that there are: files, which may grow, and what a capture brings along.

use std::io;
use std::path::PathBuf;

use super::{FollowedKeyLog, KeyLog, Keys, Label, Secret};

/// See the file's documentation.
#[derive(Debug, Default)]
pub struct KeyRing {
    files: Vec<FollowedKeyLog>,
    brought_along: KeyLog,
}

impl KeyRing {
    /// The key logs in these files.
    #[must_use]
    pub fn of_files(paths: impl IntoIterator<Item = PathBuf>) -> Self {
        let files = paths.into_iter().map(FollowedKeyLog::new).collect();
        Self { files, brought_along: KeyLog::new() }
    }

    /// Adds a key log that is not in a file.
    pub fn add(&mut self, log: &[u8]) {
        self.brought_along.add(log);
        // Each is whole: its last line may lack its end.
        self.brought_along.add(b"\n");
    }

    /// Whether there is no key log at all, be there keys in it or not.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.files.is_empty() && self.brought_along.is_empty()
    }

    /// Why the first file that cannot be read cannot be read.
    #[must_use]
    pub fn trouble(&self) -> Option<String> {
        let troubled = |file: &FollowedKeyLog| Some(unreadable(file, file.trouble()?));
        self.files.iter().find_map(troubled)
    }

    /// What is wrong with the files, a line each.
    #[must_use]
    pub fn notes(&self) -> Vec<String> {
        let mut notes = Vec::new();
        for file in &self.files {
            let (path, log) = (file.path().display(), file.log());
            if let Some(trouble) = file.trouble() {
                notes.push(unreadable(file, trouble));
            } else if log.is_empty() {
                notes.push(format!("key log {path} holds no keys"));
            }
            if let Some((line, flaw)) = log.flaws().first() {
                let others = log.bad_lines() - 1;
                notes.push(format!("key log {path}, line {line}: {flaw} ({others} other bad lines)"));
            }
        }
        notes
    }
}

fn unreadable(file: &FollowedKeyLog, trouble: &io::Error) -> String {
    format!("key log {} could not be read: {trouble}; is --keys right?", file.path().display())
}

impl Keys for KeyRing {
    fn secret(&mut self, label: Label, client_random: &[u8; 32]) -> Option<Secret> {
        let brought_along = self.brought_along.get(label, client_random);
        brought_along.or_else(|| self.files.iter_mut().find_map(|file| file.secret(label, client_random)))
    }
}
