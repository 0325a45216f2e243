//! Portable patterns against the engine's own index.

use onecors_core::introspect::{is_label_byte, is_tuple_origin};
use onecors_core::{Policy, Request};
use proptest::prelude::*;
use proptest::sample::select;
use regex_automata::dfa::dense;
use regex_automata::dfa::{Automaton, StartKind};
use regex_automata::{Anchored, Input};

use super::*;
use crate::export::Facts;

/// The pattern of a policy's only entry.
fn portable(policy: &Policy, matching: Matching) -> Result<String, Refusals> {
    let facts = Facts::of(policy);
    let mut refusals = Refusals::of("test");
    let patterns = patterns(&facts.rules[0], matching, &mut refusals);
    if refusals.as_slice().is_empty() { Ok(patterns[0].clone()) } else { Err(refusals) }
}

fn policy(entry: serde_json::Value) -> Option<Policy> {
    let mut document = serde_json::json!({ "allow_origins": [entry] });
    if document["allow_origins"][0].is_object() {
        let text = document.to_string();
        if let Ok(policy) = Policy::from_json(&text) {
            return Some(policy);
        }
        document["dangerously_allow"] = serde_json::json!(["unbounded_regex"]);
    }
    Policy::from_json(&document.to_string()).ok()
}

fn wildcard_of(text: &str, matching: Matching) -> String {
    portable(&policy(text.into()).unwrap(), matching).unwrap()
}

fn regex_of(text: &str, matching: Matching) -> Result<String, Refusals> {
    portable(&policy(serde_json::json!({ "regex": text })).unwrap(), matching)
}

/// A whole-text matcher, as all systems have it.
struct Matcher(dense::DFA<Vec<u32>>);

impl Matcher {
    fn of(pattern: &str) -> Self {
        let syntax = regex_automata::util::syntax::Config::new().unicode(false).utf8(false);
        let config = dense::Config::new().start_kind(StartKind::Anchored);
        let dfa = dense::Builder::new().configure(config).syntax(syntax).build(&anchored(pattern));
        Self(dfa.unwrap())
    }

    fn is_match(&self, text: &[u8]) -> bool {
        let input = Input::new(text).anchored(Anchored::Yes);
        self.0.try_search_fwd(&input).unwrap().is_some_and(|found| found.offset() == text.len())
    }
}

fn is_allowed(policy: &Policy, origin: &[u8]) -> bool {
    let request = Request::default().origin(Some(origin));
    policy.decide(&request).reason().is_none()
}

/// Whether a text that is no origin for the engine is one but for what no browser sends and no DNS
/// has.
fn is_beyond(text: &[u8]) -> bool {
    let Some((scheme, authority)) =
        std::str::from_utf8(text).ok().and_then(|text| text.split_once("://"))
    else {
        return false;
    };
    let (host, port) = match authority.rfind(':') {
        Some(colon) if !authority.ends_with(']') => {
            (&authority[..colon], Some(&authority[colon + 1..]))
        }
        _ => (authority, None),
    };
    let port_is_near = port.is_none_or(|port| {
        !port.starts_with('0') && !port.is_empty() && port.bytes().all(is_digit)
    });
    let name = host.strip_suffix('.').unwrap_or(host);
    let host_is_near = match host.strip_prefix('[').and_then(|host| host.strip_suffix(']')) {
        Some(address) => {
            address.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f' | b':'))
        }
        None => name.split('.').all(|label| !label.is_empty() && label.bytes().all(is_label_byte)),
    };
    let is_scheme_byte = |byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'+' | b'-' | b'.');
    let scheme_is_near = scheme.len() <= 64
        && scheme.starts_with(|c: char| c.is_ascii_lowercase())
        && scheme.bytes().all(is_scheme_byte);
    scheme_is_near && port_is_near && host_is_near
}

fn is_digit(byte: u8) -> bool {
    byte.is_ascii_digit()
}

fn check(policy: &Policy, pattern: &str, matcher: &Matcher, origin: &[u8]) -> bool {
    let shown = String::from_utf8_lossy(origin);
    let (allowed, matches) = (is_allowed(policy, origin), matcher.is_match(origin));
    if allowed || is_tuple_origin(origin) {
        assert_eq!(matches, allowed, "{shown} by {pattern}");
    } else {
        assert!(!matches || is_beyond(origin), "{shown} by {pattern}");
    }
    matches
}

#[test]
fn patterns_are_written_as_people_would() {
    for (pattern, expected) in [
        (
            "https://*.example.com",
            r"https://(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)+example\.com",
        ),
        (
            "https://pr-*.preview.example.net:8443",
            r"https://pr-[a-z0-9-]{0,59}[a-z0-9]\.preview\.example\.net:8443",
        ),
        ("https://*--site.example.app", r"https://[a-z0-9][a-z0-9-]{0,56}--site\.example\.app"),
        ("https://a-*-b.example.app", r"https://a-[a-z0-9-]{1,59}-b\.example\.app"),
        ("http://[::1]:*", r"http://\[::1\](?::[1-9][0-9]{0,4})?"),
        ("a+b.c://localhost:*", r"a\+b\.c://localhost(?::[1-9][0-9]{0,4})?"),
    ] {
        assert_eq!(wildcard_of(pattern, Matching::Backtracking), expected, "{pattern}");
    }
    assert_eq!(
        wildcard_of("https://*.example.com:*", Matching::Linear),
        r"https://(?:[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?\.)+example\.com(?::[1-9][0-9]*)?"
    );
}

#[test]
fn regexes_keep_what_is_an_origin() {
    for (regex, expected) in [
        (r"https://pr-[0-9]+\.example\.net", r"https://pr-[0-9]+\.example\.net"),
        (r"^https://pr-\d{1,4}\.example\.net$", r"https://pr-[0-9]{1,4}\.example\.net"),
        (r"https://[^.]+\.example\.net", r"https://[a-z0-9_-]+\.example\.net"),
        (r"https://[^.]{1,20}?\.example\.net", r"https://[a-z0-9_-]{1,20}\.example\.net"),
        (
            r"https://.*\.example\.net",
            r"https://[a-z0-9_-](?:[a-z0-9_-]|\.[a-z0-9_-])*\.example\.net",
        ),
        (r"https?://(a|b)\.example\.net(:\d+)?", r"https?://[ab]\.example\.net(?::[1-9][0-9]*)?"),
        (
            r"https://(a\.example\.net|b\.example\.net:8443)",
            r"https://(?:a\.example\.net|b\.example\.net:8443)",
        ),
        (
            r"(?i)https://EXAMPLE\.net(?-i)(?::[0-9]{4,5})?",
            r"https://example\.net(?::[1-9][0-9]{3,4})?",
        ),
        (r"https://a\.example\.net$(:8443)?", r"https://a\.example\.net"),
        (r"https://a\.example\.net(^|:8443)", r"https://a\.example\.net:8443"),
        (
            r"https://a\.example\.net$|^https://[a-z]+\.example\.org",
            r"(?:https://a\.example\.net|https://[a-z]+\.example\.org)",
        ),
    ] {
        assert_eq!(regex_of(regex, Matching::Linear).unwrap(), expected, "{regex}");
    }
}

#[test]
fn repetitions_of_repetitions_take_no_time() {
    for (regex, expected) in [
        (r"https://b+++\.example\.net", r"https://(?:(?:b+)+)+\.example\.net"),
        (r"https://((b)*)*c\.example\.net", r"https://(?:b+(?:b*)*)?c\.example\.net"),
    ] {
        assert_eq!(regex_of(regex, Matching::Linear).unwrap(), expected, "{regex}");
    }
    // Each level doubled the time, or more, when its parts were walked anew for it.
    for (open, close) in
        [("", "+"), ("(", ")*"), ("(", ")?"), ("(a|", ")+"), ("(.*", ")"), ("(.*x|.*(", "))")]
    {
        let nested = format!("{}b{}", open.repeat(60), close.repeat(60));
        let _ = regex(&format!(r"https://{nested}\.example\.net"), Matching::Linear);
        let _ = regex(&format!(r"https://(x\.example\.net|{nested})"), Matching::Linear);
    }
}

#[test]
fn what_cannot_be_written_alike_is_refused() {
    for (regex, matching, reason) in [
        (r"https://.{1,20}\.example\.net", Matching::Linear, "too long"),
        (r"https://\bx\.example\.net", Matching::Linear, "word boundary"),
        (r"https://[A-Z]+\.example\.net", Matching::Linear, "no origin"),
        (r"https://([a-z]+)+\.example\.net", Matching::Backtracking, "backtracking"),
        (r"https://(a?b?)*\.example\.net", Matching::Backtracking, "backtracking"),
        (r"https://(a|[a-z])*\.example\.net", Matching::Backtracking, "backtracking"),
        (r"https://[a-z]*[a-z]*[a-z]*[a-z]*\.example\.net", Matching::Backtracking, "backtracking"),
    ] {
        let refusals = regex_of(regex, matching).expect_err(regex);
        let refusal = &refusals.as_slice()[0];
        assert!(refusal.message.contains(reason), "{regex}: {}", refusal.message);
        assert_eq!(refusal.pointer, "/allow_origins/0");
    }
    for tame in [
        r"https://pr-[0-9]+-[a-z0-9-]+\.example\.net(:[0-9]+)?",
        r"https://.*\.example\.net",
        r"https://(a|ab|abc)x*\.example\.net",
    ] {
        assert!(regex_of(tame, Matching::Backtracking).is_ok(), "{tame}");
    }
}

const REGEXES: &[&str] = &[
    r"https://pr-[0-9]+\.example\.net",
    r"https://[^.]+\.example\.net",
    r"https://[^.]{1,5}\.example\.net",
    r"https?://.*\.example\.net(:[0-9]+)?",
    r"https://([^.]+\.)*example\.net",
    r"https://(?:x[0-9]\.){0,3}example\.net|http://b\.example\.net$",
    r"(https|capacitor)://(a|b\.?)+\.example\.net(?::8443)?",
    r"https://(?:(a?b?)?)*\.example\.net",
    r"https://(?-u:\W|\w)*\.example\.net:\d{2,5}",
    r"http://\[.*\](:\d+)?|http://127\..*",
    r".*",
];

const WILDCARDS: &[&str] = &[
    "https://*.example.net",
    "https://*.example.net.",
    "http://*.example.net:*",
    "https://pr-*.example.net",
    "https://*-b.example.net:8443",
    "http://[::1]:*",
    "http://127.0.0.1:*",
    "capacitor://localhost:*",
];

/// Each pattern covers one of these.
const COVERED: &[&str] = &[
    "https://example.net",
    "https://a.example.net",
    "https://a.example.net:8080",
    "https://pr-1.example.net",
    "https://a.example.net.",
    "http://a.example.net:8080",
    "https://x-b.example.net:8443",
    "http://[::1]:3000",
    "http://127.0.0.1",
    "capacitor://localhost",
];

/// Origins, and what is nearly one.
fn origins() -> impl Strategy<Value = Vec<u8>> {
    let host = r"((x[0-9]|[ab]{1,3}|pr-[0-9a-z]{1,3}|-?a_?-b|[a-z]{62,64})\.){0,3}example\.net\.?";
    let other = r"localhost|\[::1\]|\[0:0::1\]|127\.0\.0\.1|1\.2\.3|a\.0x1";
    let port = r"(:(443|80|21|8443|99999|070|[0-9]{1,5}))?";
    let usual = format!("https://{host}(:8443)?");
    let other = format!("(https?|capacitor|ftp|file)://({host}|{other}){port}");
    let bytes: &[u8] = b"/@ .:-_[]#?%\\*A\n\0\xff0a";
    let edit = (any::<prop::sample::Index>(), select(bytes), 0..3);
    let origin = proptest::string::string_regex(&format!("{usual}|{other}")).unwrap();
    (origin, prop::collection::vec(edit, 0..2)).prop_map(|(origin, edits)| {
        let mut origin = origin.into_bytes();
        for (place, byte, kind) in edits {
            let place = place.index(origin.len());
            match kind {
                0 => origin.insert(place, byte),
                1 => origin[place] = byte,
                _ => origin.push(byte),
            }
        }
        origin
    })
}

#[test]
fn patterns_match_what_the_engine_allows() {
    let entries = WILDCARDS.iter().map(|text| serde_json::json!(text));
    let regexes = REGEXES.iter().map(|text| serde_json::json!({ "regex": text }));
    let entries = entries.flat_map(|entry| {
        [Matching::Linear, Matching::Backtracking].map(|matching| (entry.clone(), matching))
    });
    let all: Vec<_> = entries
        .chain(regexes.map(|entry| (entry, Matching::Linear)))
        .map(|(entry, matching)| {
            let policy = policy(entry).unwrap();
            let pattern = portable(&policy, matching).unwrap();
            let matcher = Matcher::of(&pattern);
            (policy, pattern, matcher)
        })
        .collect();
    let config = ProptestConfig { cases: 4_000, ..ProptestConfig::default() };
    let mut runner = proptest::test_runner::TestRunner::new(config);
    let result = runner.run(&origins(), |origin| {
        for (policy, pattern, matcher) in &all {
            check(policy, pattern, matcher, &origin);
        }
        Ok(())
    });
    result.unwrap();
    for (policy, pattern, matcher) in &all {
        let covers = |origin: &&str| check(policy, pattern, matcher, origin.as_bytes());
        assert!(COVERED.iter().any(covers), "nothing is covered by {pattern}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn any_wildcard_is_written_as_the_engine_reads_it(
        pattern in r"https?://(\*\.|[ab_]{0,2}\*[ab_]{0,2}\.)([ab_-]{1,3}\.){0,2}[ab]{1,2}\.?(:\*|:[12])?",
        origins in prop::collection::vec(r"https?://([ab_-]{1,4}\.){0,4}[ab]{1,2}\.?(:[12])?", 20),
    ) {
        let Some(policy) = policy(pattern.as_str().into()) else { return Ok(()) };
        for matching in [Matching::Linear, Matching::Backtracking] {
            let written = portable(&policy, matching).unwrap();
            let matcher = Matcher::of(&written);
            for origin in &origins {
                check(&policy, &written, &matcher, origin.as_bytes());
            }
        }
    }

    #[test]
    fn any_regex_is_written_as_the_engine_reads_it(
        // Random pieces of a host, in every combination of choice and count.
        pieces in prop::collection::vec(
            (select(vec!["a", "[ab]", "[^.]", ".", r"\.", "a|b", "a-", "(a|b)?", "", "[a-z]b"]),
             select(vec!["", "?", "*", "+", "{2}", "{0,2}", "*?", "{2,}"])), 0..5),
        origins in prop::collection::vec(r"https://([ab]{1,2}-?[ab]?\.){0,3}x\.b", 30),
    ) {
        let pieces: String = pieces.iter().map(|(part, count)| format!("({part}){count}")).collect();
        let text = format!(r"https://{pieces}x\.b");
        let Some(policy) = policy(serde_json::json!({ "regex": text })) else { return Ok(()) };
        let Ok(written) = portable(&policy, Matching::Linear) else { return Ok(()) };
        let matcher = Matcher::of(&written);
        for origin in origins {
            check(&policy, &written, &matcher, origin.as_bytes());
        }
    }
}
