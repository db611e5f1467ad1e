//! What is read of handshake messages: RFC 8446 §4.1–4.4, RFC 5246 §7.4, and the extensions that say something to a bystander.

use super::presentation::Presented;
use super::{Suite, Version};

/// ALPN names and versions that are kept of a ClientHello.
const KEPT_MAX: usize = 16;

const SERVER_NAME: u16 = 0;
const ALPN: u16 = 16;
const EXTENDED_MASTER_SECRET: u16 = 23;
const PRE_SHARED_KEY: u16 = 41;
const EARLY_DATA: u16 = 42;
const SUPPORTED_VERSIONS: u16 = 43;

/// The random of a ServerHello that is a HelloRetryRequest (RFC 8446 §4.1.3).
const RETRY: [u8; 32] = [
    0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c, 0x02, 0x1e, 0x65, 0xb8, 0x91, 0xc2,
    0xa2, 0x11, 0x16, 0x7a, 0xbb, 0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c,
];

/// RFC 8446 §4.1.2.
#[derive(Debug)]
pub(super) struct ClientHello {
    pub(super) random: [u8; 32],
    pub(super) session_id: Vec<u8>,
    pub(super) server_name: Option<String>,
    pub(super) alpn: Vec<String>,
    pub(super) versions: Vec<Version>,
    pub(super) early_data: bool,
}

impl ClientHello {
    pub(super) fn read(body: &[u8]) -> Option<Self> {
        let mut body = Presented(body);
        let version = Version(body.u16()?);
        let random = body.array()?;
        let session_id = body.vector8()?.0.to_vec();
        let _suites = body.vector16()?;
        let _compressions = body.vector8()?;
        let mut hello = Self {
            random,
            session_id,
            server_name: None,
            alpn: Vec::new(),
            versions: vec![version],
            early_data: false,
        };
        extensions(body, |kind, content| hello.extension(kind, content))?;
        Some(hello)
    }

    fn extension(&mut self, kind: u16, mut content: Presented<'_>) -> Option<()> {
        match kind {
            SERVER_NAME => {
                let mut names = content.vector16()?;
                // RFC 6066 §3: of each type one; only host names (0) exist.
                if !names.is_empty() && names.u8()? == 0 {
                    self.server_name = Some(shown(names.vector16()?.0));
                }
            }
            ALPN => self.alpn = protocols(content)?,
            SUPPORTED_VERSIONS => {
                let versions = content.vector8()?;
                let (versions, _) = versions.0.as_chunks::<2>();
                self.versions = versions
                    .iter()
                    .map(|version| Version(u16::from_be_bytes(*version)))
                    .filter(|version| !version.is_grease())
                    .take(KEPT_MAX)
                    .collect();
            }
            EARLY_DATA => self.early_data = true,
            _ => {}
        }
        Some(())
    }
}

/// RFC 8446 §4.1.3.
#[derive(Debug)]
pub(super) struct ServerHello {
    pub(super) random: [u8; 32],
    pub(super) version: Version,
    pub(super) session_id: Vec<u8>,
    pub(super) suite: Suite,
    pub(super) compressed: bool,
    pub(super) alpn: Option<String>,
    pub(super) extended_master_secret: bool,
    pub(super) psk: bool,
}

impl ServerHello {
    pub(super) fn read(body: &[u8]) -> Option<Self> {
        let mut body = Presented(body);
        let version = Version(body.u16()?);
        let mut hello = Self {
            version,
            random: body.array()?,
            session_id: body.vector8()?.0.to_vec(),
            suite: Suite(body.u16()?),
            compressed: body.u8()? != 0,
            alpn: None,
            extended_master_secret: false,
            psk: false,
        };
        extensions(body, |kind, mut content| {
            match kind {
                SUPPORTED_VERSIONS => hello.version = Version(content.u16()?),
                ALPN => hello.alpn = protocols(content)?.pop(),
                EXTENDED_MASTER_SECRET => hello.extended_master_secret = true,
                PRE_SHARED_KEY => hello.psk = true,
                _ => {}
            }
            Some(())
        })?;
        Some(hello)
    }

    /// Whether it asks for another ClientHello.
    pub(super) fn is_retry(&self) -> bool {
        self.random == RETRY
    }
}

/// RFC 8446 §4.3.1.
#[derive(Debug, Default)]
pub(super) struct EncryptedExtensions {
    pub(super) alpn: Option<String>,
    pub(super) early_data: bool,
}

impl EncryptedExtensions {
    pub(super) fn read(body: &[u8]) -> Option<Self> {
        let mut read = Self::default();
        extensions(Presented(body), |kind, content| {
            match kind {
                ALPN => read.alpn = protocols(content)?.pop(),
                EARLY_DATA => read.early_data = true,
                _ => {}
            }
            Some(())
        })?;
        Some(read)
    }
}

/// The DER of the first certificate; `None` if there is none. `with_context`: as TLS 1.3 has it (RFC 8446 §4.4.2, RFC 5246 §7.4.2).
pub(super) fn leaf(body: &[u8], with_context: bool) -> Option<&[u8]> {
    let mut body = Presented(body);
    if with_context {
        body.vector8()?;
    }
    Some(body.vector24()?.vector24()?.0)
}

/// Gives each extension; there may be no list of them at all (TLS 1.2). `None` if it is malformed.
fn extensions<'a>(
    mut body: Presented<'a>,
    mut each: impl FnMut(u16, Presented<'a>) -> Option<()>,
) -> Option<()> {
    if body.is_empty() {
        return Some(());
    }
    let mut list = body.vector16()?;
    while !list.is_empty() {
        let kind = list.u16()?;
        each(kind, list.vector16()?)?;
    }
    Some(())
}

/// The names of an ALPN extension (RFC 7301 §3.1).
fn protocols(mut content: Presented<'_>) -> Option<Vec<String>> {
    let mut list = content.vector16()?;
    let mut names = Vec::new();
    while !list.is_empty() && names.len() < KEPT_MAX {
        names.push(shown(list.vector8()?.0));
    }
    Some(names)
}

/// A name from the wire as it may be put before a person.
fn shown(octets: &[u8]) -> String {
    octets.escape_ascii().to_string()
}
