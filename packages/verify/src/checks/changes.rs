//! What is changed is seen to be, and by nobody who knows only what was there before.

use http::StatusCode;
use serde_json::Value;

use super::sequence::{Went, Wrong};
use crate::draft::{Content, Draft};
use crate::judge::{Complaint, Deserves};
use crate::playing::{Change, Playing, conditional};
use crate::verifier::{Break, Verifier};

impl Verifier<'_> {
    pub(super) async fn change(&mut self, playing: &mut Playing<'_>) -> Result<Went, Break> {
        const ATTEMPTS: u64 = 8;
        let Some((index, operation, place)) = self.of_thing(playing.life.change) else { return Ok(Went::Nowhere) };
        let Some((before, made)) = playing.thing.clone().zip(playing.made.clone()) else { return Ok(Went::Nowhere) };
        let Some((draft, uses)) = self.about(playing, operation, place) else { return Ok(Went::Nowhere) };
        let count = |draft: &Draft| {
            let keeps = draft.issues(operation).is_some_and(|issues| issues.is_empty());
            sent(draft).filter(|_| keeps).map_or(0, |sent| changed(sent, &before).len())
        };
        let changes = |draft: &Draft| count(draft) > 0;
        let with = |seed: u64| {
            let mut body = Draft::generated(operation, seed)?.body;
            // It stays the same thing.
            if let Some(Content::Value(_, sent)) = &mut body {
                for key in &made.keys {
                    if let Some((id, known)) = sent.get_mut(key).zip(before.get(key)) {
                        id.clone_from(known);
                    }
                }
            }
            Some(Draft { body, ..draft.clone() })
        };
        // As much as can be, and of changes alike the plainest: any one field may be one that the server keeps its own.
        let drafts = (0..ATTEMPTS).rev().filter_map(with).filter(changes);
        let Some(mut draft) = drafts.max_by_key(count) else { return Ok(Went::Nowhere) };
        let less = |draft: &Draft| {
            let all = draft.smaller().into_iter().filter(|smaller| smaller.parameters == draft.parameters);
            all.into_iter().find(changes)
        };
        // What shows a finding again is as small as can be.
        while let Some(smaller) = less(&draft).filter(|_| !playing.counts) {
            draft = smaller;
        }
        let tag = playing.tag.clone();
        let told = self.tell(playing, index, (&draft, uses), Some(&Deserves::Consideration)).await?;
        let Some(complaint) = told else { return Ok(Went::Nowhere) };
        let current = tag.is_some() && conditional(operation).is_some();
        let outdated = current && playing.status() == Some(StatusCode::PRECONDITION_FAILED);
        let complaint = complaint.or_else(|| {
            outdated.then(|| Complaint {
                expected: "the change is taken: `If-Match` is the ETag that the last answer gave".to_owned(),
                wrong: "it is refused as outdated".to_owned(),
            })
        });
        if let Some(complaint) = complaint {
            return Ok(Went::Wrong(Wrong { operation: index, title: "what was made is changed", complaint }));
        }
        // What is only taken for later is seen at any time.
        if !playing.status().is_some_and(|status| status.is_success() && status != StatusCode::ACCEPTED) {
            return Ok(Went::Nowhere);
        }
        playing.change = Some(Change { draft, before, tag });
        playing.tag = playing.last_tag();
        Ok(Went::Well)
    }

    /// The same change, with the `ETag` of before it.
    pub(super) async fn change_again(&mut self, playing: &mut Playing<'_>) -> Result<Went, Break> {
        let Some((index, operation, _)) = self.of_thing(playing.life.change) else { return Ok(Went::Well) };
        let refuses = operation.responses.iter().any(|response| response.status == "412");
        let Some((change, made)) = playing.change.as_ref().zip(playing.made.as_ref()) else { return Ok(Went::Well) };
        let old = change.tag.as_ref().filter(|old| playing.tag.as_ref().is_none_or(|tag| tag.text != old.text));
        let (Some(old), Some(place), true) = (old, conditional(operation), refuses) else { return Ok(Went::Well) };
        let mut draft = change.draft.clone();
        draft.parameters.insert(place, old.text.clone().into());
        let uses = vec![made.in_path(), old.in_field()];
        let told = self.tell(playing, index, (&draft, uses), Some(&Deserves::Anything)).await?;
        let Some(complaint) = told else { return Ok(Went::Well) };
        let taken = playing.status().is_some_and(|status| status.is_success());
        let complaint = complaint.or_else(|| {
            taken.then(|| Complaint {
                expected: "412: `If-Match` is the ETag of before the last change".to_owned(),
                wrong: "it is taken".to_owned(),
            })
        });
        let title = "a change of what is no longer there";
        Ok(complaint.map_or(Went::Well, |complaint| Went::Wrong(Wrong { operation: index, title, complaint })))
    }
}

/// The complaint about a thing that is as it was before something else was sent.
pub(super) fn is_unchanged(playing: &Playing<'_>) -> Option<Complaint> {
    let (change, thing) = playing.change.as_ref().filter(|_| !playing.deleted).zip(playing.thing.as_ref())?;
    let names = changed(sent(&change.draft)?, &change.before);
    // What a server writes otherwise, or does not take, is its own; that nothing at all is another one is no change.
    let same = !names.is_empty() && names.iter().all(|name| thing.get(*name) == change.before.get(*name));
    same.then(|| Complaint {
        expected: "what was made, as it was changed".to_owned(),
        wrong: format!("it is as it was before: {} is not what was sent", names.join(", ")),
    })
}

/// The value that is sent.
fn sent(draft: &Draft) -> Option<&Value> {
    match &draft.body {
        Some(Content::Value(_, sent)) => Some(sent),
        _ => None,
    }
}

/// The fields of a thing that are sent as something else.
fn changed<'a>(sent: &'a Value, before: &Value) -> Vec<&'a str> {
    let scalar = |value: &Value| value.is_string() || value.is_number() || value.is_boolean();
    let differs = |name: &String, value: &Value| {
        scalar(value) && before.get(name).is_some_and(|before| scalar(before) && before != value)
    };
    let fields = sent.as_object().into_iter().flatten();
    fields.filter(|(name, value)| differs(name, value)).map(|(name, _)| name.as_str()).collect()
}
