//! Names: what a service, an operation and its record are called, in every spelling their code needs.

/// Why a name cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum NameError {
    /// Not a service's name.
    #[error(
        "{0:?} is no name for a service: write lower-case letters and digits, words joined by `-`, beginning with a letter, at most 25 characters"
    )]
    Service(String),
    /// A name that means something else.
    #[error("a service cannot be called {name:?}: {why}")]
    Taken {
        /// The name.
        name: String,
        /// What it means.
        why: String,
    },
    /// Not an operation id.
    #[error(
        "{0:?} is no name for an operation: write a verb and a noun in camel case, as in createRefund, at most 40 characters"
    )]
    Operation(String),
    /// Not a noun.
    #[error(
        "{0:?} is no name for what a service keeps: write a noun in the singular, lower-case words joined by `-`, at most 25 characters"
    )]
    Record(String),
    /// Not a path.
    #[error("the path {path:?} cannot be used: {why}")]
    Path {
        /// The path.
        path: String,
        /// What is wrong with it, and the mend.
        why: String,
    },
}

/// Lower-case words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Words(Vec<String>);

impl Words {
    /// The words of a name like `credit-note`, or `None` if it is none of at most 25 characters.
    pub fn of_kebab(name: &str) -> Option<Self> {
        const LONGEST: usize = 25;
        let is_word =
            |word: &str| !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
        let begins = name.starts_with(|first: char| first.is_ascii_lowercase());
        let words: Vec<String> = name.split('-').map(str::to_owned).collect();
        (begins && name.len() <= LONGEST && words.iter().all(|word| is_word(word))).then_some(Self(words))
    }

    /// `credit_note`
    pub fn snake(&self) -> String {
        self.0.join("_")
    }

    /// `credit-note`
    pub fn kebab(&self) -> String {
        self.0.join("-")
    }

    /// `credit note`
    pub fn spoken(&self) -> String {
        self.0.join(" ")
    }

    /// `CREDIT_NOTE`
    pub fn screaming(&self) -> String {
        self.snake().to_uppercase()
    }

    /// `CreditNote`
    pub fn pascal(&self) -> String {
        self.0.iter().map(|word| capital(word)).collect()
    }

    /// `creditNote`
    pub fn camel(&self) -> String {
        let mut words = self.0.iter();
        words.next().cloned().into_iter().chain(words.map(|word| capital(word))).collect()
    }

    /// `credit notes`
    pub fn plural(&self) -> Self {
        self.with_last(plural)
    }

    /// `credit note` of `credit notes`
    pub fn singular(&self) -> Self {
        self.with_last(singular)
    }

    /// `a credit note`
    pub fn with_article(&self) -> String {
        let spoken = self.spoken();
        let article = if spoken.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" };
        format!("{article} {spoken}")
    }

    /// Two capitals that ids begin with: the first letter and the next consonant.
    pub fn prefix(&self) -> String {
        let letters = self.0.concat().to_uppercase();
        let mut chars = letters.chars();
        let first = chars.next().unwrap_or('X');
        let second = chars.clone().find(|c| c.is_ascii_alphabetic() && !"AEIOU".contains(*c)).or_else(|| chars.next());
        format!("{first}{}", second.filter(char::is_ascii_alphabetic).unwrap_or('X'))
    }

    fn with_last(&self, change: impl Fn(&str) -> String) -> Self {
        let mut words = self.0.clone();
        if let Some(last) = words.last_mut() {
            *last = change(last);
        }
        Self(words)
    }
}

/// An operation id, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OperationName {
    /// `createCreditNote`
    pub id: String,
    /// `create`
    pub verb: String,
    /// `create credit note`
    pub words: Words,
    /// `credit note`
    pub noun: Words,
}

impl OperationName {
    /// Takes an id apart; a list's noun is a plural and is made singular.
    pub fn parse(id: &str) -> Result<Self, NameError> {
        const LONGEST: usize = 40;
        let mut words: Vec<String> = Vec::new();
        for c in id.chars() {
            match c {
                'A'..='Z' => words.push(c.to_ascii_lowercase().to_string()),
                'a'..='z' | '0'..='9' => match words.last_mut() {
                    Some(word) => word.push(c),
                    None => words.push(c.to_string()),
                },
                _ => return Err(NameError::Operation(id.to_owned())),
            }
        }
        let begins = id.starts_with(|first: char| first.is_ascii_lowercase());
        let [verb, noun @ ..] = &words[..] else { return Err(NameError::Operation(id.to_owned())) };
        if !begins || noun.is_empty() || id.len() > LONGEST {
            return Err(NameError::Operation(id.to_owned()));
        }
        let noun = Words(noun.to_vec());
        let noun = if verb == "list" { noun.singular() } else { noun };
        Ok(Self { id: id.to_owned(), verb: verb.clone(), words: Words(words.clone()), noun })
    }

    /// The id of a verb and a noun.
    pub fn of(verb: &str, noun: &Words) -> Self {
        let words = Words([&[verb.to_owned()], &noun.0[..]].concat());
        Self { id: words.camel(), verb: verb.to_owned(), words, noun: noun.clone() }
    }
}

/// The verb as a summary begins with it: `Creates`.
pub fn third_person(verb: &str) -> String {
    capital(&match verb {
        verb if verb.ends_with('y') && !ends_in_vowel_and_y(verb) => format!("{}ies", &verb[..verb.len() - 1]),
        verb if is_sibilant(verb) || verb.ends_with('o') => format!("{verb}es"),
        verb => format!("{verb}s"),
    })
}

/// The word with a capital.
pub fn capital(word: &str) -> String {
    let mut chars = word.chars();
    chars.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(chars).collect()
}

fn plural(word: &str) -> String {
    match word {
        word if word.ends_with('y') && !ends_in_vowel_and_y(word) => format!("{}ies", &word[..word.len() - 1]),
        word if is_sibilant(word) => format!("{word}es"),
        word => format!("{word}s"),
    }
}

fn singular(word: &str) -> String {
    let cut = |tail: &str| word.strip_suffix(tail).filter(|stem| !stem.is_empty());
    if let Some(stem) = cut("ies") {
        return format!("{stem}y");
    }
    // `addresses` is of `address`, and `purchases` of `purchase`.
    if let Some(stem) = cut("es").filter(|stem| is_sibilant(stem) && (!stem.ends_with('s') || stem.ends_with("ss"))) {
        return stem.to_owned();
    }
    cut("s").unwrap_or(word).to_owned()
}

fn is_sibilant(word: &str) -> bool {
    ["s", "x", "z", "ch", "sh"].iter().any(|tail| word.ends_with(tail))
}

fn ends_in_vowel_and_y(word: &str) -> bool {
    ["ay", "ey", "iy", "oy", "uy"].iter().any(|tail| word.ends_with(tail))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_every_spelling() {
        let note = Words::of_kebab("credit-note").unwrap();

        assert_eq!(
            (note.snake(), note.camel(), note.pascal()),
            ("credit_note".into(), "creditNote".into(), "CreditNote".into())
        );
        assert_eq!((note.screaming(), note.with_article()), ("CREDIT_NOTE".into(), "a credit note".into()));
        assert_eq!((note.plural().spoken(), note.prefix()), ("credit notes".into(), "CR".into()));
    }

    #[test]
    fn plurals_lead_back() {
        for word in ["refund", "company", "day", "address", "box", "batch", "purchase", "invoice"] {
            let word = Words::of_kebab(word).unwrap();
            assert_eq!(word.plural().singular(), word);
        }
    }

    #[test]
    fn an_operation_is_a_verb_and_a_noun() {
        let list = OperationName::parse("listCreditNotes").unwrap();
        assert_eq!((list.verb.as_str(), list.noun.kebab()), ("list", "credit-note".into()));
        assert_eq!(list.words.snake(), "list_credit_notes");
        for wrong in ["", "get", "GetRefund", "get_refund", "get refund", "récréer", "getR€fund", &"get".repeat(20)]
        {
            assert!(OperationName::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_summary_begins_with_the_verb() {
        for (verb, begins) in [("create", "Creates"), ("apply", "Applies"), ("dispatch", "Dispatches"), ("pay", "Pays")]
        {
            assert_eq!(third_person(verb), begins);
        }
    }

    #[test]
    fn a_service_name_is_short_and_plain() {
        for wrong in ["", "Payment", "pay_ment", "-pay", "pay-", "pay--ment", "7pay", "päy", &"p".repeat(26)] {
            assert!(Words::of_kebab(wrong).is_none(), "{wrong}");
        }
    }
}
