//! Ends this browser's session. For that browser. Emits nothing.
//!
//! The cookie is taken back whatever it held. No other site can make a browser ask for this: the cookie is not sent
//! along with its forms.

use http::header;
use operation::{Context, Declaration, Input, NoContent, Redirect, Touch};
use policy::Policy;
use service_errors::{Error, Kind};
use validation::Nothing;

use crate::Auth;
use crate::browser_session::{CookieHeaders, SESSION, cookie, current};
use crate::records::UserRecord;

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
    let table = &cx.state.table;
    let answer = Redirect::to("/").map_err(Error::internal)?;
    let answer = answer.with_header(header::SET_COOKIE, &cookie(SESSION, "", 0));
    let mut last = current(&cx, &input.headers).await?;
    while let Some(session) = last {
        let user = table.get::<UserRecord>(&session.value.tenant, &session.value.user_id).await?;
        let acting = user.as_ref().map(|user| user.value.acting_in(&cx));
        match table.transaction(acting.as_ref().unwrap_or(&cx.call)).erase(&session).commit(&NoContent).await {
            // Its token was replaced at the same moment: what was written last is ended.
            Err(error) if error.kind() == Kind::Conflict => last = current(&cx, &input.headers).await?,
            other => {
                other?;
                break;
            }
        }
    }

    Ok(answer)
}
