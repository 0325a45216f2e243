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

/// Every line with `#` in front. A rule may have any name: no character of it ends a line.
pub(super) fn comment(text: &str) -> String {
    let mut out = String::new();
    for line in text.trim_end().split('\n') {
        let line: String = line.chars().map(|c| if ends_line(c) { ' ' } else { c }).collect();
        out.push_str(format!("# {line}").trim_end());
        out.push('\n');
    }
    out
}

/// Whether some reader of YAML takes this for the end of a line, or for no character at all.
fn ends_line(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_comment_stays_one() {
        assert_eq!(comment("a\rb: c\n\u{85}d\u{2028}e\n"), "# a b: c\n#  d e\n");
    }
}
