//! The command line: one definition that the parser, `--help` and the environment variables come from.
//!
//! What it does *not* do: read files, ask for passwords, or decide defaults that depend on the machine; see `account.rs`.

use std::net::SocketAddr;
use std::path::PathBuf;

use chatdev_directory::Fingerprint;
use clap::{Args, Parser, Subcommand};
use jid::BareJid;

/// Chat that goes from peer to peer, over XMPP.
#[derive(Debug, Parser)]
#[command(name = "chatdev", version, about, disable_help_subcommand = true, max_term_width = 100)]
pub struct Cli {
    /// What every command takes.
    #[command(flatten)]
    pub options: Options,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What every command takes.
#[derive(Debug, Clone, Default, Args)]
pub struct Options {
    /// Folder for accounts, keys and remembered fingerprints [default: `chatdev` in the XDG data folder]
    #[arg(long, global = true, value_name = "DIR", env = "CHATDEV_DATA")]
    pub data: Option<PathBuf>,
    /// Account to use [default: the one that signed in last]
    #[arg(long, global = true, value_name = "JID", env = "CHATDEV_ACCOUNT")]
    pub account: Option<BareJid>,
    /// Where the server is [default: the domain of the account, port 5222]
    #[arg(long, global = true, value_name = "HOST:PORT", env = "CHATDEV_SERVER")]
    pub server: Option<HostPort>,
    /// File whose first line is the password [default: $CHATDEV_PASSWORD, a remembered one, or asked for]
    #[arg(long, global = true, value_name = "FILE")]
    pub password_file: Option<PathBuf>,
    /// This device's name; each has its own key and resource
    #[arg(long, global = true, value_name = "NAME", default_value = "main", value_parser = device_name)]
    pub device: String,
    /// Nick that others see [default: the first part of the JID]
    #[arg(long, global = true, value_name = "NICK")]
    pub nick: Option<String>,
    /// SHA-256 fingerprint of the server's certificate to accept without asking
    #[arg(long, global = true, value_name = "FINGERPRINT")]
    pub trust: Option<Fingerprint>,
    /// Address that peers connect to [default: this machine's address towards the server, any free port]
    #[arg(long, global = true, value_name = "ADDRESS:PORT")]
    pub listen: Option<SocketAddr>,
    /// Further address to announce to peers, such as a forwarded port; may be repeated
    #[arg(long = "endpoint", global = true, value_name = "ADDRESS:PORT")]
    pub endpoints: Vec<SocketAddr>,
    /// Append the secrets of every TLS connection to this file, for packet inspectors: with it, all can be read
    #[arg(long, global = true, value_name = "FILE", env = "CHATDEV_KEY_LOG")]
    pub key_log: Option<PathBuf>,
}

/// What to do.
#[derive(Debug, Clone, Subcommand)]
pub enum Command {
    /// Make an account on a server that lets people in
    Register {
        /// The address to register, such as alice@example.net
        jid: BareJid,
        /// Keep the password, readable by you alone
        #[arg(long)]
        remember: bool,
    },
    /// Sign in and chat
    Login {
        /// The address to sign in as [default: the one that signed in last]
        jid: Option<BareJid>,
        /// Keep the password, readable by you alone
        #[arg(long)]
        remember: bool,
    },
    /// Show who is online, without going online oneself
    Who {
        /// One JSON object per line
        #[arg(long)]
        json: bool,
    },
    /// Send one message; succeeds once it was acknowledged
    Send {
        /// Whom to: an address, with or without a resource
        to: jid::Jid,
        /// What to say
        text: String,
        /// Allow clear text through the server to somebody who is known to have a key
        #[arg(long)]
        clear_text: bool,
    },
    /// Stay online and print what happens, until interrupted
    Listen {
        /// One JSON object per line
        #[arg(long)]
        json: bool,
    },
    /// Stay online, take commands as JSON lines on stdin and print events as JSON lines: for bots
    Pipe,
    /// Show or change whose keys are trusted
    Trust {
        /// What to do with them.
        #[command(subcommand)]
        command: Option<TrustCommand>,
    },
    /// Watch two people sign in, talk directly, and one of them being reaped
    Demo,
    /// The demo's server
    #[command(hide = true)]
    DemoServer,
}

/// What to do with remembered keys.
#[derive(Debug, Clone, Subcommand)]
pub enum TrustCommand {
    /// List remembered servers and people
    List,
    /// Accept a key of somebody
    Accept {
        /// Whose key it is
        jid: BareJid,
        /// The key's fingerprint
        fingerprint: Fingerprint,
    },
    /// No longer accept a key of somebody
    Refuse {
        /// Whose key it is
        jid: BareJid,
        /// The key's fingerprint
        fingerprint: Fingerprint,
    },
    /// Forget the certificate of a server, so that its next one is shown for confirmation
    ForgetServer {
        /// The server's domain
        domain: String,
    },
}

/// A host name or address, and a port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostPort {
    /// Name, IPv4 address, or IPv6 address without brackets.
    pub host: String,
    /// TCP port.
    pub port: u16,
}

impl std::str::FromStr for HostPort {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let expected =
            || format!("expected HOST:PORT, such as chat.example:5222 or [::1]:5222; found \"{text}\"");
        let (host, port) = text.rsplit_once(':').ok_or_else(expected)?;
        let port = port.parse().map_err(|_| expected())?;
        let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
        if bare.is_empty() || (bare.contains(':') && bare == host) {
            return Err(expected());
        }
        Ok(Self { host: bare.to_owned(), port })
    }
}

impl std::fmt::Display for HostPort {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.host.contains(':') {
            write!(f, "[{}]:{}", self.host, self.port)
        } else {
            write!(f, "{}:{}", self.host, self.port)
        }
    }
}

/// A device's name becomes part of a resource and of a file name.
fn device_name(text: &str) -> Result<String, String> {
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    if (1..=32).contains(&text.len()) && text.chars().all(fits) {
        Ok(text.to_owned())
    } else {
        Err("expected 1 to 32 letters, digits, - or _".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_definition_holds_together() {
        Cli::command().debug_assert();
    }

    #[test]
    fn a_server_is_a_host_and_a_port() {
        let parsed = |text: &str| text.parse::<HostPort>().map(|server| (server.host, server.port));
        assert_eq!(parsed("chat.example:5222"), Ok(("chat.example".into(), 5222)));
        assert_eq!(parsed("[::1]:5222"), Ok(("::1".into(), 5222)));
        for wrong in ["chat.example", "::1:5222", ":5222", "chat.example:port", "chat.example:70000"] {
            assert!(parsed(wrong).is_err_and(|error| error.contains(wrong)), "{wrong}");
        }
    }

    #[test]
    fn a_device_name_fits_into_a_file_name() {
        assert!(device_name("laptop-2").is_ok());
        for wrong in ["", "../../etc", "a b", &"x".repeat(33)] {
            assert!(device_name(wrong).is_err(), "{wrong}");
        }
    }
}
