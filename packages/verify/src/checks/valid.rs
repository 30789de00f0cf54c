//! What is taken: generated requests that keep the contract; and what another tenant may not see.

use http::StatusCode;

use crate::bounds::at_bounds;
use crate::draft::Draft;
use crate::judge::Deserves;
use crate::report::Check;
use crate::verifier::{Break, Good, Verifier, rank};

impl Verifier<'_> {
    pub(crate) async fn valid(&mut self, index: usize) -> Result<(), Break> {
        let Some(operation) = self.api.operations.get(index) else { return Ok(()) };
        let caller = self.caller(index, None).await?;
        if caller.is_none() && !operation.security.is_empty() {
            return Ok(());
        }
        let known: Vec<Draft> = self.good.get(&index).into_iter().flatten().map(|good| good.draft.clone()).collect();
        let mut drafts: Vec<(String, Draft)> = Vec::new();
        // What succeeded once may be sent again where that changes nothing.
        if rank(&operation.method) == 0 {
            drafts.extend(known.into_iter().take(1).map(|draft| ("a request that was good before".to_owned(), draft)));
        }
        // What is optional may be good only together with what came before: a cursor, an id.
        let plain = Draft::generated(operation, 0).map(|mut draft| {
            let required = |place: &usize| operation.parameters.get(*place).is_some_and(|known| known.required);
            draft.parameters.retain(|place, _| required(place));
            draft
        });
        let plain = plain.filter(|draft| draft.issues(operation).is_some_and(|issues| issues.is_empty()));
        // What changes something is not sent so often.
        let bounds = plain.as_ref().filter(|_| rank(&operation.method) == 0).map(|plain| at_bounds(operation, plain));
        drafts.extend(plain.map(|draft| ("the plainest valid request".to_owned(), draft)));
        for number in 0..self.plan.valid {
            let seed = if number == 0 { 0 } else { self.plan.seed.wrapping_add(number as u64) };
            let made = Draft::generated(operation, seed);
            let keeps = made.filter(|draft| draft.issues(operation).is_some_and(|issues| issues.is_empty()));
            drafts.extend(keeps.map(|draft| (format!("a valid request, number {number}"), draft)));
        }
        drafts.extend(bounds.into_iter().flatten());
        if drafts.is_empty() {
            return Err(Break::LeaveOut("no valid request can be generated from its schemas".to_owned()));
        }
        for (title, draft) in drafts {
            let deserves = Deserves::Consideration;
            let exchange = self.check(index, Check::Valid, &title, &draft, caller.as_ref(), &deserves).await?;
            let status = exchange.map(|exchange| exchange.response.status());
            if status.is_some_and(|status| status.is_success() || status.is_redirection()) {
                let good = Good { caller: caller.clone(), draft, succeeded: true };
                self.good.entry(index).or_default().push(good);
            }
        }
        Ok(())
    }

    /// What one tenant read, another may not.
    pub(crate) async fn strangers(&mut self, index: usize) -> Result<(), Break> {
        let Some(operation) = self.api.operations.get(index) else { return Ok(()) };
        if self.plan.others.is_empty() || operation.security.is_empty() || rank(&operation.method) != 0 {
            return Ok(());
        }
        // Only what the server drew belongs to somebody; a document named `pricing` is there for everybody.
        let of_somebody = |draft: &Draft| {
            operation.parameters.iter().enumerate().any(|(place, parameter)| {
                let value = draft.parameters.get(&place).and_then(|value| value.as_str());
                parameter.location == document::Location::Path && value.is_some_and(is_drawn)
            })
        };
        let known = self.good.get(&index).into_iter().flatten().filter(|good| good.succeeded);
        // What a service read by its signature, no person's credentials are good for.
        let mut of_people = known.filter_map(|good| Some((good.caller.clone()?, good.draft.clone())));
        let Some((caller, draft)) = of_people.find(|(_, draft)| of_somebody(draft)) else { return Ok(()) };
        let in_place = |other: &&crate::Caller| other.name == caller.name;
        let other = self.plan.others.iter().find(in_place).or(self.plan.others.first()).cloned();
        let Some(other) = other else { return Ok(()) };
        // Somebody whom the policy keeps out learns nothing either.
        let exchange = {
            let Some(mut request) = draft.request(operation) else { return Ok(()) };
            other.sign(&mut request);
            self.ask(&request).await?
        };
        if exchange.is_some_and(|exchange| exchange.response.status() == StatusCode::FORBIDDEN) {
            return Ok(());
        }
        let title = "what another tenant made";
        self.check(index, Check::Credentials, title, &draft, Some(&other), &Deserves::Absent).await.map(drop)
    }
}

/// Whether a text looks like an id that a server drew: it has sixteen hexadecimal digits in a row, hyphens aside.
fn is_drawn(text: &str) -> bool {
    const DIGITS: usize = 16;
    text.replace('-', "").split(|c: char| !c.is_ascii_hexdigit()).any(|run| run.len() >= DIGITS)
}
