//! New content of a document: single keys from the command line, or all of them from a file.

use std::io::Read;
use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::{Map, Value};

/// Why content cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ContentError {
    /// Neither keys nor a file.
    #[error("there is nothing to set: give KEY=VALUE, --unset KEY or --file FILE")]
    Nothing,
    /// No equals sign, or nothing before it.
    #[error("{0:?} is not KEY=VALUE, like surgeMultiplier=1.2 or materialMultipliers.coal=1.1")]
    Assignment(String),
    /// The key leads through a value that has no keys.
    #[error("{0}: a part of this key is no object, so nothing can be set below it")]
    Through(String),
    /// The file cannot be read.
    #[error("{path} cannot be read")]
    Unreadable {
        /// Which.
        path: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// The file is not what its name says.
    #[error("{path} is not {form}: {why}")]
    Malformed {
        /// Which.
        path: String,
        /// YAML or JSON.
        form: &'static str,
        /// Where, and what is wrong.
        why: String,
    },
    /// The file holds something else than keys.
    #[error("{path} holds no keys with values at its top level")]
    NoKeys {
        /// Which.
        path: String,
    },
    /// The file is larger than any document may be.
    #[error("{path} is larger than {most} bytes, the most that a document may have")]
    TooLarge {
        /// Which.
        path: String,
        /// How much is allowed.
        most: u64,
    },
}

#[derive(Debug, Args)]
pub struct Content {
    /// Keys and their new values: surgeMultiplier=1.2 materialMultipliers.coal=1.1. What is not JSON is text
    #[arg(value_name = "KEY=VALUE")]
    keys: Vec<String>,
    /// Keys to leave to the platform again
    #[arg(long, value_name = "KEY")]
    unset: Vec<String>,
    /// A YAML or JSON file with all the keys of the tenant's own, in place of single ones; - is standard input
    #[arg(long, value_name = "FILE", conflicts_with_all = ["keys", "unset"])]
    file: Option<PathBuf>,
}

impl Content {
    /// Reads the arguments and the file.
    pub fn change(&self) -> Result<Change<'_>, ContentError> {
        if let Some(file) = &self.file {
            return Ok(Change::Whole(Value::Object(read(file)?)));
        }
        if self.keys.is_empty() && self.unset.is_empty() {
            return Err(ContentError::Nothing);
        }
        let assignment = |text: &String| {
            let parts = text.split_once('=').filter(|(key, _)| !key.is_empty());
            let (key, word) = parts.ok_or_else(|| ContentError::Assignment(text.clone()))?;
            Ok((key.to_owned(), serde_json::from_str(word).unwrap_or_else(|_| word.into())))
        };
        let keys = self.keys.iter().map(assignment).collect::<Result<_, ContentError>>()?;
        Ok(Change::Keys(keys, &self.unset))
    }
}

/// What is to become of the tenant's own keys.
pub enum Change<'a> {
    /// These take their place.
    Whole(Value),
    /// These are set, and those taken away.
    Keys(Vec<(String, Value)>, &'a [String]),
}

impl Change<'_> {
    /// The tenant's own keys after the change.
    pub fn applied_to(self, own: &Value) -> Result<Value, ContentError> {
        match self {
            Self::Whole(value) => Ok(value),
            Self::Keys(keys, taken) => {
                let mut value = own.clone();
                for (key, word) in keys {
                    put(&mut value, &key, word)?;
                }
                taken.iter().for_each(|key| unset(&mut value, key));
                Ok(value)
            }
        }
    }
}

/// What stands under a key with dots.
pub fn at<'a>(value: &'a Value, key: &str) -> Option<&'a Value> {
    key.split('.').try_fold(value, |value, word| match value {
        Value::Array(items) => items.get(word.parse::<usize>().ok()?),
        other => other.get(word),
    })
}

fn put(value: &mut Value, key: &str, word: Value) -> Result<(), ContentError> {
    let mut place = value;
    for part in key.split('.') {
        if place.is_null() {
            *place = Value::Object(Map::new());
        }
        let fields = place.as_object_mut().ok_or_else(|| ContentError::Through(key.to_owned()))?;
        place = fields.entry(part).or_insert(Value::Null);
    }
    *place = word;
    Ok(())
}

/// Takes a key away, and with it the objects that hold nothing more.
fn unset(value: &mut Value, key: &str) {
    let Some(fields) = value.as_object_mut() else { return };
    match key.split_once('.') {
        None => drop(fields.remove(key)),
        Some((first, rest)) => {
            if let Some(below) = fields.get_mut(first) {
                unset(below, rest);
                if below.as_object().is_some_and(Map::is_empty) {
                    fields.remove(first);
                }
            }
        }
    }
}

/// The keys of a file.
pub fn read(file: &Path) -> Result<Map<String, Value>, ContentError> {
    const MOST: u64 = 1024 * 1024;
    let path = file.display().to_string();
    let unreadable = |source| ContentError::Unreadable { path: path.clone(), source };
    let mut source: Box<dyn Read> = match path.as_str() {
        "-" => Box::new(std::io::stdin()),
        _ => Box::new(std::fs::File::open(file).map_err(unreadable)?),
    };
    let mut text = String::new();
    source.by_ref().take(MOST + 1).read_to_string(&mut text).map_err(unreadable)?;
    if text.len() as u64 > MOST {
        return Err(ContentError::TooLarge { path, most: MOST });
    }
    let malformed = |form, why| ContentError::Malformed { path: path.clone(), form, why };
    let value: Value = match file.extension().is_some_and(|extension| extension == "json") {
        true => serde_json::from_str(&text).map_err(|error| malformed("JSON", error.to_string()))?,
        false => serde_saphyr::from_str(&text).map_err(|error| malformed("YAML", error.to_string()))?,
    };
    match value {
        Value::Object(fields) => Ok(fields),
        _ => Err(ContentError::NoKeys { path }),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn applied(keys: &[&str], unset: &[&str], own: &Value) -> Result<Value, ContentError> {
        let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
        Content { keys: words(keys), unset: words(unset), file: None }.change()?.applied_to(own)
    }

    #[test]
    fn single_keys_change_and_the_others_stay() {
        let own = json!({ "a": 1, "b": { "c": 2, "d": 3 } });

        let changed = applied(&["b.c=9", "e.f=\"text\"", "g=plain words", "h=[1,2]"], &["a"], &own).unwrap();

        assert_eq!(changed, json!({ "b": { "c": 9, "d": 3 }, "e": { "f": "text" }, "g": "plain words", "h": [1, 2] }));
        assert_eq!(applied(&[], &["b.c", "b.d", "x.y"], &own).unwrap(), json!({ "a": 1 }));
    }

    #[test]
    fn what_is_no_assignment_or_leads_through_a_number_is_refused() {
        let own = json!({ "a": 1 });
        for words in ["a", "=1", "a.b=1"] {
            let refused = applied(&[words], &[], &own).unwrap_err().to_string();
            assert!(refused.contains(words.split('=').next().unwrap()), "{refused}");
        }
        assert!(applied(&[], &[], &own).is_err());
    }

    #[test]
    fn a_key_with_dots_finds_its_value() {
        let value = json!({ "a": { "b": [{ "c": 1 }] } });

        assert_eq!(at(&value, "a.b.0.c"), Some(&json!(1)));
        assert_eq!(at(&value, "a.x"), None);
    }
}
