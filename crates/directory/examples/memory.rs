//! What one online user costs in memory: the resident memory of this process before and after so many users came in,
//! from `/proc/self/statm` (Linux). Nothing else lives in the process, so the growth is the directory's.
//!
//! ```text
//! cargo run --release -p chatdev-directory --example memory [USERS …]
//! ```
//!
//! Each user has a JID of 33 octets, a nick, a status of 20 octets, two endpoints and a fingerprint. Tables grow by
//! doubling, so the cost per user depends on where between two doublings a crowd ends: several sizes are measured, each
//! in a process of its own. With one size the program measures that size itself.

use std::process::Command;
use std::time::Duration;

use chatdev_directory::{
    Announcement, Config, Directory, Endpoint, Fingerprint, Moment, Profile, SessionId, Show,
};
use jid::FullJid;
use jiff::Timestamp;

/// Around the doublings of a hash table (7 × 2^n entries) and the round figure.
const CROWDS: [u64; 5] = [57_000, 100_000, 114_000, 115_000, 229_000];
/// What PROTOCOL's design allows for one user.
const BYTES_MAX: u64 = 600;

fn main() {
    let users: Vec<u64> =
        std::env::args().skip(1).map(|users| users.parse().expect("a number of users")).collect();
    match users[..] {
        [users] => measure(users),
        [] => each_in_its_own_process(&CROWDS),
        _ => each_in_its_own_process(&users),
    }
}

fn each_in_its_own_process(crowds: &[u64]) {
    println!("{:>9}  {:>14}", "users", "bytes per user");
    let program = std::env::current_exe().expect("this program has a path");
    for users in crowds {
        let status = Command::new(&program).arg(users.to_string()).status().expect("this program runs again");
        if !status.success() {
            std::process::exit(1);
        }
    }
}

fn measure(users: u64) {
    let mut directory = Directory::new(Config::new(1)).expect("the defaults are sound");
    let before = resident_bytes();
    for user in 0..users {
        come_in(&mut directory, user);
    }
    let per_user = (resident_bytes() - before) / users;
    println!("{users:>9}  {per_user:>14}");
    assert_eq!(directory.online() as u64, users);
    assert!(per_user <= BYTES_MAX, "{per_user} bytes per user; at most {BYTES_MAX} are allowed");
}

fn come_in(directory: &mut Directory, user: u64) {
    let at = Moment::new(Duration::from_millis(user), Timestamp::UNIX_EPOCH);
    let jid = FullJid::new(&format!("user{user:010}@example.net/desktop")).expect("a full JID");
    let address = [203, (user >> 16) as u8, (user >> 8) as u8, user as u8].into();
    directory.open(at, SessionId(user), jid, address).expect("a new session");
    let mut fingerprint = [0; 32];
    fingerprint[..8].copy_from_slice(&user.to_be_bytes());
    let announcement = Announcement {
        profile: Profile {
            nick: Some(format!("User {user}").into()),
            show: Show::Away,
            status: Some("In a meeting till two".into()),
        },
        endpoints: vec![Endpoint::new(address, 5298), Endpoint::new([192, 168, 1, 10].into(), 5298)],
        fingerprint: Some(Fingerprint(fingerprint)),
    };
    directory.check_in(at, SessionId(user), Some(announcement)).expect("within every limit");
}

/// The second field of statm is the resident set, in pages (proc(5)).
fn resident_bytes() -> u64 {
    let statm = std::fs::read_to_string("/proc/self/statm").expect("Linux with /proc");
    let pages = statm.split(' ').nth(1).expect("statm has seven fields");
    pages.parse::<u64>().expect("pages are a number") * 4096
}
