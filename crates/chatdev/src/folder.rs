//! The folder that holds what the client keeps, and the lock of each device in it.
//!
//! | file | what | mode |
//! |---|---|---|
//! | `chatdev.db` (and `-wal`, `-shm`) | remembered servers, people, sequence numbers, passwords (`store.rs`) | 0600 |
//! | `JID/DEVICE.pem` | the certificate and key that are this device (`identity.rs`) | 0600 |
//! | `JID/DEVICE.lock` | held while that device is in use; says by which process | 0600 |
//!
//! What is typed at the prompt is not kept: a sealed conversation would lie in the clear.

use std::fs::DirBuilder;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, anyhow};
use chatdevd::process_lock::{LockError, ProcessLock};
use etcetera::BaseStrategy as _;
use jid::BareJid;

/// The client's data folder.
#[derive(Debug, Clone)]
pub(crate) struct Folder {
    path: PathBuf,
}

impl Folder {
    /// Opens `path`, or `chatdev` in the user's XDG data folder; makes it (0700) if it is missing.
    pub(crate) fn open(path: Option<&Path>) -> Result<Self> {
        let path = match path {
            Some(path) => path.to_owned(),
            None => etcetera::choose_base_strategy()
                .context("there is no home folder to keep data in\n  help: name a data folder with --data")?
                .data_dir()
                .join("chatdev"),
        };
        make(&path)?;
        Ok(Self { path })
    }

    pub(crate) fn database(&self) -> PathBuf {
        self.path.join("chatdev.db")
    }

    pub(crate) fn identity(&self, account: &BareJid, device: &str) -> Result<PathBuf> {
        Ok(self.account(account)?.join(format!("{device}.pem")))
    }

    /// Becomes this device of the account.
    ///
    /// # Errors
    /// Another process is it already: two would use the same sequence numbers.
    pub(crate) fn lock(&self, account: &BareJid, device: &str) -> Result<ProcessLock> {
        let path = self.account(account)?.join(format!("{device}.lock"));
        ProcessLock::take(&path).map_err(|error| match error {
            LockError::Held { holder } => anyhow!(
                "another chatdev{} is signed in as {account} on the device \"{device}\"\n  \
                 help: end it first, or be another device with --device NAME",
                holder.map(|id| format!(" (process {id})")).unwrap_or_default(),
            ),
            LockError::Unusable(error) => anyhow!("cannot use {}: {error}", path.display()),
        })
    }

    /// The folder of an account's devices. A bare JID holds no `/` (RFC 7622 §3.1), but its domain could be `..`.
    fn account(&self, account: &BareJid) -> Result<PathBuf> {
        let path = self.path.join(account.as_str().replace("..", "%2E%2E"));
        make(&path)?;
        Ok(path)
    }
}

fn make(path: &Path) -> Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(path).with_context(|| {
        format!(
            "cannot use the data folder {}\n  help: make it a folder that you can write to, or name another with --data",
            path.display()
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn alice() -> BareJid {
        BareJid::new("alice@example.net").unwrap()
    }

    #[test]
    fn a_second_process_on_one_device_is_told_who_the_first_is_and_what_to_do() {
        let temporary = tempfile::tempdir().unwrap();
        let folder = Folder::open(Some(&temporary.path().join("a/b"))).unwrap();
        let held = folder.lock(&alice(), "main").unwrap();
        let error = folder.lock(&alice(), "main").unwrap_err().to_string();
        assert!(error.contains(&std::process::id().to_string()) && error.contains("--device"), "{error}");
        folder.lock(&alice(), "other").unwrap();
        drop(held);
        folder.lock(&alice(), "main").unwrap();
    }

    #[test]
    fn a_file_in_the_folders_place_is_said_to_be_in_the_way() {
        let temporary = tempfile::tempdir().unwrap();
        let path = temporary.path().join("file");
        std::fs::write(&path, "").unwrap();
        let error = format!("{:#}", Folder::open(Some(&path)).unwrap_err());
        assert!(error.contains("cannot use the data folder") && error.contains("--data"), "{error}");
    }
}
