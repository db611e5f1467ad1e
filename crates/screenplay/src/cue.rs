//! One line of a screenplay: who does what, or what happens.

use std::net::IpAddr;
use std::time::Duration;

use jid::FullJid;

use crate::play::Reason;

/// What a line says.
#[derive(Clone, Debug, PartialEq)]
pub enum Cue {
    /// `NAME is JID [from ADDRESS]`: a client and its account, which exists; its password is the name.
    Cast {
        /// The client.
        name: String,
        /// Its full JID.
        jid: FullJid,
        /// Where it comes from.
        address: IpAddr,
    },
    /// `NAME signs in`
    SignsIn {
        /// The client.
        name: String,
    },
    /// `NAME sends: XML`, or any other text: it goes out as it is written.
    Sends {
        /// The client.
        name: String,
        /// What goes out, names in braces not filled in yet.
        text: String,
    },
    /// `NAME receives: XML`: the next stanza that the client gets.
    Receives {
        /// The client.
        name: String,
        /// What it should be.
        text: String,
    },
    /// `NAME receives nothing`: everything that it was sent has been named.
    ReceivesNothing {
        /// The client.
        name: String,
    },
    /// `NAME disconnects`: the connection ends, without a word.
    Disconnects {
        /// The client.
        name: String,
    },
    /// `NAME signs out`: the stream is closed properly.
    SignsOut {
        /// The client.
        name: String,
    },
    /// `NAME is closed`, or `NAME is closed: CONDITION`
    IsClosed {
        /// The client.
        name: String,
        /// How.
        closing: Closing,
    },
    /// `wait 30s`: time passes, and what falls due in it happens.
    Wait(Duration),
}

/// How a server closed a client's stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Closing {
    /// With a closing tag alone.
    Orderly,
    /// With a stream error of this condition (RFC 6120 §4.9.3).
    Error(String),
}

/// Where clients come from that do not say.
const ADDRESS_DEFAULT: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 1));

impl Cue {
    pub(crate) fn read(text: &str) -> Result<Self, Reason> {
        if let Some(duration) = text.strip_prefix("wait ") {
            return duration_of(duration.trim()).map(Self::Wait);
        }
        let (name, rest) = text.split_once(' ').ok_or(Reason::Unknown)?;
        let name = name.to_owned();
        if let Some(text) = rest.strip_prefix("sends:") {
            return Ok(Self::Sends { name, text: text.trim().to_owned() });
        }
        if let Some(text) = rest.strip_prefix("receives:") {
            return Ok(Self::Receives { name, text: text.trim().to_owned() });
        }
        if let Some(condition) = rest.strip_prefix("is closed:") {
            return Ok(Self::IsClosed { name, closing: Closing::Error(condition.trim().to_owned()) });
        }
        match rest {
            "signs in" => Ok(Self::SignsIn { name }),
            "signs out" => Ok(Self::SignsOut { name }),
            "disconnects" => Ok(Self::Disconnects { name }),
            "receives nothing" => Ok(Self::ReceivesNothing { name }),
            "is closed" => Ok(Self::IsClosed { name, closing: Closing::Orderly }),
            _ => cast(name, rest.strip_prefix("is ").ok_or(Reason::Unknown)?),
        }
    }
}

fn cast(name: String, who: &str) -> Result<Cue, Reason> {
    let (jid, address) = match who.split_once(" from ") {
        Some((jid, address)) => (jid, address.trim().parse().map_err(|_| Reason::Address)?),
        None => (who, ADDRESS_DEFAULT),
    };
    let jid = FullJid::new(jid.trim()).map_err(|_| Reason::Jid)?;
    Ok(Cue::Cast { name, jid, address })
}

/// Whole milliseconds, seconds or minutes: `250ms`, `30s`, `5min`.
fn duration_of(text: &str) -> Result<Duration, Reason> {
    let units = text.find(|character: char| !character.is_ascii_digit()).ok_or(Reason::Duration)?;
    let (number, unit) = text.split_at(units);
    let number: u64 = number.parse().map_err(|_| Reason::Duration)?;
    match unit {
        "ms" => Ok(Duration::from_millis(number)),
        "s" => Ok(Duration::from_secs(number)),
        "min" => Ok(Duration::from_secs(60 * number)),
        _ => Err(Reason::Duration),
    }
}
