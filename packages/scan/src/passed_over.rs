//! Leaves out what is not behaviour of a service: in Rust, attributes and declarations, which state a contract, and items
//! that are only compiled for tests.

use crate::lexer::{Kind, Token};

/// These tokens of Rust without attributes, without constants named `DECLARATION`, and without items under `#[test]` or
/// `#[cfg(test)]`.
pub fn without_tests_and_contracts<'a>(tokens: Vec<Token<'a>>) -> Vec<Token<'a>> {
    let mut kept = Vec::with_capacity(tokens.len());
    let (mut index, mut in_test) = (0, false);
    while let Some(token) = tokens.get(index) {
        let inner = tokens.get(index + 1).is_some_and(|next| next.is("!"));
        let open = if inner { index + 2 } else { index + 1 };
        if token.is("#") && tokens.get(open).is_some_and(|next| next.is("[")) {
            let end = end_of_group(&tokens, open);
            if is_test(&tokens[open + 1..end.min(tokens.len())]) {
                if inner {
                    return Vec::new();
                }
                in_test = true;
            }
            index = end + 1;
        } else if in_test || is_declaration(token, tokens.get(index + 1)) {
            index = end_of_item(&tokens, index);
            in_test = false;
        } else {
            kept.push(*token);
            index += 1;
        }
    }
    kept
}

/// What an operation or a consumer promises; it is published.
fn is_declaration(token: &Token<'_>, next: Option<&Token<'_>>) -> bool {
    token.is_word(&["const"]) && next.is_some_and(|next| next.is_word(&["DECLARATION"]))
}

/// `test`, `tokio::test`, `cfg(test)`, `cfg(any(test, …))`
fn is_test(attribute: &[Token<'_>]) -> bool {
    let has = |word: &str| attribute.iter().any(|token| token.is_word(&[word]));
    let path = attribute.iter().take_while(|token| !token.is("(")).filter(|token| token.kind == Kind::Word);
    match path.last() {
        Some(last) if last.text == "cfg" => has("test") && !has("not"),
        Some(last) => matches!(last.text, "test" | "rstest" | "proptest" | "bench"),
        None => false,
    }
}

/// The index of what closes the group that `open` opens.
fn end_of_group(tokens: &[Token<'_>], open: usize) -> usize {
    let mut depth = 0_usize;
    for (index, token) in tokens.iter().enumerate().skip(open) {
        if ["(", "[", "{"].iter().any(|opening| token.is(opening)) {
            depth += 1;
        } else if [")", "]", "}"].iter().any(|closing| token.is(closing)) {
            depth -= 1;
            if depth == 0 {
                return index;
            }
        }
    }
    tokens.len()
}

/// The index after the item that begins at `from`: after its braces, its semicolon, or what ends the block it is last in.
fn end_of_item(tokens: &[Token<'_>], from: usize) -> usize {
    let mut index = from;
    while let Some(token) = tokens.get(index) {
        if token.is(";") {
            return index + 1;
        }
        if token.is("{") {
            return end_of_group(tokens, index) + 1;
        }
        if token.is("}") {
            return index;
        }
        index = if token.is("(") || token.is("[") { end_of_group(tokens, index) } else { index } + 1;
    }
    index
}
