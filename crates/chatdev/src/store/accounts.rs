//! Accounts that were used on this machine: where their server is, and the password where the person wants it kept.

use anyhow::{Context as _, Result};
use jid::BareJid;
use rusqlite::OptionalExtension as _;

use super::Store;
use crate::cli::HostPort;

/// What is known of an account. It has no `Debug`: its password is nobody's to read.
#[derive(Default)]
pub(crate) struct KnownAccount {
    /// Where its server was reached last, if that was not its domain.
    pub(crate) server: Option<HostPort>,
    /// Its password, where it is kept.
    pub(crate) password: Option<String>,
}

impl Store {
    /// What is known of `account`; nothing, if it was never used.
    pub(crate) fn account(&self, account: &BareJid) -> Result<KnownAccount> {
        let query = "SELECT server, password FROM account WHERE jid = ?1";
        let row = self
            .connection
            .query_row(query, [account.as_str()], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        let (server, password): (Option<String>, Option<String>) = row.unwrap_or_default();
        Ok(KnownAccount { server: server.and_then(|server| server.parse().ok()), password })
    }

    /// The account that was used last.
    pub(crate) fn last_account(&self) -> Result<Option<BareJid>> {
        let query = "SELECT jid FROM account ORDER BY used DESC, jid LIMIT 1";
        let jid: Option<String> = self.connection.query_row(query, [], |row| row.get(0)).optional()?;
        jid.map(|jid| BareJid::new(&jid).context("the database holds an account that is no address"))
            .transpose()
    }

    /// Notes that `account` signed in, and where; it becomes the one that is used where none is named.
    pub(crate) fn account_used(&self, account: &BareJid, server: Option<&HostPort>) -> Result<()> {
        self.connection.execute(
            "INSERT INTO account (jid, server, used) VALUES (?1, ?2, (SELECT coalesce(max(used), 0) + 1 FROM account))
             ON CONFLICT (jid) DO UPDATE SET server = excluded.server, used = excluded.used",
            (account.as_str(), server.map(ToString::to_string)),
        )?;
        Ok(())
    }

    /// Keeps the password of an account that was used, or (`None`) forgets it.
    pub(crate) fn keep_password(&self, account: &BareJid, password: Option<&str>) -> Result<()> {
        self.connection
            .execute("UPDATE account SET password = ?2 WHERE jid = ?1", (account.as_str(), password))?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_account_is_the_default_and_its_server_is_found_again() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("db")).unwrap();
        assert_eq!(store.last_account().unwrap(), None);
        let (alice, bob) = (BareJid::new("alice@a.example").unwrap(), BareJid::new("bob@b.example").unwrap());
        let server = HostPort { host: "::1".into(), port: 5333 };
        store.account_used(&alice, Some(&server)).unwrap();
        store.account_used(&bob, None).unwrap();
        assert_eq!(store.last_account().unwrap(), Some(bob.clone()));
        store.account_used(&alice, Some(&server)).unwrap();
        assert_eq!(store.last_account().unwrap(), Some(alice.clone()));
        assert_eq!(store.account(&alice).unwrap().server, Some(server));
        assert_eq!(store.account(&bob).unwrap().server, None);
    }

    #[test]
    fn a_password_is_kept_until_it_is_forgotten() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("db")).unwrap();
        let alice = BareJid::new("alice@a.example").unwrap();
        store.account_used(&alice, None).unwrap();
        store.keep_password(&alice, Some("correct horse")).unwrap();
        store.account_used(&alice, None).unwrap();
        assert_eq!(store.account(&alice).unwrap().password, Some("correct horse".to_owned()));
        store.keep_password(&alice, None).unwrap();
        assert_eq!(store.account(&alice).unwrap().password, None);
    }
}
