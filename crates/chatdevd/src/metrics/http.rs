//! `GET /metrics` over HTTP/1.1, and nothing else.
//!
//! It has no password and no TLS, and so belongs on a loopback address, or behind something that has them.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::anyhow;
use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::header::{ALLOW, CONTENT_TYPE};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use prometheus_client::registry::Registry;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;

/// Readers at one time; more of them wait to be accepted.
const READERS_MAX: usize = 16;

/// How long one reader may take, from its connection to the last byte of its answer.
const READER_TIMEOUT: Duration = Duration::from_secs(10);

/// How long nobody is accepted after the system refused to accept: it may be out of file descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// The text format that `prometheus-client` writes.
const FORMAT: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// A listener that answers until it is dropped.
#[derive(Debug)]
pub struct MetricsListener {
    address: SocketAddr,
    task: JoinHandle<()>,
}

impl MetricsListener {
    /// Listens on `address` and answers with what is in `registry`.
    ///
    /// # Errors
    /// If the address cannot be had.
    pub async fn start(address: SocketAddr, registry: Registry) -> anyhow::Result<Self> {
        let listener = TcpListener::bind(address).await.map_err(|error| {
            anyhow!("cannot listen on {address} for metrics: {error}\n  help: choose another address with --metrics")
        })?;
        let address = listener.local_addr()?;
        let task = tokio::spawn(accept(listener, Arc::new(registry)));
        Ok(Self { address, task })
    }

    /// Where it listens, with the port that the system chose.
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for MetricsListener {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn accept(listener: TcpListener, registry: Arc<Registry>) {
    let readers = Arc::new(Semaphore::new(READERS_MAX));
    loop {
        let place = Arc::clone(&readers).acquire_owned().await.expect("the semaphore is never closed");
        match listener.accept().await {
            Ok((connection, _)) => {
                let registry = Arc::clone(&registry);
                tokio::spawn(async move {
                    serve(connection, &registry).await;
                    drop(place);
                });
            }
            Err(error) => {
                tracing::warn!(%error, "a reader of metrics could not be accepted");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

async fn serve(connection: TcpStream, registry: &Registry) {
    let service = service_fn(|request| async move { Ok::<_, Infallible>(answer(&request, registry)) });
    let served = http1::Builder::new()
        .timer(TokioTimer::new())
        .keep_alive(false)
        .serve_connection(TokioIo::new(connection), service);
    // Whatever goes wrong here is the reader's: it sent no HTTP, went away, or took too long.
    match tokio::time::timeout(READER_TIMEOUT, served).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::debug!(%error, "a reader of metrics was not answered"),
        Err(_) => tracing::debug!("a reader of metrics took too long"),
    }
}

fn answer(request: &Request<Incoming>, registry: &Registry) -> Response<Full<Bytes>> {
    let plain = |status, text: &'static str| {
        let mut response = Response::new(Full::new(Bytes::from_static(text.as_bytes())));
        *response.status_mut() = status;
        response
    };
    if request.uri().path() != "/metrics" {
        return plain(StatusCode::NOT_FOUND, "there is only /metrics here\n");
    }
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        let mut response = plain(StatusCode::METHOD_NOT_ALLOWED, "metrics can only be read\n");
        response.headers_mut().insert(ALLOW, "GET, HEAD".parse().expect("a header value in ASCII"));
        return response;
    }
    let mut text = String::new();
    if prometheus_client::encoding::text::encode(&mut text, registry).is_err() {
        return plain(StatusCode::INTERNAL_SERVER_ERROR, "the metrics cannot be written\n");
    }
    let mut response = Response::new(Full::new(Bytes::from(text)));
    response.headers_mut().insert(CONTENT_TYPE, FORMAT.parse().expect("a header value in ASCII"));
    response
}
