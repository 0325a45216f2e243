//! Text that somebody else wrote, made fit for messages and logs.

use std::fmt::{self, Write};

use unicode_properties::{GeneralCategoryGroup, UnicodeGeneralCategory};

/// How much of a text a message shows, in characters.
const SHOWN: usize = 120;

/// Bytes in quotes: escaped, so that they cannot forge a log line or turn its direction, and cut,
/// so that they cannot fill it.
pub(crate) struct Quoted<'a>(pub(crate) &'a [u8]);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_char('"')?;
        write_escaped(f, self.0)?;
        f.write_char('"')
    }
}

/// Bytes without quotes, escaped and cut like [`Quoted`].
pub(crate) fn escaped(bytes: &[u8]) -> String {
    let mut text = String::new();
    write_escaped(&mut text, bytes).expect("writing to a String never fails");
    text
}

fn write_escaped(out: &mut impl Write, bytes: &[u8]) -> fmt::Result {
    let mut shown = 0;
    for chunk in bytes.utf8_chunks() {
        for c in chunk.valid().chars() {
            if shown == SHOWN {
                return write!(out, "… ({} bytes)", bytes.len());
            }
            shown += 1;
            write_char(out, c)?;
        }
        for byte in chunk.invalid() {
            if shown == SHOWN {
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
        ' ' => out.write_char(' '),
        _ if is_invisible(c) => write!(out, "{}", c.escape_unicode()),
        _ => out.write_char(c),
    }
}

/// Whether a character is of the general categories C* (controls, formats such as the ones that
/// turn the direction of text, unassigned) or Z* (separators).
pub(crate) fn is_invisible(c: char) -> bool {
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
    fn a_long_text_is_cut() {
        let text = Quoted(&[b'a'; 10_000]).to_string();
        assert!(text.len() < 150 && text.ends_with("… (10000 bytes)\""), "{text}");
        let text = Quoted(&[0xFF; 10_000]).to_string();
        assert!(text.len() < 4 * SHOWN + 30, "{text}");
    }

    #[test]
    fn the_nearest_key_is_found_when_it_is_near() {
        let keys = ["allow_origins", "max_age"];
        assert_eq!(nearest("allow_origin", &keys), Some("allow_origins"));
        assert_eq!(nearest("Allow-Origins", &keys), Some("allow_origins"));
        assert_eq!(nearest("colour", &keys), None);
    }
}
