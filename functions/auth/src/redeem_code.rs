//! A code for tokens: the second half of the authorization code flow, at the token endpoint.
//!
//! What comes of it acts for the person, and is not the person: it never counts as a fresh login, and changes neither
//! password nor second factor. When somebody logged in, and how, is in the ID token alone.
//!
//! A code is good once and for a short time, for the client it was given to, at the redirect URI it was sent to, and
//! with the secret behind its challenge. When it comes again, somebody holds a copy: the token that came of it is taken
//! back (RFC 6749, section 4.1.2).

use config_client::Authentication;
use operation::{Claims, Context, NoContent, encode_jwt, random_id};
use policy::PLATFORM_TENANT;
use serde::Serialize;
use service_errors::{Error, Kind};

use crate::Auth;
use crate::authorization::{CodeRecord, Redeemed};
use crate::clients::{ClientRecord, OAuth};
use crate::credential::{Pointer, matches};
use crate::issue_token::{IssuedToken, TokenRequest, issued};
use crate::oauth::{INVALID_GRANT, invalid_request};
use crate::records::UserRecord;
use crate::revoke_token::{REVOKED_BEFORE, RevokedToken};
use crate::roles::{granted, granted_to};
use crate::secret::Secret;
use crate::session::{SessionRecord, Sessions};

/// What an ID token says (OpenID Connect Core, section 2).
#[derive(Debug, Serialize)]
struct IdClaims<'a> {
    iss: &'a str,
    sub: &'a str,
    aud: &'a str,
    exp: i64,
    iat: i64,
    auth_time: i64,
    sid: &'a str,
    amr: &'a [&'a str],
    #[serde(skip_serializing_if = "Option::is_none")]
    nonce: Option<&'a str>,
}

/// The tokens for the code in `form`, which `client` has proved to be asking for.
pub async fn redeem(cx: &Context<Auth>, client: &ClientRecord, form: &TokenRequest) -> Result<IssuedToken, Error> {
    let given = |value: &Option<Secret>| {
        value.clone().ok_or_else(|| invalid_request("This grant needs `code`, `redirect_uri` and `code_verifier`."))
    };
    let (code, verifier) = (given(&form.code)?, given(&form.code_verifier)?);
    let table = &cx.state.table;
    let (pointer, secret) = Pointer::with_secret(code.expose()).ok_or(INVALID_GRANT)?;
    let read = table.get::<CodeRecord>(&pointer.tenant, &pointer.id).await?.ok_or(INVALID_GRANT)?;
    let code = &read.value;
    let is_its_own = matches(&code.digest, &secret) && code.client_id == client.client_id();
    let at_its_place = form.redirect_uri.as_deref() == Some(code.redirect_uri.0.as_str());
    if !is_its_own || !at_its_place || !code.is_answered_by(&verifier) || code.expires_at <= cx.now {
        return Err(INVALID_GRANT.into());
    }
    if let Some(redeemed) = &code.redeemed {
        take_back(cx, client, redeemed).await?;
        return Err(INVALID_GRANT.into());
    }
    let user = table.get::<UserRecord>(&code.tenant, &code.user_id).await?.ok_or(INVALID_GRANT)?.value;
    let session = table.get::<SessionRecord>(&code.tenant, &code.session_id).await?.ok_or(INVALID_GRANT)?.value;
    if session.expires_at <= cx.now || !session.of(&user) {
        return Err(INVALID_GRANT.into());
    }
    let lifetimes = cx.state.config.get::<Sessions>(&code.tenant).await?;
    let rules = cx.state.config.get::<OAuth>(&code.tenant).await?;
    let authentication = cx.state.config.get::<Authentication>(PLATFORM_TENANT).await?;

    let now = cx.now.unix_seconds();
    let end = session.expires_at.unix_seconds();
    // A client acts for a person only as far as it may act at all.
    let allowed = client.role_names();
    let shut = granted(cx, &user).await?.multi_factor_required && !session.multi_factor;
    let both = user.roles.iter().filter(|role| !shut && allowed.contains(role));
    let roles: Vec<String> = both.cloned().collect();
    let claims = Claims {
        iss: authentication.issuer.clone(),
        aud: authentication.audience.clone(),
        sub: user.user_id.clone(),
        exp: (now + lifetimes.access_token_seconds).min(end),
        iat: now,
        jti: random_id(),
        tenant_id: code.tenant.clone(),
        sid: code.session_id.clone(),
        auth_time: 0,
        amr: Vec::new(),
        permissions: granted_to(&cx.state.config, table, &user.tenant, &roles).await?.permissions,
        roles,
    };
    let mut answer = issued(cx, &claims).await?;
    if code.openid {
        let id = IdClaims {
            iss: &claims.iss,
            sub: &claims.sub,
            aud: &code.client_id.0,
            exp: (now + rules.id_token_seconds).min(end),
            iat: now,
            auth_time: code.authenticated_at,
            sid: &claims.sid,
            amr: &[if code.multi_factor { "mfa" } else { "pwd" }],
            nonce: code.nonce.as_deref(),
        };
        let signed = cx.state.issuer.sign_with(id.exp, |key, key_id| encode_jwt("JWT", &id, key, key_id));
        answer.id_token = Some(signed.await?);
        answer.scope = format!("openid {}", answer.scope).trim_end().to_owned();
    }

    let redeemed = Redeemed { jti: claims.jti.clone(), expires_at: claims.exp };
    let used = CodeRecord { redeemed: Some(redeemed), ..code.clone() };
    let acting = user.acting_in(cx);
    table.transaction(&acting).update(&read, &used).or(INVALID_GRANT).commit(&NoContent).await?;

    Ok(answer)
}

/// Takes back the token that came of a code which comes again.
async fn take_back(cx: &Context<Auth>, client: &ClientRecord, redeemed: &Redeemed) -> Result<(), Error> {
    let mut acting = client.acting_in(cx);
    acting.audit = Some("oauth.revoke");
    let revoked =
        RevokedToken { tenant: client.tenant.clone(), jti: redeemed.jti.clone(), expires_at: redeemed.expires_at };
    match cx.state.table.transaction(&acting).create(&revoked, REVOKED_BEFORE).commit(&NoContent).await {
        Err(error) if error.kind() == Kind::Conflict => Ok(()),
        other => other,
    }
}
