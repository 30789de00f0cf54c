//! What code says that a rule may object to: a name that is given a literal, a duration made of literals, a branch on the
//! name of a tenant, a variable of the environment that is read.

use crate::language::Language;
use crate::lexer::{Kind, Token};
use crate::names;

/// Something the code says.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Fact<'a> {
    /// `tax_rate = 0.18`, as a declaration, a field, an argument or a key
    Assigned { name: &'a str, value: Literal<'a> },
    /// `Duration::from_secs(30)` on its own
    Duration,
    /// `tenant == "acme"`
    TenantBranch,
    /// `std::env::var("TAX_RATE")`
    Variable(&'a str),
}

/// A value that is known from the text alone.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Literal<'a> {
    Zero,
    Number,
    /// A call that makes a duration
    Duration,
    /// `15m`, `PT15M`
    TextDuration,
    Text(&'a str),
}

/// A fact and where it stands, in bytes.
#[derive(Debug, Clone, Copy)]
pub struct Seen<'a> {
    pub fact: Fact<'a>,
    pub at: usize,
    pub end: usize,
}

/// What these tokens say.
pub fn facts<'a>(tokens: &[Token<'a>], language: Language) -> Vec<Seen<'a>> {
    let code = Code { tokens, language };
    let mut seen: Vec<Seen<'a>> = Vec::new();
    let mut literal_until = 0;
    for index in 0..tokens.len() {
        let found = code
            .assignment(index)
            .or_else(|| code.tenant_branch(index))
            .or_else(|| code.variable(index))
            .or_else(|| (index >= literal_until).then(|| code.duration(index)).flatten());
        let Some((fact, from, to)) = found else { continue };
        if matches!(fact, Fact::Assigned { .. }) {
            literal_until = to + 1;
        }
        seen.push(Seen { fact, at: tokens[from].at, end: tokens[to].end });
    }
    seen
}

/// A fact, its first token and its last.
type Found<'a> = Option<(Fact<'a>, usize, usize)>;

struct Code<'t, 'a> {
    tokens: &'t [Token<'a>],
    language: Language,
}

impl<'a> Code<'_, 'a> {
    fn is(&self, index: Option<usize>, punct: &str) -> bool {
        index.and_then(|index| self.tokens.get(index)).is_some_and(|token| token.is(punct))
    }

    fn kind(&self, index: usize) -> Option<Kind> {
        self.tokens.get(index).map(|token| token.kind)
    }

    /// The word at `index`, or nothing.
    fn word(&self, index: Option<usize>) -> &'a str {
        index
            .and_then(|index| self.tokens.get(index))
            .filter(|token| token.kind == Kind::Word)
            .map_or("", |token| token.text)
    }

    /// At `=`, `:=` or `:` between a name and a literal.
    fn assignment(&self, index: usize) -> Found<'a> {
        let operator = &self.tokens[index];
        let named = if operator.is("=") || operator.is(":=") {
            self.assigned_name(index)?
        } else if operator.is(":") {
            self.key_name(index)?
        } else {
            return None;
        };
        let (value, last) = self.literal(index + 1, 0)?;
        if operator.is(":") && !self.ends_entry(last + 1) {
            return None;
        }
        Some((Fact::Assigned { name: self.tokens[named].text, value }, named, last))
    }

    /// The name left of `=`, which may have a type between.
    fn assigned_name(&self, equals: usize) -> Option<usize> {
        const LONGEST_TYPE: usize = 32;
        let left = equals.checked_sub(1)?;
        // `headers["rate"] = 5`
        if self.is(Some(left), "]") && self.kind(left.checked_sub(1)?) == Some(Kind::Text) {
            return Some(left - 1);
        }
        // `rate: Option<f64> = 0.18`
        let mut open = 0_usize;
        for index in (left.saturating_sub(LONGEST_TYPE)..=left).rev() {
            let token = &self.tokens[index];
            match token.kind {
                Kind::Punct => match token.text {
                    ":" => {
                        let name = index.checked_sub(1)?;
                        let name = if self.is(Some(name), "?") || self.is(Some(name), "!") {
                            name.checked_sub(1)?
                        } else {
                            name
                        };
                        return (self.kind(name) == Some(Kind::Word)).then_some(name);
                    }
                    ">" | "]" => open += 1,
                    "<" | "[" => open = open.checked_sub(1)?,
                    "," if open > 0 => {}
                    "::" | "." | "|" | "&" | ";" if index < left => {}
                    _ => break,
                },
                Kind::Word
                    if index == left || self.is(Some(index + 1), "::") || self.is(Some(index + 1), ".") || open > 0 => {
                }
                Kind::Word
                    if self.is(Some(index + 1), "<")
                        || self.is(Some(index + 1), "[")
                        || self.is(Some(index + 1), "|") => {}
                Kind::Number if open > 0 => {}
                _ => break,
            }
        }
        (self.kind(left) == Some(Kind::Word)).then_some(left)
    }

    /// The name left of `:` in an object, a struct or a dictionary.
    fn key_name(&self, colon: usize) -> Option<usize> {
        let name = colon.checked_sub(1)?;
        let before = name.checked_sub(1);
        match self.kind(name)? {
            Kind::Text if self.is(before, "{") || self.is(before, ",") => Some(name),
            // In Python this is an annotation or a block.
            Kind::Word if self.language != Language::Python && (self.is(before, "{") || self.is(before, ",")) => {
                Some(name)
            }
            _ => None,
        }
    }

    fn ends_entry(&self, index: usize) -> bool {
        self.tokens
            .get(index)
            .is_none_or(|token| token.is(",") || token.is("}") || token.is_word(&["as"]) || token.is("."))
    }

    /// The literal that begins here, and its last token: a number, a sum of numbers, a string, or one of these in a
    /// constructor.
    fn literal(&self, index: usize, depth: usize) -> Option<(Literal<'a>, usize)> {
        const DEEPEST: usize = 8;
        if depth > DEEPEST {
            return None;
        }
        if let Some((_, _, last)) = self.end_of_path(index).and_then(|name| self.duration(name)) {
            return Some((Literal::Duration, last));
        }
        let token = self.tokens.get(index)?;
        match token.kind {
            Kind::Punct if matches!(token.text, "-" | "+" | "&") => self.literal(index + 1, depth + 1),
            // A list in brackets is no number.
            Kind::Punct if token.text == "(" => {
                let (value, last) = self.literal(index + 1, depth + 1)?;
                self.is(Some(last + 1), ")").then_some((value, last + 1))
            }
            Kind::Number => self.arithmetic(index),
            Kind::Text if self.is(Some(index + 1), "+") || self.is(Some(index + 1), "%") => None,
            Kind::Text => Some((text_literal(token.text), index)),
            Kind::Word if token.text == "new" => self.literal(index + 1, depth + 1),
            Kind::Word => self.constructed(index, depth),
            _ => None,
        }
    }

    /// `5`, `24 * 60 * 60`
    fn arithmetic(&self, index: usize) -> Option<(Literal<'a>, usize)> {
        let mut last = index;
        loop {
            match self.tokens.get(last + 1) {
                Some(next) if next.is("..") || next.is("..=") => return None,
                Some(next) if next.kind == Kind::Punct && ["*", "/", "+", "-", "**", "%"].contains(&next.text) => {
                    let operand = self.tokens.get(last + 2)?;
                    // A value that is reckoned from another is not written here.
                    if operand.kind != Kind::Number {
                        return None;
                    }
                    last += 2;
                }
                _ => break,
            }
        }
        let zero = last == index && is_zero(self.tokens[index].text);
        Some((if zero { Literal::Zero } else { Literal::Number }, last))
    }

    /// `Some(5)`, `Decimal::new(18, 2)`, `int("5")`
    fn constructed(&self, index: usize, depth: usize) -> Option<(Literal<'a>, usize)> {
        const CONSTRUCTORS: [&str; 15] = [
            "Some", "Ok", "from", "new", "Decimal", "Fraction", "int", "float", "str", "Number", "BigInt", "String",
            "Money", "Paise", "dec",
        ];
        let mut last = index;
        while [".", "::"].iter().any(|dot| self.is(Some(last + 1), dot)) && self.kind(last + 2) == Some(Kind::Word) {
            last += 2;
        }
        if !CONSTRUCTORS.contains(&self.word(Some(last))) {
            return None;
        }
        let open = if self.is(Some(last + 1), "!") { last + 2 } else { last + 1 };
        if !self.is(Some(open), "(") {
            return None;
        }
        let (value, mut end) = self.literal(open + 1, depth + 1)?;
        while !self.is(Some(end + 1), ")") {
            let next = self.tokens.get(end + 1)?;
            if !next.is(",") && next.kind != Kind::Number {
                return None;
            }
            end += 1;
        }
        Some((value, end + 1))
    }

    /// In `std::time::Duration::new` the word `Duration`, in `datetime.timedelta` the last: what makes a duration.
    fn end_of_path(&self, index: usize) -> Option<usize> {
        const MAKERS: [&str; 4] = ["Duration", "TimeDelta", "SignedDuration", "timedelta"];
        let mut last = index;
        while !MAKERS.contains(&self.word(Some(last))) {
            if ![".", "::"].iter().any(|dot| self.is(Some(last + 1), dot)) {
                return None;
            }
            last += 2;
        }
        Some(last)
    }

    /// `Duration::from_secs(30)`, `timedelta(minutes=5)`, `setTimeout(again, 1000)`, `time.sleep(5)`
    fn duration(&self, index: usize) -> Found<'a> {
        let token = self.tokens.get(index)?;
        if token.kind != Kind::Word {
            return None;
        }
        let found = |last| Some((Fact::Duration, index, last));
        let after_name = match (self.language, token.text) {
            (Language::Rust, "Duration" | "TimeDelta" | "SignedDuration") if self.is(Some(index + 1), "::") => {
                index + 3
            }
            (Language::Python, "timedelta" | "sleep") | (Language::JavaScript, "sleep" | "delay") => index + 1,
            (Language::JavaScript, "setTimeout" | "setInterval") => {
                let close = self.closing(index + 1)?;
                let given = self.kind(close - 1) == Some(Kind::Number) && self.is(Some(close - 2), ",");
                return (given && !is_zero(self.tokens[close - 1].text)).then(|| found(close)).flatten();
            }
            _ => return None,
        };
        let close = self.closing(after_name)?;
        let given = &self.tokens[after_name + 1..close];
        // `minutes=5` names the unit.
        let only_literals = given.iter().enumerate().all(|(at, token)| match token.kind {
            Kind::Number => true,
            Kind::Word => given.get(at + 1).is_some_and(|next| next.is("=")),
            Kind::Punct => ["=", ",", "*", "-", "+"].contains(&token.text),
            _ => false,
        });
        let some = given.iter().any(|token| token.kind == Kind::Number && !is_zero(token.text));
        if only_literals && some { found(close) } else { None }
    }

    /// The `)` to the `(` at `open`, if it is one.
    fn closing(&self, open: usize) -> Option<usize> {
        if !self.is(Some(open), "(") {
            return None;
        }
        let mut depth = 0_usize;
        for (index, token) in self.tokens.iter().enumerate().skip(open).take(LONGEST_CALL) {
            if token.is("(") {
                depth += 1;
            } else if token.is(")") {
                depth -= 1;
                if depth == 0 {
                    return Some(index);
                }
            }
        }
        None
    }

    fn tenant_branch(&self, index: usize) -> Found<'a> {
        let token = &self.tokens[index];
        match token.kind {
            Kind::Punct if ["==", "===", "!=", "!=="].contains(&token.text) => self.comparison(index),
            Kind::Word if ["match", "switch", "matches"].contains(&token.text) => self.choice(index),
            Kind::Word if token.text == "in" && self.language == Language::Python => {
                let from = self.tenant_before(index)?;
                let opens = ["(", "[", "{"].iter().any(|open| self.is(Some(index + 1), open));
                (opens && self.kind(index + 2) == Some(Kind::Text)).then_some((Fact::TenantBranch, from, index + 2))
            }
            _ => None,
        }
    }

    /// `tenant == "acme"` or `"acme" == tenant`
    fn comparison(&self, operator: usize) -> Found<'a> {
        let is_name = |index: usize| {
            self.tokens.get(index).is_some_and(|token| token.kind == Kind::Text && !token.text.is_empty())
        };
        if is_name(operator + 1) {
            return Some((Fact::TenantBranch, self.tenant_before(operator)?, operator + 1));
        }
        let left = operator.checked_sub(1).filter(|&left| is_name(left))?;
        let right = self.tokens.iter().enumerate().skip(operator + 1).take(LONGEST_OPERAND);
        let (last, _) = right.take_while(|(_, token)| is_operand(token)).last()?;
        self.tenant_before(last + 1)?;
        Some((Fact::TenantBranch, left, last))
    }

    /// The first token of the operand that ends before `end`, if it is the name of a tenant.
    fn tenant_before(&self, end: usize) -> Option<usize> {
        let (mut first, mut names, mut closed) = (end, Vec::new(), 0_usize);
        while let Some(index) = first.checked_sub(1).filter(|index| end - index <= LONGEST_OPERAND) {
            let token = &self.tokens[index];
            if token.is(")") {
                closed += 1;
            } else if token.is("(") && closed > 0 {
                closed -= 1;
            } else if closed == 0 && (!is_operand(token) || token.is("(")) {
                break;
            } else if closed == 0 && matches!(token.kind, Kind::Word | Kind::Text) || self.is_looked_up(index) {
                // What else is given to a call is not what is compared.
                names.push(token.text);
            }
            first = index;
        }
        is_tenants_name(&names).then_some(first)
    }

    /// The key in `event.get("tenant")`.
    fn is_looked_up(&self, index: usize) -> bool {
        self.kind(index) == Some(Kind::Text)
            && self.is(index.checked_sub(1), "(")
            && self.word(index.checked_sub(2)) == "get"
    }

    /// `match tenant { "acme" => …`, `switch (tenant) { case "acme": …`, `matches!(tenant, "acme")`
    fn choice(&self, index: usize) -> Found<'a> {
        const LONGEST_PATTERN: usize = 6;
        let mut subject = self.tokens.iter().enumerate().skip(index + 1).take(LONGEST_OPERAND);
        let ends = |token: &Token<'_>| token.is("{") || (token.is(":") && self.language == Language::Python);
        let is_macro = self.is(Some(index + 1), "!");
        let (body, _) = subject.find(|(_, token)| if is_macro { token.is(",") } else { ends(token) })?;
        // `switch (tenant)` has brackets around it.
        let in_brackets = self.is(Some(index + 1), "(") && self.is(Some(body - 1), ")");
        self.tenant_before(if in_brackets { body - 1 } else { body })?;
        let pattern = self.tokens.iter().enumerate().skip(body + 1).take(LONGEST_PATTERN);
        let (arm, _) = pattern.clone().find(|(_, token)| token.kind == Kind::Text)?;
        let mut before = pattern.take_while(|(at, _)| *at < arm);
        let begins_arm = before.all(|(_, token)| token.is_word(&["case", "Some"]) || token.is("("));
        begins_arm.then_some((Fact::TenantBranch, index, arm))
    }

    /// At the name of a variable of the environment that is read.
    fn variable(&self, index: usize) -> Found<'a> {
        let token = &self.tokens[index];
        let back = |steps: usize| index.checked_sub(steps);
        let reads = match token.kind {
            Kind::Text if self.is(back(1), "(") => {
                let of_env = ["env", "environ"].contains(&self.word(back(4)));
                matches!(self.word(back(2)), "getenv")
                    || (of_env && matches!(self.word(back(2)), "var" | "var_os" | "get"))
            }
            Kind::Text if self.is(back(1), "[") => matches!(self.word(back(2)), "environ" | "env"),
            Kind::Word if self.is(back(1), ".") && self.word(back(2)) == "env" => {
                self.language == Language::JavaScript
                    && self.is(back(3), ".")
                    && matches!(self.word(back(4)), "process" | "meta")
            }
            _ => false,
        };
        reads.then_some((Fact::Variable(token.text), index, index))
    }
}

/// In tokens: an operand that is longer is no name.
const LONGEST_OPERAND: usize = 24;
/// In tokens: a call that is longer is no literal.
const LONGEST_CALL: usize = 2_000;

/// Whether it may be a part of what is compared: `caller.tenant()["id"]`.
fn is_operand(token: &Token<'_>) -> bool {
    const KEYWORDS: [&str; 14] = [
        "if", "elif", "while", "and", "or", "not", "return", "let", "in", "else", "match", "switch", "matches", "case",
    ];
    const PARTS: [&str; 11] = [".", "::", "?", "?.", "&", "*", "**", "[", "]", "(", ")"];
    match token.kind {
        Kind::Word => !KEYWORDS.contains(&token.text),
        Kind::Text => true,
        Kind::Punct => PARTS.contains(&token.text),
        _ => false,
    }
}

/// Whether a value that is reached over these names, the last first, says which tenant it is: `tenant`, `tenant.id`,
/// `tenant_id.as_str()`; not `tenant.status`.
fn is_tenants_name(names: &[&str]) -> bool {
    const UNCHANGED: [&str; 19] = [
        "as_str",
        "as_ref",
        "as_deref",
        "to_string",
        "to_owned",
        "to_lowercase",
        "clone",
        "trim",
        "unwrap",
        "await",
        "lower",
        "upper",
        "strip",
        "toString",
        "toLowerCase",
        "toUpperCase",
        "get",
        "value",
        "into",
    ];
    let mut names = names.iter().filter(|name| !UNCHANGED.contains(name));
    match names.next() {
        Some(&("id" | "name" | "code" | "slug" | "key")) => names.next().is_some_and(|name| is_tenant(name)),
        Some(name) => is_tenant(name),
        None => false,
    }
}

fn is_tenant(name: &str) -> bool {
    let words = names::words(name);
    let words: Vec<_> = words.iter().map(String::as_str).collect();
    matches!(words[..], [.., "tenant"] | [.., "tenant", "id" | "name" | "code" | "slug" | "key"])
}

fn is_zero(number: &str) -> bool {
    number.starts_with('0') && !number.starts_with("0x") && !number.bytes().any(|digit| matches!(digit, b'1'..=b'9'))
}

/// What a string says: `"500"` is a number too, where it stands for one.
pub fn text_literal(text: &str) -> Literal<'_> {
    let trimmed = text.trim();
    let digits = trimmed.trim_start_matches(['+', '-']);
    let after = digits.trim_start_matches(|next: char| next.is_ascii_digit() || matches!(next, '.' | '_' | ','));
    let unit = after.trim_start();
    let has_number = digits.starts_with(|next: char| next.is_ascii_digit());
    if has_number && matches!(unit, "" | "%") {
        if is_zero(digits) { Literal::Zero } else { Literal::Number }
    } else if (has_number && is_time_unit(unit)) || is_iso_duration(trimmed) {
        Literal::TextDuration
    } else {
        Literal::Text(text)
    }
}

fn is_time_unit(unit: &str) -> bool {
    matches!(unit, "m" | "h" | "d" | "w" | "min" | "hr" | "hrs") || (unit != "percent" && names::is_unit(unit))
}

/// `PT15M`, `P30D`
fn is_iso_duration(text: &str) -> bool {
    text.strip_prefix('P').is_some_and(|rest| {
        rest.bytes().any(|next| next.is_ascii_digit())
            && rest.ends_with(['S', 'M', 'H', 'D', 'W', 'Y'])
            && rest.bytes().all(|next| next.is_ascii_digit() || b"TSMHDWY.".contains(&next))
    })
}
