//! A path with parameters, `/notes/{id}.json`: whether a path matches, and a path of values.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

/// A path as a document writes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    text: String,
    segments: Vec<Vec<Piece>>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Literal(String),
    Name(String),
}

impl Template {
    /// What stands between braces is a parameter; a fragment or a query behind the path is left out.
    #[must_use]
    pub fn new(text: &str) -> Self {
        let path = text.split(['#', '?']).next().unwrap_or_default();
        let segments = path.trim_start_matches('/').split('/').map(pieces).collect();
        Self { text: text.to_owned(), segments }
    }

    /// As it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The names of its parameters, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.segments.iter().flatten().filter_map(|piece| match piece {
            Piece::Name(name) => Some(name.as_str()),
            Piece::Literal(_) => None,
        })
    }

    /// Its segments: the literal text of each, or nothing where a parameter stands in it.
    pub fn segments(&self) -> impl Iterator<Item = Option<&str>> {
        self.segments.iter().map(|pieces| match pieces.as_slice() {
            [] => Some(""),
            [Piece::Literal(text)] => Some(text.as_str()),
            _ => None,
        })
    }

    /// The parameters of a path, still percent-encoded; none if it is another path. None of them is empty.
    #[must_use]
    pub fn matches<'t, 'p>(&'t self, path: &'p str) -> Option<Vec<(&'t str, &'p str)>> {
        let mut found = Vec::new();
        let mut given = path.strip_prefix('/').unwrap_or(path).split('/');
        for pieces in &self.segments {
            if !segment(pieces, given.next()?, &mut found) {
                return None;
            }
        }
        given.next().is_none().then_some(found)
    }

    /// The path with these values, as they stand in it: encoded by the caller.
    #[must_use]
    pub fn render(&self, value: impl Fn(&str) -> String) -> String {
        let mut path = String::new();
        for pieces in &self.segments {
            path.push('/');
            for piece in pieces {
                match piece {
                    Piece::Literal(text) => path.push_str(text),
                    Piece::Name(name) => path.push_str(&value(name)),
                }
            }
        }
        path
    }
}

fn pieces(segment: &str) -> Vec<Piece> {
    let mut all = Vec::new();
    let mut rest = segment;
    while let Some((before, after)) = rest.split_once('{') {
        let Some((name, after)) = after.split_once('}') else { break };
        if !before.is_empty() {
            all.push(Piece::Literal(before.to_owned()));
        }
        all.push(Piece::Name(name.to_owned()));
        rest = after;
    }
    if !rest.is_empty() {
        all.push(Piece::Literal(rest.to_owned()));
    }
    all
}

fn segment<'t, 'p>(pieces: &'t [Piece], given: &'p str, found: &mut Vec<(&'t str, &'p str)>) -> bool {
    match pieces {
        [] => given.is_empty(),
        [Piece::Literal(text)] => same(text, given),
        [Piece::Name(name)] => {
            found.push((name, given));
            !given.is_empty()
        }
        [Piece::Literal(text), rest @ ..] => {
            given.strip_prefix(text.as_str()).is_some_and(|left| segment(rest, left, found))
        }
        [Piece::Name(name), Piece::Literal(text), rest @ ..] => {
            let before = found.len();
            for (at, _) in given.match_indices(text.as_str()).filter(|(at, _)| *at > 0) {
                found.push((name, &given[..at]));
                if segment(rest, &given[at + text.len()..], found) {
                    return true;
                }
                found.truncate(before);
            }
            false
        }
        // Two parameters side by side: the first has one letter, the second the rest.
        [Piece::Name(name), rest @ ..] => {
            let Some((at, _)) = given.char_indices().nth(1) else { return false };
            found.push((name, &given[..at]));
            segment(rest, &given[at..], found)
        }
    }
}

fn same(literal: &str, given: &str) -> bool {
    literal == given || given.contains('%') && decoded(given) == literal
}

/// Percent-decoded; bytes that are no text become replacement characters.
#[must_use]
pub fn decoded(text: &str) -> Cow<'_, str> {
    percent_decode_str(text).decode_utf8_lossy()
}
