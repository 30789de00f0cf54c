//! The life of a thing: it is made, shown, listed, changed and deleted, as far as the paths of a contract say how.

use std::time::Duration;

use document::Operation;
use http::{Request, StatusCode, header};

use super::changes::is_unchanged;
use crate::client::Exchange;
use crate::curl::Place;
use crate::draft::Draft;
use crate::judge::{Complaint, Deserves, judge};
use crate::life::{Life, OfThing};
use crate::playing::{Made, Playing};
use crate::report::Check;
use crate::script::{Says, Told, Use};
use crate::verifier::{Break, Verifier};

/// How often something is looked at again before it is said to be wrong, and how long that waits: what answers may be a
/// copy that learns of a change a little later.
pub(super) const AGAIN: [Duration; 4] =
    [Duration::ZERO, Duration::from_millis(50), Duration::from_millis(250), Duration::from_millis(900)];

/// One step of a life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    Make,
    Read,
    /// What `Location` said is asked for.
    Follow,
    /// One of the lists is asked for as a whole.
    List(usize),
    /// One of the lists is asked for with as few entries as can be.
    Limited(usize),
    Change,
    /// The same change with the `ETag` of before.
    ChangeAgain,
    Delete,
}

/// How a step went.
pub(super) enum Went {
    /// Nothing is wrong with it.
    Well,
    /// What comes after it has nothing to stand on.
    Nowhere,
    /// The contract says something else.
    Wrong(Wrong),
}

/// What is wrong with a step.
pub(super) struct Wrong {
    pub operation: usize,
    pub title: &'static str,
    pub complaint: Complaint,
}

impl<'a> Verifier<'a> {
    /// Of an operation that creates.
    pub(crate) async fn sequence(&mut self, index: usize) -> Result<(), Break> {
        if self.plan.read_only {
            return Ok(());
        }
        let Some(life) = Life::of(self.api, index) else { return Ok(()) };
        let Some(seed) = self.seed_of(index) else { return Ok(()) };
        let caller = self.caller(index, None).await?;
        let lists = || 0..life.lists.len();
        let own = || lists().filter(|place| life.lists.get(*place).is_some_and(|list| list.own));
        let steps = [Step::Make, Step::Read, Step::Follow].into_iter();
        let steps = steps.chain(lists().map(Step::List)).chain(own().map(Step::Limited));
        let steps = steps.chain([Step::Delete, Step::Read]).chain(own().map(Step::List));
        self.play(Playing::new(&life, &seed, caller.as_ref(), true), &steps.collect::<Vec<_>>()).await?;
        // Of a thing of its own: what was changed may be one that is listed or deleted otherwise.
        if life.change.is_some() && life.read.is_some() {
            let steps = [Step::Make, Step::Read, Step::Change, Step::Read, Step::ChangeAgain];
            self.play(Playing::new(&life, &seed, caller.as_ref(), true), &steps).await?;
        }
        Ok(())
    }

    async fn play(&mut self, mut playing: Playing<'_>, steps: &[Step]) -> Result<(), Break> {
        for (number, step) in steps.iter().enumerate() {
            match self.step(&mut playing, *step).await? {
                Went::Well => {}
                Went::Nowhere => break,
                Went::Wrong(wrong) => {
                    self.found(&playing, steps.get(..=number).unwrap_or_default(), wrong).await?;
                    if matches!(step, Step::Read | Step::Change | Step::Delete) {
                        break;
                    }
                }
            }
        }
        Ok(())
    }

    pub(super) async fn step(&mut self, playing: &mut Playing<'_>, step: Step) -> Result<Went, Break> {
        match step {
            Step::Make => self.make(playing).await,
            Step::Read => self.read(playing).await,
            Step::Follow => self.follow(playing).await,
            Step::List(place) => self.list(playing, place).await,
            Step::Limited(place) => self.limited(playing, place).await,
            Step::Change => self.change(playing).await,
            Step::ChangeAgain => self.change_again(playing).await,
            Step::Delete => self.delete(playing).await,
        }
    }

    /// Sends a request of a life; what is wrong with its answer, if it is no answer to somebody who is kept out. `None`
    /// when nothing is known of what was asked for: whom the policy keeps out learns nothing.
    pub(super) async fn tell(
        &mut self,
        playing: &mut Playing<'_>,
        index: usize,
        (draft, uses): (&Draft, Vec<Use>),
        deserves: Option<&Deserves>,
    ) -> Result<Option<Option<Complaint>>, Break> {
        let Some(operation) = self.api.operations.get(index) else { return Ok(None) };
        let Some(mut request) = draft.request(operation) else { return Ok(None) };
        if let Some(caller) = playing.caller {
            caller.sign(&mut request);
        }
        let Some(exchange) = self.ask(&request).await? else { return Ok(None) };
        let kept_out = [StatusCode::UNAUTHORIZED, StatusCode::FORBIDDEN].contains(&exchange.response.status());
        let judged = deserves.and_then(|deserves| judge(operation, &exchange, deserves, Self::strictness(operation)));
        let complaint = judged.filter(|_| !kept_out);
        if playing.counts && deserves.is_some() {
            self.count(operation, Check::Sequence, Some(&exchange), complaint.is_some());
        }
        playing.told.push(Told { request, uses });
        playing.last = Some(exchange);
        Ok((!kept_out).then_some(complaint))
    }

    pub(super) async fn make(&mut self, playing: &mut Playing<'_>) -> Result<Went, Break> {
        /// So many others are made at most where one of the kind is there already.
        const MOST_TRIED: usize = 8;
        /// Far from the seeds of what was sent before.
        const FAR: u64 = 1 << 32;
        let (index, told) = (playing.life.make, playing.told.len());
        let Some(operation) = self.api.operations.get(index) else { return Ok(Went::Nowhere) };
        let seed = playing.seed;
        self.tell(playing, index, (seed, Vec::new()), None).await?;
        if playing.told.len() == told {
            return Ok(Went::Nowhere);
        }
        let answered = playing.status();
        if answered == Some(StatusCode::CONFLICT) {
            self.made += 1;
            let others = seed.others(operation, self.plan.seed.wrapping_add(FAR).wrapping_add(self.made));
            for other in others.iter().take(MOST_TRIED) {
                playing.told.truncate(told);
                self.tell(playing, index, (other, Vec::new()), None).await?;
                if playing.status().is_some_and(|status| status.is_success()) {
                    break;
                }
            }
        }
        let success = |exchange: &&Exchange| exchange.response.status().is_success();
        let Some(exchange) = playing.last.as_ref().filter(success) else {
            let status = answered.unwrap_or_default().as_u16();
            return Err(Break::LeaveOut(format!("nothing could be made to read and delete again ({status})")));
        };
        let name = playing.life.name(self.api).unwrap_or("id");
        let Some(made) = Made::of(exchange, name, told, self.location(exchange)) else {
            return Err(Break::LeaveOut("its answer does not say what was made".to_owned()));
        };
        playing.made = Some(made);
        Ok(Went::Well)
    }

    async fn read(&mut self, playing: &mut Playing<'_>) -> Result<Went, Break> {
        let Some((index, operation, place)) = self.of_thing(playing.life.read) else { return Ok(Went::Well) };
        let (title, deserves) = match (playing.deleted, &playing.change) {
            (true, _) => ("what was deleted is read", Deserves::Absent),
            // What a change makes of a thing may be one that is no longer shown.
            (false, Some(_)) => ("what was changed is read", Deserves::Consideration),
            (false, None) => ("what was made is read", playing.deserves()),
        };
        let wrong = |complaint| Ok(Went::Wrong(Wrong { operation: index, title, complaint }));
        let (before, mut unchanged) = (playing.told.len(), None);
        for wait in AGAIN {
            self.pause(wait).await?;
            playing.told.truncate(before);
            let Some((draft, uses)) = self.about(playing, operation, place) else { return Ok(Went::Nowhere) };
            let Some(complaint) = self.tell(playing, index, (&draft, uses), Some(&deserves)).await? else {
                return Ok(Went::Nowhere);
            };
            if let Some(complaint) = complaint {
                return wrong(complaint);
            }
            if !playing.deleted && !playing.status().is_some_and(|status| status.is_success()) {
                return Ok(Went::Nowhere);
            }
            playing.note();
            unchanged = is_unchanged(playing);
            if unchanged.is_none() {
                break;
            }
        }
        unchanged.map_or(Ok(Went::Well), wrong)
    }

    async fn follow(&mut self, playing: &mut Playing<'_>) -> Result<Went, Break> {
        let Some((made, path)) = playing.made.as_ref().and_then(|made| Some((made, made.location.clone()?))) else {
            return Ok(Went::Well);
        };
        let told = made.told;
        // What was read already is there.
        if playing.told.iter().any(|known| known.request.uri().path() == path) {
            return Ok(Went::Well);
        }
        let Ok(request) = Request::get(&path).body(bytes::Bytes::new()) else { return Ok(Went::Well) };
        let leads = |(_, operation): &(usize, &Operation)| {
            operation.method == http::Method::GET && operation.template.matches(&path).is_some()
        };
        let Some((index, operation)) = self.api.operations.iter().enumerate().find(leads) else {
            return Ok(Went::Well);
        };
        let Some(draft) = Draft::of(operation, &request) else { return Ok(Went::Well) };
        let uses = vec![Use { place: Place::Path, from: told, says: Says::PathOfLocation(self.base_path()) }];
        let told = self.tell(playing, index, (&draft, uses), Some(&Deserves::Success)).await?;
        let title = "what `Location` leads to is read";
        Ok(told.flatten().map_or(Went::Well, |complaint| Went::Wrong(Wrong { operation: index, title, complaint })))
    }

    async fn delete(&mut self, playing: &mut Playing<'_>) -> Result<Went, Break> {
        let Some((index, operation, place)) = self.of_thing(playing.life.delete) else { return Ok(Went::Nowhere) };
        let Some((draft, uses)) = self.about(playing, operation, place) else { return Ok(Went::Nowhere) };
        let deserves = playing.deserves();
        let Some(complaint) = self.tell(playing, index, (&draft, uses), Some(&deserves)).await? else {
            return Ok(Went::Nowhere);
        };
        if complaint.is_none() && playing.status().is_some_and(|status| status.is_client_error()) {
            return Ok(Went::Nowhere);
        }
        playing.deleted = true;
        let title = "what was made is deleted";
        Ok(complaint.map_or(Went::Well, |complaint| Went::Wrong(Wrong { operation: index, title, complaint })))
    }

    pub(super) fn of_thing(&self, known: Option<OfThing>) -> Option<(usize, &'a Operation, usize)> {
        let known = known?;
        Some((known.operation, self.api.operations.get(known.operation)?, known.parameter))
    }

    pub(super) fn about(
        &self,
        playing: &Playing<'_>,
        operation: &Operation,
        place: usize,
    ) -> Option<(Draft, Vec<Use>)> {
        playing.about(self.api.operations.get(playing.life.make)?, operation, place)
    }

    /// A request that makes something new: one that did before, with a key of its own, or a plain one.
    fn seed_of(&self, index: usize) -> Option<Draft> {
        let operation = self.api.operations.get(index)?;
        let mut seed = self.base(index)?;
        seed.parameters.retain(|place, _| {
            let parameter = operation.parameters.get(*place);
            parameter.is_some_and(|parameter| !parameter.name.eq_ignore_ascii_case("idempotency-key"))
        });
        Some(seed)
    }

    /// The path of the base URL.
    fn base_path(&self) -> String {
        let base = self.asking.client.base();
        let rest = base.split_once("://").and_then(|(_, rest)| rest.split_once('/'));
        rest.map(|(_, path)| format!("/{path}")).unwrap_or_default()
    }

    /// Where an answer that made something says that this is, as a path below the base path.
    fn location(&self, exchange: &Exchange) -> Option<String> {
        let response = &exchange.response;
        let location = response.headers().get(header::LOCATION).filter(|_| response.status() == StatusCode::CREATED)?;
        let location = location.to_str().ok()?;
        let authority = |url: &str| Some(url.split_once("://")?.1.split('/').next()?.to_owned());
        let path = match authority(location) {
            Some(other) if authority(self.asking.client.base()) != Some(other.clone()) => return None,
            Some(other) => location.split_once(&other)?.1,
            None => location,
        };
        let path = path.strip_prefix(self.base_path().as_str())?;
        (path.starts_with('/') && !path.contains(['?', '#'])).then(|| path.to_owned())
    }
}
