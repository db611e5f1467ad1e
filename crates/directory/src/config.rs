//! What the operator decides of the directory, with every limit that it keeps (PROTOCOL section 2).

use std::time::Duration;

use thiserror::Error;

use crate::Prefix;

/// Who sees whom.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Visibility {
    /// Everybody who is signed in sees everybody.
    #[default]
    Everyone,
    /// Everybody sees themselves.
    Off,
}

/// Who is shown addresses, of those who see the entry. Fingerprints follow [`Visibility`] alone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum EndpointVisibility {
    /// Everybody, as far as their network allows.
    #[default]
    Everyone,
    /// Nobody but oneself.
    Nobody,
}

/// The configuration of a [`Directory`](crate::Directory). Start from [`Config::new`], which has the defaults.
#[derive(Clone, Debug)]
pub struct Config {
    /// EPOCH: new at every start of the server, so that no version of an older one is ever answered from.
    pub epoch: u32,
    /// How long a client waits until its next check-in. Whole seconds, at least 1 s. Default: 20 s.
    pub interval: Duration,
    /// How long a session may be silent. Whole seconds, at least 3 × `interval`, at most 24 h. Default: 60 s.
    pub limit: Duration,
    /// Who sees whom. Default: everybody.
    pub visibility: Visibility,
    /// Who is shown addresses. Default: everybody.
    pub endpoints: EndpointVisibility,
    /// Addresses that anybody may announce besides their own and private ones: at most
    /// [`ENDPOINT_ALLOW_MAX`]. Default: none.
    pub endpoint_allow: Vec<Prefix>,
    /// Open sessions; one more is refused. Default: 1,000,000.
    pub sessions_max: u32,
    /// Departures remembered; the oldest is forgotten, and who has not heard of it is told the list anew.
    /// Default: 10,000.
    pub departures_max: usize,
    /// Changes in one answer; who asks for more gets this many. At least 1. Default: 200.
    pub page_max: usize,
    /// Endpoints of one entry; those behind are refused. Default: 4.
    pub endpoints_max: usize,
    /// Octets of a nick; a longer one fails the check-in. Default: 64.
    pub nick_octets_max: usize,
    /// Octets of a status; a longer one fails the check-in. Default: 512.
    pub status_octets_max: usize,
}

/// The most prefixes on the operator's list; each announced endpoint is compared with all of them.
pub const ENDPOINT_ALLOW_MAX: usize = 64;

/// The longest [`Config::limit`], and the longest that a session can be told.
pub const LIMIT_MAX: Duration = Duration::from_secs(24 * 60 * 60);

impl Config {
    /// The defaults, for this EPOCH.
    #[must_use]
    pub const fn new(epoch: u32) -> Self {
        Self {
            epoch,
            interval: Duration::from_secs(20),
            limit: Duration::from_secs(60),
            visibility: Visibility::Everyone,
            endpoints: EndpointVisibility::Everyone,
            endpoint_allow: Vec::new(),
            sessions_max: 1_000_000,
            departures_max: 10_000,
            page_max: 200,
            endpoints_max: 4,
            nick_octets_max: 64,
            status_octets_max: 512,
        }
    }

    /// Whether a directory can be run like this.
    ///
    /// # Errors
    /// The first value that is out of its range.
    pub fn check(&self) -> Result<(), ConfigError> {
        if self.interval < Duration::from_secs(1) || self.interval.subsec_nanos() != 0 {
            return Err(ConfigError::Interval { found: self.interval });
        }
        let least = self.interval.saturating_mul(3);
        if self.limit < least || self.limit > LIMIT_MAX || self.limit.subsec_nanos() != 0 {
            return Err(ConfigError::Limit { least, found: self.limit });
        }
        if self.sessions_max == 0 || self.sessions_max == u32::MAX {
            return Err(ConfigError::Sessions { found: self.sessions_max });
        }
        if self.page_max == 0 {
            return Err(ConfigError::Page);
        }
        if self.endpoint_allow.len() > ENDPOINT_ALLOW_MAX {
            return Err(ConfigError::EndpointAllow { found: self.endpoint_allow.len() });
        }
        Ok(())
    }
}

/// A directory cannot be run like this.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum ConfigError {
    /// See [`Config::interval`].
    #[error("the interval must be whole seconds, at least 1 s; found {found:?}")]
    Interval {
        /// The value given.
        found: Duration,
    },
    /// See [`Config::limit`].
    #[error(
        "the limit must be whole seconds, from {least:?} (3 × interval) to {LIMIT_MAX:?}; found {found:?}"
    )]
    Limit {
        /// The least that this interval allows.
        least: Duration,
        /// The value given.
        found: Duration,
    },
    /// See [`Config::sessions_max`].
    #[error("sessions_max must be from 1 to 4,294,967,294; found {found}")]
    Sessions {
        /// The value given.
        found: u32,
    },
    /// See [`Config::page_max`].
    #[error("page_max must be at least 1; found 0")]
    Page,
    /// See [`Config::endpoint_allow`].
    #[error("the operator's list of endpoint addresses holds at most {ENDPOINT_ALLOW_MAX}; found {found}")]
    EndpointAllow {
        /// How many were given.
        found: usize,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checked(change: impl FnOnce(&mut Config)) -> Result<(), ConfigError> {
        let mut config = Config::new(1);
        change(&mut config);
        config.check()
    }

    #[test]
    fn the_defaults_are_sound() {
        assert_eq!(checked(|_| ()), Ok(()));
    }

    #[test]
    fn each_value_out_of_its_range_is_named() {
        let half = Duration::from_millis(500);
        let second = Duration::from_secs(1);
        for found in [Duration::ZERO, half, second + half] {
            assert_eq!(checked(|c| c.interval = found), Err(ConfigError::Interval { found }));
        }
        for found in [59 * second, 60 * second + half, 86_401 * second] {
            assert_eq!(checked(|c| c.limit = found), Err(ConfigError::Limit { least: 60 * second, found }));
        }
        assert_eq!(checked(|c| c.sessions_max = 0), Err(ConfigError::Sessions { found: 0 }));
        assert_eq!(checked(|c| c.sessions_max = u32::MAX), Err(ConfigError::Sessions { found: u32::MAX }));
        assert_eq!(checked(|c| c.page_max = 0), Err(ConfigError::Page));
        let any: Prefix = "::/0".parse().unwrap();
        assert_eq!(
            checked(|c| c.endpoint_allow = vec![any; 65]),
            Err(ConfigError::EndpointAllow { found: 65 })
        );
    }

    #[test]
    fn a_crowd_may_be_given_a_day() {
        assert_eq!(checked(|c| c.limit = Duration::from_secs(86_400)), Ok(()));
    }

    #[test]
    fn each_value_may_be_the_last_of_its_range() {
        let second = Duration::from_secs(1);
        assert_eq!(checked(|c| (c.interval, c.limit) = (second, 3 * second)), Ok(()));
        assert_eq!(checked(|c| c.sessions_max = 1), Ok(()));
        assert_eq!(checked(|c| c.sessions_max = u32::MAX - 1), Ok(()));
        assert_eq!(checked(|c| c.page_max = 1), Ok(()));
        let any: Prefix = "::/0".parse().unwrap();
        assert_eq!(checked(|c| c.endpoint_allow = vec![any; 64]), Ok(()));
    }
}
