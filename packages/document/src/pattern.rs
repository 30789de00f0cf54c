//! Patterns as JavaScript writes them, and texts that match one, short and readable.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::HashMap;

use fastrand::Rng;
use regex_syntax::ast::ErrorKind;
use regex_syntax::hir::{Class, Hir, HirKind};
use serde_json::json;

use crate::formats;

/// How many parts of a pattern are written for one text.
const MOST_STEPS: usize = 200_000;

/// The longest text that is made.
const LONGEST: u64 = 100_000;

/// How many patterns are remembered.
const MOST_KEPT: usize = 1_000;

thread_local! {
    static PATTERNS: RefCell<HashMap<String, Option<fancy_regex::Regex>>> = RefCell::default();
    static HELD: RefCell<HashMap<String, bool>> = RefCell::default();
}

/// The same pattern without what JavaScript allows and Rust refuses or reads otherwise: `[\w-.]`, `{a}`, `\0`, `[\b]`,
/// `[]` and `[^]`. JavaScript reads what is written instead in the same way.
pub(crate) fn translated(pattern: &str) -> Cow<'_, str> {
    if !pattern.contains(['\\', '{', '}', '[']) {
        return Cow::Borrowed(pattern);
    }
    let mut out = String::with_capacity(pattern.len() + 8);
    let mut rest = pattern;
    let mut in_class = false;
    // In a class: whether a class like `\w` was just written, after which a hyphen begins no range.
    let mut after_class = false;
    while let Some(letter) = rest.chars().next() {
        let escaped = if letter == '\\' { rest[1..].chars().next() } else { None };
        let length = letter.len_utf8() + escaped.map_or(0, char::len_utf8);
        let (piece, behind) = rest.split_at(length);
        let was_class = std::mem::take(&mut after_class);
        match (letter, escaped) {
            ('\\', Some('0')) if !behind.starts_with(|next: char| next.is_ascii_digit()) => out.push_str("\\x00"),
            ('\\', Some('b')) if in_class => out.push_str("\\x08"),
            ('\\', Some(kind)) if in_class => {
                out.push_str(piece);
                after_class = matches!(kind, 'd' | 'D' | 's' | 'S' | 'w' | 'W');
            }
            ('-', _) if in_class && !behind.starts_with(']') => {
                let before_class =
                    ["\\d", "\\D", "\\s", "\\S", "\\w", "\\W"].iter().any(|class| behind.starts_with(class));
                out.push_str(if was_class || before_class { "\\-" } else { "-" });
            }
            (']', _) if in_class => {
                in_class = false;
                out.push(']');
            }
            ('[', _) if !in_class => {
                if let Some(behind) = behind.strip_prefix(']') {
                    out.push_str("[^\\s\\S]");
                    rest = behind;
                    continue;
                }
                if let Some(behind) = behind.strip_prefix("^]") {
                    out.push_str("[\\s\\S]");
                    rest = behind;
                    continue;
                }
                in_class = true;
                out.push('[');
            }
            ('{', _) if !in_class => match counted(behind) {
                Some(length) => {
                    out.push('{');
                    out.push_str(&behind[..length]);
                    rest = &behind[length..];
                    continue;
                }
                None => out.push_str("\\{"),
            },
            ('}', _) if !in_class => out.push_str("\\}"),
            ('\\', Some('u' | 'x' | 'p' | 'P')) if behind.starts_with('{') => {
                let end = behind.find('}').map_or(0, |at| at + 1);
                out.push_str(&rest[..length + end]);
                rest = &behind[end..];
                continue;
            }
            _ => out.push_str(piece),
        }
        rest = behind;
    }
    if out == pattern { Cow::Borrowed(pattern) } else { Cow::Owned(out) }
}

/// How long the rest of a quantifier is behind its `{`; none where that brace only means itself.
fn counted(behind: &str) -> Option<usize> {
    let end = behind.find('}')?;
    let (least, most) = behind[..end].split_once(',').unwrap_or((&behind[..end], ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    (!least.is_empty() && digits(least) && digits(most)).then_some(end + 1)
}

/// Why a pattern is none that can be read; nothing is compiled.
pub(crate) fn unreadable(pattern: &str) -> Option<String> {
    let pattern = translated(pattern);
    let error = regex_syntax::ast::parse::Parser::new().parse(&pattern).err()?;
    match error.kind() {
        ErrorKind::UnsupportedLookAround | ErrorKind::UnsupportedBackreference => {
            fancy_regex::Expr::parse_tree(&pattern).err().map(|error| error.to_string())
        }
        kind => Some(kind.to_string()),
    }
}

/// Whether a validator can hold texts against a pattern, as [`translated`] writes it.
pub(crate) fn is_held(translated: &str) -> bool {
    HELD.with_borrow_mut(|known| {
        if known.len() > MOST_KEPT {
            known.clear();
        }
        let compiles = || formats::options().build(&json!({ "pattern": translated })).is_ok();
        *known.entry(translated.to_owned()).or_insert_with(compiles)
    })
}

/// Whether a pattern is found in a text; one that cannot be read is found nowhere.
#[must_use]
pub fn matches(pattern: &str, text: &str) -> bool {
    PATTERNS.with_borrow_mut(|known| {
        if known.len() > MOST_KEPT {
            known.clear();
        }
        let regex =
            known.entry(pattern.to_owned()).or_insert_with(|| fancy_regex::Regex::new(&translated(pattern)).ok());
        regex.as_ref().is_some_and(|regex| regex.is_match(text).unwrap_or(false))
    })
}

fn parsed(pattern: &str) -> Option<Hir> {
    regex_syntax::ParserBuilder::new().nest_limit(64).build().parse(&translated(pattern)).ok()
}

/// Texts in which a pattern is found, of at least and at most so many letters if that can be.
#[must_use]
pub fn of_pattern(pattern: &str, least: u64, most: Option<u64>) -> Vec<String> {
    let Some(hir) = parsed(pattern) else { return Vec::new() };
    let mut all = Vec::new();
    let most = most.unwrap_or(LONGEST).min(LONGEST);
    for (extra, choice) in [(0, 0), (1, 0), (0, 1), (2, 1), (1, 2), (3, 3)] {
        let mut writer = Writer { text: String::new(), extra, choice, rng: None, most, steps: MOST_STEPS };
        if writer.write(&hir, 0).is_some() {
            all.push(writer.text);
        }
    }
    // Longer ones, by repeating what may be repeated.
    let longest = all.iter().map(|text| text.chars().count() as u64).max().unwrap_or(0);
    if longest < least && least <= LONGEST {
        let missing = u32::try_from(least - longest).unwrap_or(u32::MAX);
        for extra in [missing, missing.saturating_add(1), missing / 2 + 1] {
            let mut writer = Writer { text: String::new(), extra, choice: 0, rng: None, most, steps: MOST_STEPS };
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

/// Another such text each time, if one is found.
#[must_use]
pub fn varied(pattern: &str, least: u64, most: Option<u64>, rng: &mut Rng) -> Option<String> {
    let hir = parsed(pattern)?;
    let shortest = hir.properties().minimum_len().unwrap_or(0) as u64;
    let missing = u32::try_from(least.saturating_sub(shortest).min(LONGEST)).unwrap_or(0);
    let (extra, most) = (missing + rng.u32(..5), most.unwrap_or(LONGEST).min(LONGEST));
    let mut writer = Writer { text: String::new(), extra, choice: 0, rng: Some(rng), most, steps: MOST_STEPS };
    writer.write(&hir, 0)?;
    let text = writer.text;
    matches(pattern, &text).then_some(text)
}

struct Writer<'r> {
    text: String,
    /// How often more than needed something is repeated.
    extra: u32,
    /// Which letter of a class and which branch is taken.
    choice: usize,
    /// Chooses instead.
    rng: Option<&'r mut Rng>,
    most: u64,
    /// How many parts of the pattern may still be written: repetitions of nothing would never end.
    steps: usize,
}

impl Writer<'_> {
    fn choice(&mut self) -> usize {
        self.rng.as_mut().map_or(self.choice, |rng| rng.usize(..64))
    }

    fn write(&mut self, hir: &Hir, depth: usize) -> Option<()> {
        self.steps = self.steps.checked_sub(1)?;
        if depth > 100 || self.text.len() as u64 > self.most.saturating_mul(4).saturating_add(16) {
            return None;
        }
        match hir.kind() {
            HirKind::Empty | HirKind::Look(_) => {}
            HirKind::Literal(literal) => self.text.push_str(std::str::from_utf8(&literal.0).ok()?),
            HirKind::Class(class) => {
                let choice = self.choice();
                self.text.push(letter(class, choice)?);
            }
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
                let choice = self.choice();
                self.write(branches.get(choice % branches.len().max(1))?, depth + 1)?;
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
