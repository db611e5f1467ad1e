//! `chatdevd config`: prints and checks settings. It does *not* look at the environment or at flags: a file is
//! checked for itself.

use std::io::Write as _;

use anyhow::Context as _;

use crate::cli::{ConfigCommand, SettingsError};
use crate::config::{Config, Layers};

/// Carries out one command; data goes to standard output.
pub(super) fn run(command: ConfigCommand) -> anyhow::Result<()> {
    match command {
        ConfigCommand::Default => Ok(std::io::stdout().write_all(Config::DEFAULT_FILE.as_bytes())?),
        ConfigCommand::Check { file } => {
            let text =
                std::fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))?;
            let mut layers = Layers::new();
            layers.file(&file, &text);
            layers.finish().map_err(SettingsError::Wrong)?;
            Ok(writeln!(std::io::stdout(), "{}: all settings are right", file.display())?)
        }
    }
}
