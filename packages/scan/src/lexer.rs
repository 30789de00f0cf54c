//! Source text to words, numbers, strings and punctuation, with comments apart: what stands in a string or a comment is
//! never taken for code. It reads any text to its end; what is no code gives tokens that mean nothing.

use crate::language::Language;

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// An identifier or a keyword.
    Word,
    /// A number, with its suffix.
    Number,
    /// A string that is known as it stands; `text` is what is between its quotes.
    Text,
    /// A string with expressions in it, or a regular expression.
    Template,
    /// An operator, a bracket, a separator.
    Punct,
}

/// A piece of code.
#[derive(Debug, Clone, Copy)]
pub struct Token<'a> {
    pub kind: Kind,
    pub text: &'a str,
    /// Where it begins and ends, with quotes, in bytes.
    pub at: usize,
    pub end: usize,
}

impl Token<'_> {
    /// Whether it is this operator, bracket or separator.
    pub fn is(&self, punct: &str) -> bool {
        self.kind == Kind::Punct && self.text == punct
    }

    /// Whether it is one of these words.
    pub fn is_word(&self, words: &[&str]) -> bool {
        self.kind == Kind::Word && words.contains(&self.text)
    }
}

/// A comment, with its marks.
#[derive(Debug, Clone, Copy)]
pub struct Comment<'a> {
    pub text: &'a str,
    pub at: usize,
}

/// A text, read.
#[derive(Debug, Default)]
pub struct Lexed<'a> {
    pub tokens: Vec<Token<'a>>,
    pub comments: Vec<Comment<'a>>,
}

/// Reads a text of Rust, JavaScript (or TypeScript) or Python.
pub fn lex(text: &str, language: Language) -> Lexed<'_> {
    let mut lexer = Lexer { text, language, at: 0, templates: Vec::new(), lexed: Lexed::default() };
    if text.starts_with("#!") && !text.starts_with("#![") {
        lexer.skip_line();
    }
    while lexer.at < text.len() {
        lexer.step();
    }
    lexer.lexed
}

/// Longest first.
const OPERATORS: [&str; 26] = [
    "===", "!==", "..=", "...", "**=", "??=", "||=", "&&=", "==", "!=", "<=", ">=", "=>", "->", "::", ":=", "..", "+=",
    "-=", "*=", "/=", "**", "&&", "||", "??", "?.",
];

struct Lexer<'a> {
    text: &'a str,
    language: Language,
    at: usize,
    /// For each template literal we are inside an expression of: how many braces are open in the expression.
    templates: Vec<usize>,
    lexed: Lexed<'a>,
}

impl<'a> Lexer<'a> {
    fn step(&mut self) {
        let rest = &self.text[self.at..];
        let Some(next) = rest.chars().next() else { return };
        match (self.language, next) {
            (_, next) if next.is_whitespace() => self.at += next.len_utf8(),
            (Language::Python, '#') => self.line_comment(),
            (Language::Rust | Language::JavaScript, '/') if rest.starts_with("//") => self.line_comment(),
            (Language::Rust | Language::JavaScript, '/') if rest.starts_with("/*") => self.block_comment(),
            (Language::JavaScript, '/') if self.expects_value() && self.regular_expression() => {}
            (_, '"') => self.string(self.at, "", '"'),
            (Language::Rust, '\'') => self.lifetime_or_character(),
            (Language::Python | Language::JavaScript, '\'') => self.string(self.at, "", '\''),
            (Language::JavaScript, '`') => self.template(),
            (Language::JavaScript, '}') if self.templates.last() == Some(&0) => {
                self.templates.pop();
                self.template();
            }
            (_, next) if next.is_ascii_digit() => self.number(),
            (_, '.') if rest[1..].starts_with(|next: char| next.is_ascii_digit()) && self.expects_value() => {
                self.number()
            }
            (_, next) if next.is_alphabetic() || next == '_' || next == '$' => self.word(),
            _ => self.punctuation(next),
        }
    }

    fn push(&mut self, kind: Kind, at: usize, inner: std::ops::Range<usize>) {
        self.lexed.tokens.push(Token { kind, text: &self.text[inner], at, end: self.at });
    }

    /// Moves to the end of the line.
    fn skip_line(&mut self) {
        self.at = self.text[self.at..].find('\n').map_or(self.text.len(), |length| self.at + length);
    }

    fn line_comment(&mut self) {
        let at = self.at;
        self.skip_line();
        self.lexed.comments.push(Comment { text: &self.text[at..self.at], at });
    }

    fn block_comment(&mut self) {
        let (at, bytes) = (self.at, self.text.as_bytes());
        let mut depth = 0;
        while self.at < bytes.len() {
            match bytes[self.at..] {
                [b'/', b'*', ..] if depth == 0 || self.language == Language::Rust => {
                    depth += 1;
                    self.at += 2;
                }
                [b'*', b'/', ..] => {
                    depth -= 1;
                    self.at += 2;
                    if depth == 0 {
                        break;
                    }
                }
                _ => self.at += 1,
            }
        }
        self.lexed.comments.push(Comment { text: &self.text[at..self.at], at });
    }

    fn word(&mut self) {
        let at = self.at;
        let is_part = |next: char| next.is_alphanumeric() || next == '_' || next == '$';
        let length = self.text[at..].find(|next| !is_part(next)).unwrap_or(self.text.len() - at);
        self.at += length;
        let (word, rest) = self.text[at..].split_at(length);
        let quote = rest.chars().next().filter(|next| matches!(next, '"' | '\''));
        let may_be_raw = self.language == Language::Rust && matches!(word, "r" | "br" | "cr");
        if may_be_raw && rest.starts_with(['"', '#']) && self.raw_string(at) {
            return;
        }
        match self.language {
            Language::Rust if word == "r" && rest.starts_with('#') => self.at += 1, // The word itself follows.
            Language::Rust if matches!(word, "b" | "c") && quote == Some('"') => self.string(at, word, '"'),
            Language::Rust if word == "b" && quote == Some('\'') => self.lifetime_or_character(),
            Language::Python if word.len() <= 2 && word.bytes().all(|letter| b"rbuftRBUFT".contains(&letter)) => {
                match quote {
                    Some(quote) => self.string(at, word, quote),
                    None => self.push(Kind::Word, at, at..self.at),
                }
            }
            _ => self.push(Kind::Word, at, at..self.at),
        }
    }

    /// A string that begins here with a quote, after this prefix, which began at `at`.
    fn string(&mut self, at: usize, prefix: &str, quote: char) {
        let bytes = self.text.as_bytes();
        let quote = quote as u8;
        let triple = self.language == Language::Python && bytes[self.at..].starts_with(&[quote; 3]);
        let width = if triple { 3 } else { 1 };
        let has_expressions = self.language == Language::Python && prefix.contains(['f', 'F', 't', 'T']);
        let over_lines = triple || self.language == Language::Rust;
        self.at += width;
        let begin = self.at;
        // Inside the braces of an f-string a quote begins another string.
        let (mut braces, mut expressions, mut inner) = (0_usize, false, None);
        while let Some(&next) = bytes.get(self.at) {
            match next {
                b'\\' => self.at += 1,
                b'\n' if !over_lines => break,
                b'{' if has_expressions && braces == 0 && bytes.get(self.at + 1) == Some(&b'{') => self.at += 1,
                b'{' if has_expressions && inner.is_none() => {
                    (braces, expressions) = (braces + 1, true);
                }
                b'}' if inner.is_none() => braces = braces.saturating_sub(1),
                b'"' | b'\'' if braces > 0 && !triple => match inner {
                    Some(open) if open == next => inner = None,
                    Some(_) => {}
                    None => inner = Some(next),
                },
                _ if next == quote && (!triple || bytes[self.at..].starts_with(&[quote; 3])) => break,
                _ => {}
            }
            self.at += 1;
        }
        let end = self.at.min(bytes.len());
        self.at = end;
        if bytes.get(end) == Some(&quote) {
            self.at += width;
        }
        self.push(if expressions { Kind::Template } else { Kind::Text }, at, begin..end);
    }

    /// `"…"` or `#"…"#` with any number of hashes, after a prefix that began at `at`. False when it is none.
    fn raw_string(&mut self, at: usize) -> bool {
        let rest = &self.text[self.at..];
        let hashes = rest.bytes().take_while(|&next| next == b'#').count();
        if rest.as_bytes().get(hashes) != Some(&b'"') {
            return false;
        }
        let begin = self.at + hashes + 1;
        let closing = format!("\"{}", "#".repeat(hashes));
        let end = self.text[begin..].find(&closing).map_or(self.text.len(), |length| begin + length);
        self.at = (end + closing.len()).min(self.text.len());
        self.push(Kind::Text, at, begin..end);
        true
    }

    /// `'a` or `'a'`.
    fn lifetime_or_character(&mut self) {
        let mut after = self.text[self.at + 1..].chars();
        let (first, second) = (after.next(), after.next());
        self.at += 1;
        match first {
            Some('\\') => {
                self.at += 2;
                let rest = self.text.as_bytes().get(self.at..).unwrap_or_default();
                self.at +=
                    rest.iter().position(|&next| next == b'\'' || next == b'\n').map_or(rest.len(), |end| end + 1);
                self.at = self.at.min(self.text.len());
            }
            Some(first) if second == Some('\'') => self.at += first.len_utf8() + 1,
            _ => {}
        }
    }

    /// A piece of a template literal: from a backtick or the brace that ends an expression in it, to a backtick or the
    /// next expression.
    fn template(&mut self) {
        let (at, bytes) = (self.at, self.text.as_bytes());
        let whole = bytes[at] == b'`';
        self.at += 1;
        while let Some(&next) = bytes.get(self.at) {
            match next {
                b'\\' => self.at += 2,
                b'`' => {
                    self.at += 1;
                    let kind = if whole { Kind::Text } else { Kind::Template };
                    return self.push(kind, at, at + 1..self.at - 1);
                }
                b'$' if bytes.get(self.at + 1) == Some(&b'{') => {
                    self.at += 2;
                    self.templates.push(0);
                    return self.push(Kind::Template, at, at + 1..self.at - 2);
                }
                _ => self.at += 1,
            }
        }
        self.at = bytes.len();
        self.push(Kind::Template, at, at + 1..self.at);
    }

    /// `/…/flags`, or nothing when the line ends before it does.
    fn regular_expression(&mut self) -> bool {
        let (at, bytes) = (self.at, self.text.as_bytes());
        let (mut next, mut in_class) = (at + 1, false);
        loop {
            match bytes.get(next) {
                None | Some(b'\n') => return false,
                Some(b'\\') => next += 1,
                Some(b'[') => in_class = true,
                Some(b']') => in_class = false,
                Some(b'/') if !in_class => break,
                Some(_) => {}
            }
            next += 1;
        }
        let flags = bytes[next + 1..].iter().take_while(|flag| flag.is_ascii_alphabetic()).count();
        self.at = next + 1 + flags;
        self.push(Kind::Template, at, at + 1..next);
        true
    }

    /// Whether what stands here begins a value: then a slash begins a regular expression, and a point a number.
    fn expects_value(&self) -> bool {
        const BEFORE_VALUES: [&str; 9] = ["return", "typeof", "case", "in", "of", "do", "else", "yield", "await"];
        self.lexed.tokens.last().is_none_or(|last| match last.kind {
            Kind::Punct => ![")", "]", "}"].contains(&last.text),
            Kind::Word => BEFORE_VALUES.contains(&last.text),
            _ => false,
        })
    }

    fn number(&mut self) {
        let (at, bytes) = (self.at, self.text.as_bytes());
        let is_hexadecimal = self.text[at..].starts_with("0x");
        while let Some(&next) = bytes.get(self.at) {
            let digit_follows = bytes.get(self.at + 1).is_some_and(u8::is_ascii_digit);
            let is_part = match next {
                b'.' => digit_follows,
                b'+' | b'-' => {
                    !is_hexadecimal && digit_follows && matches!(bytes[self.at - 1], b'e' | b'E') && self.at > at
                }
                _ => next.is_ascii_alphanumeric() || next == b'_',
            };
            if !is_part {
                break;
            }
            self.at += 1;
        }
        self.push(Kind::Number, at, at..self.at);
    }

    fn punctuation(&mut self, next: char) {
        let at = self.at;
        let rest = &self.text[at..];
        let operator = OPERATORS.iter().find(|operator| rest.starts_with(**operator));
        self.at += operator.map_or(next.len_utf8(), |operator| operator.len());
        if let Some(open) = self.templates.last_mut() {
            match next {
                '{' => *open += 1,
                '}' => *open = open.saturating_sub(1),
                _ => {}
            }
        }
        self.push(Kind::Punct, at, at..self.at);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(text: &str, language: Language) -> Vec<(Kind, String)> {
        lex(text, language).tokens.iter().map(|token| (token.kind, token.text.to_owned())).collect()
    }

    fn words(text: &str, language: Language) -> Vec<String> {
        kinds(text, language).into_iter().filter(|(kind, _)| *kind == Kind::Word).map(|(_, text)| text).collect()
    }

    #[test]
    fn nothing_in_a_string_or_a_comment_is_a_word() {
        let rust = r####"a /* x /* y */ z */ "x \" y" r#"x " y"# br"x\" 'x' '\'' '\u{41}' b'x' c"x" 'life b // x"####;
        assert_eq!(words(rust, Language::Rust), ["a", "life", "b"]);
        let script = "a 'x \\' y' \"x\" `x ${ b + `y ${c} z` + {d: 1}.d } x`; /x'[/]y/g; e / f; // x\n g /* x */";
        assert_eq!(words(script, Language::JavaScript), ["a", "b", "c", "d", "d", "e", "f", "g"]);
        let python = "a 'x' \"\"\"x\n\" y\"\"\" f'{x[\"y\"]} z' rb'x' b # x\n'''x''' c";
        assert_eq!(words(python, Language::Python), ["a", "b", "c"]);
    }

    #[test]
    fn numbers_are_whole() {
        for number in ["0", "1_000", "0.18", "1e-7", "0x1F", "5_u64", "1.5f32"] {
            assert_eq!(kinds(number, Language::Rust), [(Kind::Number, number.to_owned())]);
        }
        let range: Vec<_> = kinds("0..10", Language::Rust).into_iter().map(|(_, text)| text).collect();
        assert_eq!(range, ["0", "..", "10"]);
        assert_eq!(kinds(".5", Language::JavaScript), [(Kind::Number, ".5".to_owned())]);
    }

    #[test]
    fn any_text_is_read_to_its_end() {
        let broken = [
            "\"", "'", "`", "`${", "/*", "r#\"", "r#", "b'", "'\\", "f'{", "\"\"\"x", "/x", "1.", "1e", "é'é", "\\",
            "'é'", "`\\", "\"\\",
        ];
        for text in broken {
            for language in [Language::Rust, Language::JavaScript, Language::Python] {
                lex(text, language);
                lex(&format!("{text}é\n{text}"), language);
            }
        }
    }
}
