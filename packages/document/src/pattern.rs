//! Patterns as JavaScript writes them: whether they can be read, and whether a text matches one.

mod apart;
mod effort;
mod texts;

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::HashMap;

use regex_syntax::ast::ErrorKind;
use serde_json::json;

use crate::formats;

pub(crate) use effort::{limited, spend};
pub use texts::of_pattern;
pub(crate) use texts::{spliced, varied};

/// How many steps backwards a match may take: texts are guessed by the thousand, and a pattern may be a trap.
const MOST_STEPS_BACK: usize = 10_000;

/// What a match costs, in letters: in time that grows with the text, and with steps backwards.
const LINEAR: usize = 16;
const BACKTRACKING: usize = 1_000;

/// How many patterns are remembered.
const MOST_KEPT: usize = 1_000;

thread_local! {
    static PATTERNS: RefCell<HashMap<String, Option<Compiled>>> = RefCell::default();
    static HELD: RefCell<HashMap<String, bool>> = RefCell::default();
}

/// A pattern, and what a match costs besides the letters of the text.
struct Compiled {
    regex: fancy_regex::Regex,
    cost: usize,
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

/// Whether a pattern is found in a text; one that cannot be read is found nowhere, nor is one that takes more steps than
/// are worth it.
#[must_use]
pub fn matches(pattern: &str, text: &str) -> bool {
    PATTERNS.with_borrow_mut(|known| {
        if known.len() > MOST_KEPT {
            known.clear();
        }
        let compiled = || {
            let translated = translated(pattern);
            let is_linear = regex_syntax::ast::parse::Parser::new().parse(&translated).is_ok();
            let regex = fancy_regex::RegexBuilder::new(&translated).backtrack_limit(MOST_STEPS_BACK).build().ok()?;
            Some(Compiled { regex, cost: if is_linear { LINEAR } else { BACKTRACKING } })
        };
        let Some(Compiled { regex, cost }) = known.entry(pattern.to_owned()).or_insert_with(compiled) else {
            return false;
        };
        if !spend(*cost + text.len()) {
            return false;
        }
        regex.is_match(text).unwrap_or_else(|_| {
            // Who goes all the way back has cost that much.
            spend(MOST_STEPS_BACK);
            false
        })
    })
}
