//! What names may be made of.

/// Letters, digits, `_` and `-`, at least one.
pub(crate) fn is_id(text: &str) -> bool {
    is_made_of(text, b"_-")
}

/// Letters, digits, `_`, `.` and `-`, at least one, and no `..`.
pub(crate) fn is_name(text: &str) -> bool {
    is_made_of(text, b"_.-") && !text.contains("..")
}

/// At least one, and only ASCII letters, digits and these.
pub(crate) fn is_made_of(text: &str, others: &[u8]) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || others.contains(&byte))
}

/// Whether a text begins as AWS names its regions: `eu-central-1…`.
pub(crate) fn begins_with_a_region(text: &str) -> bool {
    let mut parts = text.splitn(3, '-');
    let (Some(place), Some(direction), Some(rest)) = (parts.next(), parts.next(), parts.next()) else { return false };
    place.len() == 2
        && place.bytes().all(|byte| byte.is_ascii_lowercase())
        && direction.len() >= 4
        && direction.bytes().all(|byte| byte.is_ascii_lowercase())
        && rest.starts_with(|first: char| first.is_ascii_digit())
}
