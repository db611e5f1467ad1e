//! From secrets to keys: RFC 8446 §7.1–7.3 (HKDF-Expand-Label), and RFC 5246 §5 and §6.3 (PRF, key block).
//!
//! Only the last steps: the log has the traffic secrets and the master secret themselves.

use ring::hmac;

use super::Secret;
use super::opening::Opening;
use super::suite::Primitives;

/// HKDF-Expand-Label with an empty context, for no more than one block of the hash: that is all that is needed.
fn expand_label(hash: hmac::Algorithm, secret: &[u8], label: &[u8], out: &mut [u8]) {
    let mut context = hmac::Context::with_key(&hmac::Key::new(hash, secret));
    let out_octets = u16::try_from(out.len()).expect("never more than a block of the hash");
    let label_octets = u8::try_from(PREFIX.len() + label.len()).expect("the labels below are short");
    context.update(&out_octets.to_be_bytes());
    context.update(&[label_octets]);
    context.update(PREFIX);
    context.update(label);
    // The context's length, and the number of the block.
    context.update(&[0, 1]);
    out.copy_from_slice(&context.sign().as_ref()[..out.len()]);
}

const PREFIX: &[u8] = b"tls13 ";

/// The keys of a traffic secret (RFC 8446 §7.3).
pub(super) fn tls13(suite: Primitives, secret: &Secret) -> Opening {
    let mut key = [0; 32];
    let key = &mut key[..suite.aead.key_len()];
    let mut iv = [0; 12];
    expand_label(suite.hash, secret.as_bytes(), b"key", key);
    expand_label(suite.hash, secret.as_bytes(), b"iv", &mut iv);
    Opening::tls13(suite, key, iv)
}

/// The traffic secret after an update of keys (RFC 8446 §7.2).
pub(super) fn updated(suite: Primitives, secret: &Secret) -> Secret {
    let mut octets = [0; Secret::OCTETS_MAX];
    let octets = &mut octets[..suite.hash_octets()];
    expand_label(suite.hash, secret.as_bytes(), b"traffic upd", octets);
    Secret::new(octets).expect("SHA-256 and SHA-384 give 32 and 48 octets")
}

/// Both sides' keys of TLS 1.2 from the master secret: the client's, then the server's.
pub(super) fn tls12(
    suite: Primitives,
    master: &Secret,
    client_random: &[u8; 32],
    server_random: &[u8; 32],
) -> [Opening; 2] {
    let key_octets = suite.aead.key_len();
    // RFC 5288 §3: 4 octets of the nonce are secret, the rest is in the record. RFC 7905 §2: all 12 are secret.
    let iv_octets = if suite.is_chacha() { 12 } else { 4 };
    let mut block = [0; 2 * (32 + 12)];
    let block = &mut block[..2 * (key_octets + iv_octets)];
    prf(suite.hash, master.as_bytes(), &[b"key expansion", server_random, client_random], block);
    let (keys, ivs) = block.split_at(2 * key_octets);
    [0, 1].map(|side| {
        Opening::tls12(suite, &keys[side * key_octets..][..key_octets], &ivs[side * iv_octets..][..iv_octets])
    })
}

/// P_hash of RFC 5246 §5. `seed` is the label and what follows it.
fn prf(hash: hmac::Algorithm, secret: &[u8], seed: &[&[u8]], out: &mut [u8]) {
    let key = hmac::Key::new(hash, secret);
    let sign = |first: &[u8]| {
        let mut context = hmac::Context::with_key(&key);
        context.update(first);
        seed.iter().for_each(|part| context.update(part));
        context.sign()
    };
    let mut a = sign(&[]);
    for piece in out.chunks_mut(hash.digest_algorithm().output_len()) {
        let block = sign(a.as_ref());
        piece.copy_from_slice(&block.as_ref()[..piece.len()]);
        a = hmac::sign(&key, a.as_ref());
    }
}
