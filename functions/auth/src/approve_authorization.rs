//! Gives a client the code it asked for, in the name of the person who agrees. For everybody who has logged in; the
//! sign-in page calls it and then sends the browser where the answer says. Emits nothing.
//!
//! Only a login can agree: a machine that acts for a person has no session that the client's tokens could end with. An
//! idempotency key is not honoured, because the answer under it would keep the code.

use config_client::Authentication;
use operation::{Context, Data, Declaration, Input, Touch, random_id};
use policy::{PLATFORM_TENANT, Policy, User};
use schemars::JsonSchema;
use serde::Serialize;
use service_errors::{Error, Kind, Refusal};
use validation::Nothing;
use validation::types::Timestamp;

use crate::Auth;
use crate::account::caller;
use crate::authorization::{AuthorizationRequest, CodeRecord, UNKNOWN_DESTINATION, with_query};
use crate::clients::OAuth;
use crate::credential::{Pointer, digest, new_secret};
use crate::records::ID_EXISTS;
use crate::secret::Secret;

/// Where the browser goes now.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Approval {
    /// The client's redirect URI, with the code in it.
    #[schemars(length(min = 1, max = 8192))]
    pub redirect_to: Secret,
}

/// The caller is a machine.
pub const LOGIN_REQUIRED: Refusal =
    Refusal::new(Kind::Forbidden, "LOGIN_REQUIRED", "Only a person who has logged in can agree to this.");
/// The request is not one that `authorize` passes on.
pub const NOT_GRANTABLE: Refusal =
    Refusal::rule("NOT_GRANTABLE", "This request cannot be granted: the sign-in page must pass it on unchanged.");

pub const DECLARATION: Declaration = Declaration {
    summary: "Gives a client the code it asked for, in the name of the caller",
    policy: Policy::AUTHENTICATED,
    errors: &[UNKNOWN_DESTINATION, NOT_GRANTABLE, LOGIN_REQUIRED, ID_EXISTS],
    audit: Some("oauth.approve"),
    touches: &[Touch::reads(crate::NAME), Touch::writes(crate::NAME), Touch::configured_by("technical/oauth")],
    ..Declaration::post("approveAuthorization", "/auth/v1/oauth/authorizations")
};

type Request = Input<Nothing, Nothing, AuthorizationRequest>;

pub async fn handle(cx: Context<Auth>, input: Request) -> Result<Data<Approval>, Error> {
    let asked = input.body;
    // A client's token has its person's session, but does not say when they logged in.
    let logged_in = |user: &&User| !user.session.is_empty() && user.authenticated_at > 0;
    let user = cx.principal.user().filter(logged_in).ok_or(LOGIN_REQUIRED)?;
    caller(&cx).await?;
    let (client, redirect_uri) = asked.client(&cx.state.table).await?;
    if client.tenant != cx.tenant {
        return Err(UNKNOWN_DESTINATION.into());
    }
    let rules = cx.state.config.get::<OAuth>(&cx.tenant).await?;
    let authentication = cx.state.config.get::<Authentication>(PLATFORM_TENANT).await?;

    if let Some(fault) = asked.fault() {
        return Err(NOT_GRANTABLE.with(serde_json::json!({ "reason": fault })));
    }
    let secret = new_secret()?;
    let code = CodeRecord {
        tenant: cx.tenant.clone(),
        id: random_id(),
        digest: digest(&secret),
        client_id: client.client_id(),
        redirect_uri,
        user_id: user.id.clone(),
        session_id: user.session.clone(),
        authenticated_at: user.authenticated_at,
        multi_factor: user.multi_factor,
        openid: asked.is_openid(),
        nonce: asked.nonce,
        code_challenge: asked.code_challenge.unwrap_or_default(),
        expires_at: Timestamp::from_unix_millis(cx.now.unix_millis() + rules.code_seconds * 1000),
        redeemed: None,
    };

    let pointer = Pointer { tenant: code.tenant.clone(), id: code.id.clone() };
    let written = format!("{pointer}.{}", secret.expose());
    let redirect_to = with_query(
        &code.redirect_uri.0,
        &[("code", Some(&written)), ("state", asked.state.as_deref()), ("iss", Some(&authentication.issuer))],
    )?;
    let answer = Data::new(Approval { redirect_to: Secret::new(redirect_to) });
    cx.state.table.transaction(&cx).create(&code, ID_EXISTS).commit(&answer).await?;

    Ok(answer)
}
