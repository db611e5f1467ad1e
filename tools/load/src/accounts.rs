//! The accounts that sign in: made up by a pattern, or read from a file.

use std::path::Path;

use anyhow::{Context as _, bail};
use chatdev_stream::sasl::Password;
use jid::BareJid;

/// What stands in a pattern for the account's number, from 0.
const NUMBER: &str = "{n}";

/// Who signs in, by number.
#[derive(Clone, Debug)]
pub enum Accounts {
    /// Names and passwords follow from the number.
    Pattern {
        /// The name, with `{n}` for the number.
        name: String,
        /// The password, with `{n}` for the number, or without.
        password: String,
    },
    /// As they stand in a file.
    Listed(Vec<(BareJid, Password)>),
}

impl Accounts {
    /// Accounts by pattern.
    ///
    /// # Errors
    /// If the name is the same for all of them.
    pub fn pattern(name: &str, password: &str) -> anyhow::Result<Self> {
        if !name.contains(NUMBER) {
            bail!("the accounts' name should contain {NUMBER}, for the number of each; it is ‘{name}’");
        }
        Ok(Self::Pattern { name: name.to_owned(), password: password.to_owned() })
    }

    /// Accounts from a file: a JID and a password on each line, with white space between. Empty lines and those that
    /// begin with `#` are passed over.
    ///
    /// # Errors
    /// The file cannot be read, or a line is not understood: which, and why.
    pub fn read(path: &Path) -> anyhow::Result<Self> {
        let text = std::fs::read_to_string(path)
            .with_context(|| format!("cannot read the accounts in {}", path.display()))?;
        let lines = (1..).zip(text.lines().map(str::trim));
        let meant = lines.filter(|(_, line)| !line.is_empty() && !line.starts_with('#'));
        let listed = meant
            .map(|(number, line)| listed(line).with_context(|| format!("{}, line {number}", path.display())));
        Ok(Self::Listed(listed.collect::<anyhow::Result<_>>()?))
    }

    /// Looks whether there are so many, all of that domain.
    ///
    /// # Errors
    /// There are fewer, or one is of another domain.
    pub fn check(&self, needed: usize, domain: &str) -> anyhow::Result<()> {
        let Self::Listed(listed) = self else { return Ok(()) };
        if listed.len() < needed {
            bail!("{needed} accounts are needed, and {} are listed", listed.len());
        }
        if let Some((other, _)) = listed.iter().find(|(jid, _)| jid.domain().as_str() != domain) {
            bail!("the accounts should be of the domain that --domain gives, {domain}; one is {other}");
        }
        Ok(())
    }

    /// The account with that number, and its password.
    ///
    /// # Errors
    /// The pattern gives no JID or no password, or the list ends before.
    pub fn get(&self, number: usize, domain: &str) -> anyhow::Result<(BareJid, Password)> {
        match self {
            Self::Pattern { name, password } => {
                let number = number.to_string();
                let account = format!("{}@{domain}", name.replace(NUMBER, &number));
                let jid = BareJid::new(&account).with_context(|| format!("‘{account}’ is no account"))?;
                Ok((jid, Password::new(&password.replace(NUMBER, &number))?))
            }
            Self::Listed(listed) => {
                let found = listed.get(number).cloned();
                found.with_context(|| format!("{} accounts are listed, and more are needed", listed.len()))
            }
        }
    }
}

fn listed(line: &str) -> anyhow::Result<(BareJid, Password)> {
    let (jid, password) =
        line.split_once(char::is_whitespace).context("expected a JID, white space and a password")?;
    let jid = BareJid::new(jid).with_context(|| format!("‘{jid}’ is no bare JID"))?;
    if jid.node().is_none() {
        bail!("‘{jid}’ is a host; an account has a name before its ‘@’");
    }
    Ok((jid, Password::new(password.trim_start())?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_gives_each_number_its_account() {
        let accounts = Accounts::pattern("load{n}", "secret-{n}").unwrap();
        let (jid, password) = accounts.get(17, "bench.local").unwrap();
        assert_eq!((jid.as_str(), password.reveal()), ("load17@bench.local", "secret-17"));
    }

    #[test]
    fn a_pattern_that_is_the_same_for_all_is_refused() {
        let error = Accounts::pattern("load", "secret").unwrap_err().to_string();
        assert_eq!(error, "the accounts' name should contain {n}, for the number of each; it is ‘load’");
    }

    #[test]
    fn a_file_lists_them_and_says_where_it_is_wrong() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "# two\nann@a.example  one two \n\nben@b.example\tthree\n").unwrap();
        let accounts = Accounts::read(file.path()).unwrap();
        let (jid, password) = accounts.get(0, "elsewhere").unwrap();
        assert_eq!((jid.as_str(), password.reveal()), ("ann@a.example", "one two"));
        assert_eq!(accounts.get(1, "elsewhere").unwrap().0.as_str(), "ben@b.example");
        let error = format!("{:#}", accounts.get(2, "elsewhere").unwrap_err());
        assert_eq!(error, "2 accounts are listed, and more are needed");
        std::fs::write(file.path(), "ann@a.example secret\nexample.net secret\n").unwrap();
        let error = format!("{:#}", Accounts::read(file.path()).unwrap_err());
        assert!(
            error.ends_with("line 2: ‘example.net’ is a host; an account has a name before its ‘@’"),
            "{error}"
        );
    }
}
