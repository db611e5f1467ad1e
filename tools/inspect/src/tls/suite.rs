//! Cipher suites: their names, and for those that can be read, their AEAD and hash.
//!
//! How the key is agreed on (RSA, DHE, ECDHE, PSK) does not matter to a bystander: the log has what came of it.

use std::fmt;

use ring::{aead, hmac};

/// A cipher suite by its number on the wire. `Display` gives its IANA name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Suite(pub u16);

impl Suite {
    /// Its IANA name, where it is one that is known here.
    #[must_use]
    pub fn name(self) -> Option<&'static str> {
        READABLE
            .iter()
            .find(|(number, ..)| *number == self.0)
            .map(|(_, name, ..)| *name)
            .or_else(|| UNREADABLE.iter().find(|(number, _)| *number == self.0).map(|(_, name)| *name))
    }

    /// Whether records of it can be opened, given the keys.
    #[must_use]
    pub fn is_readable(self) -> bool {
        self.primitives().is_some()
    }

    pub(super) fn primitives(self) -> Option<Primitives> {
        let (.., cipher) = READABLE.iter().find(|(number, ..)| *number == self.0)?;
        Some(match cipher {
            Cipher::Aes128Gcm => Primitives { aead: &aead::AES_128_GCM, hash: hmac::HMAC_SHA256 },
            Cipher::Aes256Gcm => Primitives { aead: &aead::AES_256_GCM, hash: hmac::HMAC_SHA384 },
            Cipher::ChaCha20 => Primitives { aead: &aead::CHACHA20_POLY1305, hash: hmac::HMAC_SHA256 },
        })
    }
}

impl fmt::Display for Suite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => f.write_str(name),
            None => write!(f, "cipher suite 0x{:04x}", self.0),
        }
    }
}

/// What a suite computes with.
#[derive(Clone, Copy)]
pub(super) struct Primitives {
    pub(super) aead: &'static aead::Algorithm,
    pub(super) hash: hmac::Algorithm,
}

impl Primitives {
    pub(super) fn is_chacha(self) -> bool {
        *self.aead == aead::CHACHA20_POLY1305
    }

    pub(super) fn hash_octets(self) -> usize {
        self.hash.digest_algorithm().output_len()
    }
}

/// In all suites of these AEADs the hash follows from the key's length.
enum Cipher {
    Aes128Gcm,
    Aes256Gcm,
    ChaCha20,
}

#[rustfmt::skip]
const READABLE: &[(u16, &str, Cipher)] = &[
    (0x1301, "TLS_AES_128_GCM_SHA256", Cipher::Aes128Gcm),
    (0x1302, "TLS_AES_256_GCM_SHA384", Cipher::Aes256Gcm),
    (0x1303, "TLS_CHACHA20_POLY1305_SHA256", Cipher::ChaCha20),
    (0xc02b, "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", Cipher::Aes128Gcm),
    (0xc02c, "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384", Cipher::Aes256Gcm),
    (0xc02f, "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", Cipher::Aes128Gcm),
    (0xc030, "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384", Cipher::Aes256Gcm),
    (0xcca8, "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256", Cipher::ChaCha20),
    (0xcca9, "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256", Cipher::ChaCha20),
    (0xccaa, "TLS_DHE_RSA_WITH_CHACHA20_POLY1305_SHA256", Cipher::ChaCha20),
    (0xccab, "TLS_PSK_WITH_CHACHA20_POLY1305_SHA256", Cipher::ChaCha20),
    (0xccac, "TLS_ECDHE_PSK_WITH_CHACHA20_POLY1305_SHA256", Cipher::ChaCha20),
    (0xccad, "TLS_DHE_PSK_WITH_CHACHA20_POLY1305_SHA256", Cipher::ChaCha20),
    (0xccae, "TLS_RSA_PSK_WITH_CHACHA20_POLY1305_SHA256", Cipher::ChaCha20),
    (0x009c, "TLS_RSA_WITH_AES_128_GCM_SHA256", Cipher::Aes128Gcm),
    (0x009d, "TLS_RSA_WITH_AES_256_GCM_SHA384", Cipher::Aes256Gcm),
    (0x009e, "TLS_DHE_RSA_WITH_AES_128_GCM_SHA256", Cipher::Aes128Gcm),
    (0x009f, "TLS_DHE_RSA_WITH_AES_256_GCM_SHA384", Cipher::Aes256Gcm),
    (0x00a2, "TLS_DHE_DSS_WITH_AES_128_GCM_SHA256", Cipher::Aes128Gcm),
    (0x00a3, "TLS_DHE_DSS_WITH_AES_256_GCM_SHA384", Cipher::Aes256Gcm),
    (0x00a6, "TLS_DH_anon_WITH_AES_128_GCM_SHA256", Cipher::Aes128Gcm),
    (0x00a7, "TLS_DH_anon_WITH_AES_256_GCM_SHA384", Cipher::Aes256Gcm),
    (0x00a8, "TLS_PSK_WITH_AES_128_GCM_SHA256", Cipher::Aes128Gcm),
    (0x00a9, "TLS_PSK_WITH_AES_256_GCM_SHA384", Cipher::Aes256Gcm),
    (0x00aa, "TLS_DHE_PSK_WITH_AES_128_GCM_SHA256", Cipher::Aes128Gcm),
    (0x00ab, "TLS_DHE_PSK_WITH_AES_256_GCM_SHA384", Cipher::Aes256Gcm),
    (0x00ac, "TLS_RSA_PSK_WITH_AES_128_GCM_SHA256", Cipher::Aes128Gcm),
    (0x00ad, "TLS_RSA_PSK_WITH_AES_256_GCM_SHA384", Cipher::Aes256Gcm),
    (0xc02d, "TLS_ECDH_ECDSA_WITH_AES_128_GCM_SHA256", Cipher::Aes128Gcm),
    (0xc02e, "TLS_ECDH_ECDSA_WITH_AES_256_GCM_SHA384", Cipher::Aes256Gcm),
    (0xc031, "TLS_ECDH_RSA_WITH_AES_128_GCM_SHA256", Cipher::Aes128Gcm),
    (0xc032, "TLS_ECDH_RSA_WITH_AES_256_GCM_SHA384", Cipher::Aes256Gcm),
    (0xd001, "TLS_ECDHE_PSK_WITH_AES_128_GCM_SHA256", Cipher::Aes128Gcm),
    (0xd002, "TLS_ECDHE_PSK_WITH_AES_256_GCM_SHA384", Cipher::Aes256Gcm),
];

/// Those that XMPP software in use may still agree on, so that a person reads a name and not a number.
#[rustfmt::skip]
const UNREADABLE: &[(u16, &str)] = &[
    (0x1304, "TLS_AES_128_CCM_SHA256"),
    (0x1305, "TLS_AES_128_CCM_8_SHA256"),
    (0x0004, "TLS_RSA_WITH_RC4_128_MD5"),
    (0x0005, "TLS_RSA_WITH_RC4_128_SHA"),
    (0x000a, "TLS_RSA_WITH_3DES_EDE_CBC_SHA"),
    (0x0016, "TLS_DHE_RSA_WITH_3DES_EDE_CBC_SHA"),
    (0x002f, "TLS_RSA_WITH_AES_128_CBC_SHA"),
    (0x0032, "TLS_DHE_DSS_WITH_AES_128_CBC_SHA"),
    (0x0033, "TLS_DHE_RSA_WITH_AES_128_CBC_SHA"),
    (0x0035, "TLS_RSA_WITH_AES_256_CBC_SHA"),
    (0x0038, "TLS_DHE_DSS_WITH_AES_256_CBC_SHA"),
    (0x0039, "TLS_DHE_RSA_WITH_AES_256_CBC_SHA"),
    (0x003c, "TLS_RSA_WITH_AES_128_CBC_SHA256"),
    (0x003d, "TLS_RSA_WITH_AES_256_CBC_SHA256"),
    (0x0041, "TLS_RSA_WITH_CAMELLIA_128_CBC_SHA"),
    (0x0045, "TLS_DHE_RSA_WITH_CAMELLIA_128_CBC_SHA"),
    (0x0067, "TLS_DHE_RSA_WITH_AES_128_CBC_SHA256"),
    (0x006b, "TLS_DHE_RSA_WITH_AES_256_CBC_SHA256"),
    (0x0084, "TLS_RSA_WITH_CAMELLIA_256_CBC_SHA"),
    (0x0088, "TLS_DHE_RSA_WITH_CAMELLIA_256_CBC_SHA"),
    (0xc007, "TLS_ECDHE_ECDSA_WITH_RC4_128_SHA"),
    (0xc008, "TLS_ECDHE_ECDSA_WITH_3DES_EDE_CBC_SHA"),
    (0xc009, "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA"),
    (0xc00a, "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA"),
    (0xc011, "TLS_ECDHE_RSA_WITH_RC4_128_SHA"),
    (0xc012, "TLS_ECDHE_RSA_WITH_3DES_EDE_CBC_SHA"),
    (0xc013, "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA"),
    (0xc014, "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA"),
    (0xc023, "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256"),
    (0xc024, "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA384"),
    (0xc027, "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256"),
    (0xc028, "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384"),
    (0xc050, "TLS_RSA_WITH_ARIA_128_GCM_SHA256"),
    (0xc051, "TLS_RSA_WITH_ARIA_256_GCM_SHA384"),
    (0xc052, "TLS_DHE_RSA_WITH_ARIA_128_GCM_SHA256"),
    (0xc053, "TLS_DHE_RSA_WITH_ARIA_256_GCM_SHA384"),
    (0xc05c, "TLS_ECDHE_ECDSA_WITH_ARIA_128_GCM_SHA256"),
    (0xc05d, "TLS_ECDHE_ECDSA_WITH_ARIA_256_GCM_SHA384"),
    (0xc060, "TLS_ECDHE_RSA_WITH_ARIA_128_GCM_SHA256"),
    (0xc061, "TLS_ECDHE_RSA_WITH_ARIA_256_GCM_SHA384"),
    (0xc072, "TLS_ECDHE_ECDSA_WITH_CAMELLIA_128_CBC_SHA256"),
    (0xc073, "TLS_ECDHE_ECDSA_WITH_CAMELLIA_256_CBC_SHA384"),
    (0xc076, "TLS_ECDHE_RSA_WITH_CAMELLIA_128_CBC_SHA256"),
    (0xc077, "TLS_ECDHE_RSA_WITH_CAMELLIA_256_CBC_SHA384"),
    (0xc09c, "TLS_RSA_WITH_AES_128_CCM"),
    (0xc09d, "TLS_RSA_WITH_AES_256_CCM"),
    (0xc09e, "TLS_DHE_RSA_WITH_AES_128_CCM"),
    (0xc09f, "TLS_DHE_RSA_WITH_AES_256_CCM"),
    (0xc0a0, "TLS_RSA_WITH_AES_128_CCM_8"),
    (0xc0a1, "TLS_RSA_WITH_AES_256_CCM_8"),
    (0xc0a2, "TLS_DHE_RSA_WITH_AES_128_CCM_8"),
    (0xc0a3, "TLS_DHE_RSA_WITH_AES_256_CCM_8"),
    (0xc0ac, "TLS_ECDHE_ECDSA_WITH_AES_128_CCM"),
    (0xc0ad, "TLS_ECDHE_ECDSA_WITH_AES_256_CCM"),
    (0xc0ae, "TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8"),
    (0xc0af, "TLS_ECDHE_ECDSA_WITH_AES_256_CCM_8"),
];
