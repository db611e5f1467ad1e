//! The certificate that the server shows: the operator's from PEM files, or one of its own, made at its first start.
//!
//! The own one is a self-signed leaf (no authority: whoever trusts it trusts this server, and nobody that it might
//! sign for), with an ECDSA P-256 key, valid without end (RFC 5280 §4.1.2.5), as people compare and remember its
//! fingerprint, not its dates. It is made once; another domain later does not change it, as that would alarm
//! everybody who remembers it. It does *not* do ACME: the operator's tools write files, and SIGHUP reads them again.

use std::net::{IpAddr, SocketAddr};
use std::path::Path;

use anyhow::{Context as _, anyhow};
use chatdev_net::tls::{Identity, IdentityError};
use rcgen::{
    CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair, KeyUsagePurpose,
    SanType,
};

use crate::config::Config;
use crate::data_folder::DataFolder;
use crate::private_file;

/// The certificate that `config` asks for. Makes the server's own if that is wanted and there is none in `folder`.
///
/// # Errors
/// Files that cannot be read or written, or do not hold a certificate and its key.
pub fn identity(config: &Config, folder: &DataFolder) -> anyhow::Result<Identity> {
    if let (Some(certificate), Some(key)) = (&config.tls.certificate, &config.tls.key) {
        return load(certificate, key);
    }
    let path = folder.certificate();
    if !path.exists() {
        let pem = make(&config.domain, &config.listen)?;
        private_file::write(&path, pem.as_bytes())
            .with_context(|| format!("cannot write the new certificate {}", path.display()))?;
        tracing::info!(file = %path.display(), "made a certificate");
    }
    load(&path, &path)
}

/// Reads a chain, the server's own certificate first, and its key.
fn load(certificate: &Path, key: &Path) -> anyhow::Result<Identity> {
    let read = |path: &Path| {
        std::fs::read_to_string(path).with_context(|| format!("cannot read {} as a PEM file", path.display()))
    };
    Identity::from_pem(&read(certificate)?, &read(key)?).map_err(|error| match error {
        IdentityError::Pem { expected: "a private key", .. } => anyhow!("{}: {error}", key.display()),
        IdentityError::Pem { .. } | IdentityError::NoCertificate => {
            anyhow!("{}: {error}", certificate.display())
        }
        IdentityError::Unusable(_) => anyhow!("{} and {}: {error}", certificate.display(), key.display()),
    })
}

/// Makes a certificate and its key, in one PEM text: there is never one without the other.
fn make(domain: &str, listen: &[SocketAddr]) -> anyhow::Result<String> {
    let mut names = vec![domain.to_owned()];
    if listen.iter().any(|address| address.ip().is_loopback()) {
        names.push("localhost".to_owned());
    }
    names.dedup();
    let mut params = CertificateParams::new(names)
        .with_context(|| format!("no certificate can be made for {domain:?}"))?;
    let mut addresses: Vec<IpAddr> =
        listen.iter().map(SocketAddr::ip).filter(|ip| !ip.is_unspecified()).collect();
    addresses.sort_unstable();
    addresses.dedup();
    for address in addresses {
        let name = SanType::IpAddress(address);
        if !params.subject_alt_names.contains(&name) {
            params.subject_alt_names.push(name);
        }
    }
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, domain);
    params.is_ca = IsCa::ExplicitNoCa;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params.not_after = rcgen::date_time_ymd(9999, 12, 31);
    let key = KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256)?;
    let certificate = params.self_signed(&key)?;
    Ok(certificate.pem() + &key.serialize_pem())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    fn folder() -> (tempfile::TempDir, DataFolder) {
        let temporary = tempfile::tempdir().unwrap();
        let folder = DataFolder::open(temporary.path()).unwrap();
        (temporary, folder)
    }

    #[test]
    fn the_own_certificate_is_made_once_and_kept() {
        let (_temporary, folder) = folder();
        let first = identity(&Config::default(), &folder).unwrap();
        let other_domain = Config { domain: "example.net".to_owned(), ..Config::default() };
        let second = identity(&other_domain, &folder).unwrap();
        assert_eq!(first.fingerprint(), second.fingerprint());
        let mode = folder.certificate().metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn what_a_crash_left_half_written_is_not_taken_for_a_certificate() {
        let (_temporary, folder) = folder();
        std::fs::write(folder.certificate().with_extension("partial"), "-----BEGIN CERT").unwrap();
        identity(&Config::default(), &folder).unwrap();
        assert!(!folder.certificate().with_extension("partial").exists());
    }

    #[test]
    fn it_is_a_leaf_that_names_the_domain_and_on_loopback_this_machine() {
        let listen = ["127.0.0.1:5222", "[::1]:5222", "0.0.0.0:5222", "127.0.0.1:5223"]
            .map(|text| text.parse().unwrap());
        let pem = make("example.net", &listen).unwrap();
        let identity = Identity::from_pem(&pem, &pem).unwrap();
        let der = identity.certificate();
        let holds = |part: &[u8]| der.windows(part.len()).filter(|window| *window == part).count();
        // Once as the common name, once as a name; context tags 2 (DNS name) and 7 (address) of RFC 5280 §4.2.1.6.
        assert_eq!(holds(b"\x82\x0bexample.net"), 1);
        assert_eq!(holds(b"\x82\x09localhost"), 1);
        assert_eq!(holds(&[0x87, 4, 127, 0, 0, 1]), 1);
        assert_eq!(holds(&[0x87, 16, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]), 1);
        assert_eq!(holds(&[0x87, 4, 0, 0, 0, 0]), 0);
        assert_eq!(holds(b"99991231"), 1);
        // Basic constraints (2.5.29.19), critical, an empty sequence: no authority (§4.2.1.9).
        assert_eq!(holds(&[0x55, 0x1d, 0x13, 0x01, 0x01, 0xff, 0x04, 0x02, 0x30, 0x00]), 1);
    }

    #[test]
    fn the_operators_files_are_taken_and_their_faults_named() {
        let (temporary, folder) = folder();
        let (certificate, key, other) = (
            temporary.path().join("cert.pem"),
            temporary.path().join("key.pem"),
            temporary.path().join("other.pem"),
        );
        let pair = rcgen::generate_simple_self_signed(["example.net".to_owned()]).unwrap();
        std::fs::write(&certificate, pair.cert.pem()).unwrap();
        std::fs::write(&key, pair.signing_key.serialize_pem()).unwrap();
        std::fs::write(&other, KeyPair::generate().unwrap().serialize_pem()).unwrap();
        let with = |certificate: &Path, key: &Path| {
            let mut config = Config::default();
            config.tls.certificate = Some(certificate.to_owned());
            config.tls.key = Some(key.to_owned());
            identity(&config, &folder).map_err(|error| format!("{error:#}"))
        };
        assert_eq!(with(&certificate, &key).unwrap().certificate(), &pair.cert.der()[..]);
        assert!(!folder.certificate().exists(), "no own certificate is made beside the operator's");
        assert!(with(&certificate, &other).unwrap_err().contains("cannot be used together"));
        assert!(with(&key, &key).unwrap_err().contains("found none"));
        assert!(with(&certificate, &certificate).unwrap_err().contains("expected a private key"));
        assert!(with(&temporary.path().join("missing"), &key).unwrap_err().contains("cannot read"));
    }
}
