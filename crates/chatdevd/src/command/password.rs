//! Where a password comes from: a file, standard input, or a person who types it twice. It is never an argument,
//! which others on the machine could read.

use std::fs::File;
use std::io::{self, BufRead as _, BufReader, IsTerminal as _, Read};
use std::path::Path;

use anyhow::{Context as _, bail};
use chatdev_stream::sasl::Password;
use jid::NodeRef;

use crate::cli::PasswordSource;

/// Asks for the new password of `name`.
pub(super) fn ask(source: &PasswordSource, name: &NodeRef) -> anyhow::Result<Password> {
    let text = match &source.password_file {
        Some(path) if path.as_os_str() == "-" => first_line(io::stdin())?,
        Some(path) => from_file(path)?,
        None if !io::stdin().is_terminal() => first_line(io::stdin())?,
        None => typed_twice(name)?,
    };
    Password::new(&text).context("this password cannot be used")
}

fn from_file(path: &Path) -> anyhow::Result<String> {
    let unreadable = || format!("cannot read the password file {}", path.display());
    first_line(File::open(path).with_context(unreadable)?).with_context(unreadable)
}

/// The first line without its end. What follows is left alone; a file of any size costs one line.
fn first_line(input: impl Read) -> anyhow::Result<String> {
    // Room for the longest password, and one octet more, so that a longer one is seen to be longer, and its line's
    // end.
    let limit = Password::BYTES_MAX as u64 + 3;
    let mut line = String::new();
    BufReader::new(input.take(limit)).read_line(&mut line).context("expected a password in UTF-8")?;
    let text = line.strip_suffix('\n').unwrap_or(&line);
    Ok(text.strip_suffix('\r').unwrap_or(text).to_owned())
}

fn typed_twice(name: &NodeRef) -> anyhow::Result<String> {
    let password = rpassword::prompt_password(format!("New password for {name}: "))?;
    if rpassword::prompt_password("Again: ")? != password {
        bail!("the two passwords are not the same");
    }
    Ok(password)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_first_line_counts_and_its_end_does_not() {
        assert_eq!(first_line(&b"secret\nnot this\n"[..]).unwrap(), "secret");
        assert_eq!(first_line(&b"secret\r\n"[..]).unwrap(), "secret");
        assert_eq!(first_line(&b" with spaces "[..]).unwrap(), " with spaces ");
        assert_eq!(first_line(&b""[..]).unwrap(), "");
    }

    #[test]
    fn the_longest_password_fits_and_a_longer_one_is_not_cut_into_another() {
        let long = "x".repeat(Password::BYTES_MAX);
        assert_eq!(first_line(format!("{long}\r\n").as_bytes()).unwrap(), long);
        let longer = first_line(format!("{long}yyyy\n").as_bytes()).unwrap();
        assert!(Password::new(&longer).is_err());
    }
}
