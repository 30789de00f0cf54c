//! A published contract, read back into what the pipeline needs: declarations and schemas.
//!
//! A declaration's texts live as long as the process; a contract is read once at start, and what is leaked then is its
//! size.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use operation::{Declaration, Dialect, LazySchema, Lifecycle, Method, Schemas, Transition};
use policy::{Policy, RateLimit, Role, Rule};
use serde_json::{Map, Value as Json, json};
use service_errors::{Kind, Refusal};
use validation::Schema;

use crate::Problem;

/// What one service promises.
pub struct Contract {
    /// The service.
    pub service: &'static str,
    /// Its operations.
    pub operations: Vec<Promised>,
    /// The types of messages it emits, with the schemas of their envelopes.
    pub messages: Vec<(String, Arc<Schema>)>,
    /// Its queues, and the types of messages each takes.
    pub queues: Vec<(String, Vec<String>)>,
    /// The file.
    pub file: String,
}

/// One operation.
pub struct Promised {
    /// The facts.
    pub declaration: &'static Declaration,
    /// Of its parts; taken when it is mounted.
    pub schemas: Schemas,
    /// What the contract says the answer of success looks like.
    pub answer: Option<Json>,
    /// The examples of answers in the contract, by status and name.
    pub examples: Vec<(u16, String, Json)>,
}

impl Contract {
    /// Reads `openapi.json` and `asyncapi.json` of a service's folder. Fails with what is wrong with them.
    pub fn read(folder: &Path) -> Result<Self, Vec<Problem>> {
        let open = parsed(&folder.join("openapi.json"))?;
        let messages = parsed(&folder.join("asyncapi.json"))?;
        let file = folder.join("openapi.json").display().to_string();
        let service = folder.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let mut problems = Vec::new();
        let mut operations = Vec::new();
        let open = Arc::new(open);
        let paths = open["paths"].as_object().into_iter().flatten();
        for (path, item) in paths {
            for (method, facts) in item.as_object().into_iter().flatten() {
                let Some(method) = METHODS.into_iter().find(|known| known.name().eq_ignore_ascii_case(method)) else {
                    continue;
                };
                match promised(&open, path, method, facts) {
                    Ok(read) => operations.push(read),
                    Err(what) => problems.push(Problem {
                        file: file.clone(),
                        place: format!("paths.{path}.{}", method.name().to_lowercase()),
                        what,
                    }),
                }
            }
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        let (messages, queues) = (emitted(&messages), queues(&messages));
        Ok(Self { service: leaked(service), operations, messages, queues, file })
    }
}

const METHODS: [Method; 5] = [Method::Get, Method::Post, Method::Put, Method::Patch, Method::Delete];

fn parsed(file: &Path) -> Result<Json, Vec<Problem>> {
    let problem = |what: String| vec![Problem { file: file.display().to_string(), place: String::new(), what }];
    let bytes = std::fs::read(file).map_err(|error| problem(format!("cannot be read: {error}")))?;
    serde_json::from_slice(&bytes).map_err(|error| problem(error.to_string()))
}

fn promised(document: &Arc<Json>, path: &str, method: Method, facts: &Json) -> Result<Promised, String> {
    let id = facts["operationId"].as_str().ok_or("it has no operationId")?;
    let responses = facts["responses"].as_object().ok_or("it has no responses")?;
    let success = responses.keys().filter_map(|status| status.parse::<u16>().ok());
    let success = success.filter(|status| *status < 400 && *status != 304).min().ok_or("it has no success")?;
    let codes = refusals(document, responses);
    let of_oauth = |code: &str| code.chars().all(|c| c.is_lowercase() || c == '_');
    let dialect = if !codes.is_empty() && codes.iter().all(|(_, code, _)| of_oauth(code)) {
        Dialect::OAuth
    } else {
        Dialect::Enver
    };
    let errors: Vec<Refusal> = refusals(document, responses)
        .into_iter()
        .filter_map(|(status, code, message)| {
            Some(Refusal { kind: kind(status, &code)?, code: leaked(&code), message: leaked(&message) })
        })
        .collect();
    let lifecycle = match &facts["x-lifecycle"] {
        Json::Null => None,
        stated => Some(lifecycle(stated, &errors)?),
    };
    let declaration = Declaration {
        summary: leaked(facts["summary"].as_str().unwrap_or_default()),
        success,
        policy: policy(facts)?,
        errors: Box::leak(errors.into_boxed_slice()),
        audit: facts["x-audit"].as_str().map(leaked),
        lifecycle,
        idempotent: facts["x-idempotent"] == true,
        body_limit: facts["x-body-limit"].as_u64().and_then(|limit| limit.try_into().ok()).unwrap_or(64 * 1024),
        dialect,
        ..base(method, leaked(id), leaked(path))
    };
    let answer = content(document, &responses[&success.to_string()]);
    let examples = responses.iter().flat_map(|(status, response)| examples(document, status, response)).collect();
    Ok(Promised {
        declaration: Box::leak(Box::new(declaration)),
        schemas: schemas(document, facts, dialect, answer.clone()),
        answer,
        examples,
    })
}

fn base(method: Method, id: &'static str, path: &'static str) -> Declaration {
    match method {
        Method::Get => Declaration::get(id, path),
        Method::Post => Declaration::post(id, path),
        Method::Put => Declaration::put(id, path),
        Method::Patch => Declaration::patch(id, path),
        Method::Delete => Declaration::delete(id, path),
    }
}

/// What an operation does in the life of a record; its refusal is one of its declared errors.
fn lifecycle(stated: &Json, errors: &[Refusal]) -> Result<Lifecycle, String> {
    let text = |of: &Json, name: &str| {
        of[name].as_str().map(leaked).ok_or_else(|| format!("x-lifecycle has no text as its `{name}`: {of}"))
    };
    let action = text(stated, "action")?;
    let steps = stated["transitions"].as_array().into_iter().flatten();
    let steps: Vec<Transition> = steps
        .map(|step| {
            let from = step.get("from").map(|_| text(step, "from")).transpose()?;
            Ok(Transition { from, action, to: text(step, "to")? })
        })
        .collect::<Result<_, String>>()?;
    let refusal = match stated.get("refusal") {
        Some(_) => {
            let code = text(stated, "refusal")?;
            let refusal = errors.iter().find(|error| error.code == code).copied();
            Some(refusal.ok_or_else(|| format!("x-lifecycle refuses with {code}, which is no declared error"))?)
        }
        None => None,
    };
    if refusal.is_none() && steps.iter().any(|step| step.from.is_some()) {
        return Err("x-lifecycle has no `refusal`: name the error that answers where no transition leads on".into());
    }
    Ok(Lifecycle { action, steps: Box::leak(steps.into_boxed_slice()), refusal })
}

fn policy(facts: &Json) -> Result<Policy, String> {
    let stated = &facts["x-policy"];
    let rule = match stated["rule"].as_str() {
        Some("public") => Rule::Public,
        Some("authenticated") => Rule::Authenticated,
        Some("creator") => Rule::Creator,
        Some("admin") => Rule::Admin,
        Some("org_management") => Rule::OrgManagement,
        Some("platform_owner") => Rule::PlatformOwner,
        Some("sensitive") => Rule::Sensitive,
        Some("internal") => Rule::Internal,
        Some("role") => {
            let named = stated["roles"].as_array().into_iter().flatten();
            let roles: Vec<Role> = named.filter_map(|role| Role::named(role.as_str()?)).collect();
            Rule::Roles(Box::leak(roles.into_boxed_slice()))
        }
        other => return Err(format!("x-policy has the rule {other:?}, which is none")),
    };
    let limit = facts["x-rate-limit"].as_str().unwrap_or_default();
    let rate_limit = RateLimit::ALL.into_iter().find(|known| known.name() == limit);
    let rate_limit = rate_limit.ok_or_else(|| format!("x-rate-limit is {limit:?}, which is no preset"))?;
    Ok(Policy { rule, rate_limit, custom: &[] })
}

/// Status, code and message of every refusal.
fn refusals(document: &Json, responses: &Map<String, Json>) -> Vec<(u16, String, String)> {
    let mut found = Vec::new();
    for (status, response) in responses {
        let Some(status) = status.parse::<u16>().ok().filter(|status| *status >= 400) else { continue };
        let Some(schema) = content(document, response) else { continue };
        let branches = match schema["oneOf"].as_array() {
            Some(several) => several.clone(),
            None => vec![schema],
        };
        for branch in branches {
            let branch = resolved(document, &branch);
            let error = &branch["properties"]["error"];
            let code = error["const"].as_str().or_else(|| error["properties"]["code"]["const"].as_str());
            let message = branch["description"].as_str().unwrap_or_default();
            found.extend(code.map(|code| (status, code.to_owned(), message.to_owned())));
        }
    }
    found
}

/// The kind of a refusal: its status says it, and for some its code.
fn kind(status: u16, code: &str) -> Option<Kind> {
    let named = Kind::ALL.into_iter().find(|kind| kind.code() == code && kind.status() == status);
    named.or_else(|| {
        Kind::ALL.into_iter().filter(|kind| *kind != Kind::InvalidJson).find(|kind| kind.status() == status)
    })
}

fn content(document: &Json, response: &Json) -> Option<Json> {
    let content = resolved(document, response)["content"].as_object()?;
    content.values().next().map(|media| media["schema"].clone())
}

fn examples(document: &Json, status: &str, response: &Json) -> Vec<(u16, String, Json)> {
    let Ok(status) = status.parse() else { return Vec::new() };
    let content = resolved(document, response)["content"].as_object().into_iter().flatten();
    content
        .flat_map(|(_, media)| media["examples"].as_object().into_iter().flatten())
        .map(|(name, example)| (status, name.clone(), resolved(document, example)["value"].clone()))
        .collect()
}

fn resolved<'a>(document: &'a Json, mut value: &'a Json) -> &'a Json {
    const DEPTH: usize = 16;
    for _ in 0..DEPTH {
        let target = value["$ref"].as_str().and_then(|target| target.strip_prefix('#'));
        match target.and_then(|target| document.pointer(target)) {
            Some(next) => value = next,
            None => break,
        }
    }
    value
}

fn schemas(document: &Arc<Json>, facts: &Json, dialect: Dialect, answer: Option<Json>) -> Schemas {
    let parameters: Vec<Json> = facts["parameters"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|parameter| resolved(document, parameter).clone())
        .filter(|parameter| parameter["name"] != "Idempotency-Key")
        .collect();
    let ignored = facts["x-unlisted-parameters"] == "ignored";
    let part = |place: &'static str| {
        let (document, parameters) = (Arc::clone(document), parameters.clone());
        LazySchema::read(move || Schema::new(with_definitions(&document, &fields(&parameters, place, ignored))))
    };
    let read = |schema: Json| {
        let document = Arc::clone(document);
        LazySchema::read(move || Schema::new(with_definitions(&document, &schema)))
    };
    let body = &facts["requestBody"]["content"][dialect.media_type()]["schema"];
    Schemas {
        path: part("path"),
        query: part("query"),
        body: (!body.is_null()).then(|| read(body.clone())),
        headers: part("header"),
        answer: answer.map(read),
    }
}

/// The parameters of one place as an object, and whether others are ignored.
fn fields(parameters: &[Json], place: &str, ignored: bool) -> Json {
    let mut properties = Map::new();
    let mut required = Vec::new();
    for parameter in parameters.iter().filter(|parameter| parameter["in"] == place) {
        let name = parameter["name"].as_str().unwrap_or_default();
        properties.insert(name.to_owned(), parameter["schema"].clone());
        if parameter["required"] == true {
            required.push(name.to_owned());
        }
    }
    json!({ "type": "object", "properties": properties, "required": required, "additionalProperties": ignored })
}

/// A schema that stands on its own: the components it reaches come along.
fn with_definitions(document: &Json, schema: &Json) -> Json {
    let mut root = schema.clone();
    let mut wanted = Vec::new();
    moved(&mut root, &mut wanted);
    let (mut definitions, mut known) = (Map::new(), BTreeSet::new());
    while let Some(name) = wanted.pop() {
        if !known.insert(name.clone()) {
            continue;
        }
        let mut definition = document["components"]["schemas"][&name].clone();
        moved(&mut definition, &mut wanted);
        definitions.insert(name, definition);
    }
    if definitions.is_empty() {
        return root;
    }
    match root.as_object_mut() {
        Some(fields) => drop(fields.insert("$defs".into(), Json::Object(definitions))),
        None => return root,
    }
    root
}

/// Lets references lead into `$defs`, and names what they lead to.
fn moved(schema: &mut Json, wanted: &mut Vec<String>) {
    const COMPONENTS: &str = "#/components/schemas/";
    match schema {
        Json::Object(fields) => {
            for (key, field) in fields.iter_mut() {
                match (key.as_str(), field.as_str().and_then(|target| target.strip_prefix(COMPONENTS))) {
                    ("$ref", Some(name)) => {
                        wanted.push(name.to_owned());
                        *field = format!("#/$defs/{name}").into();
                    }
                    _ => moved(field, wanted),
                }
            }
        }
        Json::Array(items) => items.iter_mut().for_each(|item| moved(item, wanted)),
        _ => {}
    }
}

/// The types of messages a service emits, and what each looks like.
fn emitted(document: &Json) -> Vec<(String, Arc<Schema>)> {
    let channels = document["channels"].as_object().into_iter().flatten();
    channels
        .filter_map(|(name, channel)| {
            let message = resolved(document, channel["subscribe"].get("message")?);
            let schema = with_definitions(document, &message["payload"]);
            Some((message["name"].as_str().unwrap_or(name).to_owned(), Arc::new(Schema::new(schema))))
        })
        .collect()
}

/// The queues of a service, and the types of messages that come on each.
fn queues(document: &Json) -> Vec<(String, Vec<String>)> {
    let channels = document["channels"].as_object().into_iter().flatten();
    channels
        .filter_map(|(name, channel)| {
            let message = channel["publish"].get("message")?;
            let branches = message["oneOf"].as_array().cloned().unwrap_or_else(|| vec![message.clone()]);
            let types = branches.iter().filter_map(|one| resolved(document, one)["name"].as_str().map(str::to_owned));
            Some((name.clone(), types.collect()))
        })
        .collect()
}

fn leaked(text: &str) -> &'static str {
    Box::leak(text.to_owned().into_boxed_str())
}
