//! Texts for a schema: of its format, pattern and length.

use fastrand::Rng;

use crate::formats;
use crate::merged::Merged;
use crate::pattern;

/// The longest text that is made to fill a demanded length.
const LONGEST: u64 = 100_000;

/// How many texts are put together of others.
const MOST_JOINED: usize = 5_000;

/// A text; a plain one without randomness.
pub fn text(merged: &Merged<'_>, rng: Option<&mut Rng>) -> Option<String> {
    let (least, most) = (merged.length.least, merged.length.most);
    if least > LONGEST || !pattern::spend(1) {
        return None;
    }
    let readable = |pattern: &&str| pattern::unreadable(pattern).is_none();
    let patterns: Vec<&str> = merged.patterns.iter().copied().filter(readable).collect();
    let is_good = |text: &String| {
        let length = text.chars().count() as u64;
        length >= least
            && most.is_none_or(|most| length <= most)
            && patterns.iter().all(|pattern| pattern::matches(pattern, text))
            && merged.formats.iter().all(|format| formats::holds(format, text))
    };
    let mut plain = Rng::with_seed(0);
    let varied = rng.is_some();
    let rng = rng.unwrap_or(&mut plain);
    let mut all: Vec<String> = merged.formats.iter().filter_map(|format| of_format(format, rng, varied)).collect();
    for pattern in &patterns {
        let mut found = pattern::of_pattern(pattern, least, most);
        if varied {
            for _ in 0..4 {
                found.extend(pattern::varied(pattern, least, most, rng));
            }
            rng.shuffle(&mut found);
        }
        all.extend(found);
    }
    all.push(padded(word(rng, varied), least, most));
    if let Some(good) = all.iter().find(|text| is_good(text)) {
        return Some(good.clone());
    }
    let other = if merged.formats.is_empty() && patterns.len() < 2 { None } else { joined(merged, &all, is_good) };
    other.or_else(|| all.into_iter().next())
}

/// A text of parts that are each good for something: a pattern may say how a format ends, or another pattern how a text
/// goes on, and a format says nothing of its length.
fn joined(merged: &Merged<'_>, all: &[String], is_good: impl Fn(&String) -> bool) -> Option<String> {
    let samples: Vec<String> = merged.formats.iter().flat_map(|format| samples(format)).collect();
    let longest = samples.iter().map(|sample| sample.chars().count() as u64).max().unwrap_or(0);
    let missing = merged.length.least.saturating_sub(longest) as usize;
    let filling = |letters: &str| letters.chars().cycle().take(missing).collect::<String>();
    let pieces = [filling("a"), filling("a.")];
    let pieces: Vec<&String> = pieces.iter().filter(|_| missing > 0).chain(all).collect();
    let mut left = MOST_JOINED;
    for base in samples.iter().chain(all) {
        let alone = std::iter::once(base.clone()).chain(pieces.iter().map(|piece| format!("{base}{piece}")));
        let with = pieces.iter().flat_map(|piece| crossed(base, piece).chain(pattern::spliced(base, piece)));
        for text in alone.chain(with) {
            left = left.checked_sub(1).filter(|_| pattern::spend(text.len()))?;
            if is_good(&text) {
                return Some(text);
            }
        }
    }
    None
}

/// The beginning of one and the end of the other.
fn crossed<'t>(first: &'t str, second: &'t str) -> impl Iterator<Item = String> + 't {
    first.char_indices().filter_map(|(at, _)| Some(format!("{}{}", first.get(..at)?, second.get(at..)?)))
}

/// A text in which a pattern is found, another for every number while there are some.
pub fn of_pattern(pattern: &str, number: u64) -> Option<String> {
    let mut found = pattern::of_pattern(pattern, 0, None);
    found.sort_by_key(String::len);
    found.dedup();
    let first = found.first()?.clone();
    let longer = || Some(format!("{first}{number}")).filter(|text| pattern::matches(pattern, text));
    found.get((number as usize).saturating_sub(1)).cloned().or_else(longer)
}

fn word(rng: &mut Rng, varied: bool) -> String {
    const WORDS: [&str; 12] =
        ["amber", "birch", "cedar", "delta", "ember", "fjord", "grove", "harbor", "iris", "juniper", "karst", "linden"];
    if !varied {
        return "text".to_owned();
    }
    format!("{}{}", rng.choice(WORDS).unwrap_or("text"), rng.u16(..1_000))
}

fn padded(mut text: String, least: u64, most: Option<u64>) -> String {
    while (text.len() as u64) < least {
        text.push('a');
    }
    if let Some(most) = most {
        text.truncate(usize::try_from(most).unwrap_or(usize::MAX).min(text.len()));
    }
    text
}

/// A text of a format; none of one that says nothing about texts.
fn of_format(format: &str, rng: &mut Rng, varied: bool) -> Option<String> {
    let mut number = |most: u32| if varied { rng.u32(..most) } else { 0 };
    let date = |number: &mut dyn FnMut(u32) -> u32| {
        format!("{}-{:02}-{:02}", 2024 + number(3), 1 + number(12), if varied { 1 + number(28) } else { 31 })
    };
    let time = |number: &mut dyn FnMut(u32) -> u32| {
        format!("{:02}:{:02}:{:02}Z", if varied { number(24) } else { 12 }, number(60), number(60))
    };
    Some(match format {
        "date-time" => format!("{}T{}", date(&mut number), time(&mut number)),
        "date" => date(&mut number),
        "time" => time(&mut number),
        "duration" => format!("P{}D", 1 + number(30)),
        "email" | "idn-email" => format!("person{}@example.com", number(10_000)),
        "hostname" | "idn-hostname" => format!("host{}.example.com", number(10_000)),
        "ipv4" => format!("192.0.2.{}", 1 + number(250)),
        "ipv6" => format!("2001:db8::{:x}", 1 + number(60_000)),
        "uri" | "iri" | "url" => format!("https://example.com/{}", number(10_000)),
        "uri-reference" | "iri-reference" => format!("/{}", number(10_000)),
        "uri-template" => "/{name}".to_owned(),
        "uuid" => {
            let (high, low) = (number(u32::MAX), number(u32::MAX));
            format!("{high:08x}-0000-4000-8000-{low:012x}")
        }
        "json-pointer" => format!("/{}", number(100)),
        "relative-json-pointer" => format!("{}/a", number(9)),
        "regex" => "^a+$".to_owned(),
        "byte" => ["dGV4dA==", "YW1iZXI=", "Y2VkYXI="][number(3) as usize].to_owned(),
        "base64url" => ["dGV4dA", "YW1iZXI", "Y2VkYXI"][number(3) as usize].to_owned(),
        _ => return None,
    })
}

/// Plain texts of a format: the usual one, and one of the shortest.
fn samples(format: &str) -> impl Iterator<Item = String> {
    let short = match format {
        "email" | "idn-email" => Some("a@b.co"),
        "hostname" | "idn-hostname" => Some("a"),
        "uri" | "iri" | "url" => Some("http://a"),
        "ipv4" => Some("1.1.1.1"),
        "ipv6" => Some("::1"),
        "uri-reference" | "iri-reference" => Some("a"),
        _ => None,
    };
    of_format(format, &mut Rng::with_seed(0), false).into_iter().chain(short.map(str::to_owned))
}
