//! What is printed: for people, or one line of JSON for scripts.

use std::io::Write;

use serde_json::Value;

/// One line of JSON.
pub fn line(value: &Value) {
    say(&format!("{value}\n"));
}

/// A value on its own: text as it is, everything else as JSON.
pub fn value(value: &Value, json: bool) {
    match value {
        _ if json => line(value),
        Value::String(text) => say(&format!("{text}\n")),
        other => say(&format!("{other:#}\n")),
    }
}

/// What a change answered, and how it is undone.
pub fn changed(document: &str, changed: &Value, json: bool) {
    if json {
        return line(changed);
    }
    say(&format!("{document} is now at version {}\n", text(&changed["version"])));
    if let Some(token) = changed["rollbackToken"].as_str() {
        say(&format!("Undo it with: enver config rollback {document} {token} --reason '…'\n"));
    }
}

/// A table of versions.
pub fn history(versions: &Value) {
    let mut rows = vec![["VERSION", "AT", "ACTION", "AUTHOR", "TICKET", "APPROVED BY", "REASON"].map(str::to_owned)];
    for version in versions.as_array().into_iter().flatten() {
        let field = |name: &str| text(&version[name]);
        rows.push(["number", "at", "action", "author", "changeTicket", "approvedBy", "reason"].map(field));
    }
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or_default();
    let widths: Vec<usize> = (0..rows[0].len() - 1).map(width).collect();
    for row in &rows {
        let cells: String =
            row.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}  ", width = *width)).collect();
        say(&format!("{cells}{}\n", row[row.len() - 1]));
    }
}

/// What a dry run found.
pub fn verdict(verdict: &Value) {
    for (kind, name) in [("errors", "error"), ("warnings", "warning")] {
        for finding in verdict[kind].as_array().into_iter().flatten() {
            say(&format!("{name}: {} {}\n", text(&finding["pointer"]), text(&finding["message"])));
        }
    }
    if verdict["valid"] == Value::Bool(true) {
        say("valid\n");
    }
}

/// The token of an approval.
pub fn approval(approval: &Value) {
    say(&format!(
        "{}\nGive it to the other administrator: --approval. It is good until {}.\n",
        text(&approval["approvalToken"]),
        text(&approval["expiresAt"])
    ));
}

/// Prints, whether or not anybody still reads. What others wrote cannot move the cursor or change colours.
pub fn say(words: &str) {
    let plain: String = words.chars().filter(|c| *c == '\n' || !c.is_control()).collect();
    let mut out = std::io::stdout().lock();
    let _ = out.write_all(plain.as_bytes()).and_then(|()| out.flush());
}

fn text(value: &Value) -> String {
    match value {
        Value::Null => "-".to_owned(),
        Value::String(text) => text.replace('\n', " "),
        other => other.to_string(),
    }
}
