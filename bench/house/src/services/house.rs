//! The services on tables in a folder, as deployed: in the environment `main`, with signatures between them.

use std::path::Path;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use async_trait::async_trait;
use bytes::Bytes;
use cloud::{Cloud, PLATFORM_TABLE, Platform};
use embedded_aws::EmbeddedAws;
use host_native::{InProcess, Services};
use http::{Request, Response, header};
use operation::{
    BoxError, Counters, Endpoint, Environment, Hosted, Observe, Record, Standing, Transport, Window, full,
};
use serde_json::{Value, json};
use service_errors::Error;
use validation::types::Timestamp;

use crate::Failure;

const TENANT: &str = "bench";
const EMAIL: &str = "admin@bench.example";
// enver:allow(hardcoded-secret) a person who exists for as long as the measurement runs
const PASSWORD: &str = "correct horse battery";

/// The services, and a tenant whose administrator has logged in.
pub struct House {
    pub aws: EmbeddedAws,
    pub platform: Platform,
    services: Arc<Services>,
    token: String,
}

impl House {
    /// With passwords that are hashed at the configured cost, or at the least there is.
    pub async fn open(folder: &Path, cheap_hashes: bool) -> Result<Self, Failure> {
        let aws = EmbeddedAws::open(folder)?;
        let cloud = Cloud::new(&aws.unsigned_config(), Environment::Main);
        let transport = InProcess::default();
        let platform = Platform {
            environment: Environment::Main,
            secrets: cloud.secrets(),
            transport: if cheap_hashes {
                Arc::new(CheapHashes(transport.clone()))
            } else {
                Arc::new(transport.clone())
            },
            time_limit: Arc::default(),
            config_service_url: "http://127.0.0.1".to_owned(),
            counters: Arc::new(NoLimits),
            clock: Arc::new(now_millis),
            stopwatch,
            observe: Arc::new(NoLines),
            wake_relay: Arc::new(|| {}),
            cloud,
        };
        for table in [auth::NAME, booking::NAME, config::NAME, PLATFORM_TABLE] {
            platform.cloud.ensure_table(table).await.map_err(|error| error.chain())?;
        }
        platform.secrets.ensure().await.map_err(|error| error.chain())?;
        config::seed(&platform).await.map_err(|error| error.chain())?;
        let hosted: Vec<Arc<dyn Hosted>> = vec![
            Arc::new(auth::mount(&platform)?),
            Arc::new(booking::mount(&platform)?),
            Arc::new(config::mount(&platform)?),
        ];
        let services = Arc::new(Services::new(Environment::Main, hosted));
        transport.connect(Arc::clone(&services));

        let mut house = Self { aws, platform, services, token: String::new() };
        let admin = json!({ "email": EMAIL, "name": "Bench", "password": PASSWORD });
        let tenant = json!({ "tenantId": TENANT, "name": "Bench", "admin": admin });
        house.ask("POST", "/auth/v1/tenants", Some(&tenant)).await?;
        let tokens = house.log_in().await?;
        house.token = tokens["data"]["accessToken"].as_str().ok_or("a log-in without a token")?.to_owned();
        Ok(house)
    }

    pub async fn log_in(&self) -> Result<Value, Failure> {
        self.log_in_as(EMAIL).await
    }

    pub async fn log_in_as(&self, email: &str) -> Result<Value, Failure> {
        let credentials = json!({ "tenantId": TENANT, "email": email, "password": PASSWORD });
        self.ask("POST", "/auth/v1/login", Some(&credentials)).await
    }

    /// The addresses of so many new people of the tenant, who all have its administrator's password.
    pub async fn people(&self, count: usize) -> Result<Vec<String>, Failure> {
        let mut people = Vec::new();
        for number in 0..count {
            let email = format!("shipper{number}@bench.example");
            let user = json!({ "email": email, "name": "Shipper", "password": PASSWORD, "roles": ["shipper"] });
            self.ask("POST", "/auth/v1/users", Some(&user)).await?;
            people.push(email);
        }
        Ok(people)
    }

    /// The answer to a request of the administrator, which must be a success.
    pub async fn ask(&self, method: &str, path: &str, body: Option<&Value>) -> Result<Value, Failure> {
        let mut request = Request::builder().method(method).uri(path);
        if !self.token.is_empty() && !path.ends_with("/login") {
            request = request.header(header::AUTHORIZATION, format!("Bearer {}", self.token));
        }
        if body.is_some() {
            request = request.header(header::CONTENT_TYPE, "application/json");
        }
        let body = body.map_or_else(Bytes::new, |body| body.to_string().into());
        let response = self.services.call(request.body(full(body))?).await;
        if !response.status().is_success() {
            let said = String::from_utf8_lossy(response.body());
            return Err(format!("{method} {path}: {} {said}", response.status()).into());
        }
        Ok(serde_json::from_slice(response.body()).unwrap_or_default())
    }

    /// A transport tomorrow.
    pub fn freight(&self) -> Value {
        const DAY: i64 = 86_400_000;
        json!({
            "pickup": { "lat": 17.05, "lng": 79.27, "address": "Nalgonda" },
            "drop": { "lat": 16.87, "lng": 79.56, "address": "Miryalguda" },
            "material": "coal", "tonnes": 12.5, "pickupAt": Timestamp::from_unix_millis(now_millis() + DAY).to_string(),
        })
    }
}

pub fn now_millis() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

fn stopwatch() -> u64 {
    static START: OnceLock<Instant> = OnceLock::new();
    u64::try_from(START.get_or_init(Instant::now).elapsed().as_micros()).unwrap_or(u64::MAX)
}

/// Everything as the services answer it, but that hashing a password costs next to nothing.
struct CheapHashes(InProcess);

#[async_trait]
impl Transport for CheapHashes {
    async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, BoxError> {
        let is_it = request.uri().path().ends_with(".technical.passwords");
        let answer = self.0.send(request).await?;
        if !is_it {
            return Ok(answer);
        }
        let (head, body) = answer.into_parts();
        let mut document: Value = serde_json::from_slice(&body)?;
        for (name, least) in [("memoryKib", 8), ("iterations", 1), ("lanes", 1)] {
            *document.pointer_mut(&format!("/data/value/{name}")).ok_or("no cost of hashes is configured")? =
                least.into();
        }
        Ok(Response::from_parts(head, document.to_string().into()))
    }
}

/// Counts, and never refuses.
struct NoLimits;

#[async_trait]
impl Counters for NoLimits {
    async fn hit(&self, _: &str, window: Window, now: i64) -> Result<Standing, Error> {
        Ok(Standing { limit: window.limit, used: 1, reset: window.end(now) })
    }

    async fn first_use(&self, _: &str, _: i64, _: i64) -> Result<bool, Error> {
        Ok(true)
    }
}

struct NoLines;

impl Observe for NoLines {
    fn request(&self, _: &Record<'_>) {}
}
