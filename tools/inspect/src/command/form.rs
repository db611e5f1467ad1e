//! Which output is made.

use std::fs::{File, Metadata, Permissions};
use std::io::{self, IsTerminal as _, Write};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::Path;

use anyhow::Context as _;

use crate::cli::{Colour, View};
use crate::output::Output;
use crate::output::brief::Brief;
use crate::output::html::Html;
use crate::output::json::Json;
use crate::output::lint::LintReport;
use crate::output::paint::Paint;
use crate::output::stats::{Form, Stats};
use crate::output::text::Text;
use crate::output::transcript::TranscriptOutput;

/// What only its owner may read.
const OWNER_ONLY: u32 = 0o600;

/// Whether entries are judged by the rules: where findings are shown, and they cost little beside the rest.
pub(super) fn is_judged(view: &View) -> bool {
    view.lint || !(view.brief || view.stats || view.transcript.is_some())
}

/// Whether the output says nothing of what could not be used.
pub(super) fn is_silent(view: &View) -> bool {
    view.brief || view.transcript.is_some() || view.html.is_some()
}

/// The output that was asked for; files are begun, so whatever else may be wrong is looked at before. `name` is what the source is
/// called, if it is a file it is `source`.
pub(super) fn output(
    view: &View,
    name: &str,
    source: Option<&Metadata>,
) -> anyhow::Result<Box<dyn Output + Send>> {
    let out = io::stdout();
    let paint = paint(view.color);
    let create = |path| create(path, source, view);
    let name = title(view, name);
    Ok(match view {
        View { stats: true, json: true, .. } => Box::new(Stats::new(out, Form::Json)),
        View { stats: true, .. } => Box::new(Stats::new(out, Form::Text)),
        View { lint: true, json, .. } => Box::new(LintReport::new(out, *json)),
        View { html: Some(path), .. } => Box::new(Html::new(create(path)?, name)),
        View { transcript: Some(path), .. } => Box::new(TranscriptOutput::new(create(path)?)?),
        View { json: true, .. } => Box::new(Json::new(out)),
        View { brief: true, .. } => Box::new(Brief::new(out, view.times, paint)),
        _ => Box::new(Text::new(out, view.times, paint)),
    })
}

/// What a source is called where it is shown: the name of a file may name people.
pub(super) fn title<'a>(view: &View, name: &'a str) -> &'a str {
    if view.redact { "a capture" } else { name }
}

/// A file for what was said, which only its owner may read, and which is none of those that are read from; `-` is standard output. It is
/// written in place: a page of what is live can be looked at while it grows.
fn create(path: &Path, source: Option<&Metadata>, view: &View) -> anyhow::Result<Box<dyn Write + Send>> {
    if path == Path::new("-") {
        return Ok(Box::new(io::stdout()));
    }
    let failed = || format!("{} could not be written", path.display());
    let file = File::options().write(true).create(true).truncate(false).mode(OWNER_ONLY).open(path);
    let file = file.with_context(failed)?;
    let metadata = file.metadata().with_context(failed)?;
    // What is no file, such as /dev/null, may be both, and belongs to everybody.
    if metadata.is_file() {
        let keys = view.keys.iter().filter_map(|keys| std::fs::metadata(keys).ok());
        if keys.chain(source.cloned()).any(|read| is_same(&read, &metadata)) {
            anyhow::bail!(
                "{} is read from, and cannot be written at the same time; choose another file",
                path.display()
            );
        }
        file.set_permissions(Permissions::from_mode(OWNER_ONLY)).with_context(failed)?;
        file.set_len(0).with_context(failed)?;
    }
    Ok(Box::new(io::BufWriter::new(file)))
}

fn is_same(one: &Metadata, other: &Metadata) -> bool {
    (one.dev(), one.ino()) == (other.dev(), other.ino())
}

/// Colours as asked for.
pub(super) fn paint(colour: Colour) -> Paint {
    let no_colour = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    Paint(match colour {
        Colour::Always => true,
        Colour::Never => false,
        Colour::Auto => io::stdout().is_terminal() && !no_colour,
    })
}
