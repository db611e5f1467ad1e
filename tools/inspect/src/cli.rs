//! The command line: one definition that the parser and `--help` come from.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::dump::Format;
use crate::output::times::Times;

/// See what really went over the wire between XMPP programs: captures, logs, or as it happens.
#[derive(Debug, Parser)]
#[command(
    name = "chatdev-inspect",
    version,
    about,
    max_term_width = 100,
    args_conflicts_with_subcommands = true,
    subcommand_negates_reqs = true,
    disable_help_subcommand = true,
    after_help = "Exit status: 0 if all went well, 1 if --lint found what breaks a rule, 2 if something could not be read or written."
)]
pub struct Cli {
    /// Other things to do.
    #[command(subcommand)]
    pub command: Option<Command>,
    /// Capture (pcap, pcapng), transcript (`chatdevd --tap`), or text in which streams are logged; `-` for standard input, followed as it grows
    #[arg(required = true, value_name = "FILE")]
    pub file: Option<PathBuf>,
    /// What kind of text FILE is, where that is not recognised [see `chatdev-inspect formats`]
    #[arg(long, value_parser = str::parse::<Format>, value_name = "NAME")]
    pub format: Option<Format>,
    /// What is read and shown.
    #[command(flatten)]
    pub view: View,
}

/// Other things to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Stand between clients and a server, and show what they say as it is said
    Proxy(Box<Proxy>),
    /// Print the filter language
    Filters,
    /// Print the rules that --lint knows
    Rules {
        /// As a table in Markdown
        #[arg(long)]
        markdown: bool,
    },
    /// Print the kinds of text that can be read
    Formats,
}

/// What `proxy` takes.
#[derive(Debug, Args)]
pub struct Proxy {
    /// How it stands between.
    #[command(flatten)]
    pub options: crate::proxy::Options,
    /// What is shown.
    #[command(flatten)]
    pub view: View,
}

/// What is read and shown.
#[derive(Debug, Args)]
pub struct View {
    /// Key log (SSLKEYLOGFILE) to open TLS with; may be repeated, and may grow [env: SSLKEYLOGFILE is *not* read]
    #[arg(short, long = "keys", value_name = "FILE")]
    pub keys: Vec<PathBuf>,
    /// Show only what matches, such as 'kind=iq and latency>50ms' [see `chatdev-inspect filters`]
    #[arg(short, long, value_name = "EXPRESSION")]
    pub filter: Option<String>,
    /// One line for each entry
    #[arg(short, long, group = "form")]
    pub brief: bool,
    /// One JSON object a line for each entry; with --stats or --lint, those as JSON
    #[arg(short, long)]
    pub json: bool,
    /// How much of what, from whom, and how fast it was answered
    #[arg(short, long, group = "form")]
    pub stats: bool,
    /// A table of what breaks RFC 6120, RFC 6121 or PROTOCOL; exit status 1 if anything does
    #[arg(short, long, group = "form")]
    pub lint: bool,
    /// Browse in the terminal, full screen
    #[arg(short = 't', long, group = "form", conflicts_with = "json")]
    pub browse: bool,
    /// Write a page with a sequence diagram
    #[arg(long, group = "form", value_name = "FILE", conflicts_with = "json")]
    pub html: Option<PathBuf>,
    /// Write a transcript, which can be read again: to share a capture, with --redact
    #[arg(long, group = "form", value_name = "FILE", conflicts_with = "json")]
    pub transcript: Option<PathBuf>,
    /// Put names and text out of sight, so that it can be shared
    #[arg(short, long)]
    pub redact: bool,
    /// Leave passwords and the like in sight
    #[arg(long, conflicts_with = "redact")]
    pub show_secrets: bool,
    /// How times are shown
    #[arg(long, value_enum, default_value_t, value_name = "HOW")]
    pub times: Times,
    /// Whether to use colours [auto: on a terminal, unless NO_COLOR is set]
    #[arg(long, value_enum, default_value = "auto", value_name = "WHEN")]
    pub color: Colour,
}

/// Whether to use colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Colour {
    /// On a terminal, unless `NO_COLOR` is set
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}
