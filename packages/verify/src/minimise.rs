//! The smallest request that a finding can be shown with.

use document::Operation;

use crate::caller::Caller;
use crate::client::Exchange;
use crate::draft::Draft;
use crate::judge::{Complaint, Deserves, judge};
use crate::report::Check;
use crate::verifier::{Verifier, no_answer};

/// A complaint, and what it is about.
pub(crate) struct Seen<'a> {
    pub check: Check,
    pub draft: &'a Draft,
    pub caller: Option<&'a Caller>,
    pub deserves: &'a Deserves,
    pub complaint: Complaint,
}

impl Seen<'_> {
    /// Whether a smaller request deserves the same: it has the same issue, or none if this one has none.
    fn is_of_its_kind(&self, operation: &Operation, candidate: &Draft) -> bool {
        let issues = candidate.issues(operation);
        match (self.check, self.deserves) {
            (Check::Invalid, Deserves::Refusal(issue)) => issues.is_some_and(|issues| {
                issues.iter().all(|known| known.pointer == issue.pointer && known.rule == issue.rule)
                    && !issues.is_empty()
            }),
            (Check::Syntax | Check::Size | Check::MediaType, _) => candidate.body == self.draft.body,
            (Check::Method, _) => candidate.method == self.draft.method,
            // The credentials are what the finding is about.
            (Check::Credentials, _) if candidate.fields != self.draft.fields => false,
            _ => issues.is_some_and(|issues| issues.is_empty()),
        }
    }
}

impl Verifier<'_> {
    /// The smallest request about which there is the same complaint, and which is still of the same kind.
    pub async fn minimised(
        &mut self,
        operation: &Operation,
        seen: &Seen<'_>,
        request: http::Request<bytes::Bytes>,
        exchange: Option<Exchange>,
    ) -> (http::Request<bytes::Bytes>, Option<Exchange>, Complaint) {
        const MOST_ASKED: usize = 40;
        let mut best = (seen.draft.clone(), request, exchange, seen.complaint.clone());
        let mut asked = 0;
        'smaller: loop {
            for candidate in best.0.smaller() {
                if asked >= MOST_ASKED {
                    break 'smaller;
                }
                if !seen.is_of_its_kind(operation, &candidate) {
                    continue;
                }
                let Some(mut request) = candidate.request(operation) else { continue };
                if let Some(caller) = seen.caller {
                    caller.sign(&mut request);
                }
                asked += 1;
                // What keeps us from asking on meets the next request, too; what was found stays found.
                let Ok(exchange) = self.ask(&request).await else { break 'smaller };
                let complaint = match &exchange {
                    Some(exchange) => judge(operation, exchange, seen.deserves, Self::strictness(operation)),
                    None => Some(no_answer()),
                };
                if let Some(complaint) = complaint.filter(|complaint| complaint.expected == seen.complaint.expected) {
                    best = (candidate, request, exchange, complaint);
                    continue 'smaller;
                }
            }
            break;
        }
        let (_, request, exchange, complaint) = best;
        (request, exchange, complaint)
    }
}
