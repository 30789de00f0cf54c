//! Requests that stand on each other as lines for a shell, which send them again to a server on which nothing was made.

use std::collections::BTreeMap;

use bytes::Bytes;
use http::{HeaderName, Request};

use crate::client::Client;
use crate::curl::{MASK, Place, quoted};

/// A request that was sent.
#[derive(Debug, Clone)]
pub(crate) struct Told {
    pub request: Request<Bytes>,
    /// What of it earlier answers said.
    pub uses: Vec<Use>,
}

/// A value of a request that an earlier answer said.
#[derive(Debug, Clone)]
pub(crate) struct Use {
    /// Where it stands.
    pub place: Place,
    /// The request whose answer said it, by its place in the list.
    pub from: usize,
    /// Where that answer says it.
    pub says: Says,
}

/// Where an answer says something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Says {
    /// In its body of JSON, at a pointer.
    Body(String),
    /// In a header field.
    Field(HeaderName),
    /// In `Location`, after the last slash.
    LastOfLocation,
    /// In `Location`, after this path of the base URL.
    PathOfLocation(String),
}

impl Says {
    /// The variable that holds it.
    const fn variable(&self, place: &Place) -> &'static str {
        match (self, place) {
            (_, Place::Query(_)) => "NEXT",
            (Self::Field(_), _) => "ETAG",
            (Self::PathOfLocation(_), _) => "PLACE",
            _ => "ID",
        }
    }

    /// Takes it out of the answer that stands in front of the pipe; into a query it goes encoded.
    fn taken(&self, place: &Place) -> String {
        match self {
            Self::Body(pointer) => {
                let encoded = if matches!(place, Place::Field(_)) { "" } else { "|@uri" };
                format!("jq -r {}", quoted(format!("{}{encoded}", of_jq(pointer)).as_bytes()))
            }
            Self::Field(name) => field(name.as_str(), ""),
            // What is asked for may follow the path.
            Self::LastOfLocation => field("location", "; s|[?#].*||; s|/*$||; s|.*/||"),
            Self::PathOfLocation(_) => field("location", "; s|^[a-z]*://[^/]*||"),
        }
    }

    /// What is done with the variable once it has its value.
    fn then(&self, variable: &str) -> String {
        match self {
            // A path is data: in the program of `sed` it would be read as commands.
            Self::PathOfLocation(base) if !base.is_empty() => {
                format!("; {variable}=${{{variable}#{}}}", quoted(base.as_bytes()))
            }
            _ => String::new(),
        }
    }

    /// The command whose answer it is taken out of.
    const fn command(&self) -> &'static str {
        match self {
            Self::Body(_) => "curl -sS",
            _ => "curl -sS -o /dev/null -D -",
        }
    }
}

/// The lines, for `sh`. What the answers of this run made is in none of them, but for a second value out of one answer.
pub(crate) fn script(client: &Client, told: &[Told]) -> Vec<String> {
    // The variable of each answer that later requests take something of.
    let mut taken: BTreeMap<usize, (&Use, String)> = BTreeMap::new();
    for used in told.iter().flat_map(|told| &told.uses) {
        let variable = used.says.variable(&used.place);
        let others = taken.values().filter(|(other, _)| other.says.variable(&other.place) == variable).count();
        let name = if others == 0 { variable.to_owned() } else { format!("{variable}{}", others + 1) };
        taken.entry(used.from).or_insert((used, name));
    }
    let mut lines = Vec::new();
    for (number, told) in told.iter().enumerate() {
        let variables: Vec<(Place, String)> = told
            .uses
            .iter()
            .filter_map(|used| {
                let (of, name) = taken.get(&used.from)?;
                (of.says == used.says).then(|| (used.place.clone(), name.clone()))
            })
            .collect();
        lines.push(match taken.get(&number) {
            Some((used, name)) => {
                let line = client.line(used.says.command(), &told.request, &variables);
                format!("{name}=$({line} | {}){}", used.says.taken(&used.place), used.says.then(name))
            }
            None => client.line("curl -sS -i", &told.request, &variables),
        });
    }
    if lines.iter().any(|line| line.contains("| jq ")) {
        lines.insert(0, "# jq (https://jqlang.org) takes out of an answer what the next request needs".to_owned());
    }
    if lines.iter().any(|line| line.contains(MASK)) {
        lines.insert(0, format!("# {MASK} stands for a secret: write one in its place"));
    }
    lines
}

/// Takes a header field's value out of a head, with or without a blank before it, and does more of `sed` with it.
fn field(name: &str, more: &str) -> String {
    format!("grep -i '^{name}:' | sed 's|^[^:]*:[[:space:]]*||; s|[[:space:]]*$||{more}'")
}

/// A JSON pointer as a filter of jq.
fn of_jq(pointer: &str) -> String {
    let mut filter = String::new();
    for step in pointer.split('/').skip(1).map(|step| step.replace("~1", "/").replace("~0", "~")) {
        let word = step.starts_with(|c: char| c.is_ascii_alphabetic())
            && step.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        let begun = if word || filter.is_empty() { "." } else { "" };
        let step = if word { step } else { format!("[{}]", serde_json::Value::from(step)) };
        filter.extend([begun, step.as_str()]);
    }
    if filter.is_empty() { ".".to_owned() } else { filter }
}
