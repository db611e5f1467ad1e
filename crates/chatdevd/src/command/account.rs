//! `chatdevd account`: accounts from outside the server, whether it runs or not.

use std::io::Write as _;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use chatdev_stream::sasl::Credentials;
use jid::{NodePart, NodeRef};
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng as _;

use super::{password, say};
use crate::cli::{AccountCommand, PasswordSource, Settings};
use crate::config::Config;
use crate::data_folder::{DataFolder, FolderError};
use crate::database::DatabaseError;
use crate::store::{Accounts, ChangeKind, Opener, Store, StoreError};

/// How long a command waits for a running server, which looks twice a second.
const SERVER_PATIENCE: Duration = Duration::from_secs(5);

/// How often it looks meanwhile.
const SERVER_LOOK: Duration = Duration::from_millis(20);

/// Carries out one command. Names go to standard output, everything else to standard error.
pub(super) fn run(command: AccountCommand, settings: &Settings) -> anyhow::Result<()> {
    let (config, warnings) = settings.resolve_here()?;
    for warning in warnings {
        say(&format!("chatdevd: {warning}"));
    }
    match command {
        AccountCommand::Add { name, password } => {
            let username = username(&config, &name)?;
            // Before a person is asked for a password: would it be of any use?
            let (_, store) = open(&config, true)?;
            if !store.accounts().create(&username, &credentials(&config, &username, &password)?)? {
                bail!(
                    "there is an account {username} already\n  \
                     help: `chatdevd account passwd {username}` changes its password"
                );
            }
            say(&format!("added {username}"));
        }
        AccountCommand::Passwd { name, password } => {
            let username = username(&config, &name)?;
            let (folder, store) = open(&config, false)?;
            let credentials = credentials(&config, &username, &password)?;
            change(&folder, store, &username, ChangeKind::Password, |accounts| {
                accounts.replace(&username, &credentials)
            })?;
            say(&format!("changed the password of {username}"));
        }
        AccountCommand::Remove { name } => {
            let username = username(&config, &name)?;
            let (folder, store) = open(&config, false)?;
            change(&folder, store, &username, ChangeKind::Removed, |accounts| accounts.remove(&username))?;
            say(&format!("removed {username}"));
        }
        AccountCommand::List => {
            let mut out = std::io::stdout().lock();
            for name in open(&config, false)?.1.accounts().list()? {
                writeln!(out, "{name}")?;
            }
        }
    }
    Ok(())
}

/// Makes a change that ends sessions, and waits until a running server has ended them.
fn change(
    folder: &DataFolder,
    mut store: Store,
    username: &NodeRef,
    kind: ChangeKind,
    make: impl FnOnce(Accounts<'_>) -> Result<bool, StoreError>,
) -> anyhow::Result<()> {
    let Some(number) = store.change_beside(username, kind, make)? else {
        bail!("there is no account {username}\n  help: `chatdevd account list` prints those that there are");
    };
    let deadline = Instant::now() + SERVER_PATIENCE;
    while !store.is_done(number)? && folder.is_served()? {
        if Instant::now() >= deadline {
            let sessions = format!("it may not have closed the sessions of {username} yet");
            say(&format!("chatdevd: the running server does not answer; {sessions}"));
            break;
        }
        std::thread::sleep(SERVER_LOOK);
    }
    Ok(())
}

fn credentials(config: &Config, username: &NodeRef, source: &PasswordSource) -> anyhow::Result<Credentials> {
    let password = password::ask(source, username)?;
    let mut seed = [0; 32];
    getrandom::fill(&mut seed).context("the system gives no random numbers")?;
    Ok(Credentials::derive(&password, config.accounts.scram_iterations, &mut ChaCha20Rng::from_seed(seed)))
}

/// The account's name, from `alice` or `alice@example.net`. A data folder has the accounts of one domain, whatever that
/// is called; so the domain only has to agree with the settings if they say one.
fn username(config: &Config, typed: &str) -> anyhow::Result<NodePart> {
    let (name, domain) = typed.split_once('@').map_or((typed, None), |(name, domain)| (name, Some(domain)));
    if name.is_empty() {
        bail!("expected the name of an account, found {typed:?}");
    }
    let username =
        NodePart::new(name).with_context(|| format!("expected the name of an account, found {typed:?}"))?;
    let is_said = config.domain != Config::default().domain;
    if is_said && domain.is_some_and(|domain| !domain.eq_ignore_ascii_case(&config.domain)) {
        bail!(
            "{typed:?} is of another domain than the one served here ({})\n  \
             help: give the name alone: `{username}`",
            config.domain
        );
    }
    Ok(username.into_owned())
}

/// Opens the accounts of the data folder, which only `create` makes.
fn open(config: &Config, create: bool) -> anyhow::Result<(DataFolder, Store)> {
    let path = match &config.data {
        Some(path) => path.clone(),
        None => DataFolder::default_path()?,
    };
    if !create && !path.join(DataFolder::DATABASE).exists() {
        bail!(
            "there are no accounts in {}: no server ran with it, and none was added\n  \
             help: name another data folder with --data or --config",
            path.display()
        );
    }
    let folder = DataFolder::open(&path)?;
    let store = match Store::open(&folder.database(), Opener::Beside) {
        // Older tables: they can be brought up to date if no server runs on them.
        Err(older @ StoreError::Database(DatabaseError::Older { .. })) => match folder.lock() {
            Ok(_lock) => Store::open(&folder.database(), Opener::Alone)?,
            Err(FolderError::InUse { .. }) => return Err(older.into()),
            Err(error) => return Err(error.into()),
        },
        other => other?,
    };
    Ok((folder, store))
}
