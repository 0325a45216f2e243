//! Which rule a path has, and whether a handshake to it is divided, against plain lists of segments.
#![no_main]

use arbitrary::Arbitrary;
use libfuzzer_sys::{Corpus, fuzz_target};
use onecors_core::{Policy, Request, introspect};
use onecors_fuzz::paths;
use serde_json::json;

const PATTERNS: [&str; 12] = [
    "/*",
    "/a",
    "/a/*",
    "/a/{x}",
    "/a/b",
    "/{x}/b/*",
    "/a/b/*",
    "/b/",
    "/a/",
    "/b/c/d",
    "/{x}",
    "/{x}/{y}/*",
];
/// The pieces of paths that are read in several ways.
const PIECES: [&str; 22] = [
    "/", "/", "a", "b", "c", "d", ".", "..", "%2e", "%2F", "%5c", "\\", ";", ";x", "A", "B", "%61",
    "%62", "%41", "%zz", "%", "//",
];

#[derive(Arbitrary, Debug)]
struct Input {
    patterns: u16,
    pieces: Vec<u8>,
}

fuzz_target!(|input: Input| -> Corpus {
    let chosen = PATTERNS.iter().enumerate().filter(|(place, _)| input.patterns >> place & 1 == 1);
    let patterns: Vec<(usize, &str)> = chosen.map(|(_, pattern)| *pattern).enumerate().collect();
    let rules: Vec<_> = patterns
        .iter()
        .map(|(_, pattern)| json!({ "paths": [pattern], "allow_origins": ["https://a.example"] }))
        .collect();
    let Ok(policy) = Policy::from_json(&json!({ "rules": rules }).to_string()) else {
        return Corpus::Reject;
    };
    let pieces =
        input.pieces.iter().take(9).map(|place| PIECES[usize::from(*place) % PIECES.len()]);
    let path = format!("/{}", pieces.collect::<String>());

    let expected = paths::rule_of(&patterns, path.as_bytes(), false).unwrap_or(None);
    assert_eq!(introspect::rule_of(&policy, path.as_bytes()), expected, "{path} {patterns:?}");

    // A stranger's handshake passes where no reading has a rule.
    let handshake =
        Request::default().path(Some(path.as_bytes())).origin(Some(b"https://evil.example"));
    let passes = paths::rule_of(&patterns, path.as_bytes(), true) == Ok(None);
    assert_eq!(policy.check_origin(&handshake, None), passes, "{path} {patterns:?}");
    Corpus::Keep
});
