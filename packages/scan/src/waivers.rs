//! Waivers: `enver:allow(rule-id) the reason`, alone in a comment, on the line of the finding or on the line before.

use crate::lexer::Comment;

/// A waiver, as it stands.
#[derive(Debug)]
pub struct Waiver<'a> {
    pub rules: Vec<&'a str>,
    /// Empty when there is none.
    pub reason: &'a str,
    pub at: usize,
    pub end: usize,
}

/// The waiver that a comment is, if it is one. Documentation that tells of waivers is none.
pub fn waiver<'a>(comment: &Comment<'a>) -> Option<Waiver<'a>> {
    let text = comment.text;
    let body = text.strip_prefix("//").or_else(|| text.strip_prefix("/*")).or_else(|| text.strip_prefix('#'))?;
    let body = body.strip_suffix("*/").unwrap_or(body).trim();
    let (rules, reason) = body.strip_prefix("enver:allow(")?.split_once(')').unwrap_or_default();
    let reason = reason.trim_start_matches([':', '-', '–', '—', ' ']);
    let reason = if reason.contains(char::is_alphanumeric) { reason } else { "" };
    let rules = rules.split(',').map(str::trim).collect();
    Some(Waiver { rules, reason, at: comment.at, end: comment.at + text.len() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Option<(Vec<&str>, &str)> {
        waiver(&Comment { text, at: 0 }).map(|waiver| (waiver.rules, waiver.reason))
    }

    #[test]
    fn a_waiver_is_a_comment_of_its_own() {
        assert_eq!(parsed("// enver:allow(a) SQS says so"), Some((vec!["a"], "SQS says so")));
        assert_eq!(parsed("# enver:allow(a, b): both"), Some((vec!["a", "b"], "both")));
        assert_eq!(parsed("/* enver:allow(a) — why */"), Some((vec!["a"], "why")));
        assert_eq!(parsed("// enver:allow(a) --"), Some((vec!["a"], "")));
        assert_eq!(parsed("// enver:allow(a"), Some((vec![""], "")));
        for none in ["// see enver:allow(a) b", "/// enver:allow(a) b", "//! enver:allow(a) b", "// allow(a) b", "//"] {
            assert_eq!(parsed(none), None, "{none}");
        }
    }
}
