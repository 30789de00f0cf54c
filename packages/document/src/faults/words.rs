//! What values are called in sentences, and which word was most likely meant.

use serde_json::Value;

/// What a value is.
pub fn named(value: &Value) -> &'static str {
    match value {
        Value::Null => "nothing",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

/// `; did you mean `get`?`, where one of the known words is near.
pub fn meant(given: &str, known: &[&str]) -> String {
    const LONGEST: usize = 40;
    let given = given.to_ascii_lowercase();
    if given.len() > LONGEST {
        return String::new();
    }
    let near = known.iter().map(|word| (distance(&given, &word.to_ascii_lowercase()), word));
    match near.min().filter(|(far, word)| *far <= 2 && *far < word.len().div_ceil(2)) {
        Some((_, word)) => format!("; did you mean `{word}`?"),
        None => String::new(),
    }
}

/// `a`, `b` or `c`.
pub fn listed(words: &[&str]) -> String {
    let quoted: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
    match quoted.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} or {last}", rest.join(", ")),
        _ => quoted.concat(),
    }
}

/// How many letters are to be added, taken away or changed.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (above, letter) in a.chars().enumerate() {
        let mut corner = above;
        let mut left = above + 1;
        for (cell, other) in row.iter_mut().skip(1).zip(&b) {
            let here = (corner + usize::from(letter != *other)).min(left + 1).min(*cell + 1);
            (corner, left) = (*cell, here);
            *cell = here;
        }
        if let Some(first) = row.first_mut() {
            *first = above + 1;
        }
    }
    row.last().copied().unwrap_or(0)
}
