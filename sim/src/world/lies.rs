//! A process that does not say what it means to: text that it writes to one hearer is falsified on its way, inside
//! TLS, as if the process itself were corrupt. So a server that lies is simulated without one being written.

use std::collections::BTreeMap;

/// Text that is put in the place of other text.
pub(crate) type Falsification = (String, String);

/// The lies of a world, by their names.
#[derive(Default)]
pub(crate) struct Lies {
    told: BTreeMap<String, Lie>,
    /// Certificates that processes show without having their keys.
    pretended: BTreeMap<String, Vec<u8>>,
}

struct Lie {
    teller: String,
    hearer: String,
    falsifications: Vec<Falsification>,
}

impl Lies {
    /// `teller` begins to falsify what it says to `hearer`.
    pub(crate) fn tell(
        &mut self,
        name: &str,
        teller: &str,
        hearer: &str,
        falsifications: Vec<Falsification>,
    ) {
        let lie = Lie { teller: teller.to_owned(), hearer: hearer.to_owned(), falsifications };
        self.told.insert(name.to_owned(), lie);
    }

    /// The lie of that name is told no longer.
    pub(crate) fn end(&mut self, name: &str) {
        self.told.remove(name);
    }

    /// `process` shows `certificate` from now on; or its own again.
    pub(crate) fn pretend(&mut self, process: &str, certificate: Option<Vec<u8>>) {
        match certificate {
            Some(certificate) => drop(self.pretended.insert(process.to_owned(), certificate)),
            None => drop(self.pretended.remove(process)),
        }
    }

    /// The certificate that `process` shows in the place of its own.
    pub(crate) fn pretended(&self, process: &str) -> Option<Vec<u8>> {
        self.pretended.get(process).cloned()
    }

    /// `text` as it arrives; `None` where it arrives as it is.
    pub(super) fn falsified(&self, teller: &str, hearer: &str, text: &[u8]) -> Option<Vec<u8>> {
        let told = self.told.values().filter(|lie| lie.teller == teller && lie.hearer == hearer);
        let mut falsifications = told.flat_map(|lie| &lie.falsifications).peekable();
        falsifications.peek()?;
        let truth = str::from_utf8(text).ok()?;
        let lie = falsifications.fold(truth.to_owned(), |text, (truth, lie)| text.replace(truth, lie));
        (lie != truth).then(|| lie.into_bytes())
    }
}
