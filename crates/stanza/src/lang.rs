//! Choosing among texts in several languages (RFC 6121 §4.7.2.2, §5.2.3; matching after RFC 4647 §3.4).
//!
//! It chooses among siblings. Putting the stream's language on a stanza is `Stanza::write_stamped`'s.

use chatdev_xml::Node;

/// The child of `parent` with this name whose text a reader of the language `preferred` should see: the one in that
/// language, else in a wider one (`de` for `de-AT`), else the one that names no language, else the first.
pub fn choose<'a>(
    parent: Node<'a>,
    namespace: &str,
    name: &str,
    preferred: Option<&str>,
) -> Option<Node<'a>> {
    let candidates = || parent.children().filter(|child| child.is(namespace, name));
    let mut range = preferred;
    while let Some(wanted) = range {
        let found =
            candidates().find(|child| child.lang().is_some_and(|lang| lang.eq_ignore_ascii_case(wanted)));
        if found.is_some() {
            return found;
        }
        range = wanted.rsplit_once('-').map(|(wider, _)| wider);
    }
    candidates().find(|child| child.lang().is_none()).or_else(|| candidates().next())
}
