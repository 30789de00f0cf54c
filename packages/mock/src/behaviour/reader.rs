//! From the YAML of a behaviour to its steps, or to everything that is wrong with it.

use std::collections::HashSet;
use std::path::Path;

use serde_json::{Map, Value as Json};

use super::{Answered, Behaviour, Collection, Condition, Seed, Step, Steps, Template};
use crate::Problem;
use crate::expression::Expression;
use crate::scope::NAMES;
use crate::value::of_json;

/// Reads a file's content, and gathers what is wrong with it.
pub struct Reader {
    file: String,
    problems: Vec<Problem>,
    variables: HashSet<String>,
}

impl Reader {
    /// Of the file of that name.
    pub fn of(file: String) -> Self {
        Self { file, problems: Vec::new(), variables: HashSet::new() }
    }

    /// What was read, if nothing is wrong with it.
    pub fn end(self, behaviour: Behaviour) -> Result<Behaviour, Vec<Problem>> {
        if self.problems.is_empty() { Ok(behaviour) } else { Err(self.problems) }
    }

    fn wrong(&mut self, place: &str, what: impl Into<String>) {
        self.problems.push(Problem { file: self.file.clone(), place: place.to_owned(), what: what.into() });
    }

    pub fn behaviour(&mut self, file: &Json) -> Behaviour {
        const PARTS: &[&str] = &["service", "collections", "procedures", "operations", "messages", "seed", "tokens"];
        self.only(file, PARTS, "");
        let named = self.part(file, "collections");
        let collections = named.iter().map(|(name, facts)| {
            let key = facts["key"].as_str().unwrap_or("id").to_owned();
            (name.clone(), Collection { key, of_platform: facts["of"] == "platform" })
        });
        let collections = collections.collect();
        let steps = |reader: &mut Self, part: &str| -> Vec<(String, Steps)> {
            let named = reader.part(file, part);
            named.iter().map(|(name, steps)| (name.clone(), reader.steps(steps, &format!("{part}.{name}")))).collect()
        };
        let service = file["service"].as_str().unwrap_or_default().to_owned();
        if service.is_empty() {
            self.wrong("service", "is missing: name the service whose behaviour this is");
        }
        let procedures = steps(self, "procedures").into_iter().collect();
        let operations = steps(self, "operations").into_iter().collect();
        let messages = steps(self, "messages");
        let tokens = steps(self, "tokens").into_iter().collect();
        let seeds = self.seeds(&file["seed"]);
        Behaviour {
            service,
            collections,
            procedures,
            operations,
            messages,
            seeds,
            tokens,
            variables: std::mem::take(&mut self.variables),
        }
    }

    fn seeds(&mut self, seeds: &Json) -> Vec<Seed> {
        let beside = Path::new(&self.file).parent().map(Path::to_path_buf).unwrap_or_default();
        let seeds = seeds.as_array().cloned().unwrap_or_default();
        let read = seeds.iter().enumerate().map(|(n, seed)| {
            let place = format!("seed[{n}]");
            self.only(seed, &["folder", "do"], &place);
            Seed {
                folder: beside.join(seed["folder"].as_str().unwrap_or_default()),
                steps: self.steps(&seed["do"], &format!("{place}.do")),
            }
        });
        read.collect()
    }

    fn part(&mut self, file: &Json, name: &str) -> Map<String, Json> {
        match &file[name] {
            Json::Null => Map::new(),
            Json::Object(fields) => fields.clone(),
            _ => {
                self.wrong(name, "must be a map");
                Map::new()
            }
        }
    }

    fn steps(&mut self, steps: &Json, place: &str) -> Steps {
        match steps {
            Json::Array(steps) => {
                let read: Vec<Option<Step>> =
                    steps.iter().enumerate().map(|(n, step)| self.step(step, &format!("{place}[{n}]"))).collect();
                read.into_iter().flatten().collect()
            }
            Json::Null => Steps::from([]),
            _ => {
                self.wrong(place, "must be a list of steps");
                Steps::from([])
            }
        }
    }

    fn step(&mut self, step: &Json, place: &str) -> Option<Step> {
        let Some((kind, allowed)) = KINDS.iter().find(|(kind, _)| step.get(*kind).is_some()) else {
            let kinds: Vec<&str> = KINDS.iter().map(|(kind, _)| *kind).collect();
            self.wrong(place, format!("is no step: it must have one of {}", kinds.join(", ")));
            return None;
        };
        let known: Vec<&str> = [*kind].iter().chain(allowed.iter()).copied().collect();
        self.only(step, &known, place);
        let main = &step[*kind];
        let text = main.as_str().unwrap_or_default().to_owned();
        Some(match *kind {
            "let" => Step::Let(self.named(main, place)),
            "when" => Step::When {
                condition: Condition::If(self.expression(main, place)?),
                then: self.steps(&step["do"], &format!("{place}.do")),
                otherwise: self.steps(&step["else"], &format!("{place}.else")),
            },
            "each" => Step::Each {
                list: self.expression(main, place)?,
                name: self.name(&step["as"]).unwrap_or_else(|| "it".to_owned()),
                steps: self.steps(&step["do"], &format!("{place}.do")),
            },
            "call" => Step::Call(text),
            "refuse" => Step::Refuse {
                code: text,
                condition: self.condition(step, place)?,
                with: self.optional(&step["with"], place),
                message: self.optional(&step["message"], place),
                after: self.maybe(&step["after"], place),
            },
            "transition" => {
                self.variables.extend(["action".to_owned(), "to".to_owned()]);
                Step::Transition(self.expression(main, place)?)
            }
            "issues" => Step::Issues(self.expression(main, place)?),
            "put" => Step::Put {
                collection: text,
                key: self.maybe(&step["key"], place),
                record: self.template(&step["record"], place)?,
                name: self.name(&step["as"]),
            },
            "change" => Step::Change {
                collection: text,
                key: self.expression(&step["key"], place)?,
                set: self.template(&step["set"], place)?,
                name: self.name(&step["as"]),
            },
            "remove" => Step::Remove { collection: text, key: self.expression(&step["key"], place)? },
            "emit" => Step::Emit {
                kind: text,
                subject: self.expression(&step["subject"], place)?,
                data: self.template(&step["data"], place)?,
            },
            "tenant" => Step::Tenant(self.expression(main, place)?),
            "page" => Step::Page {
                of: self.expression(main, place)?,
                view: self.maybe(&step["view"], place),
                order: self.maybe(&step["order"], place),
            },
            _ => Step::Answer(Answered {
                body: self.optional(main, place),
                bare: *kind == "bare",
                status: self.maybe(&step["status"], place),
                headers: self.headers(&step["headers"], place),
            }),
        })
    }

    fn condition(&mut self, step: &Json, place: &str) -> Option<Condition> {
        Some(match (step.get("if"), step.get("unless")) {
            (None, None) => Condition::Always,
            (Some(held), None) => Condition::If(self.expression(held, place)?),
            (None, Some(held)) => Condition::Unless(self.expression(held, place)?),
            _ => {
                self.wrong(place, "has both `if` and `unless`: keep one");
                return None;
            }
        })
    }

    fn headers(&mut self, fields: &Json, place: &str) -> Vec<(String, Template)> {
        let fields = fields.as_object().cloned().unwrap_or_default();
        fields.iter().filter_map(|(name, value)| Some((name.clone(), self.template(value, place)?))).collect()
    }

    fn named(&mut self, fields: &Json, place: &str) -> Vec<(String, Template)> {
        let fields = fields.as_object().cloned().unwrap_or_default();
        self.variables.extend(fields.keys().cloned());
        fields.iter().filter_map(|(name, value)| Some((name.clone(), self.template(value, place)?))).collect()
    }

    fn name(&mut self, name: &Json) -> Option<String> {
        let name = name.as_str()?.to_owned();
        self.variables.insert(name.clone());
        Some(name)
    }

    fn optional(&mut self, value: &Json, place: &str) -> Option<Template> {
        if value.is_null() { None } else { self.template(value, place) }
    }

    fn maybe(&mut self, value: &Json, place: &str) -> Option<Expression> {
        if value.is_null() { None } else { self.expression(value, place) }
    }

    fn expression(&mut self, value: &Json, place: &str) -> Option<Expression> {
        let text = match value {
            Json::String(text) => text.clone(),
            Json::Number(_) | Json::Bool(_) => value.to_string(),
            _ => {
                self.wrong(place, "needs an expression here");
                return None;
            }
        };
        match Expression::parse(&text) {
            Ok(expression) => Some(expression),
            Err(why) => {
                self.wrong(place, format!("`{text}` is no expression: {why}"));
                None
            }
        }
    }

    fn template(&mut self, value: &Json, place: &str) -> Option<Template> {
        Some(match value {
            Json::String(_) => Template::Expression(self.expression(value, place)?),
            Json::Array(items) => Template::List(items.iter().filter_map(|item| self.template(item, place)).collect()),
            Json::Object(fields) => Template::Object(
                fields.iter().filter_map(|(name, value)| Some((name.clone(), self.template(value, place)?))).collect(),
            ),
            literal => Template::Literal(of_json(literal)),
        })
    }

    fn only(&mut self, map: &Json, known: &[&str], place: &str) {
        let unknown: Vec<&String> =
            map.as_object().into_iter().flat_map(Map::keys).filter(|key| !known.contains(&key.as_str())).collect();
        for key in unknown {
            self.wrong(place, format!("does not know `{key}`: it takes {}", known.join(", ")));
        }
    }

    /// A name that nobody gives a value is a slip of the pen.
    pub fn check_names(&mut self, behaviour: &Behaviour) {
        let known = |name: &str| NAMES.contains(&name) || behaviour.variables.contains(name);
        let mut wrong = Vec::new();
        for (name, step) in behaviour.every_step() {
            for expression in step.expressions() {
                for unknown in expression.unknown_names(known) {
                    wrong.push((name.to_owned(), format!("`{unknown}` in `{expression:?}` has no value")));
                }
            }
            if let Step::Call(procedure) = step
                && !behaviour.procedures.contains_key(procedure)
            {
                wrong.push((name.to_owned(), format!("calls `{procedure}`, and there is no such procedure")));
            }
        }
        wrong.into_iter().for_each(|(place, what)| self.wrong(&place, what));
    }
}

/// The kinds of steps by the key that names them, and the other keys that each takes.
const KINDS: &[(&str, &[&str])] = &[
    ("let", &[]),
    ("when", &["do", "else"]),
    ("each", &["as", "do"]),
    ("call", &[]),
    ("refuse", &["if", "unless", "with", "message", "after"]),
    ("transition", &[]),
    ("issues", &[]),
    ("put", &["key", "record", "as"]),
    ("change", &["key", "set", "as"]),
    ("remove", &["key"]),
    ("emit", &["subject", "data"]),
    ("tenant", &[]),
    ("page", &["view", "order"]),
    ("answer", &["status", "headers"]),
    ("bare", &["status", "headers"]),
];
