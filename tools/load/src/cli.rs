//! The command line: one definition that the parser and `--help` come from.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

use clap::{ArgGroup, Args, Parser, Subcommand};

use crate::target::Encryption;

/// A load generator for any XMPP server: honest latencies, every message accounted for.
#[derive(Debug, Parser)]
#[command(name = "chatdev-load", version, about, disable_help_subcommand = true, max_term_width = 100)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run a scenario against a server
    Run(Box<Run>),
    /// Print a scenario as a file to start from; without a name, list them
    Scenario {
        /// Its name
        name: Option<String>,
    },
    /// Put reports side by side: a page with plots
    Compare {
        /// Reports that `run --json` wrote; ratios are to the first
        #[arg(required = true, value_name = "JSON")]
        reports: Vec<PathBuf>,
        /// Where the page goes
        #[arg(long, value_name = "FILE")]
        html: PathBuf,
    },
    /// Put reports side by side: a table in Markdown
    Table {
        /// Reports that `run --json` wrote
        #[arg(required = true, value_name = "JSON")]
        reports: Vec<PathBuf>,
        /// Label of the report that ratios are to [default: the first one's]
        #[arg(long, value_name = "LABEL")]
        baseline: Option<String>,
    },
    /// Put reports of several loads into one table in Markdown: a row for each load, a column for each server
    Grid {
        /// Reports that `run --json` wrote; the row is the name of the file up to its first dot
        #[arg(required = true, value_name = "JSON")]
        reports: Vec<PathBuf>,
    },
    /// The bare relay: a yardstick that moves bytes and reads none of them (`run --raw`)
    Relay {
        /// Where it listens
        #[arg(long, value_name = "ADDRESS:PORT")]
        listen: SocketAddr,
        /// TLS from the first octet, with a throw-away certificate
        #[arg(long)]
        tls: bool,
    },
    /// Stand between clients and a server, in clear, and meddle with one message: what a delivery audit has to notice
    #[command(group(ArgGroup::new("fault").required(true).args(["drop", "double", "reorder", "alter"])))]
    Meddle {
        /// Where it listens
        #[arg(long, value_name = "ADDRESS:PORT")]
        listen: SocketAddr,
        /// Where the server is
        #[arg(long, value_name = "ADDRESS:PORT")]
        to: SocketAddr,
        /// Leave out the Nth message that the server sends
        #[arg(long, value_name = "N")]
        drop: Option<u64>,
        /// Send it twice
        #[arg(long, value_name = "N")]
        double: Option<u64>,
        /// Send it behind the next one
        #[arg(long, value_name = "N")]
        reorder: Option<u64>,
        /// Change its text
        #[arg(long, value_name = "N")]
        alter: Option<u64>,
    },
}

/// What `run` takes.
#[derive(Debug, Args)]
pub struct Run {
    /// Name of a scenario (`chatdev-load scenario` lists them), or path of a TOML file
    pub scenario: String,
    /// Change a value of the scenario, such as load.window=32; may be repeated
    #[arg(long = "set", value_name = "NAME=VALUE")]
    pub settings: Vec<String>,
    /// Where the server listens
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:5222")]
    pub to: SocketAddr,
    /// Domain of the server
    #[arg(long, value_name = "DOMAIN", default_value = "localhost")]
    pub domain: String,
    /// How connections are encrypted
    #[arg(long, value_enum, default_value = "starttls")]
    pub tls: Encryption,
    /// Mechanism that may be used, such as SCRAM-SHA-256; may be repeated; the strongest offered is taken [default: all]
    #[arg(long = "mechanism", value_name = "NAME")]
    pub mechanisms: Vec<String>,
    /// Address of this machine that connections come from, in turns; separated by commas
    #[arg(long = "from", value_name = "ADDRESS", value_delimiter = ',')]
    pub sources: Vec<IpAddr>,
    /// Speak to the bare relay: stanzas, and no XMPP around them
    #[arg(long)]
    pub raw: bool,
    /// Who signs in.
    #[command(flatten)]
    pub accounts: Accounts,
    /// Process of the server on this machine, whose CPU and memory are watched; may be repeated
    #[arg(long = "pid", value_name = "PID")]
    pub pids: Vec<u32>,
    /// Threads that drive sessions [default: half of the cores]
    #[arg(long, value_name = "N")]
    pub threads: Option<usize>,
    /// Command that restarts the server, run by the shell when a login-reconnect begins to measure
    #[arg(long, value_name = "COMMAND")]
    pub restart: Option<String>,
    /// What the report is called by [default: the address]
    #[arg(long, value_name = "TEXT")]
    pub label: Option<String>,
    /// Where the report goes as JSON
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,
    /// Where the report goes as a page with plots
    #[arg(long, value_name = "FILE")]
    pub html: Option<PathBuf>,
}

/// Who signs in.
#[derive(Debug, Args)]
pub struct Accounts {
    /// Names of the accounts, with {n} for the number of each
    #[arg(long = "accounts", value_name = "PATTERN", default_value = "load{n}")]
    pub names: String,
    /// Their passwords, with {n} for the number or without
    #[arg(long, value_name = "PATTERN", default_value = "load-{n}")]
    pub password: String,
    /// File with a JID and a password on each line, in the place of patterns
    #[arg(long, value_name = "FILE", conflicts_with_all = ["names", "password"])]
    pub accounts_file: Option<PathBuf>,
    /// Make the accounts first, in band (XEP-0077); those that there are already are good too
    #[arg(long)]
    pub register: bool,
    /// Make the accounts first, by a command for each, with {user}, {domain} and {password}; failures are told and passed over
    #[arg(long, value_name = "COMMAND")]
    pub account_command: Option<String>,
}
