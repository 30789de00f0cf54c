//! Schemas that are written alike on both sides differ only in what they refer to.

use std::rc::Rc;

use serde_json::{Map, Value};

use super::Engine;
use super::flat::says_nothing;
use super::node::{All, Node};
use super::witness::Step;

/// What two schemas of one wording refer to, where that changed.
pub struct Alike<'a> {
    pub links: Vec<Link<'a>>,
    /// Whether each part of a value meets one of them at most, wherever it is; otherwise there is a choice.
    pub plain: bool,
}

/// A reference on both sides, and where in the value it is met.
pub struct Link<'a> {
    pub path: Vec<Step>,
    pub sender: Node<'a>,
    pub receiver: Node<'a>,
}

impl<'a> Engine<'a> {
    /// What changed below two schemas of one wording, if that decides what they accept: nothing negates it, or looks at
    /// the same part of the value beside it.
    pub(super) fn alike(&mut self, sender: &All<'a>, receiver: &All<'a>) -> Option<Rc<Alike<'a>>> {
        let ([one], [other]) = (sender.as_slice(), receiver.as_slice()) else { return None };
        let key = (self.known.id(sender), self.known.id(receiver));
        if let Some(known) = self.alike.get(&key) {
            return known.clone();
        }
        let alike = self.compared(one.bare(), other.bare()).map(Rc::new);
        self.alike.insert(key, alike.clone());
        alike
    }

    fn compared(&self, sender: Node<'a>, receiver: Node<'a>) -> Option<Alike<'a>> {
        if sender.value != receiver.value || sender.side() == receiver.side() {
            return None;
        }
        let mut alike = Alike { links: Vec::new(), plain: true };
        self.links(sender, receiver, &[], &mut alike)?;
        if alike.plain {
            return Some(alike);
        }
        let parts = self.parts(sender, receiver);
        Some(parts.map_or(alike, |links| Alike { links, plain: true }))
    }

    /// The properties and entries that refer to what changed, where nothing but them does: a choice in one of them is no
    /// choice of the whole.
    fn parts(&self, sender: Node<'a>, receiver: Node<'a>) -> Option<Vec<Link<'a>>> {
        let map = sender.value.as_object()?;
        if ["anyOf", "enum", "const"].iter().any(|key| map.contains_key(*key)) {
            return None;
        }
        let link = |step: Step, sender, receiver| Link { path: vec![step], sender, receiver };
        let mut links = Vec::new();
        for (name, value) in map.get("properties").and_then(Value::as_object).into_iter().flatten() {
            let other = receiver.value.get("properties")?.get(name)?;
            if self.changed.is_in(value) {
                links.push(link(Step::Property(name.clone()), sender.with(value), receiver.with(other)));
            }
        }
        if let Some(value) = map.get("items").filter(|value| self.changed.is_in(value)) {
            links.push(link(Step::Item(0), sender.with(value), receiver.with(receiver.value.get("items")?)));
        }
        Some(links)
    }

    fn links(&self, sender: Node<'a>, receiver: Node<'a>, path: &[Step], all: &mut Alike<'a>) -> Option<()> {
        let Value::Object(map) = sender.value else { return Some(()) };
        if let Some(reference) = sender.reference() {
            if self.changed.has(reference) {
                all.links.push(Link { path: path.to_vec(), sender, receiver });
            }
            return only(map, &["$ref"]).then_some(());
        }
        let under = |step: Step| path.iter().cloned().chain([step]).collect::<Vec<_>>();
        for (key, value) in map.iter().filter(|(_, value)| self.changed.is_in(value)) {
            let other = receiver.value.get(key)?;
            match key.as_str() {
                key if says_nothing(key) || matches!(key, "enum" | "const") => {}
                "properties" => {
                    for (name, value) in value.as_object()? {
                        let (sender, receiver) = (sender.with(value), receiver.with(other.get(name)?));
                        if !self.changed.is_in(value) {
                            continue;
                        }
                        if sender.is_hidden() || receiver.is_hidden() || map.contains_key("patternProperties") {
                            return None;
                        }
                        self.links(sender, receiver, &under(Step::Property(name.clone())), all)?;
                    }
                }
                "items"
                    if !map.contains_key("prefixItems")
                        && !map.contains_key("maxItems")
                        && !map.contains_key("contains") =>
                {
                    self.links(sender.with(value), receiver.with(other), &under(Step::Item(0)), all)?;
                }
                "anyOf" if only(map, &["anyOf"]) => {
                    all.plain = false;
                    for (value, other) in value.as_array()?.iter().zip(other.as_array()?) {
                        self.links(sender.with(value), receiver.with(other), path, all)?;
                    }
                }
                _ => return None,
            }
        }
        // What composes looks at the same properties.
        let composed = ["allOf", "anyOf", "oneOf", "not", "if", "dependentSchemas", "unevaluatedProperties"];
        (only(map, &["anyOf"]) || !composed.iter().any(|key| map.contains_key(*key))).then_some(())
    }
}

/// Whether these are the only keywords that refuse anything.
fn only(map: &Map<String, Value>, keys: &[&str]) -> bool {
    map.keys().all(|key| keys.contains(&key.as_str()) || says_nothing(key))
}
