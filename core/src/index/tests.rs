//! The index against a matcher of a few lines that cannot be wrong.

use proptest::prelude::*;

use super::{Found, OriginIndex};
use crate::pattern::{HostPattern, Pattern, PortPattern, TuplePattern};

/// Whether a pattern covers an origin, by the design's own words.
fn covers(pattern: &TuplePattern<'_>, origin: &str) -> bool {
    let Some(rest) = origin.strip_prefix(&format!("{}://", pattern.scheme)) else { return false };
    let (host, port) = rest.split_once(':').map_or((rest, None), |(host, port)| (host, Some(port)));
    let host_covered = match pattern.host {
        HostPattern::Exact(exact) => host == exact,
        HostPattern::Subdomains { base } => {
            host.strip_suffix(base).is_some_and(|labels| labels.len() > 1 && labels.ends_with('.'))
        }
        HostPattern::Partial { prefix, suffix, base } => host
            .strip_suffix(base)
            .and_then(|rest| rest.strip_suffix('.'))
            .and_then(|label| label.strip_prefix(prefix))
            .and_then(|rest| rest.strip_suffix(suffix))
            .is_some_and(|star| {
                !star.is_empty()
                    && star.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-'))
            }),
    };
    host_covered
        && match pattern.port {
            PortPattern::Absent => port.is_none(),
            PortPattern::Number(number) => port == Some(number.to_string().as_str()),
            PortPattern::Any => true,
        }
}

fn tuple(text: &str) -> Option<TuplePattern<'_>> {
    match Pattern::parse(text) {
        Ok(Pattern::Tuple(tuple)) => Some(tuple),
        _ => None,
    }
}

/// The index of these patterns, and the entries that repeat an earlier one.
fn index_and_repeated(patterns: &[String]) -> (OriginIndex, Vec<u32>) {
    let mut index = OriginIndex::default();
    for (entry, text) in patterns.iter().enumerate() {
        if let Some(tuple) = tuple(text) {
            index.insert(&Pattern::Tuple(tuple), text, entry);
        }
    }
    let repeated = index.finish(None, &[]);
    (index, repeated)
}

fn index_of(patterns: &[String]) -> OriginIndex {
    index_and_repeated(patterns).0
}

/// Few letters, so that patterns and origins meet often.
const PATTERN: &str =
    r"https?://(\*\.|[ab_]{0,2}\*[ab_]{0,2}\.)?([ab_-]{1,3}\.){0,2}[ab]{1,2}\.?(:\*|:[12])?";
/// So few patterns that most of them come again.
const REPEATED: &str = r"https://(\*\.|a?\*b?\.|)a(:\*|:[12])?";
const ORIGIN: &str = r"https?://([ab_-]{1,4}\.){0,4}[ab]{1,2}\.?(:[12])?";

proptest! {
    #![proptest_config(ProptestConfig { cases: 4_000, ..ProptestConfig::default() })]

    #[test]
    fn what_is_repeated_is_found(patterns in proptest::collection::vec(REPEATED, 1..40)) {
        let repeated = (0..patterns.len()).filter(|&entry| {
            tuple(&patterns[entry]).is_some() && patterns[..entry].contains(&patterns[entry])
        });
        let expected: Vec<u32> = repeated.map(|entry| entry as u32).collect();
        prop_assert_eq!(index_and_repeated(&patterns).1, expected);
    }

    #[test]
    fn the_index_agrees_with_a_naive_matcher(
        patterns in proptest::collection::vec(PATTERN, 1..12),
        origins in proptest::collection::vec(ORIGIN, 1..12),
    ) {
        let index = index_of(&patterns);
        for origin in &origins {
            let expected = patterns.iter().filter_map(|text| tuple(text)).any(|p| covers(&p, origin));
            match index.find(origin.as_bytes()) {
                Found::Entry(entry) => {
                    let pattern = tuple(&patterns[entry]).unwrap();
                    prop_assert!(covers(&pattern, origin), "{} by {}", origin, patterns[entry]);
                }
                Found::NotAllowed => prop_assert!(!expected, "{origin}"),
                Found::Malformed => prop_assert!(tuple(origin).is_none(), "{origin}"),
            }
        }
    }

    #[test]
    fn what_is_called_covered_is_covered(
        patterns in proptest::collection::vec(PATTERN, 2..10),
        origins in proptest::collection::vec(ORIGIN, 1..40),
    ) {
        let mut index = index_of(&patterns);
        let covered: Vec<(usize, usize)> = index
            .covered_exact_origins()
            .map(|(_, entry, by)| (entry, by))
            .chain(patterns.iter().enumerate().filter_map(|(entry, text)| {
                let tuple = tuple(text).filter(|tuple| !tuple.is_exact())?;
                Some((entry, index.covering(Some(&tuple), entry)?))
            }))
            .collect();
        for (entry, by) in covered {
            prop_assert_ne!(entry, by);
            let (narrow, wide) = (tuple(&patterns[entry]).unwrap(), tuple(&patterns[by]).unwrap());
            for origin in origins.iter().filter(|origin| tuple(origin).is_some()) {
                prop_assert!(!covers(&narrow, origin) || covers(&wide, origin), "{narrow} {wide} {origin}");
            }
        }
        index.any = Some(99);
        prop_assert_eq!(index.covering(None, 0), Some(99));
    }
}

#[test]
fn a_covered_pattern_is_seen() {
    for (narrow, wide, is_covered) in [
        ("https://x.a.example", "https://*.a.example", true),
        ("https://a.example", "https://*.a.example", false),
        ("https://*.b.a.example", "https://*.a.example", true),
        ("https://*.a.example", "https://*.b.a.example", false),
        ("https://*.a.example", "https://*.a.example:*", true),
        ("https://*.a.example:8443", "https://*.a.example:*", true),
        ("https://*.a.example:*", "https://*.a.example", false),
        ("https://pr-*.a.example", "https://*.a.example", true),
        ("https://pr-*.a.example:*", "https://*.a.example", false),
        ("https://pr-1*.a.example", "https://pr-*.a.example", true),
        ("https://pr-*-x.a.example", "https://pr-*.a.example", true),
        ("https://pr_*.a.example", "https://p*.a.example", false),
        ("https://p*.a.example", "https://pr*.a.example", false),
        ("https://*xy.a.example", "https://*y.a.example", true),
        ("https://p*y.a.example:*", "https://p*y.a.example:8443", false),
        ("https://p*y.a.example:8443", "https://p*y.a.example:*", true),
        ("https://*x.a.example", "https://y*.a.example", false),
        ("http://localhost:3000", "http://localhost:*", true),
        ("http://localhost", "http://localhost:*", true),
        ("https://x.a.example:*", "https://*.a.example:*", true),
        ("http://x.a.example", "https://*.a.example", false),
    ] {
        let index = index_of(&[narrow.to_owned(), wide.to_owned()]);
        let pattern = tuple(narrow).unwrap();
        let by = if pattern.is_exact() {
            index.covered_exact_origins().next().map(|(_, _, by)| by)
        } else {
            index.covering(Some(&pattern), 0)
        };
        assert_eq!(by, is_covered.then_some(1), "{narrow} by {wide}");
    }
}

#[test]
fn two_origins_with_a_common_end_allow_nothing_between() {
    let index = index_of(&["https://foo.com".to_owned(), "https://bar.com".to_owned()]);
    assert_eq!(index.find(b"https://barfoo.com"), Found::NotAllowed);
    assert_eq!(index.find(b"https://foo.com"), Found::Entry(0));
}
