//! Serving: from the settings to the last signal.

use anyhow::Context as _;
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::cli::Settings;
use crate::config::Config;
use crate::log;
use crate::server::{Running, Server};

/// Serves until a signal says to end, and ends as it says.
pub(super) fn run(settings: &Settings) -> anyhow::Result<()> {
    let (config, warnings) = settings.resolve_here()?;
    log::install(&config.log)?;
    for warning in warnings {
        tracing::warn!("{warning}");
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("the system gives no threads")?;
    runtime.block_on(serve(config))
}

async fn serve(config: Config) -> anyhow::Result<()> {
    // Before anything else: a signal that comes while the server starts is heard once it runs.
    let mut signals = Signals::new().context("cannot listen for signals")?;
    let running = Server::start(config).await?;
    announce(&running);
    while signals.next().await == Order::Reload {
        match running.reload_certificate() {
            Ok(fingerprint) => {
                tracing::info!(%fingerprint, "read the certificate again; new connections see it");
            }
            Err(error) => tracing::error!(error = format!("{error:#}"), "kept the old certificate"),
        }
    }
    tracing::info!("ending; a second signal ends at once");
    let hurry = async { while signals.next().await != Order::End {} };
    tokio::select! {
        biased;
        () = running.stop() => tracing::info!("ended"),
        () = hurry => tracing::warn!("ended at once"),
    }
    Ok(())
}

/// Says where the server is and how to get in.
fn announce(running: &Running) {
    let config = running.config();
    for address in running.addresses() {
        tracing::info!(%address, "listening");
    }
    if let Some(address) = running.metrics_address() {
        tracing::info!("figures are at http://{address}/metrics");
    }
    let domain = &config.domain;
    tracing::info!(%domain, data = %running.data().display(), "serving");
    tracing::info!(sha256 = %running.fingerprint(), "certificate");
    let Some(address) = running.addresses().first() else { return };
    let port = address.port();
    let host = match address.ip() {
        any if any.is_unspecified() => "the address of this machine".to_owned(),
        one => one.to_string(),
    };
    match config.registration.open {
        true => tracing::info!(
            "to sign in with any XMPP client: make an account NAME@{domain}, server {host}, port {port}"
        ),
        false => tracing::info!(
            "to sign in with any XMPP client: `chatdevd account add NAME`, then NAME@{domain}, server {host}, port {port}"
        ),
    }
}

/// What a signal asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Order {
    End,
    Reload,
}

struct Signals {
    terminate: Signal,
    interrupt: Signal,
    hang_up: Signal,
}

impl Signals {
    fn new() -> std::io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            hang_up: signal(SignalKind::hangup())?,
        })
    }

    async fn next(&mut self) -> Order {
        tokio::select! {
            biased;
            _ = self.terminate.recv() => Order::End,
            _ = self.interrupt.recv() => Order::End,
            _ = self.hang_up.recv() => Order::Reload,
        }
    }
}
