//! Preparing the platform: as a custom resource of CloudFormation, which is told how it went; or when it is invoked.

use bytes::Bytes;
use cloud::Platform;
use http::Request;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{Fault, Prepare};

/// What CloudFormation says to a custom resource.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Told {
    request_type: String,
    #[serde(rename = "ResponseURL")]
    response_url: String,
    stack_id: String,
    request_id: String,
    logical_resource_id: String,
}

/// Prepares, and tells who asked. Nothing is undone when the resource goes: what was prepared goes with its table.
pub(crate) async fn prepare(platform: &Platform, prepare: Prepare, event: Value) -> Result<Value, Fault> {
    let told: Option<Told> = match event.get("ResponseURL") {
        None => None,
        Some(_) => Some(
            serde_json::from_value(event)
                .map_err(|error| Fault::Event { expected: "one of a custom resource", why: error.to_string() })?,
        ),
    };
    let done = match told.as_ref().map(|told| told.request_type.as_str()) {
        Some("Delete") => Ok(()),
        _ => do_it(platform, prepare).await,
    };
    match told {
        Some(told) => tell(platform, &told, done.err()).await.map(|()| Value::Null),
        None => done.map(|()| Value::Null).map_err(Fault::Failed),
    }
}

async fn do_it(platform: &Platform, prepare: Prepare) -> Result<(), String> {
    platform.secrets.ensure().await.map_err(|error| error.chain())?;
    prepare(platform).await.map_err(|error| error.chain())
}

async fn tell(platform: &Platform, told: &Told, failed: Option<String>) -> Result<(), Fault> {
    let answer = json!({
        "Status": if failed.is_none() { "SUCCESS" } else { "FAILED" },
        "Reason": failed.unwrap_or_default(),
        "PhysicalResourceId": "prepared",
        "StackId": told.stack_id,
        "RequestId": told.request_id,
        "LogicalResourceId": told.logical_resource_id,
    });
    let unreachable = |why: String| Fault::Failed(format!("CloudFormation could not be told: {why}"));
    let request = Request::put(&told.response_url).header("content-type", "").body(Bytes::from(answer.to_string()));
    let request = request.map_err(|error| unreachable(error.to_string()))?;
    let response = platform.transport.send(request).await.map_err(|error| unreachable(error.to_string()))?;
    match response.status().is_success() {
        true => Ok(()),
        false => Err(unreachable(response.status().to_string())),
    }
}
