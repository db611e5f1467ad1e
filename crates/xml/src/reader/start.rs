//! Start tags: namespaces are resolved, limits checked, and the tag is written in canonical form, as it stands
//! where that is canonical already.

use super::scope::Declared;
use super::tag::{self, RawAttribute, Tag};
use super::{Place, Progress, Reader};
use crate::{Error, Flaw, Limit, NS_STREAMS};

impl Reader {
    /// What stands between `<` and `>`.
    pub(super) fn start_tag(&mut self, tag: &[u8]) -> Result<Progress, Error> {
        let mut attributes = std::mem::take(&mut self.attributes);
        attributes.clear();
        self.visit(tag.len());
        let tag = tag::parse(tag, &mut attributes, self.limits.attributes_max)?;
        let progress = match self.place {
            Place::Between | Place::Within => self.element(&tag, &attributes)?,
            _ => self.header(&tag, &attributes)?,
        };
        self.attributes = attributes;
        Ok(progress)
    }

    fn header(&mut self, tag: &Tag<'_>, attributes: &[RawAttribute]) -> Result<Progress, Error> {
        self.scope.enter();
        self.rewrite(tag, attributes)?;
        self.check_canonical_len()?;
        self.assembly.end();
        self.scope.set_header();
        if (tag.prefix, tag.local) != ("stream", "stream") {
            let name = if tag.prefix.is_empty() {
                tag.local.into()
            } else {
                format!("{}:{}", tag.prefix, tag.local)
            };
            self.header_name = Some(name.into());
        }
        self.place = if tag.empty { Place::Ending } else { Place::Between };
        Ok(Progress::Header)
    }

    fn element(&mut self, tag: &Tag<'_>, attributes: &[RawAttribute]) -> Result<Progress, Error> {
        if self.assembly.depth() >= self.limits.depth_max {
            return Err(Limit::Depth.into());
        }
        if self.assembly.elements() >= self.limits.elements_max {
            return Err(Limit::Elements.into());
        }
        self.scope.enter();
        match self.canonical_as_it_stands(tag, attributes) {
            Some(declared) => self.keep(tag, declared)?,
            None => self.rewrite(tag, attributes)?,
        }
        self.place = Place::Within;
        self.check_canonical_len()?;
        if tag.empty { self.end_element() } else { Ok(Progress::More) }
    }

    /// Whether the tag is canonical where it stands; if so, which of its attributes declares its namespace.
    fn canonical_as_it_stands<'a>(
        &self,
        tag: &Tag<'_>,
        attributes: &'a [RawAttribute],
    ) -> Option<Option<&'a RawAttribute>> {
        if !tag.canonical || !tag.prefix.is_empty() {
            return None;
        }
        let in_scope = self.assembly.default_namespace();
        match (tag.foreign, attributes.first()) {
            (0, _) => (self.scope.default_name() == in_scope).then_some(None),
            (1, Some(first)) if first.name(tag) == "xmlns" => {
                let namespace = first.plain_value(tag)?;
                let is_root = self.assembly.depth() == 0;
                let written_otherwise = namespace.is_empty() || (is_root && namespace == NS_STREAMS);
                (!written_otherwise && namespace != in_scope).then_some(Some(first))
            }
            _ => None,
        }
    }

    fn keep(&mut self, tag: &Tag<'_>, declares: Option<&RawAttribute>) -> Result<(), Error> {
        if let Some(attribute) = declares {
            self.declare("", &attribute.value(tag)?)?;
        }
        let part = declares.map(RawAttribute::value_part);
        let declares = part.map(|part| (part.start, part.end - part.start));
        self.assembly.start_canonical(tag.text, tag.local.len(), declares);
        Ok(())
    }

    /// Writes the tag anew.
    fn rewrite(&mut self, tag: &Tag<'_>, attributes: &[RawAttribute]) -> Result<(), Error> {
        for attribute in attributes {
            if let Some(prefix) = attribute.declares(tag) {
                self.declare(prefix, &attribute.value(tag)?)?;
            }
        }
        let namespace = self.scope.open(tag.prefix)?;
        self.assembly.start(self.scope.name(namespace), tag.local);
        let mut seen = Foreign::default();
        for attribute in attributes {
            if attribute.declares(tag).is_some() {
                continue;
            }
            let value = attribute.value(tag)?;
            match attribute.split_name(tag) {
                ("" | "xml", _) => self.assembly.attribute(attribute.name(tag), &value),
                (prefix, local) => {
                    let namespace = self.scope.resolve(prefix)?;
                    self.foreign_attribute(&mut seen, namespace, local, &value)?;
                }
            }
        }
        self.assembly.start_done();
        Ok(())
    }

    fn declare(&mut self, prefix: &str, namespace: &str) -> Result<(), Error> {
        self.scope.declare(prefix, namespace)?;
        if self.scope.declarations() > self.limits.namespaces_max {
            return Err(Limit::Namespaces.into());
        }
        if self.scope.prefixes() > self.limits.prefixes_max {
            return Err(Limit::Prefixes.into());
        }
        Ok(())
    }

    fn foreign_attribute<'a>(
        &mut self,
        seen: &mut Foreign<'a>,
        namespace: Declared,
        local: &'a str,
        value: &str,
    ) -> Result<(), Error> {
        let name = self.scope.name(namespace);
        let known = seen.namespaces.iter().position(|&other| self.scope.name(other) == name);
        let number = known.unwrap_or(seen.namespaces.len());
        if known.is_none() {
            seen.namespaces.push(namespace);
            self.assembly.attribute(&format!("xmlns:ns{number}"), name);
        }
        if seen.names.contains(&(number, local)) {
            return Err(Flaw::DuplicateAttribute.into());
        }
        seen.names.push((number, local));
        self.assembly.attribute(&format!("ns{number}:{local}"), value);
        Ok(())
    }
}

/// The attributes of one tag that are in a namespace.
#[derive(Default)]
struct Foreign<'a> {
    namespaces: Vec<Declared>,
    /// Number of the namespace, and name.
    names: Vec<(usize, &'a str)>,
}
