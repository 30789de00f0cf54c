//! What a YAML file says.

use std::ops::Range;

use granit_parser::{Event, Parser, ScalarStyle, Span};

use crate::facts::{self, Fact, Literal, Seen, text_literal};
use crate::language::Language;
use crate::lexer::{self, Comment};
use crate::names;

/// A YAML file, read.
#[derive(Debug, Default)]
pub struct Read<'a> {
    pub facts: Vec<Seen<'a>>,
    pub comments: Vec<Comment<'a>>,
    /// Where values and keys begin.
    pub starts: Vec<usize>,
    /// Why the rest could not be read.
    pub broken: Option<String>,
}

/// Reads all documents in it; what comes after an error is left.
pub fn read(text: &str) -> Read<'_> {
    let mut reader = Reader { text, read: Read::default(), open: Vec::new(), top: Vec::new(), document: 0 };
    for event in Parser::new_from_str(text) {
        match event {
            Ok((event, span)) => reader.take(&event, &span),
            Err(error) => {
                reader.read.broken = Some(format!("it is not YAML: {error}"));
                break;
            }
        }
    }
    reader.end_document();
    reader.read
}

/// A list or a mapping that is not closed yet.
enum Open<'a> {
    List,
    Mapping {
        /// The key whose value comes next.
        key: Option<(&'a str, usize)>,
        /// The values of `name` and `value`, which together state a variable of a container.
        name: Option<&'a str>,
        value: Option<(&'a str, usize, usize)>,
    },
}

struct Reader<'a> {
    text: &'a str,
    read: Read<'a>,
    open: Vec<Open<'a>>,
    /// The keys of the document itself.
    top: Vec<&'a str>,
    /// Where the facts of the document begin.
    document: usize,
}

impl<'a> Reader<'a> {
    fn take(&mut self, event: &Event<'_>, span: &Span) {
        let (range, source) = (span.byte_range().unwrap_or_default(), span.slice(self.text).unwrap_or_default());
        match event {
            Event::Comment(..) => {
                self.read.comments.push(Comment { text: source, at: range.start });
            }
            Event::Scalar(_, style, ..) => {
                self.read.starts.push(range.start);
                self.scalar(source, *style, range);
            }
            Event::Alias(..) => self.value_ends(),
            Event::SequenceStart(..) => self.open.push(Open::List),
            Event::MappingStart(..) => self.open.push(Open::Mapping { key: None, name: None, value: None }),
            Event::SequenceEnd => {
                self.open.pop();
                self.value_ends();
            }
            Event::MappingEnd => {
                if let Some(Open::Mapping { name: Some(name), value: Some((value, at, end)), .. }) = self.open.pop() {
                    self.assigned(name, value, at, end);
                }
                self.value_ends();
            }
            Event::DocumentEnd => self.end_document(),
            _ => {}
        }
    }

    /// A value ended that is no scalar: the next scalar of the mapping around it is a key.
    fn value_ends(&mut self) {
        if let Some(Open::Mapping { key, .. }) = self.open.last_mut() {
            // An alias or a collection can be a key itself; then its value takes the place of the next key.
            *key = None;
        }
    }

    fn scalar(&mut self, source: &'a str, style: ScalarStyle, range: Range<usize>) {
        let depth = self.open.len();
        match self.open.last_mut() {
            None => {}
            Some(Open::List) => {
                // `- TAX_RATE=0.18`
                let (at, end) = (range.start, range.end);
                if let Some((name, value)) = unquoted(source).split_once('=')
                    && name.bytes().all(|letter| letter.is_ascii_alphanumeric() || letter == b'_')
                {
                    self.read.facts.push(Seen { fact: Fact::Assigned { name, value: text_literal(value) }, at, end });
                }
            }
            Some(Open::Mapping { key: key @ None, .. }) => {
                *key = Some((unquoted(source), range.start));
                if depth == 1 {
                    self.top.push(unquoted(source));
                }
            }
            Some(Open::Mapping { key: state, name, value }) => {
                let Some((key, at)) = state.take() else { return };
                match key {
                    "name" => *name = Some(unquoted(source)),
                    "value" => *value = Some((source, range.start, range.end)),
                    _ => {}
                }
                if matches!(key, "if" | "when" | "condition") {
                    self.condition(unquoted(source), &range);
                } else if matches!(style, ScalarStyle::Plain | ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted) {
                    self.assigned(key, source, at, range.end);
                }
            }
        }
    }

    fn assigned(&mut self, name: &'a str, source: &'a str, at: usize, end: usize) {
        let value = text_literal(unquoted(source));
        self.read.facts.push(Seen { fact: Fact::Assigned { name, value }, at, end });
    }

    /// An expression, as workflows and templates have them.
    fn condition(&mut self, expression: &'a str, range: &Range<usize>) {
        let tokens = lexer::lex(expression, Language::JavaScript).tokens;
        let seen = facts::facts(&tokens, Language::JavaScript);
        if let Some(branch) = seen.into_iter().find(|seen| seen.fact == Fact::TenantBranch) {
            self.read.facts.push(Seen { fact: branch.fact, at: range.start, end: range.end });
        }
    }

    /// Forgets what a document may say: a configuration document is where values belong, and the bounds of a published
    /// contract are no business values.
    fn end_document(&mut self) {
        let is = |key: &str| self.top.contains(&key);
        let from = self.document.min(self.read.facts.len());
        if self.top.len() == 2 && is("schema") && is("value") {
            self.read.facts.truncate(from);
        } else if ["openapi", "asyncapi", "swagger", "$schema"].into_iter().any(is) {
            let mut index = 0;
            self.read.facts.retain(|seen| {
                index += 1;
                index <= from || !is_bound(&seen.fact)
            });
        }
        self.document = self.read.facts.len();
        self.top.clear();
        self.open.clear();
    }
}

/// `maxLength: 80`, `minimum: 1`
fn is_bound(fact: &Fact<'_>) -> bool {
    let Fact::Assigned { name, value: Literal::Number } = fact else { return false };
    let words = names::words(name);
    words.first().is_some_and(|first| ["max", "min", "maximum", "minimum"].contains(&first.as_str()))
}

/// A scalar without its quotes; escapes stay as they are, because no value that matters here has any.
fn unquoted(source: &str) -> &str {
    let inner = |quote| source.strip_prefix(quote).and_then(|rest: &str| rest.strip_suffix(quote));
    inner('"').or_else(|| inner('\'')).unwrap_or(source).trim()
}
