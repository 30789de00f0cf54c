//! The paths of an OpenAPI document: their templates, the parameters in them, and the ids of their operations.

use std::collections::{BTreeSet, HashMap};

use serde_json::{Map, Value};

use super::openapi::{METHODS, place};
use super::{Finder, What};
use crate::path::Path;

pub fn paths<'a>(finder: &mut Finder<'a>, root: &'a Map<String, Value>) {
    let Some(value) = root.get("paths") else { return };
    let top = Path::At("");
    let at = &Path::Key(&top, "paths");
    let mut shapes: HashMap<(String, &str), &str> = HashMap::new();
    let mut ids: HashMap<&str, (&str, &str)> = HashMap::new();
    for (path, value) in finder.object(value, at, format_args!("`paths`")).into_iter().flatten() {
        if path.starts_with("x-") {
            continue;
        }
        let at = &Path::Key(at, path);
        if !path.starts_with('/') {
            finder.tell(at, || format!("the path `{path}` does not begin with `/`"));
        }
        finder.look(What::PathItem, value, at);
        let names = match names(path) {
            Ok(names) => names,
            Err(why) => {
                finder.tell(at, || format!("the path `{path}` {why}"));
                continue;
            }
        };
        let (item, followed) = finder.document.resolve(value);
        let followed = followed.map(Path::At);
        let at = followed.as_ref().unwrap_or(at);
        let around = placed(finder, path, &names, item, at);
        for method in METHODS {
            let Some(operation) = item.get(method) else { continue };
            let at = &Path::Key(at, method);
            // Under different methods such paths are told apart, as documents of real APIs do.
            if let Some(other) = shapes.insert((blank(path), method), path) {
                finder.doubt(at, || {
                    format!(
                        "{method} {path} is {method} {other} again: paths that differ only in names are one; join them"
                    )
                });
            }
            if let Some(id) = operation.get("operationId").and_then(Value::as_str)
                && let Some((method, path)) = ids.insert(id, (method, path))
            {
                finder.doubt(&Path::Key(at, "operationId"), || {
                    format!("`{id}` is the `operationId` of {method} {path} too; give each operation one of its own")
                });
            }
            let own = placed(finder, path, &names, operation, at);
            for name in names.iter().filter(|name| !around.contains(*name) && !own.contains(*name)) {
                finder.doubt(at, || {
                    format!(
                        "`{{{name}}}` of {path} is not among the parameters; add `{{ name: {name}, in: path, required: \
                         true, schema: {{ type: string }} }}`"
                    )
                });
            }
        }
    }
}

/// The names of the path parameters that are declared here; the template must have each.
fn placed<'a>(
    finder: &mut Finder<'a>,
    path: &str,
    names: &BTreeSet<&str>,
    around: &'a Value,
    at: &Path<'_>,
) -> BTreeSet<&'a str> {
    let mut declared = BTreeSet::new();
    let Some(list) = around.get("parameters") else { return declared };
    let at = Path::Key(at, "parameters");
    for (index, value) in finder.document.resolve(list).0.as_array().into_iter().flatten().enumerate() {
        let Some(("path", name)) = place(finder.document.resolve(value).0) else { continue };
        declared.insert(name);
        if !names.contains(name) {
            finder.doubt(&Path::Index(&at, index), || {
                format!("the parameter `{name}` is in the path, but {path} has no `{{{name}}}`")
            });
        }
    }
    declared
}

/// The names between the braces of a template.
pub fn names(path: &str) -> Result<BTreeSet<&str>, String> {
    let mut all = BTreeSet::new();
    let mut rest = path;
    while let Some(at) = rest.find(['{', '}']) {
        let inner = rest[at..].strip_prefix('{').ok_or("has a `}` without its `{`")?;
        let end =
            inner.find(['{', '}']).filter(|end| inner[*end..].starts_with('}')).ok_or("has a `{` without its `}`")?;
        if end == 0 {
            return Err("has a parameter without a name: `{}`".to_owned());
        }
        all.insert(&inner[..end]);
        rest = &inner[end + 1..];
    }
    Ok(all)
}

/// A template without its names.
fn blank(path: &str) -> String {
    let mut parts = path.split('{');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| text + "{}" + part.split_once('}').map_or("", |(_, rest)| rest))
}
