//! One client of the world: the brain, its storage, and what it told.

use std::net::{IpAddr, SocketAddr};

use chatdev_client::{Client, Config, Event, Password, Record, Remembered, StoreAnswer, StoreRequest};
use chatdev_directory::{Fingerprint, Profile};
use jid::ResourcePart;

use crate::script::{PASSWORD, account};

const PORT: u16 = 5298;

/// A client, its storage, and what it told.
pub(crate) struct Actor {
    pub(crate) client: Option<Client>,
    pub(crate) config: Config,
    pub(crate) remembered: Remembered,
    pub(crate) events: Vec<Event>,
    /// The texts of messages that were stored, in order.
    pub(crate) history: Vec<String>,
    pub(crate) address: IpAddr,
    /// The certificate that it shows. Another one than its own is that of a thief who has the key.
    pub(crate) shows: Fingerprint,
    /// Nobody can dial it.
    pub(crate) unreachable: bool,
    pub(crate) storage: StorageMood,
    pub(crate) held: Vec<StoreRequest>,
    pub(crate) messages: u64,
    pub(crate) runs: u64,
}

/// How an actor's storage behaves.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum StorageMood {
    Answers,
    Holds,
    Fails,
}

impl Actor {
    /// The `who`th actor, not started. It lives at 10.0.0.(`who` + 1).
    pub(crate) fn new(who: usize, name: &str, resource: &str) -> Self {
        let octet = u8::try_from(who + 1).unwrap();
        let device = Fingerprint([octet; 32]);
        let profile = Profile { nick: Some(name.into()), ..Profile::default() };
        let mut config = Config::new(account(name), Password::new(PASSWORD).unwrap(), device, profile);
        config.resource = Some(ResourcePart::new(resource).unwrap().into_owned());
        config.peer_address = Some(SocketAddr::from(([0, 0, 0, 0], PORT)));
        Self {
            client: None,
            config,
            remembered: Remembered::default(),
            events: Vec::new(),
            history: Vec::new(),
            address: IpAddr::from([10, 0, 0, octet]),
            shows: device,
            unreachable: false,
            storage: StorageMood::Answers,
            held: Vec::new(),
            messages: 0,
            runs: 0,
        }
    }

    /// Stores, as storage is in the mood to.
    pub(crate) fn store(&mut self, request: &StoreRequest) -> StoreAnswer {
        if self.storage == StorageMood::Fails {
            return StoreAnswer { id: request.id, result: Err("disk full".to_owned()) };
        }
        if let Record::Received { device, n, message: Some(message) } = &request.record
            && self.remembered.marks.get(device).is_none_or(|mark| n > mark)
        {
            self.history.push(message.body.clone());
        }
        self.remembered.handle(request)
    }
}
