//! Deletes a client: its secrets are void at once, its tokens when their short time is over. For administrators of its
//! tenant. Emits `client.deleted`.

use operation::{Context, Declaration, Input, NoContent, Touch};
use policy::Policy;
use service_errors::Error;

use crate::Auth;
use crate::clients::{CLIENT_CHANGED, CLIENT_DELETED, CLIENT_NOT_FOUND, ClientChanged, ClientPath, find};

pub const DECLARATION: Declaration = Declaration {
    summary: "Deletes a client",
    policy: Policy::ORG_MANAGEMENT,
    errors: &[CLIENT_NOT_FOUND, CLIENT_CHANGED],
    emits: &[CLIENT_DELETED],
    audit: Some("client.delete"),
    touches: &[Touch::reads(crate::NAME), Touch::writes(crate::NAME)],
    ..Declaration::delete("deleteClient", "/auth/v1/clients/{clientId}")
};

pub async fn handle(cx: Context<Auth>, input: Input<ClientPath>) -> Result<NoContent, Error> {
    let read = find(&cx.state.table, &cx.tenant, &input.path.client_id).await?;

    let event = ClientChanged { client_id: read.value.client_id() };
    cx.state
        .table
        .transaction(&cx)
        .remove(&read)
        .or(CLIENT_CHANGED)
        .event(&CLIENT_DELETED, &event.client_id.0, &event)
        .commit(&NoContent)
        .await?;

    Ok(NoContent)
}
