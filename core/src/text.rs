//! Escapes untrusted text for messages and logs.

use std::borrow::Cow;
use std::fmt::{self, Write};

use unicode_properties::{GeneralCategoryGroup, UnicodeGeneralCategory};

/// How much of a text a message shows, in characters.
const SHOWN: usize = 120;

/// Bytes in quotes: escaped, so that they cannot forge a log line or turn its direction, and cut,
/// so that they cannot fill it. For what a request holds, and for what is wrong in a document.
pub struct Quoted<'a>(pub &'a [u8]);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_char('"')?;
        write_escaped(f, self.0, SHOWN)?;
        f.write_char('"')
    }
}

/// Text in quotes, escaped like [`Quoted`] and never cut: for what a loaded policy holds.
pub struct Whole<'a>(pub &'a str);

impl fmt::Display for Whole<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_char('"')?;
        write_escaped(f, self.0.as_bytes(), usize::MAX)?;
        f.write_char('"')
    }
}

/// Bytes without quotes, escaped and cut like [`Quoted`].
pub(crate) fn escaped(bytes: &[u8]) -> String {
    escaped_up_to(bytes, SHOWN)
}

/// Bytes without quotes, escaped and never cut.
pub(crate) fn escaped_whole(bytes: &[u8]) -> String {
    escaped_up_to(bytes, usize::MAX)
}

/// Bytes without quotes, escaped and cut after so many characters.
pub(crate) fn escaped_up_to(bytes: &[u8], most: usize) -> String {
    let mut text = String::new();
    write_escaped(&mut text, bytes, most).expect("writing to a String never fails");
    text
}

/// A text that somebody else chose, made fit for a message or a log: a file's name, a JSON pointer,
/// an error of the system.
///
/// An ordinary text is unchanged. One with a character that is not seen, such as a control
/// character, a line separator or a mark that turns the direction of text, is put in quotes with
/// these escaped as `\u{1b}`, bytes that are not UTF-8 as `\xff`, and quotes and backslashes with a
/// backslash in front. So is one that begins with a quote: what begins with a quote is always
/// escaped. Spaces stay, and nothing is cut.
pub fn printable(text: &[u8]) -> Cow<'_, str> {
    match str::from_utf8(text) {
        Ok(plain) if !plain.starts_with('"') && plain.chars().all(is_visible) => plain.into(),
        _ => format!("\"{}\"", escaped_whole(text)).into(),
    }
}

/// What a text calls the place that a JSON pointer (RFC 6901) points at.
pub fn place(pointer: &str) -> Cow<'_, str> {
    if pointer.is_empty() { "(document)".into() } else { printable(pointer.as_bytes()) }
}

/// JSON with everything escaped that is not seen, as JSON escapes it: readers get the same value.
/// Writers of JSON escape only what they must, and what they write is read in terminals.
pub fn escape_json(json: String) -> String {
    // Outside of strings JSON has no other invisible characters than these.
    let stays = |c: char| c == '\n' || is_visible(c);
    if json.chars().all(stays) {
        return json;
    }
    let mut out = String::with_capacity(json.len());
    for c in json.chars() {
        if stays(c) {
            out.push(c);
        } else {
            for unit in c.encode_utf16(&mut [0; 2]) {
                write!(out, "\\u{unit:04x}").expect("writing to a String never fails");
            }
        }
    }
    out
}

/// Writes bytes escaped, of which it shows so many characters at most.
fn write_escaped(out: &mut impl Write, bytes: &[u8], most: usize) -> fmt::Result {
    let mut shown = 0;
    for chunk in bytes.utf8_chunks() {
        for c in chunk.valid().chars() {
            if shown == most {
                return write!(out, "… ({} bytes)", bytes.len());
            }
            shown += 1;
            write_char(out, c)?;
        }
        for byte in chunk.invalid() {
            if shown == most {
                return write!(out, "… ({} bytes)", bytes.len());
            }
            shown += 1;
            write!(out, "\\x{byte:02x}")?;
        }
    }
    Ok(())
}

fn write_char(out: &mut impl Write, c: char) -> fmt::Result {
    match c {
        '"' | '\\' => write!(out, "\\{c}"),
        _ if is_visible(c) => out.write_char(c),
        _ => write!(out, "{}", c.escape_unicode()),
    }
}

/// Whether a character is seen, or is a plain space.
fn is_visible(c: char) -> bool {
    matches!(c, ' '..='~') || !is_invisible(c)
}

/// Whether a character is of the general categories C* (controls, formats such as the ones that
/// turn the direction of text, unassigned) or Z* (separators).
pub fn is_invisible(c: char) -> bool {
    matches!(
        c.general_category_group(),
        GeneralCategoryGroup::Other | GeneralCategoryGroup::Separator
    )
}

/// The candidate that a person most likely meant, when one is near enough.
pub(crate) fn nearest<'c>(written: &str, candidates: &[&'c str]) -> Option<&'c str> {
    // A key of this length is nobody's typing mistake, and the distance is quadratic.
    if written.len() > 64 {
        return None;
    }
    let written = written.to_ascii_lowercase().replace(['-', ' '], "_");
    candidates
        .iter()
        .map(|candidate| (edit_distance(&written, candidate), *candidate))
        .min()
        .filter(|&(distance, candidate)| distance <= candidate.len() / 3)
        .map(|(_, candidate)| candidate)
}

/// The Levenshtein distance in bytes.
fn edit_distance(a: &str, b: &str) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.bytes().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.bytes().enumerate() {
            let replaced = diagonal + usize::from(x != y);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_forge_a_log_line_is_escaped() {
        let text = Quoted(b"a\r\nb\x1b[0m\"\\\xff").to_string();
        assert_eq!(text, r#""a\u{d}\u{a}b\u{1b}[0m\"\\\xff""#);
        let turned = Quoted("\u{202e}\u{2028}é".as_bytes()).to_string();
        assert_eq!(turned, r#""\u{202e}\u{2028}é""#);
    }

    #[test]
    fn an_ordinary_text_is_printed_as_it_is() {
        for text in ["", "/rules/0/paths", "/a b", r#"C:\a\"b".json"#, "/é/日本", "/a~1b"] {
            assert_eq!(printable(text.as_bytes()), text);
        }
        for (text, printed) in [
            (&b"/x\x1b[31m\nall is \"well\"\\"[..], r#""/x\u{1b}[31m\u{a}all is \"well\"\\""#),
            ("a\u{202e}b\u{a0}".as_bytes(), r#""a\u{202e}b\u{a0}""#),
            (b"\"a\"", r#""\"a\"""#),
            (b"a\xff", r#""a\xff""#),
        ] {
            assert_eq!(printable(text), printed);
        }
        let long = format!("/{}\n", "a".repeat(1_000));
        assert!(printable(long.as_bytes()).ends_with("aaa\\u{a}\""));
    }

    #[test]
    fn json_keeps_its_value() {
        let value = "\0\u{1b}\n\u{7f}\u{85}\u{a0}\u{2028}\u{202e}\u{e0001}é\"\\ /";
        for json in [serde_json::json!({ value: [value] }), serde_json::json!({ "a": 1 })] {
            for text in [format!("{json}"), format!("{json:#}")] {
                let clean = escape_json(text.clone());
                assert!(clean.chars().all(|c| c == '\n' || is_visible(c)), "{clean:?}");
                assert_eq!(serde_json::from_str::<serde_json::Value>(&clean).unwrap(), json);
            }
        }
    }

    #[test]
    fn a_long_text_is_cut() {
        let text = Quoted(&[b'a'; 10_000]).to_string();
        assert!(text.len() < 150 && text.ends_with("… (10000 bytes)\""), "{text}");
        let text = Quoted(&[0xFF; 10_000]).to_string();
        assert!(text.len() < 4 * SHOWN + 30, "{text}");
        assert_eq!(Whole(&"a".repeat(10_000)).to_string().len(), 10_002);
    }

    #[test]
    fn the_nearest_key_is_found_when_it_is_near() {
        let keys = ["allow_origins", "max_age"];
        assert_eq!(nearest("allow_origin", &keys), Some("allow_origins"));
        assert_eq!(nearest("Allow-Origins", &keys), Some("allow_origins"));
        assert_eq!(nearest("colour", &keys), None);
    }
}
