//! Registers a client of the caller's tenant and answers its secret, once. For its administrators. Emits
//! `client.registered`.
//!
//! An idempotency key is not honoured, because the answer under it would keep the secret.

use garde::Validate;
use operation::{Context, Data, Declaration, Input, Touch, random_id};
use policy::Policy;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use service_errors::Error;
use validation::Nothing;

use crate::Auth;
use crate::authorization::RedirectUri;
use crate::clients::{CLIENT_REGISTERED, ClientChanged, ClientRecord, ClientWithSecret};
use crate::credential::{digest, new_secret};
use crate::domain::TenantRole;
use crate::records::ID_EXISTS;

/// A client to be.
#[derive(Debug, Clone, Serialize, Deserialize, Validate, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewClient {
    /// What it is called.
    #[garde(length(chars, min = 1, max = 100))]
    pub name: String,
    /// What it may do.
    #[garde(length(max = 4))]
    pub roles: Vec<TenantRole>,
    /// Where browsers may be sent back to with a code; none for a client that only acts for itself.
    #[serde(default)]
    #[garde(length(max = 10), dive)]
    pub redirect_uris: Vec<RedirectUri>,
}

pub const DECLARATION: Declaration = Declaration {
    summary: "Registers a client and answers its secret, once",
    policy: Policy::ORG_MANAGEMENT,
    errors: &[ID_EXISTS],
    emits: &[CLIENT_REGISTERED],
    audit: Some("client.register"),
    touches: &[Touch::writes(crate::NAME)],
    ..Declaration::post("registerClient", "/auth/v1/clients")
};

pub async fn handle(
    cx: Context<Auth>,
    input: Input<Nothing, Nothing, NewClient>,
) -> Result<Data<ClientWithSecret>, Error> {
    let NewClient { name, mut roles, redirect_uris } = input.body;
    roles.sort();
    roles.dedup();
    let secret = new_secret()?;
    let client = ClientRecord {
        tenant: cx.tenant.clone(),
        id: random_id(),
        name,
        roles,
        redirect_uris,
        secret_digest: digest(&secret),
        previous: None,
        created_at: cx.now.clone(),
    };

    let event = ClientChanged { client_id: client.client_id() };
    let answer = Data::new(ClientWithSecret { client: client.view(), client_secret: secret });
    cx.state
        .table
        .transaction(&cx)
        .create(&client, ID_EXISTS)
        .event(&CLIENT_REGISTERED, &event.client_id.0, &event)
        .commit(&answer)
        .await?;

    Ok(answer)
}
