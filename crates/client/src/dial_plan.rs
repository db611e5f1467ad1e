//! The order and the times in which one peer's endpoints are dialled: staggered, in the manner of RFC 8305 (Happy
//! Eyeballs), within one deadline for all of them.
//!
//! What it does *not* do: judge who answered. An endpoint that accepts a connection and then shows another certificate
//! has not answered, so the plan runs on until the caller drops it or the deadline ends it.

use std::collections::VecDeque;
use std::time::Duration;

use chatdev_directory::Endpoint;

/// Bounds of one attempt to reach a peer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DialLimits {
    /// Wait before the next endpoint is dialled beside the ones that have not answered. Default 250 ms (RFC 8305 §5).
    pub stagger: Duration,
    /// The whole attempt, TLS included. Default 3 s.
    pub total: Duration,
    /// Endpoints dialled of one peer; more are left out. Default 4, as many as the directory carries.
    pub endpoints_max: usize,
    /// Least time between the beginnings of two attempts to reach one session. Default 1 s; doubled with each attempt
    /// that failed, up to `gap_max`.
    pub gap: Duration,
    /// Longest wait that failures can add up to. Default 16 s.
    pub gap_max: Duration,
}

impl Default for DialLimits {
    fn default() -> Self {
        Self {
            stagger: Duration::from_millis(250),
            total: Duration::from_secs(3),
            endpoints_max: 4,
            gap: Duration::from_secs(1),
            gap_max: Duration::from_secs(16),
        }
    }
}

/// What is left to dial, and when.
#[derive(Debug)]
pub(crate) struct DialPlan {
    waiting: VecDeque<Endpoint>,
    next_at: Duration,
    deadline: Duration,
    stagger: Duration,
}

impl DialPlan {
    pub(crate) fn new(now: Duration, endpoints: &[Endpoint], limits: &DialLimits) -> Self {
        Self {
            waiting: interleaved(endpoints).take(limits.endpoints_max).collect(),
            next_at: now,
            deadline: now + limits.total,
            stagger: limits.stagger,
        }
    }

    /// The endpoint to dial at this moment, if its time has come.
    pub(crate) fn poll(&mut self, now: Duration) -> Option<Endpoint> {
        if now < self.next_at || now >= self.deadline {
            return None;
        }
        let endpoint = self.waiting.pop_front()?;
        self.next_at = now + self.stagger;
        Some(endpoint)
    }

    /// An endpoint was refused: the next one does not wait for its turn (RFC 8305 §5).
    pub(crate) fn handle_failure(&mut self, now: Duration) {
        self.next_at = self.next_at.min(now);
    }

    /// No endpoint is left to dial; those dialled may still answer.
    pub(crate) fn is_exhausted(&self) -> bool {
        self.waiting.is_empty()
    }

    pub(crate) fn deadline(&self) -> Duration {
        self.deadline
    }

    pub(crate) fn poll_timeout(&self) -> Duration {
        if self.waiting.is_empty() { self.deadline } else { self.next_at.min(self.deadline) }
    }
}

/// IPv6 and IPv4 alternately, IPv6 first, each family in the order in which it was announced (RFC 8305 §4).
fn interleaved(endpoints: &[Endpoint]) -> impl Iterator<Item = Endpoint> {
    let mut v6 = endpoints.iter().copied().filter(|endpoint| endpoint.address.is_ipv6());
    let mut v4 = endpoints.iter().copied().filter(|endpoint| endpoint.address.is_ipv4());
    let mut v6_turn = false;
    std::iter::from_fn(move || {
        v6_turn = !v6_turn;
        if v6_turn { v6.next().or_else(|| v4.next()) } else { v4.next().or_else(|| v6.next()) }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn endpoint(address: &str) -> Endpoint {
        Endpoint { address: address.parse().unwrap(), port: 5298 }
    }

    fn addresses(plan: &mut DialPlan, at: &[u64]) -> Vec<Option<String>> {
        at.iter()
            .map(|ms| plan.poll(Duration::from_millis(*ms)).map(|endpoint| endpoint.address.to_string()))
            .collect()
    }

    #[test]
    fn families_alternate_and_keep_their_order() {
        let order: Vec<_> = interleaved(&[
            endpoint("10.0.0.1"),
            endpoint("10.0.0.2"),
            endpoint("10.0.0.3"),
            endpoint("fd00::1"),
        ])
        .map(|endpoint| endpoint.address.to_string())
        .collect();
        assert_eq!(order, ["fd00::1", "10.0.0.1", "10.0.0.2", "10.0.0.3"]);
    }

    #[test]
    fn the_second_endpoint_waits_for_its_turn() {
        let endpoints = [endpoint("10.0.0.1"), endpoint("10.0.0.2")];
        let mut plan = DialPlan::new(Duration::ZERO, &endpoints, &DialLimits::default());
        assert_eq!(
            addresses(&mut plan, &[0, 0, 249, 250, 251]),
            [Some("10.0.0.1".to_owned()), None, None, Some("10.0.0.2".to_owned()), None]
        );
        assert!(plan.is_exhausted());
    }

    #[test]
    fn a_refusal_brings_the_next_endpoint_forward() {
        let endpoints = [endpoint("10.0.0.1"), endpoint("10.0.0.2")];
        let mut plan = DialPlan::new(Duration::ZERO, &endpoints, &DialLimits::default());
        plan.poll(Duration::ZERO);
        plan.handle_failure(Duration::from_millis(3));
        assert_eq!(plan.poll_timeout(), Duration::from_millis(3));
        assert_eq!(addresses(&mut plan, &[3]), [Some("10.0.0.2".to_owned())]);
    }

    #[test]
    fn nothing_is_dialled_after_the_deadline() {
        let endpoints = [endpoint("10.0.0.1"), endpoint("10.0.0.2")];
        let mut plan = DialPlan::new(Duration::ZERO, &endpoints, &DialLimits::default());
        plan.poll(Duration::ZERO);
        assert_eq!(addresses(&mut plan, &[3000]), [None]);
        assert_eq!(plan.deadline(), Duration::from_secs(3));
    }

    #[test]
    fn endpoints_beyond_the_limit_are_left_out() {
        let endpoints: Vec<_> = (1..=9).map(|host| endpoint(&format!("10.0.0.{host}"))).collect();
        let mut plan = DialPlan::new(Duration::ZERO, &endpoints, &DialLimits::default());
        let dialled = (0..12).filter_map(|turn| plan.poll(Duration::from_millis(turn * 250))).count();
        assert_eq!(dialled, 4);
    }
}
