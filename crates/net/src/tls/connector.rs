//! The beginning side of TLS: towards a server by its name, and towards a peer.
//!
//! A connection to a server is never refused here for its certificate's sake: whether a public authority
//! vouches for it is reported, and the client's brain decides, by what it remembers and what the person says.

use std::sync::{Arc, LazyLock};

use rustls::{
    ClientConfig, KeyLog, RootCertStore,
    client::{Resumption, WebPkiServerVerifier, danger::ServerCertVerifier},
    pki_types::{CertificateDer, InvalidDnsNameError, ServerName, UnixTime},
    sign::SingleCertAndKey,
    version::{TLS12, TLS13},
};

use super::{ALPN_CLIENT, ALPN_PEER, Identity, Relation, provider, verify::PossessionOnly};

/// How to begin a handshake. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Connector {
    relation: Relation,
    name: ServerName<'static>,
    identity: Option<Identity>,
    alpn: Option<&'static [u8]>,
    authorities: Option<Arc<WebPkiServerVerifier>>,
    config: Arc<ClientConfig>,
}

/// The public authorities (Mozilla's list), read once in a process.
static PUBLIC: LazyLock<Arc<WebPkiServerVerifier>> = LazyLock::new(|| {
    let mut roots = RootCertStore::empty();
    roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    judge(roots)
});

fn judge(roots: RootCertStore) -> Arc<WebPkiServerVerifier> {
    WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider())
        .build()
        .expect("the list of authorities is not empty and no revocation lists are given")
}

impl Connector {
    /// Towards the server of `domain`: TLS 1.2 and 1.3. `domain` is the domain part of the JID, not the host
    /// that was dialled (RFC 6120 §13.7.2.1). After STARTTLS; for TLS at once see [`Connector::at_once`].
    ///
    /// Deviation: `domain` has to be ASCII; an internationalised domain is given in its `xn--` form.
    ///
    /// # Errors
    /// Where `domain` is neither a DNS name nor an address.
    pub fn to_server(domain: &str) -> Result<Self, InvalidDnsNameError> {
        Self::towards(domain, Arc::clone(&PUBLIC))
    }

    /// As [`Connector::to_server`], with `authority` in the place of the public ones: for an organisation
    /// that vouches for its own.
    ///
    /// # Errors
    /// Where `domain` is neither a DNS name nor an address, or `authority` cannot be read.
    pub fn to_server_vouched_by(domain: &str, authority: &[u8]) -> Result<Self, ConnectorError> {
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from(authority.to_vec()))?;
        Ok(Self::towards(domain, judge(roots))?)
    }

    fn towards(domain: &str, authorities: Arc<WebPkiServerVerifier>) -> Result<Self, InvalidDnsNameError> {
        let name = ServerName::try_from(domain.to_owned())?;
        let provider = provider();
        let mut config = ClientConfig::builder_with_provider(Arc::clone(&provider))
            .with_protocol_versions(&[&TLS13, &TLS12])
            .expect("the provider has suites for both versions")
            .dangerous()
            .with_custom_certificate_verifier(PossessionOnly::new(provider))
            .with_no_client_auth();
        harden(&mut config);
        Ok(Self {
            relation: Relation::ClientAndServer,
            name,
            identity: None,
            alpn: None,
            authorities: Some(authorities),
            config: Arc::new(config),
        })
    }

    /// The same for TLS at once: offers ALPN `xmpp-client` (XEP-0368 §3). A server that answers none is taken
    /// all the same.
    #[must_use]
    pub fn at_once(mut self) -> Self {
        Arc::make_mut(&mut self.config).alpn_protocols = vec![ALPN_CLIENT.to_vec()];
        self.alpn = Some(ALPN_CLIENT);
        self
    }

    /// The same, with the secrets of each handshake given to `key_log`; see
    /// [`Acceptor::with_key_log`](super::Acceptor::with_key_log).
    #[must_use]
    pub fn with_key_log(mut self, key_log: Option<Arc<dyn KeyLog>>) -> Self {
        if let Some(key_log) = key_log {
            Arc::make_mut(&mut self.config).key_log = key_log;
        }
        self
    }

    /// Towards a peer: TLS 1.3, ALPN `xmpp-peer`, showing `identity`. No server name is sent: a dial says
    /// nothing of whom it seeks.
    #[must_use]
    pub fn to_peer(identity: &Identity) -> Self {
        let provider = provider();
        let mut config = ClientConfig::builder_with_provider(Arc::clone(&provider))
            .with_protocol_versions(&[&TLS13])
            .expect("the provider has suites for TLS 1.3")
            .dangerous()
            .with_custom_certificate_verifier(PossessionOnly::new(provider))
            .with_client_cert_resolver(Arc::new(SingleCertAndKey::from(identity.certified())));
        harden(&mut config);
        config.enable_sni = false;
        config.alpn_protocols = vec![ALPN_PEER.to_vec()];
        Self {
            relation: Relation::Peers,
            name: ServerName::try_from("peer.invalid").expect("a valid DNS name"),
            identity: Some(identity.clone()),
            alpn: Some(ALPN_PEER),
            authorities: None,
            config: Arc::new(config),
        }
    }

    /// Whom it turns to.
    #[must_use]
    pub fn relation(&self) -> Relation {
        self.relation
    }

    /// What it shows; nothing to a server.
    #[must_use]
    pub fn identity(&self) -> Option<&Identity> {
        self.identity.as_ref()
    }

    /// The protocol that it offers.
    #[must_use]
    pub fn alpn(&self) -> Option<&'static [u8]> {
        self.alpn
    }

    /// Whether an authority vouches for `chain` (the leaf first), for the name asked for, at `now`.
    pub(super) fn vouched(&self, chain: &[CertificateDer<'_>], now: UnixTime) -> bool {
        let (Some(authorities), Some((leaf, rest))) = (&self.authorities, chain.split_first()) else {
            return false;
        };
        authorities.verify_server_cert(leaf, rest, &self.name, &[], now).is_ok()
    }

    pub(super) fn name(&self) -> &ServerName<'static> {
        &self.name
    }

    pub(super) fn config(&self) -> &Arc<ClientConfig> {
        &self.config
    }
}

/// Why a connector could not be made.
#[derive(Debug, thiserror::Error)]
pub enum ConnectorError {
    /// The domain is neither a DNS name nor an address.
    #[error("expected a DNS name or an address: {0}")]
    Name(#[from] InvalidDnsNameError),
    /// The authority's certificate cannot be read.
    #[error("expected an authority's certificate: {0}")]
    Authority(#[from] rustls::Error),
}

fn harden(config: &mut ClientConfig) {
    config.resumption = Resumption::disabled();
    config.enable_early_data = false;
    config.require_ems = true;
}
