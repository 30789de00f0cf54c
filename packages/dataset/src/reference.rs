//! What a step refers to: entities, and what steps before it saved.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::expression::paths;
use crate::step::{Body, Step};
use crate::yaml::{Content, Key, Node};

impl Step {
    /// Every path it refers to (`people`, `ravi`, `email`), with its line, each once.
    pub fn references(&self) -> BTreeSet<(Vec<String>, usize)> {
        let mut found = BTreeSet::new();
        let mut of = |fields: &[(Key, Node)]| fields.iter().for_each(|(_, node)| collect(node, &mut found));
        of(&self.send.path);
        of(&self.send.query);
        of(&self.send.headers);
        of(&self.expect.headers);
        if let Body::Json(node) | Body::Form(node) | Body::Raw(node) = &self.send.body {
            collect(node, &mut found);
        }
        self.send.changes.iter().filter_map(|(_, node)| node.as_ref()).for_each(|node| collect(node, &mut found));
        self.expect.body.iter().for_each(|node| collect(node, &mut found));
        self.emits.iter().filter_map(|emitted| emitted.data.as_ref()).for_each(|node| collect(node, &mut found));
        found
    }
}

fn collect(node: &Node, into: &mut BTreeSet<(Vec<String>, usize)>) {
    match &node.content {
        Content::Scalar(Value::String(text)) => into.extend(paths(text).into_iter().map(|path| (path, node.line))),
        Content::Scalar(_) => {}
        Content::List(items) => items.iter().for_each(|item| collect(item, into)),
        Content::Map(fields) => fields.iter().for_each(|(_, value)| collect(value, into)),
    }
}
