//! From a path to an operation: below any base path of its servers, and below none.

use std::collections::HashMap;

use document::{Api, Template};
use http::Method;

/// Paths in a radix tree; those that differ only in what stands around their parameters share a place in it.
pub struct Router {
    tree: matchit::Router<usize>,
    places: Vec<Vec<Entry>>,
    /// The places that the tree cannot hold.
    outside: Vec<usize>,
}

struct Entry {
    operation: usize,
    /// The part of the path that is the server's.
    base: String,
    /// How many letters of the path are not a parameter: of two that match, the more exact counts.
    exact: usize,
}

/// What a path leads to.
pub enum Found<'p> {
    /// An operation, and the path below the server's base path.
    Operation {
        /// Its number in the document.
        number: usize,
        /// What its template is held against.
        below: &'p str,
    },
    /// The path is there, but not with this method.
    OtherMethods(Vec<Method>),
    /// There is no such path.
    Nothing,
}

impl Router {
    pub fn new(api: &Api) -> Self {
        let mut tree = matchit::Router::new();
        let mut places: Vec<Vec<Entry>> = Vec::new();
        let mut outside = Vec::new();
        let mut known: HashMap<String, usize> = HashMap::new();
        for (number, operation) in api.operations.iter().enumerate() {
            let mut bases: Vec<&str> = operation.bases.iter().map(String::as_str).collect();
            if !bases.contains(&"") {
                bases.push("");
            }
            for base in bases {
                let whole = Template::new(&format!(
                    "{base}{}",
                    Template::render(&operation.template, |name| format!("{{{name}}}"))
                ));
                let exact = whole.segments().flatten().map(str::len).sum::<usize>() + whole.as_str().len();
                let whole_key = key(&whole);
                // `/` below a base path is the base path, with a slash and without.
                let bare = (operation.template.as_str() == "/" && !base.is_empty()).then(|| key(&Template::new(base)));
                for key in [Some(whole_key), bare].into_iter().flatten() {
                    let next = places.len();
                    let place = *known.entry(key.clone()).or_insert(next);
                    if place == next {
                        outside.extend(tree.insert(key, place).is_err().then_some(place));
                        places.push(Vec::new());
                    }
                    if let Some(entries) = places.get_mut(place) {
                        entries.push(Entry { operation: number, base: base.to_owned(), exact });
                    }
                }
            }
        }
        for entries in &mut places {
            entries.sort_by_key(|entry| (std::cmp::Reverse(entry.exact), entry.operation));
        }
        Self { tree, places, outside }
    }

    pub fn find<'p>(&self, api: &Api, method: &Method, path: &'p str) -> Found<'p> {
        let at = |place: &usize| {
            let entries = self.places.get(*place).map(Vec::as_slice).unwrap_or_default();
            Some(among(entries, api, method, path)).filter(|found| !matches!(found, Found::Nothing))
        };
        let held = self.tree.at(path).ok();
        if let Some(found) = held.as_ref().and_then(|held| at(held.value)) {
            return found;
        }
        // Elsewhere only what the tree could not hold, what its place is too coarse for (`/{id}.csv`), and what is
        // written otherwise than the document writes it (`%2D` for `-`).
        let anywhere = held.is_some() || path.contains('%');
        let found = if anywhere {
            (0..self.places.len()).find_map(|place| at(&place))
        } else {
            self.outside.iter().find_map(at)
        };
        found.unwrap_or(Found::Nothing)
    }
}

fn among<'p>(entries: &[Entry], api: &Api, method: &Method, path: &'p str) -> Found<'p> {
    let mut methods: Vec<Method> = Vec::new();
    let mut head = None;
    for entry in entries {
        let Some(operation) = api.operations.get(entry.operation) else { continue };
        let Some(below) = below(path, &entry.base) else { continue };
        if operation.template.matches(below).is_none() {
            continue;
        }
        if operation.method == *method {
            return Found::Operation { number: entry.operation, below };
        }
        if operation.method == Method::GET && method == Method::HEAD {
            head.get_or_insert(Found::Operation { number: entry.operation, below });
        }
        if !methods.contains(&operation.method) {
            methods.push(operation.method.clone());
        }
    }
    if let Some(found) = head {
        return found;
    }
    if methods.is_empty() {
        return Found::Nothing;
    }
    if methods.contains(&Method::GET) && !methods.contains(&Method::HEAD) {
        methods.push(Method::HEAD);
    }
    if !methods.contains(&Method::OPTIONS) {
        methods.push(Method::OPTIONS);
    }
    methods.sort_by(|a, b| a.as_str().cmp(b.as_str()));
    Found::OtherMethods(methods)
}

/// The path below a base path.
fn below<'p>(path: &'p str, base: &str) -> Option<&'p str> {
    let rest = if base.contains('{') {
        // A variable without a default: any segment will do.
        let mut rest = path;
        for _ in base.matches('/') {
            let inner = rest.strip_prefix('/')?;
            rest = &inner[inner.find('/').unwrap_or(inner.len())..];
        }
        rest
    } else {
        path.strip_prefix(base)?
    };
    match rest {
        "" => Some("/"),
        rest => rest.starts_with('/').then_some(rest),
    }
}

/// A path as the tree takes it: each segment with a parameter is one.
fn key(template: &Template) -> String {
    let mut key = String::new();
    for (number, segment) in template.segments().enumerate() {
        key.push('/');
        match segment {
            Some(text) => key.push_str(&text.replace('{', "{{").replace('}', "}}")),
            None => key.push_str(&format!("{{p{number}}}")),
        }
    }
    key
}
