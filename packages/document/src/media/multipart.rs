//! Bodies of several parts (RFC 7578, RFC 2046).

use bytes::Bytes;
use serde_json::Value;

use crate::parameter::scalar;

/// What stands between the parts that are written here.
pub const BOUNDARY: &str = "enver-part-7d3f0a91";

/// One part.
pub struct Part<'a> {
    pub name: String,
    pub content_type: Option<String>,
    pub content: &'a [u8],
}

/// Reads the parts; those without a name are numbered.
pub fn read<'a>(content_type: &str, body: &'a [u8]) -> Result<Vec<Part<'a>>, String> {
    const MOST: usize = 10_000;
    let Some(boundary) = attribute(content_type, "boundary").filter(|boundary| !boundary.is_empty()) else {
        return Err("the Content-Type of the parts names no boundary".to_owned());
    };
    let delimiter = format!("--{boundary}");
    let mut parts = Vec::new();
    let mut rest = after(body, delimiter.as_bytes()).ok_or("no part begins with the boundary")?;
    loop {
        if rest.starts_with(b"--") {
            return Ok(parts);
        }
        rest = rest
            .strip_prefix(b"\r\n")
            .or_else(|| rest.strip_prefix(b"\n"))
            .ok_or("the boundary does not end its line")?;
        let next = format!("\n{delimiter}");
        let end = find(rest, next.as_bytes()).ok_or("the last part has no end")?;
        let part = rest.get(..end).unwrap_or_default();
        rest = rest.get(end + next.len()..).unwrap_or_default();
        let part = part.strip_suffix(b"\r").unwrap_or(part);
        let (head, content) = match (find(part, b"\r\n\r\n"), find(part, b"\n\n")) {
            _ if part.starts_with(b"\r\n") => (&part[..0], &part[2..]),
            (Some(at), _) => (&part[..at], &part[at + 4..]),
            (None, Some(at)) => (&part[..at], &part[at + 2..]),
            (None, None) => return Err("a part has no empty line after its head".to_owned()),
        };
        let head = String::from_utf8_lossy(head);
        let field = |name: &str| {
            head.lines().find_map(|line| {
                let (key, value) = line.split_once(':')?;
                key.trim().eq_ignore_ascii_case(name).then(|| value.trim().to_owned())
            })
        };
        let disposition = field("content-disposition").unwrap_or_default();
        let name = attribute(&disposition, "name").unwrap_or_else(|| parts.len().to_string());
        parts.push(Part { name, content_type: field("content-type"), content });
        if parts.len() > MOST {
            return Err(format!("there are more than {MOST} parts"));
        }
    }
}

/// Writes an object as parts.
pub fn write(value: &Value) -> Bytes {
    let mut out = String::new();
    for (name, value) in value.as_object().into_iter().flatten().filter(|(_, value)| !value.is_null()) {
        let name = name.replace('"', "%22").replace(['\r', '\n'], " ");
        let several = match value {
            Value::Array(items) => items.iter().collect(),
            other => vec![other],
        };
        for value in several {
            out.push_str(&format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n"));
            if value.is_object() || value.is_array() {
                out.push_str(&format!("Content-Type: application/json\r\n\r\n{value}\r\n"));
            } else {
                out.push_str(&format!("\r\n{}\r\n", scalar(value)));
            }
        }
    }
    out.push_str(&format!("--{BOUNDARY}--\r\n"));
    Bytes::from(out)
}

/// A parameter of a header field's value.
fn attribute(value: &str, name: &str) -> Option<String> {
    value.split(';').skip(1).find_map(|pair| {
        let (key, value) = pair.split_once('=')?;
        key.trim().eq_ignore_ascii_case(name).then(|| value.trim().trim_matches('"').to_owned())
    })
}

fn after<'a>(text: &'a [u8], what: &[u8]) -> Option<&'a [u8]> {
    text.get(find(text, what)? + what.len()..)
}

fn find(text: &[u8], what: &[u8]) -> Option<usize> {
    text.windows(what.len()).position(|window| window == what)
}
