//! Reads a mapping field by field; what is missing, misspelt or of the wrong kind is a problem with its line.

use serde_json::Value;

use crate::problem::{Place, Problem};
use crate::yaml::{Content, Key, Node};

/// The problems found in one file.
#[derive(Debug)]
pub struct Report<'a> {
    /// The file, below the dataset's folder.
    pub file: &'a str,
    /// What was found so far.
    pub problems: &'a mut Vec<Problem>,
}

impl Report<'_> {
    /// Something is wrong there.
    pub fn add(&mut self, line: usize, rule: &'static str, what: impl Into<String>, mend: impl Into<String>) {
        self.problems.push(self.place(line).problem(rule, what, mend));
    }

    /// A place in this file.
    pub fn place(&self, line: usize) -> Place {
        Place { file: self.file.to_owned(), line }
    }

    /// The fields of a node that must be a mapping with no other keys than these.
    pub fn fields<'n>(&mut self, node: &'n Node, what: &'static str, known: &'static [&'static str]) -> Fields<'n> {
        let fields = node.fields().unwrap_or_else(|| {
            self.add(
                node.line,
                "form",
                format!("{what} is {}", node.kind()),
                format!("write a mapping: {}", known.join(", ")),
            );
            &[]
        });
        for (key, _) in fields.iter().filter(|(key, _)| !known.contains(&key.text.as_str())) {
            let mend = format!("it has {}", known.join(", "));
            self.add(key.line, "form", format!("{what} has no field {}", key.text), mend);
        }
        Fields { line: node.line, what, fields }
    }

    /// A list, or what stands alone as a list of one; nothing is none.
    pub fn list<'n>(&mut self, node: Option<&'n Node>) -> &'n [Node] {
        match node.map(|node| (&node.content, node)) {
            None | Some((Content::Scalar(Value::Null), _)) => &[],
            Some((Content::List(items), _)) => items,
            Some((_, node)) => std::slice::from_ref(node),
        }
    }

    /// A list of texts.
    pub fn texts(&mut self, node: Option<&Node>) -> Vec<String> {
        let mut texts = Vec::new();
        for item in self.list(node) {
            match item.text() {
                Some(text) => texts.push(text.to_owned()),
                None => self.add(item.line, "form", format!("this is {}", item.kind()), "write a text"),
            }
        }
        texts
    }

    /// The fields of a mapping of any keys; nothing is none.
    pub fn map<'n>(&mut self, node: Option<&'n Node>) -> &'n [(Key, Node)] {
        match node.map(|node| (&node.content, node)) {
            None | Some((Content::Scalar(Value::Null), _)) => &[],
            Some((Content::Map(fields), _)) => fields,
            Some((_, node)) => {
                self.add(node.line, "form", format!("this is {}", node.kind()), "write a mapping");
                &[]
            }
        }
    }
}

/// The fields of one mapping.
#[derive(Debug)]
pub struct Fields<'n> {
    /// Where it begins.
    pub line: usize,
    what: &'static str,
    fields: &'n [(Key, Node)],
}

impl<'n> Fields<'n> {
    /// A field that may be absent.
    pub fn get(&self, name: &str) -> Option<&'n Node> {
        self.fields.iter().find(|(key, _)| key.text == name).map(|(_, value)| value)
    }

    /// A text that must be there; empty when it is not.
    pub fn text(&self, name: &str, report: &mut Report<'_>) -> String {
        self.optional_text(name, report).unwrap_or_else(|| {
            if self.get(name).is_none() {
                report.add(self.line, "form", format!("{} has no {name}", self.what), format!("add {name}: …"));
            }
            String::new()
        })
    }

    /// A text that may be absent.
    pub fn optional_text(&self, name: &str, report: &mut Report<'_>) -> Option<String> {
        let node = self.get(name)?;
        if node.text().is_none() {
            report.add(node.line, "form", format!("{name} is {}", node.kind()), "write a text");
        }
        node.text().map(str::to_owned)
    }

    /// A truth value, false when absent.
    pub fn flag(&self, name: &str, report: &mut Report<'_>) -> bool {
        match self.get(name).map(|node| (&node.content, node)) {
            None => false,
            Some((Content::Scalar(Value::Bool(flag)), _)) => *flag,
            Some((_, node)) => {
                report.add(node.line, "form", format!("{name} is {}", node.kind()), "write true or leave it out");
                false
            }
        }
    }

    /// A status of HTTP.
    pub fn status(&self, name: &str, report: &mut Report<'_>) -> Option<u16> {
        let node = self.get(name)?;
        let status = match &node.content {
            Content::Scalar(value) => value.as_u64().and_then(|status| u16::try_from(status).ok()),
            _ => None,
        };
        let status = status.filter(|status| (100..600).contains(status));
        if status.is_none() {
            report.add(node.line, "form", format!("{name} is no status of HTTP"), "write a number from 100 to 599");
        }
        status
    }
}
