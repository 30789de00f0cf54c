//! The types of JSON values, as a set.

use serde_json::Value;

use super::number;

/// A set of JSON types; whole numbers and fractions are two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Types(pub u8);

impl Types {
    pub const NULL: Self = Self(1);
    pub const BOOLEAN: Self = Self(2);
    pub const WHOLE: Self = Self(4);
    pub const FRACTION: Self = Self(8);
    pub const NUMBER: Self = Self(12);
    pub const STRING: Self = Self(16);
    pub const ARRAY: Self = Self(32);
    pub const OBJECT: Self = Self(64);
    pub const ALL: Self = Self(127);
    pub const EACH: [Self; 7] =
        [Self::STRING, Self::WHOLE, Self::FRACTION, Self::BOOLEAN, Self::OBJECT, Self::ARRAY, Self::NULL];

    pub fn has(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    pub fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    pub fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    pub fn within(self, other: Self) -> bool {
        self.without(other).is_empty()
    }

    pub fn of(value: &Value) -> Self {
        match value {
            Value::Null => Self::NULL,
            Value::Bool(_) => Self::BOOLEAN,
            Value::Number(_) if number::is_whole(value) => Self::WHOLE,
            Value::Number(_) => Self::FRACTION,
            Value::String(_) => Self::STRING,
            Value::Array(_) => Self::ARRAY,
            Value::Object(_) => Self::OBJECT,
        }
    }

    pub fn named(name: &str) -> Self {
        match name {
            "null" => Self::NULL,
            "boolean" => Self::BOOLEAN,
            "integer" => Self::WHOLE,
            "number" => Self::NUMBER,
            "string" => Self::STRING,
            "array" => Self::ARRAY,
            "object" => Self::OBJECT,
            _ => Self(0),
        }
    }

    pub fn names(self) -> String {
        let names = [
            ("string", Self::STRING),
            ("number", Self::NUMBER),
            ("integer", Self::WHOLE),
            ("fraction", Self::FRACTION),
            ("boolean", Self::BOOLEAN),
            ("object", Self::OBJECT),
            ("array", Self::ARRAY),
            ("null", Self::NULL),
        ];
        let mut left = self;
        let mut said = Vec::new();
        for (name, types) in names {
            if types.within(left) {
                said.push(name);
                left = left.without(types);
            }
        }
        said.join(", ")
    }

    /// What the keyword `type` says.
    pub fn stated(value: &Value) -> Self {
        match value {
            Value::String(name) => Self::named(name),
            Value::Array(names) => names.iter().filter_map(Value::as_str).map(Self::named).fold(Self(0), Self::or),
            _ => Self::ALL,
        }
    }
}
