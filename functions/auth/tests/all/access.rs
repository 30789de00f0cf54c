//! Who may call what, asked over HTTP: `access.md`.

use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};

use policy::Role;
use serde_json::{Value, json};
use testing::access::{Cast, Owner, TENANTS, matrix};
use testing::{Caller, World};

use crate::office::{LOCK_OUT, Office};
use crate::tokens::claims;

#[tokio::test]
async fn everybody_reaches_what_the_table_says_and_nothing_else() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("access.md");
    let office = Office::open().await;
    // Many log in with what the schema gives as an example.
    office.world.configure(LOCK_OUT, "/attempts", json!(100));
    for tenant in TENANTS {
        assert_eq!(office.create_tenant(tenant, &address("admin", tenant)).await.status, 201);
    }
    matrix(&Staff { office, hired: AtomicU32::new(0) }, &auth::service(), &file).await;
}

/// Two tenants, whose administrators hire somebody new for every call: what they call may end their sessions.
struct Staff {
    office: Office,
    hired: AtomicU32,
}

impl Cast for Staff {
    fn world(&self) -> &World {
        &self.office.world
    }

    /// Nobody becomes an administrator of the platform through this service.
    async fn person(&self, role: Role) -> Option<Caller> {
        match role {
            Role::SystemAdmin => None,
            role => Some(self.hire(TENANTS[0], role.name()).await),
        }
    }

    async fn expired(&self) -> Caller {
        let admin = self.hire(TENANTS[0], Role::TenantAdmin.name()).await;
        self.office.world.advance(3600);
        admin
    }

    async fn record(&self, parameter: &str, owner: Owner<'_>) -> Option<String> {
        let (tenant, owner) = match owner {
            Owner::Caller(caller) => (caller.claims.as_ref()?.tenant_id.clone(), Some(caller.clone())),
            Owner::SomebodyIn(tenant) => (tenant.to_owned(), None),
        };
        let admin = self.office.logged_in(&address("admin", &tenant)).await;
        match (parameter, &owner) {
            // These are a tenant's, nobody's own.
            ("clientId" | "invitationId" | "role" | "tenantId", Some(_)) => None,
            ("clientId", None) => Some(self.office.client(&admin, &["driver"]).await.id),
            ("invitationId", None) => {
                let invitation = json!({ "email": self.new_address(&tenant), "roles": ["driver"] });
                Some(self.made(&admin, "/auth/v1/invitations", &invitation, "invitationId").await)
            }
            ("role", None) => {
                let role = json!({ "name": self.new_name(), "description": "Answers", "permissions": ["user:read"] });
                Some(self.made(&admin, "/auth/v1/roles", &role, "name").await)
            }
            ("tenantId", None) | ("tenant", _) => Some(tenant),
            ("keyId" | "sessionId" | "userId", _) => {
                let somebody = match owner {
                    Some(caller) => caller,
                    None => self.hire(&tenant, Role::Shipper.name()).await,
                };
                let claims = claims(&somebody);
                Some(match parameter {
                    "keyId" => {
                        let roles: Vec<&str> = claims.roles.iter().map(String::as_str).collect();
                        self.office.api_key(&somebody, &roles).await.0
                    }
                    "userId" => claims.sub,
                    _ => claims.sid,
                })
            }
            _ => panic!("no record is made for the path parameter {parameter}"),
        }
    }
}

impl Staff {
    /// Somebody new, who has logged in.
    async fn hire(&self, tenant: &str, role: &str) -> Caller {
        let admin = self.office.logged_in(&address("admin", tenant)).await;
        let email = self.new_address(tenant);
        self.office.joined(&admin, &email, &[role]).await;
        let caller = self.office.logged_in(&email).await;
        Caller { claims: Some(claims(&caller)), ..caller }
    }

    async fn made(&self, admin: &Caller, path: &str, body: &Value, id: &str) -> String {
        let answer = self.office.send(admin, "POST", path, body).await;
        assert_eq!(answer.status, 201, "{}", answer.body);
        answer.body["data"][id].as_str().expect("an id").to_owned()
    }

    fn new_name(&self) -> String {
        format!("hand-{}", self.hired.fetch_add(1, Ordering::Relaxed))
    }

    fn new_address(&self, tenant: &str) -> String {
        address(&self.new_name(), tenant)
    }
}

fn address(name: &str, tenant: &str) -> String {
    format!("{name}@{tenant}.example")
}
