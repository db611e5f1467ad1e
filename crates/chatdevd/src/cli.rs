//! The command line: what may be typed, in words. What it does is in [`crate::command`].

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::config::{Config, Layers, Problem, Problems};

/// A chat server. It knows who is online; what people say goes from one to the other.
///
/// Without any settings it serves this machine only: domain localhost, on 127.0.0.1:5222, with accounts for whoever
/// asks.
#[derive(Debug, Parser)]
#[command(name = "chatdevd", version, after_help = AFTER_HELP)]
#[command(subcommand_precedence_over_arg = true)]
pub struct Cli {
    /// What to do instead of serving.
    #[command(subcommand)]
    pub command: Option<Command>,
    /// What to serve, and how.
    #[command(flatten)]
    pub settings: Settings,
}

const AFTER_HELP: &str = "\
Every setting has a key (`chatdevd config default` lists them), and can be given in a file, in an environment variable
(CHATDEVD_DIRECTORY_INTERVAL_SECONDS for directory.interval_seconds) or with a flag; a later one of these wins.

CHATDEVD_LOG_FILTER refines the log level for single modules (chatdev_net=debug).

Signals: TERM or INT ends gracefully, a second one at once; HUP reads the certificate again.
Exit status: 0 done, 1 could not be done, 2 a flag or a setting is wrong.";

/// Flags that every command takes.
#[derive(Args, Clone, Debug, Default)]
pub struct Settings {
    /// Read settings from this file (TOML)
    #[arg(long, global = true, env = "CHATDEVD_CONFIG", value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Keep accounts and certificate in this folder
    #[arg(long, global = true, value_name = "FOLDER")]
    pub data: Option<String>,
    /// Serve this domain
    #[arg(long, global = true, value_name = "NAME")]
    pub domain: Option<String>,
    /// Listen on this address; can be given several times
    #[arg(long, value_name = "ADDR:PORT")]
    pub listen: Vec<String>,
    /// Whether people can make accounts with their client
    #[arg(long, value_enum)]
    pub registration: Option<Registration>,
    /// PEM file with the server's certificate and its chain
    #[arg(long, value_name = "FILE")]
    pub tls_certificate: Option<String>,
    /// PEM file with the certificate's private key
    #[arg(long, value_name = "FILE")]
    pub tls_key: Option<String>,
    /// Append the secrets of every TLS connection to this file, for packet inspectors: with it, all can be read
    #[arg(long, value_name = "FILE")]
    pub key_log: Option<String>,
    /// Append all that clients and server say to this file, in clear, without passwords
    #[arg(long, value_name = "FILE")]
    pub tap: Option<String>,
    /// The least severe level to log: error, warn, info, debug, trace
    #[arg(long, global = true, value_name = "LEVEL")]
    pub log_level: Option<String>,
    /// How to log: text or json
    #[arg(long, global = true, value_name = "FORMAT")]
    pub log_format: Option<String>,
    /// Answer GET /metrics on this address
    #[arg(long, value_name = "ADDR:PORT")]
    pub metrics: Option<String>,
    /// Set any other key; can be given several times
    #[arg(long, global = true, value_name = "KEY=VALUE")]
    pub set: Vec<String>,
}

/// `--registration`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Registration {
    /// Anybody who reaches the server; taken on loopback addresses only
    Open,
    /// Nobody; `chatdevd account add` makes accounts
    Closed,
}

/// What else the program does.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Print or check settings
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Add, change, remove or list accounts, also while the server runs
    #[command(subcommand)]
    Account(AccountCommand),
}

/// `chatdevd config`.
#[derive(Debug, Subcommand)]
pub enum ConfigCommand {
    /// Print every setting with its default, as a file to start from
    Default,
    /// Say what is wrong with a file, and where
    Check {
        /// The file
        file: PathBuf,
    },
}

/// `chatdevd account`.
#[derive(Debug, Subcommand)]
pub enum AccountCommand {
    /// Add an account
    Add {
        /// What stands before the @
        name: String,
        #[command(flatten)]
        #[expect(missing_docs, reason = "its type says it")]
        password: PasswordSource,
    },
    /// Give an account another password
    Passwd {
        /// What stands before the @
        name: String,
        #[command(flatten)]
        #[expect(missing_docs, reason = "its type says it")]
        password: PasswordSource,
    },
    /// Remove an account; its sessions are closed
    Remove {
        /// What stands before the @
        name: String,
    },
    /// Print all names, one a line
    List,
}

/// Where a password comes from: a question on the terminal, unless said otherwise.
#[derive(Args, Clone, Debug)]
pub struct PasswordSource {
    /// Take the password from the first line of this file; - for standard input
    #[arg(long, value_name = "FILE")]
    pub password_file: Option<PathBuf>,
}

/// A configuration that could not be had, and why.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// The file that was named cannot be read.
    #[error("cannot read {}: {error}", .path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        error: std::io::Error,
    },
    /// Values that are wrong.
    #[error(transparent)]
    Wrong(#[from] Problems),
}

impl Settings {
    /// Puts all layers together, with `variables` for the environment. Beside the configuration: what is odd, but not
    /// wrong.
    ///
    /// # Errors
    /// See [`SettingsError`].
    pub fn resolve(
        &self,
        variables: impl IntoIterator<Item = (String, String)>,
    ) -> Result<(Config, Vec<Problem>), SettingsError> {
        let mut layers = Layers::new();
        if let Some(path) = &self.config {
            let text = std::fs::read_to_string(path)
                .map_err(|error| SettingsError::Unreadable { path: path.clone(), error })?;
            layers.file(path, &text);
        }
        layers.environment(variables);
        for (flag, key, value) in self.flags() {
            layers.flag(flag, key, &value);
        }
        let warnings = layers.warnings().to_vec();
        Ok((layers.finish()?, warnings))
    }

    /// The same with the environment of this process.
    ///
    /// # Errors
    /// See [`SettingsError`].
    pub fn resolve_here(&self) -> Result<(Config, Vec<Problem>), SettingsError> {
        // A value that is no text is of no use to any setting, and is shown as well as it can be.
        let text = |(name, value): (OsString, OsString)| {
            Some((name.into_string().ok()?, value.to_string_lossy().into_owned()))
        };
        self.resolve(std::env::vars_os().filter_map(text))
    }

    /// What was typed: flag, key, value.
    fn flags(&self) -> Vec<(&str, &str, String)> {
        let listen = (!self.listen.is_empty()).then(|| self.listen.join(","));
        let registration = self.registration.map(|policy| (policy == Registration::Open).to_string());
        let named = [
            ("--data", "data", self.data.clone()),
            ("--domain", "domain", self.domain.clone()),
            ("--listen", "listen", listen),
            ("--registration", "registration.open", registration),
            ("--tls-certificate", "tls.certificate", self.tls_certificate.clone()),
            ("--tls-key", "tls.key", self.tls_key.clone()),
            ("--key-log", "tls.key_log", self.key_log.clone()),
            ("--tap", "tap.file", self.tap.clone()),
            ("--log-level", "log.level", self.log_level.clone()),
            ("--log-format", "log.format", self.log_format.clone()),
            ("--metrics", "metrics.listen", self.metrics.clone()),
        ];
        let named = named.into_iter().filter_map(|(flag, key, value)| Some((flag, key, value?)));
        let set = self.set.iter().map(|pair| {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            ("--set", key.trim(), value.trim().to_owned())
        });
        named.chain(set).collect()
    }
}
