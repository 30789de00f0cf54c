//! The life of a booking as one table: every check asks it, and the drawing in `lifecycle.md` is held against it.

use operation::{Lifecycle, Transition};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use service_errors::Refusal;

/// Where a booking stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum BookingStatus {
    /// Booked and waiting to be confirmed.
    Created,
    /// Taken on, without a vehicle yet.
    Confirmed,
    /// A vehicle and a driver are to carry it.
    Assigned,
    /// On the road.
    InTransit,
    /// Delivered.
    Completed,
    /// Called off.
    Cancelled,
}

/// What can be done with a booking.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Booking it.
    Create,
    /// Taking it on.
    Confirm,
    /// Giving it a vehicle and a driver.
    Assign,
    /// Moving its pickup.
    Reschedule,
    /// Setting out with it.
    Start,
    /// Delivering it.
    Complete,
    /// Calling it off.
    Cancel,
}

use Action::{Assign, Cancel, Complete, Confirm, Create, Reschedule, Start};
use BookingStatus::{Assigned, Cancelled, Completed, Confirmed, Created, InTransit};

/// Every step there is: from where, by what, to where. A booking that is moved gives its vehicle back.
const STEPS: &[(Option<BookingStatus>, Action, BookingStatus)] = &[
    (None, Create, Created),
    (Some(Created), Confirm, Confirmed),
    (Some(Created), Reschedule, Created),
    (Some(Created), Cancel, Cancelled),
    (Some(Confirmed), Assign, Assigned),
    (Some(Confirmed), Reschedule, Confirmed),
    (Some(Confirmed), Cancel, Cancelled),
    (Some(Assigned), Start, InTransit),
    (Some(Assigned), Reschedule, Confirmed),
    (Some(Assigned), Cancel, Cancelled),
    (Some(InTransit), Complete, Completed),
];

/// The same in the words of contracts.
const TRANSITIONS: [Transition; STEPS.len()] = {
    let mut told = [Transition { from: None, action: "", to: "" }; STEPS.len()];
    let mut n = 0;
    while n < STEPS.len() {
        let (from, action, to) = STEPS[n];
        let from = match from {
            Some(from) => Some(from.name()),
            None => None,
        };
        told[n] = Transition { from, action: action.name(), to: to.name() };
        n += 1;
    }
    told
};

impl Action {
    /// What the operation declares that does this; it is refused with `refusal` where it cannot be done.
    pub const fn lifecycle(self, refusal: Option<Refusal>) -> Option<Lifecycle> {
        Some(Lifecycle { action: self.name(), steps: &TRANSITIONS, refusal })
    }

    /// The name in documents.
    const fn name(self) -> &'static str {
        match self {
            Create => "create",
            Confirm => "confirm",
            Assign => "assign",
            Reschedule => "reschedule",
            Start => "start",
            Complete => "complete",
            Cancel => "cancel",
        }
    }
}

impl BookingStatus {
    /// The names of all, in the order in which a booking has them.
    pub const NAMES: [&str; 6] =
        [Created.name(), Confirmed.name(), Assigned.name(), InTransit.name(), Completed.name(), Cancelled.name()];

    /// The name in documents, queries and keys.
    pub const fn name(self) -> &'static str {
        match self {
            Created => "created",
            Confirmed => "confirmed",
            Assigned => "assigned",
            InTransit => "in_transit",
            Completed => "completed",
            Cancelled => "cancelled",
        }
    }

    /// Where `action` leads from here, if it can be done here.
    pub fn after(self, action: Action) -> Option<Self> {
        STEPS.iter().find(|step| (step.0, step.1) == (Some(self), action)).map(|step| step.2)
    }

    /// Whether something can still be done.
    pub fn is_open(self) -> bool {
        STEPS.iter().any(|step| step.0 == Some(self))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STATUSES: [BookingStatus; 6] = [Created, Confirmed, Assigned, InTransit, Completed, Cancelled];

    #[test]
    fn the_drawing_is_that_of_the_table() {
        let mut drawing = "```mermaid\nstateDiagram-v2\n".to_owned();
        for (from, action, to) in STEPS {
            let from = from.map_or("[*]", BookingStatus::name);
            drawing += &format!("    {from} --> {}: {}\n", to.name(), action.name());
        }
        for status in STATUSES.iter().filter(|status| !status.is_open()) {
            drawing += &format!("    {} --> [*]\n", status.name());
        }
        drawing += "```\n";

        let page = include_str!("../lifecycle.md");
        assert!(page.contains(&drawing), "lifecycle.md must hold this drawing:\n{drawing}");
        assert_eq!(page.matches("```mermaid").count(), 1);
    }

    #[test]
    fn an_action_leads_from_one_status_to_one() {
        for (n, step) in STEPS.iter().enumerate() {
            assert!(STEPS[..n].iter().all(|other| (other.0, other.1) != (step.0, step.1)), "{step:?} stands twice");
        }
    }

    #[test]
    fn what_operations_declare_is_the_table() {
        let declared: Vec<Lifecycle> = crate::service()
            .operations()
            .iter()
            .filter_map(|operation| {
                let declaration = operation.declaration;
                let life = declaration.lifecycle?;
                let refused = life.refusal.is_none_or(|refusal| declaration.errors.contains(&refusal));
                assert!(refused, "{} does not declare the refusal of its life", declaration.id);
                Some(life)
            })
            .collect();
        for (from, action, to) in STEPS {
            assert_eq!(serde_json::to_value(action).unwrap(), action.name());
            let [life] = declared.iter().filter(|life| life.action == action.name()).collect::<Vec<_>>()[..] else {
                panic!("{action:?} is not declared by exactly one operation");
            };
            assert_eq!(life.after(from.map(BookingStatus::name)), Some(to.name()), "{action:?} from {from:?}");
            assert!(from.is_none() || life.refusal.is_some(), "{action:?} is refused with nothing");
        }
        assert_eq!(declared.iter().flat_map(Lifecycle::transitions).count(), STEPS.len());
    }

    #[test]
    fn every_status_is_reached_and_named_as_it_is_written() {
        assert_eq!(STATUSES.map(BookingStatus::name), BookingStatus::NAMES);
        for status in STATUSES {
            assert!(STEPS.iter().any(|step| step.2 == status), "{status:?}");
            assert_eq!(serde_json::to_value(status).unwrap(), status.name());
        }
        assert!(STEPS.iter().all(|step| STATUSES.contains(&step.2)));
    }
}
