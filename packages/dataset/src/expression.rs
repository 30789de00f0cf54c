//! The grammar of `${…}`: what a text refers to.
//!
//! ```text
//! text       = { characters | "${" expression "}" | "$${" }      a text that is one expression keeps its type
//! expression = path | time | call
//! path       = name { "." name }                                 vehicles.tata_407.registration, saved.bookingId, run
//! time       = "now" [ ("+" | "-") digits ("s"|"m"|"h"|"d") ]    when the flow began, in UTC, to the second
//! call       = name "(" [ argument { "," argument } ] ")"        totp(saved.secret), filler(70000)
//! argument   = expression | "'" characters "'" | number
//! ```

use serde_json::{Number, Value};

/// A text, cut at its references.
#[derive(Debug, Clone, PartialEq)]
pub enum Part {
    /// As it stands.
    Text(String),
    /// To be resolved.
    Reference(Expression),
}

/// What stands between `${` and `}`.
#[derive(Debug, Clone, PartialEq)]
pub enum Expression {
    /// A value of an entity, of the run, or saved before.
    Path(Vec<String>),
    /// A time, in seconds from when the flow began.
    Now(i64),
    /// Something a client has to compute.
    Call(String, Vec<Self>),
    /// A text or a number, as an argument.
    Literal(Value),
}

/// Deeper than this no call needs to be.
const MAXIMUM_DEPTH: usize = 8;

/// Cuts a text at its references.
///
/// # Errors
///
/// What is wrong with the first expression that cannot be read.
pub fn parts(text: &str) -> Result<Vec<Part>, String> {
    let mut parts = Vec::new();
    let mut plain = String::new();
    let mut rest = text;
    while let Some(at) = rest.find("${") {
        let before = rest.get(..at).unwrap_or_default();
        if let Some(escaped) = before.strip_suffix('$') {
            plain.push_str(escaped);
            plain.push_str("${");
            rest = rest.get(at + 2..).unwrap_or_default();
            continue;
        }
        plain.push_str(before);
        let inner = rest.get(at + 2..).unwrap_or_default();
        let end = inner.find('}').ok_or_else(|| format!("${{ is not closed in {text:?}"))?;
        if !plain.is_empty() {
            parts.push(Part::Text(std::mem::take(&mut plain)));
        }
        parts.push(Part::Reference(expression(inner.get(..end).unwrap_or_default())?));
        rest = inner.get(end + 1..).unwrap_or_default();
    }
    plain.push_str(rest);
    if !plain.is_empty() || parts.is_empty() {
        parts.push(Part::Text(plain));
    }
    Ok(parts)
}

/// Every path in a text, also those in arguments.
pub fn paths(text: &str) -> Vec<Vec<String>> {
    fn collect(expression: &Expression, into: &mut Vec<Vec<String>>) {
        match expression {
            Expression::Path(path) => into.push(path.clone()),
            Expression::Call(_, arguments) => arguments.iter().for_each(|argument| collect(argument, into)),
            Expression::Now(_) | Expression::Literal(_) => {}
        }
    }
    let mut found = Vec::new();
    for part in parts(text).unwrap_or_default() {
        if let Part::Reference(expression) = part {
            collect(&expression, &mut found);
        }
    }
    found
}

fn expression(text: &str) -> Result<Expression, String> {
    let mut reader = Reader { rest: text, whole: text };
    let read = reader.argument(0)?;
    reader.space();
    match (reader.rest, &read) {
        ("", Expression::Literal(_)) => Err(format!("${{{text}}} refers to nothing: write the value itself")),
        ("", _) => Ok(read),
        (rest, _) => Err(format!("${{{text}}} cannot be read from {rest:?}")),
    }
}

struct Reader<'t> {
    rest: &'t str,
    whole: &'t str,
}

impl<'t> Reader<'t> {
    fn argument(&mut self, depth: usize) -> Result<Expression, String> {
        if depth > MAXIMUM_DEPTH {
            return Err(format!("${{{}}} is nested too deep", self.whole));
        }
        self.space();
        if let Some(quoted) = self.rest.strip_prefix('\'') {
            let (text, rest) =
                quoted.split_once('\'').ok_or_else(|| format!("a quote is open in ${{{}}}", self.whole))?;
            self.rest = rest;
            return Ok(Expression::Literal(text.into()));
        }
        let word = self.word();
        if let Ok(number) = word.parse::<i64>() {
            return Ok(Expression::Literal(Number::from(number).into()));
        }
        if word.is_empty() {
            return Err(format!("${{{}}} has no name where {:?} stands", self.whole, self.rest));
        }
        if word == "now" {
            return self.offset().map(Expression::Now);
        }
        if let Some(rest) = self.rest.strip_prefix('(') {
            self.rest = rest;
            return self.arguments(depth).map(|arguments| Expression::Call(word.to_owned(), arguments));
        }
        let names: Vec<String> = word.split('.').map(str::to_owned).collect();
        if names.iter().any(String::is_empty) {
            return Err(format!("${{{}}} has an empty name", self.whole));
        }
        Ok(Expression::Path(names))
    }

    fn arguments(&mut self, depth: usize) -> Result<Vec<Expression>, String> {
        let mut arguments = Vec::new();
        loop {
            self.space();
            if let Some(rest) = self.rest.strip_prefix(')') {
                self.rest = rest;
                return Ok(arguments);
            }
            if !arguments.is_empty() {
                self.rest =
                    self.rest.strip_prefix(',').ok_or_else(|| format!("${{{}}} lacks a comma or a )", self.whole))?;
            }
            arguments.push(self.argument(depth + 1)?);
        }
    }

    /// `+3d`, in seconds; nothing is zero.
    fn offset(&mut self) -> Result<i64, String> {
        let (sign, rest) = match (self.rest.strip_prefix('+'), self.rest.strip_prefix('-')) {
            (Some(rest), _) => (1, rest),
            (_, Some(rest)) => (-1, rest),
            _ => return Ok(0),
        };
        let wrong = || format!("${{{}}} is no time: write now+3d, now-90m and the like", self.whole);
        let end = rest.find(|letter: char| !letter.is_ascii_digit()).ok_or_else(wrong)?;
        let number: i64 = rest.get(..end).unwrap_or_default().parse().map_err(|_| wrong())?;
        let unit = match rest.get(end..=end) {
            Some("s") => 1,
            Some("m") => 60,
            Some("h") => 3600,
            Some("d") => 86400,
            _ => return Err(wrong()),
        };
        self.rest = rest.get(end + 1..).unwrap_or_default();
        number.checked_mul(unit).map(|seconds| sign * seconds).ok_or_else(wrong)
    }

    fn word(&mut self) -> &'t str {
        let is_name = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '.');
        // A hyphen belongs to a name or a number unless a time is what it follows.
        let mut end = self.rest.find(|letter: char| !is_name(letter) && letter != '-').unwrap_or(self.rest.len());
        if self.rest.starts_with("now-") {
            end = 3;
        }
        let (word, rest) = self.rest.split_at(end);
        self.rest = rest;
        word
    }

    fn space(&mut self) {
        self.rest = self.rest.trim_start();
    }
}
