//! Pages of lists, newest first, with cursors that are good only for the question they came from.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use minijinja::Value;
use operation::Answer;
use serde_json::json;
use service_errors::{Error, Kind};
use sha2::{Digest, Sha256};

use crate::expression::Expression;
use crate::functions::hex;
use crate::scope::Scope;
use crate::value::{items, to_json};

const DEFAULT_SIZE: i64 = 20;

/// A cursor that another question was answered with, or none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the cursor is none of this query")]
pub struct ForeignCursor;

impl From<ForeignCursor> for Error {
    fn from(_: ForeignCursor) -> Self {
        Self::new(Kind::Validation).with_details(json!({ "issues": [{
            "in": "query", "pointer": "/cursor", "rule": "cursor", "message": "is not a cursor of this query",
        }]}))
    }
}

/// The page that the query asks for: `pageSize` items behind its `cursor`.
pub fn page(
    scope: &Arc<Scope>,
    list: &Value,
    view: Option<&Expression>,
    order: Option<&Expression>,
) -> Result<Answer, Error> {
    let mut list = items(list);
    if let Some(order) = order {
        let mut ordered = Vec::with_capacity(list.len());
        for item in list {
            scope.set("it", item.clone());
            ordered.push((order.eval(&scope.value())?, item));
        }
        ordered.sort_by(|(one, _), (other, _)| one.cmp(other));
        list = ordered.into_iter().map(|(_, item)| item).collect();
    }
    let size = size(scope);
    let (found, next) = page_of(scope, list)?;
    let mut data = Vec::new();
    for item in found {
        scope.set("it", item.clone());
        data.push(match view {
            Some(view) => to_json(&view.eval(&scope.value())?),
            None => to_json(&item),
        });
    }
    let mut pagination = json!({ "pageSize": size });
    if let (Some(next), Some(fields)) = (next, pagination.as_object_mut()) {
        fields.insert("nextCursor".into(), next.into());
    }
    let body = json!({ "data": data, "pagination": pagination }).to_string();
    Ok(Answer { status: 200, body: body.into(), ..Answer::default() })
}

/// The items of the page that the query asks for, and the cursor of the next one.
pub fn page_of(scope: &Arc<Scope>, list: Vec<Value>) -> Result<(Vec<Value>, Option<String>), ForeignCursor> {
    let query = scope.variable("query").unwrap_or_default();
    let (question, size) = (question(scope, &query), size(scope));
    let from = match query.get_attr("cursor").ok().filter(|cursor| !cursor.is_undefined()) {
        // What is new stands in front, so a place is told by how much stands behind it.
        Some(cursor) => list.len().saturating_sub(opened(&question, &cursor.to_string()).ok_or(ForeignCursor)?),
        None => 0,
    };
    let behind = list.len().saturating_sub(from.saturating_add(size));
    let next = (behind > 0).then(|| sealed(&question, behind));
    Ok((list.into_iter().skip(from).take(size).collect(), next))
}

fn size(scope: &Arc<Scope>) -> usize {
    let asked = scope.variable("query").and_then(|query| query.get_attr("pageSize").ok());
    let size = asked.and_then(|size| i64::try_from(size).ok()).unwrap_or(DEFAULT_SIZE);
    usize::try_from(size).unwrap_or_default().max(1)
}

/// What was asked, but for the place in it: another tenant's, caller's or filter's cursor is none of this question.
fn question(scope: &Arc<Scope>, query: &Value) -> String {
    let named = |name: &str| scope.variable(name).map(|value| to_json(&value)).unwrap_or_default();
    let mut filter = to_json(query);
    if let Some(fields) = filter.as_object_mut() {
        fields.retain(|name, _| name != "cursor" && name != "pageSize");
    }
    json!([scope.work().tenant, named("caller")["id"], named("operation"), named("path"), filter]).to_string()
}

fn sealed(question: &str, behind: usize) -> String {
    let digest = hex(&Sha256::digest(format!("{question}\n{behind}")));
    URL_SAFE_NO_PAD.encode(format!("{behind}.{}", digest.get(..16).unwrap_or_default()))
}

fn opened(question: &str, cursor: &str) -> Option<usize> {
    let text = String::from_utf8(URL_SAFE_NO_PAD.decode(cursor).ok()?).ok()?;
    let behind = text.split_once('.')?.0.parse().ok()?;
    (sealed(question, behind) == cursor).then_some(behind)
}
