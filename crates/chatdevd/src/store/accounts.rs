//! Accounts: a username and what its password's SCRAM keys are.

use chatdev_stream::sasl::{Credentials, Hash, ScramKeys};
use jid::NodeRef;
use rusqlite::{Connection, OptionalExtension as _, Row, params};

use super::StoreError;

/// The accounts in a database, or in a transaction on it.
#[derive(Clone, Copy, Debug)]
pub struct Accounts<'a> {
    connection: &'a Connection,
}

impl<'a> Accounts<'a> {
    pub(super) fn new(connection: &'a Connection) -> Self {
        Self { connection }
    }

    /// Adds an account; `false` if there is one of that name, which then stays as it is.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub fn create(self, username: &NodeRef, credentials: &Credentials) -> Result<bool, StoreError> {
        let sql = "INSERT OR IGNORE INTO account (username,
                sha1_salt, sha1_iterations, sha1_stored_key, sha1_server_key,
                sha256_salt, sha256_iterations, sha256_stored_key, sha256_server_key)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
        self.write(sql, username, credentials)
    }

    /// Gives an account another password; `false` if there is none of that name.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub fn replace(self, username: &NodeRef, credentials: &Credentials) -> Result<bool, StoreError> {
        let sql = "UPDATE account SET
                sha1_salt = ?2, sha1_iterations = ?3, sha1_stored_key = ?4, sha1_server_key = ?5,
                sha256_salt = ?6, sha256_iterations = ?7, sha256_stored_key = ?8, sha256_server_key = ?9
            WHERE username = ?1";
        self.write(sql, username, credentials)
    }

    /// Removes an account; `false` if there is none of that name.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub fn remove(self, username: &NodeRef) -> Result<bool, StoreError> {
        let mut statement = self.connection.prepare_cached("DELETE FROM account WHERE username = ?1")?;
        Ok(statement.execute([username.as_str()])? == 1)
    }

    /// The keys of an account, if there is one of that name.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub fn credentials(self, username: &NodeRef) -> Result<Option<Credentials>, StoreError> {
        let sql = "SELECT sha1_salt, sha1_iterations, sha1_stored_key, sha1_server_key,
                sha256_salt, sha256_iterations, sha256_stored_key, sha256_server_key
            FROM account WHERE username = ?1";
        let mut statement = self.connection.prepare_cached(sql)?;
        let parts = |row: &Row<'_>| Ok((parts(row, 0)?, parts(row, 4)?));
        let Some((sha1, sha256)) = statement.query_row([username.as_str()], parts).optional()? else {
            return Ok(None);
        };
        let damaged = |error| StoreError::Damaged { username: username.to_string(), error };
        let sha1 = sha1.keys(Hash::Sha1).map_err(damaged)?;
        let sha256 = sha256.keys(Hash::Sha256).map_err(damaged)?;
        Ok(Some(Credentials { sha1, sha256 }))
    }

    /// All usernames, in their octets' order.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub fn list(self) -> Result<Vec<String>, StoreError> {
        let mut statement =
            self.connection.prepare_cached("SELECT username FROM account ORDER BY username")?;
        let names = statement.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
        Ok(names)
    }

    fn write(self, sql: &str, username: &NodeRef, credentials: &Credentials) -> Result<bool, StoreError> {
        let Credentials { sha1, sha256 } = credentials;
        let mut statement = self.connection.prepare_cached(sql)?;
        let written = statement.execute(params![
            username.as_str(),
            sha1.salt(),
            sha1.iterations(),
            sha1.stored_key(),
            sha1.server_key(),
            sha256.salt(),
            sha256.iterations(),
            sha256.stored_key(),
            sha256.server_key(),
        ])?;
        Ok(written == 1)
    }
}

/// One hash function's four columns.
struct Parts {
    salt: Vec<u8>,
    iterations: u32,
    stored_key: Vec<u8>,
    server_key: Vec<u8>,
}

fn parts(row: &Row<'_>, first: usize) -> rusqlite::Result<Parts> {
    Ok(Parts {
        salt: row.get(first)?,
        iterations: row.get(first + 1)?,
        stored_key: row.get(first + 2)?,
        server_key: row.get(first + 3)?,
    })
}

impl Parts {
    fn keys(self, hash: Hash) -> Result<ScramKeys, chatdev_stream::sasl::KeyError> {
        ScramKeys::from_parts(hash, self.salt, self.iterations, self.stored_key, self.server_key)
    }
}

#[cfg(test)]
mod tests {
    use chatdev_stream::sasl::Password;
    use jid::NodePart;
    use rand_chacha::ChaCha20Rng;
    use rand_core::SeedableRng as _;

    use super::super::{Opener, Store};
    use super::*;

    fn credentials(password: &str) -> Credentials {
        Credentials::derive(&Password::new(password).unwrap(), 4096, &mut ChaCha20Rng::from_seed([1; 32]))
    }

    #[test]
    fn an_account_is_created_once_replaced_and_removed() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("db"), Opener::Alone).unwrap();
        let (accounts, alice) = (store.accounts(), NodePart::new("alice").unwrap());
        let (old, new) = (Password::new("old").unwrap(), Password::new("new").unwrap());
        assert!(!accounts.replace(&alice, &credentials("old")).unwrap());
        assert!(accounts.create(&alice, &credentials("old")).unwrap());
        assert!(!accounts.create(&alice, &credentials("new")).unwrap());
        assert!(accounts.credentials(&alice).unwrap().unwrap().verify(&old));
        assert!(accounts.replace(&alice, &credentials("new")).unwrap());
        let stored = accounts.credentials(&alice).unwrap().unwrap();
        assert!(stored.sha256.verify(&new) && stored.sha1.verify(&new) && !stored.verify(&old));
        assert!(accounts.remove(&alice).unwrap());
        assert!(!accounts.remove(&alice).unwrap());
        assert!(accounts.credentials(&alice).unwrap().is_none());
    }

    #[test]
    fn the_database_holds_no_password() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("db");
        let store = Store::open(&path, Opener::Alone).unwrap();
        let secret = "correct horse battery staple";
        store.accounts().create(&NodePart::new("alice").unwrap(), &credentials(secret)).unwrap();
        let mut files: Vec<u8> = std::fs::read(&path).unwrap();
        files.extend(std::fs::read(folder.path().join("db-wal")).unwrap());
        let finds = |text: &str| files.windows(text.len()).any(|window| window == text.as_bytes());
        assert!(finds("alice") && !finds(secret));
    }

    #[test]
    fn names_are_listed_in_order() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("db"), Opener::Alone).unwrap();
        for name in ["bob", "alice", "élise"] {
            store.accounts().create(&NodePart::new(name).unwrap(), &credentials("x")).unwrap();
        }
        assert_eq!(store.accounts().list().unwrap(), ["alice", "bob", "élise"]);
    }
}
