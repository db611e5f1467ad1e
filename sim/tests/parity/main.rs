//! Parity: what runs in the simulation runs on real sockets too, and is judged alike.
//!
//! - `schedules`: schedules of scenarios, carried out on loopback in real time and judged by the same checkers
//! - `sockets`: what a socket does here and there; where that differs, the test shows both
//! - `contract`: the contract of `Env`, which the simulation's and production's hold to as well (`env_contract.rs`, here
//!   and in `chatdev-net`)
//!
//! Where loopback loses packets (`.ci/parity` makes it so, and sets `CHATDEV_PARITY_LOSSY`), no schedule runs in which a
//! connection is cut by a reset: a reset is sent once, and where it is lost nobody is told.
//!
//! # Known differences
//!
//! Each has its test in `sockets`, named as in this list. What follows from it for who reads a run:
//!
//! | real TCP (Linux) | the simulated world | so |
//! |---|---|---|
//! | `a_dial_to_a_frozen_process`: its kernel answers | hangs until somebody accepts | a client that dials a frozen peer waits for the dial in the simulation, and for the handshake in the real world |
//! | `a_full_backlog`: some dials are answered before anybody accepts, more hang | none is answered before | nobody may count on being accepted because the dial went through |
//! | `how_long_a_dial_takes`: there and back | one way: turmoil's SYN-ACK takes no time | sign-ins are faster by one way |
//! | `a_port_that_dials_itself`: a dial to a port that nobody listens on may be given that very port, and then meets itself | is refused | on loopback alone; TLS fails with itself |
//! | `two_writes_in_one_read`: may be read together | one read gives octets of one write at most | whoever reads must not take a read for a message; the simulation tears writes, it does not join them |
//! | `a_writer_whom_nobody_reads`: waits when the kernels' buffers are full, megabytes on loopback | after 256 KiB exactly | a slow reader is found out later in the real world |
//! | `a_cut_with_a_reset`: Linux gives what had arrived, then the reset | the reset, at once | what was said just before a cut may still arrive; nobody may count on its loss |
//!
//! Alike, and shown to be by their tests: `a_closed_peer` takes one write and breaks the next, and reads as an end;
//! `a_killed_process` leaves an end behind, and `a_killed_process_that_had_not_read_everything` a reset, both behind what
//! it wrote; `a_port_that_nobody_listens_on` refuses.
//!
//! # Not judged on real sockets
//!
//! Invariants about an exact time hold only where time is exact:
//!
//! - the scenarios `heartbeat-at-limit` and `sign-in-while-reaped`: they are about single milliseconds
//! - `reaping`, its second half: by when the server read something it is judged only where a read is a whole number of
//!   elements. The first half, by the server's own figures, is judged
//! - `freeze`s that are within a second and a half of the limit: whether the session is reaped is a matter of luck
//! - clocks that run fast or slow: a machine has one clock

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod contract;
mod places;
mod schedules;
mod sockets;
