//! What a contract says about the life of a thing: which operations make, show, list, change and delete it.

use std::collections::BTreeSet;

use document::{Api, Location, Operation, Schema};
use http::Method;
use serde_json::Value;

/// The operations on the things that one operation makes.
#[derive(Debug, Clone)]
pub(crate) struct Life {
    /// What makes one.
    pub make: usize,
    /// What shows one.
    pub read: Option<OfThing>,
    /// What changes one, as a whole or in parts.
    pub change: Option<OfThing>,
    /// What deletes one.
    pub delete: Option<OfThing>,
    /// What lists them.
    pub lists: Vec<List>,
}

/// An operation on one thing: its place in the contract, and that of the thing's parameter in its list.
#[derive(Debug, Clone, Copy)]
pub(crate) struct OfThing {
    pub operation: usize,
    pub parameter: usize,
}

/// An operation whose answer has such things.
#[derive(Debug, Clone)]
pub(crate) struct List {
    pub operation: usize,
    /// Whether it is the list that they were added to: it has the path of what makes them.
    pub own: bool,
    /// What says how many come at most.
    pub limit: Option<Limit>,
    /// The parameter that says where the list goes on.
    pub cursor: Option<usize>,
    /// How it is known to be at its end.
    pub pages: Pages,
    /// Whether a thing that is in none of its pages is missing, and not only left out of what was asked for.
    pub whole: bool,
}

/// The parameter that says how many entries come at most, by its place, and the most that it can say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Limit {
    pub parameter: usize,
    pub most: Option<usize>,
}

/// How a list comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pages {
    /// As a whole.
    None,
    /// In pages, and each tells the cursor of the next one.
    Told,
    /// In pages of as many entries as are asked for: one that has fewer than these is the last one.
    Counted { asked: usize, fewer: usize },
    /// In pages of which nobody can say which one is the last.
    Unknown,
}

impl Life {
    /// The life of what an operation makes, if the contract has a way to look at it.
    pub fn of(api: &Api, make: usize) -> Option<Self> {
        let create = api.operations.get(make).filter(|create| create.method == Method::POST)?;
        let one = |method: Method| {
            api.operations.iter().enumerate().filter(|(_, other)| other.method == method).find_map(|(index, other)| {
                let below = other.template.as_str().strip_prefix(create.template.as_str())?.strip_prefix("/{")?;
                let name = below.strip_suffix('}').filter(|name| !name.contains(['/', '{', '}']))?;
                let is_it = |known: &document::Parameter| known.location == Location::Path && known.name == name;
                Some(OfThing { operation: index, parameter: other.parameters.iter().position(is_it)? })
            })
        };
        let read = one(Method::GET);
        let shown = read.and_then(|read| api.operations.get(read.operation)).into_iter().chain([create]);
        let kinds: BTreeSet<&str> = shown.filter_map(answered).flat_map(|schema| refers(schema, false)).collect();
        let lists: Vec<List> = api
            .operations
            .iter()
            .enumerate()
            .filter(|(_, other)| other.method == Method::GET)
            .filter_map(|(index, other)| {
                let own = other.template.as_str() == create.template.as_str();
                let known = other.template.names().all(|name| create.template.names().any(|known| known == name));
                let listed = || answered(other).is_some_and(|schema| !refers(schema, true).is_disjoint(&kinds));
                (own || known && listed()).then(|| List::of(other, index, own))
            })
            .collect();
        let life =
            Self { make, read, change: one(Method::PUT).or(one(Method::PATCH)), delete: one(Method::DELETE), lists };
        (life.read.is_some() || life.lists.iter().any(|list| list.own)).then_some(life)
    }

    /// The name of the parameter that names one of them.
    pub fn name<'a>(&self, api: &'a Api) -> Option<&'a str> {
        let one = self.read.or(self.delete).or(self.change)?;
        Some(api.operations.get(one.operation)?.parameters.get(one.parameter)?.name.as_str())
    }
}

impl List {
    fn of(operation: &Operation, index: usize, own: bool) -> Self {
        let query = || operation.parameters.iter().enumerate().filter(|(_, known)| known.location == Location::Query);
        let named = |names: &[&str]| query().find(|(_, known)| names.contains(&plain(&known.name).as_str()));
        let limit = named(&LIMITS).filter(|(_, known)| {
            let one = known.schema.example();
            one.is_some_and(|one| one.is_u64())
        });
        // A filter that is left out filters nothing, unless the contract says what it is then. One that is true or false
        // may be about what is not shown without it, and what must be given is a choice.
        let chooses = |known: &document::Parameter| {
            let name = plain(&known.name);
            let pages = LIMITS.iter().chain(&CURSORS).chain(&PAGES).chain(&ORDERS).any(|other| *other == name);
            known.location == Location::Query && (known.required || !pages && (is_flag(known) || has_default(known)))
        };
        let cursor = named(&CURSORS);
        let limit = limit.map(|(parameter, known)| {
            let most = known.schema.bundled().get("maximum").and_then(Value::as_u64);
            Limit { parameter, most: most.and_then(|most| usize::try_from(most).ok()) }
        });
        let counted = limit.map(|Limit { most, .. }| {
            // Where none is declared, a server may have a limit of its own, but none that is so low.
            const MANY: usize = 1_000;
            const LOWEST: usize = 10;
            Pages::Counted { asked: most.unwrap_or(MANY), fewer: most.unwrap_or(LOWEST) }
        });
        let pages = match (cursor, named(&PAGES), counted) {
            (Some(_), None, _) => Pages::Told,
            (_, _, Some(counted)) => counted,
            (None, None, None) => Pages::None,
            _ => Pages::Unknown,
        };
        Self {
            operation: index,
            own,
            limit,
            cursor: cursor.map(|(place, _)| place),
            pages,
            whole: !operation.parameters.iter().any(chooses),
        }
    }
}

/// Whether a parameter may be true or false.
fn is_flag(parameter: &document::Parameter) -> bool {
    [true, false].into_iter().any(|flag| parameter.schema.accepts(&Value::Bool(flag)))
}

/// Whether a parameter has a value when it is left out, by its schema or in words.
fn has_default(parameter: &document::Parameter) -> bool {
    let document = parameter.schema.document();
    let stated = parameter.schema.value();
    let words = document.root().pointer(&parameter.pointer).and_then(|known| known.get("description")?.as_str());
    [stated, document.resolve(stated).0].iter().any(|schema| schema.get("default").is_some())
        || words.is_some_and(|words| words.to_ascii_lowercase().contains("default"))
}

/// Names of parameters, as [`plain`] writes them: how many come at most, behind which cursor, which page, and in which
/// order.
const LIMITS: [&str; 9] =
    ["limit", "pagesize", "perpage", "pagelimit", "maxresults", "maxitems", "maxkeys", "maxpagesize", "top"];
const CURSORS: [&str; 8] = [
    "cursor",
    "nextcursor",
    "pagecursor",
    "pagetoken",
    "nexttoken",
    "nextpagetoken",
    "continuationtoken",
    "continuation",
];
const PAGES: [&str; 12] = [
    "page",
    "pagenumber",
    "pageno",
    "pageindex",
    "offset",
    "skip",
    "start",
    "startindex",
    "startat",
    "after",
    "startingafter",
    "marker",
];
const ORDERS: [&str; 6] = ["sort", "sortby", "order", "orderby", "direction", "sortorder"];

/// A name in small letters, without what stands between its words.
pub(crate) fn plain(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase()
}

/// What an operation answers in JSON when all goes well.
fn answered(operation: &Operation) -> Option<&Schema> {
    let content = &operation.success()?.content;
    let json = |media: &&document::Media| document::MediaType::of(&media.name) == document::MediaType::Json;
    content.iter().find(json)?.schema.as_ref()
}

/// The references in a schema to what it is about: the entries of its lists, or else itself and what it is wrapped in.
fn refers(schema: &Schema, listed: bool) -> BTreeSet<&str> {
    let mut found = BTreeSet::new();
    look(schema, schema.value(), listed, false, 0, &mut found);
    found
}

fn look<'a>(of: &'a Schema, schema: &'a Value, listed: bool, inside: bool, depth: usize, to: &mut BTreeSet<&'a str>) {
    const DEEPEST: usize = 4;
    if depth > DEEPEST {
        return;
    }
    if let Some(reference) = schema.get("$ref").and_then(Value::as_str) {
        if listed == inside {
            to.insert(reference);
        }
        // An entry of a list is what it refers to, not what that is made of.
        if let Some(target) = of.document().target(reference).filter(|_| !inside) {
            look(of, target, listed, inside, depth + 1, to);
        }
        return;
    }
    if let Some(items) = schema.get("items").filter(|_| listed && !inside) {
        look(of, items, listed, true, depth + 1, to);
    }
    for property in schema.get("properties").and_then(Value::as_object).into_iter().flat_map(|all| all.values()) {
        if !inside {
            look(of, property, listed, inside, depth + 1, to);
        }
    }
    for part in schema.get("allOf").and_then(Value::as_array).into_iter().flatten() {
        look(of, part, listed, inside, depth + 1, to);
    }
}
