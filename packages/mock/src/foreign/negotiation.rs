//! Which of several media types a caller accepts (RFC 9110, 12.5.1).

/// The number of the best; none where the caller accepts none of them. JSON is preferred where it is all the same.
pub fn best(accept: Option<&[u8]>, names: &[String]) -> Option<usize> {
    let json =
        || names.iter().position(|name| name.ends_with("json")).or(if names.is_empty() { None } else { Some(0) });
    let text = match accept.map(std::str::from_utf8) {
        None | Some(Ok("*/*" | "")) => return json(),
        // What is not text says nothing.
        Some(Err(_)) => return json(),
        Some(Ok(text)) => text,
    };
    let ranges: Vec<(String, f32)> = text.split(',').filter_map(range).collect();
    if ranges.is_empty() {
        return json();
    }
    let quality = |name: &str| {
        let fitting = ranges.iter().filter_map(|(range, quality)| Some((exactness(range, name)?, *quality)));
        fitting.max_by(|a, b| a.0.cmp(&b.0)).map_or(0.0, |(_, quality)| quality)
    };
    let first = json()?;
    let mut found: Option<(usize, f32)> = None;
    for number in std::iter::once(first).chain((0..names.len()).filter(|number| *number != first)) {
        let quality = names.get(number).map_or(0.0, |name| quality(name));
        if quality > found.map_or(0.0, |(_, best)| best) {
            found = Some((number, quality));
        }
    }
    found.map(|(number, _)| number)
}

fn range(text: &str) -> Option<(String, f32)> {
    let mut parts = text.split(';');
    let range = parts.next()?.trim().to_ascii_lowercase();
    let quality = parts.find_map(|part| part.trim().strip_prefix("q=")?.trim().parse::<f32>().ok());
    range.contains('/').then_some((range, quality.unwrap_or(1.0)))
}

/// How exactly a range names a media type, which may be a range itself.
fn exactness(range: &str, name: &str) -> Option<u8> {
    let (kind, rest) = range.split_once('/')?;
    let (own_kind, own_rest) = name.split_once('/').unwrap_or((name, "*"));
    match (kind, rest) {
        _ if range == name => Some(3),
        ("*", "*") => Some(1),
        (kind, "*") if kind == own_kind || own_kind == "*" => Some(2),
        (kind, rest) if (own_kind == "*" || own_kind == kind) && (own_rest == "*" || own_rest == rest) => Some(2),
        _ => None,
    }
}
