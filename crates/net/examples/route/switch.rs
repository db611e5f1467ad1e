//! A server that reads: every stanza parsed and checked, the destination looked up, `from` stamped. Its shape is
//! that of the real one: a task for each connection, one short lock, one write for each destination touched.

#![expect(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "a measurement on real sockets and clocks"
)]

use std::cell::RefCell;
use std::collections::HashMap;
use std::future::poll_fn;
use std::io::Write;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::ready;

use chatdev_xml::{Element, Event, Limits, Reader};
use tokio::io::{AsyncRead, ReadBuf};
use tokio::net::tcp::OwnedReadHalf;
use tokio::net::{TcpListener, TcpStream};

use crate::outbound::{Outbound, Writing};
use crate::{Error, address, lines};

/// Read at once.
const SCRATCH_BYTES: usize = 16 * 1024;

thread_local! {
    /// What was just read, by whichever connection runs on this thread; only what is incomplete is kept, by
    /// its reader.
    static SCRATCH: RefCell<Vec<u8>> = RefCell::new(vec![0; SCRATCH_BYTES]);
}

/// Who is here.
type Routes = Mutex<HashMap<String, Arc<Outbound>>>;

/// Serves until it is ended from outside.
pub(crate) fn serve(writing: Writing) -> Result<(), Error> {
    tokio::runtime::Runtime::new()?.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        println!("{}", listener.local_addr()?.port());
        std::io::stdout().flush()?;
        let routes = Arc::new(Routes::default());
        loop {
            let (stream, _) = listener.accept().await?;
            stream.set_nodelay(true)?;
            let routes = Arc::clone(&routes);
            tokio::spawn(async move {
                if let Err(error) = connection(stream, writing, &routes).await {
                    eprintln!("route: {error}");
                }
            });
        }
    })
}

async fn connection(mut stream: TcpStream, writing: Writing, routes: &Routes) -> Result<(), Error> {
    let own = address(lines::read_number(&mut stream).await?);
    let (read, write) = stream.into_split();
    let outbound = Arc::new(Outbound::new(write));
    routes.lock().unwrap_or_else(PoisonError::into_inner).insert(own.clone(), Arc::clone(&outbound));
    outbound.queue().extend_from_slice(lines::READY);
    outbound.flush(writing)?;
    let mut connection =
        Connection { own, read, reader: Reader::new(Limits::AFTER_SIGN_IN), elements: Vec::new() };
    loop {
        tokio::select! {
            biased;
            written = outbound.write_when_woken() => written?,
            open = connection.receive() => {
                if !open? {
                    return Ok(());
                }
                for touched in connection.commit(routes) {
                    touched.flush(writing)?;
                }
            }
        }
    }
}

struct Connection {
    own: String,
    read: OwnedReadHalf,
    reader: Reader,
    /// Parsed from the last read, not yet routed.
    elements: Vec<Element>,
}

impl Connection {
    /// Reads once and parses all of it; whether the other side is still there.
    async fn receive(&mut self) -> Result<bool, Error> {
        poll_fn(|context| {
            SCRATCH.with_borrow_mut(|scratch| {
                let mut buffer = ReadBuf::new(scratch);
                ready!(Pin::new(&mut self.read).poll_read(context, &mut buffer))?;
                let mut input = buffer.filled();
                let open = !input.is_empty();
                while let Some(event) = self.reader.read(&mut input)? {
                    if let Event::Element(element) = event {
                        self.elements.push(element);
                    }
                }
                Ok(open).into()
            })
        })
        .await
    }

    /// Appends everything to its destination's queue, in one hold; returns the queues.
    fn commit(&mut self, routes: &Routes) -> Vec<Arc<Outbound>> {
        let mut touched: Vec<Arc<Outbound>> = Vec::new();
        let routes = routes.lock().unwrap_or_else(PoisonError::into_inner);
        for element in self.elements.drain(..) {
            let to = element.attribute("to");
            let Some(destination) = to.and_then(|to| routes.get(&*to)) else { continue };
            element.write_with(&mut destination.queue(), &[("from", Some(&self.own))]);
            if !touched.iter().any(|other| Arc::ptr_eq(other, destination)) {
                touched.push(Arc::clone(destination));
            }
        }
        touched
    }
}
