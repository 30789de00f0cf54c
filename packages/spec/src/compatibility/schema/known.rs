//! Schemas that were met before: a number for each, and how they look spread out.

use std::rc::Rc;

use ahash::HashMap;

use super::node::{All, Node, View};
use super::source::Address;
use super::union::{Union, exact, union};

/// The most schemas that are kept spread out: each is some kilobytes.
const MOST_KEPT: usize = 30_000;

/// Stands for schemas that must hold together; the same ones have the same number, however they are referred to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Id(usize);

#[derive(Default)]
pub struct Known<'a> {
    /// Of single schemas, however they are referred to.
    single: HashMap<(Address, View), Id>,
    ids: HashMap<Vec<(Address, View)>, Id>,
    unions: HashMap<Id, Rc<Union<'a>>>,
    exact: HashMap<Id, Rc<Union<'a>>>,
}

impl<'a> Known<'a> {
    pub fn id(&mut self, all: &All<'a>) -> Id {
        let [node] = all.as_slice() else { return self.numbered(all) };
        if let Some(id) = self.single.get(&node.key()) {
            return *id;
        }
        let id = self.numbered(all);
        self.single.insert(node.key(), id);
        id
    }

    fn numbered(&mut self, all: &All<'a>) -> Id {
        let mut keys: Vec<_> = all.iter().map(|node| node.bare().key()).collect();
        keys.sort_unstable();
        keys.dedup();
        let next = Id(self.ids.len());
        *self.ids.entry(keys).or_insert(next)
    }

    /// Spread out for a sender.
    pub fn union(&mut self, all: &All<'a>) -> Rc<Union<'a>> {
        let id = self.id(all);
        kept(&mut self.unions, id, || union(&bare(all)))
    }

    /// Spread out for a receiver.
    pub fn exact(&mut self, all: &All<'a>) -> Rc<Union<'a>> {
        let id = self.id(all);
        kept(&mut self.exact, id, || exact(&bare(all)))
    }
}

fn bare<'a>(all: &All<'a>) -> All<'a> {
    all.iter().map(Node::bare).collect()
}

fn kept<'a>(known: &mut HashMap<Id, Rc<Union<'a>>>, id: Id, make: impl FnOnce() -> Union<'a>) -> Rc<Union<'a>> {
    if known.len() >= MOST_KEPT && !known.contains_key(&id) {
        known.clear();
    }
    Rc::clone(known.entry(id).or_insert_with(|| Rc::new(make())))
}
