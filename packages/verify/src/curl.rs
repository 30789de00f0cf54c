//! A request as a line of curl that a shell of POSIX or bash sends again.

use std::fmt::Write as _;

use bytes::Bytes;
use http::{HeaderName, Request};
use serde_json::Value;

/// What becomes of secrets in what is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Secrets {
    /// Header fields become variables of the shell (`$AUTHORIZATION`), secrets in a body `***`.
    Masked,
    /// Everything stands there as it was sent.
    Shown,
}

/// Header fields that are secrets, wholly.
const SECRET_FIELDS: [&str; 6] =
    ["authorization", "cookie", "proxy-authorization", "x-api-key", "x-worker-signature", "approval-token"];

/// Credentials that nobody issued, by the form they have: they are no secrets, and whoever repeats the request needs them.
pub(crate) const MADE_UP_BEARER: &str = "Bearer nobody.issued.this";
pub(crate) const MADE_UP_BASIC: &str = "Basic bm86Ym9keQ==";
pub(crate) const MADE_UP_KEY: &str = "nobody-issued-this";

/// What names of secrets in bodies and queries end in, in lower case and without `_` and `-`.
const SECRET_NAMES: [&str; 8] =
    ["password", "passwd", "secret", "token", "apikey", "credential", "verifier", "signature"];
/// What is a secret in a query or a form alone; in JSON it says which error it is.
const SECRET_IN_PAIRS: &str = "code";

/// What stands where a secret was.
pub(crate) const MASK: &str = "***";

/// Where in a request a value stands that an earlier answer said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Place {
    /// It is the path.
    Path,
    /// It is the last segment of the path.
    LastSegment,
    /// It is the value of this pair of the query.
    Query(String),
    /// It is the value of this header field.
    Field(HeaderName),
}

/// The request to `base` as a line of curl. Without a base it is sent to `$ENVER_URL`.
pub fn curl(base: &str, request: &Request<Bytes>, secrets: Secrets) -> String {
    line("curl -sS -i", base, request, secrets, &[])
}

/// The same, beginning with a command, and with variables of the shell in some places.
pub(crate) fn line(
    command: &str,
    base: &str,
    request: &Request<Bytes>,
    secrets: Secrets,
    variables: &[(Place, String)],
) -> String {
    let variable = |place: &Place| variables.iter().find(|(known, _)| known == place).map(|(_, name)| name.as_str());
    let mut line = command.to_owned();
    let body = request.body();
    let implied = if body.is_empty() { "GET" } else { "POST" };
    match request.method().as_str() {
        "HEAD" => line.push_str(" --head"),
        method if method == implied => {}
        method => {
            let _ = write!(line, " -X {method}");
        }
    }
    let address = address(base, request, secrets, &variable);
    // In addresses curl takes these for several.
    if address.contains(['{', '}', '[', ']']) {
        line.push_str(" --globoff");
    }
    line.push(' ');
    line.push_str(&address);
    for (name, value) in request.headers() {
        let made_up = [MADE_UP_BEARER, MADE_UP_BASIC, MADE_UP_KEY].iter().any(|made_up| value == made_up);
        let secret = secrets == Secrets::Masked && is_secret_field(name.as_str()) && !made_up;
        if let Some(variable) = variable(&Place::Field(name.clone())) {
            let _ = write!(line, " -H \"{name}: ${variable}\"");
            continue;
        }
        let _ = match (secret, value.as_bytes()) {
            (true, _) => write!(line, " -H \"{name}: ${}\"", name.as_str().to_ascii_uppercase().replace('-', "_")),
            // `-H 'name:'` would take the field away.
            (_, b"") => write!(line, " -H {}", quoted(format!("{name};").as_bytes())),
            (_, bytes) => write!(line, " -H {}", quoted(&[name.as_str().as_bytes(), b": ", bytes].concat())),
        };
    }
    if !body.is_empty() {
        // curl would say that a body is a form.
        if !request.headers().contains_key(http::header::CONTENT_TYPE) {
            line.push_str(" -H 'content-type:'");
        }
        let shown = match secrets {
            Secrets::Masked => masked_body(body),
            Secrets::Shown => body.to_vec(),
        };
        let _ = write!(line, " --data-binary {}", quoted(&shown));
    }
    line
}

/// Where the request goes, as one word of a shell.
fn address<'v>(
    base: &str,
    request: &Request<Bytes>,
    secrets: Secrets,
    variable: &impl Fn(&Place) -> Option<&'v str>,
) -> String {
    let mut word = Word::default();
    match base {
        "" => word.variable("ENVER_URL"),
        base => word.text(base),
    }
    let path = request.uri().path();
    let (before, _) = path.rsplit_once('/').unwrap_or_default();
    match (variable(&Place::Path), variable(&Place::LastSegment)) {
        (Some(name), _) => word.variable(name),
        (None, Some(name)) => {
            word.text(before);
            word.text("/");
            word.variable(name);
        }
        (None, None) => word.text(path),
    }
    for (number, pair) in request.uri().query().into_iter().flat_map(|query| query.split('&')).enumerate() {
        word.text(if number == 0 { "?" } else { "&" });
        let name = pair.split('=').next().unwrap_or_default();
        match (variable(&Place::Query(name.to_owned())), secrets) {
            (Some(variable), _) => {
                word.text(name);
                word.text("=");
                word.variable(variable);
            }
            (None, Secrets::Masked) => word.text(&masked_pairs(pair)),
            (None, Secrets::Shown) => word.text(pair),
        }
    }
    word.written()
}

/// A word of a shell, made of text and of variables.
#[derive(Default)]
struct Word {
    written: String,
    /// Text that is not quoted yet.
    text: String,
}

impl Word {
    fn text(&mut self, text: &str) {
        self.text.push_str(text);
    }

    fn variable(&mut self, name: &str) {
        self.quote();
        let _ = write!(self.written, "\"${name}\"");
    }

    fn quote(&mut self) {
        let text = std::mem::take(&mut self.text);
        if !text.is_empty() {
            self.written.push_str(&quoted(text.as_bytes()));
        }
    }

    fn written(mut self) -> String {
        self.quote();
        self.written
    }
}

/// The bytes as one word of a shell. Text is quoted as any POSIX shell reads it; other bytes, and a `@` that curl would
/// take for a file, as bash does.
pub(crate) fn quoted(bytes: &[u8]) -> String {
    let plain = |text: &&str| !text.chars().any(is_hidden) && !text.starts_with('@');
    match std::str::from_utf8(bytes).ok().filter(plain) {
        Some(text) => format!("'{}'", text.replace('\'', r"'\''")),
        None => {
            let mut word = "$'".to_owned();
            for &byte in bytes {
                match byte {
                    b'\'' | b'\\' => word.extend(['\\', char::from(byte)]),
                    b' '..=b'~' => word.push(char::from(byte)),
                    _ => {
                        let _ = write!(word, "\\x{byte:02x}");
                    }
                }
            }
            word + "'"
        }
    }
}

/// Whether a character moves or turns what stands around it instead of being seen itself.
pub(crate) fn is_hidden(c: char) -> bool {
    let turns = matches!(c, '\u{61c}' | '\u{200e}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    turns || c.is_control() && c != '\n'
}

/// Whether a header field is a secret, wholly.
pub fn is_secret_field(name: &str) -> bool {
    SECRET_FIELDS.contains(&name)
}

fn is_secret(name: &str) -> bool {
    let name: String = name.chars().filter(|c| !matches!(c, '_' | '-')).collect::<String>().to_ascii_lowercase();
    SECRET_NAMES.iter().any(|secret| name.ends_with(secret))
}

/// A path with a query whose secrets are masked.
pub fn masked_query(path: &str) -> String {
    match path.split_once('?') {
        Some((path, query)) => format!("{path}?{}", masked_pairs(query)),
        None => path.to_owned(),
    }
}

fn masked_pairs(pairs: &str) -> String {
    let masked = pairs.split('&').map(|pair| match pair.split_once('=') {
        Some((name, _)) if is_secret(name) || name == SECRET_IN_PAIRS => format!("{name}={MASK}"),
        _ => pair.to_owned(),
    });
    masked.collect::<Vec<_>>().join("&")
}

/// A body whose secrets are masked, if it is JSON or a form; other bodies stay, since nothing in them has a name.
pub fn masked_body(body: &[u8]) -> Vec<u8> {
    if let Ok(mut value) = serde_json::from_slice::<Value>(body) {
        return match mask(&mut value) {
            true => value.to_string().into_bytes(),
            false => body.to_vec(),
        };
    }
    match std::str::from_utf8(body) {
        Ok(text) if text.contains('=') && !text.contains(char::is_whitespace) => masked_pairs(text).into_bytes(),
        _ => body.to_vec(),
    }
}

/// Masks secrets in a value, whose depth the parser has bounded, and says whether there were any.
pub fn mask(value: &mut Value) -> bool {
    match value {
        // Every item is masked, not the items to the first that has a secret.
        Value::Array(items) => items.iter_mut().map(mask).filter(|masked| *masked).count() > 0,
        Value::Object(fields) => fields.iter_mut().fold(false, |any, (name, field)| match field {
            Value::String(text) if is_secret(name) => {
                MASK.clone_into(text);
                true
            }
            field => mask(field) || any,
        }),
        _ => false,
    }
}
