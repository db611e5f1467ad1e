//! What the program does: sources and outputs put together as the command line says, and what is told at the end.

mod browse;
mod form;
mod interruptible;
mod live;
mod notes;
mod source;

use std::io::{self, Write as _};
use std::process::ExitCode;

use anyhow::Context as _;

use crate::ahead::Ahead;
use crate::browser;
use crate::cli::{Cli, Command, View};
use crate::desk::Desk;
use crate::dump;
use crate::entry::Severity;
use crate::filter::{self, Filter};
use crate::lint::{self, Lint};
use crate::output::{Output, Summary};
use crate::reading;
use crate::redact::{Reach, Redactor};
use crate::tls::KeyRing;
use crate::understanding::{Depth, Understander};
use crate::visible;
use interruptible::Interruption;
use source::{Source, Told};

/// A source is read here, while it is understood on another thread.
type Reading = reading::Reading<Ahead<Understander<Desk>>>;

/// Exit status where what was read is against the rules.
const AGAINST_THE_RULES: u8 = 1;
/// Exit status where something could not be read or written.
const FAILED: u8 = 2;

/// Runs the program.
pub fn run(cli: Cli) -> ExitCode {
    match carry_out(cli) {
        Ok(code) => code,
        // Whoever read the output has seen enough.
        Err(error) if is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            // A path or an excerpt in it may hold what acts on a terminal; lines are its own (a filter's spot).
            let _ = writeln!(io::stderr(), "Error: {}", visible::body(&format!("{error:#}")));
            ExitCode::from(FAILED)
        }
    }
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    let is_it = |error: &io::Error| error.kind() == io::ErrorKind::BrokenPipe;
    error.chain().any(|cause| cause.downcast_ref::<io::Error>().is_some_and(is_it))
}

fn carry_out(cli: Cli) -> anyhow::Result<ExitCode> {
    match cli.command {
        Some(Command::Filters) => return print(&filter::reference()),
        Some(Command::Rules { markdown }) => return print(&lint::table(markdown)),
        Some(Command::Formats) => return print(&dump::Format::list()),
        Some(Command::Proxy(proxy)) => return live::proxy(*proxy),
        None => {}
    }
    let path = cli.file.expect("required where there is no command");
    // What can be wrong is found out before anything is written.
    let filter = filter(&cli.view)?;
    if cli.view.browse {
        // The terminal gives the program its keys, Ctrl-C among them.
        let source = Source::open(&path, cli.format, Interruption::default())?;
        browser::check_terminal()?;
        return browse::file(&cli.view, source);
    }
    let interruption = Interruption::awaited().context("there is no waiting for Ctrl-C")?;
    let source = Source::open(&path, cli.format, interruption)?;
    let output = form::output(&cli.view, &source.name(), Some(source.metadata()))?;
    let mut reading = reading(&cli.view, filter, !source.is_capture(), output)?;
    let told = source.tell(&mut reading);
    let unreadable_keys = reading.keys().trouble();
    let code = finish(&cli.view, reading, told)?;
    match unreadable_keys {
        Some(trouble) => Err(anyhow::anyhow!("{trouble}")),
        None => Ok(code),
    }
}

fn print(text: &str) -> anyhow::Result<ExitCode> {
    io::stdout().lock().write_all(text.as_bytes())?;
    Ok(ExitCode::SUCCESS)
}

/// The filter of the command line.
fn filter(view: &View) -> anyhow::Result<Option<Filter>> {
    let filter = view.filter.as_deref().map(Filter::parse).transpose();
    filter.map_err(|error| anyhow::anyhow!("the filter cannot be understood\n{error}"))
}

/// All that stands between a source and an output.
fn reading(
    view: &View,
    filter: Option<Filter>,
    is_xmpp_only: bool,
    output: Box<dyn Output + Send>,
) -> anyhow::Result<Reading> {
    let is_judged = form::is_judged(view) || filter.as_ref().is_some_and(Filter::asks_for_findings);
    let is_only_counted = view.stats && filter.is_none() && !is_judged;
    let mut desk = Desk::new(output);
    desk.filter = filter;
    desk.lint = is_judged.then(Lint::new);
    desk.redactor = Redactor::new(match (view.redact, view.show_secrets) {
        (true, _) => Reach::Everything,
        (false, true) => Reach::Nothing,
        (false, false) => Reach::Secrets,
    });
    let depth = Depth { exact: is_judged, detail: !is_only_counted };
    let ahead =
        Ahead::of(Understander::new(depth, desk)).context("there can be no thread to understand on")?;
    Ok(Reading::new(is_xmpp_only, KeyRing::of_files(view.keys.iter().cloned()), ahead))
}

/// Ends the reading: what is known of the whole. What could not be read comes last.
fn finish(view: &View, reading: Reading, told: Told) -> anyhow::Result<ExitCode> {
    let (mut desk, summary) = end(view.redact, reading, &told);
    desk.finish(&summary).context("the output could not be written")?;
    if form::is_silent(view) {
        notes::say(&summary);
    }
    if let Some(error) = told.failure {
        return Err(error);
    }
    let is_broken = view.lint && desk.gravest >= Some(Severity::Warning);
    Ok(if is_broken { ExitCode::from(AGAINST_THE_RULES) } else { ExitCode::SUCCESS })
}

/// All is read: waits until all is understood.
fn end(is_redacted: bool, mut reading: Reading, told: &Told) -> (Desk, Summary) {
    reading.finish();
    let (connections, mut notes) = (reading.connections(), notes::notes(&reading, told, is_redacted));
    let understander = reading.into_hearer().finish();
    let entries = understander.entries();
    let mut desk = understander.taker;
    let (late_findings, left_out) = desk.late_findings();
    notes.extend(notes::unjudged(&desk, left_out));
    (desk, Summary { entries, connections, late_findings, notes })
}
