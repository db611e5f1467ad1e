//! The storage's twin in memory: accounts in a map. For tests, screenplays and simulation; what it holds ends
//! with it.

use std::collections::BTreeMap;

use chatdev_stream::sasl::Credentials;
use jid::BareJid;

use crate::{StorageAnswer, StorageRequest};

/// Accounts by their address. Bounded by whoever adds them.
#[derive(Clone, Debug, Default)]
pub struct MemoryStore {
    accounts: BTreeMap<BareJid, Credentials>,
}

impl MemoryStore {
    /// No accounts yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds an account, or gives it another password.
    pub fn insert(&mut self, account: BareJid, credentials: Credentials) {
        self.accounts.insert(account, credentials);
    }

    /// Carries out one request.
    pub fn answer(&mut self, request: StorageRequest) -> StorageAnswer {
        match request {
            StorageRequest::Credentials { account } => {
                StorageAnswer::Credentials(self.accounts.get(&account).cloned())
            }
            StorageRequest::Create { account, .. } if self.accounts.contains_key(&account) => {
                StorageAnswer::Exists
            }
            StorageRequest::Create { account, credentials } => {
                self.accounts.insert(account, credentials);
                StorageAnswer::Done
            }
            StorageRequest::Replace { account, credentials } => match self.accounts.get_mut(&account) {
                Some(old) => {
                    *old = credentials;
                    StorageAnswer::Done
                }
                None => StorageAnswer::Missing,
            },
            StorageRequest::Remove { account } => match self.accounts.remove(&account) {
                Some(_) => StorageAnswer::Done,
                None => StorageAnswer::Missing,
            },
        }
    }
}
