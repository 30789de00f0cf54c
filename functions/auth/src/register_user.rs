//! Registers a person in the caller's tenant. For its administrators. Emits `user.registered`.

use garde::Validate;
use operation::{Context, Data, Declaration, Input, Touch};
use policy::{PLATFORM_TENANT, Policy};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use service_errors::Error;
use validation::Nothing;
use validation::types::Timestamp;

use crate::Auth;
use crate::administrators::Administrators;
use crate::domain::{Email, TenantRole};
use crate::password_rules::PasswordRules;
use crate::passwords::{Passwords, WEAK_PASSWORD};
use crate::records::{EMAIL_TAKEN, ID_EXISTS, USER_REGISTERED, UserRecord, UserRegistered};
use crate::secret::Secret;

/// A person to be registered.
#[derive(Debug, Clone, Serialize, Deserialize, Validate, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewUser {
    /// To log in with; nobody else of the tenant has it.
    #[garde(dive)]
    pub email: Email,
    /// What the person is called.
    #[garde(length(chars, min = 1, max = 100))]
    pub name: String,
    /// To log in with.
    #[garde(length(chars, min = 1, max = 128))]
    pub password: Secret,
    /// What the person may do.
    #[garde(length(min = 1, max = 4))]
    pub roles: Vec<TenantRole>,
}

/// A registered person.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct UserView {
    /// The person.
    #[schemars(regex(pattern = "^[0-9a-f]{32}$"))]
    pub user_id: String,
    /// In lower case.
    pub email: Email,
    /// What the person is called.
    #[schemars(length(min = 1, max = 100))]
    pub name: String,
    /// What the person may do, each role once.
    #[schemars(length(min = 1, max = 4))]
    pub roles: Vec<TenantRole>,
    /// When they were registered.
    pub created_at: Timestamp,
}

pub const DECLARATION: Declaration = Declaration {
    summary: "Registers a person in the caller's tenant",
    policy: Policy::ORG_MANAGEMENT,
    errors: &[EMAIL_TAKEN, WEAK_PASSWORD, ID_EXISTS],
    emits: &[USER_REGISTERED],
    audit: Some("user.register"),
    touches: &[
        Touch::reads(crate::NAME),
        Touch::writes(crate::NAME),
        Touch::configured_by("technical/password-rules"),
        Touch::configured_by("technical/passwords"),
    ],
    idempotent: true,
    ..Declaration::post("registerUser", "/auth/v1/users")
};

pub async fn handle(cx: Context<Auth>, input: Input<Nothing, Nothing, NewUser>) -> Result<Data<UserView>, Error> {
    let rules = cx.state.config.get::<PasswordRules>(&cx.tenant).await?;
    let lengths = cx.state.config.get::<Passwords>(&cx.tenant).await?;
    let costs = cx.state.config.get::<Passwords>(PLATFORM_TENANT).await?;

    let NewUser { email, name, password, mut roles } = input.body;
    lengths.check(&password)?;
    rules.check(&password, &email)?;
    roles.sort();
    roles.dedup();
    let user = UserRecord {
        roles: roles.iter().map(|role| role.name().to_owned()).collect(),
        ..UserRecord::new(&cx.tenant, &email, name, costs.hash(&password)?, &cx.now)
    };
    let administrators = Administrators::after(&cx, &cx.tenant, &[], &user.roles).await?;

    let event = UserRegistered { user_id: user.user_id.clone(), roles: user.roles.clone() };
    let answer = Data::new(UserView {
        user_id: user.user_id.clone(),
        email: Email(user.email.clone()),
        name: user.name.clone(),
        roles,
        created_at: user.created_at.clone(),
    });
    administrators
        .written(cx.state.table.transaction(&cx).create(&user, ID_EXISTS))
        .create(&user.address(), EMAIL_TAKEN)
        .event(&USER_REGISTERED, &user.user_id, &event)
        .commit(&answer)
        .await?;

    Ok(answer)
}
