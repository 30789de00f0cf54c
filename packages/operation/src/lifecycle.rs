//! What an operation does in the life of a record, as data: contracts publish it, and mocks go by it.

use service_errors::Refusal;

/// One step in the life of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Transition {
    /// The status it leads from; `None` where the record is made.
    pub from: Option<&'static str>,
    /// What leads on.
    pub action: &'static str,
    /// The status it leads to.
    pub to: &'static str,
}

/// An operation's part in a life; `x-lifecycle` in documents:
///
/// ```json
/// { "action": "confirm", "transitions": [{ "from": "created", "to": "confirmed" }], "refusal":
/// "INVALID_BOOKING_STATUS" }
/// ```
///
/// A transition without `from` makes the record. From a status that is not listed the operation is refused with
/// `refusal`, which is one of its declared errors, and `details.status` says where the record stands.
#[derive(Debug, Clone, Copy)]
pub struct Lifecycle {
    /// What the operation does.
    pub action: &'static str,
    /// Every step of the whole life; those of its action are the operation's.
    pub steps: &'static [Transition],
    /// How it is refused where no step leads on; an operation that only makes records has none.
    pub refusal: Option<Refusal>,
}

impl Lifecycle {
    /// The steps that the operation takes.
    pub fn transitions(&self) -> impl Iterator<Item = &'static Transition> {
        let action = self.action;
        self.steps.iter().filter(move |step| step.action == action)
    }

    /// Where the operation leads from this status (`None`: from nothing), if there is such a step.
    pub fn after(&self, from: Option<&str>) -> Option<&'static str> {
        self.transitions().find(|step| step.from == from).map(|step| step.to)
    }
}
