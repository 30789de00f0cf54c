//! What an identifier is about: `taxRate`, `TAX_RATE` and `tax-rate` are the words *tax* and *rate*.

/// The words of an identifier, in lower case.
pub fn words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut before = '_';
    let mut letters = name.chars().peekable();
    while let Some(letter) = letters.next() {
        let next_is_lower = letters.peek().is_some_and(|next| next.is_lowercase());
        let begins = !before.is_alphanumeric()
            || (letter.is_uppercase() && (before.is_lowercase() || before.is_numeric() || next_is_lower));
        if letter.is_alphanumeric() {
            match words.last_mut() {
                Some(word) if !begins => word.extend(letter.to_lowercase()),
                _ => words.push(letter.to_lowercase().collect()),
            }
        }
        before = letter;
    }
    words
}

const UNITS: [&str; 22] = [
    "ns",
    "nanos",
    "us",
    "micros",
    "ms",
    "millis",
    "milliseconds",
    "s",
    "sec",
    "secs",
    "second",
    "seconds",
    "minute",
    "minutes",
    "mins",
    "hour",
    "hours",
    "day",
    "days",
    "week",
    "weeks",
    "percent",
];

/// Whether the word is a unit of time (or percent), which says in what a value is given, not what it is.
pub fn is_unit(word: &str) -> bool {
    UNITS.contains(&word)
}

#[cfg(test)]
mod tests {
    use super::words;

    #[test]
    fn every_way_of_writing_a_name_has_the_same_words() {
        for name in ["tax_rate", "TAX_RATE", "taxRate", "TaxRate", "tax-rate", "TAXRate"] {
            assert_eq!(words(name), ["tax", "rate"], "{name}");
        }
        assert_eq!(words("timeoutMs2"), ["timeout", "ms2"]);
        assert_eq!(words("generate"), ["generate"]);
        assert_eq!(words("__"), Vec::<String>::new());
    }
}
