//! `chatdev trust`: which servers and whose devices are remembered.
//!
//! Works on the database alone, without signing in. A client that runs at the same time has read it at its start and goes on
//! with what it read; at its prompt, `accept` and `refuse` take effect at once.

use anyhow::{Result, bail};
use chatdev_client::display::line;
use chatdev_client::{Record, Trust};

use crate::account::resolve_jid;
use crate::cli::{Options, TrustCommand};
use crate::folder::Folder;
use crate::oneshot::say;
use crate::store::{Device, Store};

/// Carries out one of the subcommands; without any, lists.
///
/// # Errors
/// The database cannot be used, no account is known, or there is nothing to forget.
pub(crate) fn run(options: &Options, command: &TrustCommand) -> Result<()> {
    let (jid, fingerprint, trust) = match command {
        TrustCommand::List => return listing(options)?.iter().try_for_each(|line| say(line)),
        TrustCommand::ForgetServer { domain } => return forget_server(options, domain),
        TrustCommand::Accept { jid, fingerprint } => (jid, *fingerprint, Trust::Accepted),
        TrustCommand::Refuse { jid, fingerprint } => (jid, *fingerprint, Trust::Shown),
    };
    let mut store = open(options)?;
    let device = Device { account: resolve_jid(options, &store, None)?, name: options.device.clone() };
    store.apply(&device, [&Record::Device { jid: jid.clone(), fingerprint, trust }])
}

fn forget_server(options: &Options, domain: &str) -> Result<()> {
    if open(options)?.forget_server(domain)? {
        return say(&format!(
            "forgotten; the next certificate of {} will be shown for confirmation",
            line(domain)
        ));
    }
    bail!("no certificate of {} is remembered", line(domain));
}

/// What is remembered, for a person to read.
///
/// # Errors
/// The database cannot be used, or no account is known.
pub(crate) fn listing(options: &Options) -> Result<Vec<String>> {
    let store = open(options)?;
    let account = resolve_jid(options, &store, None)?;
    let mut lines = vec!["Servers:".to_owned()];
    for (domain, fingerprint) in store.servers()? {
        lines.push(format!("  {}  {fingerprint}", line(&domain)));
    }
    lines.push(format!("People, as {account} knows them:"));
    for (jid, devices) in store.devices(&account)? {
        for (fingerprint, trust) in devices {
            let word = if trust == Trust::Accepted { "accepted    " } else { "NOT accepted" };
            lines.push(format!("  {}  {word}  {fingerprint}", line(jid.as_str())));
        }
    }
    Ok(lines)
}

fn open(options: &Options) -> Result<Store> {
    Store::open(&Folder::open(options.data.as_deref())?.database())
}
