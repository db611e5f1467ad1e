//! The change log: what `chatdevd account` did to accounts that somebody may be signed in to, for the server that
//! runs beside it.
//!
//! A command writes its change and the entry in one transaction, and waits for the entry to go. The server looks
//! whenever SQLite says that another connection committed (`PRAGMA data_version`, which costs nothing otherwise),
//! acts (the account's sessions are closed), and only then takes the entry out: so whoever signs in after the command
//! has ended is not taken for one of those. What the server itself changes is not logged; it knows.

use jid::{NodePart, NodeRef};
use rusqlite::{Connection, TransactionBehavior};

use super::{Accounts, Store, StoreError};

/// Entries kept while no server takes them out; the oldest go first. A server that starts has no sessions to close.
const ENTRIES_MAX: i64 = 10_000;

/// Names an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChangeNumber(i64);

/// One account was changed by a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountChange {
    /// Whose.
    pub username: NodePart,
    /// What happened to it.
    pub kind: ChangeKind,
}

/// What happened to an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChangeKind {
    /// It has another password.
    Password,
    /// It is gone.
    Removed,
}

impl ChangeKind {
    const ALL: [Self; 2] = [Self::Password, Self::Removed];

    /// One word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::Removed => "removed",
        }
    }
}

impl Store {
    /// Makes a change to an account from outside the server: `change` and the log entry, or neither. `None` if
    /// `change` says that there was nothing to change.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub fn change_beside(
        &mut self,
        username: &NodeRef,
        kind: ChangeKind,
        change: impl FnOnce(Accounts<'_>) -> Result<bool, StoreError>,
    ) -> Result<Option<ChangeNumber>, StoreError> {
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        if !change(Accounts::new(&transaction))? {
            return Ok(None);
        }
        let sql = "INSERT INTO account_change (username, kind) VALUES (?1, ?2)";
        transaction.execute(sql, [username.as_str(), kind.as_str()])?;
        let number = transaction.last_insert_rowid();
        transaction.execute("DELETE FROM account_change WHERE number <= ?1", [number - ENTRIES_MAX])?;
        transaction.commit()?;
        Ok(Some(ChangeNumber(number)))
    }

    /// Whether the server has acted on a change.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub fn is_done(&self, ChangeNumber(number): ChangeNumber) -> Result<bool, StoreError> {
        let sql = "SELECT NOT EXISTS (SELECT 1 FROM account_change WHERE number = ?1)";
        Ok(self.connection.query_row(sql, [number], |row| row.get(0))?)
    }
}

/// The server's end of the log.
#[derive(Debug, Default)]
pub(super) struct ChangeReader {
    data_version: Option<i64>,
}

impl ChangeReader {
    /// Acts on the changes since the last call, oldest first. A first call meets what was left while no server ran.
    pub(super) fn read(
        &mut self,
        connection: &Connection,
        mut act: impl FnMut(AccountChange),
    ) -> Result<(), StoreError> {
        let version: i64 = connection.pragma_query_value(None, "data_version", |row| row.get(0))?;
        if self.data_version == Some(version) {
            return Ok(());
        }
        let sql = "SELECT number, username, kind FROM account_change ORDER BY number";
        let mut statement = connection.prepare_cached(sql)?;
        let entries: Vec<(i64, String, String)> = statement
            .query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?
            .collect::<Result<_, _>>()?;
        let Some((newest, ..)) = entries.last().cloned() else {
            self.data_version = Some(version);
            return Ok(());
        };
        entries.into_iter().filter_map(|(_, username, kind)| change(&username, &kind)).for_each(&mut act);
        connection.execute("DELETE FROM account_change WHERE number <= ?1", [newest])?;
        // Not before: what failed is tried again at the next call.
        self.data_version = Some(version);
        Ok(())
    }
}

fn change(username: &str, kind: &str) -> Option<AccountChange> {
    let kind = ChangeKind::ALL.into_iter().find(|known| known.as_str() == kind)?;
    Some(AccountChange { username: NodePart::new(username).ok()?.into_owned(), kind })
}
