//! Says who the person is that a token speaks for (OpenID Connect Core, section 5.3). For that person and for clients
//! that act for them, as long as the person is not suspended and the session goes on. Emits nothing.

use operation::{Bare, Context, Declaration, Input, Touch};
use policy::Policy;
use schemars::JsonSchema;
use serde::Serialize;
use service_errors::{Error, Kind, Refusal};

use crate::Auth;
use crate::domain::Email;
use crate::introspect_token::is_in;
use crate::records::UserRecord;

/// A person, in the claims of OpenID Connect.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct UserInfo {
    /// The person, the same as in tokens.
    #[schemars(length(min = 1, max = 100))]
    pub sub: String,
    /// What the person is called.
    #[schemars(length(min = 1, max = 100))]
    pub name: String,
    /// In lower case.
    pub email: Email,
    /// The tenant.
    #[schemars(length(min = 1, max = 100))]
    pub tenant_id: String,
}

/// The token speaks for a client.
pub const NOT_A_PERSON: Refusal =
    Refusal::new(Kind::Forbidden, "NOT_A_PERSON", "This token does not speak for a person.");

pub const DECLARATION: Declaration = Declaration {
    summary: "Says who the person is that a token speaks for",
    policy: Policy::AUTHENTICATED,
    errors: &[NOT_A_PERSON],
    touches: &[Touch::reads(crate::NAME)],
    ..Declaration::get("getUserInfo", "/auth/v1/oauth/userinfo")
};

pub async fn handle(cx: Context<Auth>, _: Input) -> Result<Bare<UserInfo>, Error> {
    let caller = cx.principal.user().ok_or(NOT_A_PERSON)?;
    let user = cx.state.table.get::<UserRecord>(&cx.tenant, &caller.id).await?.ok_or(NOT_A_PERSON)?.value;
    if !is_in(&cx, &user, &caller.session).await? {
        return Err(Error::new(Kind::Unauthorized));
    }

    Ok(Bare::new(UserInfo { sub: user.user_id, name: user.name, email: Email(user.email), tenant_id: user.tenant }))
}
