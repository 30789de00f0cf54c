//! Sets up the caller's second factor, once their device shows the right code, and answers backup codes. For everybody
//! whose log-in is fresh. Emits `user.multi_factor_changed`.
//!
//! From now on a log-in takes two steps. The person's other sessions began without the second one, and end.

use operation::{Context, Data, Declaration, Input, Touch};
use policy::{PLATFORM_TENANT, Policy};
use service_errors::Error;
use validation::Nothing;

use crate::Auth;
use crate::account::{CHANGED, caller};
use crate::multi_factor::{
    BackupCodes, Code, FactorRecord, INVALID_CODE, MULTI_FACTOR_CHANGED, MULTI_FACTOR_OFF, MULTI_FACTOR_ON,
    MultiFactor, MultiFactorChanged, shared_secret,
};
use crate::open_session::alone;
use crate::passwords::Passwords;
use crate::records::UserRecord;
use crate::session::SessionRecord;

pub const DECLARATION: Declaration = Declaration {
    summary: "Sets up the caller's second factor and answers backup codes",
    policy: Policy::SENSITIVE,
    errors: &[INVALID_CODE, MULTI_FACTOR_OFF, MULTI_FACTOR_ON, CHANGED],
    emits: &[MULTI_FACTOR_CHANGED],
    audit: Some("multi_factor.enable"),
    touches: &[
        Touch::reads(crate::NAME),
        Touch::writes(crate::NAME),
        Touch::configured_by("technical/multi-factor"),
        Touch::configured_by("technical/passwords"),
    ],
    ..Declaration::post("confirmMultiFactor", "/auth/v1/multi-factor/confirmation")
};

pub async fn handle(cx: Context<Auth>, input: Input<Nothing, Nothing, Code>) -> Result<Data<BackupCodes>, Error> {
    let rules = cx.state.config.get::<MultiFactor>(&cx.tenant).await?;
    let costs = cx.state.config.get::<Passwords>(PLATFORM_TENANT).await?;
    let (read, session) = caller(&cx).await?;
    let factor = cx.state.table.get::<FactorRecord>(&cx.tenant, &read.value.user_id).await?.ok_or(MULTI_FACTOR_OFF)?;

    if factor.value.confirmed {
        return Err(MULTI_FACTOR_ON.into());
    }
    let secret = shared_secret(&cx, &factor.value).await?;
    let used = factor.value.used(&input.body.code, &secret, &rules, &costs, &cx.now)?.ok_or(INVALID_CODE)?;
    let (confirmed, codes) = FactorRecord { confirmed: true, ..used }.with_backup_codes(&rules, &costs)?;
    let user = UserRecord { multi_factor: true, session_epoch: read.value.session_epoch + 1, ..read.value.clone() };
    // The caller has just given both factors.
    let going_on = SessionRecord { multi_factor: true, epoch: user.session_epoch, ..session.value.clone() };
    let (book, only) = alone(&cx, &going_on).await?;

    let answer = Data::new(codes);
    let event = MultiFactorChanged { user_id: user.user_id.clone(), enabled: true };
    cx.state
        .table
        .transaction(&cx)
        .update(&factor, &confirmed)
        .or(CHANGED)
        .update(&read, &user)
        .or(CHANGED)
        .update(&session, &going_on)
        .or(CHANGED)
        .upsert(book.as_ref(), &only)
        .or(CHANGED)
        .event(&MULTI_FACTOR_CHANGED, &user.user_id, &event)
        .commit(&answer)
        .await?;

    Ok(answer)
}
