//! From the schema of a place and the parts of it that are used to Rust types of just these parts.

use std::collections::BTreeMap;

use serde_json::Value;

use super::document::Place;

/// A Rust type.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Type {
    Text {
        pattern: Option<String>,
        min: Option<u64>,
        max: Option<u64>,
    },
    Moment,
    Whole {
        rust: &'static str,
        min: Option<i64>,
        max: Option<i64>,
    },
    Number {
        min: Option<f64>,
        max: Option<f64>,
    },
    Truth,
    Anything,
    List {
        of: Box<Type>,
        min: Option<u64>,
        max: Option<u64>,
    },
    Map {
        of: Box<Type>,
    },
    /// A [`Definition`].
    Named(String),
}

/// A type with a name.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Definition {
    pub about: String,
    /// Whether it is sent; otherwise it is read.
    pub sent: bool,
    pub body: Body,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Body {
    Record(Vec<Field>),
    /// Words, each with what it means.
    Choice(Vec<(String, String)>),
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Field {
    /// As it stands on the wire.
    pub name: String,
    pub about: String,
    pub kind: Type,
    /// It may be absent, or null.
    pub optional: bool,
}

/// The parts of a value that are used: with nothing named below it, all of it.
#[derive(Debug, Default)]
pub(crate) struct Parts(BTreeMap<String, Parts>);

impl Parts {
    /// The parts that these pointers name. Fails with a pointer that is none.
    pub fn of(pointers: &[String]) -> Result<Self, String> {
        let mut parts = Self::default();
        for pointer in pointers {
            let words = pointer.strip_prefix('/').ok_or_else(|| format!("{pointer:?} is no pointer: /like/this"))?;
            let mut at = &mut parts;
            for word in words.split('/') {
                at = at.0.entry(word.replace("~1", "/").replace("~0", "~")).or_default();
            }
        }
        Ok(parts)
    }

    fn named(&self) -> bool {
        !self.0.is_empty()
    }
}

/// Every type of one file, by name.
#[derive(Default)]
pub(crate) struct Shapes {
    pub definitions: BTreeMap<String, Definition>,
}

/// How deep types may nest.
const DEEPEST: usize = 24;
/// Keywords that say nothing a reader has to check, or that a tolerant reader passes over.
const PASSED_OVER: [&str; 21] = [
    "$comment",
    "$defs",
    "$id",
    "$schema",
    "additionalProperties",
    "default",
    "deprecated",
    "description",
    "example",
    "examples",
    "format",
    "maxProperties",
    "minProperties",
    "multipleOf",
    "propertyNames",
    "readOnly",
    "title",
    "uniqueItems",
    "writeOnly",
    "contentEncoding",
    "contentMediaType",
];

/// One direction of use.
pub(crate) struct Shaper<'s> {
    pub shapes: &'s mut Shapes,
    /// Whether the types are sent. Then what is demanded is part of them without being named.
    pub sent: bool,
}

impl Shaper<'_> {
    /// The type of a schema, and whether it may be null. `name` is taken where the schema has none.
    pub fn shape(&mut self, schema: &Place<'_>, parts: &Parts, name: &str) -> Result<(Type, bool), String> {
        self.nested(schema, parts, name, 0)
    }

    fn nested(&mut self, schema: &Place<'_>, parts: &Parts, name: &str, depth: usize) -> Result<(Type, bool), String> {
        if depth > DEEPEST {
            return Err(format!("{} nests in itself: name the places that are read below it", schema.pointer));
        }
        let (place, known) = schema.resolved()?;
        let name = Names { wanted: known.as_deref().unwrap_or(name), otherwise: name };
        if let Some((only, null)) = only_branch(&place) {
            let (kind, inner) = self.nested(&only, parts, name.wanted, depth + 1)?;
            return Ok((kind, null || inner));
        }
        if let Some(words) = words(&place) {
            return Ok((self.define(name, &place, Body::Choice(words)), nullable(&place)));
        }
        let kind = match kinds(&place)?.as_slice() {
            [] => Type::Anything,
            ["object"] => self.object(&place, parts, name, depth)?,
            ["array"] => {
                checked(&place, &["items", "minItems", "maxItems"])?;
                let item = format!("{}Item", name.wanted);
                let of = match place.get("items") {
                    Some(items) => {
                        self.nested(&items, parts.0.get("*").unwrap_or(&Parts::default()), &item, depth + 1)?.0
                    }
                    None => Type::Anything,
                };
                Type::List { of: of.into(), min: count(&place, "minItems"), max: count(&place, "maxItems") }
            }
            [plain] => scalar(&place, plain)?,
            several => {
                return Err(format!("{} is one of {several:?}: only null may stand beside a type", place.pointer));
            }
        };
        let bare =
            matches!(kind, Type::Text { .. } | Type::Moment | Type::Whole { .. } | Type::Number { .. } | Type::Truth);
        if bare && parts.named() {
            return Err(format!("{} has no parts to name", place.pointer));
        }
        Ok((kind, nullable(&place)))
    }

    fn object(&mut self, place: &Place<'_>, parts: &Parts, name: Names<'_>, depth: usize) -> Result<Type, String> {
        checked(place, &["properties", "required"])?;
        let Some(properties) = place.get("properties").filter(|found| !found.each().is_empty()) else {
            let values = place.get("additionalProperties").filter(|values| values.value.is_object());
            let of = match values {
                Some(values) => {
                    let below = Parts::default();
                    let value = format!("{}Value", name.wanted);
                    self.nested(&values, parts.0.get("*").unwrap_or(&below), &value, depth + 1)?.0
                }
                None => Type::Anything,
            };
            return Ok(Type::Map { of: of.into() });
        };
        let required: Vec<&str> =
            place.value["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        let known = properties.each();
        if let Some(missing) = parts.0.keys().find(|part| !known.iter().any(|(name, _)| name == *part)) {
            let names: Vec<&str> = known.iter().map(|(name, _)| name.as_str()).collect();
            return Err(format!("there is no {missing} at {}; there are {}", place.pointer, names.join(", ")));
        }
        let mut fields = Vec::new();
        let everything = Parts::default();
        for (property, schema) in known {
            let demanded = required.contains(&property.as_str());
            let below = match parts.0.get(&property) {
                Some(below) => below,
                None if self.sent && demanded => &everything,
                None if !self.sent && !parts.named() => &everything,
                None => continue,
            };
            let stem = pascal_case(name.wanted.strip_suffix("Answer").unwrap_or(name.wanted));
            let (kind, null) = self.nested(&schema, below, &format!("{stem}{}", pascal_case(&property)), depth + 1)?;
            let about = about(&schema)?;
            fields.push(Field { name: property, about, kind, optional: null || !demanded });
        }
        Ok(self.define(name, place, Body::Record(fields)))
    }

    /// Names a type: as its schema is called, unless another type of this file is called so.
    fn define(&mut self, name: Names<'_>, place: &Place<'_>, body: Body) -> Type {
        let definition = Definition { about: sentence(place.text("description")), sent: self.sent, body };
        let numbered = (2..).map(|number: u32| format!("{}{number}", pascal_case(name.otherwise)));
        let candidates = [pascal_case(name.wanted), pascal_case(name.otherwise)].into_iter().chain(numbered);
        for candidate in candidates {
            match self.shapes.definitions.get(&candidate) {
                Some(known) if *known != definition => {}
                Some(_) => return Type::Named(candidate),
                None => {
                    self.shapes.definitions.insert(candidate.clone(), definition);
                    return Type::Named(candidate);
                }
            }
        }
        Type::Anything
    }
}

/// What a type could be called.
#[derive(Clone, Copy)]
struct Names<'a> {
    wanted: &'a str,
    otherwise: &'a str,
}

fn scalar(place: &Place<'_>, kind: &str) -> Result<Type, String> {
    match kind {
        "string" => {
            checked(place, &["minLength", "maxLength", "pattern"])?;
            let pattern = place.value.get("pattern").and_then(Value::as_str).map(str::to_owned);
            if let Some(pattern) = &pattern
                && let Err(error) = regex_syntax::parse(pattern)
            {
                return Err(format!("{}: the pattern cannot be read: {error}", place.pointer));
            }
            if place.text("format") == "date-time" && pattern.as_deref() == timestamp_pattern().as_deref() {
                return Ok(Type::Moment);
            }
            Ok(Type::Text { pattern, min: count(place, "minLength"), max: count(place, "maxLength") })
        }
        "integer" => {
            checked(place, &["minimum", "maximum"])?;
            let rust = match place.text("format") {
                "uint8" => "u8",
                "uint16" => "u16",
                "uint32" => "u32",
                "uint64" | "uint" => "u64",
                "int32" => "i32",
                _ => "i64",
            };
            let bound = |key: &str| place.value.get(key).and_then(Value::as_i64);
            // What the type itself does not hold needs no check.
            let min = bound("minimum").filter(|min| !(rust.starts_with('u') && *min == 0));
            let own = match rust {
                "u8" => Some(i64::from(u8::MAX)),
                "u16" => Some(i64::from(u16::MAX)),
                "u32" => Some(i64::from(u32::MAX)),
                "i32" => Some(i64::from(i32::MAX)),
                _ => None,
            };
            Ok(Type::Whole { rust, min, max: bound("maximum").filter(|max| own != Some(*max)) })
        }
        "number" => {
            checked(place, &["minimum", "maximum"])?;
            let bound = |key: &str| place.value.get(key).and_then(Value::as_f64);
            Ok(Type::Number { min: bound("minimum"), max: bound("maximum") })
        }
        "boolean" => checked(place, &[]).map(|()| Type::Truth),
        other => Err(format!("{} is of type {other}, which no value has", place.pointer)),
    }
}

/// The one schema that `allOf`, `anyOf` or `oneOf` leaves beside null, and whether null is there.
fn only_branch<'a>(place: &Place<'a>) -> Option<(Place<'a>, bool)> {
    let branches = ["allOf", "anyOf", "oneOf"].iter().find_map(|key| place.get(key))?;
    let (null, others): (Vec<_>, Vec<_>) =
        branches.each().into_iter().partition(|(_, branch)| branch.text("type") == "null");
    match <[_; 1]>::try_from(others) {
        Ok([(_, only)]) => Some((only, !null.is_empty())),
        Err(_) => None,
    }
}

/// The words that a schema lists, if it lists words: as `enum`, as `const`, or one by one with what they mean.
fn words(place: &Place<'_>) -> Option<Vec<(String, String)>> {
    if let Some(branches) = ["oneOf", "anyOf"].iter().find_map(|key| place.get(key)) {
        let listed: Option<Vec<_>> = branches
            .each()
            .into_iter()
            .filter(|(_, branch)| branch.text("type") != "null")
            .map(|(_, branch)| {
                let meaning = sentence(branch.text("description"));
                Some(words(&branch)?.into_iter().map(|(word, _)| (word, meaning.clone())).collect::<Vec<_>>())
            })
            .collect();
        return listed.map(|listed| listed.concat());
    }
    let word = |value: &Value| value.as_str().map(|word| (word.to_owned(), String::new()));
    if let Some(one) = place.value.get("const") {
        return word(one).map(|word| vec![word]);
    }
    let listed = place.value.get("enum")?.as_array()?;
    listed.iter().filter(|value| !value.is_null()).map(word).collect()
}

/// The types a schema allows beside null; none when it allows any.
fn kinds<'a>(place: &Place<'a>) -> Result<Vec<&'a str>, String> {
    let kinds = match place.value.get("type") {
        Some(Value::String(one)) => vec![one.as_str()],
        Some(Value::Array(several)) => {
            several.iter().filter_map(Value::as_str).filter(|kind| *kind != "null").collect()
        }
        _ if place.value.get("properties").is_some() => vec!["object"],
        _ => {
            checked(place, &[])?;
            Vec::new()
        }
    };
    Ok(kinds)
}

fn nullable(place: &Place<'_>) -> bool {
    let listed = |key: &str, null: &Value| place.value[key].as_array().is_some_and(|all| all.contains(null));
    listed("type", &Value::from("null")) || listed("enum", &Value::Null)
}

/// Fails when a schema says more than these keywords and those that are passed over.
fn checked(place: &Place<'_>, understood: &[&str]) -> Result<(), String> {
    let Value::Object(fields) = place.value else { return Ok(()) };
    let known =
        |key: &str| key == "type" || key.starts_with("x-") || understood.contains(&key) || PASSED_OVER.contains(&key);
    match fields.keys().find(|key| !known(key)) {
        Some(key) => Err(format!(
            "{} has {key:?}, which generated types do not check: read only places that do without it",
            place.pointer
        )),
        None => Ok(()),
    }
}

fn count(place: &Place<'_>, key: &str) -> Option<u64> {
    place.value.get(key).and_then(Value::as_u64)
}

/// What a schema says of itself, here or where it refers to.
fn about(schema: &Place<'_>) -> Result<String, String> {
    let own = schema.text("description");
    Ok(sentence(if own.is_empty() { schema.resolved()?.0.text("description") } else { own }))
}

/// The first paragraph, on one line.
pub(crate) fn sentence(text: &str) -> String {
    text.split("\n\n").next().unwrap_or_default().split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The pattern of the house's own moments.
fn timestamp_pattern() -> Option<String> {
    let schema = validation::Schema::of_answer::<validation::types::Timestamp>();
    schema.document()["pattern"].as_str().map(str::to_owned)
}

/// `user_id`, `user-id` and `userId` as `UserId`.
pub(crate) fn pascal_case(name: &str) -> String {
    let mut text = String::new();
    let mut begins = true;
    for letter in name.chars() {
        match letter {
            letter if !letter.is_ascii_alphanumeric() => begins = true,
            letter if begins => {
                text.push(letter.to_ascii_uppercase());
                begins = false;
            }
            letter => text.push(letter),
        }
    }
    if text.starts_with(|first: char| first.is_ascii_digit()) { format!("Of{text}") } else { text }
}

/// `UserId`, `user-id` and `userId` as `user_id`.
pub(crate) fn snake_case(name: &str) -> String {
    let mut text = String::new();
    let mut small = false;
    for letter in name.chars() {
        if !letter.is_ascii_alphanumeric() {
            if !text.is_empty() && !text.ends_with('_') {
                text.push('_');
            }
            small = false;
            continue;
        }
        if letter.is_ascii_uppercase() && small {
            text.push('_');
        }
        small = !letter.is_ascii_uppercase();
        text.push(letter.to_ascii_lowercase());
    }
    let text = text.trim_end_matches('_').to_owned();
    if text.starts_with(|first: char| first.is_ascii_digit()) { format!("of_{text}") } else { text }
}
