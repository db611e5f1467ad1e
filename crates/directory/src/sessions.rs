//! The open sessions, by number. Each has a place (the one that times its silence), so that whatever belongs to a session
//! names it in four octets; the table by number holds nothing else, since it is the one that grows by doubling.

#![expect(clippy::disallowed_types, reason = "looked up, never iterated into anything that shows")]

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;

use jid::FullJid;

use crate::SessionId;
use crate::silence::Key;
use crate::standing::Standing;
use crate::view::View;

/// An open session.
#[derive(Clone, Debug)]
pub(crate) struct Session {
    pub(crate) jid: Arc<FullJid>,
    /// Where it comes from, canonical.
    pub(crate) address: IpAddr,
    pub(crate) standing: Standing,
}

impl Session {
    /// Where the entry that it answers for was announced from.
    pub(crate) fn origin(&self) -> View {
        match &self.standing {
            Standing::Heir(inheritance) => inheritance.origin,
            Standing::Out | Standing::In { .. } | Standing::Superseded => View::of(self.address),
        }
    }
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Sessions {
    /// Looked up only: iterating over it would show its order.
    keys: HashMap<SessionId, Key>,
    /// By place.
    places: Vec<Option<Session>>,
}

impl Sessions {
    pub(crate) fn len(&self) -> usize {
        self.keys.len()
    }

    pub(crate) fn key(&self, id: SessionId) -> Option<Key> {
        self.keys.get(&id).copied()
    }

    /// The session at a place.
    pub(crate) fn at(&self, key: Key) -> &Session {
        self.places[key.place()].as_ref().expect("a key is void once its session is removed")
    }

    /// The session at a place, to be changed.
    pub(crate) fn at_mut(&mut self, key: Key) -> &mut Session {
        self.places[key.place()].as_mut().expect("a key is void once its session is removed")
    }

    pub(crate) fn get(&self, id: SessionId) -> Option<&Session> {
        self.key(id).map(|key| self.at(key))
    }

    /// Puts a session at the place that times its silence.
    pub(crate) fn insert(&mut self, id: SessionId, key: Key, session: Session) {
        self.keys.insert(id, key);
        if self.places.len() <= key.place() {
            self.places.resize(key.place() + 1, None);
        }
        self.places[key.place()] = Some(session);
    }

    pub(crate) fn remove(&mut self, id: SessionId) -> Option<(Key, Session)> {
        let key = self.keys.remove(&id)?;
        self.places[key.place()].take().map(|session| (key, session))
    }
}
