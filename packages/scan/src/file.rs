//! One file: its text to what is found in it.

use crate::facts::{self, Fact, Literal, Seen};
use crate::language::Language;
use crate::lexer::{self, Comment};
use crate::passed_over::without_tests_and_contracts;
use crate::rules::{self, Rule};
use crate::waivers::waiver;
use crate::yaml;

/// Something that is found in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The rule that is broken.
    pub rule: &'static Rule,
    /// From 1.
    pub line: usize,
    /// From 1, in characters.
    pub column: usize,
    /// The code, on one line, without what is secret in it.
    pub code: String,
    /// Why it may stay, when a waiver says so.
    pub waived: Option<String>,
}

/// What a file holds.
#[derive(Debug, Default)]
pub struct Findings {
    /// In the order of the file.
    pub found: Vec<Found>,
    /// Why a part of it could not be read.
    pub broken: Option<String>,
}

/// Judges a text.
pub fn judge(text: &str, language: Language, in_service: bool) -> Findings {
    let (seen, comments, starts, broken) = read(text, language);
    let mut places = Places::new(text);
    let mut found: Vec<(usize, Found)> = Vec::new();
    for seen in seen {
        if let Some(rule) = rules::broken(&seen.fact, in_service) {
            let (line, column) = places.of(seen.at);
            found.push((seen.at, Found { rule, line, column, code: shown(text, &seen), waived: None }));
        }
    }
    for waiver in comments.iter().filter_map(waiver) {
        let waived_line = waived_line(&places, &starts, waiver.at);
        let mut is_needed = true;
        for id in waiver.rules.iter().filter(|_| !waiver.reason.is_empty()) {
            let here = |found: &Found| Some(found.line) == waived_line && found.rule.id == *id;
            let mut waived = found.iter_mut().map(|(_, found)| found).filter(|found| here(found)).peekable();
            is_needed &= waived.peek().is_some();
            waived.for_each(|found| found.waived = Some(waiver.reason.to_owned()));
        }
        let rule = match (waiver.reason, is_needed) {
            ("", _) => &rules::WAIVER_REASON,
            (_, false) => &rules::WAIVER_UNUSED,
            (_, true) => continue,
        };
        let (line, column) = places.of(waiver.at);
        let code = one_line(&text[waiver.at..waiver.end]);
        found.push((waiver.at, Found { rule, line, column, code, waived: None }));
    }
    found.sort_by_key(|(at, _)| *at);
    Findings { found: found.into_iter().map(|(_, found)| found).collect(), broken }
}

/// The facts, the comments, where tokens begin, and why reading ended early.
type Read<'a> = (Vec<Seen<'a>>, Vec<Comment<'a>>, Vec<usize>, Option<String>);

fn read(text: &str, language: Language) -> Read<'_> {
    if language == Language::Yaml {
        let yaml::Read { facts, comments, starts, broken } = yaml::read(text);
        return (facts, comments, starts, broken);
    }
    let lexed = lexer::lex(text, language);
    let starts = lexed.tokens.iter().map(|token| token.at).collect();
    let tokens = if language == Language::Rust { without_tests_and_contracts(lexed.tokens) } else { lexed.tokens };
    (facts::facts(&tokens, language), lexed.comments, starts, None)
}

/// The line a comment at `at` speaks of: its own behind code, that of the next code before it.
fn waived_line(places: &Places<'_>, starts: &[usize], at: usize) -> Option<usize> {
    let next = starts.partition_point(|&start| start < at);
    let own = places.line(at);
    let is_behind = next.checked_sub(1).is_some_and(|before| places.line(starts[before]) == own);
    if is_behind { Some(own) } else { starts.get(next).map(|&next| places.line(next)) }
}

fn shown(text: &str, seen: &Seen<'_>) -> String {
    match seen.fact {
        // The credential stays where it is.
        Fact::Assigned { name, value: Literal::Text(_) } => format!("{name} = \"…\""),
        _ => one_line(&text[seen.at..seen.end]),
    }
}

/// Code on one line, and not too much of it.
fn one_line(code: &str) -> String {
    const LONGEST: usize = 80;
    let mut line = String::new();
    for word in code.split_whitespace() {
        if !line.is_empty() {
            line.push(' ');
        }
        line.extend(word.chars().take(LONGEST));
        if line.chars().count() >= LONGEST {
            return line.chars().take(LONGEST).chain(['…']).collect();
        }
    }
    line
}

/// Turns bytes into lines and columns.
struct Places<'a> {
    text: &'a str,
    /// Where lines begin.
    starts: Vec<usize>,
    /// The last answer: lines can be long, and questions come in order.
    last: (usize, usize),
}

impl<'a> Places<'a> {
    fn new(text: &'a str) -> Self {
        let starts = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
        Self { text, starts, last: (0, 1) }
    }

    fn line(&self, at: usize) -> usize {
        self.starts.partition_point(|&start| start <= at)
    }

    fn of(&mut self, at: usize) -> (usize, usize) {
        let line = self.line(at);
        let start = self.starts[line - 1];
        let (from, column) = if (start..=at).contains(&self.last.0) { self.last } else { (start, 1) };
        let column = column + self.text[from..at].chars().count();
        self.last = (at, column);
        (line, column)
    }
}
