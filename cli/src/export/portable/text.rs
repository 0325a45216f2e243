//! The text of a pattern, in what the syntaxes of RE2, Go, Java, PCRE and ECMAScript have in common.

use regex_syntax::hir::{Class, Hir, HirKind, Repetition};

/// A text that stands for itself. Of the bytes of origins these alone have a meaning of their own.
pub(super) fn literal(text: &[u8]) -> String {
    let mut out = String::with_capacity(text.len());
    for &byte in text {
        if matches!(byte, b'.' | b'+' | b'[' | b']') {
            out.push('\\');
        }
        out.push(char::from(byte));
    }
    out
}

/// The text of a pattern that has no assertion, and no byte that is not one of an origin.
pub(super) fn of(hir: &Hir) -> String {
    match hir.kind() {
        HirKind::Empty => String::new(),
        HirKind::Literal(bytes) => literal(&bytes.0),
        HirKind::Class(set) => class(set),
        HirKind::Repetition(repetition) => {
            format!("{}{}", atom(&repetition.sub), count(repetition))
        }
        HirKind::Capture(capture) => of(&capture.sub),
        HirKind::Concat(parts) => parts.iter().map(of).collect(),
        HirKind::Alternation(branches) => {
            let branches: Vec<String> = branches.iter().map(of).collect();
            format!("(?:{})", branches.join("|"))
        }
        HirKind::Look(look) => unreachable!("an assertion was left: {look:?}"),
    }
}

/// A pattern that a repetition may follow.
fn atom(hir: &Hir) -> String {
    let is_one = match hir.kind() {
        HirKind::Literal(bytes) => bytes.0.len() == 1,
        HirKind::Class(_) | HirKind::Alternation(_) => true,
        _ => false,
    };
    if is_one { of(hir) } else { format!("(?:{})", of(hir)) }
}

fn count(repetition: &Repetition) -> String {
    match (repetition.min, repetition.max) {
        (0, None) => "*".into(),
        (1, None) => "+".into(),
        (0, Some(1)) => "?".into(),
        (least, None) => format!("{{{least},}}"),
        (least, Some(most)) if least == most => format!("{{{least}}}"),
        (least, Some(most)) => format!("{{{least},{most}}}"),
    }
}

/// A class as people write it: letters, digits, other bytes, and the hyphen last, where it is no
/// range.
fn class(class: &Class) -> String {
    let bytes = match class {
        Class::Bytes(bytes) => bytes.clone(),
        Class::Unicode(chars) => chars.to_byte_class().unwrap_or_else(|| unreachable!("{chars:?}")),
    };
    let has = |byte: &u8| bytes.iter().any(|range| (range.start()..=range.end()).contains(byte));
    let mut out = String::from("[");
    for (from, to) in [(b'a', b'z'), (b'0', b'9')] {
        for range in bytes.iter() {
            let (start, end) = (range.start().max(from), range.end().min(to));
            match end.checked_sub(start) {
                None => {}
                Some(length @ 0..=1) => {
                    out.extend((start..=start + length).map(char::from));
                }
                Some(_) => {
                    out.extend([char::from(start), '-', char::from(end)]);
                }
            }
        }
    }
    out.extend(b"_.:/+".iter().filter(|byte| has(byte)).map(|&byte| char::from(byte)));
    for byte in b"[]".iter().filter(|byte| has(byte)) {
        out.extend(['\\', char::from(*byte)]);
    }
    out.push_str(if has(&b'-') { "-]" } else { "]" });
    out
}
