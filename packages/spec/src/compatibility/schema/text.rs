//! Texts that match a pattern or a format, short and readable, and texts that just do not.

use std::cell::RefCell;
use std::collections::HashMap;

use regex_syntax::hir::{Class, Hir, HirKind};

use super::flat::Flat;

thread_local! {
    static PATTERNS: RefCell<HashMap<String, Option<fancy_regex::Regex>>> = RefCell::default();
}

/// Whether a pattern is found in a text; one that cannot be read is found nowhere.
pub fn matches(pattern: &str, text: &str) -> bool {
    const MOST_KEPT: usize = 1_000;
    PATTERNS.with_borrow_mut(|known| {
        if known.len() > MOST_KEPT {
            known.clear();
        }
        let regex = known.entry(pattern.to_owned()).or_insert_with(|| fancy_regex::Regex::new(pattern).ok());
        regex.as_ref().is_some_and(|regex| regex.is_match(text).unwrap_or(false))
    })
}

/// A text of every asserted format.
const SAMPLES: [(&str, &str); 22] = [
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

/// Texts in which a pattern is found, of at least and at most so many letters if that can be.
pub fn of_pattern(pattern: &str, least: u64, most: Option<u64>) -> Vec<String> {
    let Ok(hir) = regex_syntax::ParserBuilder::new().nest_limit(64).build().parse(pattern) else { return Vec::new() };
    let mut all = Vec::new();
    let most = most.unwrap_or(LONGEST).min(LONGEST);
    for (extra, choice) in [(0, 0), (1, 0), (0, 1), (2, 1), (1, 2), (3, 3)] {
        let mut writer = Writer { text: String::new(), extra, choice, most };
        if writer.write(&hir, 0).is_some() {
            all.push(writer.text);
        }
    }
    // Longer ones, by repeating what may be repeated.
    let longest = all.iter().map(|text| text.chars().count() as u64).max().unwrap_or(0);
    if longest < least && least <= LONGEST {
        let missing = u32::try_from(least - longest).unwrap_or(u32::MAX);
        for extra in [missing, missing.saturating_add(1), missing / 2 + 1] {
            let mut writer = Writer { text: String::new(), extra, choice: 0, most };
            if writer.write(&hir, 0).is_some() {
                all.push(writer.text);
            }
        }
    }
    all.retain(|text| matches(pattern, text));
    let unanchored: Vec<String> = all
        .iter()
        .filter_map(|text| {
            let missing = least.checked_sub(text.chars().count() as u64).filter(|missing| *missing > 0)?;
            let longer = format!("{text}{}", "a".repeat(usize::try_from(missing).ok()?));
            (least <= LONGEST && matches(pattern, &longer)).then_some(longer)
        })
        .collect();
    all.extend(unanchored);
    all
}

struct Writer {
    text: String,
    /// How often more than needed something is repeated.
    extra: u32,
    /// Which letter of a class and which branch is taken.
    choice: usize,
    most: u64,
}

impl Writer {
    fn write(&mut self, hir: &Hir, depth: usize) -> Option<()> {
        if depth > 100 || self.text.len() as u64 > self.most.saturating_mul(4).saturating_add(16) {
            return None;
        }
        match hir.kind() {
            HirKind::Empty | HirKind::Look(_) => {}
            HirKind::Literal(literal) => self.text.push_str(std::str::from_utf8(&literal.0).ok()?),
            HirKind::Class(class) => self.text.push(letter(class, self.choice)?),
            HirKind::Repetition(repetition) => {
                let most = repetition.max.unwrap_or(u32::MAX);
                for _ in 0..repetition.min.saturating_add(self.extra).min(most) {
                    self.write(&repetition.sub, depth + 1)?;
                }
            }
            HirKind::Capture(capture) => self.write(&capture.sub, depth + 1)?,
            HirKind::Concat(parts) => {
                for part in parts {
                    self.write(part, depth + 1)?;
                }
            }
            HirKind::Alternation(branches) => {
                self.write(branches.get(self.choice % branches.len().max(1))?, depth + 1)?;
            }
        }
        Some(())
    }
}

/// A readable letter of a class.
fn letter(class: &Class, choice: usize) -> Option<char> {
    let within = |letter: char| match class {
        Class::Unicode(class) => class.ranges().iter().any(|range| range.start() <= letter && letter <= range.end()),
        Class::Bytes(class) => class
            .ranges()
            .iter()
            .any(|range| u32::from(range.start()) <= letter as u32 && letter as u32 <= u32::from(range.end())),
    };
    let readable: Vec<char> =
        "a0A_-z9Z.@ ".chars().chain('b'..='y').chain('1'..='8').filter(|letter| within(*letter)).collect();
    if !readable.is_empty() {
        return readable.get(choice % readable.len()).copied();
    }
    match class {
        Class::Unicode(class) => class.ranges().first().map(|range| range.start()),
        Class::Bytes(class) => class.ranges().first().map(|range| char::from(range.start())),
    }
}

/// A pattern that is found in every text.
pub fn is_trivial(pattern: &str) -> bool {
    matches!(pattern, "" | ".*" | "^.*" | ".*$" | "^" | "$")
}
