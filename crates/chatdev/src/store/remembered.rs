//! The records that the client brain makes durable ([`chatdev_client::Record`]), and reading them back at the next start.
//!
//! Servers are remembered for all accounts, people's devices per account, sequence numbers per account and own device.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result};
use chatdev_client::{Record, Remembered, Trust};
use chatdev_directory::Fingerprint;
use jid::BareJid;
use rusqlite::{OptionalExtension as _, Transaction, TransactionBehavior, params};

use super::Store;

/// Whose records: one account on one device of this machine.
#[derive(Debug, Clone)]
pub(crate) struct Device {
    pub(crate) account: BareJid,
    pub(crate) name: String,
}

impl Store {
    /// Everything that earlier runs of this device stored.
    pub(crate) fn remembered(&self, device: &Device) -> Result<Remembered> {
        Ok(Remembered {
            servers: self.servers()?.into_iter().collect(),
            devices: self.devices(&device.account)?,
            reserved: self
                .numbers("SELECT peer, below FROM reserved WHERE account = ?1 AND device = ?2", device)?,
            marks: self.numbers("SELECT peer, n FROM mark WHERE account = ?1 AND device = ?2", device)?,
        })
    }

    /// Remembered servers by domain.
    pub(crate) fn servers(&self) -> Result<Vec<(String, Fingerprint)>> {
        let mut query = self.connection.prepare("SELECT domain, fingerprint FROM server ORDER BY domain")?;
        let rows = query.query_map([], |row| Ok((row.get(0)?, Fingerprint(row.get(1)?))))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Forgets the certificate of a server: `false` if none was remembered.
    pub(crate) fn forget_server(&self, domain: &str) -> Result<bool> {
        Ok(self.connection.execute("DELETE FROM server WHERE domain = ?1", [domain])? > 0)
    }

    /// Remembered devices of people, as this account sees them.
    pub(crate) fn devices(
        &self,
        account: &BareJid,
    ) -> Result<BTreeMap<BareJid, BTreeMap<Fingerprint, Trust>>> {
        let mut query =
            self.connection.prepare("SELECT jid, fingerprint, accepted FROM trust WHERE account = ?1")?;
        let mut rows = query.query([account.as_str()])?;
        let mut devices: BTreeMap<BareJid, BTreeMap<Fingerprint, Trust>> = BTreeMap::new();
        while let Some(row) = rows.next()? {
            let jid: String = row.get(0)?;
            let jid = BareJid::new(&jid)
                .with_context(|| format!("the database trusts {jid:?}, which is no address"))?;
            let trust = if row.get(2)? { Trust::Accepted } else { Trust::Shown };
            devices.entry(jid).or_default().insert(Fingerprint(row.get(1)?), trust);
        }
        Ok(devices)
    }

    /// Makes records durable, all or none, in order.
    pub(crate) fn apply<'a>(
        &mut self,
        device: &Device,
        records: impl IntoIterator<Item = &'a Record>,
    ) -> Result<()> {
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        for record in records {
            write(&transaction, device, record)?;
        }
        Ok(transaction.commit()?)
    }

    fn numbers(&self, query: &str, device: &Device) -> Result<BTreeMap<Fingerprint, u64>> {
        let mut query = self.connection.prepare(query)?;
        let rows = query.query_map([device.account.as_str(), &device.name], |row| {
            Ok((Fingerprint(row.get(0)?), row.get::<_, i64>(1)?.cast_unsigned()))
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

fn write(transaction: &Transaction<'_>, device: &Device, record: &Record) -> rusqlite::Result<()> {
    let account = device.account.as_str();
    let execute = |query, values: &[&dyn rusqlite::ToSql]| transaction.execute(query, values).map(drop);
    match record {
        Record::ServerPin { domain, fingerprint } => {
            execute("INSERT OR REPLACE INTO server VALUES (?1, ?2)", params![domain, fingerprint.0])
        }
        Record::Device { jid, fingerprint, trust } => execute(
            "INSERT OR REPLACE INTO trust VALUES (?1, ?2, ?3, ?4)",
            params![account, jid.as_str(), fingerprint.0, *trust == Trust::Accepted],
        ),
        Record::Reserved { device: peer, below } => execute(
            "INSERT OR REPLACE INTO reserved VALUES (?1, ?2, ?3, ?4)",
            params![account, device.name, peer.0, below.cast_signed()],
        ),
        Record::Received { device: peer, n, .. } => {
            // A peer may choose any 64-bit number; SQLite knows signed ones only, so the comparison is made here.
            let query = "SELECT n FROM mark WHERE account = ?1 AND device = ?2 AND peer = ?3";
            let key = params![account, device.name, peer.0];
            let mark: Option<i64> = transaction.query_row(query, key, |row| row.get(0)).optional()?;
            if mark.is_some_and(|mark| mark.cast_unsigned() >= *n) {
                return Ok(());
            }
            execute(
                "INSERT OR REPLACE INTO mark VALUES (?1, ?2, ?3, ?4)",
                params![account, device.name, peer.0, n.cast_signed()],
            )
        }
    }
}

#[cfg(test)]
mod tests {
    use chatdev_client::{Received, Way};

    use super::*;

    fn device() -> Device {
        Device { account: BareJid::new("alice@a.example").unwrap(), name: "main".into() }
    }

    fn received(peer: Fingerprint, n: u64) -> Record {
        let message = Received {
            from: "bob@b.example/tui".parse().unwrap(),
            id: None,
            body: "hello".into(),
            way: Way::Sealed(peer),
            at: "2026-11-22T20:59:03Z".parse().unwrap(),
        };
        Record::Received { device: peer, n, message: Some(message) }
    }

    /// The brain's memory twin is the reference.
    #[test]
    fn what_is_read_back_is_what_the_memory_twin_holds() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("db");
        let peer = |octet| Fingerprint([octet; 32]);
        let bob = BareJid::new("bob@b.example").unwrap();
        let records = [
            Record::ServerPin { domain: "a.example".into(), fingerprint: peer(1) },
            Record::ServerPin { domain: "a.example".into(), fingerprint: peer(2) },
            Record::Device { jid: bob.clone(), fingerprint: peer(3), trust: Trust::Accepted },
            Record::Device { jid: bob.clone(), fingerprint: peer(4), trust: Trust::Shown },
            Record::Device { jid: bob, fingerprint: peer(3), trust: Trust::Shown },
            Record::Reserved { device: peer(3), below: 65 },
            Record::Reserved { device: peer(3), below: 129 },
            received(peer(3), 7),
            received(peer(3), 5),
            received(peer(4), u64::MAX),
            received(peer(4), 9),
        ];
        let mut twin = Remembered::default();
        let mut store = Store::open(&path).unwrap();
        for record in &records {
            twin.apply(record);
            store.apply(&device(), [record]).unwrap();
        }
        assert_eq!(store.remembered(&device()).unwrap(), twin);
        drop(store);
        assert_eq!(Store::open(&path).unwrap().remembered(&device()).unwrap(), twin);
    }

    #[test]
    fn another_device_has_numbers_of_its_own_and_the_same_trust() {
        let folder = tempfile::tempdir().unwrap();
        let mut store = Store::open(&folder.path().join("db")).unwrap();
        let bob = BareJid::new("bob@b.example").unwrap();
        let peer = Fingerprint([3; 32]);
        let trusted = Record::Device { jid: bob.clone(), fingerprint: peer, trust: Trust::Accepted };
        store.apply(&device(), [&trusted, &received(peer, 7)]).unwrap();
        let other = store.remembered(&Device { name: "other".into(), ..device() }).unwrap();
        assert_eq!(other.marks, BTreeMap::new());
        assert_eq!(other.devices[&bob][&peer], Trust::Accepted);
    }

    #[test]
    fn a_server_is_forgotten_once() {
        let folder = tempfile::tempdir().unwrap();
        let mut store = Store::open(&folder.path().join("db")).unwrap();
        store
            .apply(
                &device(),
                [&Record::ServerPin { domain: "a.example".into(), fingerprint: Fingerprint([1; 32]) }],
            )
            .unwrap();
        assert!(store.forget_server("a.example").unwrap());
        assert!(!store.forget_server("a.example").unwrap());
    }
}
