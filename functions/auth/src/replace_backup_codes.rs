//! Replaces the caller's backup codes, for a code of their second factor. For everybody whose log-in is fresh or had
//! both factors. Emits nothing.
//!
//! A wrong code counts as a failed attempt to log in.

use operation::{Context, Data, Declaration, Input, Touch};
use policy::{PLATFORM_TENANT, Policy};
use service_errors::Error;
use validation::Nothing;

use crate::Auth;
use crate::account::{CHANGED, caller};
use crate::attempts::Attempt;
use crate::multi_factor::{
    BackupCodes, Code, FactorRecord, INVALID_CODE, MULTI_FACTOR_OFF, MultiFactor, shared_secret,
};
use crate::passwords::Passwords;

pub const DECLARATION: Declaration = Declaration {
    summary: "Replaces the caller's backup codes",
    policy: Policy::SENSITIVE,
    errors: &[INVALID_CODE, MULTI_FACTOR_OFF, CHANGED],
    audit: Some("multi_factor.replace_backup_codes"),
    touches: &[
        Touch::reads(crate::NAME),
        Touch::writes(crate::NAME),
        Touch::configured_by("technical/lock-out"),
        Touch::configured_by("technical/multi-factor"),
        Touch::configured_by("technical/passwords"),
    ],
    ..Declaration::post("replaceBackupCodes", "/auth/v1/multi-factor/backup-codes")
};

pub async fn handle(cx: Context<Auth>, input: Input<Nothing, Nothing, Code>) -> Result<Data<BackupCodes>, Error> {
    let rules = cx.state.config.get::<MultiFactor>(&cx.tenant).await?;
    let costs = cx.state.config.get::<Passwords>(PLATFORM_TENANT).await?;
    let (user, _) = caller(&cx).await?;
    let factor = cx.state.table.get::<FactorRecord>(&cx.tenant, &user.value.user_id).await?;
    let factor = factor.filter(|factor| factor.value.confirmed).ok_or(MULTI_FACTOR_OFF)?;
    let attempt = Attempt::of(&cx, &user.value).await?;

    let secret = shared_secret(&cx, &factor.value).await?;
    let Some(used) = factor.value.used(&input.body.code, &secret, &rules, &costs, &cx.now)? else {
        attempt.failed(&cx).await?;
        return Err(INVALID_CODE.into());
    };
    attempt.taken_back(&cx).await?;
    let (next, codes) = used.with_backup_codes(&rules, &costs)?;

    let answer = Data::new(codes);
    cx.state.table.transaction(&cx).update(&factor, &next).or(CHANGED).commit(&answer).await?;

    Ok(answer)
}
