//! How one call is answered: as its caller prefers, as behaviour says, or as the contract lets expect.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use minijinja::Value;
use operation::{ALREADY_DONE, Answer, Context, Declaration, Operation, Untyped};
use policy::Principal;
use serde_json::{Value as Json, json};
use service_errors::{Error, Kind};

use crate::cases::Generated;
use crate::constellation::Constellation;
use crate::contract::Promised;
use crate::ports::{is_answered, remember};
use crate::prefer::{self, Known};
use crate::value::of_json;

/// The state of a mounted service.
pub struct Mocked {
    pub(crate) constellation: Arc<Constellation>,
    pub(crate) service: &'static str,
    pub(crate) behaviour: Option<usize>,
    pub(crate) generated: Generated,
    pub(crate) calls: AtomicU64,
}

impl Mocked {
    /// Answers one call: what the caller prefers, what behaviour says, or what the contract lets expect.
    fn answer(&self, cx: &Context<Self>, input: Untyped, operation: &Arc<Kept>) -> Result<Answer, Error> {
        let constellation = &self.constellation;
        let declaration = operation.declaration;
        let known = Known {
            service: self.service,
            cases: &constellation.cases,
            generated: &self.generated,
            seed: constellation.state().next_message() ^ self.calls.fetch_add(1, Ordering::Relaxed),
        };
        if let Some(answer) = prefer::answer(&input.fields, operation, &known)? {
            cx.call.claim_written();
            return Ok(answer);
        }
        let behaviour = self.behaviour.and_then(|index| constellation.behaviours.get(index));
        let steps = behaviour.and_then(|behaviour| Some((behaviour, behaviour.operations.get(declaration.id)?)));
        let Some((behaviour, steps)) = steps else {
            cx.call.claim_written();
            return known.success(operation);
        };
        let mut names = constellation.names(&cx.tenant, &cx.principal);
        let request =
            [("body", &input.body), ("path", &input.path), ("query", &input.query), ("headers", &input.headers)];
        names.extend(request.map(|(name, value)| (name.to_owned(), of_json(value))));
        let authorization = input.fields.get(http::header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        let cookie = input.fields.get(http::header::COOKIE).and_then(|value| value.to_str().ok());
        let texts = [
            ("now", Some(cx.now.to_string())),
            ("request", Some(cx.request_id.clone())),
            ("client", Some(cx.client.clone())),
            ("operation", Some(declaration.id.to_owned())),
            ("authorization", authorization.map(str::to_owned)),
            ("cookie", cookie.map(str::to_owned)),
        ];
        names.retain(|(name, _)| name != "now");
        names.extend(texts.map(|(name, text)| (name.to_owned(), text.map_or(Value::UNDEFINED, Value::from))));

        let mut world = constellation.world();
        // A twin was answered while this one was let in: the pipeline gives it that answer.
        if cx.claim.as_ref().is_some_and(|claim| is_answered(&world.state, self.service, claim, cx.now.unix_seconds()))
        {
            return Err(ALREADY_DONE.into());
        }
        let scope = constellation.scope(world.state.clone(), &cx.tenant, self.service, names);
        let outcome = constellation.run(&scope, behaviour, Some(declaration), self.service).steps(steps);
        let outcome =
            outcome.map(|answer| answer.unwrap_or(Answer { status: declaration.success, ..Answer::default() }));
        if outcome.as_ref().err().is_some_and(|error| error.kind() == Kind::Internal) {
            return outcome;
        }
        let mut work = scope.work();
        if let (Ok(answer), Some(claim)) = (&outcome, &cx.claim) {
            const RETRY_AFTER: u64 = 60;
            remember(&mut work.state, self.service, claim, answer)
                .map_err(|full| Error::unavailable(full, RETRY_AFTER))?;
            work.changed = true;
            cx.call.claim_written();
        }
        if work.changed {
            world.commit(work.state.clone());
        }
        outcome
    }
}

/// What an operation keeps of its contract.
pub(crate) struct Kept {
    pub declaration: &'static Declaration,
    pub answer: Option<Json>,
    pub examples: Vec<(u16, String, Json)>,
}

/// An operation that is answered so.
pub(crate) fn operation(promised: Promised) -> Operation<Mocked> {
    let Promised { declaration, schemas, answer, examples } = promised;
    let kept = Arc::new(Kept { declaration, answer, examples });
    let handle = move |cx: Context<Mocked>, input: Untyped| {
        let mocked = Arc::clone(&cx.state);
        mocked.answer(&cx, input, &kept)
    };
    Operation::untyped(declaration, schemas, Arc::new(handle))
}

/// Whoever calls, as expressions see them.
pub(crate) fn caller(principal: &Principal) -> Json {
    match principal {
        Principal::User(user) => json!({
            "id": user.id,
            "tenant": user.tenant,
            "roles": user.roles.iter().map(|role| role.name()).collect::<Vec<_>>(),
            "permissions": user.permissions,
            "session": user.session,
            "authenticatedAt": user.authenticated_at,
            "multiFactor": user.multi_factor,
            "administers": principal.administers(),
        }),
        other => json!({ "id": other.id(), "roles": [], "permissions": [], "administers": false }),
    }
}
