//! Revision references: the branch or tag that an enver is built from, and for a clone the enver it was cloned from.

use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};

use crate::grammar::is_made_of;

/// `b..dev`, `t..v1.0.0`, or a clone: `b..dev-_b..feature`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Revision {
    /// The revision of the enver this one is a clone of; it has none itself.
    origin: Option<Box<Revision>>,
    is_tag: bool,
    value: String,
}

/// Why a text is no revision.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RevisionError {
    /// There is no type before the value.
    #[error("{0:?} is no revision: write b..<branch> or t..<tag>, such as b..dev or t..v1.0.0")]
    Form(String),
    /// The value has letters it may not have.
    #[error("the revision value {0:?} may hold ASCII letters, digits, _ . and - only: rename the branch or tag")]
    Letters(String),
    /// The value holds what separates the parts of a path.
    #[error("the revision value {0:?} holds {1:?}, which separates the parts of a revision: rename the branch or tag")]
    Separator(String, &'static str),
    /// A branch that looks like a tag.
    #[error("the branch {0:?} begins with v, as tags do: rename the branch, or write t..{0} if a tag is meant")]
    BranchLikeTag(String),
    /// The value is longer than names made of it may be.
    #[error("the revision value {0:?} has more than 40 letters: shorten the name of the branch or tag")]
    Length(String),
    /// A clone of a clone.
    #[error("{0} is a clone of a clone: clone {1} instead")]
    CloneOfClone(String, String),
    /// A clone of itself.
    #[error("{0} would be a clone of itself: name another branch or tag")]
    CloneOfItself(String),
}

/// What stands between the revision of a clone's origin and its own.
const CLONE: &str = "-_";

impl Revision {
    /// What no value may hold.
    const SEPARATORS: [&'static str; 3] = ["..", "_-", CLONE];
    const LONGEST: usize = 40;

    /// This revision as a clone of the enver at `origin`.
    ///
    /// # Errors
    ///
    /// [`RevisionError::CloneOfClone`] and [`RevisionError::CloneOfItself`].
    pub fn cloned_from(self, origin: &Self) -> Result<Self, RevisionError> {
        if let Some(first) = &origin.origin {
            return Err(RevisionError::CloneOfClone(format!("{origin}{CLONE}{self}"), first.to_string()));
        }
        if (self.is_tag, &self.value) == (origin.is_tag, &origin.value) {
            return Err(RevisionError::CloneOfItself(self.to_string()));
        }
        Ok(Self { origin: Some(Box::new(origin.clone())), ..self })
    }

    /// The revision of the enver this is a clone of.
    pub fn origin(&self) -> Option<&Self> {
        self.origin.as_deref()
    }

    /// Whether it names a tag, which never changes.
    pub fn is_tag(&self) -> bool {
        self.is_tag
    }

    /// The branch or tag.
    pub fn value(&self) -> &str {
        &self.value
    }

    /// One revision without an origin.
    fn plain(text: &str) -> Result<Self, RevisionError> {
        let (is_tag, value) = match text.split_at_checked(3) {
            Some(("b..", value)) => (false, value),
            Some(("t..", value)) => (true, value),
            _ => return Err(RevisionError::Form(text.to_owned())),
        };
        let owned = || value.to_owned();
        if let Some(separator) = Self::SEPARATORS.into_iter().find(|separator| value.contains(separator)) {
            return Err(RevisionError::Separator(owned(), separator));
        }
        if !is_made_of(value, b"_.-") {
            return Err(RevisionError::Letters(owned()));
        }
        if !is_tag && value.starts_with(['v', 'V']) {
            return Err(RevisionError::BranchLikeTag(owned()));
        }
        if value.len() > Self::LONGEST {
            return Err(RevisionError::Length(owned()));
        }
        Ok(Self { origin: None, is_tag, value: owned() })
    }
}

impl FromStr for Revision {
    type Err = RevisionError;

    fn from_str(text: &str) -> Result<Self, RevisionError> {
        let Some((origin, own)) = split_clone(text) else { return Self::plain(text) };
        match split_clone(own) {
            Some(_) => Err(RevisionError::CloneOfClone(text.to_owned(), origin.to_owned())),
            None => Self::plain(own)?.cloned_from(&Self::plain(origin)?),
        }
    }
}

/// What stands before and after the first mark of a clone. A mark that no type follows stands in a value, which refuses
/// it.
fn split_clone(text: &str) -> Option<(&str, &str)> {
    let is_followed_by_a_type = |(place, _): &(usize, &str)| {
        let after = &text[place + CLONE.len()..];
        after.starts_with("b..") || after.starts_with("t..")
    };
    let (place, _) = text.match_indices(CLONE).find(is_followed_by_a_type)?;
    Some((&text[..place], &text[place + CLONE.len()..]))
}

/// The path form, from which [`Revision::from_str`] reads it again.
impl fmt::Display for Revision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(origin) = &self.origin {
            write!(f, "{origin}{CLONE}")?;
        }
        write!(f, "{}..{}", if self.is_tag { 't' } else { 'b' }, self.value)
    }
}

impl Serialize for Revision {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
