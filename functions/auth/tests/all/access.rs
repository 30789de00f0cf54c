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
        match parameter {
            "clientId" => self.client(owner).await,
            "invitationId" => self.invitation(owner).await,
            "keyId" => self.key(owner).await,
            "role" => self.role(owner).await,
            "sessionId" => Some(claims(&self.somebody(owner).await).sid),
            "tenant" => Some(owner.tenant().to_owned()),
            "tenantId" => self.tenant(owner),
            "userId" => Some(claims(&self.somebody(owner).await).sub),
            _ => panic!("no record is made for the path parameter {parameter}"),
        }
    }
}

/// Clients, invitations, roles and tenants are a tenant's, nobody's own.
impl Staff {
    async fn client(&self, owner: Owner<'_>) -> Option<String> {
        let admin = self.admin_of_somebody(owner).await?;
        Some(self.office.client(&admin, &["driver"]).await.id)
    }

    async fn invitation(&self, owner: Owner<'_>) -> Option<String> {
        let admin = self.admin_of_somebody(owner).await?;
        let invitation = json!({ "email": self.new_address(owner.tenant()), "roles": ["driver"] });
        Some(self.made(&admin, "/auth/v1/invitations", &invitation, "invitationId").await)
    }

    async fn key(&self, owner: Owner<'_>) -> Option<String> {
        let somebody = self.somebody(owner).await;
        let roles = claims(&somebody).roles;
        let roles: Vec<&str> = roles.iter().map(String::as_str).collect();
        Some(self.office.api_key(&somebody, &roles).await.0)
    }

    async fn role(&self, owner: Owner<'_>) -> Option<String> {
        let admin = self.admin_of_somebody(owner).await?;
        let role = json!({ "name": self.new_name(), "description": "Answers", "permissions": ["user:read"] });
        Some(self.made(&admin, "/auth/v1/roles", &role, "name").await)
    }

    fn tenant(&self, owner: Owner<'_>) -> Option<String> {
        match owner {
            Owner::Caller(_) => None,
            Owner::SomebodyIn(tenant) => Some(tenant.to_owned()),
        }
    }

    /// The administrator of a tenant, for what nobody has alone.
    async fn admin_of_somebody(&self, owner: Owner<'_>) -> Option<Caller> {
        match owner {
            Owner::Caller(_) => None,
            Owner::SomebodyIn(tenant) => Some(self.office.logged_in(&address("admin", tenant)).await),
        }
    }

    /// Whoever owns it.
    async fn somebody(&self, owner: Owner<'_>) -> Caller {
        match owner {
            Owner::Caller(caller) => caller.clone(),
            Owner::SomebodyIn(tenant) => self.hire(tenant, Role::Shipper.name()).await,
        }
    }

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
