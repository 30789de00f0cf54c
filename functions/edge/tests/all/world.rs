//! What hosts share: one embedded cloud, the services in this process, and people with tokens.

use std::future::pending;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use cloud::{Cloud, PLATFORM_TABLE, Platform, Relay, Route};
use embedded_aws::EmbeddedAws;
use host_native::{InProcess, Limits, Services, serve};
use http::{Request, Response, header};
use operation::{Counters, Delivery, Environment, Hosted, LocalCounters, Observe, Record};
use serde_json::{Value, json};
use testing::http_client;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use crate::lambda::Lambda;
use crate::worker::Worker;

/// The cloud, what is served from this process, and the two hosts beside it.
pub struct World {
    pub native: Native,
    pub lambda: Lambda,
    pub worker: Worker,
    outside: Outside,
}

/// One cloud with its tables, the services served from this process, and a tenant.
pub struct Outside {
    pub native: Native,
    pub places: Places,
    /// The token of the tenant's administrator.
    pub admin: String,
    platform: Platform,
    booking: Arc<dyn Hosted>,
    /// Ends what is served when this does.
    _served: JoinSet<()>,
}

/// The native host.
#[derive(Clone)]
pub struct Native {
    origin: String,
}

/// Origins on this machine.
pub struct Places {
    pub config: String,
    pub aws: String,
}

impl Places {
    /// What a function or a Worker of this world finds in its environment.
    pub fn variables(&self, service: &str) -> Vec<(&'static str, String)> {
        let text = str::to_owned;
        vec![
            ("SERVICE_NAME", text(service)),
            ("ENVIRONMENT", text("dev")),
            ("CONFIG_SERVICE_URL", self.config.clone()),
            ("LOG_LEVEL", text("INFO")),
            ("AWS_REGION", text("eu-central-1")),
            ("AWS_ENDPOINT_URL", self.aws.clone()),
            ("AWS_ACCESS_KEY_ID", text("test")),
            ("AWS_SECRET_ACCESS_KEY", text("test")),
        ]
    }
}

/// A host that answers requests.
pub trait Host {
    fn name(&self) -> &'static str;
    async fn ask(&self, request: Request<Bytes>) -> Response<Bytes>;
}

impl Host for Native {
    fn name(&self) -> &'static str {
        "native"
    }

    async fn ask(&self, request: Request<Bytes>) -> Response<Bytes> {
        http_client::send(&self.origin, request).await
    }
}

/// Lines are another test's matter.
struct NoLines;

impl Observe for NoLines {
    fn request(&self, _: &Record<'_>) {}
}

const TENANT: &str = "acme";
const PASSWORD: &str = "seven wagons of coal";

impl World {
    /// The cloud with its tables, the services in this process, a tenant, and all three hosts.
    pub async fn start() -> Self {
        Self::start_with(|_| {}).await
    }

    /// The same, but the two hosts beside this process are told of other places.
    pub async fn start_with(change: impl FnOnce(&mut Places)) -> Self {
        let mut outside = Outside::start(Arc::new(LocalCounters::default())).await;
        change(&mut outside.places);
        let places = &outside.places;
        let lambda = Lambda::new(places.variables("booking"));
        let worker = Worker::start(places.variables("edge")).await;
        Self { native: outside.native.clone(), lambda, worker, outside }
    }

    /// A new shipper of the tenant, as a token from the auth service.
    pub async fn shipper(&self, name: &str) -> String {
        let email = format!("{name}@acme.example");
        let user = json!({ "email": email, "name": name, "password": PASSWORD, "roles": ["shipper"] });
        let registered = self.native.ask(post("/auth/v1/users", &self.outside.admin, &user)).await;
        assert_eq!(registered.status(), 201, "{:?}", registered.body());
        log_in(&self.native, &email).await
    }

    /// Lets browsers call the tenant from this origin.
    pub async fn admit(&self, origin: &str) {
        self.outside.change("global.security.cors", &json!({ "origins": [origin] })).await;
    }

    /// Moves every event of the booking service from its outbox through the queues to its consumers, and says how many
    /// events there were.
    pub async fn settle(&self) -> usize {
        let Outside { platform, booking, .. } = &self.outside;
        let consumers = booking.consumers();
        let routes = consumers.iter().flat_map(|consumer| {
            let queue = platform.cloud.queue(consumer.queue);
            consumer.events.iter().map(move |event| Route { event: event.name.to_owned(), queue: queue.clone() })
        });
        let events =
            Relay::new(platform.table(booking::NAME), routes.collect()).run(|| async {}).await.expect("a relay");
        for consumer in consumers {
            let queue = platform.cloud.queue(consumer.queue);
            for message in queue.receive(0).await.expect("a queue that answers") {
                let delivery = booking.deliver(consumer.id, message.body.as_bytes()).await;
                assert!(matches!(delivery, Delivery::Done), "{}: {delivery:?}", consumer.id);
                queue.delete(&[message.receipt]).await.expect("a message that can be deleted");
            }
        }
        events
    }
}

impl Outside {
    /// Served on free loopback ports; calls are counted by `counters`.
    pub async fn start(counters: Arc<dyn Counters>) -> Self {
        let aws = EmbeddedAws::ephemeral().expect("an embedded cloud");
        let (api, aws_port) = (listen().await, listen().await);
        let places = Places { config: origin(&api), aws: origin(&aws_port) };
        let environment = Environment::Dev;
        let cloud = Cloud::new(&aws.sdk_config(), environment);
        let between = InProcess::default();
        let platform = Platform {
            environment,
            secrets: cloud.secrets(),
            transport: Arc::new(between.clone()),
            time_limit: Arc::default(),
            config_service_url: places.config.clone(),
            counters,
            clock: Arc::new(now_millis),
            stopwatch: || 0,
            observe: Arc::new(NoLines),
            wake_relay: Arc::new(|| {}),
            cloud,
        };
        let booking: Arc<dyn Hosted> = Arc::new(booking::mount(&platform).expect("routes"));
        let hosted: Vec<Arc<dyn Hosted>> = vec![
            Arc::new(auth::mount(&platform).expect("routes")),
            Arc::clone(&booking),
            Arc::new(config::mount(&platform).expect("routes")),
        ];
        for table in hosted.iter().map(|service| service.name()).chain([PLATFORM_TABLE]) {
            platform.cloud.ensure_table(table).await.expect("a table");
        }
        for consumer in hosted.iter().flat_map(|service| service.consumers()) {
            platform.cloud.ensure_queue(consumer.queue, consumer.max_receive_count).await.expect("a queue");
        }
        platform.secrets.ensure().await.expect("a service secret");
        config::seed(&platform).await.expect("the default documents");
        let services = Arc::new(Services::new(environment, hosted));
        between.connect(Arc::clone(&services));

        let mut served = JoinSet::new();
        served.spawn(serve(services, api, Limits::default(), pending()));
        served.spawn(async move { aws.serve(aws_port, pending()).await.expect("a loopback port") });
        let native = Native { origin: places.config.clone() };
        let admin = new_tenant(&native).await;
        Self { native, places, admin, platform, booking, _served: served }
    }

    /// Lets the tenant's administrator say this much of a document.
    pub async fn change(&self, document: &str, value: &Value) {
        let document = format!("/config/v1/documents/{document}");
        let read = self.native.ask(get(&document, &self.admin)).await;
        let mut change = post(&document, &self.admin, &json!({ "value": value, "reason": "A test" }));
        *change.method_mut() = http::Method::PUT;
        change.headers_mut().insert(header::IF_MATCH, read.headers()[header::ETAG].clone());
        let changed = self.native.ask(change).await;
        assert_eq!(changed.status(), 200, "{:?}", changed.body());
    }
}

async fn new_tenant(native: &Native) -> String {
    let email = "admin@acme.example";
    let tenant = json!({
        "tenantId": TENANT, "name": "Acme Freight",
        "admin": { "email": email, "name": "Admin", "password": PASSWORD },
    });
    let made = native.ask(post("/auth/v1/tenants", "", &tenant)).await;
    assert_eq!(made.status(), 201, "{:?}", made.body());
    log_in(native, email).await
}

pub async fn log_in(native: &Native, email: &str) -> String {
    let credentials = json!({ "tenantId": TENANT, "email": email, "password": PASSWORD });
    let answer = native.ask(post("/auth/v1/login", "", &credentials)).await;
    let body: Value = serde_json::from_slice(answer.body()).expect("JSON");
    body["data"]["accessToken"].as_str().unwrap_or_else(|| panic!("no token in {body}")).to_owned()
}

/// A request with a JSON body, in the name of whoever has the token.
pub fn post(path: &str, token: &str, body: &Value) -> Request<Bytes> {
    let mut request = Request::post(path).header(header::CONTENT_TYPE, "application/json");
    if !token.is_empty() {
        request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
    }
    request.body(body.to_string().into()).expect("a request")
}

/// A request without a body.
pub fn get(path: &str, token: &str) -> Request<Bytes> {
    let mut request = post(path, token, &Value::Null).map(|_| Bytes::new());
    *request.method_mut() = http::Method::GET;
    request.headers_mut().remove(header::CONTENT_TYPE);
    request
}

/// A transport on the day after tomorrow: no rule of cancellation changes at that moment while a test runs.
pub fn freight() -> Value {
    let at = (now_millis() / 1000 + 2 * 86_400) * 1000;
    json!({
        "pickup": { "lat": 17.05, "lng": 79.27, "address": "నల్గొండ" },
        "drop": { "lat": 16.87, "lng": 79.56, "address": "Miryalguda" },
        "material": "coal", "tonnes": 10, "distanceKm": 100,
        "pickupAt": validation::types::Timestamp::from_unix_millis(at),
    })
}

pub async fn listen() -> TcpListener {
    TcpListener::bind("127.0.0.1:0").await.expect("a free port")
}

pub fn origin(listener: &TcpListener) -> String {
    format!("http://{}", listener.local_addr().expect("an address"))
}

fn now_millis() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).expect("a time after 1970");
    i64::try_from(since.as_millis()).expect("a time in this age")
}
