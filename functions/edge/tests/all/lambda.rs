//! The function's binary under an emulated Lambda runtime API, behind what API Gateway makes of a request.

use std::collections::{BTreeMap, HashMap};
use std::convert::Infallible;
use std::path::Path;
use std::process::ExitStatus;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{HeaderMap, Method, Request, Response, StatusCode, header};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde_json::{Map, Value, json};
use tokio::net::TcpListener;
use tokio::process::{Child, Command};
use tokio::sync::{Mutex, mpsc, oneshot};
use tokio::task::JoinSet;

use crate::output::Output;
use crate::world::{Host, listen};

/// The functions of the booking service, each started by the first request that belongs to it; killed when they are
/// dropped.
pub struct Lambda {
    variables: Vec<(&'static str, String)>,
    functions: Mutex<BTreeMap<String, Arc<Function>>>,
    output: Output,
}

/// A running function.
struct Function {
    child: Mutex<Child>,
    invocations: mpsc::UnboundedSender<Invocation>,
    /// Ends the runtime API with the function.
    _api: JoinSet<()>,
}

/// An event, and where its result is waited for.
struct Invocation {
    event: Value,
    result: oneshot::Sender<Result<Value, String>>,
}

impl Lambda {
    /// Functions with exactly these variables and those that Lambda itself sets.
    pub fn new(variables: Vec<(&'static str, String)>) -> Self {
        Self { variables, functions: Mutex::default(), output: Output::new() }
    }

    /// What they printed so far.
    pub fn printed(&self) -> String {
        self.output.text()
    }

    /// Waits for the end of a function that cannot start.
    pub async fn ended(&self) -> ExitStatus {
        self.function(OTHER).await.ended().await
    }

    /// The function of this handler.
    async fn function(&self, handler: &str) -> Arc<Function> {
        let mut functions = self.functions.lock().await;
        if let Some(running) = functions.get(handler) {
            return Arc::clone(running);
        }
        let started = Arc::new(Function::start(handler, &self.variables, &self.output).await);
        functions.insert(handler.to_owned(), Arc::clone(&started));
        started
    }
}

impl Function {
    async fn start(handler: &str, variables: &[(&'static str, String)], output: &Output) -> Self {
        let built = Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("debug").join("booking-lambda");
        assert!(
            built.exists(),
            "there is no {}: `cargo xtask test` builds it, and so does `cargo build --package booking --features lambda`",
            built.display(),
        );
        let listener = listen().await;
        let address = listener.local_addr().expect("an address").to_string();
        let (invocations, waiting) = mpsc::unbounded_channel();
        let mut api = JoinSet::new();
        api.spawn(serve(listener, Arc::new(RuntimeApi { waiting: Mutex::new(waiting), begun: Mutex::default() })));
        let child = Command::new(built)
            .env_clear()
            .envs(variables.iter().cloned())
            .env("AWS_LAMBDA_RUNTIME_API", address)
            .env("AWS_LAMBDA_FUNCTION_NAME", handler.replace("::", "-"))
            .env("_HANDLER", handler)
            .env("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
            .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256")
            .stdout(output.file())
            .stderr(output.file())
            .kill_on_drop(true)
            .spawn()
            .expect("the function starts");
        Self { child: Mutex::new(child), invocations, _api: api }
    }

    async fn ended(&self) -> ExitStatus {
        self.child.lock().await.wait().await.expect("an end")
    }
}

impl Host for Lambda {
    fn name(&self) -> &'static str {
        "lambda"
    }

    async fn ask(&self, request: Request<Bytes>) -> Response<Bytes> {
        let function = self.function(&handler_of(request.method(), request.uri().path())).await;
        let (result, answer) = oneshot::channel();
        function.invocations.send(Invocation { event: event(&request), result }).expect("a runtime API");
        let answer = tokio::select! {
            answer = answer => answer.expect("a runtime API"),
            status = function.ended() => panic!("the function ended with {status}: {}", self.printed()),
        };
        gateway_answer(&answer.unwrap_or_else(|error| panic!("the function failed: {error}: {}", self.printed())))
    }
}

const OTHER: &str = "booking::other";

/// The function that the gateway's routes lead to: the most literal route that fits.
fn handler_of(method: &Method, path: &str) -> String {
    // A HEAD has the route of a GET.
    let method = if method == Method::HEAD { &Method::GET } else { method };
    let fits = |route: &str| {
        route.split('/').count() == path.split('/').count()
            && route.split('/').zip(path.split('/')).all(|(name, part)| name == part || name.starts_with('{'))
    };
    let service = booking::service();
    let facts = service.operations().iter().map(|operation| operation.declaration);
    let fitting = facts.filter(|facts| method == facts.method.name() && fits(facts.path));
    match fitting.min_by_key(|facts| facts.path.matches('{').count()) {
        Some(facts) => {
            let snake = facts.id.chars().map(|letter| match letter.is_ascii_uppercase() {
                true => format!("_{}", letter.to_ascii_lowercase()),
                false => letter.to_string(),
            });
            format!("booking::{}", snake.collect::<String>())
        }
        None => OTHER.to_owned(),
    }
}

/// What API Gateway (HTTP API, payload format 2.0, stage `$default`) makes of a request.
fn event(request: &Request<Bytes>) -> Value {
    const HOST: &str = "a1b2c3d4e5.execute-api.eu-central-1.amazonaws.com";
    let mut fields = Map::new();
    for (name, value) in request.headers() {
        let value = value.to_str().expect("a text");
        // It joins fields of one name.
        let joined = match fields.get(name.as_str()).and_then(Value::as_str) {
            Some(before) => format!("{before},{value}"),
            None => value.to_owned(),
        };
        fields.insert(name.to_string(), joined.into());
    }
    fields.insert("host".into(), HOST.into());
    fields.insert("content-length".into(), request.body().len().to_string().into());
    fields.insert("x-forwarded-for".into(), "203.0.113.7".into());
    fields.insert("x-forwarded-port".into(), "443".into());
    fields.insert("x-forwarded-proto".into(), "https".into());
    fields.insert("x-amzn-trace-id".into(), "Root=1-6920a000-000000000000000000000000".into());
    let path = request.uri().path();
    let since = SystemTime::now().duration_since(UNIX_EPOCH).expect("a time after 1970");
    let mut event = json!({
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": request.uri().query().unwrap_or_default(),
        "headers": fields,
        "requestContext": {
            "accountId": "123456789012",
            "apiId": "a1b2c3d4e5",
            "domainName": HOST,
            "domainPrefix": "a1b2c3d4e5",
            "http": {
                "method": request.method().as_str(),
                "path": path,
                "protocol": "HTTP/1.1",
                "sourceIp": "203.0.113.7",
                "userAgent": "test",
            },
            "requestId": "JKJaXmPLvHcESHA=",
            "routeKey": "$default",
            "stage": "$default",
            "time": "21/Nov/2026:08:00:00 +0000",
            "timeEpoch": u64::try_from(since.as_millis()).expect("a time in this age"),
        },
        "isBase64Encoded": false,
    });
    if !request.body().is_empty() {
        // Text goes as it is, everything else in base64.
        let kind = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        let is_text = kind.starts_with("text/") || kind.starts_with("application/json");
        match std::str::from_utf8(request.body()) {
            Ok(text) if is_text => event["body"] = text.into(),
            _ => {
                event["body"] = STANDARD.encode(request.body()).into();
                event["isBase64Encoded"] = true.into();
            }
        }
    }
    event
}

/// What API Gateway makes of a function's result.
fn gateway_answer(result: &Value) -> Response<Bytes> {
    let status = result["statusCode"].as_u64().and_then(|status| u16::try_from(status).ok());
    let mut response = Response::new(Bytes::new());
    *response.status_mut() = StatusCode::from_u16(status.unwrap_or_default())
        .unwrap_or_else(|_| panic!("API Gateway answers 500 to a result without a status: {result}"));
    for (name, value) in result["headers"].as_object().expect("header fields") {
        let name: http::HeaderName = name.parse().expect("a field's name");
        response.headers_mut().insert(name, value.as_str().expect("one value").parse().expect("a field's value"));
    }
    let body = result["body"].as_str().unwrap_or_default();
    *response.body_mut() = match result["isBase64Encoded"].as_bool() {
        Some(true) => STANDARD.decode(body).expect("base64").into(),
        _ => Bytes::copy_from_slice(body.as_bytes()),
    };
    response
}

/// The runtime API of one function: <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html>.
struct RuntimeApi {
    waiting: Mutex<mpsc::UnboundedReceiver<Invocation>>,
    begun: Mutex<HashMap<String, oneshot::Sender<Result<Value, String>>>>,
}

async fn serve(listener: TcpListener, api: Arc<RuntimeApi>) {
    let mut connections = JoinSet::new();
    loop {
        let (socket, _) = listener.accept().await.expect("a connection");
        let api = Arc::clone(&api);
        connections.spawn(async move {
            let service = service_fn(move |request| {
                let api = Arc::clone(&api);
                async move { Ok::<_, Infallible>(api.answer(request).await) }
            });
            // A connection that breaks is the function's end, which its caller notices.
            let _ = http1::Builder::new().serve_connection(TokioIo::new(socket), service).await;
        });
    }
}

impl RuntimeApi {
    async fn answer(&self, request: Request<Incoming>) -> Response<Full<Bytes>> {
        let (head, body) = request.into_parts();
        let path = head.uri.path().strip_prefix("/2018-06-01/runtime/").unwrap_or_default();
        match (head.method, path.split('/').collect::<Vec<_>>().as_slice()) {
            (Method::GET, ["invocation", "next"]) => self.next().await,
            (Method::POST, ["invocation", id, "response"]) => {
                let body = body.collect().await.expect("a body").to_bytes();
                let result = serde_json::from_slice(&body).map_err(|error| format!("no JSON: {error}"));
                self.end(id, result).await
            }
            (Method::POST, ["invocation", id, "error"]) => {
                let body = body.collect().await.expect("a body").to_bytes();
                self.end(id, Err(String::from_utf8_lossy(&body).into_owned())).await
            }
            // The function ends after this, which its caller notices.
            (Method::POST, ["init", "error"]) => reply(StatusCode::ACCEPTED, HeaderMap::new(), Bytes::new()),
            _ => reply(StatusCode::NOT_FOUND, HeaderMap::new(), Bytes::new()),
        }
    }

    async fn next(&self) -> Response<Full<Bytes>> {
        let Some(Invocation { event, result }) = self.waiting.lock().await.recv().await else {
            // Nobody will ask any more; the function is killed at any moment.
            return std::future::pending().await;
        };
        const ALLOWED: Duration = Duration::from_secs(30);
        let deadline = SystemTime::now().duration_since(UNIX_EPOCH).expect("a time after 1970") + ALLOWED;
        let id = operation::random_id();
        let mut headers = HeaderMap::new();
        headers.insert("lambda-runtime-aws-request-id", id.parse().expect("a word"));
        headers.insert("lambda-runtime-deadline-ms", deadline.as_millis().to_string().parse().expect("a word"));
        let arn = "arn:aws:lambda:eu-central-1:123456789012:function:enver-dev-booking";
        headers.insert("lambda-runtime-invoked-function-arn", arn.parse().expect("a word"));
        headers.insert(header::CONTENT_TYPE, "application/json".parse().expect("a word"));
        self.begun.lock().await.insert(id, result);
        reply(StatusCode::OK, headers, event.to_string().into())
    }

    async fn end(&self, id: &str, outcome: Result<Value, String>) -> Response<Full<Bytes>> {
        if let Some(result) = self.begun.lock().await.remove(id) {
            // Whoever asked may have given up.
            let _ = result.send(outcome);
        }
        reply(StatusCode::ACCEPTED, HeaderMap::new(), Bytes::new())
    }
}

fn reply(status: StatusCode, headers: HeaderMap, body: Bytes) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(body));
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    response
}
