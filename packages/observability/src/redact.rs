//! Takes out of a text what looks like a secret.

/// What stands where a secret was.
const MASK: &str = "[REDACTED]";

/// Names after which a secret usually follows.
const NAMES: [&str; 9] =
    ["password", "passwd", "secret", "token", "apikey", "api_key", "authorization", "cookie", "credential"];

/// A scheme between such a name and its secret.
const SCHEME: &str = "bearer";

/// The text without what looks like a secret: words after a telling name, URLs with credentials, tokens, and long words
/// of letters and digits.
pub fn redact(text: &str) -> String {
    let mut after_name = false;
    let mut clean = String::with_capacity(text.len());
    for piece in pieces(text) {
        let lower = piece.to_ascii_lowercase();
        if !piece.starts_with(is_word) {
            // `token=x` and `token: x` name what follows; `no token, then` does not.
            after_name &= !piece.contains([',', ';', '.']);
            clean.push_str(piece);
        } else if lower == SCHEME {
            after_name = true;
            clean.push_str(piece);
        } else {
            clean.push_str(if after_name || is_secret(piece) { MASK } else { piece });
            after_name = NAMES.iter().any(|name| lower.ends_with(name));
        }
    }
    clean
}

fn is_word(c: char) -> bool {
    !c.is_whitespace() && !matches!(c, '=' | ':' | '"' | '\'' | ',' | ';' | '(' | ')' | '{' | '}' | '[' | ']')
}

/// Words, and what stands between words, in turn. A URL is one word.
fn pieces(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let word = rest.starts_with(is_word);
        let to_blank = rest.find(char::is_whitespace).unwrap_or(rest.len());
        let url = word && rest[..to_blank].contains("://");
        let end = if url { Some(to_blank) } else { rest.find(|c| is_word(c) != word) };
        let (piece, after) = rest.split_at(end.unwrap_or(rest.len()));
        rest = after;
        (!piece.is_empty()).then_some(piece)
    })
}

/// Whether a word alone gives itself away.
fn is_secret(word: &str) -> bool {
    const LONG: usize = 32;
    let with_credentials = word.split_once("://").is_some_and(|(_, rest)| rest.contains('@'));
    let token = word.starts_with("eyJ") && word.contains('.');
    let plain = word.len() >= LONG && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+/_-".contains(&byte));
    let mixed = word.bytes().any(|byte| byte.is_ascii_digit()) && word.bytes().any(|byte| byte.is_ascii_alphabetic());
    with_credentials || token || plain && mixed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_taken_out_and_the_rest_stays() {
        for (text, clean) in [
            ("password=hunter2 for user", "password=[REDACTED] for user"),
            ("{\"dbPassword\": \"hunter2\"}", "{\"dbPassword\": \"[REDACTED]\"}"),
            ("authorization: Bearer abc.def", "authorization: Bearer [REDACTED]"),
            ("bad token eyJhbGciOi.eyJzdWIi.sig here", "bad token [REDACTED] here"),
            ("postgres://me:pw@db/x failed", "[REDACTED] failed"),
            ("key 0123456789abcdef0123456789abcdef", "key [REDACTED]"),
            (
                "the table enver-dev-booking is not there: try again",
                "the table enver-dev-booking is not there: try again",
            ),
            ("http://127.0.0.1:4200/config answered 503", "http://127.0.0.1:4200/config answered 503"),
        ] {
            assert_eq!(redact(text), clean);
        }
    }
}
