//! Accounts of the simulation. All have one password, stretched once in a process: a run is about what
//! happens after it.

use std::sync::LazyLock;

use chatdev_net::derive;
use chatdev_stream::sasl::{Credentials, ITERATIONS_MIN, Password};
use jid::BareJid;

use super::DOMAIN;

static CREDENTIALS: LazyLock<Credentials> = LazyLock::new(|| {
    Credentials::derive(&password(), ITERATIONS_MIN, &mut derive::generator(&[0; 32], "salts", 0))
});

/// Everybody's password.
pub(super) fn password() -> Password {
    Password::new("a password of the simulation").expect("letters and spaces make a password")
}

/// What the server stores of it.
pub(super) fn credentials() -> Credentials {
    CREDENTIALS.clone()
}

/// The account called `name`.
pub(super) fn account(name: &str) -> BareJid {
    BareJid::new(&format!("{name}@{DOMAIN}")).expect("a schedule's accounts have plain names")
}
