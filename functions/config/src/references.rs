//! References from one document into others, and what they stand for.
//!
//! | text | stands for |
//! | --- | --- |
//! | `config://tenant/{service}/{environment}/{category}/{name}/{key…}` | a key of the reading tenant's effective document |
//! | `config://global/{service}/{environment}/{category}/{name}/{key…}` | the same key of the platform's own value |
//! | `{{config:/services/{service}/{environment}/{category}/{name}/{key…}}}` | as with `tenant`; may stand inside a longer text |
//! | `{{config:/global/{category}/{name}/{key…}}}` | the same of a global document |
//!
//! After `config://tenant/` and `config://global/`, `global/{category}/{name}` names a global document too. No form
//! names a tenant, so nothing reaches into another's. References are kept as written and resolved at every read; what
//! they lead to may hold references again, as far as `global/operational/configuration` lets them.

use std::collections::{BTreeMap, BTreeSet};

use cloud::Table;
use garde::Validate;
use policy::PLATFORM_TENANT;
use serde_json::{Value, json};
use service_errors::{Error, Refusal};
use sha2::{Digest, Sha256};
use validation::{Issue, Json};

use crate::document::{DocumentId, EffectiveDocument, Layers, issue};
use crate::rules::References;

/// What a reference led to has changed, so that it leads nowhere now.
pub const REFERENCE_BROKEN: Refusal =
    Refusal::rule("REFERENCE_BROKEN", "A reference in the document no longer leads to a value: mend the document.");

/// A document with its references resolved.
pub struct Resolved {
    /// The value; null where a reference could not be followed.
    pub value: Value,
    /// The version, with a digest of what was referred to.
    pub version: String,
    /// References that could not be followed, pointing into `value`.
    pub faults: Vec<Issue>,
}

/// A document as it takes effect. Fails when a reference cannot be followed.
pub async fn effective(table: &Table, layers: &Layers, limits: &References) -> Result<EffectiveDocument, Error> {
    let resolved = resolve(table, layers, limits).await?;
    if !resolved.faults.is_empty() {
        let issues: Vec<Value> = resolved.faults.iter().map(Issue::to_json).collect();
        return Err(REFERENCE_BROKEN.with(json!({ "issues": issues })));
    }
    Ok(EffectiveDocument {
        document: DocumentId(layers.platform.value.id.clone()),
        version: resolved.version,
        value: Json(resolved.value),
        changed_at: layers.changed_at(),
    })
}

/// Resolves the references of a document, which may be one that is not written yet.
pub async fn resolve(table: &Table, layers: &Layers, limits: &References) -> Result<Resolved, Error> {
    let (value, version) = (layers.value(), layers.version());
    if !refers(&value) {
        return Ok(Resolved { value, version, faults: Vec::new() });
    }
    let own = layers.platform.value.id.clone();
    let mut known = Known::from([
        ((Whose::Tenant, own.clone()), Some((version.clone(), value.clone()))),
        ((Whose::Platform, own), Some((version.clone(), layers.platform.value.value.clone()))),
    ]);
    loop {
        let mut walk = Walk::new(&known, limits);
        let resolved = walk.value(&value, "/value");
        let Some(wanted) = walk.wanted else {
            walk.faults.dedup();
            let version = format!("{version}.{}", digest(&walk.used));
            return Ok(Resolved { value: resolved, version, faults: walk.faults });
        };
        let (whose, document) = &wanted;
        let tenant = if *whose == Whose::Tenant { &layers.tenant } else { PLATFORM_TENANT };
        let found = Layers::find(table, tenant, document).await?;
        known.insert(wanted, found.map(|layers| (layers.version(), layers.value())));
    }
}

/// Whether there is anything to resolve.
pub fn refers(value: &Value) -> bool {
    match value {
        Value::String(text) => text.starts_with(URI) || text.contains(OPEN),
        Value::Array(items) => items.iter().any(refers),
        Value::Object(fields) => fields.values().any(refers),
        _ => false,
    }
}

const URI: &str = "config://";
const OPEN: &str = "{{config:";
const CLOSE: &str = "}}";

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Whose {
    Tenant,
    Platform,
}

/// Versions and values of documents that were read; `None` for those that are not there.
type Known = BTreeMap<(Whose, String), Option<(String, Value)>>;

#[derive(Debug, Clone, PartialEq, Eq)]
struct Target {
    whose: Whose,
    document: String,
    pointer: String,
}

impl Target {
    /// What follows `config://`.
    fn of_uri(rest: &str) -> Option<Self> {
        let (scope, path) = rest.split_once('/')?;
        let whose = match scope {
            "tenant" => Whose::Tenant,
            "global" => Whose::Platform,
            _ => return None,
        };
        match path.strip_prefix("global/") {
            Some(path) => Self::within(whose, "global", path),
            None => Self::within(whose, "services", path),
        }
    }

    /// What stands between `{{config:` and `}}`.
    fn of_path(path: &str) -> Option<Self> {
        let (kind, path) = path.strip_prefix('/')?.split_once('/')?;
        Self::within(Whose::Tenant, kind, path)
    }

    fn within(whose: Whose, kind: &str, path: &str) -> Option<Self> {
        let words = match kind {
            "global" => 2,
            "services" => 4,
            _ => return None,
        };
        let segments: Vec<&str> = path.split('/').collect();
        let (name, keys) = segments.split_at_checked(words)?;
        let document = format!("{kind}.{}", name.join("."));
        DocumentId(document.clone()).validate().ok()?;
        let pointer = keys.iter().map(|key| format!("/{}", key.replace('~', "~0"))).collect();
        Some(Self { whose, document, pointer })
    }
}

impl std::fmt::Display for Target {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}{}", self.document, self.pointer)
    }
}

/// One attempt to resolve everything with the documents that are known; it ends with the first that is not.
struct Walk<'a> {
    known: &'a Known,
    limits: &'a References,
    wanted: Option<(Whose, String)>,
    used: BTreeSet<(String, String)>,
    faults: Vec<Issue>,
    chain: Vec<Target>,
    count: usize,
    bytes: usize,
}

impl<'a> Walk<'a> {
    fn new(known: &'a Known, limits: &'a References) -> Self {
        Self {
            known,
            limits,
            wanted: None,
            used: BTreeSet::new(),
            faults: Vec::new(),
            chain: Vec::new(),
            count: 0,
            bytes: 0,
        }
    }

    /// `at` is a place in the document that is resolved, not in those it refers to.
    fn value(&mut self, value: &Value, at: &str) -> Value {
        match value {
            Value::String(text) => self.text(text, at),
            Value::Array(items) => {
                items.iter().enumerate().map(|(index, item)| self.below(item, at, &index.to_string())).collect()
            }
            Value::Object(fields) => {
                Value::Object(fields.iter().map(|(key, field)| (key.clone(), self.below(field, at, key))).collect())
            }
            other => other.clone(),
        }
    }

    fn below(&mut self, value: &Value, at: &str, key: &str) -> Value {
        if !self.chain.is_empty() {
            return self.value(value, at);
        }
        self.value(value, &format!("{at}/{}", key.replace('~', "~0").replace('/', "~1")))
    }

    fn text(&mut self, text: &str, at: &str) -> Value {
        if let Some(rest) = text.strip_prefix(URI) {
            return self.follow(Target::of_uri(rest), at).unwrap_or_default();
        }
        let only = text.strip_prefix(OPEN).and_then(|rest| rest.strip_suffix(CLOSE));
        if let Some(path) = only.filter(|path| !path.contains(CLOSE)) {
            return self.follow(Target::of_path(path), at).unwrap_or_default();
        }
        let (mut whole, mut rest) = (String::new(), text);
        while let Some((before, after)) = rest.split_once(OPEN) {
            whole.push_str(before);
            let Some((path, after)) = after.split_once(CLOSE) else {
                self.fault(at, "holds a reference without its end, }}");
                return Value::Null;
            };
            match self.follow(Target::of_path(path), at) {
                Some(Value::String(part)) => whole.push_str(&part),
                Some(part @ (Value::Number(_) | Value::Bool(_))) => whole.push_str(&part.to_string()),
                Some(_) => self.fault(at, "refers, inside a text, to what is no text, number or boolean"),
                None => {}
            }
            rest = after;
        }
        whole.push_str(rest);
        whole.into()
    }

    /// What a reference stands for; `None` when it cannot be followed, or not yet.
    fn follow(&mut self, target: Option<Target>, at: &str) -> Option<Value> {
        if self.wanted.is_some() {
            return None;
        }
        let Some(target) = target else {
            self.fault(
                at,
                "is not a reference: write config://tenant/{service}/{environment}/{category}/{name}/{key}, \
                 config://global/… for the platform's own value, or {{config:/global/{category}/{name}/{key}}}",
            );
            return None;
        };
        let trail = self.chain.iter().chain([&target]).map(Target::to_string).collect::<Vec<_>>().join(" → ");
        if self.chain.contains(&target) {
            self.fault(at, format!("goes in a circle: {trail}"));
            return None;
        }
        if self.chain.len() >= self.limits.maximum_depth {
            self.fault(at, format!("leads on more than {} times: {trail}", self.limits.maximum_depth));
            return None;
        }
        self.count += 1;
        if self.count > self.limits.maximum_count {
            self.fault(at, format!("is one of more than {} references", self.limits.maximum_count));
            return None;
        }
        let known: &'a Known = self.known;
        let key = (target.whose, target.document.clone());
        let Some(document) = known.get(&key) else {
            self.wanted = Some(key);
            return None;
        };
        let Some((version, found)) =
            document.as_ref().and_then(|(version, value)| Some((version, value.pointer(&target.pointer)?)))
        else {
            self.fault(at, format!("refers to what is not there: {trail}"));
            return None;
        };
        self.used.insert((format!("{:?} {}", key.0, key.1), version.clone()));
        self.chain.push(target);
        let value = self.value(found, at);
        self.chain.pop();
        self.bytes += value.to_string().len();
        if self.bytes > self.limits.maximum_bytes {
            self.fault(at, format!("makes the document more than {} bytes larger", self.limits.maximum_bytes));
            return None;
        }
        Some(value)
    }

    fn fault(&mut self, at: &str, message: impl Into<String>) {
        self.faults.push(issue(at, "reference", message));
    }
}

/// Short, but long enough that two sets of versions do not meet by chance.
fn digest(used: &BTreeSet<(String, String)>) -> String {
    const BYTES: usize = 8;
    let mut digest = Sha256::new();
    for (document, version) in used {
        digest.update(format!("{document} {version}\n"));
    }
    digest.finalize().iter().take(BYTES).map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_names_a_document_and_a_key_and_none_names_a_tenant() {
        let pricing = "services.booking.dev.business.pricing";
        let uri = |rest: &str| Target::of_uri(rest).map(|target| (target.whose, target.document, target.pointer));
        let path = |path: &str| Target::of_path(path).map(|target| (target.whose, target.document, target.pointer));
        let names = |whose, document: &str, pointer: &str| Some((whose, document.to_owned(), pointer.to_owned()));

        assert_eq!(
            uri("tenant/booking/dev/business/pricing/surgeMultiplier"),
            names(Whose::Tenant, pricing, "/surgeMultiplier")
        );
        assert_eq!(uri("global/booking/dev/business/pricing/a/0"), names(Whose::Platform, pricing, "/a/0"));
        assert_eq!(uri("tenant/global/security/cors"), names(Whose::Tenant, "global.security.cors", ""));
        assert_eq!(path("/services/booking/dev/business/pricing/a~b"), names(Whose::Tenant, pricing, "/a~0b"));
        assert_eq!(path("/global/security/cors/origins"), names(Whose::Tenant, "global.security.cors", "/origins"));
        for broken in ["", "acme/booking/dev/business/pricing/a", "tenant/booking/dev", "tenant/global/x/y", "tenant"] {
            assert_eq!(uri(broken), None, "{broken}");
        }
        for broken in ["", "global/security/cors", "/acme/security/cors", "/global/security", "/services/a.b/c/d/e"] {
            assert_eq!(path(broken), None, "{broken}");
        }
    }
}
