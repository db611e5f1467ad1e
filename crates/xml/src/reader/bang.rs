//! What `<!` begins: a comment, a CDATA section or a document type; RFC 6120 §11.1 leaves only the second.

use crate::{Error, Flaw, Restriction};

/// How far the keyword behind `<!` has come.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Bang {
    keyword: &'static [u8],
    matched: usize,
}

/// What a byte made of it.
pub(super) enum Begun {
    More(Bang),
    CData,
}

const COMMENT: &[u8] = b"--";
const CDATA: &[u8] = b"[CDATA[";
const DOCUMENT_TYPE: &[u8] = b"DOCTYPE";

impl Bang {
    /// Takes the next byte.
    pub(super) fn feed(mut self, byte: u8) -> Result<Begun, Error> {
        if self.matched == 0 {
            self.keyword = match byte {
                b'-' => COMMENT,
                b'[' => CDATA,
                _ => DOCUMENT_TYPE,
            };
        }
        if self.keyword[self.matched] != byte {
            return Err(Flaw::Markup.into());
        }
        self.matched += 1;
        if self.matched < self.keyword.len() {
            return Ok(Begun::More(self));
        }
        match self.keyword {
            COMMENT => Err(Restriction::Comment.into()),
            CDATA => Ok(Begun::CData),
            _ => Err(Restriction::DocumentType.into()),
        }
    }
}
