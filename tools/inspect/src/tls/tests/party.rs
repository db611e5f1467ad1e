//! A client and a server of rustls, what goes between them, and the keys that they log.

use std::io::{Read, Write};
use std::ops::DerefMut;
use std::sync::{Arc, LazyLock, Mutex};

use rcgen::{CertificateParams, KeyPair};
use ring::digest;
use rustls::crypto::{CryptoProvider, SupportedKxGroup, ring as provider};
use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer, ServerName};
use rustls::server::{ProducesTickets, WebPkiClientVerifier};
use rustls::{
    ClientConfig, ClientConnection, ConnectionCommon, RootCertStore, ServerConfig, ServerConnection,
    SupportedCipherSuite, SupportedProtocolVersion,
};

use crate::model::Side;

/// Whoever shows a certificate here shows this one.
pub(super) struct Identity {
    certificate: CertificateDer<'static>,
    key: PrivatePkcs8KeyDer<'static>,
}

pub(super) static IDENTITY: LazyLock<Identity> = LazyLock::new(|| {
    let key = KeyPair::generate().unwrap();
    let certificate = CertificateParams::new(vec!["example.net".into()]).unwrap().self_signed(&key).unwrap();
    Identity { certificate: certificate.der().clone(), key: PrivatePkcs8KeyDer::from(key.serialize_der()) }
});

impl Identity {
    pub(super) fn fingerprint(&self) -> [u8; 32] {
        digest::digest(&digest::SHA256, &self.certificate).as_ref().try_into().unwrap()
    }

    fn roots(&self) -> Arc<RootCertStore> {
        let mut roots = RootCertStore::empty();
        roots.add(self.certificate.clone()).unwrap();
        Arc::new(roots)
    }
}

/// A key log in memory.
#[derive(Debug, Default)]
pub(super) struct Log(Mutex<String>);

impl rustls::KeyLog for Log {
    fn log(&self, label: &str, client_random: &[u8], secret: &[u8]) {
        use std::fmt::Write;
        let mut log = self.0.lock().unwrap();
        write!(log, "{label} ").unwrap();
        client_random.iter().for_each(|octet| write!(log, "{octet:02x}").unwrap());
        log.push(' ');
        secret.iter().for_each(|octet| write!(log, "{octet:02x}").unwrap());
        log.push('\n');
    }
}

impl Log {
    pub(super) fn text(&self) -> Vec<u8> {
        self.0.lock().unwrap().clone().into_bytes()
    }
}

/// What both are configured to do.
#[derive(Clone)]
pub(super) struct Circumstances {
    pub(super) versions: Vec<&'static SupportedProtocolVersion>,
    pub(super) suites: Vec<SupportedCipherSuite>,
    pub(super) client_groups: Vec<&'static dyn SupportedKxGroup>,
    pub(super) server_groups: Vec<&'static dyn SupportedKxGroup>,
    pub(super) alpn: Vec<Vec<u8>>,
    pub(super) client_shows_certificate: bool,
    pub(super) ticketer: Option<Arc<dyn ProducesTickets>>,
    pub(super) early_octets_max: u32,
}

impl Default for Circumstances {
    fn default() -> Self {
        Self {
            versions: rustls::ALL_VERSIONS.to_vec(),
            suites: provider::ALL_CIPHER_SUITES.to_vec(),
            client_groups: provider::ALL_KX_GROUPS.to_vec(),
            server_groups: provider::ALL_KX_GROUPS.to_vec(),
            alpn: vec![b"xmpp-client".to_vec()],
            client_shows_certificate: false,
            ticketer: None,
            early_octets_max: 0,
        }
    }
}

impl Circumstances {
    /// TLS 1.2 alone.
    pub(super) fn tls12() -> Self {
        Self { versions: vec![&rustls::version::TLS12], ..Self::default() }
    }

    fn provider(&self, groups: &[&'static dyn SupportedKxGroup]) -> Arc<CryptoProvider> {
        Arc::new(CryptoProvider {
            cipher_suites: self.suites.clone(),
            kx_groups: groups.to_vec(),
            ..provider::default_provider()
        })
    }

    pub(super) fn client(&self, log: &Arc<Log>) -> Arc<ClientConfig> {
        let builder = ClientConfig::builder_with_provider(self.provider(&self.client_groups))
            .with_protocol_versions(&self.versions)
            .unwrap()
            .with_root_certificates(IDENTITY.roots());
        let mut config = if self.client_shows_certificate {
            builder
                .with_client_auth_cert(vec![IDENTITY.certificate.clone()], IDENTITY.key.clone_key().into())
                .unwrap()
        } else {
            builder.with_no_client_auth()
        };
        config.alpn_protocols = self.alpn.clone();
        config.enable_early_data = self.early_octets_max > 0;
        config.key_log = Arc::clone(log) as _;
        Arc::new(config)
    }

    pub(super) fn server(&self, log: &Arc<Log>) -> Arc<ServerConfig> {
        let provider = self.provider(&self.server_groups);
        let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
            .with_protocol_versions(&self.versions)
            .unwrap();
        let builder = if self.client_shows_certificate {
            let verifier =
                WebPkiClientVerifier::builder_with_provider(IDENTITY.roots(), provider).build().unwrap();
            builder.with_client_cert_verifier(verifier)
        } else {
            builder.with_no_client_auth()
        };
        let mut config = builder
            .with_single_cert(vec![IDENTITY.certificate.clone()], IDENTITY.key.clone_key().into())
            .unwrap();
        config.alpn_protocols = self.alpn.clone();
        config.max_early_data_size = self.early_octets_max;
        config.key_log = Arc::clone(log) as _;
        if let Some(ticketer) = &self.ticketer {
            config.ticketer = Arc::clone(ticketer);
        }
        Arc::new(config)
    }
}

/// A connection, and what went over it.
pub(super) struct Connection {
    pub(super) client: ClientConnection,
    pub(super) server: ServerConnection,
    /// What was sent, in order; every piece is what one side wrote at once.
    pub(super) wire: Vec<(Side, Vec<u8>)>,
    /// What they said, by [`Side::index`].
    pub(super) said: [Vec<u8>; 2],
    pub(super) log: Arc<Log>,
}

impl Connection {
    /// Before the first octet.
    pub(super) fn between(client: &Arc<ClientConfig>, server: &Arc<ServerConfig>, log: &Arc<Log>) -> Self {
        Self {
            client: ClientConnection::new(Arc::clone(client), ServerName::try_from("example.net").unwrap())
                .unwrap(),
            server: ServerConnection::new(Arc::clone(server)).unwrap(),
            wire: Vec::new(),
            said: [Vec::new(), Vec::new()],
            log: Arc::clone(log),
        }
    }

    /// After the handshake.
    pub(super) fn under(circumstances: &Circumstances) -> Self {
        let log = Arc::default();
        let mut connection = Self::between(&circumstances.client(&log), &circumstances.server(&log), &log);
        connection.settle();
        connection
    }

    /// After the handshake, once both have said something.
    pub(super) fn with_words(circumstances: &Circumstances) -> Self {
        let mut connection = Self::under(circumstances);
        connection.say(Side::Dialler, b"<message to='bob'/>");
        connection.say(Side::Answerer, b"<message to='alice'/>");
        connection
    }

    /// One side says this, in one record if it is small.
    pub(super) fn say(&mut self, side: Side, words: &[u8]) {
        match side {
            Side::Dialler => self.client.writer().write_all(words).unwrap(),
            Side::Answerer => self.server.writer().write_all(words).unwrap(),
        }
        self.said[side.index()].extend_from_slice(words);
        self.settle();
    }

    /// One side changes its key, and asks the other to.
    pub(super) fn update_key(&mut self, side: Side) {
        match side {
            Side::Dialler => self.client.refresh_traffic_keys().unwrap(),
            Side::Answerer => self.server.refresh_traffic_keys().unwrap(),
        }
        self.settle();
    }

    /// Both say that they will say no more.
    pub(super) fn close(&mut self) {
        self.client.send_close_notify();
        self.server.send_close_notify();
        self.settle();
    }

    /// Carries octets until both are silent.
    pub(super) fn settle(&mut self) {
        loop {
            let mut sent = Vec::new();
            while self.client.wants_write() {
                self.client.write_tls(&mut sent).unwrap();
            }
            deliver(&mut self.server, &sent);
            let mut answer = Vec::new();
            while self.server.wants_write() {
                self.server.write_tls(&mut answer).unwrap();
            }
            let is_silent = sent.is_empty() && answer.is_empty();
            for (side, octets) in [(Side::Dialler, sent), (Side::Answerer, answer.clone())] {
                if !octets.is_empty() {
                    self.wire.push((side, octets));
                }
            }
            deliver(&mut self.client, &answer);
            if is_silent {
                return;
            }
        }
    }
}

/// Gives octets to a party; what it reads is thrown away, so that its buffers do not fill.
fn deliver<D>(party: &mut impl DerefMut<Target = ConnectionCommon<D>>, mut octets: &[u8]) {
    while !octets.is_empty() {
        party.read_tls(&mut octets).unwrap();
        party.process_new_packets().unwrap();
        let _ = party.reader().read_to_end(&mut Vec::new());
    }
}
