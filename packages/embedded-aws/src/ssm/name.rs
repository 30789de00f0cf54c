//! The names of parameters, and what may stand after them.

use super::fault::Fault;

/// A name as a reader gives it: `/a/b`, `/a/b:3`, or the ARN of either.
#[derive(Debug)]
pub(super) struct Selected {
    pub name: String,
    pub selector: Option<String>,
}

impl Selected {
    /// Reads it; `arn` is what the ARNs of parameters begin with.
    pub fn of(text: &str, arn: &str) -> Result<Self, Fault> {
        let plain = match text.strip_prefix(arn) {
            Some(path) => path,
            None if text.starts_with("arn:") => return Err(Fault::not_found()),
            None => text,
        };
        let (name, selector) = match plain.split_once(':') {
            Some((name, selector)) => (name, Some(selector.to_owned())),
            None => (plain, None),
        };
        check_letters(name)?;
        Ok(Self { name: name.to_owned(), selector })
    }
}

/// Refuses the name of a parameter that cannot be made.
pub(super) fn check_new(name: &str) -> Result<(), Fault> {
    const LONGEST: usize = 1011;
    const LEVELS: usize = 15;
    check_letters(name)?;
    if name.len() > LONGEST {
        return Err(Fault::validation(format!("Parameter name must not be longer than {LONGEST} characters.")));
    }
    if name.contains('/') && !name.starts_with('/') {
        return Err(Fault::validation("Parameter name must be a fully qualified name."));
    }
    if name.ends_with('/') || name.contains("//") {
        return Err(Fault::validation("Parameter name must not have an empty part."));
    }
    if name.matches('/').count() > LEVELS {
        return Err(Fault::levels(LEVELS));
    }
    let first = name.trim_start_matches('/').to_ascii_lowercase();
    if first.starts_with("aws") || first.starts_with("ssm") {
        return Err(Fault::validation(
            "Parameter name: can't be prefixed with \"ssm\" (case-insensitive) or \"aws\" (case-insensitive).",
        ));
    }
    Ok(())
}

fn check_letters(name: &str) -> Result<(), Fault> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"_.-/".contains(&byte);
    if name.is_empty() || !name.bytes().all(allowed) {
        return Err(Fault::validation(
            "Invalid parameter name. Please use only a-z, A-Z, 0-9, and the symbols . - _ and /.",
        ));
    }
    Ok(())
}
