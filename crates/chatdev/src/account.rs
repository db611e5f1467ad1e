//! Which account, where its server is, and its password: from the options, what is remembered, and the person.

use std::io::{BufRead as _, BufReader, IsTerminal as _, Read as _};
use std::path::Path;

use anyhow::{Context as _, Result, bail};
use chatdev_client::Password;
use chatdev_net::tls::Identity;
use chatdevd::process_lock::ProcessLock;
use jid::BareJid;

use crate::cli::{HostPort, Options};
use crate::folder::Folder;
use crate::store::Store;

/// Octets of a password read from a file at most; SASLprep and the server accept fewer.
const PASSWORD_BYTES_MAX: u64 = 4096;

/// An account that is ready to sign in. It has no `Debug`: its password is nobody's to read.
pub(crate) struct Account {
    pub(crate) jid: BareJid,
    pub(crate) server: Option<HostPort>,
    pub(crate) password: String,
}

/// Where a password comes from, if neither the options nor the environment say so.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) enum PasswordFrom<'a> {
    /// It is remembered, or the person types it.
    #[default]
    Person,
    /// The person makes one up: it is typed twice.
    NewAccount,
    /// The program knows it, whatever else is said.
    Program(&'a str),
}

/// This device of the account, held by this process.
#[derive(Debug)]
pub(crate) struct OwnDevice {
    pub(crate) identity: Identity,
    _lock: ProcessLock,
}

impl Account {
    /// Finds out who signs in (`named`, else the option, else the account that was used last), and with which password
    /// (the option's, the environment's, or as `password` says).
    ///
    /// # Errors
    /// No account is known, or no password can be had.
    pub(crate) fn resolve(
        options: &Options,
        store: &Store,
        named: Option<&BareJid>,
        password: PasswordFrom<'_>,
    ) -> Result<Self> {
        let jid = resolve_jid(options, store, named)?;
        let known = store.account(&jid)?;
        let password = match (password, &options.password_file, std::env::var("CHATDEV_PASSWORD")) {
            (PasswordFrom::Program(given), ..) => given.to_owned(),
            (_, Some(path), _) => read_password(path)?,
            (_, None, Ok(password)) => password,
            (PasswordFrom::NewAccount, None, Err(_)) => ask_new_password(&jid)?,
            (PasswordFrom::Person, None, Err(_)) => known.password.map_or_else(|| ask_password(&jid), Ok)?,
        };
        Ok(Self { server: options.server.clone().or(known.server), jid, password })
    }

    /// What the brain takes.
    ///
    /// # Errors
    /// It cannot be a password.
    pub(crate) fn password(&self) -> Result<Password> {
        Password::new(&self.password).context("this password cannot be used")
    }
}

/// Who is meant: `named`, else the option, else the account that was used last.
///
/// # Errors
/// No account is known.
pub(crate) fn resolve_jid(options: &Options, store: &Store, named: Option<&BareJid>) -> Result<BareJid> {
    let jid = match named.or(options.account.as_ref()) {
        Some(jid) => jid.clone(),
        None => store.last_account()?.context(
            "no account is known yet\n  help: make one with `chatdev register JID`, or sign in with `chatdev login JID`",
        )?,
    };
    if jid.node().is_none() {
        bail!("expected an account such as alice@example.net; found \"{jid}\"");
    }
    Ok(jid)
}

impl OwnDevice {
    /// Becomes the device that the options name, making its key at the first time.
    ///
    /// # Errors
    /// Another process is this device; the key cannot be read or made.
    pub(crate) fn take(folder: &Folder, account: &BareJid, name: &str) -> Result<Self> {
        let lock = folder.lock(account, name)?;
        let identity = crate::identity::load_or_make(&folder.identity(account, name)?)?;
        Ok(Self { identity, _lock: lock })
    }
}

fn read_password(path: &Path) -> Result<String> {
    let unreadable = || format!("cannot read the password file {}", path.display());
    let file = std::fs::File::open(path).with_context(unreadable)?;
    let mut line = String::new();
    BufReader::new(file.take(PASSWORD_BYTES_MAX)).read_line(&mut line).with_context(unreadable)?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}

fn ask_password(jid: &BareJid) -> Result<String> {
    ask(jid, &format!("Password of {jid}: "))
}

/// A mistyped password of a new account could never be typed again.
fn ask_new_password(jid: &BareJid) -> Result<String> {
    let password = ask(jid, &format!("New password of {jid}: "))?;
    if ask(jid, "Again: ")? != password {
        bail!("the two passwords are not the same");
    }
    Ok(password)
}

fn ask(jid: &BareJid, question: &str) -> Result<String> {
    if !std::io::stdin().is_terminal() {
        bail!("no password for {jid}\n  help: name a file with --password-file, or set CHATDEV_PASSWORD");
    }
    rpassword::prompt_password(question).context("cannot read the password")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn store(folder: &tempfile::TempDir) -> Store {
        Store::open(&folder.path().join("db")).unwrap()
    }

    #[test]
    fn the_named_account_wins_then_the_option_then_the_last_one() {
        let folder = tempfile::tempdir().unwrap();
        let store = store(&folder);
        let jid = |text: &str| BareJid::new(text).unwrap();
        store.account_used(&jid("last@a.example"), None).unwrap();
        let option = Options { account: Some(jid("option@a.example")), ..Options::default() };
        let named = jid("named@a.example");
        assert_eq!(resolve_jid(&option, &store, Some(&named)).unwrap(), named);
        assert_eq!(resolve_jid(&option, &store, None).unwrap(), jid("option@a.example"));
        assert_eq!(resolve_jid(&Options::default(), &store, None).unwrap(), jid("last@a.example"));
    }

    #[test]
    fn without_any_account_one_is_told_how_to_make_one() {
        let folder = tempfile::tempdir().unwrap();
        let error = resolve_jid(&Options::default(), &store(&folder), None).unwrap_err().to_string();
        assert!(error.contains("chatdev register"), "{error}");
    }

    #[test]
    fn the_first_line_of_the_file_is_the_password() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("password");
        std::fs::write(&path, " correct horse \r\nsecond line\n").unwrap();
        assert_eq!(read_password(&path).unwrap(), " correct horse ");
    }
}
