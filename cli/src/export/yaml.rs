//! YAML with a text for people in front of it.

use onecors_core::text::is_invisible;
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

/// Every line with `#` in front. What some reader of YAML would take for the end of a line, or for no
/// character at all, is escaped.
pub(super) fn comment(text: &str) -> String {
    let mut out = String::new();
    for line in escape_lines(text.trim_end()).split('\n') {
        out.push_str(format!("# {line}").trim_end());
        out.push('\n');
    }
    out
}

/// A text of several lines, with everything escaped that is not seen. The lines stay.
fn escape_lines(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' | ' ' => out.push(c),
            _ if is_invisible(c) => out.extend(c.escape_unicode()),
            _ => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_comment_stays_one() {
        let text = comment("a\rb: c\n\u{85}d\u{2028}e\u{202e}\n");
        assert_eq!(
            text,
            r"# a\u{d}b: c
# \u{85}d\u{2028}e\u{202e}
"
        );
    }
}
