//! Key logs as text, whole, in pieces, damaged, and as a file that grows.

use std::fs::OpenOptions;
use std::io::Write;

use proptest::prelude::*;

use crate::tls::{FLAWS_KEPT_MAX, FollowedKeyLog, KeyLog, Keys, LINE_OCTETS_MAX, Label, LineFlaw};

fn line(label: &str, client: u8, secret: u8, octets: usize) -> String {
    format!("{label} {} {}", format!("{client:02x}").repeat(32), format!("{secret:02X}").repeat(octets))
}

fn log() -> String {
    [
        "# SSL/TLS secrets log file".to_owned(),
        String::new(),
        line("CLIENT_RANDOM", 1, 0xa1, 48),
        line("CLIENT_HANDSHAKE_TRAFFIC_SECRET", 2, 0xa2, 32) + "\r",
        line("EXPORTER_SECRET", 2, 0xa3, 32),
        "RSA 25c2ed8f5a9e5cb1 0303".to_owned(),
        format!("ECH_CONFIG {} {}", "00".repeat(32), "ff".repeat(2 * LINE_OCTETS_MAX)),
        "nonsense".to_owned(),
        line("SERVER_TRAFFIC_SECRET_0", 2, 0xa4, 31),
        line("SERVER_TRAFFIC_SECRET_0", 2, 0xa4, 48),
        "CLIENT_RANDOM zz 00".to_owned(),
        "CLIENT_RANDOM 00".to_owned(),
        line("CLIENT_RANDOM", 3, 0xa5, 32),
        line("CLIENT_RANDOM", 4, 0xa6, 2 * LINE_OCTETS_MAX),
    ]
    .join("\n")
        + "\n"
}

fn check(keys: &KeyLog) {
    assert_eq!(keys.get(Label::ClientRandom, &[1; 32]).unwrap().as_bytes(), [0xa1; 48]);
    assert_eq!(keys.get(Label::ClientHandshake, &[2; 32]).unwrap().as_bytes(), [0xa2; 32]);
    assert_eq!(keys.get(Label::ServerApplication, &[2; 32]).unwrap().as_bytes(), [0xa4; 48]);
    assert_eq!(keys.get(Label::ServerApplication, &[1; 32]), None);
    assert_eq!((keys.len(), keys.passed_over(), keys.bad_lines()), (3, 3, 6));
    assert_eq!(
        keys.flaws(),
        [
            (8, LineFlaw::Label),
            (9, LineFlaw::Secret),
            (11, LineFlaw::ClientRandom),
            (12, LineFlaw::Words(2)),
            (13, LineFlaw::Secret),
            (14, LineFlaw::TooLong),
        ]
    );
}

proptest! {
    #[test]
    fn a_log_may_come_in_any_pieces(size in 1_usize..500) {
        let mut keys = KeyLog::new();
        log().as_bytes().chunks(size).for_each(|piece| keys.add(piece));
        check(&keys);
    }

    #[test]
    fn any_text_may_be_a_log(pieces in proptest::collection::vec("[A-Z_ 0-9a-f\n]{0,100}|\\PC{0,20}", 0..10)) {
        let mut keys = KeyLog::new();
        pieces.iter().for_each(|piece| keys.add(piece.as_bytes()));
        prop_assert!(keys.is_empty());
    }
}

#[test]
fn flaws_are_counted_beyond_those_that_are_remembered() {
    let keys = KeyLog::from(&b"bad\n".repeat(FLAWS_KEPT_MAX + 5)[..]);
    assert_eq!(keys.bad_lines(), FLAWS_KEPT_MAX as u64 + 5);
    assert_eq!(keys.flaws().len(), FLAWS_KEPT_MAX);
}

#[test]
fn the_oldest_is_forgotten_where_there_are_too_many_and_counted() {
    let mut keys = KeyLog::with_entries_max(2);
    for client in [1, 2, 2, 3] {
        keys.add((line("CLIENT_RANDOM", client, client, 48) + "\n").as_bytes());
    }
    assert_eq!(keys.get(Label::ClientRandom, &[1; 32]), None);
    assert!(
        keys.get(Label::ClientRandom, &[2; 32]).is_some()
            && keys.get(Label::ClientRandom, &[3; 32]).is_some()
    );
    assert_eq!((keys.len(), keys.forgotten()), (2, 1));
}

#[test]
fn a_last_line_counts_before_it_has_ended_and_is_no_flaw() {
    let whole = line("CLIENT_RANDOM", 1, 0xa1, 48);
    let mut keys = KeyLog::from(&whole.as_bytes()[..whole.len() - 2]);
    assert_eq!(keys.get(Label::ClientRandom, &[1; 32]), None);
    keys.add(&whole.as_bytes()[whole.len() - 2..]);
    assert_eq!(keys.get(Label::ClientRandom, &[1; 32]).unwrap().as_bytes(), [0xa1; 48]);
    assert_eq!(keys.bad_lines(), 0);
}

#[test]
fn a_file_is_followed_from_before_it_exists_until_after_it_is_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keys.log");
    let mut keys = FollowedKeyLog::new(&path);
    assert!(keys.trouble().is_some());
    assert_eq!(keys.secret(Label::ClientRandom, &[1; 32]), None);

    std::fs::write(&path, line("CLIENT_RANDOM", 1, 0xa1, 48) + "\n# half a").unwrap();
    assert!(keys.secret(Label::ClientRandom, &[1; 32]).is_some());
    assert!(keys.trouble().is_none());

    let mut file = OpenOptions::new().append(true).open(&path).unwrap();
    writeln!(file, " comment\n{}", line("CLIENT_RANDOM", 2, 0xa2, 48)).unwrap();
    assert!(keys.secret(Label::ClientRandom, &[2; 32]).is_some());

    std::fs::write(&path, line("CLIENT_RANDOM", 3, 0xa3, 48)).unwrap();
    assert!(keys.secret(Label::ClientRandom, &[3; 32]).is_some());
    assert!(keys.secret(Label::ClientRandom, &[1; 32]).is_some());
    assert_eq!(keys.log().bad_lines(), 0);
}
