//! Two answers that should be the same but for what each server made itself: ids, tokens, times.

use std::collections::{BTreeSet, HashMap};

use bytes::Bytes;
use document::Api;
use http::{HeaderMap, Response, header};
use serde_json::Value;

/// One thing that is not the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// What: `status`, `header NAME`, or a JSON pointer into the body.
    pub place: String,
    /// As the left side has it.
    pub left: String,
    /// As the right side has it.
    pub right: String,
}

/// What the servers made: which text of the left stands for which of the right.
#[derive(Debug, Clone, Default)]
pub struct Renaming {
    to_right: HashMap<String, String>,
    to_left: HashMap<String, String>,
}

/// What may differ, and what may not although it looks as if it might.
#[derive(Debug, Clone, Default)]
pub struct Leeway {
    /// Names of properties whose numbers a business rule computes: they are only of the same type.
    pub computed: BTreeSet<String>,
    /// Texts that nobody makes: values of enumerations, and what a caller sent.
    pub fixed: BTreeSet<String>,
    /// What the two sides are called: where one says its own name, the other says its own.
    pub sides: Option<[String; 2]>,
}

impl Leeway {
    /// A text of the left side as this side (0 or 1) says it: documents of an enver have its name between dots.
    pub(crate) fn of_side(&self, text: &str, side: usize) -> String {
        match &self.sides {
            Some([one, other]) if side == 1 => text.replace(&format!(".{one}."), &format!(".{other}.")),
            _ => text.to_owned(),
        }
    }

    /// Whether two texts differ in the names of their sides alone.
    fn same_but_for_sides(&self, left: &str, right: &str) -> bool {
        self.sides.as_ref().is_some_and(|[one, other]| left.replace(one, other) == right)
    }
}

/// Header fields whose values are compared; of others that are in the contract, only that they are there.
const COMPARED: [&str; 6] =
    ["content-type", "allow", "www-authenticate", "cache-control", "x-ratelimit-limit", "idempotent-replayed"];
/// Header fields that both have or neither.
const PRESENT: [&str; 3] = ["retry-after", "x-ratelimit-remaining", "x-request-id"];
/// Header fields that say what a server made.
const MADE: [&str; 2] = ["etag", "location"];

/// All that differs; what the servers made becomes known to `names`.
pub fn differences(
    left: &Response<Bytes>,
    right: &Response<Bytes>,
    names: &mut Renaming,
    leeway: &Leeway,
) -> Vec<Difference> {
    let mut found = Vec::new();
    if left.status() != right.status() {
        found.push(Difference {
            place: "status".to_owned(),
            left: left.status().to_string(),
            right: right.status().to_string(),
        });
    }
    let value = |headers: &HeaderMap, name: &str| {
        headers.get(name).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
    };
    for name in COMPARED.iter().chain(&PRESENT).chain(&MADE) {
        let (one, other) = (value(left.headers(), name), value(right.headers(), name));
        let same = match (&one, &other) {
            (Some(one), Some(other)) => {
                PRESENT.contains(name) || one == other || MADE.contains(name) && names.same(one, other, leeway)
            }
            (one, other) => one == other,
        };
        if !same {
            let shown = |value: Option<String>| value.unwrap_or_else(|| "absent".to_owned());
            found.push(Difference { place: format!("header {name}"), left: shown(one), right: shown(other) });
        }
    }
    match (json(left), json(right)) {
        (Some(one), Some(other)) => {
            let mut comparison = Comparison { names, leeway, found: &mut found };
            comparison.values(&one, &other, "", "");
        }
        _ if left.body() == right.body() => {}
        _ => found.push(Difference {
            place: "body".to_owned(),
            left: String::from_utf8_lossy(left.body()).into_owned(),
            right: String::from_utf8_lossy(right.body()).into_owned(),
        }),
    }
    found
}

fn json(response: &Response<Bytes>) -> Option<Value> {
    let media_type = response.headers().get(header::CONTENT_TYPE)?.to_str().ok()?;
    media_type.contains("json").then(|| serde_json::from_slice(response.body()).ok()).flatten()
}

struct Comparison<'a> {
    names: &'a mut Renaming,
    leeway: &'a Leeway,
    found: &'a mut Vec<Difference>,
}

impl Comparison<'_> {
    /// `name` is that of the nearest property.
    fn values(&mut self, left: &Value, right: &Value, pointer: &str, name: &str) {
        match (left, right) {
            (Value::Object(one), Value::Object(other)) => {
                let keys: BTreeSet<&String> = one.keys().chain(other.keys()).collect();
                for key in keys {
                    let below = format!("{pointer}/{}", document::escaped(key));
                    match (one.get(key), other.get(key)) {
                        (Some(one), Some(other)) => self.values(one, other, &below, key),
                        (one, other) => {
                            let shown = |value: Option<&Value>| value.map_or("absent".to_owned(), Value::to_string);
                            self.found.push(Difference { place: below, left: shown(one), right: shown(other) });
                        }
                    }
                }
            }
            (Value::Array(one), Value::Array(other)) if one.len() == other.len() => {
                for (index, (one, other)) in one.iter().zip(other).enumerate() {
                    self.values(one, other, &format!("{pointer}/{index}"), name);
                }
            }
            (Value::String(one), Value::String(other)) if self.names.same(one, other, self.leeway) => {}
            (Value::Number(_), Value::Number(_)) if self.leeway.computed.contains(name) => {}
            (Value::Number(one), Value::Number(other)) if one.as_f64() == other.as_f64() => {}
            (one, other) if !one.is_string() && one == other => {}
            (one, other) => self.found.push(Difference {
                place: pointer.to_owned(),
                left: one.to_string(),
                right: other.to_string(),
            }),
        }
    }
}

impl Renaming {
    /// Whether two texts say the same. Two that were made stand for each other from then on.
    fn same(&mut self, left: &str, right: &str, leeway: &Leeway) -> bool {
        match (self.to_right.get(left), self.to_left.get(right)) {
            (None, None) if left == right => true,
            (None, None) if is_time(left) && is_time(right) => true,
            (None, None) if leeway.same_but_for_sides(left, right) => true,
            (None, None) => {
                let fixed = leeway.fixed.contains(left) || leeway.fixed.contains(right);
                // A code may happen to be of letters alone, on one side.
                let codes = left.len() == right.len() && is_word(left) && is_word(right);
                let (one, other) = (is_made(left), is_made(right));
                let both = !fixed && (one && other || codes && (one || other));
                if both {
                    self.to_right.insert(left.to_owned(), right.to_owned());
                    self.to_left.insert(right.to_owned(), left.to_owned());
                }
                both
            }
            (known, _) => known.is_some_and(|known| known == right),
        }
    }
}

/// The texts that a contract's enumerations list: nobody makes them.
pub fn enumerated(api: &Api) -> BTreeSet<String> {
    let mut texts = BTreeSet::new();
    let mut rest = vec![api.document.root()];
    while let Some(value) = rest.pop() {
        match value {
            Value::Array(items) => rest.extend(items),
            Value::Object(fields) => {
                let listed =
                    fields.get("enum").and_then(Value::as_array).into_iter().flatten().chain(fields.get("const"));
                texts.extend(listed.filter_map(Value::as_str).map(str::to_owned));
                rest.extend(fields.values());
            }
            _ => {}
        }
    }
    texts
}

/// Whether a text looks made: long, in one word, and not of letters alone; a token may happen to have no digit.
pub(crate) fn is_made(text: &str) -> bool {
    const TOKEN: usize = 16;
    let has = |of: fn(&u8) -> bool| text.bytes().any(|byte| of(&byte));
    let token = text.len() >= TOKEN && has(u8::is_ascii_lowercase) && has(u8::is_ascii_uppercase);
    is_word(text) && (token || has(u8::is_ascii_digit))
}

/// Whether a text is one word that is long enough for a server's own.
fn is_word(text: &str) -> bool {
    const SHORTEST: usize = 6;
    text.len() >= SHORTEST && text.bytes().all(|byte| byte.is_ascii_graphic())
}

fn is_time(text: &str) -> bool {
    let bytes = text.as_bytes();
    let digits = |from: usize, to: usize| bytes.get(from..to).is_some_and(|part| part.iter().all(u8::is_ascii_digit));
    text.len() >= "2026-11-21T08:30:00Z".len()
        && digits(0, 4)
        && digits(5, 7)
        && digits(8, 10)
        && bytes.get(10) == Some(&b'T')
        && digits(11, 13)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn answer(body: Value) -> Response<Bytes> {
        let response = Response::builder().header("content-type", "application/json");
        response.body(Bytes::from(body.to_string())).unwrap()
    }

    fn compared(pairs: &[(Value, Value)], leeway: &Leeway) -> Vec<String> {
        let mut names = Renaming::default();
        let found = pairs
            .iter()
            .flat_map(|(left, right)| differences(&answer(left.clone()), &answer(right.clone()), &mut names, leeway));
        found.map(|difference| difference.place).collect()
    }

    #[test]
    fn ids_and_times_that_each_side_made_are_no_difference_while_they_stay_the_same_ones() {
        let made = (
            json!({ "id": "bkg_01", "at": "2026-11-21T08:30:00Z" }),
            json!({ "id": "bkg_7f", "at": "2027-01-01T00:00:00Z" }),
        );
        let again = (json!({ "id": "bkg_01" }), json!({ "id": "bkg_7f" }));
        let mixed_up = (json!({ "id": "bkg_01" }), json!({ "id": "bkg_80" }));
        let twice = (json!({ "id": "bkg_02" }), json!({ "id": "bkg_7f" }));

        assert!(compared(&[made.clone(), again], &Leeway::default()).is_empty());
        assert_eq!(compared(&[made.clone(), mixed_up], &Leeway::default()), ["/id"]);
        assert_eq!(compared(&[made, twice], &Leeway::default()), ["/id"]);
    }

    #[test]
    fn words_numbers_and_missing_properties_are_differences() {
        let left = json!({ "status": "draft", "total": 3, "only": true, "list": [1], "sent": "given-by-1" });
        let right = json!({ "status": "confirmed", "total": 4, "list": [1, 2], "sent": "given-by-2" });
        let leeway = Leeway { fixed: BTreeSet::from(["given-by-1".to_owned()]), ..Leeway::default() };

        assert_eq!(compared(&[(left, right)], &leeway), ["/list", "/only", "/sent", "/status", "/total"]);
    }

    #[test]
    fn a_code_without_a_digit_is_made_where_the_other_side_has_one() {
        let codes = (json!({ "code": "FFEE76BD" }), json!({ "code": "VKJRWXMQ" }));
        assert!(compared(&[codes], &Leeway::default()).is_empty());
        let words = (json!({ "code": "cancelled" }), json!({ "code": "confirmed" }));
        assert_eq!(compared(&[words], &Leeway::default()), ["/code"]);
    }

    #[test]
    fn each_side_says_its_own_name() {
        let names = Some(["mock".to_owned(), "dev".to_owned()]);
        let leeway = Leeway { sides: names, ..Leeway::default() };
        let said = |of: &str| json!({ "document": format!("services.booking.{of}.pricing"), "in": ["main", of] });
        assert!(compared(&[(said("mock"), said("dev"))], &leeway).is_empty());
        assert_eq!(compared(&[(said("main"), said("dev"))], &leeway), ["/document", "/in/1"]);
        assert_eq!(leeway.of_side("services.booking.mock.pricing", 1), "services.booking.dev.pricing");
        assert_eq!(leeway.of_side("services.booking.mock.pricing", 0), "services.booking.mock.pricing");
    }

    #[test]
    fn what_a_business_rule_computes_is_of_the_same_type() {
        let leeway = Leeway { computed: BTreeSet::from(["price".to_owned()]), ..Leeway::default() };
        assert!(compared(&[(json!({ "price": 1 }), json!({ "price": 2.5 }))], &leeway).is_empty());
        assert_eq!(compared(&[(json!({ "price": 1 }), json!({ "price": "2" }))], &leeway), ["/price"]);
    }

    #[test]
    fn status_and_header_fields_are_compared() {
        let left = Response::builder().status(201).header("allow", "GET").header("etag", "1").body(Bytes::new());
        let right = Response::builder().status(200).header("allow", "PUT").body(Bytes::new());
        let found = differences(&left.unwrap(), &right.unwrap(), &mut Renaming::default(), &Leeway::default());
        let places: Vec<&str> = found.iter().map(|difference| difference.place.as_str()).collect();
        assert_eq!(places, ["status", "header allow", "header etag"]);
    }
}
