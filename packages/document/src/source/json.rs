//! Where JSON pointers lead in a JSON text. Documents have megabytes and few places in them are asked for, so everything
//! else is passed over without being read.

use serde::de::IgnoredAny;

use super::Place;

/// The place of each pointer, given in parts; `None` if the text is not JSON.
pub fn find_all(text: &str, wanted: &[Vec<String>]) -> Option<Vec<Place>> {
    let starts = text.trim_start().starts_with('{');
    if !starts || serde_json::from_str::<IgnoredAny>(text).is_err() {
        return None;
    }
    let mut search = Search { text, at: 0, wanted, found: vec![(0, 0); wanted.len()] };
    search.value(&(0..wanted.len()).collect::<Vec<_>>(), 0)?;
    let mut order: Vec<usize> = (0..wanted.len()).collect();
    order.sort_by_key(|&n| search.found[n].1);
    let mut places = vec![Place::START; wanted.len()];
    let (mut line, mut begin, mut done) = (1, 0, 0);
    for n in order {
        let at = search.found[n].1;
        for (index, _) in text.get(done..at)?.match_indices('\n') {
            (line, begin) = (line + 1, done + index + 1);
        }
        done = at;
        places[n] = Place { line, column: text.get(begin..at)?.chars().count() as u64 + 1 };
    }
    Some(places)
}

struct Search<'t> {
    text: &'t str,
    at: usize,
    wanted: &'t [Vec<String>],
    /// How many parts of each pointer were met, and at which byte.
    found: Vec<(usize, usize)>,
}

impl<'t> Search<'t> {
    /// A value that these pointers lead into. It goes as deep as serde_json does, which has a bound.
    fn value(&mut self, live: &[usize], depth: usize) -> Option<()> {
        let first = self.next()?;
        if live.is_empty() || !matches!(first, b'{' | b'[') {
            return self.pass();
        }
        self.at += 1;
        let mut index = 0;
        loop {
            match self.next()? {
                b'}' | b']' => {
                    self.at += 1;
                    return Some(());
                }
                b',' => self.at += 1,
                _ => {
                    let begin = self.at;
                    let part = if first == b'[' { index.to_string() } else { self.key()? };
                    let leads = |n: &usize| self.wanted[*n].get(depth).is_some_and(|wanted| *wanted == part);
                    let live: Vec<usize> = live.iter().copied().filter(leads).collect();
                    for &n in &live {
                        self.found[n] = (depth + 1, begin).max(self.found[n]);
                    }
                    self.value(&live, depth + 1)?;
                    index += 1;
                }
            }
        }
    }

    /// A key and its colon.
    fn key(&mut self) -> Option<String> {
        let begin = self.at;
        self.string();
        let key = serde_json::from_str(self.text.get(begin..self.at)?).ok()?;
        self.next()?;
        self.at += 1;
        Some(key)
    }

    /// The next byte that is no space; it is still to be read.
    fn next(&mut self) -> Option<u8> {
        let rest = self.text.as_bytes().get(self.at..)?;
        self.at += rest.iter().position(|byte| !byte.is_ascii_whitespace())?;
        self.text.as_bytes().get(self.at).copied()
    }

    fn string(&mut self) {
        let bytes = self.text.as_bytes();
        self.at += 1;
        while let Some(byte) = bytes.get(self.at) {
            self.at += if *byte == b'\\' { 2 } else { 1 };
            if *byte == b'"' {
                return;
            }
        }
    }

    /// To the end of a value.
    fn pass(&mut self) -> Option<()> {
        let mut open = 0_usize;
        loop {
            match self.next()? {
                b'"' => self.string(),
                b'{' | b'[' => {
                    open += 1;
                    self.at += 1;
                }
                // The end of what is around a number.
                b'}' | b']' | b',' if open == 0 => return Some(()),
                b'}' | b']' => {
                    open -= 1;
                    self.at += 1;
                }
                b',' | b':' => {
                    self.at += 1;
                    continue;
                }
                _ => self.at += 1,
            }
            let ends = self.text.as_bytes().get(self.at).is_none_or(|byte| b",}] \n\r\t".contains(byte));
            if open == 0 && ends {
                return Some(());
            }
        }
    }
}
