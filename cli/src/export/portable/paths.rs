//! How many ways a matcher that backtracks may try on one origin.

use onecors_core::introspect::MAX_ORIGIN;
use regex_syntax::hir::{Class, Hir, HirKind, Repetition};

/// The most ways that are harmless: three repetitions beside each other in the longest origin, one of
/// which may be left out.
pub(super) const MAX: u64 = 2 * (MAX_ORIGIN as u64 + 1).pow(3);

/// A bound for the number of ways.
pub(super) fn count(regex: &Hir) -> u64 {
    match regex.kind() {
        HirKind::Empty | HirKind::Literal(_) | HirKind::Class(_) | HirKind::Look(_) => 1,
        HirKind::Capture(capture) => count(&capture.sub),
        HirKind::Concat(parts) => parts.iter().map(count).fold(1, u64::saturating_mul),
        HirKind::Alternation(branches) => {
            let counts = branches.iter().map(count);
            // The first byte tells which one of these it is.
            if are_apart(branches) {
                counts.max().unwrap_or(1)
            } else {
                counts.fold(0, u64::saturating_add)
            }
        }
        HirKind::Repetition(repetition) => count_repetition(repetition),
    }
}

fn count_repetition(repetition: &Repetition) -> u64 {
    let most = repetition.max.map_or(MAX_ORIGIN as u32, |most| most.min(MAX_ORIGIN as u32));
    let numbers = u64::from(most.saturating_sub(repetition.min)) + 1;
    let each = count(&repetition.sub);
    // What is of several lengths can share out the same text in many ways.
    let lengths = repetition.sub.properties();
    if most > 1 && each > 1 {
        each.saturating_pow(most)
    } else if most > 1 && numbers > 1 && lengths.minimum_len() == Some(0) {
        u64::MAX
    } else {
        numbers.saturating_mul(each)
    }
}

/// Whether no two of these can begin with the same byte.
fn are_apart(branches: &[Hir]) -> bool {
    let mut seen = [false; 0x80];
    branches.iter().all(|branch| {
        first_bytes(branch).is_some_and(|bytes| {
            bytes.iter().all(|&byte| !std::mem::replace(&mut seen[usize::from(byte)], true))
        })
    })
}

/// The bytes that this must begin with; `None` where that is not plain.
fn first_bytes(hir: &Hir) -> Option<Vec<u8>> {
    match hir.kind() {
        HirKind::Literal(literal) => literal.0.first().map(|&byte| vec![byte]),
        HirKind::Class(Class::Bytes(class)) => {
            Some(class.iter().flat_map(|range| range.start()..=range.end()).collect())
        }
        HirKind::Class(Class::Unicode(class)) => {
            let class = class.to_byte_class()?;
            Some(class.iter().flat_map(|range| range.start()..=range.end()).collect())
        }
        HirKind::Concat(parts) => first_bytes(parts.first()?),
        HirKind::Capture(capture) => first_bytes(&capture.sub),
        HirKind::Repetition(repetition) if repetition.min > 0 => first_bytes(&repetition.sub),
        _ => None,
    }
}
