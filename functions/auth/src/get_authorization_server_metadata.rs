//! What clients of OAuth need to know of this server (RFC 8414). For everybody. Emits nothing.

use config_client::Authentication;
use http::header;
use operation::{Bare, Context, Declaration, Input, Touch};
use policy::{PLATFORM_TENANT, Policy};
use service_errors::Error;

use crate::Auth;
use crate::key_ring::SigningKeys;
use crate::metadata::{Metadata, cache_control};

pub const DECLARATION: Declaration = Declaration {
    summary: "Answers what clients of OAuth need to know of this server",
    policy: Policy::PUBLIC,
    touches: &[Touch::configured_by("technical/signing-keys")],
    ..Declaration::get("getAuthorizationServerMetadata", "/auth/v1/.well-known/oauth-authorization-server")
};

pub async fn handle(cx: Context<Auth>, _: Input) -> Result<Bare<Metadata>, Error> {
    let authentication = cx.state.config.get::<Authentication>(PLATFORM_TENANT).await?;
    let keys = cx.state.config.get::<SigningKeys>(PLATFORM_TENANT).await?;

    let answer = Bare::new(Metadata::of(&authentication));
    Ok(answer.with_header(header::CACHE_CONTROL, &cache_control(keys.key_set_max_age_seconds)))
}
