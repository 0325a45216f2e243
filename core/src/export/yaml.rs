//! YAML with a text for people in front of it.

use serde_json::Value;
use serde_saphyr::{SerializerOptions, to_string_with_options};

/// Writes a document that readers of YAML 1.1 and 1.2 understand alike. The text becomes comments.
pub(super) fn document(text: &str, value: &Value) -> String {
    let mut options = SerializerOptions::default();
    // A long regex in one line can be searched for.
    options.prefer_block_scalars = false;
    let yaml = to_string_with_options(value, options).expect("strings always serialise");
    format!("{}\n{yaml}", comment(text))
}

/// Every line with `#` in front.
pub(super) fn comment(text: &str) -> String {
    let lines = text.trim_end().lines();
    lines.map(|line| format!("# {line}").trim_end().to_owned() + "\n").collect()
}
