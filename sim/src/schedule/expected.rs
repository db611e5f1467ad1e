//! What a schedule in particular says must be so in the end, besides what must always be so.

use serde::{Deserialize, Serialize};

/// See the file's documentation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Expected {
    /// This client was reaped so many times.
    Reaped(String, usize),
    /// This client is signed in.
    SignedIn(String),
    /// This client has lost its session and does not come back by itself.
    Away(String),
    /// Exactly one of these clients is signed in.
    OneSignedIn(Vec<String>),
    /// The message of this text was shown to its receiver, and its sender knows.
    Delivered(String),
    /// The message of this text was not shown to anybody, and its sender knows.
    Failed(String),
    /// This account's sessions were bound so many times at most, over all.
    BindsAtMost(String, usize),
    /// So many messages passed the server, in its last life.
    RoutedByServer(u64),
    /// A line of this word stands in the log of this client.
    Remarked(String, String),
}
