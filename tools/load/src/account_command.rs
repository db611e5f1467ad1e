//! Accounts made by a command of the server's, one call for each.

use std::process::{Command, Stdio};

use anyhow::{Context as _, bail};

use crate::accounts::Accounts;

/// Calls the command for each of the first accounts. An account that it does not make may be there already: how many those
/// were is said, and signing in shows.
///
/// # Errors
/// The command is empty, cannot be run, or made not one account.
pub fn make(command: &str, accounts: &Accounts, count: usize, domain: &str) -> anyhow::Result<()> {
    let words: Vec<&str> = command.split_whitespace().collect();
    let (program, arguments) = words.split_first().context("the command that makes accounts is empty")?;
    let mut refused = Vec::new();
    for number in 0..count {
        let (jid, password) = accounts.get(number, domain)?;
        let user = jid.node().map_or("", |node| node.as_str());
        // Put in for single words of the command, never through a shell.
        let filled = arguments.iter().map(|argument| {
            let argument = argument.replace("{user}", user).replace("{domain}", jid.domain().as_str());
            argument.replace("{password}", password.reveal())
        });
        let output = Command::new(program).args(filled).stdin(Stdio::null()).output();
        let output = output.with_context(|| format!("cannot run ‘{program}’"))?;
        if !output.status.success() {
            refused.push(String::from_utf8_lossy(&output.stderr).trim().to_owned());
        }
    }
    if refused.len() == count {
        let why = refused.first().map_or("", String::as_str);
        bail!("‘{program}’ made not one of {count} accounts; it said: {why}");
    }
    if let Some(first) = refused.first() {
        eprintln!("{} of {count} accounts were not made; the first time it said: {first}", refused.len());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_gets_name_domain_and_password_as_they_are() {
        let folder = tempfile::tempdir().unwrap();
        let accounts = Accounts::pattern("a{n}", "it's {n}").unwrap();
        let path = folder.path().join("{user}@{domain}").display().to_string();
        make(&format!("touch {path}"), &accounts, 2, "b.example").unwrap();
        let mut made: Vec<_> =
            std::fs::read_dir(folder.path()).unwrap().map(|file| file.unwrap().file_name()).collect();
        made.sort();
        assert_eq!(made, ["a0@b.example", "a1@b.example"]);
    }

    #[test]
    fn a_command_that_never_works_ends_the_run() {
        let accounts = Accounts::pattern("a{n}", "secret").unwrap();
        let error = make("false", &accounts, 3, "b.example").unwrap_err().to_string();
        assert_eq!(error, "‘false’ made not one of 3 accounts; it said: ");
    }
}
