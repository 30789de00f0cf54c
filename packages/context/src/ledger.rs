//! The ledger of confirmations: who confirmed which phase of which service, when, with what words and on what evidence.

use std::ops::Range;

use contracts::Phase;
use time::Date;
use time::macros::format_description;
use toml_edit::{ArrayOfTables, DocumentMut, Item, Table, TableLike, Value, value};

/// One person's word that a phase is complete.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Confirmation {
    /// The service.
    pub service: String,
    /// The phase; never 0A, which completes by itself.
    pub phase: Phase,
    /// Who said so.
    pub by: String,
    /// The day, as `2026-11-21`.
    pub on: String,
    /// In words: what was looked at.
    pub note: String,
    /// What it was said of.
    pub evidence: Vec<Evidence>,
}

/// Something that was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    /// A file, a test, a document.
    pub what: String,
    /// The digest of its content then, as `sha256:…`.
    pub digest: Option<String>,
}

/// Everything that was confirmed, in the order in which it was.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Ledger {
    confirmed: Vec<Confirmation>,
}

/// Why a ledger cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, column {column}: {message}")]
pub struct LedgerError {
    /// Counted from 1.
    pub line: usize,
    /// In characters, counted from 1.
    pub column: usize,
    /// What is wrong, and the mend.
    pub message: String,
}

/// What stands at the top of a new ledger.
const HEAD: &str = "\
# Who confirmed which phase of which service, when, and on what evidence.
# `enver phase confirm` adds to it; what stands here was said by a person and is changed by nobody else.
";

impl Ledger {
    /// Reads a ledger. An empty text is an empty ledger.
    ///
    /// # Errors
    ///
    /// The first place that cannot stand there: no TOML, an unknown or missing key, a phase out of order or twice.
    pub fn parse(text: &str) -> Result<Self, LedgerError> {
        const LONGEST: usize = 1 << 20;
        if text.len() > LONGEST {
            return Err(at(text, 0, "a ledger longer than 1 MiB is not read"));
        }
        let document = toml_edit::Document::parse(text)
            .map_err(|error| at(text, error.span().map_or(0, |span| span.start), error.message()))?;
        let mut ledger = Self::default();
        for (name, item) in document.iter() {
            let Some(tables) = item.as_array_of_tables().filter(|_| name == CONFIRMED) else {
                let place = document.get_key_value(name).and_then(|(key, _)| key.span());
                return Err(at(
                    text,
                    start(place.or_else(|| item.span())),
                    &format!("{name:?} means nothing here: only [[{CONFIRMED}]] does"),
                ));
            };
            let mut places = Vec::new();
            for table in tables {
                let place = start(table.span());
                let confirmation = confirmation(text, table, place)?;
                ledger.check(&confirmation, &places).map_err(|why| at(text, place, &why))?;
                places.push(line_of(text, place));
                ledger.confirmed.push(confirmation);
            }
        }
        Ok(ledger)
    }

    /// The text of a ledger with one confirmation more; what people wrote in it, comments too, stays.
    ///
    /// # Errors
    ///
    /// The text is no ledger, or the confirmation does not fit into it.
    pub fn add(text: &str, confirmation: &Confirmation) -> Result<String, LedgerError> {
        let ledger = Self::parse(text)?;
        let end = text.len();
        sound(confirmation).and_then(|()| ledger.check(confirmation, &[])).map_err(|why| at(text, end, &why))?;
        // A comment without a table under it would follow the first one: it is kept apart.
        let (head, tables) = match (ledger.confirmed.is_empty(), text.trim()) {
            (true, "") => (HEAD, ""),
            (true, _) => (text, ""),
            (false, _) => ("", text),
        };
        let mut document: DocumentMut =
            tables.parse().map_err(|error: toml_edit::TomlError| at(text, 0, error.message()))?;
        let list = document.entry(CONFIRMED).or_insert(Item::ArrayOfTables(ArrayOfTables::new()));
        let Some(list) = list.as_array_of_tables_mut() else {
            return Err(at(text, 0, "[[confirmed]] is no list of tables"));
        };
        list.push(table(confirmation));
        let tables = document.to_string();
        Ok(if head.is_empty() { tables } else { format!("{}\n\n{}", head.trim_end(), tables.trim_start()) })
    }

    /// What was said of this phase of this service.
    pub fn of(&self, service: &str, phase: Phase) -> Option<&Confirmation> {
        self.confirmed.iter().find(|one| one.service == service && one.phase == phase)
    }

    /// Whether somebody confirmed this phase. 0A needs nobody's word, and no ledger knows of it.
    pub fn is_confirmed(&self, service: &str, phase: Phase) -> bool {
        self.of(service, phase).is_some()
    }

    /// Everything that was confirmed.
    pub fn confirmations(&self) -> &[Confirmation] {
        &self.confirmed
    }

    /// The order of phases, and one word per phase.
    fn check(&self, new: &Confirmation, lines: &[usize]) -> Result<(), String> {
        let Confirmation { service, phase, .. } = new;
        if let Some(place) = self.confirmed.iter().position(|one| one.service == *service && one.phase == *phase) {
            let line = lines.get(place).map_or_else(String::new, |line| format!(" (line {line})"));
            return Err(format!("{phase} of {service} was confirmed already{line}: one word counts"));
        }
        let before = Phase::ALL.into_iter().filter(|before| before < phase && !before.completes_by_itself());
        for before in before {
            match self.of(service, before) {
                None => {
                    return Err(format!(
                        "{phase} of {service} comes after {before}, which is not confirmed: confirm {before} first"
                    ));
                }
                Some(earlier) if earlier.on > new.on => {
                    return Err(format!(
                        "{phase} of {service} was confirmed on {}, before {before} on {}: the order is {}",
                        new.on, earlier.on, ORDER
                    ));
                }
                Some(_) => {}
            }
        }
        Ok(())
    }
}

const CONFIRMED: &str = "confirmed";
const ORDER: &str = "0B, 1A, 1B, 2A, 2B";

fn confirmation(text: &str, table: &Table, place: usize) -> Result<Confirmation, LedgerError> {
    const KEYS: [&str; 6] = ["service", "phase", "by", "on", "note", "evidence"];
    known_keys(text, table, &KEYS)?;
    let word = |key: &str| -> Result<(String, usize), LedgerError> {
        let item = table
            .get(key)
            .ok_or_else(|| at(text, place, &format!("`{key}` is missing: write it as the others have it")))?;
        let here = start(item.span());
        let word = item.as_str().ok_or_else(|| at(text, here, &format!("`{key}` is text in quotes")))?;
        Ok((word.to_owned(), here))
    };
    let (name, phase_place) = word("phase")?;
    let phase =
        Phase::named(&name).ok_or_else(|| at(text, phase_place, &format!("{name:?} is no phase: {ORDER} are")))?;
    let evidence =
        table.get("evidence").ok_or_else(|| at(text, place, "`evidence` is missing: what was looked at?"))?;
    let confirmation = Confirmation {
        service: word("service")?.0,
        phase,
        by: word("by")?.0,
        on: word("on")?.0,
        note: word("note")?.0,
        evidence: evidence_of(text, evidence)?,
    };
    let places = ["service", "by", "on", "note"].map(|key| (key, word(key).map_or(place, |(_, place)| place)));
    sound(&confirmation).map_err(|why| {
        let place = places
            .iter()
            .find(|(key, _)| why.starts_with(&format!("`{key}`")))
            .map_or(phase_place, |(_, place)| *place);
        at(text, place, &why)
    })?;
    Ok(confirmation)
}

fn evidence_of(text: &str, item: &Item) -> Result<Vec<Evidence>, LedgerError> {
    let wrong =
        |place| at(text, place, "`evidence` is a list of { what = \"…\", digest = \"sha256:…\" }, and not empty");
    let here = start(item.span());
    let list = item.as_array().filter(|list| !list.is_empty()).ok_or_else(|| wrong(here))?;
    let mut found = Vec::new();
    for one in list {
        let place = start(one.span());
        let table = one.as_inline_table().ok_or_else(|| wrong(place))?;
        known_keys(text, table, &["what", "digest"])?;
        let what = table.get("what").and_then(Value::as_str).ok_or_else(|| wrong(place))?;
        let digest = match table.get("digest") {
            None => None,
            Some(digest) => Some(digest.as_str().ok_or_else(|| wrong(place))?.to_owned()),
        };
        found.push(Evidence { what: what.to_owned(), digest });
    }
    Ok(found)
}

fn known_keys(text: &str, table: &dyn TableLike, known: &[&str]) -> Result<(), LedgerError> {
    for (key, item) in table.iter() {
        if !known.contains(&key) {
            let place = table.get_key_value(key).and_then(|(key, _)| key.span()).or_else(|| item.span());
            return Err(at(text, start(place), &format!("`{key}` means nothing here: {} do", known.join(", "))));
        }
    }
    Ok(())
}

/// Whether a confirmation is whole in itself.
fn sound(new: &Confirmation) -> Result<(), String> {
    const LONGEST: usize = 2000;
    for (key, word) in [("service", &new.service), ("by", &new.by), ("note", &new.note)] {
        if word.trim().is_empty() || word.len() > LONGEST || word.chars().any(char::is_control) {
            return Err(format!("`{key}` is one line of text, not empty and at most {LONGEST} bytes long"));
        }
    }
    if Date::parse(&new.on, format_description!("[year]-[month]-[day]")).is_err() {
        return Err(format!("`on` is a day like 2026-11-21, and {:?} is none", new.on));
    }
    if new.phase.completes_by_itself() {
        return Err(format!("{} is not confirmed by anybody: it completes with the context documents", new.phase));
    }
    if new.evidence.is_empty() {
        return Err("a confirmation names what was looked at".to_owned());
    }
    Ok(())
}

fn table(confirmation: &Confirmation) -> Table {
    let mut table = Table::new();
    for (key, word) in [
        ("service", confirmation.service.as_str()),
        ("phase", confirmation.phase.name()),
        ("by", &confirmation.by),
        ("on", &confirmation.on),
        ("note", &confirmation.note),
    ] {
        table.insert(key, value(word));
    }
    let mut evidence = toml_edit::Array::new();
    for one in &confirmation.evidence {
        let mut entry = toml_edit::InlineTable::new();
        entry.insert("what", one.what.as_str().into());
        if let Some(digest) = &one.digest {
            entry.insert("digest", digest.as_str().into());
        }
        let mut entry = Value::InlineTable(entry);
        entry.decor_mut().set_prefix("\n    ");
        evidence.push_formatted(entry);
    }
    evidence.set_trailing_comma(true);
    evidence.set_trailing("\n");
    table.insert("evidence", value(evidence));
    table
}

fn start(span: Option<Range<usize>>) -> usize {
    span.map_or(0, |span| span.start)
}

fn line_of(text: &str, offset: usize) -> usize {
    text.as_bytes().iter().take(offset).filter(|byte| **byte == b'\n').count() + 1
}

fn at(text: &str, offset: usize, message: &str) -> LedgerError {
    let before = text.get(..offset).unwrap_or(text);
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    LedgerError { line: line_of(text, offset), column, message: message.replace('\n', " ") }
}
