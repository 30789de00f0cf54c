//! A small service on ports that live in memory: what the pipeline's tests call.

use std::collections::HashMap;
use std::sync::atomic::{AtomicI64, AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use bytes::Bytes;
use ed25519_dalek::{SigningKey, VerifyingKey};
use garde::Validate;
use http::{HeaderMap, Request};
use operation::{
    Bare, Body, Claim, Claims, CloudEvent, Consumer, ConsumerDeclaration, Context, Data, Declaration, Deprecation,
    Dialect, Endpoint, Environment, EventType, Input, Keys, LocalCounters, Memory, Mounted, NoContent, Observe,
    Operation, Page, Pagination, Ports, Record, Redirect, Remembered, Reply, Service, Settings, TenantSettings, Window,
    encode_token,
};
use policy::{Policy, RateLimit, Role};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use service_errors::{Error, Kind, Refusal};
use validation::Nothing;
use validation::types::{PageQuery, Timestamp};

pub const SECRET: [u8; 32] = [9; 32];
pub const BEGINNING: i64 = 1_800_000_000;

#[derive(Debug, Clone, Serialize, Deserialize, Validate, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewThing {
    #[garde(length(chars, min = 1, max = 20))]
    pub name: String,
    #[garde(range(min = 1, max = 10))]
    pub size: u8,
    #[garde(skip)]
    pub made_at: Option<Timestamp>,
}

#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Thing {
    pub name: String,
    pub number: u32,
    pub tenant: String,
    pub caller: String,
}

#[derive(Debug, Clone, Serialize, Deserialize, Validate, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ThingPath {
    #[garde(pattern("^[a-z]{1,10}$"))]
    pub thing_id: String,
}

const TOO_ODD: Refusal = Refusal::rule("TOO_ODD", "The size is odd.");
const CREATE: Declaration = Declaration {
    summary: "Creates a thing",
    policy: Policy::AUTHENTICATED,
    errors: &[TOO_ODD],
    audit: Some("thing.create"),
    idempotent: true,
    body_limit: 1024,
    ..Declaration::post("createThing", "/things/v1/things")
};
const GET: Declaration =
    Declaration { policy: Policy::PUBLIC, ..Declaration::get("getThing", "/things/v1/things/{thingId}") };
const LIST: Declaration =
    Declaration { policy: Policy::roles(&[Role::Driver]), ..Declaration::get("listThings", "/things/v1/things") };
const REMOVE: Declaration =
    Declaration { policy: Policy::SENSITIVE, ..Declaration::delete("removeThing", "/things/v1/things/{thingId}") };
const INTERNAL: Declaration = Declaration {
    policy: Policy::INTERNAL,
    success: 200,
    ..Declaration::post("checkThing", "/things/internal/v1/checks")
};
const PANIC: Declaration = Declaration { policy: Policy::PUBLIC, ..Declaration::get("panic", "/things/v1/panic") };
const LIAR: Declaration = Declaration { policy: Policy::PUBLIC, ..Declaration::get("lie", "/things/v1/lie") };
/// As an endpoint of OAuth, with a refusal of its own.
#[derive(Debug, Clone, Serialize, Deserialize, Validate, JsonSchema)]
pub struct Grant {
    #[garde(length(chars, min = 1, max = 20))]
    pub grant_type: String,
    #[garde(inner(length(chars, min = 1, max = 20)))]
    #[schemars(length(min = 1, max = 20))]
    pub scope: Option<String>,
}

#[derive(Debug, Clone, Serialize, Deserialize, Validate, JsonSchema)]
pub struct GrantHeaders {
    #[garde(inner(length(chars, min = 1, max = 100)))]
    #[schemars(length(min = 1, max = 100))]
    pub authorization: Option<String>,
}

const INVALID_GRANT: Refusal = Refusal::new(Kind::Validation, "invalid_grant", "No.");
const UNKNOWN_CLIENT: Refusal = Refusal::of(Kind::Unauthorized, "Who are you?");
const FORM: Declaration = Declaration {
    policy: Policy::PUBLIC,
    errors: &[INVALID_GRANT, UNKNOWN_CLIENT],
    dialect: Dialect::OAuth,
    body_limit: 1024,
    ..Declaration::post("grantThing", "/things/v1/grants")
};
const ELSEWHERE: Declaration =
    Declaration { policy: Policy::PUBLIC, success: 302, ..Declaration::get("goElsewhere", "/things/v1/elsewhere") };
const OLD: Declaration = Declaration {
    policy: Policy::PUBLIC,
    deprecated: Some(Deprecation { since: "2023-06-30", sunset: "2027-01-01", instead: "listThings" }),
    ..Declaration::get("oldThing", "/things/v1/old/{thingId}")
};
const UNDECLARED: Declaration =
    Declaration { policy: Policy::PUBLIC, ..Declaration::get("undeclared", "/things/v1/undeclared") };

const COUNTED: EventType = EventType::of::<NewThing>("thing.counted", "A thing was counted.");
const COUNT: ConsumerDeclaration = ConsumerDeclaration {
    id: "countThing",
    queue: "things",
    events: &[COUNTED],
    summary: "Counts things",
    audit: None,
    touches: &[],
    max_receive_count: 3,
};

/// The state, and at the same time the memory of claims.
#[derive(Default)]
pub struct Shelf {
    pub made: AtomicU32,
    pub claims: Mutex<HashMap<(String, String), Remembered>>,
    pub gate: Option<tokio::sync::Barrier>,
}

impl Shelf {
    /// What one transaction would do: the thing and the claim, or [`operation::ALREADY_DONE`].
    fn write(&self, cx: &Context<Self>, answer: &impl Reply) -> Result<(), Error> {
        if let Some(claim) = &cx.claim {
            let mut claims = self.claims.lock().unwrap();
            let key = (claim.tenant.clone(), claim.key.clone());
            if claims.contains_key(&key) {
                return Err(operation::ALREADY_DONE.into());
            }
            let answer = answer.answer(cx.success).unwrap();
            let fingerprint = claim.fingerprint.clone();
            claims.insert(key, Remembered { fingerprint, status: answer.status, body: answer.body, headers: vec![] });
            cx.claim_written();
        }
        self.made.fetch_add(1, Ordering::SeqCst);
        Ok(())
    }
}

#[async_trait]
impl Memory for Shelf {
    async fn recall(&self, claim: &Claim) -> Result<Option<Remembered>, Error> {
        Ok(self.claims.lock().unwrap().get(&(claim.tenant.clone(), claim.key.clone())).cloned())
    }
}

async fn create(cx: Context<Shelf>, input: Input<Nothing, Nothing, NewThing>) -> Result<Data<Thing>, Error> {
    if let Some(gate) = &cx.state.gate {
        gate.wait().await;
    }
    if input.body.size == 7 {
        return Err(TOO_ODD.into());
    }
    let answer = Data::new(Thing {
        name: input.body.name,
        number: cx.state.made.load(Ordering::SeqCst) + 1,
        tenant: cx.tenant.clone(),
        caller: cx.principal.id().to_owned(),
    });
    cx.state.write(&cx, &answer)?;
    Ok(answer)
}

async fn get(_: Context<Shelf>, input: Input<ThingPath>) -> Result<Data<String>, Error> {
    Ok(Data::new(input.path.thing_id))
}

async fn list(_: Context<Shelf>, input: Input<Nothing, PageQuery>) -> Result<Page<String>, Error> {
    let pagination = Pagination {
        page: None,
        page_size: input.query.size(),
        total_count: None,
        total_pages: None,
        next_cursor: None,
    };
    Ok(Page { data: vec![], pagination })
}

async fn remove(_: Context<Shelf>, _: Input<ThingPath>) -> Result<NoContent, Error> {
    Ok(NoContent)
}

async fn check(cx: Context<Shelf>, _: Input<Nothing, Nothing, NewThing>) -> Result<Data<String>, Error> {
    Ok(Data::new(cx.principal.id().to_owned()))
}

async fn panics(_: Context<Shelf>, _: Input) -> Result<NoContent, Error> {
    panic!("secret-of-the-panic");
}

async fn lie(_: Context<Shelf>, _: Input) -> Result<Bare<Lie>, Error> {
    Ok(Bare::new(Lie))
}

async fn grant(_: Context<Shelf>, input: Input<Nothing, Nothing, Grant, GrantHeaders>) -> Result<Data<String>, Error> {
    match input.body.grant_type.as_str() {
        "bad" => Err(INVALID_GRANT.into()),
        "who" => Err(UNKNOWN_CLIENT.into()),
        "late" => Err(Error::unavailable("try later", 1)),
        _ => Ok(Data::new(format!("{:?} {:?}", input.body.scope, input.headers.authorization))),
    }
}

async fn elsewhere(_: Context<Shelf>, _: Input) -> Result<Redirect, Error> {
    Redirect::to("https://app.example/?a=b").map_err(Error::internal)
}

async fn undeclared(_: Context<Shelf>, _: Input) -> Result<NoContent, Error> {
    Err(Error::new(Kind::Conflict))
}

async fn count(cx: Context<Shelf>, event: CloudEvent<NewThing>) -> Result<(), Error> {
    match event.data.size {
        9 => Err(Error::unavailable("try later", 1)),
        _ => cx.state.write(&cx, &NoContent),
    }
}

/// Says it is a number and writes itself as text.
struct Lie;

impl Serialize for Lie {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str("not a number")
    }
}

impl JsonSchema for Lie {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Lie".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "number" })
    }
}

pub fn service() -> Service<Shelf> {
    Service::new(
        "things",
        vec![
            Operation::new(&INTERNAL, check),
            Operation::new(&CREATE, create),
            Operation::new(&GET, get),
            Operation::new(&ELSEWHERE, elsewhere),
            Operation::new(&FORM, grant),
            Operation::new(&LIAR, lie),
            Operation::new(&LIST, list),
            Operation::new(&OLD, get),
            Operation::new(&PANIC, panics),
            Operation::new(&REMOVE, remove),
            Operation::new(&UNDECLARED, undeclared),
        ],
        vec![Consumer::new(&COUNT, count)],
    )
}

/// Where the pipeline's tests happen.
pub struct Desk {
    pub mounted: Mounted<Shelf>,
    pub clock: Arc<AtomicI64>,
    pub key: SigningKey,
    pub lines: Arc<Lines>,
    settings: Arc<Fixed>,
}

#[derive(Default)]
pub struct Lines(pub Mutex<Vec<(String, u16, String)>>);

impl Observe for Lines {
    fn request(&self, record: &Record<'_>) {
        self.0.lock().unwrap().push((record.operation.to_owned(), record.status, record.cause.to_owned()));
    }
}

struct Fixed(Mutex<TenantSettings>);

#[async_trait]
impl Settings for Fixed {
    async fn of(&self, tenant: &str) -> Result<Arc<TenantSettings>, Error> {
        let mut settings = self.0.lock().unwrap().clone();
        if tenant != "acme" {
            settings.origins.clear();
        }
        Ok(Arc::new(settings))
    }

    async fn origin_known(&self, origin: &str) -> bool {
        self.0.lock().unwrap().origins.iter().any(|known| known == origin)
    }
}

struct OneKey(VerifyingKey);

#[async_trait]
impl Keys for OneKey {
    async fn verification_key(&self, key_id: &str) -> Result<Option<VerifyingKey>, Error> {
        Ok((key_id == "k1").then_some(self.0))
    }

    async fn service_secret(&self) -> Result<[u8; 32], Error> {
        Ok(SECRET)
    }
}

#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Value,
    pub bytes: Bytes,
}

impl Answer {
    pub fn code(&self) -> &str {
        self.body["error"]["code"].as_str().unwrap_or_default()
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    pub fn issues(&self) -> Vec<(String, String)> {
        let issues = self.body["error"]["details"]["issues"].as_array().cloned().unwrap_or_default();
        let text = |issue: &Value, name: &str| issue[name].as_str().unwrap().to_owned();
        issues.iter().map(|issue| (text(issue, "pointer"), text(issue, "rule"))).collect()
    }
}

impl Desk {
    pub fn new() -> Self {
        Self::with(Environment::Dev, Shelf::default())
    }

    pub fn with(environment: Environment, shelf: Shelf) -> Self {
        let key = SigningKey::from_bytes(&[3; 32]);
        let clock = Arc::new(AtomicI64::new(BEGINNING * 1000));
        let lines = Arc::new(Lines::default());
        let window = Window { limit: 5, seconds: 60 };
        let settings = Arc::new(Fixed(Mutex::new(TenantSettings {
            rate_limits: RateLimit::ALL.map(|preset| (preset, window)).to_vec(),
            origins: vec!["https://app.example".into()],
            preflight_max_age: 600,
            issuer: "issuer".into(),
            audience: "audience".into(),
            key_set_url: String::new(),
            key_refresh: 10,
            fresh_login: 900,
            signature_max_age: 300,
            signature_max_ahead: 60,
            idempotency_retention: 86_400,
            switched_off: vec![],
        })));
        let shelf = Arc::new(shelf);
        let ports = Ports {
            environment,
            keys: Arc::new(OneKey(key.verifying_key())),
            counters: Arc::new(LocalCounters::default()),
            memory: Arc::clone(&shelf) as _,
            settings: Arc::clone(&settings) as _,
            clock: {
                let clock = Arc::clone(&clock);
                Arc::new(move || clock.load(Ordering::SeqCst))
            },
            stopwatch: || 0,
            observe: Arc::clone(&lines) as _,
        };
        Self { mounted: service().mount(shelf, ports).unwrap(), clock, key, lines, settings }
    }

    pub fn configure(&self, change: impl FnOnce(&mut TenantSettings)) {
        change(&mut self.settings.0.lock().unwrap());
    }

    pub fn claims(&self) -> Claims {
        Claims {
            iss: "issuer".into(),
            aud: "audience".into(),
            sub: "u1".into(),
            exp: BEGINNING + 900,
            iat: BEGINNING,
            jti: "t1".into(),
            tenant_id: "acme".into(),
            sid: "s1".into(),
            auth_time: BEGINNING,
            amr: vec!["pwd".into()],
            roles: vec!["driver".into(), "made_up".into()],
            permissions: vec![],
        }
    }

    pub fn token(&self) -> String {
        encode_token(&self.claims(), &self.key, "k1").unwrap()
    }

    pub async fn send(&self, request: Request<Body>) -> Answer {
        let (head, bytes) = self.mounted.call(request).await.into_parts();
        let body = serde_json::from_slice(&bytes).unwrap_or_default();
        Answer { status: head.status.as_u16(), headers: head.headers, body, bytes }
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send(Request::get(path).body(operation::empty()).unwrap()).await
    }

    /// Creates a thing in the name of the usual caller, with further header fields.
    pub async fn create(&self, body: &str, headers: &[(&str, &str)]) -> Answer {
        let token = format!("Bearer {}", self.token());
        let mut request = Request::post("/things/v1/things").header("content-type", "application/json");
        if !headers.iter().any(|(name, _)| *name == "authorization") {
            request = request.header("authorization", token);
        }
        for (name, value) in headers {
            if *name == "content-type" {
                request.headers_mut().unwrap().remove("content-type");
            }
            request = request.header(*name, *value);
        }
        self.send(request.body(operation::full(body.to_owned())).unwrap()).await
    }
}

pub const THING: &str = r#"{"name":"a","size":1}"#;
