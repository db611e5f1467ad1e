//! The change log: what `chatdevd account` did, for the server that runs beside it.
//!
//! A command writes its change and the entry in one transaction. The server looks whenever SQLite says that another
//! connection committed (`PRAGMA data_version`, which costs nothing otherwise), takes the entries out, and acts on them: the
//! sessions of a removed account are closed. What the server itself changes is not logged; it knows.

use jid::{NodePart, NodeRef};
use rusqlite::{Connection, TransactionBehavior};

use super::{Accounts, Store, StoreError};

/// Entries kept while no server takes them out; the oldest go first. A server that starts has no sessions to close.
const ENTRIES_MAX: i64 = 10_000;

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
    /// It is new.
    Added,
    /// It has another password.
    Password,
    /// It is gone.
    Removed,
}

impl ChangeKind {
    const ALL: [Self; 3] = [Self::Added, Self::Password, Self::Removed];

    fn as_str(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Password => "password",
            Self::Removed => "removed",
        }
    }
}

impl Store {
    /// Makes a change to an account from outside the server: `change` and the log entry, or neither. Gives what `change` gives:
    /// whether there was anything to change.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub fn change_beside(
        &mut self,
        username: &NodeRef,
        kind: ChangeKind,
        change: impl FnOnce(Accounts<'_>) -> Result<bool, StoreError>,
    ) -> Result<bool, StoreError> {
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        if !change(Accounts::new(&transaction))? {
            return Ok(false);
        }
        let sql = "INSERT INTO account_change (username, kind) VALUES (?1, ?2)";
        transaction.execute(sql, [username.as_str(), kind.as_str()])?;
        let oldest_kept = transaction.last_insert_rowid() - ENTRIES_MAX + 1;
        transaction.execute("DELETE FROM account_change WHERE number < ?1", [oldest_kept])?;
        transaction.commit()?;
        Ok(true)
    }
}

/// The server's end of the log.
#[derive(Debug, Default)]
pub(super) struct ChangeReader {
    data_version: Option<i64>,
}

impl ChangeReader {
    /// The changes since the last call, oldest first. A first call gives what was left while no server ran.
    pub(super) fn read(&mut self, connection: &mut Connection) -> Result<Vec<AccountChange>, StoreError> {
        let version: i64 = connection.pragma_query_value(None, "data_version", |row| row.get(0))?;
        if self.data_version == Some(version) {
            return Ok(Vec::new());
        }
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let changes = take(&transaction)?;
        transaction.commit()?;
        // Not before: what failed is tried again at the next call.
        self.data_version = Some(version);
        Ok(changes)
    }
}

fn take(connection: &Connection) -> Result<Vec<AccountChange>, StoreError> {
    let mut statement =
        connection.prepare_cached("SELECT username, kind FROM account_change ORDER BY number")?;
    let entries: Vec<(String, String)> =
        statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<Result<_, _>>()?;
    if !entries.is_empty() {
        connection.execute("DELETE FROM account_change", [])?;
    }
    let read = |(username, kind): (String, String)| {
        let kind = ChangeKind::ALL.into_iter().find(|known| known.as_str() == kind)?;
        Some(AccountChange { username: NodePart::new(&username).ok()?.into_owned(), kind })
    };
    Ok(entries.into_iter().filter_map(read).collect())
}
