//! The manifest: what infrastructure code needs to know of a service, and no schema.

use operation::{Access, Dialect, Environment, Resource, Touch};
use serde_json::{Value, json};

use crate::names::{dead_letters, is_fifo, snake_case};
use crate::{Contract, security};

/// The facts of one service in an enver.
pub fn service(contract: &Contract, environment: Environment) -> Value {
    let operations = contract.operations.iter().map(|operation| {
        let facts = operation.declaration;
        json!({
            "id": facts.id,
            "method": facts.method.name(),
            "path": facts.path,
            "handler": format!("{}::{}", contract.service, snake_case(facts.id)),
            "summary": facts.summary,
            "success": facts.success,
            "mediaType": operation.body.as_ref().map(|_| facts.dialect.media_type()),
            "dialect": dialect(facts.dialect),
            "atEdge": facts.at_edge,
            "policy": security::policy(&facts.policy),
            "rateLimit": facts.policy.rate_limit.name(),
            "bodyLimitBytes": facts.body_limit,
            "idempotent": facts.idempotent,
            "audit": facts.audit,
            "emits": facts.emits.iter().map(|event| event.name).collect::<Vec<_>>(),
            "touches": touches(facts.touches),
            "deprecated": facts.deprecated.map(|deprecation| json!({
                "since": deprecation.since, "sunset": deprecation.sunset, "instead": deprecation.instead,
            })),
        })
    });
    let consumers = contract.consumers.iter().map(|consumer| {
        let facts = consumer.declaration;
        json!({
            "id": facts.id,
            "handler": format!("{}::{}", contract.service, snake_case(facts.id)),
            "summary": facts.summary,
            "queue": facts.queue,
            "queueName": environment.resource_name(facts.queue),
            "deadLetterQueueName": environment.resource_name(&dead_letters(facts.queue)),
            "fifo": is_fifo(facts.queue),
            "events": facts.events.iter().map(|event| event.name).collect::<Vec<_>>(),
            "audit": facts.audit,
            "touches": touches(facts.touches),
            "maxReceiveCount": facts.max_receive_count,
        })
    });
    json!({
        "operations": operations.collect::<Vec<_>>(),
        "consumers": consumers.collect::<Vec<_>>(),
        "events": contract.emitted().iter().map(|event| json!({ "name": event.name, "summary": event.summary }))
            .collect::<Vec<_>>(),
    })
}

fn dialect(dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::Enver => "enver",
        Dialect::OAuth => "oauth",
    }
}

fn touches(touches: &[Touch]) -> Vec<Value> {
    let one = |touch: &Touch| {
        let resource = match touch.resource {
            Resource::Table => "table",
            Resource::Bucket => "bucket",
            Resource::Queue => "queue",
            Resource::Config => "config",
        };
        let access = match touch.access {
            Access::Read => "read",
            Access::Write => "write",
        };
        json!({ "resource": resource, "name": touch.name, "access": access })
    };
    touches.iter().map(one).collect()
}
