//! Use cases: flows of steps, as they are written in `mock-data/use-cases/`; FORMAT.md there teaches the form.

use std::sync::Arc;

use crate::fields::{Fields, Report};
use crate::problem::Place;
use crate::step::{Step, read_outline};
use crate::yaml::Node;

/// What somebody wants of the platform, and the flows that give it.
#[derive(Debug, Clone, PartialEq)]
pub struct UseCase {
    /// `UC3`
    pub id: String,
    /// `A shipper gets a quote and books`
    pub title: String,
    /// Who wants it: `shipper`.
    pub role: String,
    /// What is wanted.
    pub want: String,
    /// What for.
    pub benefit: String,
    /// Who may see what of it, and who may not.
    pub privacy: String,
    /// In order.
    pub flows: Vec<Arc<Flow>>,
    /// Where it stands.
    pub place: Place,
}

/// One way through a use case, from an empty platform or one where it went before. Or the beginning that flows share: a
/// background.
#[derive(Debug, Clone, PartialEq)]
pub struct Flow {
    /// Unique in the dataset: `uc3-quote-and-book`.
    pub id: String,
    /// What happens.
    pub title: String,
    /// For choosing: `@smoke` is written `smoke`.
    pub tags: Vec<String>,
    /// The backgrounds it begins with, by id, in order.
    pub include: Vec<String>,
    /// Its own steps, in order; read-back checks follow their step, the rows of outlines come last.
    pub steps: Vec<Arc<Step>>,
    /// The titles of its outlines.
    pub outlines: Vec<Outline>,
    /// Where it stands.
    pub place: Place,
}

/// Variations of one step, each with its refusal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outline {
    /// Unique in its flow.
    pub id: String,
    /// What varies.
    pub title: String,
    /// The step they vary.
    pub base: String,
}

impl UseCase {
    /// Reads one file of `use-cases/`.
    pub fn read(node: &Node, report: &mut Report<'_>) -> Self {
        let known = &["id", "title", "as", "want", "so that", "privacy", "flows"];
        let fields = report.fields(node, "a use case", known);
        let flows = report.list(fields.get("flows"));
        if flows.is_empty() {
            report.add(node.line, "form", "the use case has no flows", "add flows: [{ id, title, steps }]");
        }
        Self {
            id: fields.text("id", report),
            title: fields.text("title", report),
            role: fields.text("as", report),
            want: fields.text("want", report),
            benefit: fields.text("so that", report),
            privacy: fields.text("privacy", report),
            flows: flows.iter().map(|flow| Arc::new(Flow::read(flow, report))).collect(),
            place: report.place(node.line),
        }
    }
}

impl Flow {
    /// Reads a flow of a use case, or a file of `backgrounds/`.
    pub fn read(node: &Node, report: &mut Report<'_>) -> Self {
        let known = &["id", "title", "tags", "include", "steps", "cases"];
        let fields: Fields<'_> = report.fields(node, "a flow", known);
        let mut steps = Vec::new();
        for step in report.list(fields.get("steps")) {
            Step::read(step, report, &mut steps);
        }
        let mut outlines = Vec::new();
        for outline in report.list(fields.get("cases")) {
            outlines.push(read_outline(outline, report, &mut steps));
        }
        if steps.is_empty() {
            report.add(
                node.line,
                "form",
                "the flow has no steps",
                "add steps: [{ id, actor, service, operation, expect }]",
            );
        }
        Self {
            id: fields.text("id", report),
            title: fields.text("title", report),
            tags: report.texts(fields.get("tags")),
            include: report.texts(fields.get("include")),
            steps: steps.into_iter().map(Arc::new).collect(),
            outlines,
            place: report.place(node.line),
        }
    }
}
