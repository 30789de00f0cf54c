//! A mock constellation from the repository's own contracts and data, with a clock that stands.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use dataset::LogIn;
use http::{Method, Request, Response, StatusCode, header};
use mock::{Constellation, Front, KEY_ID, Mocked, Outside, signing_key};
use operation::{Body, BoxFuture, Claims, Endpoint, Hosted as _, Mounted, Observe, Record, encode_token, full, sign};
use serde_json::{Value, json};

/// When every test begins.
pub const NOW: i64 = 1_800_000_000_000;

pub struct World {
    pub constellation: Arc<Constellation>,
    /// The log-in of the platform's administrator, once there is one.
    pub platform: Option<LogIn>,
    front: Front,
}

/// The services by the first segment of the path.
struct Services(Vec<Mounted<Mocked>>);

impl Endpoint for Services {
    fn call(&self, request: Request<Body>) -> BoxFuture<'_, Response<Bytes>> {
        let name = request.uri().path().split('/').nth(1).unwrap_or_default().to_owned();
        let service = self.0.iter().find(|service| service.name() == name);
        service.unwrap_or_else(|| panic!("no service answers {}", request.uri())).call(request)
    }
}

struct Silent;

impl Observe for Silent {
    fn request(&self, record: &Record<'_>) {
        if !record.cause.is_empty() {
            eprintln!("{} {}: {}", record.operation, record.status, record.cause);
        }
    }
}

/// The root of the repository.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

pub fn outside() -> Outside {
    Outside { clock: Arc::new(|| NOW), stopwatch: || 0, observe: Arc::new(Silent) }
}

impl World {
    pub fn start() -> Self {
        Self::of(&root().join("contracts/published/mock"))
    }

    /// Of other contracts.
    pub fn of(contracts: &Path) -> Self {
        let started = Constellation::start(contracts, &root().join("mock-data"), outside());
        match started {
            Ok((constellation, services)) => {
                let front = Front::before(Arc::new(Services(services)), Arc::clone(&constellation));
                Self { constellation, platform: None, front }
            }
            Err(problems) => {
                let problems: Vec<String> = problems.iter().map(ToString::to_string).collect();
                panic!("{}", problems.join("\n"))
            }
        }
    }

    /// Sends a request and answers its status and body; null when there is none.
    pub async fn send(&self, request: Request<Bytes>) -> (StatusCode, Value) {
        let response = self.response(request).await;
        let body = serde_json::from_slice(response.body()).unwrap_or_default();
        (response.status(), body)
    }

    pub async fn response(&self, request: Request<Bytes>) -> Response<Bytes> {
        self.through_front(request).await
    }

    pub async fn through_front(&self, request: Request<Bytes>) -> Response<Bytes> {
        self.front.call(request.map(full)).await
    }

    /// Makes the platform's administrator, as whoever holds the secret of the services does.
    pub async fn make_platform(&mut self) {
        let log_in = LogIn { email: "admin@platform.example".into(), password: "the platform's own password".into() };
        let body = json!({ "email": log_in.email, "name": "Platform", "password": log_in.password });
        let mut request = call(Method::POST, "/auth/internal/v1/platform/administrator", "", Some(body));
        sign(&mut request, &mock::service_secret(), "enver", NOW * 1000);
        let (status, body) = self.send(request).await;
        assert_eq!(status, StatusCode::CREATED, "{body}");
        self.platform = Some(log_in);
    }

    pub async fn get(&self, path: &str, token: &str) -> (StatusCode, Value) {
        self.send(call(Method::GET, path, token, None)).await
    }

    pub async fn post(&self, path: &str, token: &str, body: Value) -> (StatusCode, Value) {
        self.send(call(Method::POST, path, token, Some(body))).await
    }
}

pub fn call(method: Method, path: &str, token: &str, body: Option<Value>) -> Request<Bytes> {
    let mut request = Request::builder().method(method).uri(path);
    if !token.is_empty() {
        request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
    }
    if body.is_some() {
        request = request.header(header::CONTENT_TYPE, "application/json");
    }
    request.body(body.map(|body| body.to_string()).unwrap_or_default().into()).unwrap()
}

/// A token of a person with these roles.
pub fn token(tenant: &str, person: &str, roles: &[&str]) -> String {
    let now = NOW / 1000;
    let claims = Claims {
        iss: "https://auth.enver.example".into(),
        aud: "enver".into(),
        sub: person.into(),
        exp: now + 900,
        iat: now,
        jti: format!("{tenant}-{person}"),
        tenant_id: tenant.into(),
        sid: "a-session".into(),
        auth_time: now,
        amr: vec!["pwd".into()],
        roles: roles.iter().map(|role| (*role).to_owned()).collect(),
        permissions: Vec::new(),
    };
    encode_token(&claims, &signing_key(), KEY_ID).unwrap()
}
