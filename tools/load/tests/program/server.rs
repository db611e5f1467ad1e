//! A server to put under load, in this process.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::mpsc;
use std::thread::JoinHandle;

use chatdevd::Config;
use tokio::sync::oneshot;

/// A `chatdevd` on a thread of its own; it ends with its value.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    /// Starts on a port of the system's choice, or on one that it had before.
    pub(crate) fn start(folder: &Path, address: Option<SocketAddr>) -> Self {
        Self::start_with(config(folder, address.unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], 0)))))
    }

    /// One that lets nobody in without TLS.
    pub(crate) fn start_insisting_on_tls(folder: &Path) -> Self {
        let mut config = config(folder, SocketAddr::from(([127, 0, 0, 1], 0)));
        config.tls.required = true;
        Self::start_with(config)
    }

    fn start_with(config: Config) -> Self {
        let (ready, is_ready) = mpsc::channel();
        let (stop, stopped) = oneshot::channel();
        let thread = std::thread::Builder::new().spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let server = chatdevd::Server::start(config).await.unwrap();
                ready.send(server.addresses()[0]).unwrap();
                let _ = stopped.await;
                server.stop().await;
            });
        });
        let address = is_ready.recv().unwrap();
        Self { address, stop: Some(stop), thread: Some(thread.unwrap()) }
    }
}

fn config(folder: &Path, address: SocketAddr) -> Config {
    let mut config = Config { data: Some(folder.to_owned()), listen: vec![address], ..Config::default() };
    config.accounts.scram_iterations = 4096;
    config.tls.required = false;
    config.limits.unsigned_per_address_max = 1000;
    config
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
