//! The wiring as a Mermaid flowchart: an arrow leads from who publishes to who consumes, broken where a default stands
//! in.

use std::fmt::Write;

use contracts::{Constellation, EnverId};

/// One flowchart with a frame per constellation.
pub fn write(constellations: &[Constellation]) -> String {
    let mut text = "flowchart LR\n".to_owned();
    for (number, constellation) in constellations.iter().enumerate() {
        let stage = constellation.stage().map_or("", |stage| stage.name());
        let _ = writeln!(text, "  subgraph constellation{number}[\"constellation {stage}\"]");
        for enver in &constellation.envers {
            let _ = writeln!(text, "    {}[\"{}<br/>{}\"]", node(&enver.id), enver.id.build, enver.id.revision);
        }
        for producer in &constellation.envers {
            for consumer in &constellation.envers {
                let between = |edge: &&contracts::Edge| edge.producer == producer.id && edge.consumer == consumer.id;
                let edges: Vec<_> = constellation.edges.iter().filter(between).collect();
                if edges.is_empty() {
                    continue;
                }
                let names: Vec<_> = edges.iter().map(|edge| edge.path).collect();
                let arrow = if edges.iter().all(|edge| edge.default_if_absent.is_some()) { "-.->" } else { "-->" };
                let (from, to) = (node(&producer.id), node(&consumer.id));
                let _ = writeln!(text, "    {from} {arrow}|\"{}\"| {to}", names.join("<br/>"));
            }
        }
        text.push_str("  end\n");
    }
    text
}

/// Letters, digits and `_`, which no word of Mermaid is.
fn node(id: &EnverId) -> String {
    let plain = |letter: char| if letter.is_ascii_alphanumeric() { letter } else { '_' };
    format!("enver_{}", id.to_string().chars().map(plain).collect::<String>())
}
