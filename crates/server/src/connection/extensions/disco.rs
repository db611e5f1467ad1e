//! Service discovery (XEP-0030): what the server can do, and that an account is one. Nobody is told of other
//! accounts, not even whether they exist.

use chatdev_stanza::disco::{Identity, Info, Items, NS_INFO, NS_ITEMS, Query, Question};
use chatdev_stanza::{IqType, StanzaCondition, StanzaError};

use super::{Outcome, Request, Target, directory, ping, register};
use crate::Config;

const FEATURES: &[&str] = &[NS_INFO, NS_ITEMS];

pub(super) fn answer(request: &Request<'_>) -> Option<Result<Outcome, StanzaError>> {
    let asked = [NS_INFO, NS_ITEMS].iter().any(|namespace| request.is(IqType::Get, namespace, "query"));
    asked.then(|| {
        let query = Query::from_node(request.payload)?;
        if query.node.is_some() {
            return Err(StanzaCondition::ItemNotFound.into());
        }
        Ok(match (query.question, request.target) {
            (Question::Info, Target::Server) => Outcome::payload(server(request.config)),
            (Question::Info, _) => Outcome::payload(account()),
            (Question::Items, _) => Outcome::payload(Items::default()),
        })
    })
}

fn server(config: &Config) -> Info {
    let features = [FEATURES, ping::FEATURES, register::FEATURES, directory::features(config)];
    Info {
        node: None,
        identities: vec![identity("server", "im", Some("ChatDev"))],
        features: features.into_iter().flatten().map(|feature| (*feature).to_owned()).collect(),
    }
}

/// XEP-0030 §8 of bare JIDs.
fn account() -> Info {
    Info {
        node: None,
        identities: vec![identity("account", "registered", None)],
        features: FEATURES.iter().map(|feature| (*feature).to_owned()).collect(),
    }
}

fn identity(category: &str, type_: &str, name: Option<&str>) -> Identity {
    Identity { category: category.to_owned(), type_: type_.to_owned(), name: name.map(str::to_owned) }
}
