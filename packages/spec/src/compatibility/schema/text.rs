//! Texts that match a pattern or a format, short and readable, and texts that just do not.

pub use document::pattern::{matches, of_pattern};

use super::flat::Flat;

/// Texts of every asserted format.
const SAMPLES: [(&str, &str); 34] = [
    ("date-time", "2024-01-31T12:00:00Z"),
    ("date", "2024-01-31"),
    ("time", "12:00:00Z"),
    ("duration", "P1D"),
    ("email", "a@example.com"),
    ("idn-email", "a@example.com"),
    ("hostname", "example.com"),
    ("idn-hostname", "example.com"),
    ("ipv4", "192.0.2.1"),
    ("ipv6", "2001:db8::1"),
    ("uri", "https://example.com"),
    ("uri-reference", "/a"),
    ("iri", "https://example.com"),
    ("iri-reference", "/a"),
    ("uri-template", "/a/{b}"),
    ("url", "https://example.com"),
    ("uuid", "00000000-0000-4000-8000-000000000000"),
    ("json-pointer", "/a"),
    ("relative-json-pointer", "0/a"),
    ("regex", "a"),
    ("byte", "YQ=="),
    ("base64url", "YQ"),
    ("date-time", "2024-01-31T12:00:00.5+01:00"),
    ("date", "2024-02-01"),
    ("time", "12:00:01Z"),
    ("duration", "PT1H"),
    ("email", "b@example.org"),
    ("hostname", "a.example.org"),
    ("ipv4", "192.0.2.2"),
    ("ipv6", "2001:db8::2"),
    ("uri", "urn:a:b"),
    ("uuid", "00000000-0000-4000-8000-00000000000a"),
    ("byte", "YWI="),
    ("byte", ""),
];

/// The longest text that is made.
const LONGEST: u64 = 100_000;

/// Texts for a schema, likely ones first. Not all need satisfy it.
pub fn texts(flat: &Flat<'_>) -> Vec<String> {
    let mut all = Vec::new();
    let least = flat.min_length;
    let fits = |text: &String| {
        let length = text.chars().count() as u64;
        length >= flat.min_length && flat.max_length.is_none_or(|most| length <= most)
    };
    for format in &flat.formats {
        all.extend(SAMPLES.iter().filter(|(name, _)| name == format).map(|(_, sample)| (*sample).to_owned()));
        if *format == "uri" || *format == "url" {
            let base = "https://example.com/";
            let more = (least as usize).min(LONGEST as usize).saturating_sub(base.len());
            all.push(format!("{base}{}", "a".repeat(more)));
        }
        if *format == "email" {
            all.push(format!("{}@example.com", "a".repeat((least.min(64) as usize).saturating_sub(12).max(1))));
        }
    }
    for pattern in &flat.patterns {
        all.extend(of_pattern(pattern, least, flat.max_length));
    }
    if all.is_empty() || flat.formats.is_empty() {
        let length = least.min(LONGEST);
        let usual = flat.max_length.unwrap_or(u64::MAX).min(length.max(1));
        for length in [usual, length] {
            all.push("a".repeat(length as usize));
        }
        all.push("0".repeat(usual as usize));
        all.push("A".repeat(usual as usize));
    }
    let good = |text: &String| fits(text) && flat.patterns.iter().all(|pattern| matches(pattern, text));
    let (mut first, rest): (Vec<_>, Vec<_>) = all.into_iter().partition(good);
    first.extend(rest);
    first.dedup();
    first
}

/// Texts that a receiver may refuse for its patterns and formats, made from texts of the sender.
pub fn odd_texts(sender: &Flat<'_>) -> Vec<String> {
    let mut all = texts(sender);
    let plain = ["a", "A", "0", "", "!", " ", "-", "_", "é", "a b", "aA0", "\n"];
    if sender.patterns.is_empty() && sender.formats.is_empty() {
        let pad = |text: &&str| {
            let count = text.chars().count() as u64;
            let times = if count == 0 { 0 } else { sender.min_length.min(LONGEST).div_ceil(count).max(1) };
            text.repeat(times as usize)
        };
        all.extend(plain.iter().map(pad));
    }
    let varied: Vec<String> = all.iter().take(6).flat_map(|text| variations(text)).collect();
    all.extend(varied);
    for pattern in &sender.patterns {
        for text in all.clone().into_iter().take(8) {
            all.extend(exchanged(pattern, &text));
        }
    }
    all
}

fn variations(text: &str) -> Vec<String> {
    let mut all = Vec::new();
    for extra in ["a", "A", "0", "!", "-", "."] {
        all.push(format!("{text}{extra}"));
        all.push(format!("{extra}{text}"));
    }
    all.extend([text.to_uppercase(), text.to_lowercase()]);
    let mut shorter = text.to_owned();
    if shorter.pop().is_some() {
        all.push(shorter);
    }
    all.push(text.chars().skip(1).collect());
    all
}

/// The text with one letter exchanged, as long as the pattern is still found.
fn exchanged(pattern: &str, text: &str) -> Vec<String> {
    let mut all = Vec::new();
    for at in [0, text.chars().count().saturating_sub(1)] {
        for letter in ['a', 'Z', '0', '9', '-', '_', '.', '!', 'z', 'A'] {
            let other: String = text.chars().enumerate().map(|(n, c)| if n == at { letter } else { c }).collect();
            if other != text && matches(pattern, &other) {
                all.push(other);
            }
        }
    }
    all
}

/// A pattern that is found in every text.
pub fn is_trivial(pattern: &str) -> bool {
    matches!(pattern, "" | ".*" | "^.*" | ".*$" | "^" | "$")
}
