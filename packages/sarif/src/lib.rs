//! Findings as SARIF 2.1.0 (<https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html>), written result by
//! result.
//!
//! ```
//! let mut log = sarif::Log::begin(Vec::new(), "enver scan", "1.0.0", vec![sarif::rule("no-secret", "a secret", None)])?;
//! log.result(&serde_json::json!({ "ruleId": "no-secret", "message": { "text": "A secret." } }))?;
//! let text = String::from_utf8(log.end(None)?).expect("text");
//! assert!(text.contains(r#""results":["#));
//! # Ok::<(), std::io::Error>(())
//! ```

use std::io::{self, Write};
use std::path::Path;

use serde_json::{Value, json};

/// A log of one run that is being written.
pub struct Log<W> {
    out: W,
    begun: bool,
}

impl<W: Write> Log<W> {
    /// Begins the log of a tool that knows these rules.
    pub fn begin(mut out: W, tool: &str, version: &str, rules: Vec<Value>) -> io::Result<Self> {
        let tool = json!({ "driver": { "name": tool, "version": version, "rules": rules } });
        write!(
            out,
            r#"{{"$schema":"https://json.schemastore.org/sarif-2.1.0.json","version":"2.1.0","runs":[{{"tool":{tool},"columnKind":"unicodeCodePoints","results":["#
        )?;
        Ok(Self { out, begun: false })
    }

    /// Adds a result.
    pub fn result(&mut self, result: &Value) -> io::Result<()> {
        let comma = if std::mem::replace(&mut self.begun, true) { ",\n" } else { "\n" };
        write!(self.out, "{comma}{result}")
    }

    /// Ends the log; `invocation` says how the run went, where there is more to say than its results.
    pub fn end(mut self, invocation: Option<&Value>) -> io::Result<W> {
        match invocation {
            Some(invocation) => writeln!(self.out, r#"],"invocations":[{invocation}]}}]}}"#)?,
            None => writeln!(self.out, "]}}]}}")?,
        }
        Ok(self.out)
    }
}

/// A rule, what it is about, and how to mend it.
pub fn rule(id: &str, what: &str, mend: Option<&str>) -> Value {
    let mut rule = json!({ "id": id, "shortDescription": { "text": sentence(what) } });
    if let Some(mend) = mend {
        rule["help"] = json!({ "text": sentence(mend) });
    }
    rule
}

/// A place in a file; the column is in characters, both are counted from 1.
pub fn place(file: &Path, line: u64, column: u64) -> Value {
    let mut place = whole(file);
    place["region"] = json!({ "startLine": line, "startColumn": column });
    place
}

/// A file as a whole.
pub fn whole(file: &Path) -> Value {
    json!({ "artifactLocation": { "uri": uri(file) } })
}

/// With a capital letter and a full stop.
pub fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).chain(['.']).collect()
}

/// The path as a URI reference (RFC 3986): relative as it was given, or with the scheme `file`.
fn uri(path: &Path) -> String {
    let path = path.strip_prefix(".").unwrap_or(path);
    let mut uri = if path.is_absolute() { "file://".to_owned() } else { String::new() };
    for &byte in path.as_os_str().as_encoded_bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => uri.push(char::from(byte)),
            _ => uri.push_str(&format!("%{byte:02X}")),
        }
    }
    uri
}
