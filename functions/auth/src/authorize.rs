//! Where a client sends a browser for a code. For everybody. Emits nothing.
//!
//! This platform has no pages. A request that may be granted is passed on to the configured sign-in page, with all its
//! parameters and the client's tenant, whose people alone can agree to it; that page lets the person log in and agree,
//! asks `approveAuthorization` for the code, and sends the browser back to the client. A request that may not be
//! granted goes straight back, with the reason.

use config_client::Authentication;
use operation::{Context, Declaration, Dialect, Input, Redirect, Touch};
use policy::{PLATFORM_TENANT, Policy};
use service_errors::Error;
use validation::Nothing;

use crate::Auth;
use crate::authorization::{AuthorizationRequest, UNKNOWN_DESTINATION, with_query};
use crate::clients::OAuth;

pub const DECLARATION: Declaration = Declaration {
    summary: "Passes a client's request for a code on to the sign-in page",
    success: 302,
    policy: Policy::PUBLIC,
    errors: &[UNKNOWN_DESTINATION],
    touches: &[Touch::reads(crate::NAME), Touch::configured_by("technical/oauth")],
    dialect: Dialect::OAuth,
    ..Declaration::get("authorize", "/auth/v1/oauth/authorize")
};

pub async fn handle(cx: Context<Auth>, input: Input<Nothing, AuthorizationRequest>) -> Result<Redirect, Error> {
    let asked = input.query;
    let (client, redirect_uri) = asked.client(&cx.state.table).await?;
    let authentication = cx.state.config.get::<Authentication>(PLATFORM_TENANT).await?;

    // Nobody is logged in here, so whoever may not be asked anything cannot be known.
    let silent = asked.prompt.as_deref().is_some_and(|prompt| prompt.split(' ').any(|word| word == "none"));
    let fault = asked.fault().or(silent.then_some("login_required"));
    let address = match fault {
        Some(fault) => with_query(
            &redirect_uri.0,
            &[("error", Some(fault)), ("state", asked.state.as_deref()), ("iss", Some(&authentication.issuer))],
        )?,
        None => {
            let rules = cx.state.config.get::<OAuth>(&client.tenant).await?;
            with_query(
                &rules.sign_in_url,
                &[
                    ("tenant_id", Some(&client.tenant)),
                    ("client_id", asked.client_id.as_deref()),
                    ("redirect_uri", asked.redirect_uri.as_deref()),
                    ("response_type", asked.response_type.as_deref()),
                    ("scope", asked.scope.as_deref()),
                    ("state", asked.state.as_deref()),
                    ("nonce", asked.nonce.as_deref()),
                    ("code_challenge", asked.code_challenge.as_deref()),
                    ("code_challenge_method", asked.code_challenge_method.as_deref()),
                    ("prompt", asked.prompt.as_deref()),
                ],
            )?
        }
    };

    Redirect::to(&address).map_err(Error::internal)
}
