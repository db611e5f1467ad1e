//! Known answers, and the small parts by themselves.

use crate::tls::handshake::{ClientHello, ServerHello};
use crate::tls::messages::{MESSAGE_OCTETS_MAX, Messages};
use crate::tls::record::{Header, first_candidate};
use crate::tls::{Suite, Version, schedule};

fn hex(digits: &str) -> Vec<u8> {
    let digits: Vec<u8> = digits.bytes().filter(u8::is_ascii_hexdigit).collect();
    digits.chunks(2).map(|pair| u8::from_str_radix(str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
}

/// RFC 8448 §3: the client's application traffic secret, and the first record that it seals.
#[test]
fn the_record_of_rfc_8448_opens() {
    let secret = "9e40646ce79a7f9dc05af8889bce6552875afa0b06df0087f792ebb7c17504a5";
    let record = "17 03 03 00 43 a2 3f 70 54 b6 2c 94 d0 af fa fe 82 28 ba 55 cb ef ac ea 42 f9 14 aa 66 bc ab 3f 2b \
        98 19 a8 a5 b4 6b 39 5b d5 4a 9a 20 44 1e 2b 62 97 4e 1f 5a 62 92 a2 97 70 14 bd 1e 3d ea e6 3a ee bb 21 69 49 15 e4";
    let record = hex(record);
    let primitives = Suite(0x1301).primitives().unwrap();
    let opening = schedule::tls13(primitives, &crate::tls::Secret::new(&hex(secret)).unwrap());
    let header = Header::read(&record).unwrap().unwrap();
    let mut scratch = Vec::new();
    let opened = opening.open(0, header, &record[5..], &mut scratch).unwrap();
    assert_eq!(opened.kind, 23);
    assert_eq!(scratch[opened.content], (0..=0x31).collect::<Vec<u8>>());
    assert_eq!(opening.open(1, header, &record[5..], &mut scratch), None);
}

#[test]
fn suites_are_named_and_numbers_that_are_none_are_shown() {
    assert_eq!(Suite(0xc02f).to_string(), "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256");
    assert_eq!(Suite(0xc013).to_string(), "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA");
    assert_eq!(Suite(0xfefe).to_string(), "cipher suite 0xfefe");
    assert!(Suite(0x1303).is_readable() && !Suite(0xc013).is_readable());
}

#[test]
fn hellos_that_are_cut_anywhere_are_refused() {
    // Extensions: server_name a.example; versions GREASE, 1.3; alpn with an escape in it.
    let extensions =
        "0000 000e 000c 00 0009 612e6578616d706c65 002b 0005 04 4a4a 0304 0010 0006 0004 03 611b62";
    let extensions = hex(extensions);
    let mut hello = [&[3, 3][..], &[7; 32], &[0], &[0, 2, 0x13, 0x01], &[1, 0]].concat();
    hello.extend_from_slice(&(extensions.len() as u16).to_be_bytes());
    hello.extend_from_slice(&extensions);
    let read = ClientHello::read(&hello).unwrap();
    assert_eq!(read.server_name.as_deref(), Some("a.example"));
    assert_eq!(read.versions, [Version::TLS_1_3]);
    assert_eq!(read.alpn, ["a\\x1bb"]);
    let without_extensions = hello.len() - extensions.len() - 2;
    for length in 0..hello.len() {
        assert_eq!(ClientHello::read(&hello[..length]).is_some(), length == without_extensions, "{length}");
    }
    assert!(ServerHello::read(&[3; 20]).is_none());
}

#[test]
fn messages_may_be_cut_anywhere_and_too_long_ones_are_passed_over() {
    let long = MESSAGE_OCTETS_MAX + 10;
    let [_, high, middle, low] = (long as u32).to_be_bytes();
    let mut stream = vec![1, 0, 0, 3, b'a', b'b', b'c', 11, high, middle, low];
    stream.resize(stream.len() + long, b'x');
    stream.extend_from_slice(&[20, 0, 0, 0, 14, 0, 0, 1, b'z']);
    for piece_octets in [1, 2, 7, 16_384, stream.len()] {
        let mut messages = Messages::default();
        let mut read = Vec::new();
        for piece in stream.chunks(piece_octets) {
            messages.add(piece);
            while let Some((kind, body)) = messages.next() {
                read.push((kind, body.to_vec()));
            }
            messages.shrink();
        }
        assert_eq!(read, [(1, b"abc".to_vec()), (20, Vec::new()), (14, b"z".to_vec())]);
    }
}

#[test]
fn a_boundary_is_found_behind_any_rest_of_a_record() {
    let records = [23, 3, 3, 0, 2, 9, 9, 23, 3, 3, 0, 1, 9, 21, 3, 3, 0, 3, 9, 9, 9];
    for rest in [&[][..], &[23], &[23, 3], &[0, 24, 3, 3], &[23, 3, 3, 0, 1], &[3, 3, 3, 3, 3, 3, 3]] {
        let stream = [rest, &records].concat();
        let found = first_candidate(&stream);
        assert_eq!(found, rest.len(), "{rest:?}");
    }
    assert_eq!(first_candidate(b"nothing"), 7);
}
