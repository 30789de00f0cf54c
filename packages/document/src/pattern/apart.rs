//! Patterns with lookarounds and backreferences, taken apart into patterns without.

use std::cell::Cell;

/// The longest pattern that is taken apart, and the longest that comes of it.
const LONGEST: usize = 2_000;
const LONGEST_WRITTEN: usize = 20_000;

/// How many parts of a pattern are looked at, those of a group as often as it is referred to.
const MOST_PIECES: usize = 50_000;

/// How deep lookarounds and groups that are referred to stand in one another.
const DEEPEST: usize = 8;

/// What is left of a pattern.
pub struct Apart {
    /// It without lookarounds; with those that demand something as parts of the text; with each backreference as
    /// another of the group it refers to.
    pub bases: [String; 2],
    /// What its lookaheads demand.
    pub demands: Vec<String>,
}

/// Takes a pattern apart that Rust can read but for that; none that is too long or not closed.
pub fn apart(pattern: &str) -> Option<Apart> {
    if pattern.len() > LONGEST {
        return None;
    }
    let groups = groups(pattern)?;
    let left = Cell::new(MOST_PIECES);
    let mut demands = Vec::new();
    let without = Writer { groups: &groups, inline: false, left: &left }.write(pattern, &mut demands, 0)?;
    let within = Writer { groups: &groups, inline: true, left: &left }.write(pattern, &mut Vec::new(), 0)?;
    Some(Apart { bases: [without, within], demands })
}

struct Writer<'p> {
    /// What stands in each capturing group.
    groups: &'p [&'p str],
    /// Whether what a lookaround demands is written where it stands.
    inline: bool,
    /// How many parts may still be looked at.
    left: &'p Cell<usize>,
}

impl Writer<'_> {
    fn write(&self, pattern: &str, demands: &mut Vec<String>, depth: usize) -> Option<String> {
        let mut out = String::new();
        let mut rest = pattern;
        while let Some(piece) = Piece::first(rest) {
            self.left.set(self.left.get().checked_sub(1)?);
            if depth > DEEPEST || out.len() > LONGEST_WRITTEN {
                return None;
            }
            let mut length = piece.length;
            match piece.kind {
                Kind::Look { ahead, demands: demanded } => {
                    let end = closed(rest)?;
                    let body = &rest[piece.length..end];
                    length = end + 1;
                    let inner = self.write(body, &mut Vec::new(), depth + 1)?;
                    out.push_str("(?:");
                    if self.inline && demanded {
                        out.push_str(&inner);
                    }
                    out.push(')');
                    if ahead && demanded {
                        demands.push(inner);
                    }
                }
                Kind::Back(number) => {
                    let group = self.groups.get(number - 1)?;
                    out.push_str(&format!("(?:{})", self.write(group, &mut Vec::new(), depth + 1)?));
                }
                _ => out.push_str(&rest[..piece.length]),
            }
            rest = &rest[length..];
        }
        Some(out)
    }
}

/// What a pattern begins with.
struct Piece {
    length: usize,
    kind: Kind,
}

enum Kind {
    /// A lookaround, up to its body; whether it looks ahead, and whether it demands rather than forbids.
    Look {
        ahead: bool,
        demands: bool,
    },
    /// A backreference
    Back(usize),
    /// The beginning of a group
    Open {
        captures: bool,
    },
    Close,
    Other,
}

impl Piece {
    fn first(pattern: &str) -> Option<Self> {
        let of = |length: usize, kind: Kind| Some(Self { length, kind });
        let first = pattern.chars().next()?;
        match first {
            '\\' => {
                let escaped = pattern[1..].chars().next();
                let length = 1 + escaped.map_or(0, char::len_utf8);
                match escaped.and_then(|escaped| escaped.to_digit(10)) {
                    Some(number @ 1..) => of(length, Kind::Back(number as usize)),
                    _ => of(length, Kind::Other),
                }
            }
            '[' => of(class(pattern), Kind::Other),
            '(' => {
                for (begins, ahead, demands) in
                    [("(?=", true, true), ("(?!", true, false), ("(?<=", false, true), ("(?<!", false, false)]
                {
                    if pattern.starts_with(begins) {
                        return of(begins.len(), Kind::Look { ahead, demands });
                    }
                }
                let captures = !pattern.starts_with("(?") || pattern.starts_with("(?<") || pattern.starts_with("(?P<");
                of(1, Kind::Open { captures })
            }
            ')' => of(1, Kind::Close),
            other => of(other.len_utf8(), Kind::Other),
        }
    }
}

/// How long the class is that a pattern begins with.
fn class(pattern: &str) -> usize {
    let mut escaped = false;
    for (at, letter) in pattern.char_indices().skip(1) {
        match letter {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            ']' => return at + 1,
            _ => {}
        }
    }
    pattern.len()
}

/// Where the group is closed that a pattern begins with.
fn closed(pattern: &str) -> Option<usize> {
    let (mut at, mut open) = (0, 0_usize);
    while let Some(piece) = Piece::first(&pattern[at..]) {
        match piece.kind {
            Kind::Open { .. } | Kind::Look { .. } => open += 1,
            Kind::Close if open == 1 => return Some(at),
            Kind::Close => open = open.checked_sub(1)?,
            _ => {}
        }
        at += piece.length;
    }
    None
}

/// What stands in each capturing group, in the order in which they open.
fn groups(pattern: &str) -> Option<Vec<&str>> {
    let mut all = Vec::new();
    let mut at = 0;
    while let Some(piece) = Piece::first(&pattern[at..]) {
        if let Kind::Open { captures: true } = piece.kind {
            let end = at + closed(&pattern[at..])?;
            let inner = &pattern[at + 1..end];
            let named = if inner.starts_with('?') { inner.find('>').map_or(0, |name| name + 1) } else { 0 };
            all.push(&inner[named..]);
        }
        at += piece.length;
    }
    Some(all)
}
