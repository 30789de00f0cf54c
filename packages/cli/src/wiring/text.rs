//! The wiring as lines, which are committed, so that a change of it is a diff that somebody reads.

use std::fmt::Write;

use contracts::{Constellation, Edge, Trigger, Wants, WiredEnver, Wiring};

/// All constellations, each in the order in which its envers can start.
pub fn write(wiring: &Wiring, constellations: &[Constellation]) -> String {
    let mut text = String::new();
    for constellation in constellations {
        let stage = constellation.stage().map_or("", |stage| stage.name());
        let count = constellation.envers.len();
        let envers = if count == 1 { "1 enver" } else { &format!("{count} envers") };
        let _ = writeln!(text, "constellation {stage}: {envers}\n");
        for enver in constellation.in_starting_order() {
            write_enver(&mut text, wiring, constellation, enver);
        }
    }
    text
}

fn write_enver(text: &mut String, wiring: &Wiring, constellation: &Constellation, enver: &WiredEnver) {
    let _ = writeln!(text, "  {}  ({} {}, stack {})", enver.id, enver.account, enver.region, enver.stack);
    if let Some(build) = wiring.build(&enver.id.build) {
        let _ = writeln!(text, "    {}", build.description);
        for (path, kind) in build.promised() {
            let document = match kind {
                Wants::Document(kind) => format!("  ({})", kind.name()),
                Wants::Value => String::new(),
            };
            let _ = writeln!(text, "    publishes  {path}{document}");
        }
    }
    for edge in constellation.edges.iter().filter(|edge| edge.consumer == enver.id) {
        let _ = writeln!(text, "    consumes   {} from {}{}", edge.name, edge.share_name, conditions(edge));
        let _ = writeln!(text, "               {}", edge.reason);
    }
    for consumer in &constellation.envers {
        let used = constellation.edges.iter().filter(|edge| edge.producer == enver.id && edge.consumer == consumer.id);
        let names: Vec<_> = used.map(|edge| edge.path).collect();
        if !names.is_empty() {
            let _ = writeln!(text, "    serves     {} with {}", consumer.id, names.join(", "));
        }
    }
    text.push('\n');
}

/// What a reader of an edge must know besides its ends; nothing when it is as usual.
fn conditions(edge: &Edge) -> String {
    let mut conditions = Vec::new();
    match edge.trigger {
        Trigger::Directly => {}
        Trigger::No => conditions.push("not deployed anew with it".to_owned()),
        Trigger::Approval(roles) => conditions.push(format!("deployed anew when approved by {}", roles.join(" or "))),
    }
    conditions.extend(edge.default_if_absent.map(|default| format!("{default} until it is shared")));
    if conditions.is_empty() { String::new() } else { format!("  ({})", conditions.join("; ")) }
}
