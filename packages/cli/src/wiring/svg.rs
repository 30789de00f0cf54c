//! The wiring as a picture: a row per constellation, in which each enver stands right of those it waits for.

use std::fmt::Write;

use contracts::{Constellation, Edge, EnverId};

const BOX: (usize, usize) = (330, 60);
const LINE: usize = 20;
const GAP: (usize, usize) = (110, 34);
const MARGIN: usize = 32;
const TITLE: usize = 40;

const STYLE: &str = "\
text{font-family:system-ui,sans-serif;font-size:12px;fill:#1f2933}\
.title{font-size:16px;font-weight:600}.name{font-size:14px;font-weight:600}.quiet{fill:#52606d}\
rect{fill:#f5f7fa;stroke:#52606d;rx:6}\
path.edge{fill:none;stroke:#2b6cb0;stroke-width:1.5}path.default{stroke-dasharray:5 4;stroke:#7b8794}";

/// A box of the picture.
struct Placed<'a> {
    id: &'a EnverId,
    lines: Vec<String>,
    left: usize,
    top: usize,
    height: usize,
}

/// One picture of all constellations.
pub fn write(constellations: &[Constellation]) -> String {
    let mut body = String::new();
    let (mut width, mut top) = (0, MARGIN);
    for constellation in constellations {
        let stage = constellation.stage().map_or("", |stage| stage.name());
        let _ =
            writeln!(body, "<text class=\"title\" x=\"{MARGIN}\" y=\"{}\">constellation {stage}</text>", top + LINE);
        let placed = place(constellation, top + TITLE);
        let right = placed.iter().map(|one| one.left + BOX.0).max().unwrap_or_default();
        let bottom = placed.iter().map(|one| one.top + one.height).max().unwrap_or(top);
        for producer in &placed {
            for consumer in &placed {
                write_arrow(&mut body, constellation, producer, consumer);
            }
        }
        placed.iter().for_each(|one| write_box(&mut body, one));
        (width, top) = (width.max(right + MARGIN), bottom + GAP.1 + MARGIN);
    }
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{top}\" viewBox=\"0 0 {width} {top}\" \
         role=\"img\" aria-label=\"Who consumes what\">\n<style>{STYLE}</style>\n\
         <defs><marker id=\"head\" viewBox=\"0 0 8 8\" refX=\"8\" refY=\"4\" markerWidth=\"8\" markerHeight=\"8\" \
         orient=\"auto\"><path d=\"M0 0L8 4L0 8z\" fill=\"#2b6cb0\"/></marker></defs>\n{body}</svg>\n"
    )
}

/// Columns by what must start first, boxes of a column under each other.
fn place(constellation: &Constellation, top: usize) -> Vec<Placed<'_>> {
    let mut columns: Vec<(&EnverId, usize)> = Vec::new();
    let mut placed: Vec<Placed<'_>> = Vec::new();
    for enver in constellation.in_starting_order() {
        let needs = |edge: &&Edge| edge.consumer == enver.id && edge.default_if_absent.is_none();
        let after = constellation.edges.iter().filter(needs).filter_map(|edge| {
            let (_, column) = columns.iter().find(|(id, _)| **id == edge.producer)?;
            Some(column + 1)
        });
        let column = after.max().unwrap_or_default();
        columns.push((&enver.id, column));
        let consumed = constellation.edges.iter().filter(|edge| edge.consumer == enver.id);
        let lines: Vec<String> = consumed.map(|edge| format!("← {} of {}", edge.path, edge.producer.build)).collect();
        let left = MARGIN + column * (BOX.0 + GAP.0);
        let above = placed.iter().filter(|other| other.left == left).map(|other| other.top + other.height + GAP.1);
        let height = BOX.1 + lines.len() * LINE;
        placed.push(Placed { id: &enver.id, top: above.max().unwrap_or(top), lines, left, height });
    }
    placed
}

fn write_arrow(body: &mut String, constellation: &Constellation, producer: &Placed<'_>, consumer: &Placed<'_>) {
    let between = |edge: &&Edge| edge.producer == *producer.id && edge.consumer == *consumer.id;
    let edges: Vec<&Edge> = constellation.edges.iter().filter(between).collect();
    if edges.is_empty() {
        return;
    }
    let default = edges.iter().all(|edge| edge.default_if_absent.is_some());
    let class = if default { "edge default" } else { "edge" };
    let middle = |one: &Placed<'_>| one.top + one.height / 2;
    let d = if producer.left < consumer.left {
        let (from, to) = (producer.left + BOX.0, consumer.left);
        let (y1, y2, half) = (middle(producer), middle(consumer), (to - from) / 2);
        format!("M{from} {y1}C{} {y1} {} {y2} {to} {y2}", from + half, to - half)
    } else {
        // Backwards it goes under the boxes, so that it does not cross them.
        let (from, to) = (producer.left + BOX.0 / 2, consumer.left + BOX.0 / 2);
        let (y1, y2) = (producer.top + producer.height, consumer.top + consumer.height);
        let low = y1.max(y2) + GAP.1;
        format!("M{from} {y1}C{from} {low} {to} {low} {to} {y2}")
    };
    let names: Vec<String> = edges.iter().map(|edge| format!("{} ({})", edge.path, edge.reason)).collect();
    let title = format!("{} → {}: {}", producer.id, consumer.id, names.join(", "));
    let _ = writeln!(
        body,
        "<path class=\"{class}\" marker-end=\"url(#head)\" d=\"{d}\"><title>{}</title></path>",
        escaped(&title)
    );
}

fn write_box(body: &mut String, one: &Placed<'_>) {
    let (width, height) = (BOX.0, one.height);
    let (x, y) = (one.left, one.top);
    let _ = writeln!(body, "<g><rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\"/>");
    let mut baseline = y + 24;
    let mut line = |class: &str, text: &str| {
        let text = escaped(text);
        let _ = writeln!(body, "<text class=\"{class}\" x=\"{}\" y=\"{baseline}\">{text}</text>", x + 14);
        baseline += LINE;
    };
    line("name", &one.id.build);
    line("quiet", &one.id.revision.to_string());
    one.lines.iter().for_each(|text| line("", text));
    body.push_str("</g>\n");
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
