//! Gives a client a new secret and answers it, once. For administrators of its tenant. Emits `client.secret-rotated`.
//!
//! The secret before stays good for a configured time, so that a client can be changed while it runs; the one before
//! that is void at once. An idempotency key is not honoured, because the answer under it would keep the secret.

use operation::{Context, Data, Declaration, Input, Touch};
use policy::Policy;
use service_errors::Error;

use crate::Auth;
use crate::clients::{
    CLIENT_CHANGED, CLIENT_NOT_FOUND, CLIENT_SECRET_ROTATED, ClientChanged, ClientPath, ClientWithSecret, OAuth, find,
};
use crate::credential::new_secret;

pub const DECLARATION: Declaration = Declaration {
    summary: "Gives a client a new secret and answers it, once",
    policy: Policy::ORG_MANAGEMENT,
    errors: &[CLIENT_NOT_FOUND, CLIENT_CHANGED],
    emits: &[CLIENT_SECRET_ROTATED],
    audit: Some("client.rotate"),
    touches: &[Touch::reads(crate::NAME), Touch::writes(crate::NAME), Touch::configured_by("technical/oauth")],
    ..Declaration::post("rotateClientSecret", "/auth/v1/clients/{clientId}/secrets")
};

pub async fn handle(cx: Context<Auth>, input: Input<ClientPath>) -> Result<Data<ClientWithSecret>, Error> {
    let read = find(&cx.state.table, &cx.tenant, &input.path.client_id).await?;
    let rules = cx.state.config.get::<OAuth>(&cx.tenant).await?;

    let secret = new_secret()?;
    let client = read.value.with_secret(&secret, rules.secret_overlap_seconds, &cx.now);

    let event = ClientChanged { client_id: client.client_id() };
    let answer = Data::new(ClientWithSecret { client: client.view(), client_secret: secret });
    cx.state
        .table
        .transaction(&cx)
        .update(&read, &client)
        .or(CLIENT_CHANGED)
        .event(&CLIENT_SECRET_ROTATED, &event.client_id.0, &event)
        .commit(&answer)
        .await?;

    Ok(answer)
}
