//! Texts that match a pattern, short and readable.

use std::cell::RefCell;
use std::collections::HashMap;

use fastrand::Rng;
use regex_syntax::hir::{Class, Hir, HirKind};

use super::apart::apart;
use super::{matches, spend, translated};

/// How many parts of a pattern are written for one text.
const MOST_STEPS: usize = 200_000;

/// The longest text that is made.
const LONGEST: u64 = 100_000;

/// How many texts are held against a pattern that is not simply written down.
const MOST_TRIED: usize = 2_000;

/// How many patterns' texts are remembered, and how long those of one may be together.
const MOST_KEPT: usize = 1_000;
const LONGEST_KEPT: usize = 10_000;

/// A pattern, and the bounds of its texts.
type Asked = (String, u64, Option<u64>);

thread_local! {
    static FOUND: RefCell<HashMap<Asked, Vec<String>>> = RefCell::default();
}

/// A pattern as it is written down.
struct Parts {
    /// One of these, likely ones first.
    bases: Vec<Hir>,
    /// What is to be found in the text besides.
    demands: Vec<Hir>,
}

impl Parts {
    fn of(pattern: &str) -> Option<Self> {
        let parsed = |pattern: &str| regex_syntax::ParserBuilder::new().nest_limit(64).build().parse(pattern).ok();
        let pattern = translated(pattern);
        if let Some(whole) = parsed(&pattern) {
            return Some(Self { bases: vec![whole], demands: Vec::new() });
        }
        let apart = apart(&pattern)?;
        let all = |patterns: &[String]| patterns.iter().filter_map(|pattern| parsed(pattern)).collect();
        Some(Self { bases: all(&apart.bases), demands: all(&apart.demands) })
    }
}

/// Texts in which a pattern is found, of at least and at most so many letters if that can be.
#[must_use]
pub fn of_pattern(pattern: &str, least: u64, most: Option<u64>) -> Vec<String> {
    let asked = (pattern.to_owned(), least, most);
    if let Some(found) = FOUND.with_borrow(|known| known.get(&asked).cloned()) {
        return found;
    }
    let found = Parts::of(pattern).map(|parts| searched(pattern, &parts, least, most)).unwrap_or_default();
    if found.iter().map(String::len).sum::<usize>() <= LONGEST_KEPT {
        FOUND.with_borrow_mut(|known| {
            if known.len() > MOST_KEPT {
                known.clear();
            }
            known.insert(asked, found.clone());
        });
    }
    found
}

fn searched(pattern: &str, parts: &Parts, least: u64, most: Option<u64>) -> Vec<String> {
    let mut all = Vec::new();
    let most = most.unwrap_or(LONGEST).min(LONGEST);
    for base in &parts.bases {
        all.extend(bases(base, least, most));
    }
    let plain = all.clone();
    all.retain(|text| matches(pattern, text));
    if all.is_empty() {
        all = guessed(pattern, parts, &plain, most);
    }
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

fn bases(hir: &Hir, least: u64, most: u64) -> Vec<String> {
    let mut all = Vec::new();
    for (extra, choice) in [(0, 0), (1, 0), (0, 1), (2, 1), (1, 2), (3, 3)] {
        all.extend(written(hir, extra, choice, most));
    }
    // Longer ones, by repeating what may be repeated.
    let longest = all.iter().map(|text| text.chars().count() as u64).max().unwrap_or(0);
    if longest < least && least <= LONGEST {
        let missing = u32::try_from(least - longest).unwrap_or(u32::MAX);
        for extra in [missing, missing.saturating_add(1), missing / 2 + 1] {
            all.extend(written(hir, extra, 0, most));
        }
    }
    all
}

/// Texts that were put together until some matched: what lookarounds demand is put into what stands around them, and
/// where nothing is demanded chance may find what a boundary or a negation asks for.
fn guessed(pattern: &str, parts: &Parts, plain: &[String], most: u64) -> Vec<String> {
    const ENOUGH: usize = 6;
    const CHOICES: usize = 8;
    let pieces: Vec<String> = (0..CHOICES)
        .filter_map(|choice| parts.demands.iter().map(|demand| written(demand, 0, choice, most)).collect())
        .collect();
    let together = pieces
        .iter()
        .filter(|piece| !piece.is_empty())
        .flat_map(|piece| plain.iter().flat_map(|base| spliced(base, piece)).collect::<Vec<_>>());
    let mut rng = Rng::with_seed(0);
    let chance = (0..MOST_TRIED / 4).filter_map(|_| by_chance(parts, 0, most, &mut rng));
    let mut all = Vec::new();
    for text in together.take(MOST_TRIED).chain(chance) {
        if matches(pattern, &text) && !all.contains(&text) {
            all.push(text);
        }
        if all.len() >= ENOUGH {
            break;
        }
    }
    all
}

/// Another such text each time, if one is found.
#[must_use]
pub fn varied(pattern: &str, least: u64, most: Option<u64>, rng: &mut Rng) -> Option<String> {
    const ATTEMPTS: usize = 8;
    let parts = Parts::of(pattern)?;
    let most = most.unwrap_or(LONGEST).min(LONGEST);
    (0..ATTEMPTS).filter_map(|_| by_chance(&parts, least, most, rng)).find(|text| matches(pattern, text))
}

fn by_chance(parts: &Parts, least: u64, most: u64, rng: &mut Rng) -> Option<String> {
    let base = parts.bases.get(rng.usize(..parts.bases.len().max(1))).filter(|_| spend(1))?;
    let shortest = base.properties().minimum_len().unwrap_or(0) as u64;
    let missing = u32::try_from(least.saturating_sub(shortest).min(LONGEST)).unwrap_or(0);
    let extra = missing + rng.u32(..5);
    let mut writer = Writer { text: String::new(), extra, choice: 0, rng: Some(rng), most, steps: MOST_STEPS };
    writer.write(base, 0)?;
    let text = writer.text;
    if !spend(text.len()) {
        return None;
    }
    let mut piece = String::new();
    for demand in &parts.demands {
        let mut writer = Writer { text: piece, extra: 0, choice: 0, rng: Some(rng), most, steps: MOST_STEPS };
        writer.write(demand, 0)?;
        piece = writer.text;
    }
    if piece.is_empty() {
        return Some(text);
    }
    let all: Vec<String> = spliced(&text, &piece).collect();
    rng.choice(all)
}

/// A piece in a text: over it, between its letters, before and behind a part of it.
pub fn spliced<'t>(base: &'t str, piece: &'t str) -> impl Iterator<Item = String> + 't {
    const MOST_PLACES: usize = 64;
    let over = move |at: usize| {
        let rest = base[at..].char_indices().nth(piece.chars().count()).map_or("", |(length, _)| &base[at + length..]);
        format!("{}{piece}{rest}", &base[..at])
    };
    let places = base.char_indices().map(|(at, _)| at).chain([base.len()]).take(MOST_PLACES);
    places.flat_map(move |at| {
        let (before, behind) = base.split_at(at);
        [over(at), format!("{before}{piece}{behind}"), format!("{piece}{behind}"), format!("{before}{piece}")]
    })
}

fn written(hir: &Hir, extra: u32, choice: usize, most: u64) -> Option<String> {
    if !spend(1) {
        return None;
    }
    let mut writer = Writer { text: String::new(), extra, choice, rng: None, most, steps: MOST_STEPS };
    let whole = writer.write(hir, 0);
    (spend(MOST_STEPS - writer.steps) && whole.is_some()).then_some(writer.text)
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
