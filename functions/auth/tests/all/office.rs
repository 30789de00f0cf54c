//! The auth service in its world, with cheap hashes and no hurry, and the people who come to it.

use std::collections::HashMap;
use std::sync::atomic::{AtomicI64, Ordering};

use aws_sdk_dynamodb::types::AttributeValue;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use testing::{Answer, Caller, World};
use validation::types::Timestamp;

/// A password everybody here uses.
pub const PASSWORD: &str = "correct horse battery";

/// The documents of the service.
pub const LOCK_OUT: &str = "services.auth.dev.technical.lock-out";
pub const PASSWORD_RULES: &str = "services.auth.dev.technical.password-rules";
pub const ROLES: &str = "services.auth.dev.technical.roles";

const PASSWORDS: &str = "services.auth.dev.technical.passwords";

/// The service.
pub struct Office {
    /// Its world.
    pub world: World,
    micros: AtomicI64,
}

impl Office {
    /// As configured by default, but hashes cost little and callers may come often.
    pub async fn open() -> Self {
        Self::in_world(Self::strict().await.world)
    }

    /// The same in a world of the caller's own.
    pub fn in_world(world: World) -> Self {
        let office = Self { world, micros: AtomicI64::new(0) };
        for preset in ["auth", "strict", "api"] {
            let limits = "global.operational.rate-limits";
            office.world.configure(limits, &format!("/{preset}/limit"), json!(100_000));
        }
        office.world.configure(PASSWORDS, "/memoryKib", json!(128));
        office.world.configure(PASSWORDS, "/iterations", json!(1));
        office
    }

    /// As configured by default.
    pub async fn strict() -> Self {
        let world = World::start(&["auth"], async |platform| auth::mount(platform)).await;
        Self { world, micros: AtomicI64::new(0) }
    }

    /// With the tenant `acme`, whose administrator is `admin@acme.example`.
    pub async fn with_acme() -> Self {
        let office = Self::open().await;
        assert_eq!(office.create_tenant("acme", "admin@acme.example").await.status, 201);
        office
    }

    /// From now on the tokens of the world's callers are good, as if these had logged in: the service, which was not asked
    /// anything yet, finds their key in its ring, kept before keys were sealed.
    pub async fn admit_callers(&self) {
        let twin = auth::mount(&self.world.platform).unwrap();
        let request = http::Request::get("/auth/v1/jwks.json").body(operation::empty()).unwrap();
        operation::Endpoint::call(&twin, request).await;
        let (id, private) = self.world.key();
        let change = |ring: &mut Value| {
            ring["keys"][0]["keyId"] = id.into();
            ring["keys"][0]["privateKey"] = STANDARD.encode(private).into();
        };
        self.rewrite("key-ring", change).await;
    }

    /// No two signatures are made in the same microsecond.
    pub fn next_micros(&self) -> i64 {
        self.micros.fetch_add(1, Ordering::Relaxed)
    }

    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        self.world.ask("POST", path).json(body).send().await
    }

    /// Sends a body in the name of somebody; null is none.
    pub async fn send(&self, caller: &Caller, method: &str, path: &str, body: &Value) -> Answer {
        let ask = self.world.ask(method, path).by(caller);
        if body.is_null() { ask.send().await } else { ask.json(body).send().await }
    }

    /// Registers somebody who has [`PASSWORD`], and answers their id.
    pub async fn joined(&self, admin: &Caller, email: &str, roles: &[&str]) -> String {
        let answer = self.register(admin, &user(email, roles)).await;
        assert_eq!(answer.status, 201, "{}", answer.body);
        answer.body["data"]["userId"].as_str().unwrap().to_owned()
    }

    /// The data of all events of a type that are still in the outbox. Those of one moment have no order.
    pub async fn told(&self, kind: &str) -> Vec<Value> {
        self.dated(kind).await.into_iter().map(|(_, data)| data).collect()
    }

    /// The data of the newest event of a type. The clock has to have moved since the one before.
    pub async fn told_last(&self, kind: &str) -> Value {
        let mut told = self.dated(kind).await;
        let (at, last) = told.pop().unwrap();
        assert!(told.iter().all(|(before, _)| *before < at), "two {kind} at one moment have no order");
        last
    }

    /// The data of all events of a type with their times, oldest first.
    async fn dated(&self, kind: &str) -> Vec<(Timestamp, Value)> {
        let events = self.events().await.into_iter().filter(|event| event["type"] == kind);
        let time = |event: &Value| Timestamp::try_from(event["time"].as_str().unwrap().to_owned()).unwrap();
        let mut dated: Vec<_> = events.map(|event| (time(&event), event["data"].clone())).collect();
        dated.sort_by(|one, two| one.0.cmp(&two.0));
        dated
    }

    pub async fn create_tenant(&self, id: &str, email: &str) -> Answer {
        self.post("/auth/v1/tenants", &tenant(id, email)).await
    }

    /// Logs in at the tenant that the address is of.
    pub async fn log_in(&self, email: &str, password: &str) -> Answer {
        self.log_in_at(tenant_of(email), email, password).await
    }

    pub async fn log_in_at(&self, tenant: &str, email: &str, password: &str) -> Answer {
        self.post("/auth/v1/login", &json!({ "tenantId": tenant, "email": email, "password": password })).await
    }

    /// Asks for a new password at the tenant that the address is of.
    pub async fn ask_reset(&self, email: &str) -> Answer {
        self.post("/auth/v1/password-resets", &json!({ "tenantId": tenant_of(email), "email": email })).await
    }

    pub async fn refresh(&self, token: &str) -> Answer {
        self.post("/auth/v1/refresh", &json!({ "refreshToken": token })).await
    }

    pub async fn register(&self, caller: &Caller, body: &Value) -> Answer {
        self.world.ask("POST", "/auth/v1/users").by(caller).json(body).send().await
    }

    /// Somebody who has logged in with [`PASSWORD`].
    pub async fn logged_in(&self, email: &str) -> Caller {
        let answer = self.log_in(email, PASSWORD).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        bearer(answer.body["data"]["accessToken"].as_str().unwrap())
    }

    /// The refresh token of a new session of `admin@acme.example`.
    pub async fn refresh_token(&self) -> String {
        refresh_token(&self.log_in("admin@acme.example", PASSWORD).await)
    }

    /// Everything that stands in the service's table.
    pub async fn kept(&self) -> Vec<HashMap<String, AttributeValue>> {
        let client = aws_sdk_dynamodb::Client::new(&self.world.aws.sdk_config());
        let scan = client.scan().table_name(self.world.platform.cloud.name("auth")).send().await;
        scan.expect("a table").items.unwrap_or_default()
    }

    /// Changes the records of a kind as if they had been written like that.
    pub async fn rewrite(&self, kind: &str, change: impl Fn(&mut Value)) {
        let client = aws_sdk_dynamodb::Client::new(&self.world.aws.sdk_config());
        for mut item in self.kept().await {
            if text(&item, "sk") == kind {
                let mut record: Value = serde_json::from_str(&text(&item, "record")).unwrap();
                change(&mut record);
                item.insert("record".into(), AttributeValue::S(record.to_string()));
                let put = client.put_item().table_name(self.world.platform.cloud.name("auth")).set_item(Some(item));
                put.send().await.expect("a written item");
            }
        }
    }

    /// `action by actor` of every audit entry of a tenant.
    pub async fn audited(&self, tenant: &str) -> Vec<String> {
        let prefix = format!("{tenant}#audit#");
        let entries = self.kept().await;
        let entries = entries.iter().filter(|item| text(item, "pk").starts_with(&prefix));
        let mut actions: Vec<_> = entries
            .map(|item| {
                let record: Value = serde_json::from_str(&text(item, "record")).unwrap();
                format!("{} by {}", record["action"].as_str().unwrap(), record["actor"].as_str().unwrap())
            })
            .collect();
        actions.sort();
        actions
    }

    /// The events in the outbox.
    pub async fn events(&self) -> Vec<Value> {
        let kept = self.kept().await;
        let events = kept.iter().filter(|item| item.contains_key("event"));
        events.map(|item| serde_json::from_str(&text(item, "event")).unwrap()).collect()
    }
}

/// A tenant to be.
pub fn tenant(id: &str, email: &str) -> Value {
    let admin = json!({ "email": email, "name": "Asha Rao", "password": PASSWORD });
    json!({ "tenantId": id, "name": "Acme Freight", "admin": admin })
}

/// The tenant whose people have addresses like this one: here those of `acme` are at `acme.example`.
pub fn tenant_of(email: &str) -> &str {
    email.split(['@', '.']).rev().nth(1).unwrap()
}

/// A person to be registered.
pub fn user(email: &str, roles: &[&str]) -> Value {
    json!({ "email": email, "name": "Ravi Kumar", "password": PASSWORD, "roles": roles })
}

/// Whoever bears this token.
pub fn bearer(token: &str) -> Caller {
    Caller { claims: None, token: Some(token.to_owned()) }
}

/// The refresh token of an answer.
pub fn refresh_token(answer: &Answer) -> String {
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.body["data"]["refreshToken"].as_str().unwrap().to_owned()
}

/// A text attribute; empty when it is absent.
pub fn text(item: &HashMap<String, AttributeValue>, name: &str) -> String {
    item.get(name).and_then(|value| value.as_s().ok()).cloned().unwrap_or_default()
}
