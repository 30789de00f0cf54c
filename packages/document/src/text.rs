//! Texts for a schema: of its format, pattern and length.

use fastrand::Rng;

use crate::merged::Merged;
use crate::pattern;

/// The longest text that is made to fill a demanded length.
const LONGEST: u64 = 100_000;

/// A text; a plain one without randomness.
pub fn text(merged: &Merged<'_>, rng: Option<&mut Rng>) -> Option<String> {
    let least = merged.length.least;
    if least > LONGEST {
        return None;
    }
    let fits = |text: &String| {
        let length = text.chars().count() as u64;
        length >= least && merged.length.most.is_none_or(|most| length <= most)
    };
    let readable = |pattern: &&str| pattern::unreadable(pattern).is_none();
    let patterns: Vec<&str> = merged.patterns.iter().copied().filter(readable).collect();
    let matches = |text: &String| patterns.iter().all(|pattern| pattern::matches(pattern, text));
    let mut plain = Rng::with_seed(0);
    let varied = rng.is_some();
    let rng = rng.unwrap_or(&mut plain);
    let mut all: Vec<String> = merged.formats.iter().filter_map(|format| of_format(format, rng, varied)).collect();
    for pattern in &patterns {
        let mut found = pattern::of_pattern(pattern, least, merged.length.most);
        if varied {
            for _ in 0..4 {
                found.extend(pattern::varied(pattern, least, merged.length.most, rng));
            }
            rng.shuffle(&mut found);
        }
        all.extend(found);
    }
    all.push(padded(word(rng, varied), least, merged.length.most));
    all.iter().find(|text| fits(text) && matches(text)).or_else(|| all.first()).cloned()
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
