//! Recognising an address that needs no preparation, so that routing does not prepare the same ones for ever.
//!
//! `Jid::new` runs three stringprep and IDNA profiles and allocates. Nearly every address on the wire is plain ASCII in
//! the form that these would give back unchanged; [`is_prepared`] proves that for most of them in one look. What it
//! does not recognise is not wrong: it takes the long way.

/// The longest local part or resource, in octets (RFC 7622 §3.3, §3.4).
const PART_OCTETS_MAX: usize = 1023;

/// Whether this is a JID exactly as `Jid::new` would write it. `false` says nothing.
pub(crate) fn is_prepared(address: &str) -> bool {
    let (bare, resource) = match address.split_once('/') {
        Some((bare, resource)) => (bare, Some(resource)),
        None => (address, None),
    };
    let (local, domain) = match bare.split_once('@') {
        Some((local, domain)) => (Some(local), domain),
        None => (None, bare),
    };
    local.is_none_or(is_prepared_local)
        && is_prepared_domain(domain)
        && resource.is_none_or(is_prepared_resource)
}

/// Nodeprep (RFC 6122 appendix A) changes no ASCII but capitals, and forbids a few more than those left out here.
fn is_prepared_local(local: &str) -> bool {
    has_length(local)
        && local.bytes().all(|octet| matches!(octet, b'a'..=b'z' | b'0'..=b'9' | b'.' | b'-' | b'_' | b'+'))
}

/// Resourceprep (RFC 6122 appendix B) changes no ASCII and forbids its control characters.
fn is_prepared_resource(resource: &str) -> bool {
    has_length(resource) && resource.bytes().all(|octet| matches!(octet, b' '..=b'~'))
}

/// A domain of letters, digits and hyphens as DNS has them (RFC 5890 §2.3.1); no A-labels, which begin with `xn--`.
fn is_prepared_domain(domain: &str) -> bool {
    const DOMAIN_OCTETS_MAX: usize = 253;
    domain.len() <= DOMAIN_OCTETS_MAX && domain.split('.').all(is_prepared_label)
}

fn is_prepared_label(label: &str) -> bool {
    const LABEL_OCTETS_MAX: usize = 63;
    let octets = label.as_bytes();
    (1..=LABEL_OCTETS_MAX).contains(&octets.len())
        && octets.iter().all(|octet| matches!(octet, b'a'..=b'z' | b'0'..=b'9' | b'-'))
        && octets[0] != b'-'
        && octets[octets.len() - 1] != b'-'
        && octets.get(2..4) != Some(b"--")
}

fn has_length(part: &str) -> bool {
    (1..=PART_OCTETS_MAX).contains(&part.len())
}

#[cfg(test)]
mod tests {
    use jid::Jid;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn everyday_addresses_are_recognised() {
        for address in [
            "example.net",
            "localhost",
            "127.0.0.1",
            "alice@example.net",
            "alice@example.net/desk",
            "alice.b-c_d+1@chat.example.net/Gajim 1.8 (home)/@x",
            "example.net/resource",
        ] {
            assert!(is_prepared(address), "{address}");
        }
    }

    #[test]
    fn whatever_needs_a_closer_look_is_not() {
        let long = format!("{}@example.net", "a".repeat(1024));
        for address in [
            "",
            "@",
            "/",
            "a@",
            "a@/b",
            "a/",
            "Alice@example.net",
            "a@Example.net",
            "a@b@c",
            "a@b@c/d",
            "a b@c",
            "a'b@c",
            "é@c",
            "a@é",
            "a@c/é",
            "a@-c",
            "a@c-",
            "a@c..d",
            "a@c.",
            "a@xn--4ca",
            "a@ab--c",
            "[::1]",
            "a@c/\u{7}",
            &long,
        ] {
            assert!(!is_prepared(address), "{address}");
        }
    }

    proptest! {
        #[test]
        fn what_is_called_prepared_is_what_the_long_way_gives_back(
            address in "(([a-z0-9.+_-]{1,6}|[ -~]{0,4})@)?([a-z0-9-]{1,5}(\\.[a-z0-9-]{1,5}){0,2}|[ -~]{0,5})(/[ -~]{0,6})?",
        ) {
            if is_prepared(&address) {
                let jid = Jid::new(&address);
                prop_assert_eq!(jid.as_ref().map(Jid::as_str), Ok(address.as_str()));
            }
        }
    }
}
