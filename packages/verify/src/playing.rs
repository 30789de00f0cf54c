//! The life of a thing while it is played: what was sent, and what the answers said of the thing.

use document::{Location, Operation};
use http::{HeaderMap, StatusCode, header};
use serde_json::Value;

use crate::caller::Caller;
use crate::client::Exchange;
use crate::curl::Place;
use crate::draft::Draft;
use crate::judge::Deserves;
use crate::life::Life;
use crate::script::{Says, Told, Use};

/// A life that is being played.
pub(crate) struct Playing<'l> {
    pub life: &'l Life,
    /// What makes a thing.
    pub seed: &'l Draft,
    pub caller: Option<&'l Caller>,
    /// Whether it is in the report's counts: what only repeats a finding is not.
    pub counts: bool,
    pub told: Vec<Told>,
    pub last: Option<Exchange>,
    pub made: Option<Made>,
    /// The thing, as it was shown last.
    pub thing: Option<Value>,
    /// The `ETag` that it had then.
    pub tag: Option<Tag>,
    pub change: Option<Change>,
    pub deleted: bool,
    pub listed: Listed,
}

/// What the list said that the things were added to.
#[derive(Debug, Clone, Default)]
pub(crate) struct Listed {
    /// How many entries it had.
    pub entries: usize,
    /// What it said of the thing.
    pub entry: Option<Value>,
    /// Whether it broke its schema.
    pub broken: bool,
}

/// What an answer says that made a thing.
#[derive(Debug, Clone)]
pub(crate) struct Made {
    pub id: Value,
    /// Whether the answer was 201, so that it is there now.
    pub created: bool,
    /// The field of a thing that has its id is one of these.
    pub keys: Vec<String>,
    /// Which answer this was, and where it says the id.
    pub told: usize,
    pub says: Says,
    /// The path in `Location`, below that of the base URL.
    pub location: Option<String>,
}

/// An `ETag`, and which answer had it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Tag {
    pub text: String,
    pub told: usize,
}

/// What was changed.
#[derive(Debug, Clone)]
pub(crate) struct Change {
    pub draft: Draft,
    /// The thing before.
    pub before: Value,
    pub tag: Option<Tag>,
}

impl<'l> Playing<'l> {
    pub fn new(life: &'l Life, seed: &'l Draft, caller: Option<&'l Caller>, counts: bool) -> Self {
        Self {
            life,
            seed,
            caller,
            counts,
            told: Vec::new(),
            last: None,
            made: None,
            thing: None,
            tag: None,
            change: None,
            deleted: false,
            listed: Listed::default(),
        }
    }

    /// The last answer's body of JSON.
    pub fn body(&self) -> Value {
        let body = self.last.as_ref().map(|exchange| exchange.response.body());
        body.and_then(|body| serde_json::from_slice(body).ok()).unwrap_or_default()
    }

    /// The last answer's status.
    pub fn status(&self) -> Option<StatusCode> {
        self.last.as_ref().map(|exchange| exchange.response.status())
    }

    /// The last answer's `ETag`, if `If-Match` can name it (RFC 9110, section 13.1.1).
    pub fn last_tag(&self) -> Option<Tag> {
        let tag = |headers: &HeaderMap| headers.get(header::ETAG)?.to_str().ok().map(str::to_owned);
        let text = tag(self.last.as_ref()?.response.headers()).filter(|tag| !tag.starts_with("W/"))?;
        Some(Tag { text, told: self.told.len().checked_sub(1)? })
    }

    /// What a request about the thing deserves: what an answer other than 201 says may be something else, as the job that
    /// makes it.
    pub fn deserves(&self) -> Deserves {
        match &self.made {
            Some(made) if made.created => Deserves::Success,
            _ => Deserves::Consideration,
        }
    }

    /// Notes the thing as the last answer shows it.
    pub fn note(&mut self) {
        let Some(made) = &self.made else { return };
        let body = self.body();
        self.thing = [&body, &body["data"]].into_iter().find(|thing| made.is_in(thing)).cloned();
        self.tag = self.last_tag();
    }

    /// What is demanded of a request to an operation, of the same surroundings as what makes the things.
    pub fn plain(&self, make: &Operation, operation: &Operation) -> Option<Draft> {
        let mut draft = Draft::generated(operation, 0)?;
        draft.parameters.retain(|place, _| operation.parameters.get(*place).is_some_and(|known| known.required));
        for (known, parameter) in make.parameters.iter().enumerate() {
            let same = |here: &document::Parameter| here.location == Location::Path && here.name == parameter.name;
            let here = operation.parameters.iter().position(same).filter(|_| parameter.location == Location::Path);
            if let (Some(here), Some(value)) = (here, self.seed.parameters.get(&known)) {
                draft.parameters.insert(here, value.clone());
            }
        }
        Some(draft)
    }

    /// A request about the thing, with its `ETag` where one is taken; `None` when one is demanded and none is known.
    pub fn about(&self, make: &Operation, operation: &Operation, parameter: usize) -> Option<(Draft, Vec<Use>)> {
        let made = self.made.as_ref()?;
        let mut draft = self.plain(make, operation)?;
        draft.parameters.insert(parameter, made.id.clone());
        let mut uses = vec![made.in_path()];
        if let Some(place) = conditional(operation) {
            match &self.tag {
                Some(tag) => {
                    draft.parameters.insert(place, tag.text.clone().into());
                    uses.push(tag.in_field());
                }
                None if operation.parameters.get(place).is_some_and(|known| known.required) => return None,
                None => {}
            }
        }
        Some((draft, uses))
    }
}

impl Made {
    /// What an answer made: its id under the parameter's name or `id`, at the top or below `data`; under the parameter's
    /// name in an object there, or at the end of `Location`.
    pub fn of(made: &Exchange, name: &str, told: usize, location: Option<String>) -> Option<Self> {
        let body: Value = serde_json::from_slice(made.response.body()).unwrap_or_default();
        let created = made.response.status() == StatusCode::CREATED;
        let near = ["", "/data"].into_iter().flat_map(|at| [name, "id"].map(|key| (at.to_owned(), key)));
        let inside = ["", "/data"].into_iter().flat_map(|at| {
            let fields = body.pointer(at).and_then(Value::as_object).into_iter().flatten();
            fields.map(move |(field, _)| (format!("{at}/{}", document::escaped(field)), name))
        });
        for (at, key) in near.chain(inside) {
            let at = format!("{at}/{}", document::escaped(key));
            if let Some(id) = body.pointer(&at).filter(|id| id.is_string() || id.is_number()) {
                let (id, keys) = (id.clone(), vec![key.to_owned()]);
                return Some(Self { id, created, keys, told, says: Says::Body(at), location });
            }
        }
        let field = made.response.headers().get(header::LOCATION)?.to_str().ok()?;
        let path = field.split(['?', '#']).next()?;
        let last = path.trim_end_matches('/').rsplit('/').next()?;
        let id = document::decoded(last).into();
        let keys = vec![name.to_owned(), "id".to_owned()];
        Some(Self { id, created, keys, told, says: Says::LastOfLocation, location })
    }

    /// Whether a value may be the thing: it says an id.
    fn is_in(&self, value: &Value) -> bool {
        self.keys.iter().any(|key| value.get(key).is_some())
    }

    /// Its id at the end of a path.
    pub fn in_path(&self) -> Use {
        Use { place: Place::LastSegment, from: self.told, says: self.says.clone() }
    }
}

impl Tag {
    /// It as `If-Match`.
    pub fn in_field(&self) -> Use {
        Use { place: Place::Field(header::IF_MATCH), from: self.told, says: Says::Field(header::ETAG) }
    }
}

/// The place of `If-Match` among the parameters of an operation.
pub(crate) fn conditional(operation: &Operation) -> Option<usize> {
    let is_it = |known: &document::Parameter| {
        known.location == Location::Header && known.name.eq_ignore_ascii_case(header::IF_MATCH.as_str())
    };
    operation.parameters.iter().position(is_it)
}
