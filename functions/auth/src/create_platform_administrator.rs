//! Makes the first administrator of the platform. For whoever holds the platform's secret, which is to say its
//! operator. Emits `user.registered`.
//!
//! It works once: whoever runs the platform cannot be joined or replaced by somebody who comes upon the secret later.

use operation::{Context, Data, Declaration, Input, Touch};
use policy::{PLATFORM_TENANT, Policy, Role};
use schemars::JsonSchema;
use serde::Serialize;
use service_errors::{Error, Kind, Refusal};
use validation::Nothing;

use crate::Auth;
use crate::create_tenant::NewAdmin;
use crate::password_rules::PasswordRules;
use crate::passwords::{Passwords, WEAK_PASSWORD};
use crate::records::{ID_EXISTS, TenantRecord, USER_REGISTERED, UserRecord, UserRegistered};

/// The administrator that was made.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PlatformAdministrator {
    /// The person.
    #[schemars(regex(pattern = "^[0-9a-f]{32}$"))]
    pub user_id: String,
}

/// Somebody runs the platform already.
pub const PLATFORM_TAKEN: Refusal =
    Refusal::new(Kind::Conflict, "PLATFORM_TAKEN", "The platform has its first administrator already.");

pub const DECLARATION: Declaration = Declaration {
    summary: "Makes the first administrator of the platform, once",
    policy: Policy::INTERNAL,
    errors: &[PLATFORM_TAKEN, WEAK_PASSWORD, ID_EXISTS],
    emits: &[USER_REGISTERED],
    audit: Some("platform.claim"),
    touches: &[
        Touch::writes(crate::NAME),
        Touch::configured_by("technical/password-rules"),
        Touch::configured_by("technical/passwords"),
    ],
    ..Declaration::post("createPlatformAdministrator", "/auth/internal/v1/platform/administrator")
};

type Request = Input<Nothing, Nothing, NewAdmin>;

pub async fn handle(cx: Context<Auth>, input: Request) -> Result<Data<PlatformAdministrator>, Error> {
    let passwords = cx.state.config.get::<Passwords>(PLATFORM_TENANT).await?;
    let rules = cx.state.config.get::<PasswordRules>(PLATFORM_TENANT).await?;

    let NewAdmin { email, name, password } = input.body;
    passwords.check(&password)?;
    rules.check(&password, &email)?;
    let platform =
        TenantRecord { tenant: PLATFORM_TENANT.to_owned(), name: "Platform".to_owned(), created_at: cx.now.clone() };
    let user = UserRecord {
        roles: vec![Role::SystemAdmin.name().to_owned()],
        ..UserRecord::new(PLATFORM_TENANT, &email, name, passwords.hash(&password)?, &cx.now)
    };

    let event = UserRegistered { user_id: user.user_id.clone(), roles: user.roles.clone() };
    let answer = Data::new(PlatformAdministrator { user_id: user.user_id.clone() });
    cx.state
        .table
        .transaction(&cx)
        .create(&user, ID_EXISTS)
        .create(&platform, PLATFORM_TAKEN)
        .create(&user.address(), PLATFORM_TAKEN)
        .event(&USER_REGISTERED, &user.user_id, &event)
        .commit(&answer)
        .await?;

    Ok(answer)
}
