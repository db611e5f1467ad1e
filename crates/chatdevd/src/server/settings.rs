//! The operator's configuration in the terms of the rooms that keep it: streams, directory, server.

use std::time::Duration;

use anyhow::Context as _;
use chatdev_stream::receiving;
use chatdev_stream::sasl::FakeSalts;
use jid::DomainPart;

use crate::config::{Config, Endpoints, Visibility};
use crate::store::SECRET_BYTES;

/// What the server's brain is to keep. `secret` is behind its fake salts, `epoch` another one than at any earlier
/// start.
pub(super) fn brain(
    config: &Config,
    secret: [u8; SECRET_BYTES],
    epoch: u32,
) -> anyhow::Result<chatdev_server::Config> {
    let domain = DomainPart::new(&config.domain).context("the domain cannot be served")?.into_owned();
    let iterations = config.accounts.scram_iterations;
    let mut stream = receiving::Config::new(domain, FakeSalts::new(secret, iterations));
    stream.tls_required = config.tls.required;
    // The configuration's rules have it open on loopback addresses only; the streams look once more at each
    // connection.
    stream.registration = match config.registration.open {
        true => receiving::Registration::Loopback,
        false => receiving::Registration::Closed,
    };
    stream.negotiation = seconds(config.limits.sign_in_seconds);
    stream.after_sign_in.element_bytes_max = config.limits.stanza_bytes_max;

    let mut directory = chatdev_directory::Config::new(epoch);
    directory.interval = seconds(config.directory.interval_seconds);
    directory.limit = seconds(config.directory.limit_seconds);
    directory.visibility = match config.directory.visibility {
        Visibility::Everyone => chatdev_directory::Visibility::Everyone,
        // Refused by the configuration's rules until there are rosters; nobody sees anybody is the safe side.
        Visibility::Contacts | Visibility::Off => chatdev_directory::Visibility::Off,
    };
    directory.endpoints = match config.directory.endpoints {
        Endpoints::Everyone => chatdev_directory::EndpointVisibility::Everyone,
        Endpoints::Contacts | Endpoints::Nobody => chatdev_directory::EndpointVisibility::Nobody,
    };
    directory.endpoint_allow = config.directory.endpoint_allow.iter().map(|network| network.0).collect();
    directory.departures_max = config.directory.departures_max;
    directory.check().context("the directory cannot be run with these settings")?;

    let mut brain = chatdev_server::Config::new(stream, directory);
    brain.iterations = iterations;
    brain.limits.connections_max = config.limits.connections_max;
    brain.limits.unsigned_per_address_max = config.limits.unsigned_per_address_max;
    brain.limits.sessions_per_account_max = config.limits.sessions_per_account_max;
    brain.limits.outbound_bytes_max = config.limits.queue_bytes_max;
    Ok(brain)
}

fn seconds(number: u32) -> Duration {
    Duration::from_secs(number.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_are_those_of_the_rooms() {
        let brain = brain(&Config::default(), [0; SECRET_BYTES], 7).unwrap();
        let room = chatdev_directory::Config::new(7);
        assert_eq!(format!("{:?}", brain.directory), format!("{room:?}"));
        let domain = DomainPart::new("localhost").unwrap().into_owned();
        let mut stream = receiving::Config::new(domain, FakeSalts::new([0; SECRET_BYTES], 10_000));
        stream.registration = receiving::Registration::Loopback;
        assert_eq!(format!("{:?}", brain.stream), format!("{stream:?}"));
        let room = chatdev_server::Config::new(stream, room);
        assert_eq!(brain.iterations, room.iterations);
        // A tenth of what the room would take: beyond that, an operator has to think of open files first.
        assert_eq!(brain.limits, chatdev_server::Limits { connections_max: 10_000, ..room.limits });
    }

    #[test]
    fn every_setting_reaches_its_room() {
        let mut config = Config { domain: "Example.NET".to_owned(), ..Config::default() };
        config.registration.open = false;
        config.accounts.scram_iterations = 5000;
        config.tls.required = false;
        config.directory.interval_seconds = 2;
        config.directory.limit_seconds = 9;
        config.directory.visibility = Visibility::Off;
        config.directory.endpoints = Endpoints::Nobody;
        config.directory.endpoint_allow = vec!["198.51.100.0/24".to_owned().try_into().unwrap()];
        config.directory.departures_max = 3;
        config.limits.connections_max = 11;
        config.limits.unsigned_per_address_max = 12;
        config.limits.sessions_per_account_max = 13;
        config.limits.queue_bytes_max = 200_000;
        config.limits.stanza_bytes_max = 20_000;
        config.limits.sign_in_seconds = 14;
        let brain = brain(&config, [0; SECRET_BYTES], 7).unwrap();
        assert_eq!(brain.domain.as_str(), "example.net");
        assert_eq!(brain.stream.registration, receiving::Registration::Closed);
        assert_eq!(brain.iterations, 5000);
        assert!(!brain.stream.tls_required);
        assert_eq!((brain.directory.interval, brain.directory.limit), (seconds(2), seconds(9)));
        assert_eq!(brain.directory.visibility, chatdev_directory::Visibility::Off);
        assert_eq!(brain.directory.endpoints, chatdev_directory::EndpointVisibility::Nobody);
        assert_eq!(brain.directory.endpoint_allow, ["198.51.100.0/24".parse().unwrap()]);
        assert_eq!(brain.directory.departures_max, 3);
        assert_eq!(brain.limits.connections_max, 11);
        assert_eq!(brain.limits.unsigned_per_address_max, 12);
        assert_eq!(brain.limits.sessions_per_account_max, 13);
        assert_eq!(brain.limits.outbound_bytes_max, 200_000);
        assert_eq!(brain.stream.after_sign_in.element_bytes_max, 20_000);
        assert_eq!(brain.stream.negotiation, seconds(14));
    }
}
