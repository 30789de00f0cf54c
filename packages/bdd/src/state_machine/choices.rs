//! What is expected of an answer as rules of a choice. What no rule can say, the Lambda function judges: it is given the
//! answer and the expectation as the dataset has it, and the choice asks for its verdict.

use dataset::{Content, Dataset, Node, Step};
use serde_json::{Map, Value, json};

use super::template::{Computed, Known, answer_path, child, expected, saved_in};
use super::told;
use crate::reference::{Term, term};

/// The rules for one answer.
pub struct Choices {
    /// All of them hold.
    pub rules: Vec<Value>,
    /// Values that are put together before: the fields of `$.expected`.
    pub prepared: Map<String, Value>,
    /// What the function judges: the expectations of the body, and whether it is exact; and of header fields.
    judged: Option<(Value, bool, Value)>,
}

impl Choices {
    /// The rules for the answer to a step.
    ///
    /// # Errors
    ///
    /// A reference that means nothing.
    pub fn of(dataset: &Dataset, step: &Step, known: &Known, computed: &mut Computed) -> Result<Self, String> {
        let expect = &step.expect;
        let mut choices = Self { rules: Vec::new(), prepared: Map::new(), judged: None };
        choices.rules.push(json!({ "Variable": "$.answer.StatusCode", "NumericEquals": expect.status }));
        if let Some(code) = &expect.code {
            let place = |path: &str| json!({ "And": [{ "Variable": path, "IsPresent": true }, { "Variable": path, "StringEquals": code }] });
            let (ours, oauth) = (place("$.answer.ResponseBody.error.code"), place("$.answer.ResponseBody.error"));
            choices.rules.push(json!({ "Or": [ours, oauth] }));
        }
        let mut judge = Judge { dataset, known, computed, choices: &mut choices, is_whole: true };
        for (name, node) in &expect.headers {
            judge.node(node, &answer_path(&name.text))?;
        }
        let headers_are_whole = judge.is_whole;
        judge.is_whole = true;
        if let Some(body) = &expect.body {
            judge.node(body, "$.answer.ResponseBody")?;
        }
        let body_is_whole = judge.is_whole && !expect.exact;
        if !headers_are_whole || !body_is_whole {
            let fields = expect.headers.iter().filter(|_| !headers_are_whole);
            let headers: Map<String, Value> =
                fields.map(|(name, node)| (name.text.to_ascii_lowercase(), node.json())).collect();
            let body = expect.body.as_ref().filter(|_| !body_is_whole).map_or_else(|| json!({}), Node::json);
            choices.judged = Some((body, expect.exact && !body_is_whole, headers.into()));
            choices.rules.push(json!({ "Variable": "$.judged.matches", "BooleanEquals": true }));
        }
        Ok(choices)
    }

    /// What the function is told, if there is anything to judge.
    pub fn judged(&self, known: &Known) -> Result<Option<Value>, String> {
        let Some((expected, exact, headers)) = &self.judged else { return Ok(None) };
        let mut texts = Vec::new();
        collect(expected, &mut texts);
        collect(headers, &mut texts);
        let mut payload = told(known, &saved_in(texts.into_iter()))?;
        payload.insert("expected".to_owned(), expected.clone());
        payload.insert("exact".to_owned(), (*exact).into());
        payload.insert("found.$".to_owned(), "$.answer.ResponseBody".into());
        if headers.as_object().is_some_and(|headers| !headers.is_empty()) {
            payload.insert("headers".to_owned(), headers.clone());
            payload.insert("foundHeaders.$".to_owned(), "$.answer.Headers".into());
        }
        Ok(Some(payload.into()))
    }
}

struct Judge<'a> {
    dataset: &'a Dataset,
    known: &'a Known,
    computed: &'a mut Computed,
    choices: &'a mut Choices,
    /// Whether the rules say all that is expected.
    is_whole: bool,
}

impl Judge<'_> {
    fn node(&mut self, node: &Node, path: &str) -> Result<(), String> {
        match &node.content {
            Content::Map(fields) if fields.iter().any(|(key, _)| key.text.starts_with('$')) => {
                if node.get("$absent").is_some() {
                    self.rule(json!({ "Not": { "Variable": path, "IsPresent": true } }));
                    return Ok(());
                }
                self.rule(json!({ "Variable": path, "IsPresent": true }));
                if node.get("$from").is_some() {
                    let term = term(node, &self.dataset.entities)?;
                    return self.term(&term, path);
                }
                for (key, value) in fields {
                    match key.text.strip_prefix('$') {
                        Some("like") => {
                            let like = term(value, &self.dataset.entities)?;
                            let named: Vec<&str> = fields.iter().map(|(key, _)| key.text.as_str()).collect();
                            self.like(&like, path, &named);
                        }
                        Some(matcher) => self.matcher(matcher, value, path)?,
                        None => self.node(value, &child(path, &key.text))?,
                    }
                }
                Ok(())
            }
            Content::Map(fields) => {
                fields.iter().try_for_each(|(key, value)| self.node(value, &child(path, &key.text)))
            }
            Content::List(items) => {
                self.length(items.len(), path);
                items.iter().enumerate().try_for_each(|(at, item)| self.node(item, &format!("{path}[{at}]")))
            }
            Content::Scalar(_) => {
                let term = term(node, &self.dataset.entities)?;
                self.term(&term, path)
            }
        }
    }

    /// A value that is expected as it stands.
    fn term(&mut self, term: &Term, path: &str) -> Result<(), String> {
        match term {
            Term::Value(value) => {
                self.value(value, path);
                Ok(())
            }
            Term::Object(fields) => fields.iter().try_for_each(|(name, value)| self.term(value, &child(path, name))),
            Term::List(items) => {
                self.length(items.len(), path);
                items.iter().enumerate().try_for_each(|(at, item)| self.term(item, &format!("{path}[{at}]")))
            }
            Term::Dynamic(_) => {
                let known = expected(self.dataset, self.known, self.computed, term)?;
                self.equal(path, &known);
                Ok(())
            }
            Term::Text(_) => {
                let template = expected(self.dataset, self.known, self.computed, term)?;
                let name = format!("e{}", self.choices.prepared.len() + 1);
                self.choices.prepared.insert(format!("{name}.$"), template.into());
                self.equal(path, &format!("$.expected.{name}"));
                Ok(())
            }
        }
    }

    /// A value of the form of an example: its fields and their types.
    fn like(&mut self, example: &Term, path: &str, passed_over: &[&str]) {
        let is =
            |what: &str| json!({ "And": [{ "Variable": path, "IsPresent": true }, { "Variable": path, what: true }] });
        match example {
            Term::Object(fields) => {
                for (name, value) in fields.iter().filter(|(name, _)| !passed_over.contains(&name.as_str())) {
                    self.like(value, &child(path, name), &[]);
                }
            }
            Term::Value(Value::Object(fields)) => {
                for (name, value) in fields.iter().filter(|(name, _)| !passed_over.contains(&name.as_str())) {
                    self.like(&Term::Value(value.clone()), &child(path, name), &[]);
                }
            }
            Term::Text(_) | Term::Value(Value::String(_)) => self.rule(is("IsString")),
            Term::Value(Value::Number(_)) => self.rule(is("IsNumeric")),
            Term::Value(Value::Bool(_)) => self.rule(is("IsBoolean")),
            Term::Value(Value::Null) => self.rule(is("IsNull")),
            _ => {
                self.rule(json!({ "Variable": path, "IsPresent": true }));
                self.is_whole = false;
            }
        }
    }

    /// Equal to what another path leads to. Two values of different types cannot be compared, so types come first.
    fn equal(&mut self, path: &str, other: &str) {
        self.rule(json!({ "Variable": path, "IsPresent": true }));
        let both = |is: &str, equals: &str| {
            json!({ "And": [
                { "Variable": path, is: true }, { "Variable": other, is: true }, { "Variable": path, equals: other },
            ] })
        };
        self.rule(json!({ "Or": [
            both("IsString", "StringEqualsPath"),
            both("IsNumeric", "NumericEqualsPath"),
            both("IsBoolean", "BooleanEqualsPath"),
        ] }));
    }

    fn value(&mut self, value: &Value, path: &str) {
        match value {
            Value::Object(fields) => fields.iter().for_each(|(name, value)| self.value(value, &child(path, name))),
            Value::Array(items) => {
                self.length(items.len(), path);
                items.iter().enumerate().for_each(|(at, item)| self.value(item, &format!("{path}[{at}]")));
            }
            scalar => {
                self.rule(json!({ "Variable": path, "IsPresent": true }));
                self.rule(equals(scalar, path));
            }
        }
    }

    fn length(&mut self, length: usize, path: &str) {
        self.rule(json!({ "Variable": path, "IsPresent": true }));
        self.rule(json!({ "Not": { "Variable": format!("{path}[{length}]"), "IsPresent": true } }));
        if let Some(last) = length.checked_sub(1) {
            self.rule(json!({ "Variable": format!("{path}[{last}]"), "IsPresent": true }));
        }
    }

    fn matcher(&mut self, name: &str, node: &Node, path: &str) -> Result<(), String> {
        let value = match term(node, &self.dataset.entities) {
            Ok(Term::Value(value)) => Some(value),
            _ => None,
        };
        let rule = match (name, value) {
            ("any" | "example" | "within", _) => return Ok(()),
            ("type", Some(Value::String(kind))) => match kind.as_str() {
                "string" => json!({ "Variable": path, "IsString": true }),
                "number" => json!({ "Variable": path, "IsNumeric": true }),
                "boolean" => json!({ "Variable": path, "IsBoolean": true }),
                "null" => json!({ "Variable": path, "IsNull": true }),
                _ => return self.left_to_the_function(),
            },
            ("atLeast", Some(value @ Value::Number(_))) => json!({ "And": [
                { "Variable": path, "IsNumeric": true }, { "Variable": path, "NumericGreaterThanEquals": value },
            ] }),
            ("atMost", Some(value @ Value::Number(_))) => json!({ "And": [
                { "Variable": path, "IsNumeric": true }, { "Variable": path, "NumericLessThanEquals": value },
            ] }),
            ("oneOf", Some(Value::Array(values))) if values.iter().all(is_scalar) && values.len() > 1 => {
                json!({ "Or": values.iter().map(|value| equals(value, path)).collect::<Vec<_>>() })
            }
            ("not", Some(value)) if is_scalar(&value) => json!({ "Not": equals(&value, path) }),
            ("pattern", Some(Value::String(pattern))) if path.starts_with("$.answer.Headers") => {
                json!({ "Variable": path, "StringMatches": beginning(&pattern) })
            }
            _ => return self.left_to_the_function(),
        };
        self.rule(rule);
        Ok(())
    }

    fn left_to_the_function(&mut self) -> Result<(), String> {
        self.is_whole = false;
        Ok(())
    }

    fn rule(&mut self, rule: Value) {
        if !self.choices.rules.contains(&rule) {
            self.choices.rules.push(rule);
        }
    }
}

/// What a pattern begins with, as a wildcard: header fields are texts, which the function does not see.
fn beginning(pattern: &str) -> String {
    let literal: String = pattern
        .strip_prefix('^')
        .unwrap_or_default()
        .chars()
        .take_while(|letter| {
            letter.is_ascii_alphanumeric() || matches!(letter, '"' | '-' | '_' | '/' | ' ' | ':' | '=')
        })
        .collect();
    format!("{literal}*")
}

fn equals(value: &Value, path: &str) -> Value {
    match value {
        Value::Null => json!({ "Variable": path, "IsNull": true }),
        Value::Bool(flag) => json!({ "Variable": path, "BooleanEquals": flag }),
        Value::Number(number) => json!({ "Variable": path, "NumericEquals": number }),
        other => json!({ "Variable": path, "StringEquals": other }),
    }
}

fn is_scalar(value: &Value) -> bool {
    !value.is_array() && !value.is_object()
}

fn collect<'v>(value: &'v Value, texts: &mut Vec<&'v str>) {
    match value {
        Value::String(text) => texts.push(text),
        Value::Array(items) => items.iter().for_each(|item| collect(item, texts)),
        Value::Object(fields) => fields.values().for_each(|field| collect(field, texts)),
        _ => {}
    }
}
