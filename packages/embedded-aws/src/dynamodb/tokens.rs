//! The tokens of transactions, by which a repetition is known. `dynoxide` has its own, but looks through all of them at
//! each call.

use std::collections::{HashMap, VecDeque};
use std::time::{Duration, Instant};

use bytes::Bytes;
use dynoxide::DynoxideError;
use serde_json::Value;

/// How long DynamoDB remembers a token.
const REMEMBERED: Duration = Duration::from_secs(600);
/// The most that is kept, in bytes; under load older tokens are forgotten sooner.
const MOST: usize = 4 * 1024 * 1024;
/// The longest token that DynamoDB takes.
pub(super) const LONGEST: usize = 36;

/// The latest transactions.
#[derive(Default)]
pub(super) struct Tokens {
    /// By operation and token.
    done: HashMap<String, Done>,
    order: VecDeque<(Instant, String)>,
    bytes: usize,
}

struct Done {
    body: Bytes,
    answer: Vec<u8>,
}

impl Tokens {
    /// Does `call`, unless it was done under the same token; then it answers what it answered.
    ///
    /// # Errors
    ///
    /// `IdempotentParameterMismatchException` when something else was asked under the token, or what `call` says, which
    /// is then not remembered.
    pub fn once(
        &mut self,
        operation: &str,
        token: Option<String>,
        body: Bytes,
        call: impl FnOnce() -> Result<Vec<u8>, DynoxideError>,
    ) -> Result<Vec<u8>, DynoxideError> {
        let Some(token) = token else { return call() };
        self.forget();
        let key = format!("{operation} {token}");
        match self.done.get(&key) {
            Some(done) if same(&done.body, &body) => Ok(done.answer.clone()),
            Some(_) => Err(DynoxideError::IdempotentParameterMismatchException(
                "An error occurred (IdempotentParameterMismatchException)".to_owned(),
            )),
            None => {
                let answer = call()?;
                self.bytes += key.len() + body.len() + answer.len();
                self.order.push_back((Instant::now(), key.clone()));
                self.done.insert(key, Done { body, answer: answer.clone() });
                Ok(answer)
            }
        }
    }

    fn forget(&mut self) {
        while let Some((at, key)) = self.order.front()
            && (self.bytes > MOST || at.elapsed() > REMEMBERED)
        {
            if let Some(done) = self.done.remove(key) {
                self.bytes -= key.len() + done.body.len() + done.answer.len();
            }
            self.order.pop_front();
        }
    }
}

/// Whether two bodies ask for the same, in whatever order their members come.
fn same(one: &[u8], other: &[u8]) -> bool {
    let asked = |body: &[u8]| -> Option<Value> {
        let mut body: Value = serde_json::from_slice(body).ok()?;
        let members = body.as_object_mut()?;
        members.remove("TransactItems").or_else(|| members.remove("TransactStatements"))
    };
    asked(one) == asked(other)
}
