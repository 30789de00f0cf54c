//! Behaviour at work: the steps of an operation, taken one after another, until one answers or refuses.

use std::collections::HashMap;
use std::sync::Arc;

use http::{HeaderMap, HeaderName, HeaderValue};
use minijinja::Value;
use operation::{Answer, Declaration};
use serde_json::{Value as Json, json};
use service_errors::{Error, Kind};
use validation::Part;

use crate::behaviour::{Answered, Behaviour, Condition, Step, Steps, Template};
use crate::constellation::Facts;
use crate::expression::Expression;
use crate::page::page;
use crate::scope::{DOCUMENTS, Scope};
use crate::value::{bytes, fields as fields_of, items, object, to_json, with};

/// More steps than this in one call, and it goes in circles.
const MOST_CALLS: usize = 32;

/// One call of one operation or message.
pub struct Run<'a> {
    pub scope: &'a Arc<Scope>,
    pub behaviour: &'a Behaviour,
    /// What follows from events, in every service of the constellation.
    pub followers: &'a HashMap<String, Vec<(usize, Steps)>>,
    pub behaviours: &'a [Behaviour],
    pub contracts: &'a [Facts],
    /// What is promised: absent when a message is handled, which neither answers nor refuses.
    pub declaration: Option<&'static Declaration>,
    /// The service, as the source of its events.
    pub service: &'static str,
    pub depth: usize,
}

/// How a call ended.
type Ended = Result<Option<Answer>, Error>;

impl Run<'_> {
    /// Takes the steps. `None` when none of them answered.
    pub fn steps(&self, steps: &Steps) -> Ended {
        if self.depth > MOST_CALLS {
            return Err(Error::internal("the behaviour calls itself"));
        }
        for step in steps.iter() {
            if let Some(answer) = self.step(step)? {
                return Ok(Some(answer));
            }
        }
        Ok(None)
    }

    fn step(&self, step: &Step) -> Ended {
        match step {
            Step::Let(named) => {
                for (name, value) in named {
                    let value = self.filled(value)?;
                    self.scope.set(name, value);
                }
            }
            Step::When { condition, then, otherwise } => {
                return self.steps(if self.holds(condition)? { then } else { otherwise });
            }
            Step::Each { list, name, steps } => {
                for item in items(&self.eval(list)?) {
                    self.scope.set(name, item);
                    if let Some(answer) = self.steps(steps)? {
                        return Ok(Some(answer));
                    }
                }
            }
            Step::Call(procedure) => {
                let Some(steps) = self.behaviour.procedures.get(procedure) else {
                    return Err(Error::internal(format!("there is no procedure {procedure}")));
                };
                return self.deeper().steps(steps);
            }
            Step::Refuse { code, condition, with, message, after } => {
                if self.holds(condition)? {
                    return Err(self.refusal(code, with.as_ref(), message.as_ref(), after.as_ref())?);
                }
            }
            Step::Transition(status) => {
                let status = self.eval(status)?;
                let Some(life) = self.declaration.and_then(|declaration| declaration.lifecycle.as_ref()) else {
                    return Err(Error::internal("the contract says nothing of a life here"));
                };
                let Some(to) = life.after(status.as_str()) else {
                    return Err(match life.refusal {
                        Some(refusal) => refusal.with(json!({ "status": to_json(&status) })),
                        None => Error::internal(format!("nothing leads on from {status}")),
                    });
                };
                self.scope.set("action", life.action.into());
                self.scope.set("to", to.into());
            }
            Step::Issues(issues) => {
                let issues = to_json(&self.eval(issues)?);
                if issues.as_array().is_some_and(|issues| !issues.is_empty()) {
                    return Err(Error::new(Kind::Validation).with_details(json!({ "issues": issues })));
                }
            }
            Step::Put { collection, key, record, name } => {
                let record = self.filled(record)?;
                let key = match key {
                    Some(key) => self.eval(key)?,
                    None => record.get_attr(self.scope.collections.key(collection)).map_err(Error::internal)?,
                };
                self.put(collection, &key, record, name.as_deref())?;
            }
            Step::Change { collection, key, set, name } => {
                let key = self.eval(key)?;
                let owner = self.scope.owner(collection);
                let known = self.scope.work().state.get(&owner, collection, &key.to_string()).cloned();
                if let Some(known) = known {
                    let record = with(&known.value, &self.filled(set)?);
                    self.put(collection, &key, record, name.as_deref())?;
                }
            }
            Step::Remove { collection, key } => {
                let (key, owner) = (self.eval(key)?, self.scope.owner(collection));
                let mut work = self.scope.work();
                work.changed |= work.state.remove(&owner, collection, &key.to_string());
            }
            Step::Emit { kind, subject, data } => self.emit(kind, &self.eval(subject)?, &self.filled(data)?)?,
            Step::Tenant(tenant) => {
                let tenant = self.eval(tenant)?.to_string();
                self.scope.work().tenant = tenant;
            }
            Step::Answer(answered) => return self.answer(answered).map(Some),
            Step::Page { of, view, order } => {
                let list = self.eval(of)?;
                return page(self.scope, &list, view.as_ref(), order.as_ref()).map(Some);
            }
        }
        Ok(None)
    }

    fn deeper(&self) -> Run<'_> {
        Run { depth: self.depth + 1, ..*self }
    }

    fn eval(&self, expression: &Expression) -> Result<Value, Error> {
        Ok(expression.eval(&self.scope.value())?)
    }

    fn holds(&self, condition: &Condition) -> Result<bool, Error> {
        Ok(match condition {
            Condition::Always => true,
            Condition::If(held) => self.eval(held)?.is_true(),
            Condition::Unless(held) => !self.eval(held)?.is_true(),
        })
    }

    fn filled(&self, template: &Template) -> Result<Value, Error> {
        Ok(match template {
            Template::Literal(value) => value.clone(),
            Template::Expression(expression) => self.eval(expression)?,
            Template::List(list) => {
                list.iter().map(|item| self.filled(item)).collect::<Result<Vec<_>, _>>()?.into_iter().collect()
            }
            Template::Object(fields) => {
                let (mut base, mut own) = (Value::UNDEFINED, Vec::new());
                for (name, field) in fields {
                    let value = self.filled(field)?;
                    match name.as_str() {
                        "+" => base = value,
                        _ => own.push((name.clone(), value)),
                    }
                }
                let whole = if base.is_undefined() { object(own) } else { with(&base, &object(own)) };
                object(fields_of(&whole).into_iter().filter(|(_, field)| !field.is_none()))
            }
        })
    }

    fn put(&self, collection: &str, key: &Value, record: Value, name: Option<&str>) -> Result<(), Error> {
        if key.is_undefined() || key.is_none() {
            return Err(Error::internal(format!("a record of {collection} has no key")));
        }
        if let Some(name) = name {
            self.scope.set(name, record.clone());
        }
        let owner = self.scope.owner(collection);
        let mut work = self.scope.work();
        work.changed = true;
        if collection == DOCUMENTS {
            work.state.configured += 1;
        }
        const RETRY_AFTER: u64 = 60;
        work.state
            .put(&owner, collection, &key.to_string(), record)
            .map_err(|full| Error::unavailable(full, RETRY_AFTER))
    }

    /// The declared refusal of that code.
    fn refusal(
        &self,
        code: &str,
        with: Option<&Template>,
        message: Option<&Template>,
        after: Option<&Expression>,
    ) -> Result<Error, Error> {
        let own = self.declaration.map(|declaration| declaration.errors).unwrap_or_default();
        let Some(refusal) = own.iter().find(|error| error.code == code) else {
            return Ok(Error::internal(format!("{code} is no declared refusal")));
        };
        let mut error = match after {
            Some(after) => {
                let seconds = i64::try_from(self.eval(after)?).map_err(Error::internal)?;
                Error::rate_limited(u64::try_from(seconds).unwrap_or(1))
            }
            None => Error::from(*refusal),
        };
        if let Some(with) = with {
            error = error.with_details(to_json(&self.filled(with)?));
        }
        if let Some(message) = message {
            error = error.with_message(self.filled(message)?.to_string());
        }
        Ok(error)
    }

    fn emit(&self, kind: &str, subject: &Value, data: &Value) -> Result<(), Error> {
        let variable = |name: &str| self.scope.variable(name).map(|value| to_json(&value)).unwrap_or(Json::Null);
        let event = {
            let mut work = self.scope.work();
            work.changed = true;
            let number = work.state.draw();
            let event = json!({
                "specversion": "1.0",
                "id": format!("{number:032x}"),
                "source": format!("/{}", self.service),
                "type": kind,
                "subject": subject.to_string(),
                "time": variable("now"),
                "datacontenttype": "application/json",
                "tenantid": work.tenant,
                "requestid": variable("request"),
                "data": to_json(data),
            });
            work.state.emit(event.clone());
            event
        };
        let schemas = self.contracts.iter().flat_map(|facts| &facts.messages).filter(|(known, _)| known == kind);
        if let Some(issue) = schemas.flat_map(|(_, schema)| schema.issues(Part::Body, &event)).next() {
            return Err(Error::internal(format!("the message {kind} at {} {}", issue.pointer, issue.message)));
        }
        let before = self.scope.variable("event");
        self.scope.set("event", crate::value::of_json(&event));
        for (behaviour, steps) in self.followers.get(kind).into_iter().flatten() {
            let Some(behaviour) = self.behaviours.get(*behaviour) else { continue };
            Run { behaviour, declaration: None, ..self.deeper() }.steps(steps)?;
        }
        self.scope.set("event", before.unwrap_or(Value::UNDEFINED));
        Ok(())
    }

    fn answer(&self, answered: &Answered) -> Result<Answer, Error> {
        let mut headers = HeaderMap::new();
        for (name, value) in &answered.headers {
            let value = self.filled(value)?;
            if value.is_undefined() || value.is_none() {
                continue;
            }
            let name = HeaderName::try_from(name.as_str()).map_err(Error::internal)?;
            for value in if value.as_str().is_some() { vec![value] } else { items(&value) } {
                headers.append(&name, HeaderValue::try_from(value.to_string()).map_err(Error::internal)?);
            }
        }
        let declared = self.declaration.map_or(200, |declaration| declaration.success);
        let status = match &answered.status {
            Some(status) => {
                u16::try_from(i64::try_from(self.eval(status)?).map_err(Error::internal)?).map_err(Error::internal)?
            }
            None => declared,
        };
        let body = match &answered.body {
            Some(body) if answered.bare => bytes(&self.filled(body)?),
            Some(body) => json!({ "data": to_json(&self.filled(body)?) }).to_string().into_bytes(),
            None => Vec::new(),
        };
        Ok(Answer { status, headers, body: body.into() })
    }
}
