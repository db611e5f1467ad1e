//! The answering side of TLS: the server's port, and the port on which a client hears its peers.
//!
//! One is made per identity and shared by all connections, so that a connection keeps no configuration of its
//! own.

use std::sync::Arc;

use rustls::{
    KeyLog, ServerConfig,
    server::{NoServerSessionStorage, ProducesTickets},
    sign::SingleCertAndKey,
    version::{TLS12, TLS13},
};

use super::{ALPN_CLIENT, ALPN_PEER, Identity, Relation, provider, verify::PossessionOnly};

/// How to answer a handshake. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Acceptor {
    relation: Relation,
    identity: Identity,
    config: Arc<ServerConfig>,
}

impl Acceptor {
    /// For a server that answers its clients: TLS 1.2 and 1.3, no certificate asked of them. Serves STARTTLS
    /// and TLS at once alike: a client that offers ALPN has to offer `xmpp-client`.
    #[must_use]
    pub fn for_clients(identity: &Identity) -> Self {
        let config = ServerConfig::builder_with_provider(provider())
            .with_protocol_versions(&[&TLS13, &TLS12])
            .expect("the provider has suites for both versions")
            .with_no_client_auth()
            .with_cert_resolver(Arc::new(SingleCertAndKey::from(identity.certified())));
        Self::new(Relation::ClientAndServer, identity, config, ALPN_CLIENT)
    }

    /// For a client that answers its peers: TLS 1.3, ALPN `xmpp-peer`, and a certificate, self-signed or not,
    /// whose key the other side proves to hold.
    #[must_use]
    pub fn for_peers(identity: &Identity) -> Self {
        let provider = provider();
        let config = ServerConfig::builder_with_provider(Arc::clone(&provider))
            .with_protocol_versions(&[&TLS13])
            .expect("the provider has suites for TLS 1.3")
            .with_client_cert_verifier(PossessionOnly::new(provider))
            .with_cert_resolver(Arc::new(SingleCertAndKey::from(identity.certified())));
        Self::new(Relation::Peers, identity, config, ALPN_PEER)
    }

    fn new(relation: Relation, identity: &Identity, mut config: ServerConfig, alpn: &[u8]) -> Self {
        config.alpn_protocols = vec![alpn.to_vec()];
        // Nothing is resumed: no cache to fill, no ticket to keep, and every handshake proves possession
        // anew.
        config.session_storage = Arc::new(NoServerSessionStorage {});
        config.ticketer = Arc::new(NoTickets);
        config.send_tls13_tickets = 0;
        config.max_early_data_size = 0;
        // RFC 9266 §4.2: over TLS 1.2 the exporter binds a channel only with the extended master secret.
        config.require_ems = true;
        Self { relation, identity: identity.clone(), config: Arc::new(config) }
    }

    /// The same, with the secrets of each handshake given to `key_log`; `None` changes nothing. rustls calls it
    /// from within the handshake, so it must not wait.
    #[must_use]
    pub fn with_key_log(mut self, key_log: Option<Arc<dyn KeyLog>>) -> Self {
        if let Some(key_log) = key_log {
            Arc::make_mut(&mut self.config).key_log = key_log;
        }
        self
    }

    /// Whom it answers.
    #[must_use]
    pub fn relation(&self) -> Relation {
        self.relation
    }

    /// What it shows.
    #[must_use]
    pub fn identity(&self) -> &Identity {
        &self.identity
    }

    pub(super) fn config(&self) -> &Arc<ServerConfig> {
        &self.config
    }
}

/// A ticketer that never gives one.
#[derive(Debug)]
struct NoTickets;

impl ProducesTickets for NoTickets {
    fn enabled(&self) -> bool {
        false
    }
    fn lifetime(&self) -> u32 {
        0
    }
    fn encrypt(&self, _plain: &[u8]) -> Option<Vec<u8>> {
        None
    }
    fn decrypt(&self, _cipher: &[u8]) -> Option<Vec<u8>> {
        None
    }
}
