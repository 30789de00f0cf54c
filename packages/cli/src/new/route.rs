//! What an operation does to the records of a service, and where it is called.

use crate::new::names::{NameError, Words};
use crate::new::tree::Tree;
use crate::new::{Method, NewError};

/// What an operation does to the records of a service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// Makes one: POST without a record in the path.
    Create,
    /// Reads one.
    Get,
    /// Reads a page of them.
    List,
    /// Changes one: PUT, PATCH, or POST on a record.
    Change(Method),
    /// Removes one.
    Remove,
}

impl Shape {
    /// Whether its path names a record.
    pub fn names_a_record(self) -> bool {
        matches!(self, Self::Get | Self::Change(_) | Self::Remove)
    }

    /// The template of its file.
    pub fn template(self) -> &'static str {
        match self {
            Self::Create => include_str!("templates/create.txt"),
            Self::Get => include_str!("templates/get.txt"),
            Self::List => include_str!("templates/list.txt"),
            Self::Change(_) => include_str!("templates/change.txt"),
            Self::Remove => include_str!("templates/remove.txt"),
        }
    }

    /// The template of its tests.
    pub fn test(self) -> &'static str {
        match self {
            Self::Create => include_str!("templates/test_create.txt"),
            Self::Get => include_str!("templates/test_get.txt"),
            Self::List => include_str!("templates/test_list.txt"),
            Self::Change(_) => include_str!("templates/test_change.txt"),
            Self::Remove => include_str!("templates/test_remove.txt"),
        }
    }
}

/// The path of an operation where nobody gave one.
pub fn usual_path(service: &str, verb: &str, shape: Shape, noun: &Words) -> String {
    let all = format!("/{service}/v1/{}", noun.plural().kebab());
    let one = format!("{all}/{{{}Id}}", noun.camel());
    match shape {
        Shape::Create | Shape::List => all,
        Shape::Change(Method::Post) => format!("{one}/{verb}"),
        Shape::Get | Shape::Change(_) | Shape::Remove => one,
    }
}

/// The method of an operation where nobody gave one.
pub fn usual_method(verb: &str) -> Method {
    match verb {
        "find" | "get" | "list" | "read" => Method::Get,
        "change" | "update" => Method::Patch,
        "replace" | "set" => Method::Put,
        "delete" | "remove" => Method::Delete,
        _ => Method::Post,
    }
}

/// What an operation does whose path nobody gave.
pub fn usual_shape(verb: &str, method: Method) -> Shape {
    match (method, verb) {
        (Method::Get, "list") => Shape::List,
        (Method::Get, _) => Shape::Get,
        (Method::Post, "add" | "create" | "make" | "register" | "request" | "send" | "start") => Shape::Create,
        (Method::Delete, _) => Shape::Remove,
        (method, _) => Shape::Change(method),
    }
}

/// What an operation does at a path that somebody gave.
pub fn shape(method: Method, has_record: bool, path: &str) -> Result<Shape, NameError> {
    match (method, has_record) {
        (Method::Post, false) => Ok(Shape::Create),
        (Method::Get, true) => Ok(Shape::Get),
        (Method::Get, false) => Ok(Shape::List),
        (Method::Delete, true) => Ok(Shape::Remove),
        (method, true) => Ok(Shape::Change(method)),
        (_, false) => Err(NameError::Path {
            path: path.to_owned(),
            why: "it names no record for this method: let it end with the record's id, as in /payment/v1/refunds/{refundId}"
                .to_owned(),
        }),
    }
}

/// Whether a given path names a record of this noun. Refuses what is no path of this service.
pub fn has_record(path: &str, service: &str, noun: &Words) -> Result<bool, NameError> {
    const LONGEST: usize = 200;
    let refused = |why: String| NameError::Path { path: path.to_owned(), why };
    let base = format!("/{service}/v1/");
    let Some(rest) = path.strip_prefix(&base).filter(|rest| !rest.is_empty() && path.len() <= LONGEST) else {
        return Err(refused(format!(
            "a path of this service begins with {base}, goes on, and has at most {LONGEST} characters"
        )));
    };
    let parameter = format!("{{{}Id}}", noun.camel());
    let mut found = false;
    for segment in rest.split('/') {
        if segment.starts_with('{') {
            if segment != parameter || found {
                return Err(refused(format!("its one parameter is {parameter}; write others by hand afterwards")));
            }
            found = true;
        } else if Words::of_kebab(segment).is_none() {
            return Err(refused(format!("{segment:?} is no segment: write lower-case words joined by `-`")));
        }
    }
    Ok(found)
}

/// Refuses a route that an operation of the service has, or that the router could not tell from one.
pub fn unrouted(tree: &Tree, service: &str, method: Method, path: &str) -> Result<(), NewError> {
    for source in tree.sources(&format!("functions/{service}/src"))? {
        let text = tree.read(&source)?;
        let Some((_, rest)) = text.split_once("..Declaration::") else { continue };
        let Some((call, _)) = rest.split_once(')') else { continue };
        let other: Vec<&str> = call.split('"').collect();
        let (Some(other_method), Some(other_path)) = (call.split('(').next(), other.get(3)) else { continue };
        let is_same_method = other_method == format!("{method:?}").to_lowercase();
        if *other_path == path && is_same_method {
            let mend = "give another --path or --method".to_owned();
            let what = format!("{} {path}", other_method.to_uppercase());
            return Err(NewError::Exists { what, place: source, mend });
        }
        if *other_path != path && erased(other_path) == erased(path) {
            let why = format!("the router cannot tell it from {other_path} ({source}): give another --path");
            return Err(NameError::Path { path: path.to_owned(), why }.into());
        }
    }
    Ok(())
}

/// The path without the names of its parameters.
fn erased(path: &str) -> String {
    path.split('/').map(|segment| if segment.starts_with('{') { "{}" } else { segment }).collect::<Vec<_>>().join("/")
}
