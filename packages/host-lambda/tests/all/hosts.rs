//! One constellation behind every host: each host has one of its own, all with the same clock, keys and ids.

use std::collections::BTreeMap;
use std::future::pending;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use ::http::{Method, Request, Response, header};
use bytes::Bytes;
use cloud::Platform;
use host_lambda::Function;
use host_native::{Limits, Services, serve};
use mock::{Constellation, Front, Outside};
use operation::{
    Body, BoxFuture, ConsumerDeclaration, Declaration, Delivery, Endpoint, Environment, Hosted, Observe, Record,
};
use testing::http_client;
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use verify::said;

use crate::shapes::Shape;

/// Every host at once. What is asked of them is asked of each.
pub struct Hosts {
    clock: Arc<AtomicI64>,
    origin: String,
    functions: Vec<(Shape, Function)>,
    constellations: Vec<Arc<Constellation>>,
    /// How many requests were asked.
    pub asked: usize,
    /// Answers that are not those of the native host.
    pub differences: Vec<String>,
    /// Why a request was not put to a function, and how often.
    pub exceptions: BTreeMap<String, usize>,
    _served: JoinSet<()>,
}

impl Hosts {
    pub async fn start(platform: &Platform) -> Self {
        let clock = Arc::new(AtomicI64::new(now()));
        let platform = Platform { environment: Environment::Mock, ..platform.clone() };
        let (native, endpoint) = constellation(&clock);
        let mut constellations = vec![native];
        let mut functions = Vec::new();
        for shape in Shape::ALL {
            let (constellation, endpoint) = constellation(&clock);
            constellations.push(constellation);
            let all = Arc::new(Behind(endpoint));
            let function = Function::of("constellation::other", platform.clone(), all, None).expect("a handler");
            functions.push((shape, function));
        }
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let origin = format!("http://{}", listener.local_addr().expect("an address"));
        let mut served = JoinSet::new();
        served.spawn(serve(endpoint, listener, Limits::default(), pending()));
        Self {
            clock,
            origin,
            functions,
            constellations,
            asked: 0,
            differences: Vec::new(),
            exceptions: BTreeMap::new(),
            _served: served,
        }
    }

    /// Asks every host, and gives the answer of the native one. Nobody is refused for what was asked before.
    pub async fn ask(&mut self, mut request: Request<Bytes>) -> Response<Bytes> {
        self.clock.store(now(), Ordering::Relaxed);
        self.constellations.iter().for_each(|constellation| constellation.forget_counts());
        let authority = self.origin.trim_start_matches("http://");
        request.headers_mut().insert(header::HOST, authority.parse().expect("an authority"));

        let native = http_client::send(&self.origin, request.clone()).await;
        let expected = said(&request, &native);
        self.asked += 1;
        for (shape, function) in &self.functions {
            if let Some(why) = shape.cannot_say(&request) {
                *self.exceptions.entry(format!("{shape:?}: {why}")).or_default() += 1;
                continue;
            }
            let answer = function.invoke(shape.event(&request)).await;
            let found = answer.map_or_else(|fault| fault.to_string(), |answer| said(&request, &shape.answer(&answer)));
            if found != expected {
                let (method, uri) = (request.method(), request.uri());
                self.differences.push(format!("{method} {uri}\nnative {expected}\n{shape:?} {found}\n"));
            }
        }
        native
    }
}

struct Silent;

impl Observe for Silent {
    fn request(&self, record: &Record<'_>) {
        assert_ne!(record.status, 500, "{}: {}", record.operation, record.cause);
    }
}

fn constellation(clock: &Arc<AtomicI64>) -> (Arc<Constellation>, Arc<dyn Endpoint>) {
    let clock = Arc::clone(clock);
    let clock = Arc::new(move || clock.load(Ordering::Relaxed));
    let outside = Outside { clock, stopwatch: || 0, observe: Arc::new(Silent) };
    let started = Constellation::start(&root().join("contracts/published/mock"), &root().join("mock-data"), outside);
    let (constellation, services) = started.unwrap_or_else(|problems| panic!("{problems:?}"));
    let hosted = services.into_iter().map(|service| Arc::new(service) as Arc<dyn Hosted>).collect();
    let services = Arc::new(Services::new(Environment::Mock, hosted));
    let front = Front::before(services, Arc::clone(&constellation));
    (constellation, Arc::new(front))
}

/// All services behind one function.
struct Behind(Arc<dyn Endpoint>);

impl Endpoint for Behind {
    fn call(&self, request: Request<Body>) -> BoxFuture<'_, Response<Bytes>> {
        self.0.call(request)
    }
}

impl Hosted for Behind {
    fn name(&self) -> &'static str {
        "constellation"
    }

    fn operations(&self) -> Vec<&'static Declaration> {
        Vec::new()
    }

    fn finds(&self, _: &Method, _: &str) -> Option<&'static Declaration> {
        None
    }

    fn consumers(&self) -> Vec<&'static ConsumerDeclaration> {
        Vec::new()
    }

    fn deliver<'a>(&'a self, consumer: &'a str, _: &'a [u8]) -> BoxFuture<'a, Delivery> {
        Box::pin(async move { Delivery::Poison(format!("there is no {consumer}")) })
    }
}

/// The root of the repository.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Milliseconds since 1970.
pub fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).expect("a time after 1970");
    i64::try_from(since.as_millis()).expect("a time in this age")
}
