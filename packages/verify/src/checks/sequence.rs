//! Create, read, delete, read again: what the paths of a contract say about the life of a thing.

use document::{Location, Operation};
use http::{Method, StatusCode};
use serde_json::Value;

use crate::client::Exchange;
use crate::curl::Secrets;
use crate::draft::Draft;
use crate::judge::{Deserves, judge};
use crate::report::{Check, Finding};
use crate::verifier::{Break, Verifier, shown};

/// The operations on one thing of a collection.
struct Life {
    /// The last parameter of the item's path: its place in the lists of the two operations.
    read: (usize, usize),
    delete: Option<(usize, usize)>,
}

impl Verifier<'_> {
    /// Of an operation that creates.
    pub(crate) async fn sequence(&mut self, index: usize) -> Result<(), Break> {
        let Some(create) = self.api.operations.get(index) else { return Ok(()) };
        if create.method != Method::POST || self.plan.read_only {
            return Ok(());
        }
        let Some(life) = self.life_of(create) else { return Ok(()) };
        let Some(seed) = self.seed_of(index) else { return Ok(()) };
        let caller = self.caller(index, None).await?;
        let Some(mut request) = seed.request(create) else { return Ok(()) };
        if let Some(caller) = &caller {
            caller.sign(&mut request);
        }
        let Some(made) = self.ask(&request).await? else { return Ok(()) };
        if !made.response.status().is_success() {
            let status = made.response.status().as_u16();
            return Err(Break::LeaveOut(format!("nothing could be made to read and delete again ({status})")));
        }
        let name = self.api.operations.get(life.read.0).and_then(|read| read.parameters.get(life.read.1));
        let Some(id) = name.and_then(|parameter| id_of(&made, &parameter.name)) else {
            return Err(Break::LeaveOut("its answer does not say what was made".to_owned()));
        };

        let mut told = vec![made];
        let steps = [
            (Some(life.read), "what was made is read", Deserves::Success),
            (life.delete, "what was made is deleted", Deserves::Success),
            (life.delete.map(|_| life.read), "what was deleted is read", Deserves::Absent),
        ];
        for (step, title, deserves) in steps {
            let Some((index, place)) = step else { break };
            let Some(operation) = self.api.operations.get(index) else { break };
            let Some(mut draft) = Draft::generated(operation, 0) else { break };
            // Parameters they share are of the same thing.
            let shared = create.parameters.iter().enumerate().filter(|(_, known)| known.location == Location::Path);
            for (known, parameter) in shared {
                let here = operation
                    .parameters
                    .iter()
                    .position(|here| here.location == Location::Path && here.name == parameter.name);
                if let (Some(here), Some(value)) = (here, seed.parameters.get(&known)) {
                    draft.parameters.insert(here, value.clone());
                }
            }
            draft
                .parameters
                .retain(|known, _| operation.parameters.get(*known).is_some_and(|parameter| parameter.required));
            draft.parameters.insert(place, id.clone());
            // Whoever made it asks for it; whom the policy keeps out learns nothing.
            let Some(mut request) = draft.request(operation) else { break };
            if let Some(caller) = &caller {
                caller.sign(&mut request);
            }
            let Some(exchange) = self.ask(&request).await? else { break };
            let kept_out = [StatusCode::UNAUTHORIZED, StatusCode::FORBIDDEN].contains(&exchange.response.status());
            let complaint = judge(operation, &exchange, &deserves, Self::strictness(operation)).filter(|_| !kept_out);
            self.count(operation, Check::Sequence, Some(&exchange), complaint.is_some());
            told.push(exchange);
            if let Some(complaint) = complaint {
                let curl = told.iter().map(|told| self.asking.client.curl(&told.request, Secrets::Masked)).collect();
                self.report.findings.push(Finding {
                    operation: operation.id.clone(),
                    check: Check::Sequence,
                    sent: title.to_owned(),
                    expected: complaint.expected,
                    got: shown(told.last(), &complaint.wrong),
                    curl,
                    again: 0,
                });
                break;
            }
            if kept_out {
                break;
            }
        }
        Ok(())
    }

    /// A request that makes something new: one that did before, with a key of its own, or a plain one.
    fn seed_of(&self, index: usize) -> Option<Draft> {
        let operation = self.api.operations.get(index)?;
        let mut seed = self.base(index)?;
        seed.parameters.retain(|place, _| {
            let parameter = operation.parameters.get(*place);
            parameter.is_some_and(|parameter| !parameter.name.eq_ignore_ascii_case("idempotency-key"))
        });
        Some(seed)
    }

    /// What reads and deletes one of the things that an operation makes: its path and one parameter more.
    fn life_of(&self, create: &Operation) -> Option<Life> {
        let item = |method: &Method| {
            self.api.operations.iter().enumerate().find_map(|(index, operation)| {
                let below = operation.template.as_str().strip_prefix(create.template.as_str())?.strip_prefix("/{")?;
                let name = below.strip_suffix('}').filter(|name| !name.contains(['/', '{', '}']))?;
                let place = operation
                    .parameters
                    .iter()
                    .position(|parameter| parameter.location == Location::Path && parameter.name == name)?;
                (operation.method == *method).then_some((index, place))
            })
        };
        Some(Life { read: item(&Method::GET)?, delete: item(&Method::DELETE) })
    }
}

/// The id in an answer: under the parameter's name or `id`, at the top or below `data`; or the end of `Location`.
fn id_of(made: &Exchange, name: &str) -> Option<Value> {
    let body: Value = serde_json::from_slice(made.response.body()).unwrap_or_default();
    let places = [&body, &body["data"]];
    let named = places.iter().find_map(|place| place.get(name).or_else(|| place.get("id")));
    let location = || {
        let location = made.response.headers().get(http::header::LOCATION)?.to_str().ok()?;
        location.trim_end_matches('/').rsplit('/').next().map(Value::from)
    };
    named.filter(|id| id.is_string() || id.is_number()).cloned().or_else(location)
}
