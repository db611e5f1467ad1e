//! Two processes with one connection between them, in either world, and little scripts for them.

use std::{
    future::{Future, poll_fn},
    net::SocketAddr,
    pin::pin,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    task::Poll,
    time::Duration,
};

use chatdev_net::{Connection, Env, Listener};
use chatdev_sim::{
    real::{RealEnv, RealWorld},
    world::{Cut, Settings, SimEnv, Skew, World},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    runtime::{Builder, Runtime},
};

pub(crate) const fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

/// The longest that anything may take that has to happen.
const LONG: Duration = Duration::from_secs(20);

/// The processes.
pub(crate) const ANSWERER: &str = "answerer";
pub(crate) const DIALLER: &str = "dialler";

/// One thing that a process does.
#[derive(Clone, Copy)]
pub(crate) enum Step {
    /// Answers the next connection.
    Accept,
    Write(&'static str),
    /// One read, into so much room.
    Read(usize),
    /// Reads until it is told that there is no more.
    ReadOn,
    /// Writes single octets until it is told that nobody reads.
    WriteOn,
    /// Writes as much as it can without having to wait for half a second.
    Flood,
    /// Gives the connection up.
    Close,
    /// Waits until it is told to go on.
    Wait,
}

/// What a process wrote down, and whether it may go on.
#[derive(Clone, Default)]
pub(crate) struct Strings {
    seen: Arc<Mutex<Vec<String>>>,
    go: Arc<AtomicBool>,
}

impl Strings {
    fn see(&self, what: impl Into<String>) {
        self.seen.lock().unwrap().push(what.into());
    }

    pub(crate) fn go(&self) {
        self.go.store(true, Ordering::Relaxed);
    }

    pub(crate) fn seen(&self) -> Vec<String> {
        self.seen.lock().unwrap().clone()
    }
}

/// A world in which this can be played.
pub(crate) trait Place {
    type Env: Env;
    fn start<F>(&mut self, name: &str, main: impl FnOnce(Self::Env) -> F + Send + 'static)
    where
        F: Future<Output = ()> + Send + 'static;
    fn listener_of(&self, process: &str) -> Option<SocketAddr>;
    fn kill(&self, process: &str);
    fn pause(&self, process: &str);
    fn resume(&self, process: &str);
    fn cut(&self, process: &str, how: Cut);
    /// Lets time pass.
    fn go_on(&mut self, by: Duration);

    /// Lets time pass until `so`, which has to be some time.
    fn until(&mut self, so: impl Fn(&Self) -> bool) {
        assert!(self.comes_to_pass(LONG, so), "it has not come to pass");
    }

    /// Whether it is `so` within some time.
    fn comes_to_pass(&mut self, within: Duration, so: impl Fn(&Self) -> bool) -> bool {
        let mut waited = Duration::ZERO;
        while !so(self) && waited < within {
            self.go_on(ms(5));
            waited += ms(5);
        }
        so(self)
    }

    /// Starts the answerer, who listens, and then does `steps`.
    fn answerer(&mut self, steps: &'static [Step]) -> Strings {
        let strings = Strings::default();
        let own = strings.clone();
        self.start(ANSWERER, move |env| async move {
            let listener = env.bind(([0, 0, 0, 0], 0).into()).await.unwrap();
            play(&env, steps, &own, None, Some(listener)).await;
        });
        self.until(|place| place.listener_of(ANSWERER).is_some());
        strings
    }

    /// Starts the dialler, who dials `at`, and then does `steps`.
    fn dialler(&mut self, at: SocketAddr, steps: &'static [Step]) -> Strings {
        let strings = Strings::default();
        let own = strings.clone();
        self.start(DIALLER, move |env| async move {
            match env.connect(at).await {
                Ok(connection) => {
                    own.see("dialled");
                    play(&env, steps, &own, Some(connection), None).await;
                }
                Err(error) => own.see(error.kind().to_string()),
            }
        });
        strings
    }

    /// Both: the dialler dials the answerer. Their strings, the dialler's first.
    fn pair(&mut self, dialler: &'static [Step], answerer: &'static [Step]) -> [Strings; 2] {
        let answering = self.answerer(answerer);
        let at = self.listener_of(ANSWERER).unwrap();
        [self.dialler(at, dialler), answering]
    }

    /// Until a process has written down so much.
    fn until_seen(&mut self, strings: &Strings, lines: usize) {
        self.until(|_| strings.seen().len() >= lines);
    }
}

/// Does what is to be done, and then keeps what it has.
async fn play<E: Env>(
    env: &E,
    steps: &[Step],
    strings: &Strings,
    mut connection: Option<E::Connection>,
    mut listener: Option<E::Listener>,
) {
    let mut room = [0; 64];
    for step in steps {
        let ours = connection.as_mut();
        match step {
            Step::Accept => {
                connection = Some(listener.as_mut().unwrap().accept().await.unwrap().0);
                strings.see("accepted");
            }
            Step::Write(text) => ours.unwrap().write_all(text.as_bytes()).await.unwrap(),
            Step::Read(most) => drop(read(ours.unwrap(), &mut room[..*most], strings).await),
            Step::ReadOn => {
                let ours = ours.unwrap();
                while read(ours, &mut room, strings).await {}
            }
            Step::WriteOn => {
                let ours = ours.unwrap();
                ours.write_all(b"x").await.unwrap();
                while let Ok(()) = ours.write_all(b"x").await {
                    env.sleep_until(env.now() + ms(5)).await;
                }
                strings.see(ours.write_all(b"x").await.unwrap_err().kind().to_string());
            }
            Step::Flood => {
                strings.see(flood(env, ours.unwrap()).await.to_string());
            }
            Step::Close => connection = None,
            Step::Wait => {
                strings.see("waits");
                while !strings.go.swap(false, Ordering::Relaxed) {
                    env.sleep_until(env.now() + ms(1)).await;
                }
            }
        }
    }
    std::future::pending::<()>().await;
    drop((connection, listener));
}

/// One read. Whether more may come.
async fn read(connection: &mut impl Connection, room: &mut [u8], strings: &Strings) -> bool {
    match connection.read(room).await {
        Ok(0) => strings.see("end"),
        Ok(octets) => {
            strings.see(String::from_utf8_lossy(&room[..octets]));
            return true;
        }
        Err(error) => strings.see(error.kind().to_string()),
    }
    false
}

/// How many octets go out that nobody reads.
async fn flood(env: &impl Env, connection: &mut impl Connection) -> usize {
    let octets = vec![0; 64 * 1024];
    let mut written = 0;
    loop {
        let mut write = pin!(connection.write(&octets));
        let mut patience = pin!(env.sleep_until(env.now() + ms(500)));
        let more = poll_fn(|cx| match write.as_mut().poll(cx) {
            Poll::Ready(octets) => Poll::Ready(Some(octets.unwrap())),
            Poll::Pending => patience.as_mut().poll(cx).map(|()| None),
        });
        match more.await {
            Some(octets) => written += octets,
            None => return written,
        }
    }
}

/// A simulated world, of a machine for each process.
pub(crate) fn simulated() -> World {
    World::new(Settings::quiet(1), &[ANSWERER, DIALLER])
}

impl Place for World {
    type Env = SimEnv;

    fn start<F>(&mut self, name: &str, main: impl FnOnce(SimEnv) -> F + Send + 'static)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        Self::start(self, name, name, Skew::default(), main);
    }

    fn listener_of(&self, process: &str) -> Option<SocketAddr> {
        Self::listener_of(self, process)
    }

    fn kill(&self, process: &str) {
        Self::kill(self, process);
    }

    fn pause(&self, process: &str) {
        Self::pause(self, process);
    }

    fn resume(&self, process: &str) {
        Self::resume(self, process);
    }

    fn cut(&self, process: &str, how: Cut) {
        self.cut_connections(process, how);
    }

    fn go_on(&mut self, by: Duration) {
        self.run_until(self.now() + by).unwrap();
    }
}

/// The real one, and what runs in it.
pub(crate) struct Real {
    world: RealWorld,
    runtime: Runtime,
}

pub(crate) fn real() -> Real {
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    Real { world: RealWorld::new().unwrap(), runtime }
}

impl Place for Real {
    type Env = RealEnv;

    fn start<F>(&mut self, name: &str, main: impl FnOnce(RealEnv) -> F + Send + 'static)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let _within = self.runtime.enter();
        self.world.start(name, main).unwrap();
    }

    fn listener_of(&self, process: &str) -> Option<SocketAddr> {
        self.world.listener_of(process)
    }

    fn kill(&self, process: &str) {
        self.world.kill(process);
    }

    fn pause(&self, process: &str) {
        self.world.pause(process);
    }

    fn resume(&self, process: &str) {
        self.world.resume(process);
    }

    fn cut(&self, process: &str, how: Cut) {
        self.world.cut_connections(process, how);
    }

    fn go_on(&mut self, by: Duration) {
        self.runtime.block_on(self.world.run_until(self.world.now() + by));
        assert_eq!(self.world.failure(), None);
    }
}
