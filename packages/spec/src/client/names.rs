//! Names and texts of a contract as Rust writes them. What comes from a contract is anybody's text: nothing of it leaves
//! the place in the code that it is put into.

use std::collections::BTreeSet;

/// `user_id`, `user-id` and `userId` as `UserId`.
pub(crate) fn pascal_case(name: &str) -> String {
    let mut text = String::new();
    let mut begins = true;
    for letter in name.chars() {
        match letter {
            letter if !letter.is_ascii_alphanumeric() => begins = true,
            letter if begins => {
                text.push(letter.to_ascii_uppercase());
                begins = false;
            }
            letter => text.push(letter),
        }
    }
    if text.starts_with(|first: char| first.is_ascii_digit()) { format!("Of{text}") } else { text }
}

/// `UserId`, `user-id` and `userId` as `user_id`.
pub(crate) fn snake_case(name: &str) -> String {
    let mut text = String::new();
    let mut small = false;
    for letter in name.chars() {
        if !letter.is_ascii_alphanumeric() {
            if !text.is_empty() && !text.ends_with('_') {
                text.push('_');
            }
            small = false;
            continue;
        }
        if letter.is_ascii_uppercase() && small {
            text.push('_');
        }
        small = !letter.is_ascii_uppercase();
        text.push(letter.to_ascii_lowercase());
    }
    let text = text.trim_end_matches('_').to_owned();
    if text.starts_with(|first: char| first.is_ascii_digit()) { format!("of_{text}") } else { text }
}

/// `readTenantUser` and `config.changed` as `READ_TENANT_USER` and `CONFIG_CHANGED`.
pub(crate) fn constant(name: &str) -> String {
    let shouted = !name.contains(|letter: char| letter.is_ascii_lowercase());
    if shouted { snake_case(&name.to_ascii_lowercase()) } else { snake_case(name) }.to_ascii_uppercase()
}

/// A word of a list as a variant.
pub(crate) fn variant(word: &str) -> String {
    let shouted = !word.contains(|letter: char| letter.is_ascii_lowercase());
    let name = pascal_case(&if shouted { word.to_ascii_lowercase() } else { word.to_owned() });
    match name.as_str() {
        "" => "Empty".to_owned(),
        "Self" => "Itself".to_owned(),
        _ => name,
    }
}

/// `user_id` as `userId`.
pub(crate) fn camel_case(snake: &str) -> String {
    let pascal = pascal_case(snake);
    let mut letters = pascal.chars();
    letters.next().map_or_else(String::new, |first| first.to_ascii_lowercase().to_string() + letters.as_str())
}

/// A name as a field or an argument.
pub(crate) fn rust_name(name: &str) -> String {
    const KEYWORDS: [&str; 39] = [
        "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "do", "dyn", "else", "enum",
        "extern", "final", "fn", "for", "gen", "if", "impl", "in", "let", "loop", "match", "mod", "move", "mut",
        "override", "priv", "pub", "ref", "return", "static", "struct", "trait", "type", "unsafe", "use", "where",
    ];
    match snake_case(name).as_str() {
        "" => "value".to_owned(),
        // These are no names even when they are written raw.
        name @ ("self" | "super" | "crate") => format!("{name}_"),
        name if KEYWORDS.contains(&name) => format!("r#{name}"),
        name => name.to_owned(),
    }
}

/// The name, or with a number the first like it that is free: what the wire tells apart may be one name in Rust.
pub(crate) fn unused(name: String, taken: &mut BTreeSet<String>) -> String {
    let numbered = (2..).map(|number: u32| format!("{name}{number}"));
    let free = std::iter::once(name.clone()).chain(numbered).find(|name| !taken.contains(name)).unwrap_or(name);
    taken.insert(free.clone());
    free
}

/// A text as a literal, raw where that reads better.
pub(crate) fn literal(text: &str) -> String {
    let mut hashes = String::new();
    if !text.contains(['\\', '"']) {
        return format!("{text:?}");
    }
    while text.contains(&format!("\"{hashes}")) {
        hashes.push('#');
    }
    format!("r{hashes}\"{text}\"{hashes}")
}

/// The first paragraph, on one line.
pub(crate) fn sentence(text: &str) -> String {
    text.split("\n\n").next().unwrap_or_default().split_whitespace().collect::<Vec<_>>().join(" ")
}
