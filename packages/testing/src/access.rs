//! Who reaches what: every operation × every caller × whose record, asked over HTTP and kept as a table.

use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use bytes::Bytes;
use host_native::{Limits, Services, serve};
use http::{HeaderName, HeaderValue, Request};
use operation::{Claims, Declaration, Dialect, LazySchema, Operation, Service, sign};
use policy::{Denied, PLATFORM_TENANT, Principal, RateLimit, Role, Rule, User, decide};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::instances::Instances;
use crate::{Caller, World, http_client};

/// Whose record is asked for.
#[derive(Debug, Clone, Copy)]
pub enum Owner<'a> {
    /// This caller's.
    Caller(&'a Caller),
    /// Somebody's in this tenant, who is not the caller.
    SomebodyIn(&'a str),
}

impl<'a> Owner<'a> {
    /// The tenant of whoever owns it; empty for nobody.
    pub fn tenant(self) -> &'a str {
        match self {
            Self::Caller(caller) => caller.claims.as_ref().map_or("", |claims| &claims.tenant_id),
            Self::SomebodyIn(tenant) => tenant,
        }
    }
}

/// The tenant of the people who ask, and another one.
pub const TENANTS: [&str; 2] = ["acme", "globex"];

/// Who asks, and for what.
#[allow(async_fn_in_trait, reason = "nobody needs to know more of the futures of a test")]
pub trait Cast {
    /// Where this happens.
    fn world(&self) -> &World;

    /// The value of a path parameter that names a new record, or `None` when such an owner never has one.
    async fn record(&self, parameter: &str, owner: Owner<'_>) -> Option<String>;

    /// The body for an operation and a record of this owner, made of one that the schema accepts.
    async fn body(&self, _operation: &str, _owner: Owner<'_>, body: Value) -> Value {
        body
    }

    /// Whether a path parameter names records that belong to somebody. Where none of a path does, whose they are is
    /// said by the token alone, and the operation has one row.
    fn has_owners(&self, _parameter: &str) -> bool {
        true
    }

    /// Somebody of this role, in the first of [`TENANTS`] or, for the platform's own role, in the platform's tenant.
    async fn person(&self, role: Role) -> Option<Caller> {
        let tenant = if role == Role::SystemAdmin { PLATFORM_TENANT } else { TENANTS[0] };
        Some(self.world().caller(tenant, role))
    }

    /// An administrator whose token has expired.
    async fn expired(&self) -> Caller {
        let admin = self.world().caller(TENANTS[0], Role::TenantAdmin).claims.expect("claims");
        self.world().caller_with(Claims { exp: self.world().now() / 1000 - 3600, ..admin })
    }
}

/// Asks every operation of `service`, over HTTP, as every kind of caller for every kind of record, and compares who was
/// let in with the table in `file`; the environment variable `BLESS` writes it instead. Whoever gets another answer than
/// a general 401, 403 or 404 was let in, whatever else was wrong with the request. Where OAuth's rules hold, every 401 is
/// a refusal: what a person calls with is no credential of a client.
///
/// Whatever the table says: a caller the policy denies is refused, nobody without a valid token is let in unless the
/// operation is public, and nobody but the platform reaches another tenant's record.
pub async fn matrix<S: Send + Sync + 'static>(cast: &impl Cast, service: &Service<S>, file: &Path) {
    let world = cast.world();
    for limit in RateLimit::ALL {
        let pointer = format!("/{}/limit", limit.name());
        world.configure("global.operational.rate-limits", &pointer, json!(1_000_000));
    }
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let origin = format!("http://{}", listener.local_addr().expect("an address"));
    let services = Services::new(world.platform.environment, vec![Arc::clone(world.service())]);
    let serving = tokio::spawn(serve(Arc::new(services), listener, Limits::default(), std::future::pending()));

    let expired = cast.expired().await;
    let mut table = heading();
    for operation in service.operations() {
        for relation in relations(cast, operation.declaration) {
            let _ = write!(table, "| {} | {} |", operation.declaration.id, relation.name());
            for column in columns() {
                let verdict = match column.asker(cast, &expired).await {
                    Some(asker) => verdict(cast, &origin, operation, *relation, &asker).await,
                    None => None,
                };
                let _ = write!(table, " {} |", verdict.as_deref().unwrap_or("–"));
            }
            table.push('\n');
        }
    }
    serving.abort();

    if std::env::var_os("BLESS").is_some() {
        std::fs::write(file, &table).expect("a table that can be written");
    }
    let kept = std::fs::read_to_string(file).unwrap_or_default();
    let differences: Vec<String> = difference(&kept, &table);
    assert!(
        differences.is_empty(),
        "{} does not say who is let in; when this is meant, run the test again with BLESS=1\n{}",
        file.display(),
        differences.join("\n")
    );
}

/// Which record an operation is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Relation {
    /// The operation names none.
    None,
    Own,
    SameTenant,
    OtherTenant,
}

impl Relation {
    fn name(self) -> &'static str {
        match self {
            Self::None => "",
            Self::Own => "own",
            Self::SameTenant => "same tenant",
            Self::OtherTenant => "other tenant",
        }
    }
}

fn relations(cast: &impl Cast, declaration: &Declaration) -> &'static [Relation] {
    match declaration.path.split('/').filter_map(parameter).any(|parameter| cast.has_owners(parameter)) {
        true => &[Relation::Own, Relation::SameTenant, Relation::OtherTenant],
        false => &[Relation::None],
    }
}

/// A kind of caller.
#[derive(Debug, Clone, Copy)]
enum Column {
    /// Somebody with a good token.
    Person(Role),
    Expired,
    Anonymous,
    /// Another service, with its signature.
    Service,
}

fn columns() -> Vec<Column> {
    let people = Role::ALL.into_iter().map(Column::Person);
    people.chain([Column::Expired, Column::Anonymous, Column::Service]).collect()
}

impl Column {
    fn name(self) -> &'static str {
        match self {
            Self::Person(role) => role.name(),
            Self::Expired => "expired",
            Self::Anonymous => "anonymous",
            Self::Service => "service",
        }
    }

    /// Somebody of this kind, if there is anybody.
    async fn asker(self, cast: &impl Cast, expired: &Caller) -> Option<Asker> {
        let caller = match self {
            Self::Person(role) => cast.person(role).await?,
            Self::Expired => expired.clone(),
            Self::Anonymous | Self::Service => cast.world().stranger(),
        };
        Some(Asker { column: self, caller })
    }
}

/// Who asks.
struct Asker {
    column: Column,
    caller: Caller,
}

impl Asker {
    fn person(&self) -> Option<&Caller> {
        matches!(self.column, Column::Person(_)).then_some(&self.caller)
    }

    fn principal(&self) -> Principal {
        match (self.column, &self.caller.claims) {
            (Column::Person(_), Some(claims)) => Principal::User(User {
                tenant: claims.tenant_id.clone(),
                id: claims.sub.clone(),
                roles: claims.roles.iter().filter_map(|role| Role::named(role)).collect(),
                permissions: claims.permissions.clone(),
                session: claims.sid.clone(),
                authenticated_at: claims.auth_time,
                multi_factor: false,
            }),
            (Column::Service, _) => Principal::Service { name: "another".to_owned() },
            _ => Principal::Anonymous,
        }
    }
}

fn heading() -> String {
    let roles = Role::ALL.map(|role| format!(" {} |", role.name())).concat();
    let lines = "| --- ".repeat(Role::ALL.len() + 5);
    format!(
        "# Who may call what\n\n\
         Asked over HTTP, one call per cell. `yes` means let in; 404 hides that the record exists. The system_admin is \
         one of the platform's tenant, everybody else of `{}`; the expired token is a tenant_admin's. – stands where such \
         a caller never has a record.\n\n\
         | operation | whose record |{roles} expired | anonymous | service |\n{lines}|\n",
        TENANTS[0]
    )
}

/// What one caller gets for one record; `None` when there is no such record.
async fn verdict<S: Send + Sync + 'static>(
    cast: &impl Cast,
    origin: &str,
    operation: &Operation<S>,
    relation: Relation,
    asker: &Asker,
) -> Option<String> {
    let declaration = operation.declaration;
    let tenant = match asker.person().and_then(|caller| caller.claims.as_ref()) {
        Some(claims) => &claims.tenant_id,
        None => TENANTS[0],
    };
    let owner = match (relation, asker.person()) {
        (Relation::Own, Some(caller)) => Owner::Caller(caller),
        (Relation::Own, None) => return None,
        (Relation::OtherTenant, _) => Owner::SomebodyIn(TENANTS[usize::from(tenant == TENANTS[0])]),
        (Relation::SameTenant | Relation::None, _) => Owner::SomebodyIn(tenant),
    };
    let path = filled(cast, declaration.path, owner).await?;
    let body = match &operation.schemas.body {
        Some(schema) => Some(cast.body(declaration.id, owner, example(schema)).await),
        None => None,
    };
    let request = request(cast.world(), operation, &path, body, asker).await;

    let response = http_client::send(origin, request).await;

    let status = response.status().as_u16();
    let body: Value = serde_json::from_slice(response.body()).unwrap_or_default();
    let code = body["error"]["code"].as_str().unwrap_or_default();
    let cell = format!("{} for {} ({})", declaration.id, asker.column.name(), relation.name());
    assert!(status < 500 && status != 429, "{cell}: {status}");
    // A refusal of the operation's own is about what the body says, unless it hides what the path names.
    let hides = status == 404 && declaration.path.contains('{');
    let on_its_merits = !hides && declaration.errors.iter().any(|refusal| refusal.code == code);
    let is_refused = matches!(status, 401 | 403 | 404) && !on_its_merits;
    let verdict = if is_refused { status.to_string() } else { "yes".to_owned() };
    let rule = declaration.policy.rule;
    match decide(rule, &asker.principal(), cast.world().now() / 1000, i64::MAX) {
        Err(Denied::Unauthenticated) => assert_eq!(status, 401, "{cell}: the policy lets nobody in without a login"),
        Err(_) => assert_eq!(status, 403, "{cell}: the policy denies it"),
        Ok(()) => {}
    }
    if relation == Relation::OtherTenant && asker.person().is_some() {
        let is_open = matches!(rule, Rule::Public | Rule::PlatformOwner);
        assert!(is_open || verdict != "yes", "{cell}: another tenant's record was reached");
    }
    Some(verdict)
}

/// The path with a record's name in the place of each parameter.
async fn filled(cast: &impl Cast, path: &str, owner: Owner<'_>) -> Option<String> {
    let mut filled = String::new();
    for segment in path.trim_start_matches('/').split('/') {
        filled.push('/');
        match parameter(segment) {
            Some(parameter) => filled.push_str(&cast.record(parameter, owner).await?),
            None => filled.push_str(segment),
        }
    }
    Some(filled)
}

/// The path parameter that a segment stands for.
fn parameter(segment: &str) -> Option<&str> {
    segment.strip_prefix('{')?.strip_suffix('}')
}

async fn request<S>(
    world: &World,
    operation: &Operation<S>,
    path: &str,
    body: Option<Value>,
    asker: &Asker,
) -> Request<Bytes> {
    let schemas = &operation.schemas;
    let mut request = Request::builder().method(operation.declaration.method.name());
    request = match query(&schemas.query) {
        query if query.is_empty() => request.uri(path),
        query => request.uri(format!("{path}?{query}")),
    };
    let dialect = operation.declaration.dialect;
    if body.is_some() {
        request = request.header("content-type", dialect.media_type());
    }
    // Who asks says the caller alone.
    let headers = example(&schemas.headers);
    for (name, value) in headers.as_object().into_iter().flatten().filter(|(name, _)| *name != "authorization") {
        let name = HeaderName::try_from(name).expect("a header name");
        request = request.header(name, HeaderValue::try_from(text(value)).expect("a header value"));
    }
    if let Some(token) = &asker.caller.token {
        request = request.header("authorization", format!("Bearer {token}"));
    }
    let body = match (&schemas.body, dialect) {
        (Some(schema), Dialect::OAuth) => query(schema),
        _ => body.map_or_else(String::new, |body| body.to_string()),
    };
    let mut request = request.body(Bytes::from(body)).expect("a request");
    if let Column::Service = asker.column {
        let secret = world.platform.secrets.service().await.expect("a secret");
        sign(&mut request, &secret, "another", world.now() * 1000 + unique());
    }
    request
}

fn example(schema: &LazySchema) -> Value {
    Instances::of(schema.get().document(), 1).valid()
}

/// The required fields of a query, or of a form, alone: what is optional may ask for another's records.
fn query(schema: &LazySchema) -> String {
    let example = example(schema);
    let required = schema.get().document()["required"].as_array().into_iter().flatten().filter_map(Value::as_str);
    required.map(|name| format!("{name}={}", escaped(&text(&example[name])))).collect::<Vec<_>>().join("&")
}

fn escaped(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// A signature is good once: no two are made in the same microsecond.
fn unique() -> i64 {
    static NEXT: AtomicI64 = AtomicI64::new(0);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

/// The lines that differ, as `- kept` and `+ found`.
fn difference(kept: &str, found: &str) -> Vec<String> {
    let (old, new): (Vec<_>, Vec<_>) = (kept.lines().collect(), found.lines().collect());
    let gone = old.iter().filter(|line| !new.contains(line)).map(|line| format!("- {line}"));
    let come = new.iter().filter(|line| !old.contains(line)).map(|line| format!("+ {line}"));
    gone.chain(come).collect()
}
