//! Privacy: nothing of one tenant stands in a step of another's people.

use std::collections::BTreeMap;

use crate::dataset::Dataset;
use crate::problem::Problem;
use crate::rehearsal::Exchange;

/// Goes through a flow's exchanges in order.
pub fn check(dataset: &Dataset, exchanges: &[Exchange], problems: &mut Vec<Problem>) {
    // Whose the values are that steps have saved.
    let mut saved: BTreeMap<&str, &str> = BTreeMap::new();
    for exchange in exchanges {
        let step = &exchange.step;
        let of = |person: &str| dataset.entities.get("people", person).ok()?.tenant.as_deref();
        let Some(own) = of(&step.actor) else { continue };
        for (key, _) in &step.save {
            saved.insert(&key.text, own);
        }
        let allowed = |tenant: &str| tenant == own || step.crosses.iter().any(|other| other == tenant);
        for (path, line) in step.references() {
            let (whose, name) = match path.as_slice() {
                [root, rest @ ..] if root == "saved" => {
                    let name = rest.join(".");
                    (saved.get(name.as_str()).copied(), format!("saved.{name}"))
                }
                [kind, key, ..] => {
                    let whose = dataset.entities.get(kind, key).ok().and_then(|entity| entity.tenant.as_deref());
                    (whose, format!("{kind}.{key}"))
                }
                _ => continue,
            };
            let Some(whose) = whose.filter(|whose| !allowed(whose)) else { continue };
            let place = crate::problem::Place { file: step.place.file.clone(), line };
            let what = format!("step {} of {}'s {} names {name}, which is {whose}'s", step.id, own, step.actor);
            let mend =
                format!("use {own}'s own, or write crosses: [{whose}] where the step is to see that it is refused");
            problems.push(place.problem("privacy", what, mend));
        }
    }
}
