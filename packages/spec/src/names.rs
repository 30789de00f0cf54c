//! Names in documents, made by one rule each.

/// `QUOTE_EXPIRED`, `quoteExpired`, `quote-expired` and `quote_expired` as `QuoteExpired`; anything but ASCII letters
/// and digits only separates words, so every tool takes it as the name of a type.
pub(crate) fn pascal_case(text: &str) -> String {
    let mut name = String::with_capacity(text.len());
    for word in text.split(|c: char| !c.is_ascii_alphanumeric()) {
        let shouted = !word.chars().any(|c| c.is_ascii_lowercase());
        for (index, letter) in word.char_indices() {
            name.push(match index {
                0 => letter.to_ascii_uppercase(),
                _ if shouted => letter.to_ascii_lowercase(),
                _ => letter,
            });
        }
    }
    name
}

/// `createBooking` as `create_booking`.
pub(crate) fn snake_case(id: &str) -> String {
    let mut name = String::with_capacity(id.len() + 4);
    for letter in id.chars() {
        if letter.is_ascii_uppercase() && !name.is_empty() {
            name.push('_');
        }
        name.push(letter.to_ascii_lowercase());
    }
    name
}

/// Whether a queue keeps the order of its messages: SQS tells by the name.
pub(crate) fn is_fifo(queue: &str) -> bool {
    queue.ends_with(FIFO)
}

/// The queue that takes what failed too often.
pub(crate) fn dead_letters(queue: &str) -> String {
    match queue.strip_suffix(FIFO) {
        Some(name) => format!("{name}-dlq{FIFO}"),
        None => format!("{queue}-dlq"),
    }
}

const FIFO: &str = ".fifo";
