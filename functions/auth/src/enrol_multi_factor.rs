//! Begins to set up a second factor for the caller. For everybody whose log-in is fresh. Emits nothing.
//!
//! It takes effect when a first code is confirmed. Asking again before that makes a new secret.

use operation::{Context, Data, Declaration, Input, Touch, random_id};
use policy::Policy;
use schemars::JsonSchema;
use serde::Serialize;
use service_errors::Error;

use crate::Auth;
use crate::account::{CHANGED, caller};
use crate::multi_factor::{FactorRecord, MULTI_FACTOR_ON, MultiFactor, for_device, shared_secret};
use crate::secret::Secret;

/// What the device needs. It is shown this one time.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Enrolment {
    /// In base32, to be typed.
    #[schemars(length(min = 32, max = 32))]
    pub secret: Secret,
    /// `otpauth://totp/…`, to be drawn as a QR code.
    #[schemars(length(min = 1, max = 1000))]
    pub uri: Secret,
}

pub const DECLARATION: Declaration = Declaration {
    summary: "Begins to set up a second factor for the caller",
    policy: Policy::SENSITIVE,
    errors: &[MULTI_FACTOR_ON, CHANGED],
    audit: Some("multi_factor.enrol"),
    touches: &[Touch::reads(crate::NAME), Touch::writes(crate::NAME), Touch::configured_by("technical/multi-factor")],
    ..Declaration::post("enrolMultiFactor", "/auth/v1/multi-factor")
};

pub async fn handle(cx: Context<Auth>, _: Input) -> Result<Data<Enrolment>, Error> {
    let rules = cx.state.config.get::<MultiFactor>(&cx.tenant).await?;
    let (user, _) = caller(&cx).await?;
    let read = cx.state.table.get::<FactorRecord>(&cx.tenant, &user.value.user_id).await?;

    if read.as_ref().is_some_and(|read| read.value.confirmed) {
        return Err(MULTI_FACTOR_ON.into());
    }
    let factor = FactorRecord {
        tenant: cx.tenant.clone(),
        user_id: user.value.user_id.clone(),
        seed: random_id(),
        confirmed: false,
        last_step: 0,
        backup_salt: String::new(),
        backup_digests: Vec::new(),
        created_at: cx.now.clone(),
    };
    let (secret, uri) = for_device(&shared_secret(&cx, &factor).await?, &user.value.email, &rules);

    let answer = Data::new(Enrolment { secret, uri });
    cx.state.table.transaction(&cx).upsert(read.as_ref(), &factor).or(CHANGED).commit(&answer).await?;

    Ok(answer)
}
