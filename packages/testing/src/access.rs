//! Who reaches what: every operation × every caller × whose record, asked over HTTP and kept as a table.

use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use host_native::{Limits, Services, serve};
use http::{HeaderName, HeaderValue, Request};
use operation::{Claims, Declaration, Operation, Service, sign};
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

/// The set-up of the table: the tenant of the people, and another one.
const TENANTS: [&str; 2] = ["acme", "globex"];

/// Asks every operation of `service`, over HTTP, as every kind of caller for every kind of record, and compares who was
/// let in with the table in `file`; the environment variable `BLESS` writes it instead.
///
/// `record` makes a fresh record and says the value of a path parameter that names it, or `None` when such a caller never
/// has one. An answer other than 401, 403 and 404 counts as let in, whatever else was wrong with the request.
///
/// Whatever the table says: a caller the policy denies is refused, nobody without a valid token is let in unless the
/// operation is public, and nobody but the platform reaches another tenant's record.
pub async fn matrix<S: Send + Sync + 'static>(
    world: &World,
    service: &Service<S>,
    file: &Path,
    record: impl AsyncFn(&World, &str, Owner<'_>) -> Option<String>,
) {
    for limit in RateLimit::ALL {
        let pointer = format!("/{}/limit", limit.name());
        world.configure("global.operational.rate-limits", &pointer, json!(1_000_000));
    }
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let origin = format!("http://{}", listener.local_addr().expect("an address"));
    let services = Services::new(world.platform.environment, vec![Arc::clone(world.service())]);
    let serving = tokio::spawn(serve(Arc::new(services), listener, Limits::default(), std::future::pending()));

    let mut table = heading();
    for operation in service.operations() {
        for relation in relations(operation.declaration) {
            let _ = write!(table, "| {} | {} |", operation.declaration.id, relation.name());
            for column in columns(world) {
                let verdict = verdict(world, &origin, operation, relation, &column, &record).await;
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

fn relations(declaration: &Declaration) -> &'static [Relation] {
    match declaration.path.contains('{') {
        true => &[Relation::Own, Relation::SameTenant, Relation::OtherTenant],
        false => &[Relation::None],
    }
}

/// A kind of caller.
struct Column {
    name: &'static str,
    kind: Kind,
}

enum Kind {
    /// Somebody with a good token.
    Person(Caller),
    /// Somebody whose token has expired.
    Expired(Caller),
    Anonymous,
    /// Another service, with its signature.
    Service,
}

fn columns(world: &World) -> Vec<Column> {
    let person = |role: Role| {
        let tenant = if role == Role::SystemAdmin { PLATFORM_TENANT } else { TENANTS[0] };
        Column { name: role.name(), kind: Kind::Person(world.caller(tenant, role)) }
    };
    let admin = world.caller(TENANTS[0], Role::TenantAdmin).claims.expect("claims");
    let expired = world.caller_with(Claims { exp: world.now() / 1000 - 3600, ..admin });
    let mut columns: Vec<Column> = Role::ALL.into_iter().map(person).collect();
    columns.extend([
        Column { name: "expired", kind: Kind::Expired(expired) },
        Column { name: "anonymous", kind: Kind::Anonymous },
        Column { name: "service", kind: Kind::Service },
    ]);
    columns
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
    world: &World,
    origin: &str,
    operation: &Operation<S>,
    relation: &Relation,
    column: &Column,
    record: &impl AsyncFn(&World, &str, Owner<'_>) -> Option<String>,
) -> Option<String> {
    let declaration = operation.declaration;
    let person = match &column.kind {
        Kind::Person(caller) => Some(caller),
        _ => None,
    };
    let tenant = person.and_then(|caller| caller.claims.as_ref()).map_or(TENANTS[0], |claims| &claims.tenant_id);
    let owner = match (relation, person) {
        (Relation::Own, Some(caller)) => Owner::Caller(caller),
        (Relation::Own, None) => return None,
        (Relation::OtherTenant, _) => Owner::SomebodyIn(TENANTS[usize::from(tenant == TENANTS[0])]),
        (Relation::SameTenant | Relation::None, _) => Owner::SomebodyIn(tenant),
    };
    let path = filled(world, declaration.path, owner, record).await?;
    let request = request(world, operation, &path, column).await;

    let status = http_client::send(origin, request).await.status().as_u16();

    let cell = format!("{} for {} ({})", declaration.id, column.name, relation.name());
    assert!(status < 500 && status != 429, "{cell}: {status}");
    let verdict = if matches!(status, 401 | 403 | 404) { status.to_string() } else { "yes".to_owned() };
    let rule = declaration.policy.rule;
    match decide(rule, &principal(&column.kind), world.now() / 1000, i64::MAX) {
        Err(Denied::Unauthenticated) => assert_eq!(status, 401, "{cell}: the policy lets nobody in without a login"),
        Err(_) => assert_eq!(status, 403, "{cell}: the policy denies it"),
        Ok(()) => {}
    }
    if *relation == Relation::OtherTenant && person.is_some() {
        let is_open = matches!(rule, Rule::Public | Rule::PlatformOwner);
        assert!(is_open || verdict != "yes", "{cell}: another tenant's record was reached");
    }
    Some(verdict)
}

/// The path with a record's name in the place of each parameter.
async fn filled(
    world: &World,
    path: &str,
    owner: Owner<'_>,
    record: &impl AsyncFn(&World, &str, Owner<'_>) -> Option<String>,
) -> Option<String> {
    let mut filled = String::new();
    for segment in path.trim_start_matches('/').split('/') {
        filled.push('/');
        match segment.strip_prefix('{').and_then(|segment| segment.strip_suffix('}')) {
            Some(parameter) => filled.push_str(&record(world, parameter, owner).await?),
            None => filled.push_str(segment),
        }
    }
    Some(filled)
}

async fn request<S>(world: &World, operation: &Operation<S>, path: &str, column: &Column) -> Request<Bytes> {
    let schemas = &operation.schemas;
    let example = |schema: &operation::LazySchema| Instances::of(schema.get().document(), 1).valid();
    let body = schemas.body.as_ref().map(|schema| example(schema).to_string());
    let uri = match example(&schemas.query) {
        Value::Object(fields) if !fields.is_empty() => format!("{path}?{}", query(&schemas.query)),
        _ => path.to_owned(),
    };
    let mut request = Request::builder().method(operation.declaration.method.name()).uri(uri);
    if body.is_some() {
        request = request.header("content-type", "application/json");
    }
    for (name, value) in example(&schemas.headers).as_object().into_iter().flatten() {
        let name = HeaderName::try_from(name).expect("a header name");
        request = request.header(name, HeaderValue::try_from(text(value)).expect("a header value"));
    }
    if let Kind::Person(Caller { token: Some(token), .. }) | Kind::Expired(Caller { token: Some(token), .. }) =
        &column.kind
    {
        request = request.header("authorization", format!("Bearer {token}"));
    }
    let mut request = request.body(Bytes::from(body.unwrap_or_default())).expect("a request");
    if let Kind::Service = column.kind {
        let secret = world.platform.secrets.service().await.expect("a secret");
        sign(&mut request, &secret, "another", world.now() * 1000 + unique());
    }
    request
}

/// The required fields of a query alone: what is optional may ask for another's records.
fn query(schema: &operation::LazySchema) -> String {
    let document = schema.get().document();
    let example = Instances::of(document, 1).valid();
    let required = document["required"].as_array().into_iter().flatten().filter_map(Value::as_str);
    required.map(|name| format!("{name}={}", text(&example[name]))).collect::<Vec<_>>().join("&")
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// A signature is good once: no two are made in the same microsecond.
fn unique() -> i64 {
    static NEXT: std::sync::atomic::AtomicI64 = std::sync::atomic::AtomicI64::new(0);
    NEXT.fetch_add(1, std::sync::atomic::Ordering::Relaxed)
}

fn principal(kind: &Kind) -> Principal {
    match kind {
        Kind::Person(Caller { claims: Some(claims), .. }) => Principal::User(User {
            tenant: claims.tenant_id.clone(),
            id: claims.sub.clone(),
            roles: claims.roles.iter().filter_map(|role| Role::named(role)).collect(),
            permissions: claims.permissions.clone(),
            session: claims.sid.clone(),
            authenticated_at: claims.auth_time,
            multi_factor: false,
        }),
        Kind::Service => Principal::Service { name: "another".to_owned() },
        Kind::Person(_) | Kind::Expired(_) | Kind::Anonymous => Principal::Anonymous,
    }
}

/// The lines that differ, as `- kept` and `+ found`.
fn difference(kept: &str, found: &str) -> Vec<String> {
    let (old, new): (Vec<_>, Vec<_>) = (kept.lines().collect(), found.lines().collect());
    let gone = old.iter().filter(|line| !new.contains(line)).map(|line| format!("- {line}"));
    let come = new.iter().filter(|line| !old.contains(line)).map(|line| format!("+ {line}"));
    gone.chain(come).collect()
}
