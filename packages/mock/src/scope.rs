//! What an expression can name: the request, the caller, the variables of the operation; and the functions that ask what
//! the mock remembers.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use minijinja::value::{Enumerator, Object, ObjectRepr};
use minijinja::{Environment, Error, State as Evaluation, Value};
use operation::{Claims, encode_jwt, encode_token};
use policy::PLATFORM_TENANT;
use sha2::{Digest, Sha256};

use crate::behaviour::Collections;
use crate::expression::within;
use crate::functions::{caused, hex, misused};
use crate::keys::{KEY_ID, own_claims, signing_key};
use crate::page::page_of;
use crate::references::resolved;
use crate::state::State;
use crate::value::{items, object, of_json, overlay, to_json};

/// The names of a call, besides its variables: what a behaviour may use without having said it.
pub const NAMES: &[&str] = &[
    "authorization",
    "body",
    "caller",
    "client",
    "cookie",
    "environment",
    "event",
    "headers",
    "it",
    "now",
    "operation",
    "path",
    "query",
    "request",
    "scope",
    "tenant",
];

/// The scope of one call: variables, and the state as this call sees and changes it.
#[derive(Debug)]
pub struct Scope {
    variables: Mutex<Vec<(String, Value)>>,
    pub(crate) work: Mutex<Work>,
    pub(crate) collections: Arc<Collections>,
    pub(crate) environment: &'static str,
    service: &'static str,
}

/// What a call has done so far.
#[derive(Debug)]
pub struct Work {
    /// The state, with the changes of this call.
    pub state: State,
    /// Whose records are meant.
    pub tenant: String,
    /// Whether anything was changed.
    pub changed: bool,
}

impl Scope {
    /// A scope over this state.
    pub fn new(
        state: State,
        tenant: &str,
        collections: Arc<Collections>,
        environment: &'static str,
        service: &'static str,
        names: Vec<(String, Value)>,
    ) -> Arc<Self> {
        let work = Mutex::new(Work { state, tenant: tenant.to_owned(), changed: false });
        Arc::new(Self { variables: Mutex::new(names), work, collections, environment, service })
    }

    /// The scope as expressions take it.
    pub fn value(self: &Arc<Self>) -> Value {
        Value::from_dyn_object(Arc::clone(self))
    }

    /// Gives a variable its value.
    pub fn set(&self, name: &str, value: Value) {
        let mut variables = lock(&self.variables);
        match variables.iter_mut().find(|(known, _)| known == name) {
            Some((_, old)) => *old = value,
            None => variables.push((name.to_owned(), value)),
        }
    }

    /// The value of a variable.
    pub fn variable(&self, name: &str) -> Option<Value> {
        lock(&self.variables).iter().find(|(known, _)| known == name).map(|(_, value)| value.clone())
    }

    /// The work, to read or change it.
    pub fn work(&self) -> MutexGuard<'_, Work> {
        lock(&self.work)
    }

    /// Whose records of that collection are meant.
    pub fn owner(&self, collection: &str) -> String {
        if self.collections.is_of_platform(collection) {
            PLATFORM_TENANT.to_owned()
        } else {
            self.work().tenant.clone()
        }
    }

    fn get(&self, tenant: &str, collection: &str, key: &Value) -> Value {
        let Some(key) = key.as_str().map(str::to_owned).or_else(|| key.is_integer().then(|| key.to_string())) else {
            return Value::UNDEFINED;
        };
        self.work().state.get(tenant, collection, &key).map_or(Value::UNDEFINED, |stored| stored.value.clone())
    }

    fn all(&self, tenant: &str, collection: &str) -> Value {
        let work = self.work();
        let mut records: Vec<_> = work.state.all(tenant, collection).map(|(_, stored)| stored).collect();
        records.sort_by_key(|stored| std::cmp::Reverse(stored.serial));
        records.into_iter().map(|stored| stored.value.clone()).collect()
    }

    /// Evaluates for each item, which the expression calls `it`.
    fn for_each(self: &Arc<Self>, list: &Value, expression: &str) -> Result<Vec<(Value, Value)>, Error> {
        let expression = within(expression).map_err(misused)?;
        let (before, scope) = (self.variable("it"), self.value());
        let mut found = Vec::new();
        for item in items(list) {
            self.set("it", item.clone());
            found.push((item, expression.eval(&scope).map_err(caused)?));
        }
        self.set("it", before.unwrap_or(Value::UNDEFINED));
        Ok(found)
    }
}

impl Object for Scope {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Map
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        match key.as_str()? {
            "scope" => Some(self.value()),
            "tenant" => Some(Value::from(self.work().tenant.as_str())),
            name => self.variable(name),
        }
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::NonEnumerable
    }
}

/// Adds the functions that ask the scope.
pub fn add(environment: &mut Environment<'static>) {
    environment.add_function("get", |at: &Evaluation<'_, '_>, collection: &str, key: Value| {
        scope(at).map(|scope| scope.get(&scope.owner(collection), collection, &key))
    });
    environment.add_function("get_of", |at: &Evaluation<'_, '_>, tenant: &str, collection: &str, key: Value| {
        scope(at).map(|scope| scope.get(tenant, collection, &key))
    });
    environment.add_function("all", |at: &Evaluation<'_, '_>, collection: &str| {
        scope(at).map(|scope| scope.all(&scope.owner(collection), collection))
    });
    environment.add_function("all_of", |at: &Evaluation<'_, '_>, tenant: &str, collection: &str| {
        scope(at).map(|scope| scope.all(tenant, collection))
    });
    environment.add_function("where", |at: &Evaluation<'_, '_>, list: Value, condition: &str| {
        let found = scope(at)?.for_each(&list, condition)?;
        Ok::<Value, Error>(found.into_iter().filter(|(_, held)| held.is_true()).map(|(item, _)| item).collect())
    });
    environment.add_function("any", |at: &Evaluation<'_, '_>, list: Value, condition: &str| {
        Ok::<bool, Error>(scope(at)?.for_each(&list, condition)?.iter().any(|(_, held)| held.is_true()))
    });
    environment.add_function("each", |at: &Evaluation<'_, '_>, list: Value, expression: &str| {
        let found = scope(at)?.for_each(&list, expression)?;
        Ok::<Value, Error>(found.into_iter().map(|(_, value)| value).filter(|value| !value.is_undefined()).collect())
    });
    environment.add_function("total", |at: &Evaluation<'_, '_>, list: Value, expression: &str| {
        let found = scope(at)?.for_each(&list, expression)?;
        let numbers = found.into_iter().map(|(_, value)| i128::try_from(value));
        numbers.sum::<Result<i128, Error>>().map(Value::from)
    });
    environment.add_function("hex", |at: &Evaluation<'_, '_>, digits: usize| {
        let scope = scope(at)?;
        let mut work = scope.work();
        work.changed = true;
        let text = format!("enver mock {}", work.state.draw());
        Ok::<String, Error>(hex(&Sha256::digest(text.as_bytes())).chars().take(digits).collect())
    });
    environment.add_function("secret", |at: &Evaluation<'_, '_>| {
        let scope = scope(at)?;
        let mut work = scope.work();
        work.changed = true;
        let text = format!("enver mock secret {}", work.state.draw());
        Ok::<String, Error>(URL_SAFE_NO_PAD.encode(Sha256::digest(text.as_bytes())))
    });
    environment.add_function("page_of", |at: &Evaluation<'_, '_>, list: Value| {
        let scope = scope(at)?;
        let (found, next) = page_of(&scope, items(&list)).map_err(caused)?;
        Ok::<Value, Error>(object([
            ("items".to_owned(), found.into_iter().collect()),
            ("nextCursor".to_owned(), next.map_or(Value::UNDEFINED, Value::from)),
        ]))
    });
    environment.add_function("setting_of", |at: &Evaluation<'_, '_>, tenant: &str, name: &str| {
        let scope = scope(at)?;
        let work = scope.work();
        effective(&work.state, tenant, &scope.document_id(name)).get_attr("value")
    });
    environment.add_function("resolved", |at: &Evaluation<'_, '_>, value: Value| {
        let scope = scope(at)?;
        let (value, work, mut faults) = (to_json(&value), scope.work(), Vec::new());
        let whole = resolved(&work.state, &work.tenant, &value, "/value", 0, &mut faults);
        let suffix = match whole == value && faults.is_empty() {
            true => String::new(),
            false => format!(".{}", hex(&Sha256::digest(whole.to_string())).get(..16).unwrap_or_default()),
        };
        Ok::<Value, Error>(object([
            ("value".to_owned(), of_json(&whole)),
            ("faults".to_owned(), faults.iter().map(of_json).collect()),
            ("suffix".to_owned(), Value::from(suffix)),
        ]))
    });
    environment.add_function("verification_key_id", || KEY_ID);
    environment.add_function("document", |at: &Evaluation<'_, '_>, id: &str| scope(at).map(|scope| scope.document(id)));
    environment.add_function("setting", |at: &Evaluation<'_, '_>, name: &str| {
        let scope = scope(at)?;
        scope.document(&scope.document_id(name)).get_attr("value")
    });
    environment.add_function("setting_version", |at: &Evaluation<'_, '_>, name: &str| {
        let scope = scope(at)?;
        scope.document(&scope.document_id(name)).get_attr("version")
    });
    environment.add_function("access_token", |claims: Value| {
        let claims: Claims = serde_json::from_value(to_json(&claims)).map_err(|error| misused(error.to_string()))?;
        encode_token(&claims, &signing_key(), KEY_ID).map_err(|error| misused(error.to_string()))
    });
    environment.add_function("signed_token", |kind: &str, claims: Value| {
        encode_jwt(kind, &to_json(&claims), &signing_key(), KEY_ID).map_err(|error| misused(error.to_string()))
    });
    environment.add_function("token_claims", |token: &str| {
        own_claims(token).map_or(Value::UNDEFINED, |claims| of_json(&claims))
    });
    environment.add_function("verification_key", || URL_SAFE_NO_PAD.encode(signing_key().verifying_key().as_bytes()));
}

impl Scope {
    /// `business/pricing` is this service's, `global/operational/rate-limits` everybody's.
    fn document_id(&self, name: &str) -> String {
        match name.split_once('/') {
            Some(("global", rest)) => format!("global.{}", rest.replace('/', ".")),
            _ => format!("services.{}.{}.{}", self.service, self.environment, name.replace('/', ".")),
        }
    }

    /// A document as it takes effect for the tenant: the platform's, and the tenant's keys over it.
    fn document(&self, id: &str) -> Value {
        let work = self.work();
        effective(&work.state, &work.tenant, id)
    }
}

/// The collection in which configuration documents stand, under their names, per tenant.
pub const DOCUMENTS: &str = "documents";

/// A document as it takes effect for a tenant: its value, its version, and both layers. Undefined when there is none.
pub fn effective(state: &State, tenant: &str, id: &str) -> Value {
    let layer = |tenant: &str| state.get(tenant, DOCUMENTS, id).map(|stored| stored.value.clone());
    let Some(platform) = layer(PLATFORM_TENANT) else { return Value::UNDEFINED };
    let own = (tenant != PLATFORM_TENANT).then(|| layer(tenant)).flatten();
    let field = |of: &Value, name: &str| of.get_attr(name).unwrap_or_default();
    let below = field(&platform, "value");
    let value = match &own {
        Some(own) if !field(own, "deleted").is_true() => overlay(&below, &field(own, "value")),
        _ => below,
    };
    let number = |of: Option<&Value>| of.map_or_else(|| "0".to_owned(), |of| field(of, "number").to_string());
    let version = format!("{}-{}", number(Some(&platform)), number(own.as_ref()));
    let layers = [("platform".to_owned(), platform), ("own".to_owned(), own.unwrap_or(Value::UNDEFINED))];
    let rest = [("value".to_owned(), value), ("version".to_owned(), Value::from(version))];
    object(layers.into_iter().chain(rest))
}

fn scope(at: &Evaluation<'_, '_>) -> Result<Arc<Scope>, Error> {
    at.lookup("scope")
        .and_then(|scope| scope.downcast_object::<Scope>())
        .ok_or_else(|| misused("there is no call to ask"))
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
