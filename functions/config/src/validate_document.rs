//! Says what an update would meet, without making it. For administrators. Emits nothing.

use garde::Validate;
use operation::{Context, Data, Declaration, Input, Touch};
use policy::{PLATFORM_TENANT, Policy};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use service_errors::Error;
use validation::{Issue, Json, Nothing};

use crate::Config;
use crate::change::findings;
use crate::document::{DOCUMENT_NOT_FOUND, Document, DocumentPath, issue, subject};
use crate::rules::Rules;
use crate::schemas::is_object;
use crate::update_document::{SCHEMA_RESERVED, found_or_new};

/// The content that an update would bring.
#[derive(Debug, Clone, Serialize, Deserialize, Validate, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ProposedContent {
    /// The keys the tenant would override; for the platform, the whole value.
    #[garde(dive)]
    pub value: Json,
    /// The schema, from the platform only.
    #[garde(custom(is_object))]
    #[schemars(with = "Option<serde_json::Map<String, serde_json::Value>>")]
    pub schema: Option<Json>,
    /// Whether warnings count as errors.
    #[garde(skip)]
    #[serde(default)]
    pub strict: bool,
}

/// What an update would meet.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Verdict {
    /// Whether the update would be taken.
    pub valid: bool,
    /// Why not.
    pub errors: Vec<Finding>,
    /// What would be taken and may not be meant.
    pub warnings: Vec<Finding>,
}

/// One thing about the content.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Finding {
    /// Where in the body, as a JSON Pointer.
    pub pointer: String,
    /// The keyword of the schema, or `reference`, `redundant` or `control`.
    pub rule: String,
    /// In words.
    pub message: String,
}

impl From<Issue> for Finding {
    fn from(issue: Issue) -> Self {
        Self { pointer: issue.pointer, rule: issue.rule, message: issue.message }
    }
}

pub const DECLARATION: Declaration = Declaration {
    summary: "Says what an update of a configuration document would meet, without making it",
    policy: Policy::ADMIN,
    success: 200,
    errors: &[DOCUMENT_NOT_FOUND, SCHEMA_RESERVED],
    audit: Some("config.validate"),
    touches: &[Touch::reads(crate::NAME), Touch::writes(crate::NAME)],
    ..Declaration::post("validateDocument", "/config/v1/documents/{document}/validations")
};

type Request = Input<DocumentPath, Nothing, ProposedContent>;

pub async fn handle(cx: Context<Config>, input: Request) -> Result<Data<Verdict>, Error> {
    let id = input.path.document;
    let ProposedContent { value: Json(value), schema, strict } = input.body;
    let layers = found_or_new(&cx, &id.0, schema.as_ref()).await?;
    let rules = Rules::current(&cx.state.table).await?;

    let mut warnings = Vec::new();
    if cx.tenant != PLATFORM_TENANT {
        redundant(&layers.platform.value.value, &value, "/value", &mut warnings);
    }
    if rules.change_control.covers(&id, cx.environment) {
        warnings.push(issue("", "control", "needs a change ticket and the approval of another administrator"));
    }
    let schema_given = schema.is_some();
    let next = layers.with(Document {
        tenant: cx.tenant.clone(),
        value,
        schema: schema.map(|Json(schema)| schema).or_else(|| layers.platform.value.schema.clone()),
        at: cx.now.clone(),
        deleted: false,
        ..layers.platform.value.clone()
    });
    let (_, _, errors) = findings(&cx, &next, &rules, schema_given).await?;
    let answer = Data::new(Verdict {
        valid: errors.is_empty() && (warnings.is_empty() || !strict),
        errors: errors.into_iter().map(Finding::from).collect(),
        warnings: warnings.into_iter().map(Finding::from).collect(),
    });

    cx.state.table.transaction(&cx).subject(subject(&id.0)).commit(&answer).await?;

    Ok(answer)
}

/// Keys that say what the platform says already: they pin the value when the platform's changes.
fn redundant(below: &Value, own: &Value, at: &str, found: &mut Vec<Issue>) {
    let (Value::Object(below), Value::Object(own)) = (below, own) else { return };
    for (key, value) in own {
        let at = format!("{at}/{}", key.replace('~', "~0").replace('/', "~1"));
        match below.get(key) {
            Some(there) if same(there, value) => {
                found.push(issue(at, "redundant", "says what the platform says, and stays when that changes"));
            }
            Some(other) => redundant(other, value, &at, found),
            None => {}
        }
    }
}

/// Numbers are the same by value: `1.0` comes back from storage as `1`.
fn same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => one.as_f64() == other.as_f64(),
        (one, other) => one == other,
    }
}
