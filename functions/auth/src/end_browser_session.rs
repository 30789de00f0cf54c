//! Ends this browser's session. For that browser. Emits nothing.
//!
//! The cookie is taken back whatever it held. No other site can make a browser ask for this: the cookie is not sent
//! along with its forms.

use http::header;
use operation::{Context, Declaration, Input, Redirect, Touch};
use policy::Policy;
use service_errors::Error;
use validation::Nothing;

use crate::Auth;
use crate::browser_session::{CookieHeaders, SESSION, cookie, current, log_out};

pub const DECLARATION: Declaration = Declaration {
    summary: "Ends this browser's session",
    success: 303,
    policy: Policy::PUBLIC,
    audit: Some("auth.browser-logout"),
    touches: &[Touch::reads(crate::NAME), Touch::writes(crate::NAME)],
    ..Declaration::post("endBrowserSession", "/auth/v1/browser/logout")
};

type Request = Input<Nothing, Nothing, Nothing, CookieHeaders>;

pub async fn handle(cx: Context<Auth>, input: Request) -> Result<Redirect, Error> {
    let answer = Redirect::to("/").map_err(Error::internal)?;
    let answer = answer.with_header(header::SET_COOKIE, &cookie(SESSION, "", 0));

    if let Some(session) = current(&cx, &input.headers).await? {
        log_out(&cx, session).await?;
    }

    Ok(answer)
}
