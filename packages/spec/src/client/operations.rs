//! Operations of an upstream as its OpenAPI document tells them, cut down to what a consumer uses.

use serde_json::Value;

use super::declaration::Operation;
use super::document::{Document, Place};
use super::shapes::{Body, Parts, Shaper, Shapes, Type, pascal_case, sentence};

/// An operation to be called.
pub(crate) struct Route {
    pub id: String,
    pub summary: String,
    pub method: String,
    pub path: String,
    pub signed: bool,
    pub success: u16,
    /// Every declared error: status and code.
    pub errors: Vec<(u16, String)>,
    pub parameters: Vec<Parameter>,
    /// What is sent, as a type.
    pub body: Option<Type>,
    /// What is read of the answer; `None` when nothing is.
    pub answer: Option<Type>,
}

/// A parameter that is sent.
pub(crate) struct Parameter {
    pub name: String,
    pub location: Location,
    pub required: bool,
    pub kind: Type,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Location {
    Path,
    Query,
    Header,
}

/// The media type that clients speak.
const JSON: &str = "application/json";

/// The operation of that id, with the types it needs put among `shapes`.
pub(crate) fn route(document: &Document, id: &str, used: &Operation, shapes: &mut Shapes) -> Result<Route, String> {
    let (method, path, place) = found(document, id)?;
    let within = |why: String| format!("{id}: {why}");
    let (success, answer) = success(&place).map_err(within)?;
    let errors = errors(&place).map_err(within)?;
    if let Some(code) = used.refusals.iter().find(|code| !errors.iter().any(|(_, known)| known == *code)) {
        let known: Vec<&str> = errors.iter().map(|(_, code)| code.as_str()).collect();
        return Err(within(format!("it declares no error {code}; it declares {}", known.join(", "))));
    }
    let (body_places, names): (Vec<String>, Vec<String>) =
        used.sends.iter().cloned().partition(|one| one.starts_with('/'));
    let parameters = parameters(document, &path, &place, &names).map_err(within)?;

    let parts = Parts::of(&body_places).map_err(within)?;
    let mut shaper = Shaper { shapes, sent: true };
    let body = match place.get("requestBody") {
        Some(body) => {
            let (body, _) = body.resolved().map_err(within)?;
            let schema = content(&body).ok_or_else(|| within(format!("its body is not {JSON}")))?;
            Some(shaper.shape(&schema, &parts, &format!("{}Request", pascal_case(id))).map_err(within)?.0)
        }
        None if body_places.is_empty() => None,
        None => return Err(within("it takes no body, so there is nothing to send in it".to_owned())),
    };

    let parts = Parts::of(&used.reads).map_err(within)?;
    shaper.sent = false;
    let answer = match answer {
        Some(schema) if !used.reads.is_empty() => {
            Some(shaper.shape(&schema, &parts, &format!("{}Answer", pascal_case(id))).map_err(within)?.0)
        }
        None if !used.reads.is_empty() => return Err(within("its answer has no JSON body to read".to_owned())),
        _ => None,
    };
    Ok(Route {
        id: id.to_owned(),
        summary: sentence(place.text("summary")),
        signed: signed(document, &place).map_err(within)?,
        method,
        path,
        success,
        errors,
        parameters,
        body,
        answer,
    })
}

/// Method, path and place of an operation.
fn found<'a>(document: &'a Document, id: &str) -> Result<(String, String, Place<'a>), String> {
    const METHODS: [&str; 7] = ["delete", "get", "head", "options", "patch", "post", "put"];
    let mut known = Vec::new();
    for (path, item) in document.root().get("paths").map(|paths| paths.each()).unwrap_or_default() {
        for method in METHODS {
            let Some(place) = item.get(method) else { continue };
            if place.text("operationId") == id {
                return Ok((method.to_ascii_uppercase(), path, place));
            }
            known.push(place.text("operationId").to_owned());
        }
    }
    known.sort();
    Err(format!("the artifact has no operation {id}; it has {}", known.join(", ")))
}

/// The status of success, and the schema of its body.
fn success<'a>(place: &Place<'a>) -> Result<(u16, Option<Place<'a>>), String> {
    let responses = place.get("responses").map(|responses| responses.each()).unwrap_or_default();
    let status = |text: &str| text.parse::<u16>().ok().filter(|status| (200..400).contains(status) && *status != 304);
    let mut successes = responses.iter().filter_map(|(name, response)| Some((status(name)?, response)));
    match (successes.next(), successes.next()) {
        (Some((status, response)), None) => Ok((status, content(&response.resolved()?.0))),
        (None, _) => Err("it declares no success".to_owned()),
        (Some((one, _)), Some((other, _))) => {
            Err(format!("it declares more than one success ({one} and {other}), and a client waits for one"))
        }
    }
}

/// Every declared error: each status with each code that its schema names.
fn errors(place: &Place<'_>) -> Result<Vec<(u16, String)>, String> {
    let mut errors = Vec::new();
    for (name, response) in place.get("responses").map(|responses| responses.each()).unwrap_or_default() {
        let Some(status) = name.parse::<u16>().ok().filter(|status| *status >= 400) else { continue };
        let (response, _) = response.resolved()?;
        if let Some(schema) = content(&response) {
            codes(&schema, &mut |code| errors.push((status, code.to_owned())))?;
        }
    }
    errors.sort();
    errors.dedup();
    Ok(errors)
}

/// The codes of an error's schema: `error.code` of our envelope, `error` of OAuth's, one or one of several.
fn codes(schema: &Place<'_>, found: &mut dyn FnMut(&str)) -> Result<(), String> {
    let (schema, _) = schema.resolved()?;
    if let Some(branches) = ["oneOf", "anyOf"].iter().find_map(|key| schema.get(key)) {
        return branches.each().iter().try_for_each(|(_, branch)| codes(branch, found));
    }
    let Some(error) = schema.get("properties").and_then(|properties| properties.get("error")) else { return Ok(()) };
    let (error, _) = error.resolved()?;
    let code = match error.get("properties").and_then(|properties| properties.get("code")) {
        Some(code) => code.resolved()?.0,
        None => error,
    };
    let listed = code.value.get("enum").and_then(Value::as_array).into_iter().flatten();
    listed.chain(code.value.get("const")).filter_map(Value::as_str).for_each(found);
    Ok(())
}

/// The parameters that are sent: what the operation demands, and what the consumer names.
fn parameters(document: &Document, path: &str, place: &Place<'_>, named: &[String]) -> Result<Vec<Parameter>, String> {
    let item = document.root().get("paths").and_then(|paths| paths.get(path));
    let of_path = item.and_then(|item| item.get("parameters"));
    let mut all = Vec::new();
    for (_, parameter) in of_path.into_iter().chain(place.get("parameters")).flat_map(|list| list.each()) {
        all.push(parameter.resolved()?.0);
    }
    let spelled = |parameter: &Place<'_>| match parameter.text("in") {
        "header" => parameter.text("name").to_ascii_lowercase(),
        _ => parameter.text("name").to_owned(),
    };
    if let Some(unknown) = named.iter().find(|name| !all.iter().any(|one| spelled(one) == **name)) {
        let names: Vec<String> = all.iter().map(spelled).collect();
        return Err(format!("it has no parameter {unknown}; it has {}", names.join(", ")));
    }
    let mut parameters = Vec::new();
    for parameter in &all {
        let (name, required) = (spelled(parameter), parameter.value["required"] == true);
        if !required && !named.contains(&name) {
            continue;
        }
        let location = match parameter.text("in") {
            "path" => Location::Path,
            "query" => Location::Query,
            "header" if plain(&name) => Location::Header,
            other => return Err(format!("the parameter {name:?} is in the {other}, and clients send none so")),
        };
        let schema = parameter.get("schema").ok_or_else(|| format!("the parameter {name} has no schema"))?;
        let mut own = Shapes::default();
        let (kind, _) = Shaper { shapes: &mut own, sent: true }.shape(&schema, &Parts::default(), &name)?;
        // A word of a list is sent as any text is; the upstream says whether it knows it.
        let kind = match &kind {
            Type::Named(one) if matches!(own.definitions.get(one).map(|known| &known.body), Some(Body::Choice(_))) => {
                Type::Text { pattern: None, min: None, max: None }
            }
            Type::List { .. } | Type::Map { .. } | Type::Named(_) | Type::Anything => {
                return Err(format!("the parameter {name} is no single word or number"));
            }
            plain => plain.clone(),
        };
        parameters.push(Parameter { name, location, required, kind });
    }
    Ok(parameters)
}

/// Whether this is a name that a header field can have (RFC 9110, section 5.1), as far as names are in use.
fn plain(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}

/// Whether a call is signed by the calling service. What a person presents, a client does not have.
fn signed(document: &Document, place: &Place<'_>) -> Result<bool, String> {
    const SIGNATURE: &str = "x-worker-signature";
    let alternatives = place.get("security").or_else(|| document.root().get("security"));
    let alternatives = alternatives.map(|all| all.each()).unwrap_or_default();
    let schemes = document.root().get("components").and_then(|components| components.get("securitySchemes"));
    let signs = |name: &str| {
        let scheme = schemes.as_ref().and_then(|schemes| schemes.get(name));
        scheme.is_some_and(|scheme| scheme.text("name").eq_ignore_ascii_case(SIGNATURE))
    };
    let free = alternatives.is_empty() || alternatives.iter().any(|(_, one)| one.each().is_empty());
    let by_signature = alternatives.iter().any(|(_, one)| one.each().iter().any(|(name, _)| signs(name)));
    match (free, by_signature) {
        (_, true) => Ok(true),
        (true, false) => Ok(false),
        (false, false) => Err("it is for people with tokens; a service calls operations for services".to_owned()),
    }
}

fn content<'a>(place: &Place<'a>) -> Option<Place<'a>> {
    place.get("content")?.get(JSON)?.get("schema")
}
