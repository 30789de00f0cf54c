//! Diagrams in Mermaid, drawn line by line.

use std::fmt::Write as _;

/// A flowchart from left to right.
pub(super) struct Flowchart(String);

impl Flowchart {
    pub fn new() -> Self {
        Self("flowchart LR\n".to_owned())
    }

    /// Somebody.
    pub fn person(self, id: &str, label: &str) -> Self {
        self.node(id, "([", label, "])")
    }

    /// Something that works.
    pub fn service(self, id: &str, label: &str) -> Self {
        self.node(id, "[", label, "]")
    }

    /// Something that keeps.
    pub fn store(self, id: &str, label: &str) -> Self {
        self.node(id, "[(", label, ")]")
    }

    /// Something that passes on.
    pub fn queue(self, id: &str, label: &str) -> Self {
        self.node(id, "[[", label, "]]")
    }

    /// An arrow with words on it.
    pub fn arrow(mut self, from: &str, label: &str, to: &str) -> Self {
        let _ = writeln!(self.0, "    {from} -->|\"{}\"| {to}", escaped(label));
        self
    }

    /// As a block of a Markdown document, indented by so many spaces.
    pub fn block(self, indent: usize) -> String {
        let space = " ".repeat(indent);
        let lines = self.0.lines().map(|line| format!("{space}{line}\n"));
        format!("{space}```mermaid\n{}{space}```\n", lines.collect::<String>())
    }

    fn node(mut self, id: &str, open: &str, label: &str, close: &str) -> Self {
        let _ = writeln!(self.0, "    {id}{open}\"{}\"{close}", escaped(label));
        self
    }
}

/// What Mermaid would read as its own.
fn escaped(label: &str) -> String {
    label.replace('#', "#35;").replace('"', "#quot;").replace('{', "#123;").replace('}', "#125;").replace('<', "#lt;")
}
