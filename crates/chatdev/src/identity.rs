//! The certificate that is this device (PROTOCOL section 3: "The certificate is the device's identity").
//!
//! Self-signed, made once per account and device, valid without end as far as X.509 can say so (RFC 5280 §4.1.2.5: the year 9999).
//! Its SHA-256 over DER is what is announced and remembered; names and dates in it mean nothing. The private key lies in a
//! file of its own that only the owner can read. What this does *not* do: show it to anybody, or check other people's.

use std::path::Path;

use anyhow::{Context as _, Result};
use chatdev_net::tls::Identity;
use chatdevd::private_file;
use rcgen::{CertificateParams, DistinguishedName, DnType, KeyPair, PKCS_ECDSA_P256_SHA256, date_time_ymd};

/// Reads the identity at `path` (PEM: certificate, then key), or makes one and writes it there, mode 0600. The caller holds the
/// device's lock.
///
/// # Errors
/// The file cannot be read or written, or is not what was written: it is never replaced silently, because everyone who
/// remembers this device would be warned of a stranger.
pub(crate) fn load_or_make(path: &Path) -> Result<Identity> {
    match std::fs::read_to_string(path) {
        Ok(pem) => Identity::from_pem(&pem, &pem)
            .with_context(|| format!("{} should hold this device's certificate and key", path.display())),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => make(path),
        Err(error) => Err(error).with_context(|| format!("cannot read {}", path.display())),
    }
}

/// Makes an identity that nobody will remember, for a session that only asks.
pub(crate) fn make_passing() -> Result<Identity> {
    let pem = pem()?;
    Ok(Identity::from_pem(&pem, &pem)?)
}

fn make(path: &Path) -> Result<Identity> {
    private_file::write(path, pem()?.as_bytes())
        .with_context(|| format!("cannot write {}", path.display()))?;
    load_or_make(path)
}

/// A new certificate and its key.
fn pem() -> Result<String> {
    let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).context("cannot make a key")?;
    let mut parameters = CertificateParams::default();
    parameters.distinguished_name = DistinguishedName::new();
    parameters.distinguished_name.push(DnType::CommonName, "chatdev device");
    parameters.not_before = date_time_ymd(2000, 1, 1);
    parameters.not_after = date_time_ymd(9999, 12, 31);
    let certificate = parameters.self_signed(&key).context("cannot sign the device's certificate")?;
    Ok(certificate.pem() + &key.serialize_pem())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_identity_is_made_once_and_only_its_owner_can_read_it() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("main.pem");
        let first = load_or_make(&path).unwrap();
        let second = load_or_make(&path).unwrap();
        assert_eq!(first.fingerprint(), second.fingerprint());
        assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn a_damaged_identity_is_an_error_and_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("main.pem");
        std::fs::write(&path, "not a certificate").unwrap();
        assert!(load_or_make(&path).is_err());
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "not a certificate");
    }
}
