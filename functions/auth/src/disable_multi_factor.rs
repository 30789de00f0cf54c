//! Gives up the caller's second factor, for a last code of it. For everybody whose log-in is fresh or had both factors.
//! Emits `user.multi_factor_changed`.
//!
//! A wrong code counts as a failed attempt to log in.

use operation::{Context, Declaration, Input, NoContent, Touch};
use policy::{PLATFORM_TENANT, Policy};
use service_errors::Error;
use validation::Nothing;

use crate::Auth;
use crate::account::{CHANGED, caller};
use crate::attempts::Attempt;
use crate::multi_factor::{
    Code, FactorRecord, INVALID_CODE, MULTI_FACTOR_CHANGED, MULTI_FACTOR_OFF, MultiFactor, MultiFactorChanged,
    shared_secret,
};
use crate::passwords::Passwords;
use crate::records::UserRecord;

pub const DECLARATION: Declaration = Declaration {
    summary: "Gives up the caller's second factor",
    success: 204,
    policy: Policy::SENSITIVE,
    errors: &[INVALID_CODE, MULTI_FACTOR_OFF, CHANGED],
    emits: &[MULTI_FACTOR_CHANGED],
    audit: Some("multi_factor.disable"),
    touches: &[
        Touch::reads(crate::NAME),
        Touch::writes(crate::NAME),
        Touch::configured_by("technical/lock-out"),
        Touch::configured_by("technical/multi-factor"),
        Touch::configured_by("technical/passwords"),
    ],
    ..Declaration::post("disableMultiFactor", "/auth/v1/multi-factor/removal")
};

pub async fn handle(cx: Context<Auth>, input: Input<Nothing, Nothing, Code>) -> Result<NoContent, Error> {
    let rules = cx.state.config.get::<MultiFactor>(&cx.tenant).await?;
    let costs = cx.state.config.get::<Passwords>(PLATFORM_TENANT).await?;
    let (read, _) = caller(&cx).await?;
    let factor = cx.state.table.get::<FactorRecord>(&cx.tenant, &read.value.user_id).await?;
    let factor = factor.filter(|factor| factor.value.confirmed).ok_or(MULTI_FACTOR_OFF)?;
    let attempt = Attempt::of(&cx, &read.value).await?;

    let secret = shared_secret(&cx, &factor.value).await?;
    if factor.value.used(&input.body.code, &secret, &rules, &costs, &cx.now)?.is_none() {
        attempt.failed(&cx).await?;
        return Err(INVALID_CODE.into());
    }
    attempt.taken_back(&cx).await?;
    let user = UserRecord { multi_factor: false, ..read.value.clone() };

    let event = MultiFactorChanged { user_id: user.user_id.clone(), enabled: false };
    cx.state
        .table
        .transaction(&cx)
        .erase(&factor)
        .or(CHANGED)
        .update(&read, &user)
        .or(CHANGED)
        .event(&MULTI_FACTOR_CHANGED, &user.user_id, &event)
        .commit(&NoContent)
        .await?;

    Ok(NoContent)
}
