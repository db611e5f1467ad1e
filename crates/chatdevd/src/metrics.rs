//! The server's counters for a monitoring system, in the Prometheus text format (OpenMetrics).
//!
//! The registry is a value: a process with several servers has several. Nothing in it names a person or an address.

mod http;

use std::fmt;

use chatdev_server::Counters;
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric as _};
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::registry::Registry;

pub use http::MetricsListener;

/// One figure.
struct Figure {
    /// Name without the prefix `chatdevd_`, and without the `_total` that counters get.
    name: &'static str,
    help: &'static str,
    /// Whether it can fall.
    gauge: bool,
    value: fn(&Counters) -> u64,
}

#[rustfmt::skip]
const FIGURES: &[Figure] = &[
    Figure { name: "connections", help: "Connections open now", gauge: true, value: |c| c.connections },
    Figure { name: "sessions", help: "Sessions signed in now", gauge: true, value: |c| c.sessions },
    Figure { name: "connections_accepted", help: "Connections taken in", gauge: false, value: |c| c.connections_accepted },
    Figure { name: "connections_refused", help: "Connections refused for a limit or a shutdown", gauge: false, value: |c| c.connections_refused },
    Figure { name: "sign_ins", help: "Streams that signed in", gauge: false, value: |c| c.sign_ins },
    Figure { name: "sign_in_failures", help: "Attempts to sign in that were refused", gauge: false, value: |c| c.sign_in_failures },
    Figure { name: "registrations", help: "Accounts made by clients", gauge: false, value: |c| c.registrations },
    Figure { name: "messages_routed", help: "Messages that the server carried, instead of a peer stream", gauge: false, value: |c| c.messages_routed },
    Figure { name: "iqs", help: "Requests (iq) from clients", gauge: false, value: |c| c.iqs },
    Figure { name: "presences", help: "Presence stanzas from clients", gauge: false, value: |c| c.presences },
    Figure { name: "check_ins", help: "Check-ins taken", gauge: false, value: |c| c.check_ins },
    Figure { name: "bounced", help: "Stanzas returned to their sender with an error", gauge: false, value: |c| c.bounced },
    Figure { name: "reaped", help: "Sessions removed for their silence", gauge: false, value: |c| c.reaped },
    Figure { name: "replaced", help: "Sessions that gave way to a newer one of the same resource", gauge: false, value: |c| c.replaced },
    Figure { name: "slow_readers", help: "Sessions cut off because they did not read", gauge: false, value: |c| c.slow_readers },
];

/// A registry that asks `counters` at every reading.
pub fn registry(counters: impl Fn() -> Counters + Send + Sync + 'static) -> Registry {
    let mut registry = Registry::with_prefix("chatdevd");
    registry.register_collector(Box::new(Figures(counters)));
    registry
}

struct Figures<F>(F);

impl<F> fmt::Debug for Figures<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Figures")
    }
}

impl<F: Fn() -> Counters + Send + Sync + 'static> Collector for Figures<F> {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let counters = (self.0)();
        for Figure { name, help, gauge, value } in FIGURES {
            let value = value(&counters);
            if *gauge {
                // A count of what is open on one machine never comes near the limit of i64.
                let metric = ConstGauge::new(i64::try_from(value).unwrap_or(i64::MAX));
                metric.encode(encoder.encode_descriptor(name, help, None, metric.metric_type())?)?;
            } else {
                let metric = ConstCounter::new(value);
                metric.encode(encoder.encode_descriptor(name, help, None, metric.metric_type())?)?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_counter_is_shown_under_a_name_of_its_own() {
        let counters = Counters {
            connections: 1,
            sessions: 2,
            connections_accepted: 3,
            connections_refused: 4,
            sign_ins: 5,
            sign_in_failures: 6,
            registrations: 7,
            messages_routed: 8,
            iqs: 9,
            presences: 10,
            check_ins: 11,
            bounced: 12,
            reaped: 13,
            replaced: 14,
            slow_readers: 15,
        };
        let mut text = String::new();
        prometheus_client::encoding::text::encode(&mut text, &registry(move || counters)).unwrap();
        let values: Vec<_> = text.lines().filter(|line| !line.starts_with('#')).collect();
        insta::assert_snapshot!(values.join("\n"), @r#"
        chatdevd_connections 1
        chatdevd_sessions 2
        chatdevd_connections_accepted_total 3
        chatdevd_connections_refused_total 4
        chatdevd_sign_ins_total 5
        chatdevd_sign_in_failures_total 6
        chatdevd_registrations_total 7
        chatdevd_messages_routed_total 8
        chatdevd_iqs_total 9
        chatdevd_presences_total 10
        chatdevd_check_ins_total 11
        chatdevd_bounced_total 12
        chatdevd_reaped_total 13
        chatdevd_replaced_total 14
        chatdevd_slow_readers_total 15
        "#);
    }
}
