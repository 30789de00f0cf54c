//! What was made stands in its list until it is deleted, and a list has no more entries than are asked for.

use document::Operation;
use serde_json::Value;

use super::sequence::{AGAIN, Went, Wrong};
use crate::curl::Place;
use crate::judge::{Complaint, Deserves, judge};
use crate::life::{List, Pages};
use crate::listing::{Next, alone, entries, entry, next};
use crate::playing::{Made, Playing};
use crate::script::{Says, Use};
use crate::verifier::{Break, Verifier};

impl Verifier<'_> {
    pub(super) async fn list(&mut self, playing: &mut Playing<'_>, place: usize) -> Result<Went, Break> {
        let Some(list) = playing.life.lists.get(place) else { return Ok(Went::Well) };
        let wrong = |title, complaint| Ok(Went::Wrong(Wrong { operation: list.operation, title, complaint }));
        let (before, mut found) = (playing.told.len(), None);
        let title = if playing.deleted { "what was deleted is listed" } else { "what was made is listed" };
        for wait in AGAIN {
            self.pause(wait).await?;
            playing.told.truncate(before);
            found = match self.look(playing, list).await? {
                // It was so before anything was deleted.
                Seen::Wrong(_) if playing.deleted && playing.listed.broken => return Ok(Went::Well),
                Seen::Wrong(complaint) => {
                    playing.listed.broken = list.own;
                    return wrong(title, complaint);
                }
                Seen::Nothing => return Ok(Went::Well),
                // A list may show that something is deleted, and then shows it otherwise than before.
                Seen::Entry(entry) if playing.deleted && playing.listed.entry.as_ref() == Some(&entry) => {
                    Some(Complaint {
                        expected: "a list without what was deleted".to_owned(),
                        wrong: "it still stands there".to_owned(),
                    })
                }
                Seen::Entry(_) if playing.deleted => return Ok(Went::Well),
                Seen::Entry(entry) => {
                    playing.listed.entry = Some(entry);
                    return Ok(Went::Well);
                }
                Seen::Missing if playing.deleted => return Ok(Went::Well),
                Seen::Missing => Some(Complaint {
                    expected: "a list with what was made".to_owned(),
                    wrong: "it is in none of its pages".to_owned(),
                }),
            };
        }
        match found {
            Some(complaint) => wrong(title, complaint),
            None => Ok(Went::Well),
        }
    }

    /// Looks for the thing in a list, page by page.
    async fn look(&mut self, playing: &mut Playing<'_>, list: &List) -> Result<Seen, Break> {
        const MOST_PAGES: usize = 20;
        let Some((operation, made)) = self.api.operations.get(list.operation).zip(playing.made.clone()) else {
            return Ok(Seen::Nothing);
        };
        let make = self.api.operations.get(playing.life.make);
        let Some(mut draft) = make.and_then(|make| playing.plain(make, operation)) else { return Ok(Seen::Nothing) };
        // Where it is not on the first page, pages as long as can be.
        let mut wide = list.limit.and_then(|limit| {
            let most = match list.pages {
                Pages::Counted { asked, .. } => Some(asked),
                _ => limit.most,
            };
            Some((limit.parameter, most?))
        });
        let mut uses = Vec::new();
        for page in 0..MOST_PAGES {
            let asked = (&draft, std::mem::take(&mut uses));
            match self.tell(playing, list.operation, asked, Some(&Deserves::Anything)).await? {
                None => return Ok(Seen::Nothing),
                // Nothing is shown again by what others left there.
                Some(Some(_)) if !playing.counts && is_of_others(operation, playing, &made) => {
                    return Ok(Seen::Nothing);
                }
                Some(Some(complaint)) => return Ok(Seen::Wrong(complaint)),
                Some(None) => {}
            }
            let body = playing.body();
            let success = playing.status().is_some_and(|status| status.is_success());
            let Some(entries) = entries(&body, &made.keys).filter(|_| success && list.own) else {
                return Ok(Seen::Nothing);
            };
            if page == 0 {
                playing.listed.entries = entries.len();
            }
            if let Some(entry) = entry(entries, &made) {
                return Ok(Seen::Entry(entry.clone()));
            }
            if !list.whole {
                return Ok(Seen::Nothing);
            }
            if let Some((parameter, most)) = wide.take() {
                draft.parameters.insert(parameter, most.into());
                playing.told.pop();
                continue;
            }
            let goes_on = playing.last.as_ref().map_or(Next::Somehow, |last| next(last, &body));
            match (goes_on, list.cursor, list.pages) {
                (Next::Cursor(pointer, cursor), Some(place), _) => {
                    let name = operation.parameters.get(place).map(|known| known.name.clone()).unwrap_or_default();
                    let from = playing.told.len().saturating_sub(1);
                    uses = vec![Use { place: Place::Query(name), from, says: Says::Body(pointer) }];
                    draft.parameters.insert(place, cursor.into());
                }
                // What was only taken, and was not shown yet, may never be there.
                _ if !made.created && playing.thing.is_none() => return Ok(Seen::Nothing),
                (Next::Nowhere, _, Pages::None | Pages::Told) => return Ok(Seen::Missing),
                (Next::Nowhere, _, Pages::Counted { fewer, .. }) if entries.len() < fewer => return Ok(Seen::Missing),
                _ => return Ok(Seen::Nothing),
            }
        }
        Ok(Seen::Nothing)
    }

    pub(super) async fn limited(&mut self, playing: &mut Playing<'_>, place: usize) -> Result<Went, Break> {
        /// So many things are made at most to have more of them than are asked for.
        const MOST_MADE: usize = 4;
        let Some(list) = playing.life.lists.get(place) else { return Ok(Went::Well) };
        let Some((operation, made)) = self.api.operations.get(list.operation).zip(playing.made.clone()) else {
            return Ok(Went::Well);
        };
        let limit = list.limit.map(|limit| limit.parameter);
        let Some((limit, parameter)) = limit.and_then(|limit| Some((limit, operation.parameters.get(limit)?))) else {
            return Ok(Went::Well);
        };
        let accepted = |least: &usize| parameter.schema.accepts(&Value::from(*least));
        let Some(least) = (1..MOST_MADE).find(accepted) else { return Ok(Went::Well) };
        for _ in playing.listed.entries.max(1)..=least {
            // Who takes no second one of these has no more of them than are asked for.
            match self.make(playing).await {
                Ok(_) => {}
                Err(Break::LeaveOut(_)) => break,
                Err(end) => return Err(end),
            }
        }
        playing.made = Some(made.clone());
        let make = self.api.operations.get(playing.life.make);
        let Some(mut draft) = make.and_then(|make| playing.plain(make, operation)) else { return Ok(Went::Well) };
        draft.parameters.insert(limit, least.into());
        let told = self.tell(playing, list.operation, (&draft, Vec::new()), Some(&Deserves::Anything)).await?;
        let Some(complaint) = told else { return Ok(Went::Well) };
        let complaint = complaint.or_else(|| {
            let body = playing.body();
            let came = entries(&body, &made.keys).filter(|entries| entries.len() > least)?.len();
            let name = &parameter.name;
            Some(Complaint {
                expected: format!("no more entries than `{name}` asks for: {least}"),
                wrong: format!("there are {came}"),
            })
        });
        let title = "as few entries as can be are asked for";
        Ok(complaint.map_or(Went::Well, |complaint| Went::Wrong(Wrong { operation: list.operation, title, complaint })))
    }
}

/// Whether nothing would be wrong with the last answer, a list, if only what was made stood in it.
fn is_of_others(operation: &Operation, playing: &Playing<'_>, made: &Made) -> bool {
    let Some((last, body)) = playing.last.as_ref().zip(alone(&playing.body(), made)) else { return false };
    let mut alone = last.clone();
    *alone.response.body_mut() = body.to_string().into();
    judge(operation, &alone, &Deserves::Anything, Verifier::strictness(operation)).is_none()
}

/// What a list says of the thing.
enum Seen {
    Entry(Value),
    /// It is in none of the pages.
    Missing,
    /// Nothing that would be sure.
    Nothing,
    Wrong(Complaint),
}
