//! A `chatdevd` in this process.

use std::net::SocketAddr;
use std::sync::mpsc;
use std::thread::JoinHandle;

use chatdevd::Config;
use tempfile::TempDir;
use tokio::sync::oneshot;

/// A server on a thread of its own; it ends with its value.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    pub(crate) fingerprint: String,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
    _folder: TempDir,
}

impl Server {
    /// One that lets clients in without TLS, too.
    pub(crate) fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let address = SocketAddr::from(([127, 0, 0, 1], 0));
        let mut config =
            Config { data: Some(folder.path().to_owned()), listen: vec![address], ..Config::default() };
        config.accounts.scram_iterations = 4096;
        config.tls.required = false;
        let (ready, is_ready) = mpsc::channel();
        let (stop, stopped) = oneshot::channel();
        let thread = std::thread::Builder::new().spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let server = chatdevd::Server::start(config).await.unwrap();
                ready.send((server.addresses()[0], server.fingerprint().to_string())).unwrap();
                let _ = stopped.await;
                server.stop().await;
            });
        });
        let (address, fingerprint) = is_ready.recv().unwrap();
        Self { address, fingerprint, stop: Some(stop), thread: Some(thread.unwrap()), _folder: folder }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
