//! The text of a document: from bytes to a value, and from a JSON pointer back to a line.

mod json;

use std::fmt;

use granit_parser::{Event, Parser};
use serde_json::Value;

/// A place in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
pub struct Place {
    /// Counted from 1.
    pub line: u64,
    /// In characters, counted from 1.
    pub column: u64,
}

impl Place {
    /// Where every text begins.
    pub const START: Self = Self { line: 1, column: 1 };
}

impl fmt::Display for Place {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}:{}", self.line, self.column)
    }
}

/// The deepest nesting that is read; serde_json has the same bound.
const DEEPEST: usize = 127;

/// Reads JSON or YAML: the text, and what it says.
pub fn read(bytes: &[u8]) -> Result<(String, Value), (Place, String)> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => {
            let place = place_of(&bytes[..error.valid_up_to()]);
            return Err((place, "it is not text in UTF-8".to_owned()));
        }
    };
    if let Some(at) = text.find('\0') {
        return Err((place_of(&bytes[..at]), "it is not text: a byte is 0".to_owned()));
    }
    if text.trim_start().starts_with('{') {
        match serde_json::from_str(text) {
            Ok(value) => return Ok((text.to_owned(), value)),
            Err(error) => {
                // A mapping of YAML in one line also begins so; but only JSON quotes its first key.
                let quoted = text.trim_start()[1..].trim_start().starts_with(['"', '}']);
                if quoted {
                    let place = Place { line: error.line() as u64, column: error.column().max(1) as u64 };
                    let message = error.to_string();
                    let message = message.split(" at line ").next().unwrap_or_default();
                    return Err((place, format!("it is not JSON: {message}")));
                }
            }
        }
    }
    yaml(text).map(|value| (text.to_owned(), value))
}

/// What aliases may expand a document to, of any length: what is said once and used everywhere is an ordinary document.
const EXPANDED_BYTES: usize = 8 * 1024 * 1024;
const EXPANDED_VALUES: usize = 500_000;

fn yaml(text: &str) -> Result<Value, (Place, String)> {
    let bytes = text.len().saturating_mul(2).max(EXPANDED_BYTES);
    let values = text.len().max(EXPANDED_VALUES);
    let mut budget = serde_saphyr::Budget::default();
    budget.max_depth = DEEPEST;
    budget.max_documents = 1;
    budget.max_events = values.saturating_mul(2);
    budget.max_nodes = values;
    budget.max_total_scalar_bytes = bytes;
    // One anchor may well be used a hundred times; what that comes to is bounded above.
    budget.enforce_alias_anchor_ratio = false;
    let mut options = serde_saphyr::Options::default();
    options.budget = Some(budget);
    options.with_snippet = false;
    // YAML 1.2: `y`, `n`, `on` and `no` are texts, and common names of properties.
    options.strict_booleans = true;
    serde_saphyr::from_str_with_options(text, options).map_err(|error| {
        let place = error
            .location()
            .filter(|at| at.line() > 0)
            .map_or(Place::START, |at| Place { line: at.line(), column: at.column().max(1) });
        if is_bomb(&error) {
            let why = format!(
                "its aliases expand to more than {bytes} bytes or {values} values. Write what they repeat once and refer \
                 to it with `$ref`"
            );
            return (place, why);
        }
        let message = error.to_string();
        (place, format!("it cannot be read as YAML: {}", message.lines().next().unwrap_or_default()))
    })
}

/// Whether a document was given up because of what its aliases make of it.
fn is_bomb(error: &serde_saphyr::Error) -> bool {
    use serde_saphyr::Error;
    use serde_saphyr::budget::BudgetBreach;
    match error {
        Error::AliasError { error, .. } => is_bomb(error),
        Error::AliasReplayLimitExceeded { .. } | Error::AliasReplayStackDepthExceeded { .. } => true,
        Error::Budget { breach, .. } => matches!(
            breach,
            BudgetBreach::Events { .. }
                | BudgetBreach::Nodes { .. }
                | BudgetBreach::ScalarBytes { .. }
                | BudgetBreach::Aliases { .. }
                | BudgetBreach::MergeKeys { .. }
                | BudgetBreach::RecordedAnchorEvents { .. }
                | BudgetBreach::RecordedAnchorBytes { .. }
        ),
        _ => false,
    }
}

fn place_of(before: &[u8]) -> Place {
    let lines = before.split(|&byte| byte == b'\n');
    let (line, last) = lines.enumerate().last().unwrap_or_default();
    Place { line: line as u64 + 1, column: String::from_utf8_lossy(last).chars().count() as u64 + 1 }
}

/// Where a JSON pointer leads in a text: to the key, or to the nearest one above that stands there.
pub fn find(text: &str, pointer: &str) -> Place {
    find_all(text, &[pointer])[0]
}

/// The same for many pointers, in one reading.
pub fn find_all(text: &str, pointers: &[&str]) -> Vec<Place> {
    let parts =
        |pointer: &&str| pointer.split('/').skip(1).map(|part| part.replace("~1", "/").replace("~0", "~")).collect();
    let wanted: Vec<Vec<String>> = pointers.iter().map(parts).collect();
    if let Some(places) = json::find_all(text, &wanted) {
        return places;
    }
    let found = vec![(0, Place::START); pointers.len()];
    let mut search = Search { wanted, stack: Vec::new(), found };
    for event in Parser::new_from_str(text) {
        let Ok((event, span)) = event else { break };
        let place = Place { line: span.start.line() as u64, column: span.start.col() as u64 + 1 };
        search.take(&event, place);
    }
    search.found.into_iter().map(|(_, place)| place).collect()
}

struct Search {
    wanted: Vec<Vec<String>>,
    stack: Vec<Open>,
    /// How many parts of each pointer were met, and where.
    found: Vec<(usize, Place)>,
}

enum Open {
    List {
        index: usize,
        live: Vec<usize>,
    },
    Mapping {
        key: Option<String>,
        live: Vec<usize>,
    },
    /// A part of the text that no pointer leads into.
    Passed,
}

impl Search {
    fn take(&mut self, event: &Event<'_>, place: Place) {
        match event {
            Event::Scalar(text, ..) => {
                if let Some(Open::Mapping { key: key @ None, live }) = self.stack.last_mut() {
                    *key = Some(text.to_string());
                    let (live, depth) = (live.clone(), self.stack.len());
                    self.meet(&live, depth, text, place);
                } else {
                    self.item(place);
                    self.ended();
                }
            }
            Event::Alias(..) => {
                self.item(place);
                self.ended();
            }
            Event::SequenceStart(..) => {
                self.item(place);
                let live = self.inside();
                self.stack.push(if live.is_empty() { Open::Passed } else { Open::List { index: 0, live } });
            }
            Event::MappingStart(..) => {
                self.item(place);
                let live = self.inside();
                self.stack.push(if live.is_empty() { Open::Passed } else { Open::Mapping { key: None, live } });
            }
            Event::SequenceEnd | Event::MappingEnd => {
                self.stack.pop();
                self.ended();
            }
            _ => {}
        }
    }

    /// The pointers that lead into what begins here.
    fn inside(&self) -> Vec<usize> {
        let part = match self.stack.last() {
            None => return (0..self.wanted.len()).collect(),
            Some(Open::Passed) => return Vec::new(),
            Some(Open::List { index, .. }) => index.to_string(),
            Some(Open::Mapping { key, .. }) => key.clone().unwrap_or_default(),
        };
        let depth = self.stack.len();
        let Some(Open::List { live, .. } | Open::Mapping { live, .. }) = self.stack.last() else { return Vec::new() };
        live.iter().copied().filter(|&n| self.wanted[n].get(depth - 1).is_some_and(|wanted| *wanted == part)).collect()
    }

    fn item(&mut self, place: Place) {
        if let Some(Open::List { index, live }) = self.stack.last() {
            let (part, live, depth) = (index.to_string(), live.clone(), self.stack.len());
            self.meet(&live, depth, &part, place);
        }
    }

    fn meet(&mut self, live: &[usize], depth: usize, part: &str, place: Place) {
        for &n in live {
            if self.found[n].0 < depth && self.wanted[n].get(depth - 1).is_some_and(|wanted| wanted == part) {
                self.found[n] = (depth, place);
            }
        }
    }

    fn ended(&mut self) {
        match self.stack.last_mut() {
            Some(Open::List { index, .. }) => *index += 1,
            Some(Open::Mapping { key, .. }) => *key = None,
            _ => {}
        }
    }
}
