//! Any document, mocked: what is answered, chosen and refused.

use std::sync::Arc;

use bytes::Bytes;
use document::{Answer, Api, Document};
use http::{Request, Response, StatusCode};
use mock::foreign::{Foreign, LONGEST_BODY};
use operation::{Endpoint, full};
use serde_json::{Value, json};

const SHOP: &str = r##"
openapi: 3.1.0
info: { title: Shop, version: "1" }
servers: [{ url: "https://{place}.example.com/v{major}", variables: { place: { default: eu }, major: { default: "3" } } }]
security: [{ token: [] }]
paths:
  /things:
    get:
      operationId: listThings
      security: []
      parameters:
        - { name: limit, in: query, schema: { type: integer, minimum: 1, maximum: 50 } }
        - { name: tags, in: query, explode: false, schema: { type: array, items: { enum: [a, b] } } }
      responses:
        "200":
          headers: { X-Total: { required: true, schema: { type: integer, minimum: 7 } } }
          content: { application/json: { schema: { type: array, items: { $ref: "#/components/schemas/Thing" } } } }
    post:
      operationId: addThing
      requestBody: { required: true, content: { application/json: { schema: { $ref: "#/components/schemas/Thing" } } } }
      responses:
        "201":
          content:
            application/json:
              schema: { $ref: "#/components/schemas/Thing" }
              examples: { small: { value: { name: nut, parts: [] } }, large: { value: { name: ship, parts: [{ name: hull }] } } }
            text/csv: { example: "name\nnut\n" }
        "400":
          content:
            application/json:
              schema: { type: object, required: [error], properties: { error: { type: object, required: [code, message] } } }
        "409": { content: { application/json: { schema: { type: object, required: [why], properties: { why: { const: taken } } } } } }
        5XX: {}
  /things/mine: { get: { security: [], responses: { "204": {} } } }
  /things/{id}: { parameters: [{ $ref: "#/components/parameters/id" }], get: { security: [], responses: { "200": { content: { application/json: { schema: { $ref: "#/components/schemas/Thing" } } } } } } }
  /things/{id}.csv: { parameters: [{ $ref: "#/components/parameters/id" }], get: { security: [], responses: { "200": { content: { text/csv: { schema: { type: string } } } } } } }
  /impossible: { get: { security: [], responses: { "200": { content: { application/json: { schema: { type: string, enum: [1] } } } } } } }
components:
  parameters: { id: { name: id, in: path, required: true, schema: {} } }
  securitySchemes: { token: { type: http, scheme: bearer } }
  schemas:
    Thing:
      type: object
      required: [name]
      properties:
        name: { type: string, pattern: "^[a-z]{3,9}$" }
        parts: { type: array, items: { $ref: "#/components/schemas/Thing" } }
        made: { type: string, format: date-time }
"##;

const LIGHTS: &str = r#"
asyncapi: 2.6.0
info: { title: Lights, version: "1" }
channels:
  lights/{id}/measured:
    parameters: { id: {} }
    publish: { message: { name: Measured, payload: { type: object, required: [lumens], properties: { lumens: { type: integer, minimum: 0 } } } } }
  turn:
    subscribe: { message: { oneOf: [
      { name: On, payload: { type: object, required: [on], properties: { on: { const: true } } } },
      { name: Dim, payload: { type: object, required: [percent], properties: { percent: { type: integer, minimum: 1, maximum: 99 } } } } ] } }
"#;

fn mocked(text: &str) -> Foreign {
    let document = Document::parse(text.as_bytes(), "test.yaml").expect("a document");
    Foreign::new(Api::of(document).expect("an api"), 1)
}

async fn send(mock: &Foreign, line: &str, headers: &[(&str, &str)], body: impl Into<Bytes>) -> Response<Bytes> {
    let (method, target) = line.split_once(' ').expect("method and path");
    let mut request = Request::builder().method(method).uri(target);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    mock.call(request.body(full(body)).expect("a request")).await
}

async fn get(mock: &Foreign, target: &str, headers: &[(&str, &str)]) -> Response<Bytes> {
    send(mock, &format!("GET {target}"), headers, "").await
}

fn body(answer: &Response<Bytes>) -> Value {
    serde_json::from_slice(answer.body()).unwrap_or_else(|_| panic!("{answer:?}"))
}

fn field<'a>(answer: &'a Response<Bytes>, name: &str) -> &'a str {
    answer.headers().get(name).map_or("", |value| value.to_str().expect("text"))
}

const TOKEN: (&str, &str) = ("authorization", "Bearer t");
const JSON: (&str, &str) = ("content-type", "application/json");

#[tokio::test]
async fn every_answer_passes_its_own_contract() {
    let mock = mocked(SHOP);
    for target in ["/things", "/v3/things", "/things/5", "/v3/things/mine", "/things/5.csv"] {
        for prefer in ["dynamic=false", "dynamic=true", "dynamic=true"] {
            let answer = get(&mock, target, &[("prefer", prefer)]).await;
            let path = target.trim_start_matches("/v3");
            let operation = mock.api().operations.iter().rfind(|operation| operation.template.matches(path).is_some());
            let operation = mock.api().operations.iter().find(|known| known.template.as_str() == path).or(operation);
            let checked = Answer { status: answer.status(), headers: answer.headers(), body: answer.body() };
            assert_eq!(operation.expect("an operation").check_response(&checked), [], "{target} {answer:?}");
            assert!(answer.status().is_success(), "{target}");
        }
    }
}

#[tokio::test]
async fn a_request_that_is_not_as_declared_gets_every_issue() {
    let mock = mocked(SHOP);
    let answer = get(&mock, "/things?limit=99&tags=a,c", &[]).await;
    assert_eq!(answer.status(), StatusCode::BAD_REQUEST);
    assert_eq!(field(&answer, "content-type"), "application/problem+json");
    let issues: Vec<String> = body(&answer)["issues"]
        .as_array()
        .expect("issues")
        .iter()
        .map(|issue| format!("{} {} {}", issue["in"], issue["pointer"], issue["rule"]).replace('"', ""))
        .collect();
    assert_eq!(issues, ["query /limit maximum", "query /tags/1 enum"]);
}

#[tokio::test]
async fn a_refusal_has_the_form_that_the_document_declares_for_it() {
    let mock = mocked(SHOP);
    let answer = send(&mock, "POST /things", &[TOKEN, JSON], r#"{"name": "X", "parts": [{}]}"#).await;
    assert_eq!((answer.status(), field(&answer, "content-type")), (StatusCode::BAD_REQUEST, "application/json"));
    let said = body(&answer);
    assert_eq!(said["error"]["code"], "VALIDATION_ERROR");
    assert_eq!(said["error"]["details"]["issues"].as_array().map(Vec::len), Some(2));
    let answer = send(&mock, "POST /things", &[TOKEN, ("content-type", "image/png")], "x").await;
    assert_eq!(answer.status(), StatusCode::UNSUPPORTED_MEDIA_TYPE);
    let answer = send(&mock, "POST /things", &[TOKEN, JSON], vec![b' '; LONGEST_BODY + 1]).await;
    assert_eq!(answer.status(), StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test]
async fn credentials_are_asked_for_before_anything_else() {
    let mock = mocked(SHOP);
    let answer = send(&mock, "POST /things", &[JSON], "{").await;
    assert_eq!(
        (answer.status(), field(&answer, "www-authenticate")),
        (StatusCode::UNAUTHORIZED, "Bearer realm=\"mock\"")
    );
    assert_eq!(send(&mock, "POST /things", &[TOKEN, JSON], r#"{"name": "nut"}"#).await.status(), StatusCode::CREATED);
}

#[tokio::test]
async fn the_caller_chooses_the_answer() {
    let mock = mocked(SHOP);
    let post = async |prefer: &str, accept: &str| {
        let headers = [TOKEN, JSON, ("prefer", prefer), ("accept", accept)];
        send(&mock, "POST /things", &headers, r#"{"name": "nut"}"#).await
    };
    let answer = post("code=409", "*/*").await;
    assert_eq!((answer.status(), body(&answer)), (StatusCode::CONFLICT, json!({ "why": "taken" })));
    assert_eq!(field(&answer, "preference-applied"), "code=409");
    assert_eq!(post("code=503", "*/*").await.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(body(&post("example=large", "application/json").await)["name"], "ship");
    assert_eq!(body(&post("respond-async, example=\"small\"", "application/*;q=0.5").await)["name"], "nut");
    assert_eq!(post("x=1", "text/csv, application/json;q=0.9").await.body().as_ref(), b"name\nnut\n");
    assert_eq!(post("x=1", "image/png").await.status(), StatusCode::NOT_ACCEPTABLE);
    for wrong in ["code=418", "code=abc", "example=medium"] {
        let answer = post(wrong, "*/*").await;
        let said = body(&answer);
        assert_eq!(
            (answer.status(), &said["error"]["code"]),
            (StatusCode::BAD_REQUEST, &json!("NO_SUCH_ANSWER")),
            "{wrong}"
        );
    }
}

#[tokio::test]
async fn generated_values_differ_and_come_again_after_a_reset() {
    let mock = mocked(SHOP);
    let dynamic = async || get(&mock, "/things/5", &[("prefer", "dynamic=true")]).await.into_body();
    let first = [dynamic().await, dynamic().await, dynamic().await];
    assert!(first[0] != first[1] || first[1] != first[2]);
    assert_eq!(send(&mock, "POST /_mock/reset", &[], "").await.status(), StatusCode::NO_CONTENT);
    assert_eq!([dynamic().await, dynamic().await, dynamic().await], first);
}

#[tokio::test]
async fn paths_and_methods_are_told_apart() {
    let mock = mocked(SHOP);
    assert_eq!(get(&mock, "/things/mine", &[]).await.status(), StatusCode::NO_CONTENT);
    assert_eq!(field(&get(&mock, "/things/5.csv", &[]).await, "content-type"), "text/csv");
    assert_eq!(field(&get(&mock, "/things/5.json", &[]).await, "content-type"), "application/json");
    assert_eq!(get(&mock, "/th%69ngs/mine", &[]).await.status(), StatusCode::NO_CONTENT);
    for unknown in ["/", "/things/", "/v2/things", "/v3", "/nowhere", "/_mock/else"] {
        assert_eq!(get(&mock, unknown, &[]).await.status(), StatusCode::NOT_FOUND, "{unknown}");
    }
    let answer = send(&mock, "DELETE /things", &[], "").await;
    assert_eq!(
        (answer.status(), field(&answer, "allow")),
        (StatusCode::METHOD_NOT_ALLOWED, "GET, HEAD, OPTIONS, POST")
    );
    assert_eq!(send(&mock, "HEAD /things", &[], "").await.status(), StatusCode::OK);
    let page = [("origin", "https://page.example"), ("access-control-request-method", "POST")];
    let answer = send(&mock, "OPTIONS /things", &page, "").await;
    assert_eq!((answer.status(), field(&answer, "access-control-allow-origin")), (StatusCode::NO_CONTENT, "*"));
    assert!(field(&answer, "access-control-allow-methods").contains("POST"));
}

#[tokio::test]
async fn a_path_is_found_below_its_base_path_and_beside_a_finer_one() {
    let mock = mocked(
        r#"
openapi: 3.1.0
servers: [{ url: /v3 }]
paths:
  /: { get: { responses: { "204": {} } } }
  /things/{id}.csv: { parameters: [{ name: id, in: path, schema: {} }], get: { responses: { "200": { content: { text/csv: { schema: { type: string } } } } } } }
  /{kind}/{id}: { parameters: [{ name: kind, in: path, schema: {} }, { name: id, in: path, schema: {} }], get: { responses: { "202": {} } } }
"#,
    );
    for (path, status) in [("/", 204), ("/v3", 204), ("/v3/", 204), ("/v3/things/5.csv", 200), ("/things/5.csv", 200)] {
        assert_eq!(get(&mock, path, &[]).await.status(), status, "{path}");
    }
    for (path, status) in [("/things/5", 202), ("/v3/things/5", 202), ("/other/5.csv", 202), ("/v3/things/5/6", 404)] {
        assert_eq!(get(&mock, path, &[]).await.status(), status, "{path}");
    }
}

#[tokio::test]
async fn an_answer_that_nothing_satisfies_is_said_to_be_so() {
    let answer = get(&mocked(SHOP), "/impossible", &[]).await;
    assert_eq!((answer.status(), &body(&answer)["code"]), (StatusCode::NOT_IMPLEMENTED, &json!("NO_EXAMPLE")));
}

#[tokio::test]
async fn channels_take_and_send_messages() {
    let mock = Arc::new(mocked(LIGHTS));
    let post =
        async |target: &str, message: Value| send(&mock, &format!("POST {target}"), &[], message.to_string()).await;
    let at = "/_mock/channels/lights/7/measured";
    assert_eq!(post(at, json!({ "payload": { "lumens": 3 } })).await.status(), StatusCode::ACCEPTED);
    let refused = post(at, json!({ "payload": { "lumens": -3 } })).await;
    assert_eq!(
        (refused.status(), &body(&refused)["issues"][0]["pointer"]),
        (StatusCode::BAD_REQUEST, &json!("/lumens"))
    );
    for wrong in [json!({}), json!([]), json!({ "payload": {}, "message": "Other" })] {
        assert_eq!(post(at, wrong).await.status(), StatusCode::BAD_REQUEST);
    }
    assert_eq!(
        body(&get(&mock, at, &[]).await)["data"]["messages"],
        json!([{ "message": "Measured", "payload": { "lumens": 3 } }])
    );
    assert_eq!(body(&get(&mock, "/_mock/channels/lights/8/measured", &[]).await)["data"]["messages"], json!([]));

    let sent = send(&mock, "POST /_mock/emit/turn?count=5", &[], "").await;
    let sent = body(&sent)["data"].clone();
    assert_eq!(sent[0], json!({ "message": "On", "payload": { "on": true } }));
    assert_eq!(sent.as_array().map(Vec::len), Some(5));
    assert_eq!(body(&get(&mock, "/_mock/channels/turn", &[]).await)["data"]["messages"], sent);
    let dim = body(&send(&mock, "POST /_mock/emit/turn?message=Dim", &[], "").await);
    assert_eq!(dim["data"][0]["message"], "Dim");
    for wrong in ["?count=0", "?count=x", "?message=Off"] {
        let answer = send(&mock, &format!("POST /_mock/emit/turn{wrong}"), &[], "").await;
        assert_eq!(answer.status(), StatusCode::BAD_REQUEST, "{wrong}");
    }
    assert_eq!(get(&mock, "/_mock/channels/nowhere", &[]).await.status(), StatusCode::NOT_FOUND);
    assert_eq!(body(&get(&mock, "/_mock", &[]).await)["data"]["channels"].as_array().map(Vec::len), Some(2));
    assert_eq!(send(&mock, "POST /_mock/reset", &[], "").await.status(), StatusCode::NO_CONTENT);
    assert_eq!(body(&get(&mock, "/_mock/channels/turn", &[]).await)["data"]["messages"], json!([]));
}

#[tokio::test]
async fn what_we_published_is_answered_too() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../contracts/published/dev");
    for service in std::fs::read_dir(root).expect("the published artifacts") {
        let file = service.expect("a folder").path().join("openapi.json");
        let document = Document::parse(&std::fs::read(&file).expect("an artifact"), "ours").expect("a document");
        let mock = Foreign::new(Api::of(document).expect("an api"), 1);
        for operation in &mock.api().operations {
            let path = operation.template.render(|name| {
                let parameter = operation.parameter(document::Location::Path, name).expect("a parameter");
                parameter.encode(&parameter.schema.example().expect("a value"))
            });
            let line = format!("{} {path}", operation.method);
            let answer = send(&mock, &line, &[], "").await;
            let checked = Answer { status: answer.status(), headers: answer.headers(), body: answer.body() };
            assert_eq!(operation.check_response(&checked), [], "{line} {answer:?}");
            let again = send(&mock, &line, &[], "").await;
            assert_eq!((again.status(), again.headers()), (answer.status(), answer.headers()), "{line}");
            assert_eq!(again.body(), answer.body(), "{line}");
        }
    }
}
