//! What is true of a whole world from its start: its seed, its clock's grain, and how its network treats
//! bytes.

use std::time::{Duration, SystemTime};

use jiff::Timestamp;
use rand_chacha::ChaCha20Rng;
use rand_core::Rng;

use super::TCP_CAPACITY;

/// The settings of a world.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Everything random follows from it.
    pub seed: u64,
    /// How far time moves in one step; whole milliseconds. Bytes between machines arrive at the beginning of
    /// a tick, timers are exact to the millisecond. Default 1 ms.
    pub tick: Duration,
    /// How long a write travels between two machines. Default 2 ms.
    pub latency: Duration,
    /// The most by which a single write comes later than that, in milliseconds. Default 0.
    pub jitter_ms_max: u64,
    /// How writes and reads are broken up. Default [`Pieces::Whole`].
    pub pieces: Pieces,
    /// The longest wait at a driver's chaos point, in milliseconds. Default 0: none.
    pub chaos_ms_max: u64,
    /// Whether machines take their turns within a tick in an order drawn from the seed. Default no.
    pub random_turns: bool,
    /// Real rustls instead of the stand-in. Its bytes do not follow from the seed: only outcomes can be
    /// judged. Default no.
    pub real_tls: bool,
    /// What the wall clock shows at the start. Default 2026-11-22, noon.
    pub epoch: Timestamp,
}

impl Settings {
    /// A quiet world: no jitter, whole writes, no chaos.
    #[must_use]
    pub fn quiet(seed: u64) -> Self {
        Self {
            seed,
            tick: Duration::from_millis(1),
            latency: Duration::from_millis(2),
            jitter_ms_max: 0,
            pieces: Pieces::Whole,
            chaos_ms_max: 0,
            random_turns: false,
            real_tls: false,
            epoch: Timestamp::from_second(1_795_348_800).expect("a time within jiff's range"),
        }
    }

    pub(crate) fn builder(&self) -> turmoil::Builder {
        let epoch = Duration::from_millis(u64::try_from(self.epoch.as_millisecond()).unwrap_or_default());
        let mut builder = turmoil::Builder::new();
        builder
            .rng_seed(self.seed)
            .epoch(SystemTime::UNIX_EPOCH + epoch)
            .tick_duration(self.tick)
            // Equal bounds: turmoil then draws nothing, so that no fault can move another's draw.
            .min_message_latency(self.latency)
            .max_message_latency(self.latency)
            // A dial that is refused leaks its port (turmoil 0.7.2).
            .ephemeral_ports(1024..=65535)
            .tcp_capacity(TCP_CAPACITY)
            .simulation_duration(Duration::MAX);
        if self.random_turns {
            builder.enable_random_order();
        }
        builder
    }
}

/// How the network breaks up what is written and what is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pieces {
    /// Not at all.
    Whole,
    /// Into pieces of one to so many octets.
    UpTo(usize),
}

impl Pieces {
    pub(crate) fn draw(self, rng: &mut ChaCha20Rng, there: usize) -> usize {
        match self {
            Self::Whole => there,
            Self::UpTo(most) => {
                let most = u64::try_from(most.max(1)).unwrap_or(u64::MAX);
                there.min(usize::try_from(1 + rng.next_u64() % most).unwrap_or(usize::MAX))
            }
        }
    }
}
