//! `198.51.100.0/24` in a configuration file: the directory's [`Prefix`], as text.

use chatdev_directory::{Prefix, PrefixError};
use serde::{Deserialize, Serialize};

/// An address, or a network of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Network(pub Prefix);

impl TryFrom<String> for Network {
    type Error = PrefixError;

    fn try_from(text: String) -> Result<Self, PrefixError> {
        text.parse().map(Self)
    }
}

impl From<Network> for String {
    fn from(network: Network) -> Self {
        network.0.to_string()
    }
}
