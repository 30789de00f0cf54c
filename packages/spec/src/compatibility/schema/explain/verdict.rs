//! What a change means: a value that shows it, a proof that there is none, or neither.

use serde_json::Value;

use super::{Walk, pointer};
use crate::compatibility::report::{Verdict, Witness};
use crate::compatibility::rules::rule;
use crate::compatibility::schema::counter::{against, around};
use crate::compatibility::schema::node::{All, At, Node};
use crate::compatibility::schema::witness::{begin_effort, rewritten};
use crate::compatibility::schema::{Found, algebra, confirm};
use crate::compatibility::sides::{Form, escaped};

/// The most values that are held against both schemas for one change.
const MOST_TRIES: usize = 60;

impl<'a> Walk<'_, 'a> {
    /// A change by which the receiver may refuse: it breaks if a value shows it.
    pub(super) fn narrow(
        &mut self,
        id: &'static str,
        said: String,
        place: Option<At<'a>>,
        name: Option<&str>,
        values: &[Value],
    ) {
        let witness = self.witness(values);
        let verdict = if witness.is_some() { Verdict::Breaking } else { Verdict::Unproven };
        self.tell(id, verdict, place, name, said, witness);
    }

    /// Keywords told nothing that shows: the schemas as a whole.
    pub(super) fn whole(&mut self, sender: &All<'a>, receiver: &All<'a>) {
        let new_is_receiver = self.new_is_receiver();
        let new = if new_is_receiver { receiver } else { sender };
        let place = new.first().or(sender.first()).map(Node::bare);
        let place = place.map(|node| At { side: node.side(), value: node.value, keys: Vec::new() });
        let values = begin_effort(|| against(sender, receiver, 0));
        if let Some(witness) = self.witness(&values) {
            self.found.retain(|found| found.verdict != Verdict::Unproven);
            let (id, said) = if new_is_receiver {
                ("schema-tightened", "the schema accepts less than before")
            } else {
                ("schema-loosened", "the schema accepts more than before")
            };
            self.tell(id, Verdict::Breaking, place, None, said.to_owned(), Some(witness));
            return;
        }
        let contained = self.terms.form == Form::Json && algebra::contains(receiver, sender);
        if contained {
            // Nothing is refused after all; what seemed to narrow does not.
            self.found.retain(|found| found.verdict != Verdict::Unproven);
            self.engine.learn(sender, receiver, self.terms);
            return;
        }
        if self.found.iter().all(|found| found.verdict == Verdict::Compatible) {
            let said = "neither a proof nor a counter-example was found".to_owned();
            self.tell("schema-undecided", Verdict::Unproven, place, None, said, None);
        }
    }

    /// The first value that both sides confirm: one accepts it, the other refuses it for what stands here.
    fn witness(&mut self, inner: &[Value]) -> Option<Witness> {
        let (sender, receiver) = (self.sender.clone(), self.receiver.clone());
        let at = pointer(&self.path, false);
        let mut tried: Vec<Value> = Vec::new();
        for value in begin_effort(|| around(&sender, &receiver, &self.path, inner, 0)) {
            if tried.len() >= MOST_TRIES {
                break;
            }
            if tried.contains(&value) || self.engine.effort == 0 {
                continue;
            }
            self.engine.effort -= 1;
            let refused = confirm::refuses(&receiver, &value, &at);
            if let Some(why) = refused
                && confirm::accepts(&sender, &value) == Some(true)
                && (self.terms.form == Form::Json || !self.is_accepted_as_text(&receiver, &value))
            {
                let (accepted_by, refused_by) = (sender[0].side(), receiver[0].side());
                return Some(Witness { value, at, accepted_by, refused_by, why });
            }
            tried.push(value);
        }
        None
    }

    /// On the wire of a parameter, `5` and `"5"` are one.
    fn is_accepted_as_text(&self, receiver: &All<'a>, value: &Value) -> bool {
        let again = match value {
            Value::Array(items) => {
                Some(Value::Array(items.iter().map(|item| rewritten(item).unwrap_or_else(|| item.clone())).collect()))
            }
            value => rewritten(value),
        };
        again.is_some_and(|again| confirm::accepts(receiver, &again) == Some(true))
    }

    pub(super) fn tell(
        &mut self,
        id: &str,
        verdict: Verdict,
        place: Option<At<'a>>,
        name: Option<&str>,
        said: String,
        witness: Option<Witness>,
    ) {
        let mut touches = pointer(&self.path, true);
        if let Some(name) = name {
            touches.push('/');
            touches.push_str(&escaped(name));
        }
        let shown = pointer(&self.path, true);
        let message = if shown.is_empty() { said.clone() } else { format!("{shown}: {said}") };
        self.found.push(Found { rule: rule(id), verdict, at: place, touches, message, said, witness });
    }
}
