//! `--browse`: the source is read on a thread of its own, the terminal is this one's.

use std::io;
use std::process::ExitCode;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use anyhow::Context as _;

use super::source::{Source, Told};
use super::{Reading, end, filter, reading};
use crate::browser::{self, Feed};
use crate::cli::View;
use crate::entry::Entry;
use crate::output::{Output, Summary};

/// Entries on their way to the browser; a source that is faster waits.
const ENTRIES_WAITING_MAX: usize = 4096;

/// Sends entries to the browser.
struct ToBrowser(SyncSender<Feed>);

impl Output for ToBrowser {
    fn entry(&mut self, entry: &Entry<'_>) -> io::Result<()> {
        let entry = Box::new(entry.clone().into_owned());
        self.0.send(Feed::Entry(entry)).map_err(|_| io::ErrorKind::BrokenPipe.into())
    }

    /// The summary is sent by whoever knows whether the source could be read.
    fn finish(&mut self, _summary: &Summary) -> io::Result<()> {
        Ok(())
    }
}

/// Browses a file, or standard input.
pub(super) fn file(view: &View, source: Source) -> anyhow::Result<ExitCode> {
    let name = source.name();
    let is_xmpp_only = !source.is_capture();
    browse(view, &name, is_xmpp_only, false, |reading| source.tell(reading))
}

/// Browses what `tell` tells.
pub(super) fn browse(
    view: &View,
    name: &str,
    is_xmpp_only: bool,
    follow: bool,
    tell: impl FnOnce(&mut Reading) -> Told + Send + 'static,
) -> anyhow::Result<ExitCode> {
    let (sender, receiver): (_, Receiver<Feed>) = sync_channel(ENTRIES_WAITING_MAX);
    // The browser has the filter: what it does not match may be wanted later.
    let mut reading = reading(view, None, is_xmpp_only, Box::new(ToBrowser(sender.clone())))?;
    let is_redacted = view.redact;
    let read = move || {
        let told = tell(&mut reading);
        let (_, mut summary) = end(is_redacted, reading, &told);
        let late: Vec<String> = summary.late_lines().collect();
        summary.notes.extend(late);
        let last = match &told.failure {
            Some(error) => Feed::Failed(format!("{error:#}")),
            None => Feed::End(summary),
        };
        // A browser that was left wants nothing more.
        let _ = sender.send(last);
    };
    thread::Builder::new().name("source".to_owned()).spawn(read).context("no thread for the source")?;
    let mut options = browser::Options::new(super::form::title(view, name));
    options.filter = filter(view)?;
    options.follow = follow;
    options.colour = super::form::paint(view.color).0;
    browser::run(&receiver, options)?;
    Ok(ExitCode::SUCCESS)
}
