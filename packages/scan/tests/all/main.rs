//! What is found, what is not, and how it is told.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "helpers of tests may panic as tests do")]

mod own_tree;
mod planted;
mod quiet;
mod reports;
mod tree;
mod waivers;

use scan::Language;

/// The rules that a text of a service breaks, in its order.
fn rules(text: &str, language: Language) -> Vec<&'static str> {
    scan::judge(text, language, true).found.iter().map(|found| found.rule.id).collect()
}
