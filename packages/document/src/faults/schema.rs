//! Schemas: keywords that exist with values of their kind, and bounds that leave room.

use serde_json::{Map, Value};

use super::words::{listed, meant, named};
use super::{Finder, What};
use crate::merged::TYPES;
use crate::path::Path;

pub fn schema<'a>(finder: &mut Finder<'a>, value: &'a Value, at: &Path<'_>) {
    if value.is_boolean() {
        return;
    }
    let map = match at.key() {
        Some(key) => finder.object(value, at, format_args!("the schema under `{key}`")),
        None => finder.object(value, at, format_args!("the schema")),
    };
    let Some(map) = map else { return };
    for (key, value) in map {
        // A key with nothing behind it says nothing.
        if !value.is_null() {
            keyword(finder, key, value, at);
        }
    }
    bounds(finder, map, at);
}

fn keyword<'a>(finder: &mut Finder<'a>, key: &str, value: &'a Value, above: &Path<'_>) {
    let at = &Path::Key(above, key);
    match key {
        "type" => types(finder, value, at),
        "properties" | "patternProperties" | "dependentSchemas" | "$defs" | "definitions" => {
            // An author may have chosen any name, also one that begins with `x-`.
            for (name, value) in finder.object(value, at, format_args!("`{key}`")).into_iter().flatten() {
                finder.look(What::Schema, value, &Path::Key(at, name));
            }
        }
        "allOf" | "anyOf" | "oneOf" | "prefixItems" => {
            for (index, value) in finder.list(value, at, format_args!("`{key}`")).iter().enumerate() {
                finder.look(What::Schema, value, &Path::Index(at, index));
            }
        }
        "items"
        | "not"
        | "additionalProperties"
        | "unevaluatedProperties"
        | "unevaluatedItems"
        | "propertyNames"
        | "contains"
        | "if"
        | "then"
        | "else" => finder.look(What::Schema, value, at),
        "required" => names(finder, value, at, "it stands beside `properties`, as `required: [id]`"),
        "dependentRequired" => {
            for (name, value) in finder.object(value, at, format_args!("`dependentRequired`")).into_iter().flatten() {
                names(finder, value, &Path::Key(at, name), "as `card: [address]`");
            }
        }
        "enum" => drop(finder.list(value, at, format_args!("`enum`"))),
        "minimum" | "maximum" | "exclusiveMinimum" | "exclusiveMaximum" => {
            demand(finder, value.is_number(), "a number", value, at);
        }
        "multipleOf" => demand(finder, value.as_f64().is_some_and(|step| step > 0.0), "a number above 0", value, at),
        "minLength" | "maxLength" | "minItems" | "maxItems" | "minProperties" | "maxProperties" | "minContains"
        | "maxContains" => {
            let counts = value.as_f64().is_some_and(|count| count >= 0.0 && count.fract() == 0.0);
            demand(finder, counts, "a whole number from 0 on", value, at);
        }
        "pattern" | "format" => demand(finder, value.is_string(), "a text", value, at),
        "uniqueItems" | "readOnly" | "writeOnly" => demand(finder, value.is_boolean(), "true or false", value, at),
        "discriminator" => discriminator(finder, value, at),
        _ => {}
    }
}

fn demand(finder: &mut Finder<'_>, kept: bool, what: &str, value: &Value, at: &Path<'_>) {
    if !kept {
        finder.tell(at, || {
            let found = if value.is_number() { value.to_string() } else { named(value).to_owned() };
            format!("`{}` is not {what} but {found}", at.key().unwrap_or_default())
        });
    }
}

/// A type, or several: OpenAPI 3.0 knows no lists of them, but everybody reads what many write.
fn types<'a>(finder: &mut Finder<'a>, value: &'a Value, at: &Path<'_>) {
    let names = match value {
        Value::Array(names) => names.as_slice(),
        one => std::slice::from_ref(one),
    };
    for name in names {
        match name.as_str() {
            Some(name) if TYPES.contains(&name) => {}
            Some(name) => finder
                .tell(at, || format!("there is no type `{name}`; there are {}{}", listed(&TYPES), meant(name, &TYPES))),
            None => finder.tell(at, || format!("`type` is not the name of a type but {}", named(name))),
        }
    }
}

fn names(finder: &mut Finder<'_>, value: &Value, at: &Path<'_>, mend: &str) {
    let all = value.as_array();
    if value.is_boolean() {
        // As it was said of a property in draft 3 of JSON Schema, which says nothing since.
        finder
            .doubt(at, || format!("`{}` is no list of names, and so nothing is; {mend}", at.key().unwrap_or_default()));
        return;
    }
    if !all.is_some_and(|names| names.iter().all(Value::is_string)) {
        finder.tell(at, || {
            let found = all.map_or_else(|| named(value), |_| "a list of something else");
            format!("`{}` is not a list of names but {found}; {mend}", at.key().unwrap_or_default())
        });
    }
}

fn discriminator<'a>(finder: &mut Finder<'a>, value: &'a Value, at: &Path<'_>) {
    if let Some(map) = finder.object(value, at, format_args!("`discriminator`"))
        && !map.get("propertyName").is_some_and(Value::is_string)
    {
        finder.tell(at, || "`discriminator` has no `propertyName`".to_owned());
    }
}

/// Nothing lies between bounds that are the wrong way round: what has them cannot be sent, all else can.
fn bounds(finder: &mut Finder<'_>, map: &Map<String, Value>, at: &Path<'_>) {
    const PAIRS: [(&str, &str); 7] = [
        ("minimum", "maximum"),
        ("exclusiveMinimum", "maximum"),
        ("minimum", "exclusiveMaximum"),
        ("minLength", "maxLength"),
        ("minItems", "maxItems"),
        ("minProperties", "maxProperties"),
        ("minContains", "maxContains"),
    ];
    for (least, most) in PAIRS {
        let number = |key: &str| map.get(key).and_then(Value::as_f64);
        if let (Some(low), Some(high)) = (number(least), number(most))
            && low > high
        {
            let at = Path::Key(at, least);
            finder.doubt(&at, || format!("`{least}` {low} is more than `{most}` {high}, which no value satisfies"));
        }
    }
}
