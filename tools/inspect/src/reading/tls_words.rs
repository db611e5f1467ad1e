//! What is told of TLS, in words.

use std::fmt::Write as _;

use crate::tls::Told;

/// A title and the rest; nothing for what is no event.
pub(super) fn words(told: &Told<'_>) -> Option<(&'static str, String)> {
    Some(match told {
        Told::ClientHello { server_name, alpn, versions, .. } => {
            ("client hello", hello(*server_name, alpn, versions))
        }
        Told::Agreed { version, suite, alpn, resumed, extended_master_secret } => {
            let mut words = format!("{version}, {suite}");
            if let Some(alpn) = alpn {
                let _ = write!(words, ", ALPN {alpn}");
            }
            if *resumed {
                words.push_str(", resumed");
            }
            if !extended_master_secret {
                words.push_str(", without extended master secret");
            }
            ("TLS", words)
        }
        Told::Certificate { sha256 } => {
            let mut words = String::from("SHA-256 ");
            for (n, octet) in sha256.iter().enumerate() {
                let _ = write!(words, "{}{octet:02X}", if n > 0 { ":" } else { "" });
            }
            ("certificate", words)
        }
        Told::Alert { fatal, name, .. } => {
            ("alert", format!("{name}{}", if *fatal { ", fatal" } else { "" }))
        }
        Told::Unreadable { why } => ("unreadable", why.to_string()),
        Told::Resumed { records_lost } => {
            let words = match records_lost {
                Some(lost) => format!("{lost} records are lost before this"),
                None => "nobody knows how many records are lost before this".to_owned(),
            };
            ("reading goes on", words)
        }
        Told::Plain(_) | Told::Sealed { .. } => return None,
    })
}

fn hello(server_name: Option<&str>, alpn: &[String], versions: &[crate::tls::Version]) -> String {
    let mut words = match server_name {
        Some(name) => format!("to {name}"),
        None => "to nobody by name".to_owned(),
    };
    for (n, version) in versions.iter().enumerate() {
        let _ = write!(words, "{}{version}", if n == 0 { ", offers " } else { ", " });
    }
    if !alpn.is_empty() {
        let _ = write!(words, ", ALPN {}", alpn.join(" "));
    }
    words
}
