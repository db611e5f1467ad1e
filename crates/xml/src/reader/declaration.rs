//! The XML declaration, XML 1.0 §2.8 and §4.3.3: at the very start of a stream or nowhere (RFC 6120 §11.5).

use super::{Place, Progress, Reader, tag};
use crate::{Error, Flaw, Restriction, chars};

/// Refuses what begins as another processing instruction. `begun` is what has come behind `<?`.
pub(super) fn check_begun(begun: &[u8]) -> Result<(), Error> {
    let target = b"xml";
    let compared = begun.len().min(target.len());
    let is_other = begun[..compared] != target[..compared];
    let goes_on = begun.get(target.len()).is_some_and(|&byte| !chars::is_space(byte));
    if is_other || goes_on { Err(Restriction::ProcessingInstruction.into()) } else { Ok(()) }
}

impl Reader {
    /// What stands between `<?` and `>`.
    pub(super) fn declaration(&mut self, content: &[u8]) -> Result<Progress, Error> {
        check_begun(content)?;
        let content = content.strip_suffix(b"?").ok_or(Flaw::Declaration)?;
        let mut attributes = Vec::new();
        let tag = tag::parse(content, &mut attributes, 3).map_err(|_| Flaw::Declaration)?;
        let mut given =
            attributes.iter().map(|attribute| (attribute.name(&tag), attribute.plain_value(&tag)));
        let mut next = given.next();
        if tag.empty || next != Some(("version", Some("1.0"))) {
            return Err(Flaw::Declaration.into());
        }
        next = given.next();
        if let Some(("encoding", encoding)) = next {
            // RFC 6120 §11.6; names of encodings are compared without case (XML 1.0 §4.3.3).
            if !encoding.ok_or(Flaw::Declaration)?.eq_ignore_ascii_case("utf-8") {
                return Err(Error::UnsupportedEncoding);
            }
            next = given.next();
        }
        if let Some(("standalone", Some("yes" | "no"))) = next {
            next = given.next();
        }
        if next.is_some() {
            return Err(Flaw::Declaration.into());
        }
        self.place = Place::Prolog;
        Ok(Progress::More)
    }
}
