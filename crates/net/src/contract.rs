//! The contract of [`Env`], as tests that any implementation has to pass. They panic where it does not.
//!
//! The same functions run over loopback sockets (`tests/env_contract.rs`), inside one simulated process and
//! between two of them, so that what a simulation proves is proved about a world that behaves like the real
//! one.
//!
//! Not here: what only one world has (threads, and certificates with a wrong key on real TLS; pauses and faults in
//! the simulated one).

mod connections;
mod handshakes;
mod process;

use std::net::SocketAddr;

use crate::{
    env::{Env, Listener},
    tls::Identity,
};

/// What one process can be asked without another: clocks, randomness, tasks, the stop signal.
///
/// Gives the stop signal of `env` in the end.
pub async fn alone<E: Env>(env: E) {
    process::clocks_go_forward(&env).await;
    process::every_timer_fires_once_and_never_early(&env).await;
    process::randomness_follows_purpose_and_key(&env);
    process::every_computation_is_carried_out(&env).await;
    process::input_goes_before_timers(&env).await;
    process::stop_wakes_everybody(&env).await;
}

/// The answering half of what needs two: run it beside [`dial`], in the same process or in another.
pub async fn answer<E: Env>(env: E, mut listener: E::Listener, identity: Identity) {
    connections::answer_echo(&mut listener).await;
    connections::answer_half_close(&mut listener).await;
    connections::answer_by_dropping(&mut listener).await;
    handshakes::answer_as_server(&env, &mut listener, &identity).await;
    handshakes::answer_a_replayed_beginning(&env, &mut listener, &identity).await;
    handshakes::answer_as_peer(&env, &mut listener, &identity).await;
    handshakes::answer_the_wrong_protocol(&env, &mut listener, &identity).await;
    handshakes::answer_by_dropping(&mut listener).await;
    // The dialler's last word: it now wants to be refused.
    let (connection, _) = listener.accept().await.expect("a connection to say that the port closes");
    drop(listener);
    drop(connection);
}

/// The dialling half of what needs two. `address` is where [`answer`] listens, `answering` its identity.
pub async fn dial<E: Env>(env: E, address: SocketAddr, identity: Identity, answering: Identity) {
    connections::dial_echo(&env, address).await;
    connections::dial_half_close(&env, address).await;
    connections::dial_and_read_the_end(&env, address).await;
    handshakes::dial_a_server(&env, address, &answering).await;
    handshakes::dial_with_a_beginning(&env, address, &answering).await;
    handshakes::dial_a_peer(&env, address, &identity, &answering).await;
    handshakes::dial_with_the_wrong_protocol(&env, address).await;
    handshakes::dial_and_be_dropped(&env, address, &identity).await;
    connections::dial_after_the_port_closed(&env, address).await;
}

/// TLS over a pipe that is no socket, as an in-band bytestream will be.
pub async fn tls_inside<E: Env>(env: E, ours: Identity, theirs: Identity) {
    handshakes::over_a_pipe(&env, &ours, &theirs).await;
}
