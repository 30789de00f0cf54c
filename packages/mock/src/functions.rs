//! The functions of expressions that ask nothing but their arguments.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use minijinja::{Environment, Error, ErrorKind, Value};
use sha1::Sha1;
use sha2::{Digest, Sha256};
use validation::types::{GeoPoint, Timestamp};
use validation::{Part, Schema};

use crate::value::{fields, items, object, of_json, overlay, to_json, with};

/// Adds them all.
pub fn add(environment: &mut Environment<'static>) {
    environment.add_function("millis", |time: &str| timestamp(time).map(|time| time.unix_millis()));
    environment.add_function("seconds", |time: &str| timestamp(time).map(|time| time.unix_seconds()));
    environment.add_function("at", |millis: i64| Timestamp::from_unix_millis(millis).to_string());
    environment.add_function("later", later);
    environment.add_function("half_up", half_up);
    environment.add_function("kilometres", kilometres);
    environment.add_function("overlay", |under: Value, over: Value| overlay(&under, &over));
    environment.add_function("with", |under: Value, over: Value| with(&under, &over));
    environment.add_function("without", without);
    environment.add_function("only", only);
    environment
        .add_function("compact", |of: Value| object(fields(&of).into_iter().filter(|(_, field)| !field.is_none())));
    environment
        .add_function("keys", |of: Value| fields(&of).into_iter().map(|(key, _)| Value::from(key)).collect::<Value>());
    environment.add_function("object", |key: String, field: Value| object([(key, field)]));
    environment
        .add_function("plus", |list: Value, item: Value| items(&list).into_iter().chain([item]).collect::<Value>());
    environment.add_function("joined", |one: Value, other: Value| {
        items(&one).into_iter().chain(items(&other)).collect::<Value>()
    });
    environment.add_function("digest", |text: &str| hex(&Sha256::digest(text.as_bytes())));
    environment.add_function("s256", |text: &str| URL_SAFE_NO_PAD.encode(Sha256::digest(text.as_bytes())));
    environment.add_function("canonical", |of: Value| to_json(&of).to_string());
    environment.add_function("base32", |text: &str| data_encoding::BASE32_NOPAD.encode(text.as_bytes()));
    environment.add_function("from_base64", |text: &str| {
        let decoded = STANDARD.decode(text).ok().and_then(|bytes| String::from_utf8(bytes).ok());
        decoded.map_or(Value::UNDEFINED, Value::from)
    });
    environment.add_function("one_time_code", one_time_code);
    environment.add_function("issues", issues);
    environment.add_function("redundant", redundant);
    environment.add_function("seal", |place: &str, of: Value| sealed(place, &to_json(&of).to_string()));
    environment.add_function("unseal", unsealed);
    environment.add_function("escaped", escaped);
    environment.add_function("with_query", with_query);
    environment.add_function("classes", classes);
    environment.add_function("flat", |lists: Value| items(&lists).iter().flat_map(items).collect::<Value>());
    environment.add_global("missing", Value::UNDEFINED);
}

/// A call that an expression should not have made.
pub fn misused(what: impl Into<std::borrow::Cow<'static, str>>) -> Error {
    Error::new(ErrorKind::InvalidOperation, what)
}

/// A call that failed because of something that whoever evaluates may want to know.
pub fn caused(cause: impl std::error::Error + Send + Sync + 'static) -> Error {
    misused(cause.to_string()).with_source(cause)
}

fn timestamp(text: &str) -> Result<Timestamp, Error> {
    Timestamp::try_from(text.to_owned()).map_err(|_| misused(format!("{text:?} is no time")))
}

/// The time so many seconds later.
fn later(time: &str, seconds: i64) -> Result<String, Error> {
    let millis = timestamp(time)?.unix_millis().saturating_add(seconds.saturating_mul(1000));
    Ok(Timestamp::from_unix_millis(millis).to_string())
}

/// `numerator / denominator`, half away from zero.
fn half_up(numerator: i128, denominator: i128) -> Result<Value, Error> {
    let half = if numerator < 0 { -denominator / 2 } else { denominator / 2 };
    let rounded = numerator.saturating_add(half).checked_div(denominator).ok_or_else(|| misused("divided by zero"))?;
    Ok(Value::from(rounded))
}

/// The great circle between two places.
fn kilometres(one: Value, other: Value) -> Result<f64, Error> {
    let place = |of: &Value| -> Result<GeoPoint, Error> {
        let degrees = |name: &str| of.get_attr(name).and_then(f64::try_from);
        Ok(GeoPoint { lat: degrees("lat")?, lng: degrees("lng")? })
    };
    Ok(place(&one)?.kilometres_to(place(&other)?))
}

fn without(of: Value, names: Value) -> Value {
    let names = items(&names);
    object(fields(&of).into_iter().filter(|(key, _)| !names.iter().any(|name| name.as_str() == Some(key))))
}

fn only(of: Value, names: Value) -> Value {
    let names = items(&names);
    object(fields(&of).into_iter().filter(|(key, _)| names.iter().any(|name| name.as_str() == Some(key))))
}

/// The places where an object says what the one beneath it says already, as findings of a validation.
fn redundant(below: Value, own: Value, at: &str) -> Value {
    let mut found = Vec::new();
    for (key, field) in fields(&own) {
        let place = format!("{at}/{}", key.replace('~', "~0").replace('/', "~1"));
        match below.get_attr(&key) {
            Ok(there) if there == field => {
                let message = "says what the platform says, and stays when that changes";
                let finding = [("pointer", place.as_str()), ("rule", "redundant"), ("message", message)];
                found.push(Value::from_pairs(finding));
            }
            Ok(there) => found.extend(items(&redundant(there, field, &place))),
            Err(_) => {}
        }
    }
    found.into_iter().collect()
}

/// Everything that is wrong with a value by a JSON Schema, as details of a refusal tell it.
fn issues(schema: Value, value: Value) -> Value {
    let found = Schema::new(to_json(&schema)).issues(Part::Body, &to_json(&value));
    found.iter().map(|issue| of_json(&issue.to_json())).collect()
}

/// The code of one time step (RFC 6238), of a secret in base 32.
fn one_time_code(secret: &str, step: i64, digits: u32) -> Result<String, Error> {
    let secret = data_encoding::BASE32_NOPAD
        .decode(secret.trim_end_matches('=').as_bytes())
        .map_err(|_| misused("the secret is not base 32"))?;
    let mut mac = Hmac::<Sha1>::new_from_slice(&secret).map_err(|error| misused(error.to_string()))?;
    mac.update(&step.to_be_bytes());
    let digest = mac.finalize().into_bytes();
    let offset = usize::from(digest.last().copied().unwrap_or_default() & 0xf);
    let four = digest.iter().skip(offset).take(4).fold(0_u32, |number, byte| (number << 8) | u32::from(*byte));
    let code = (four & 0x7fff_ffff) % 10_u32.saturating_pow(digits);
    Ok(format!("{code:0width$}", width = usize::try_from(digits).unwrap_or_default()))
}

/// A text that only its place opens again; everybody can read it, as everything of a mock.
fn sealed(place: &str, text: &str) -> String {
    let digest = Sha256::digest(format!("{place}\n{text}"));
    let mut bytes = digest.iter().copied().take(SEAL).collect::<Vec<u8>>();
    bytes.extend_from_slice(text.as_bytes());
    URL_SAFE_NO_PAD.encode(bytes)
}

/// What was sealed for that place; undefined when nothing was.
fn unsealed(place: &str, token: &str) -> Value {
    let bytes = URL_SAFE_NO_PAD.decode(token).unwrap_or_default();
    let text = bytes.split_at_checked(SEAL).and_then(|(_, text)| std::str::from_utf8(text).ok());
    let text = text.filter(|text| sealed(place, text) == token);
    text.and_then(|text| serde_json::from_str(text).ok()).map_or(Value::UNDEFINED, |json| of_json(&json))
}

/// How many bytes of a digest a seal has.
const SEAL: usize = 16;

/// A text as a path or a query carries it, with everything escaped that is not unreserved (RFC 3986, section 2.3).
fn escaped(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    text.bytes().map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

/// An address with these pairs in its query, as forms write them; a pair without a value is left out.
fn with_query(address: &str, pairs: Value) -> String {
    let word = |of: &Value, n: usize| of.get_item_by_index(n).ok().filter(|it| !it.is_undefined() && !it.is_none());
    let form = |text: String| {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"*-._".contains(&byte);
        let written = text.bytes().map(|byte| match byte {
            b' ' => "+".to_owned(),
            byte if plain(byte) => char::from(byte).to_string(),
            byte => format!("%{byte:02X}"),
        });
        written.collect::<String>()
    };
    let pairs = items(&pairs);
    let given = pairs.iter().filter_map(|pair| Some((word(pair, 0)?.to_string(), word(pair, 1)?.to_string())));
    let query: Vec<String> = given.map(|(name, value)| format!("{}={}", form(name), form(value))).collect();
    let joint = if address.contains('?') { '&' } else { '?' };
    format!("{address}{joint}{}", query.join("&"))
}

/// How many kinds of characters a text has: lower case, upper case, numbers, others.
fn classes(text: &str) -> usize {
    let kinds: [fn(char) -> bool; 4] =
        [char::is_lowercase, char::is_uppercase, char::is_numeric, |letter| !letter.is_alphanumeric()];
    kinds.into_iter().filter(|kind| text.contains(*kind)).count()
}

/// Bytes in hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
