//! Seeded bugs, to prove that the simulation finds bugs: it plants one of them, runs, and has to see it.
//!
//! The crates of the product ask [`planted`] on the line that carries a rule. Without the feature `planted` the answer is a
//! constant `false`, and the bug is not in the program. No shipped program has the feature (`.ci/no-canaries` checks it); the
//! simulation's own feature `canaries` is the only one that names it. With it, at most one canary sings at a time, on one
//! thread: worlds on other threads do not hear it.
//!
//! What this does *not* do: look for anything. Each canary says which situation shows it; making that situation, and judging
//! what is seen, is the simulation's.

#[cfg(feature = "planted")]
use std::cell::Cell;

/// The enum, and what its variants' documentation says, once.
macro_rules! canaries {
    ($(#[doc = $about:literal] $(#[doc = $more:literal])* $variant:ident = $name:literal,)*) => {
        /// A bug that can be planted. The first sentence says what goes wrong, the second what shows it.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Canary {
            $(#[doc = $about] $(#[doc = $more])* $variant,)*
        }

        impl Canary {
            /// All of them, by crate, from the bottom of the house to its top.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// Its name on a command line.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                }
            }

            /// What goes wrong with it, in one sentence.
            #[must_use]
            pub const fn about(self) -> &'static str {
                match self {
                    $(Self::$variant => $about.trim_ascii(),)*
                }
            }
        }
    };
}

canaries! {
    // The directory.

    /// When an older session's limit is over, whatever session has its full JID by then goes out of the directory.
    ///
    /// Shown by: somebody who comes back under the same full JID and stays longer than the limit of the session before.
    ReapByJid = "reap-by-jid",
    /// A session is due 1 ms before it was silent for its limit.
    ///
    /// Shown by: any reaping, where time is told to the millisecond.
    LimitOneTickEarly = "limit-one-tick-early",
    /// A session that was due once is reaped, though something came from it before the moment of removal.
    ///
    /// Shown by: input at the limit, read before the reaping and committed or waiting on the socket while it is decided.
    ReapWithoutRecheck = "reap-without-recheck",
    /// Once pinged, a session is reaped at its limit, whatever it says until then.
    ///
    /// Shown by: a session that is silent for more than half of its limit and then speaks; a client that only answers pings.
    PongIgnored = "pong-ignored",
    /// The departure that directly follows the watcher's version is left out of the delta.
    ///
    /// Shown by: a departure that is the first change since a watcher's last check-in.
    DeltaSkipsDeparture = "delta-skips-departure",
    /// Every life of the server has the same EPOCH.
    ///
    /// Shown by: a restart of the server while clients stay, and others come or go.
    EpochNotRenewed = "epoch-not-renewed",
    /// The version of an answer that has more to come lies one COUNTER too far.
    ///
    /// Shown by: an answer of several pages; the change behind a page's end is never told.
    PageSkipsOne = "page-skips-one",
    /// A change of an entry takes no COUNTER, so nobody who has heard of the entry is told.
    ///
    /// Shown by: a new profile, or a newer session under the same full JID, with somebody watching.
    ChangeNotCounted = "change-not-counted",
    /// Deadlines are not moved by the length of a stall of the server's own.
    ///
    /// Shown by: a server that stands still while a session is silent, and goes on before its limit and the stall are over.
    StallIgnored = "stall-ignored",
    /// A session that is replaced under its full JID is told as gone.
    ///
    /// Shown by: somebody who comes back under the same full JID before the older session has ended, with somebody watching.
    ReplacedSessionSaysGone = "replaced-session-says-gone",
    /// A delta is answered although a departure that it would have to tell has been forgotten.
    ///
    /// Shown by: more departures than are remembered, between two check-ins of a watcher that listed them.
    ForgottenDepartureNoReset = "forgotten-departure-no-reset",
    /// A reset begins no new list: whoever it does not name stays in the client's copy.
    ///
    /// Shown by: a restart of the server, or another reset, with somebody who does not come back.
    ResetKeepsList = "reset-keeps-list",

    // Streams.

    /// An `<r/>` on a peer stream may stay unanswered for ever.
    ///
    /// Shown by: a peer that falls silent with a message under way, without an end of the connection.
    PeerAnswerNeverTimesOut = "peer-answer-never-times-out",
    /// Signing in has no deadline, on either side.
    ///
    /// Shown by: a partition, or a side that falls silent, between the stream header and the bind.
    NegotiationWithoutDeadline = "negotiation-without-deadline",

    // The server.

    /// The older session of a full JID is not told of the conflict: its stream stays open, and is not heard any more.
    ///
    /// Shown by: two clients that bind the same resource, both of them alive.
    OlderSessionStays = "older-session-stays",
    /// A session whose stream ended stays in the directory, until its full JID comes back.
    ///
    /// Shown by: any end of a stream without unavailable presence before it, with somebody watching.
    EndNotTold = "end-not-told",
    /// What a dead session was still owed is dropped instead of bounced to its senders.
    ///
    /// Shown by: a message through the server to somebody whose connection is stalled and then ends.
    BounceLost = "bounce-lost",
    /// A stanza keeps the `from` that its client wrote, whoever it names.
    ///
    /// Shown by: a client that writes another's address into a message.
    FromNotStamped = "from-not-stamped",
    /// A full queue drops the newest stanza without a word, where the slow reader should be cut off.
    ///
    /// Shown by: a client that does not read, and is sent more than a queue holds.
    FullQueueDropsNewest = "full-queue-drops-newest",
    /// Of the stanzas of one read the last takes effect first.
    ///
    /// Shown by: several stanzas of one client that arrive together: messages through the server, or one and the stream's end.
    LastReadFirst = "last-read-first",

    // The client.

    /// A message of a peer is acknowledged before it is stored.
    ///
    /// Shown by: a receiver that crashes, or whose storage fails, between a message's coming and its being stored.
    AckBeforeStored = "ack-before-stored",
    /// A number that the receiver has already is taken for a new message.
    ///
    /// Shown by: a peer stream that is lost after a message came and before its acknowledgement did.
    HighWaterForgotten = "high-water-forgotten",
    /// The high-water marks of storage are not read at the start.
    ///
    /// Shown by: a receiver that restarts between storing a message and the coming of its acknowledgement.
    HighWaterNotDurable = "high-water-not-durable",
    /// What was unacknowledged when a peer stream ended is not sent again.
    ///
    /// Shown by: a peer stream that is lost with a message under way.
    UnackedNotResent = "unacked-not-resent",
    /// What was unacknowledged when a peer stream ended is sent again in reverse order.
    ///
    /// Shown by: a peer stream that is lost with several messages under way; the receiver drops all but the last.
    ResendOutOfOrder = "resend-out-of-order",
    /// The client comes back after a twentieth of a second, however often that failed.
    ///
    /// Shown by: a server that is away, or any lost connection.
    NoBackOff = "no-back-off",
    /// The client comes back by itself after `<conflict/>`.
    ///
    /// Shown by: two clients that bind the same resource: they throw each other out for ever.
    ConflictFights = "conflict-fights",
    /// A peer may show the certificate of any entry in the directory, not only that of the full JID that it claims.
    ///
    /// Shown by: a client that is in the directory itself, and claims another's JID to somebody who has not met that one.
    IdentityAnyEntry = "identity-any-entry",
    /// A fingerprint beside the remembered ones is accepted without asking.
    ///
    /// Shown by: somebody who comes back with a new device key, and a message to or from them.
    ChangedKeyAccepted = "changed-key-accepted",
    /// Clear text goes to a JID with a remembered fingerprint when the directory shows none.
    ///
    /// Shown by: somebody who sealed and is now online with an ordinary client only, or whose fingerprint a server hides.
    ClearWhenHidden = "clear-when-hidden",
    /// Of two simultaneous peer streams the one that opened last stays, so that each side closes what the other keeps.
    ///
    /// Shown by: two clients that dial each other at once.
    TieBreakClosesBoth = "tie-break-closes-both",
    /// A check-in comes three intervals after the last one.
    ///
    /// Shown by: any two check-ins of one session that the schedule asked for.
    CheckInLate = "check-in-late",
    /// A message is told as delivered when it is written to a peer stream.
    ///
    /// Shown by: a message that is written to a peer which never gets it: partitioned, or gone for good.
    DeliveredOnSend = "delivered-on-send",

    // The drivers.

    /// A session that is due is reaped without another look at its socket.
    ///
    /// Shown by: input that reaches the server's socket at the very moment of the limit.
    TimeOutBeforeInput = "time-out-before-input",
    /// The server goes on with a connection that has ended, until it is reaped or a write fails.
    ///
    /// Shown by: a client that ends its connection without closing its stream, with somebody watching.
    EofIgnored = "eof-ignored",
}

/// Whether this bug is to be there. Nothing is planted without the feature `planted`.
#[cfg(not(feature = "planted"))]
#[inline(always)]
#[must_use]
pub const fn planted(_canary: Canary) -> bool {
    false
}

/// Whether this bug is to be there, on this thread.
#[cfg(feature = "planted")]
#[must_use]
pub fn planted(canary: Canary) -> bool {
    SINGING.with(|singing| singing.get() == Some(canary))
}

/// Plants a bug for all that runs on this thread from now on, in place of the one before; `None` takes it away.
#[cfg(feature = "planted")]
pub fn plant(canary: Option<Canary>) {
    SINGING.with(|singing| singing.set(canary));
}

#[cfg(feature = "planted")]
thread_local! {
    static SINGING: Cell<Option<Canary>> = const { Cell::new(None) };
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn names_differ_and_can_be_typed() {
        let names: BTreeSet<&str> = Canary::ALL.iter().map(|canary| canary.name()).collect();
        assert_eq!(names.len(), Canary::ALL.len());
        for name in names {
            assert!(name.bytes().all(|octet| octet.is_ascii_lowercase() || octet == b'-'), "{name}");
        }
    }

    #[test]
    fn each_says_in_one_sentence_what_goes_wrong() {
        for canary in Canary::ALL {
            let about = canary.about();
            assert!(about.ends_with('.') && !about.starts_with(' '), "{about:?}");
        }
    }

    #[cfg(not(feature = "planted"))]
    #[test]
    fn nothing_can_be_planted_in_what_is_shipped() {
        assert!(Canary::ALL.iter().all(|canary| !planted(*canary)));
    }

    #[cfg(feature = "planted")]
    #[test]
    fn one_sings_at_a_time_and_on_one_thread() {
        let singing = || Canary::ALL.iter().copied().filter(|canary| planted(*canary)).collect::<Vec<_>>();
        assert_eq!(singing(), []);
        plant(Some(Canary::NoBackOff));
        assert_eq!(singing(), [Canary::NoBackOff]);
        #[expect(clippy::disallowed_methods, reason = "other threads are what is asked about")]
        let elsewhere = std::thread::spawn(singing);
        assert_eq!(elsewhere.join().unwrap(), []);
        plant(None);
        assert_eq!(singing(), []);
    }
}
