//! One file: its text to what is found in it.

use std::collections::HashMap;

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
    let waivers: Vec<_> = comments.iter().filter_map(waiver).collect();
    let waivers: Vec<_> =
        waivers.into_iter().map(|waiver| (waived_line(&places, &starts, waiver.at), waiver)).collect();
    // What may stay: the line and the rule, why, and whether there is anything.
    let mut allowed: HashMap<(usize, &str), (&str, bool)> = HashMap::new();
    for (line, waiver) in waivers.iter().filter(|(_, waiver)| !waiver.reason.is_empty()) {
        allowed.extend(
            line.iter().flat_map(|&line| waiver.rules.iter().map(move |id| ((line, *id), (waiver.reason, false)))),
        );
    }

    let mut found: Vec<(usize, Found)> = Vec::new();
    for seen in seen {
        if let Some(rule) = rules::broken(&seen.fact, in_service) {
            let (line, column) = places.of(seen.at);
            let waived = allowed.get_mut(&(line, rule.id)).map(|(reason, needed)| {
                *needed = true;
                reason.to_owned()
            });
            found.push((seen.at, Found { rule, line, column, code: shown(text, &seen), waived }));
        }
    }
    for (waived_line, waiver) in waivers {
        let is_needed =
            |id: &&str| waived_line.and_then(|line| allowed.get(&(line, *id))).is_some_and(|(_, needed)| *needed);
        let rule = if waiver.reason.is_empty() {
            &rules::WAIVER_REASON
        } else if waiver.rules.iter().all(is_needed) {
            continue;
        } else {
            &rules::WAIVER_UNUSED
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
