//! Numbers of JSON, compared exactly where both are whole.

use std::cmp::Ordering;

pub use document::formats::range;
use serde_json::{Number, Value};

/// Which is larger.
pub fn order(left: &Number, right: &Number) -> Ordering {
    match (left.as_i128(), right.as_i128()) {
        (Some(left), Some(right)) => left.cmp(&right),
        _ => float(left).partial_cmp(&float(right)).unwrap_or(Ordering::Equal),
    }
}

pub fn float(number: &Number) -> f64 {
    number.as_f64().unwrap_or(f64::MAX)
}

/// A number by its value: `1.0` is 1.
pub fn number(value: f64) -> Option<Number> {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    if value.fract() == 0.0 && value.abs() <= EXACT {
        return Some(Number::from(value as i64));
    }
    Number::from_f64(value)
}

/// A bound of numbers.
#[derive(Debug, Clone, PartialEq)]
pub struct Bound {
    pub limit: Number,
    pub exclusive: bool,
}

impl Bound {
    /// Of two lower bounds (or upper ones, with `Ordering::Less`), whether this leaves no more than the other.
    pub fn within(&self, other: &Self, stricter: Ordering) -> bool {
        match order(&self.limit, &other.limit) {
            Ordering::Equal => self.exclusive || !other.exclusive,
            other => other == stricter,
        }
    }
}

/// Whether a value is a whole number, as JSON Schema means it.
pub fn is_whole(value: &Value) -> bool {
    value.as_number().is_some_and(|number| number.as_i128().is_some() || float(number).fract() == 0.0)
}

/// Whether every multiple of `fine` is one of `coarse`.
pub fn divides(coarse: f64, fine: f64) -> bool {
    const FAR: f64 = 1e6;
    if coarse.fract() == 0.0 && fine.fract() == 0.0 {
        return fine % coarse == 0.0;
    }
    // Decimal fractions are not exact in binary; far from 1 nothing can be said any more.
    let quotient = fine / coarse;
    quotient.abs() < FAR && (quotient - quotient.round()).abs() < 1e-9
}
