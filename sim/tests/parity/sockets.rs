//! What a socket does in either world. See the list in `main.rs`.
//!
//! Nothing here waits for something to have arrived by some time: what has to be there is proved to be, by an octet
//! that was sent together with it.

use std::time::Duration;

use chatdev_net::{Env, TokioEnv};
use chatdev_sim::world::Cut;
use tokio::{net::TcpSocket, runtime::Builder};

use crate::places::{ANSWERER, DIALLER, Place, Real, Step, Strings, ms, real, simulated};
use Step::{Accept, Close, Flood, Read, ReadOn, Wait, Write, WriteOn};

/// The octets that the simulation's window holds.
const WINDOW_OCTETS: usize = 256 * 1024;

/// Whoever has not heard of a reset by then does not.
const RESET_MAX: Duration = Duration::from_secs(5);

/// A reset is sent once. Where it is lost (see the head of `main.rs`), the story is told again.
fn until_no_reset_is_lost(story: impl Fn(&mut Real) -> Vec<String>) -> Vec<String> {
    let mut told = (0..3).map(|_| story(&mut real()));
    let whole = |lines: &Vec<String>| lines.last().is_some_and(|line| line == "connection reset");
    told.find(whole).expect("of three resets one arrives")
}

fn lines(strings: &Strings) -> Vec<String> {
    let mut lines = strings.seen();
    lines.retain(|line| !["dialled", "accepted", "waits"].contains(&line.as_str()));
    lines
}

#[test]
fn a_closed_peer() {
    fn story(place: &mut impl Place) -> Vec<String> {
        let [dialler, _] = place.pair(&[Read(8), WriteOn, Read(8)], &[Accept, Close]);
        place.until_seen(&dialler, 4);
        lines(&dialler)
    }
    let expected = ["end", "broken pipe", "end"];
    assert_eq!(story(&mut simulated()), expected);
    assert_eq!(story(&mut real()), expected);
}

#[test]
fn a_killed_process() {
    fn story(place: &mut impl Place) -> Vec<String> {
        let [dialler, answerer] = place.pair(&[Write("ab"), ReadOn], &[Accept, Write("cd"), Read(8), Wait]);
        place.until_seen(&answerer, 3);
        place.kill(ANSWERER);
        place.until_seen(&dialler, 3);
        lines(&dialler)
    }
    assert_eq!(story(&mut simulated()), ["cd", "end"]);
    assert_eq!(story(&mut real()), ["cd", "end"]);
}

#[test]
fn a_killed_process_that_had_not_read_everything() {
    fn story(place: &mut impl Place) -> Vec<String> {
        let [dialler, answerer] =
            place.pair(&[Write("ab"), Wait, ReadOn], &[Accept, Read(1), Write("cd"), Wait]);
        place.until_seen(&dialler, 2);
        place.until_seen(&answerer, 3);
        place.kill(ANSWERER);
        place.go_on(ms(50));
        dialler.go();
        place.comes_to_pass(RESET_MAX, |_| dialler.seen().len() == 4);
        lines(&dialler)
    }
    assert_eq!(story(&mut simulated()), ["cd", "connection reset"]);
    assert_eq!(until_no_reset_is_lost(story), ["cd", "connection reset"]);
}

#[test]
fn a_port_that_nobody_listens_on() {
    fn story(place: &mut impl Place) -> Vec<String> {
        let _answerer = place.answerer(&[]);
        let at = place.listener_of(ANSWERER).unwrap();
        place.kill(ANSWERER);
        place.until(|place| place.listener_of(ANSWERER).is_none());
        let dialler = place.dialler(at, &[]);
        place.until_seen(&dialler, 1);
        lines(&dialler)
    }
    assert_eq!(story(&mut simulated()), ["connection refused"]);
    assert_eq!(story(&mut real()), ["connection refused"]);
}

#[test]
fn a_dial_to_a_frozen_process() {
    /// Whether it was answered while the process was frozen. When it thaws, it is.
    fn story<P: Place>(place: &mut P, patience: impl FnOnce(&mut P, &Strings)) -> bool {
        let _answerer = place.answerer(&[Accept]);
        place.pause(ANSWERER);
        let at = place.listener_of(ANSWERER).unwrap();
        let dialler = place.dialler(at, &[]);
        patience(place, &dialler);
        let answered = dialler.seen() == ["dialled"];
        place.resume(ANSWERER);
        place.until_seen(&dialler, 1);
        answered
    }
    assert!(!story(&mut simulated(), |place, _| place.go_on(ms(60_000))));
    assert!(story(&mut real(), |place, dialler| place.until_seen(dialler, 1)));
}

#[test]
fn a_full_backlog() {
    // A backlog of one: Linux answers one more, and leaves the next one's SYN alone until it comes again.
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind(([127, 0, 0, 1], 0).into()).unwrap();
        let listener = socket.listen(1).unwrap();
        let at = listener.local_addr().unwrap();
        let env = TokioEnv::new().unwrap();
        let answered = [env.connect(at).await.unwrap(), env.connect(at).await.unwrap()];
        tokio::select! {
            biased;
            third = env.connect(at) => panic!("answered: {third:?}"),
            () = env.sleep_until(env.now() + ms(300)) => {}
        }
        drop((answered, listener));
    });
    let mut world = simulated();
    let [dialler, _] = world.pair(&[], &[Wait, Accept]);
    world.go_on(ms(60_000));
    assert_eq!(dialler.seen(), [""; 0]);
}

#[test]
fn how_long_a_dial_takes() {
    // In the real world this shows only where the way takes time; by RFC 9293 §3.5 it is there and back.
    let mut world = simulated();
    let _answerer = world.answerer(&[Accept]);
    let at = Place::listener_of(&world, ANSWERER).unwrap();
    let (start, way) = (world.now(), ms(2));
    let dialler = world.dialler(at, &[]);
    while dialler.seen().is_empty() {
        world.step().unwrap();
    }
    let took = world.now() - start;
    assert!(took >= way && took < 2 * way, "{took:?}");
}

#[test]
fn a_port_that_dials_itself() {
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let socket = TcpSocket::new_v4().unwrap();
        // The kernel may give a dial any free port to come from: this one is given the one that it dials.
        socket.bind(([127, 0, 0, 1], 0).into()).unwrap();
        let at = socket.local_addr().unwrap();
        let connection = socket.connect(at).await.unwrap();
        assert_eq!(connection.local_addr().unwrap(), connection.peer_addr().unwrap());
    });
    let mut world = simulated();
    let at = (world.address(DIALLER), 1024).into();
    let dialler = world.dialler(at, &[]);
    world.until_seen(&dialler, 1);
    assert_eq!(dialler.seen(), ["connection refused"]);
}

#[test]
fn two_writes_in_one_read() {
    fn story(place: &mut impl Place) -> Vec<String> {
        let [dialler, answerer] =
            place.pair(&[Write("a"), Write("b"), Wait], &[Accept, Wait, Read(2), Read(2), Wait]);
        place.until_seen(&dialler, 2);
        // By now they have arrived; if not, it is tried again.
        place.go_on(ms(50));
        answerer.go();
        place.until(|_| lines(&answerer).concat() == "ab");
        lines(&answerer)
    }
    assert_eq!(story(&mut simulated()), ["a", "b"]);
    assert!((0..20).any(|_| story(&mut real()) == ["ab"]));
}

#[test]
fn a_writer_whom_nobody_reads() {
    fn story(place: &mut impl Place) -> usize {
        let [dialler, _] = place.pair(&[Flood], &[Accept, Wait]);
        place.until_seen(&dialler, 2);
        lines(&dialler)[0].parse().unwrap()
    }
    assert_eq!(story(&mut simulated()), WINDOW_OCTETS);
    let by_the_kernels_buffers = story(&mut real());
    assert_ne!(by_the_kernels_buffers, WINDOW_OCTETS);
}

#[test]
fn a_cut_with_a_reset() {
    fn story(place: &mut impl Place) -> Vec<String> {
        let [_dialler, answerer] = place.pair(&[Write("ab"), Wait], &[Accept, Read(1), Wait, ReadOn]);
        place.until_seen(&answerer, 3);
        place.cut(DIALLER, Cut::Rst);
        place.go_on(ms(50));
        answerer.go();
        place.comes_to_pass(RESET_MAX, |_| lines(&answerer).iter().any(|line| line == "connection reset"));
        lines(&answerer)
    }
    assert_eq!(story(&mut simulated()), ["a", "connection reset"]);
    assert_eq!(until_no_reset_is_lost(story), ["a", "b", "connection reset"]);
}
