//! [`Passage`]: what one server says to one client, cut into stanzas without changing an octet. No sockets: octets in,
//! octets out.

use chatdev_xml::{Event, Limits, Reader};

use super::{Fault, Meddled, Plan};

/// The namespace of client streams (RFC 6120 §4.8.2).
const CLIENT: &str = "jabber:client";
const SASL: &str = "urn:ietf:params:xml:ns:xmpp-sasl";
const TLS: &str = "urn:ietf:params:xml:ns:xmpp-tls";

/// See the file's documentation.
pub(super) struct Passage {
    connection: u64,
    /// Says where things end. `None` once they can't be told apart: all passes unseen then.
    reader: Option<Reader>,
    /// What came since something last ended.
    begun: Vec<u8>,
    /// A message that is to come behind the next one.
    held: Vec<u8>,
}

impl Passage {
    pub(super) fn new(connection: u64) -> Self {
        let reader = Some(Reader::new(Limits::FROM_SERVER));
        Self { connection, reader, begun: Vec::new(), held: Vec::new() }
    }

    /// Takes what the server sent, and appends what the client is to get. A stanza passes once all of it is there.
    pub(super) fn pass(&mut self, mut input: &[u8], plan: &Plan, output: &mut Vec<u8>) {
        while let Some(reader) = &mut self.reader {
            let before = input;
            let event = reader.read(&mut input);
            self.begun.extend_from_slice(&before[..before.len() - input.len()]);
            match event {
                Ok(None) => return,
                Ok(Some(Event::Element(element))) if element.root().is(CLIENT, "message") => {
                    self.message(plan, output);
                }
                Ok(Some(Event::Element(element))) => {
                    output.append(&mut self.begun);
                    if element.root().is(SASL, "success") {
                        // The stream begins anew (RFC 6120 §6.4.6).
                        reader.reset();
                    } else if element.root().is(TLS, "proceed") {
                        self.go_blind("goes on in TLS");
                    }
                }
                Ok(Some(Event::Close)) => self.end(output),
                Ok(Some(Event::Open(_) | Event::KeepAlive)) => output.append(&mut self.begun),
                Err(error) => {
                    self.go_blind(&format!("is not a stream of XMPP in clear ({error})"));
                    output.append(&mut self.begun);
                }
            }
        }
        output.extend_from_slice(input);
    }

    /// The end came, or all that will: nothing is held back longer.
    pub(super) fn end(&mut self, output: &mut Vec<u8>) {
        output.append(&mut self.held);
        output.append(&mut self.begun);
    }

    fn message(&mut self, plan: &Plan, output: &mut Vec<u8>) {
        let (number, is_its_turn) = plan.count();
        if !is_its_turn {
            output.append(&mut self.begun);
            output.append(&mut self.held);
            return;
        }
        let stanza = std::mem::take(&mut self.begun);
        let mut done = true;
        match plan.fault {
            Fault::Drop => {}
            Fault::Double => output.extend([stanza.as_slice(), &stanza].concat()),
            Fault::Reorder => self.held.extend_from_slice(&stanza),
            Fault::Alter => {
                let altered = altered(&stanza);
                done = altered.is_some();
                output.extend_from_slice(altered.as_ref().unwrap_or(&stanza));
            }
        }
        let (fault, connection) = (plan.fault, self.connection);
        (plan.tell)(&Meddled { fault, message: number, connection, stanza, done });
    }

    fn go_blind(&mut self, why: &str) {
        self.reader = None;
        eprintln!("meddler: connection {} {why}: from here on it passes as it is", self.connection);
    }
}

/// The message with the last letter or digit of its body replaced by another one. The last, as what comes first may be
/// a number that says which message it is: another number would be another message.
fn altered(stanza: &[u8]) -> Option<Vec<u8>> {
    let find = |what: &[u8], from: usize| {
        let at = stanza.get(from..)?.windows(what.len()).position(|here| here == what)?;
        Some(from + at)
    };
    let text = find(b">", find(b"<body", 0)?)? + 1;
    let end = find(b"</body", text)?;
    let (mut last, mut in_reference) = (None, false);
    for (at, octet) in stanza.iter().enumerate().take(end).skip(text) {
        match octet {
            b'&' => in_reference = true,
            b';' => in_reference = false,
            octet if octet.is_ascii_alphanumeric() && !in_reference => last = Some(at),
            _ => {}
        }
    }
    let mut altered = stanza.to_vec();
    let octet = &mut altered[last?];
    *octet = if matches!(octet, b'z' | b'Z' | b'9') { *octet - 1 } else { *octet + 1 };
    Some(altered)
}
