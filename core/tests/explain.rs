//! The stories that explanations tell.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use onecors_core::{Difference, Explanation, Outcome, Policy, Reason, Request};

const POLICY: &str = r#"{ "rules": [
    { "name": "app", "paths": ["/api/*"], "allow_credentials": true,
      "allow_origins": ["https://app.example.com", "https://*.tenant.example.org",
        "https://app.example.com:8443", {"regex": "https://pr-[0-9]+\\.preview\\.example\\.net"}],
      "allow_methods": ["PUT", "PATCH"], "allow_headers": ["content-type"] },
    { "paths": ["/public/*"], "allow_origins": ["*"], "allow_headers": ["*"] }
]}"#;

fn preflight<'a>(path: &'a str, origin: &'a str, method: &'a str, headers: &'a str) -> Request<'a> {
    Request::default()
        .method(Some(b"OPTIONS"))
        .path(Some(path.as_bytes()))
        .origin(Some(origin.as_bytes()))
        .access_control_request_method(Some(method.as_bytes()))
        .access_control_request_headers(Some(headers.as_bytes()))
}

fn get<'a>(path: &'a str, origin: &'a str) -> Request<'a> {
    Request::default()
        .method(Some(b"GET"))
        .path(Some(path.as_bytes()))
        .origin(Some(origin.as_bytes()))
}

fn explain(request: &Request<'_>) -> Explanation {
    let policy = Policy::from_json(POLICY).unwrap();
    let story = policy.explain(request);
    let verdict = policy.decide(request);
    assert_eq!(story.verdict(), verdict);
    assert_eq!((story.outcome, story.reason), (verdict.outcome(), verdict.reason()));
    story
}

#[test]
fn an_allowed_preflight_names_its_rule_and_its_pattern() {
    let story =
        explain(&preflight("/api/x", "https://a.tenant.example.org", "PUT", "content-type"));
    let rule = story.rule.unwrap();
    assert_eq!(rule.name.as_deref(), Some("app"));
    assert_eq!(rule.pointer, "/rules/0");
    assert_eq!(rule.path_pattern.as_deref(), Some("/api/*"));
    let pattern = story.origin_pattern.unwrap();
    assert_eq!(pattern.pattern, "https://*.tenant.example.org");
    assert_eq!(pattern.pointer, "/rules/0/allow_origins/1");
    assert_eq!(story.status, Some(204));
    let checks: Vec<_> = story.checks.iter().map(|check| (check.check, check.passed)).collect();
    assert_eq!(checks, [("path", true), ("origin", true), ("method", true), ("headers", true)]);
    assert_eq!(story.browser_message, None);
    assert_eq!(story.advice, None);
    assert_eq!(story.headers.last().unwrap().0, "Vary");
}

#[test]
fn the_nearest_miss_says_what_differs() {
    for (origin, pattern, difference) in [
        ("https://app.example.com:9000", 0, "differs only in the port"),
        ("http://app.example.com", 0, "http, not https"),
        ("https://app.example.com/", 0, "has a trailing slash"),
        ("https://App.example.com", 0, "has upper-case letters"),
        ("https://app.example.com:443", 0, "names the default port"),
        ("https://app.example.com.", 0, "differs only in the trailing dot"),
        ("https://www.app.example.com", 0, "has \"www.\" in front"),
        ("https://x.app.example.com", 0, "has one label more than the pattern"),
        (
            "https://tenant.example.org",
            1,
            "has no subdomain, and the pattern requires at least one label",
        ),
        ("http://pr-7.preview.example.net", 3, "http, not https"),
        ("https://app.example.com:", 0, "has an empty port"),
        ("https://app.example.com?x=/", 0, "has a query"),
        ("https://app.example.com#/x", 0, "has a fragment"),
        ("https://app.example.com/?x#y", 0, "has a path"),
        ("wss://app.example.com", 0, "has a WebSocket scheme"),
    ] {
        let story = explain(&get("/api/x", origin));
        let miss = story.nearest_miss.unwrap_or_else(|| panic!("no miss for {origin}"));
        assert_eq!(miss.difference.text(), difference, "{origin}");
        assert_eq!(miss.pointer, format!("/rules/0/allow_origins/{pattern}"), "{origin}");
    }
    assert_eq!(explain(&get("/api/x", "https://evil.example")).nearest_miss, None);
}

#[test]
fn an_address_in_another_spelling_is_near() {
    let document = r#"{ "allow_origins": ["http://[::1]:3000", "capacitor://[::1]"] }"#;
    let policy = Policy::from_json(document).unwrap();
    for (origin, code) in [
        ("http://[0:0::1]:3000", "not_canonical_address"),
        ("capacitor://[0::1]", "not_canonical_address"),
    ] {
        let miss = policy.explain(&get("/", origin)).nearest_miss;
        assert_eq!(miss.map(|miss| miss.difference.as_str()), Some(code), "{origin}");
    }
}

#[test]
fn every_difference_has_a_code_of_its_own() {
    let codes: Vec<_> = Difference::all().map(Difference::as_str).collect();
    for (place, code) in codes.iter().enumerate() {
        assert!(!codes[..place].contains(code), "{code}");
    }
    let story = explain(&get("/api/x", "http://app.example.com"));
    let json: serde_json::Value = serde_json::from_str(&story.to_json()).unwrap();
    assert_eq!(json["nearest_miss"]["difference_code"], "http");
    assert_eq!(json["nearest_miss"]["difference"], "http, not https");
}

#[test]
fn what_came_from_outside_is_escaped() {
    let story = explain(&get("/api/\r\nSet-Cookie: a", "https://evil.example\r\nadmin logged in"));
    let json = story.to_json();
    assert!(json.bytes().all(|byte| (0x20..0x7F).contains(&byte)), "{json}");
    assert!(json.contains(r"\\u{d}\\u{a}admin"), "{json}");
    let huge = "a".repeat(1 << 20);
    let story = explain(&preflight(&huge, &huge, &huge, &huge));
    assert!(story.to_json().len() < 10_000);
    let story = explain(&preflight("/api/x", &huge, &huge, &huge));
    assert!(story.to_json().len() < 10_000);
}

#[test]
fn each_reason_comes_with_advice() {
    let good = "https://app.example.com";
    let many = ["content-type"; 65].join(",");
    for (request, reason, part) in [
        (get("/api/x", "nonsense"), Reason::MalformedOrigin, "No page on a valid host sends"),
        (get("/api/x", "https://b.example"), Reason::OriginNotAllowed, "/rules/0/allow_origins"),
        (get("/api/x", "null"), Reason::OriginNotAllowed, "sandboxed"),
        (preflight("/api/x", good, "a b", ""), Reason::MalformedRequestMethod, "No browser"),
        (preflight("/api/x", good, "DELETE", ""), Reason::MethodNotAllowed, "add \"DELETE\" to"),
        (preflight("/api/x", good, "patch", ""), Reason::MethodNotAllowed, "write \"PATCH\""),
        (preflight("/api/x", good, "put", ""), Reason::MethodNotAllowed, "send \"PUT\""),
        (preflight("/api/x", good, "TRACE", ""), Reason::MethodNotAllowed, "never let"),
        (preflight("/api/x", good, "PUT", &many), Reason::TooManyHeaders, "64 names"),
        (preflight("/api/x", good, "PUT", "a b"), Reason::MalformedRequestHeaders, "No browser"),
        (preflight("/api/x", good, "PUT", "X-A"), Reason::HeaderNotAllowed, "add \"x-a\" to"),
        (
            preflight("/public/x", good, "GET", "authorization"),
            Reason::HeaderNotAllowed,
            "\"*\" does not cover it",
        ),
    ] {
        let story = explain(&request);
        assert_eq!(story.reason, Some(reason));
        let advice = story.advice.unwrap();
        assert!(advice.contains(part), "{advice}");
        assert!(!story.checks.last().unwrap().passed);
        let message = story.browser_message.unwrap();
        let is_preflight = story.outcome == Outcome::PreflightDenied;
        assert_eq!(message.contains("Response to preflight request"), is_preflight, "{message}");
    }
}

#[test]
fn requests_that_are_no_refusals_have_no_message() {
    let ungoverned = explain(&get("/other", "https://evil.example"));
    assert_eq!(ungoverned.rule, None);
    assert!(!ungoverned.checks[0].passed);
    assert_eq!(ungoverned.browser_message, None);
    // The answer is "*" for any origin, so that a browser would let this page read it.
    let malformed = explain(&get("/public/x", "nonsense"));
    assert_eq!(malformed.reason, Some(Reason::MalformedOrigin));
    assert_eq!(malformed.browser_message, None);
}

#[test]
fn a_summary_says_on_one_line_what_a_log_needs() {
    let summary = |request: &Request<'_>| explain(request).summary;
    assert_eq!(
        summary(&preflight("/api/x", "http://app.example.com", "GET", "")),
        "denied the preflight of \"http://app.example.com\" to rule \"app\" (origin_not_allowed); \
         nearest miss: \"https://app.example.com\" (http, not https)"
    );
    assert_eq!(
        summary(&preflight("/api/x", "https://app.example.com", "DELETE", "")),
        "denied the preflight of \"https://app.example.com\" to rule \"app\" \
         (method_not_allowed: \"DELETE\")"
    );
    assert_eq!(
        summary(&preflight("/api/x", "https://app.example.com", "GET", "content-type,x-a,x-b")),
        "denied the preflight of \"https://app.example.com\" to rule \"app\" \
         (header_not_allowed: \"x-a\")"
    );
    assert_eq!(
        summary(&get("/public/x", "https://a.example\r\nforged")),
        "denied the request of \"https://a.example\\u{d}\\u{a}forged\" to rule /rules/1 \
         (malformed_origin)"
    );
    assert_eq!(
        summary(&get("/api/x", "https://app.example.com")),
        "allowed the request of \"https://app.example.com\" to rule \"app\""
    );
    assert_eq!(summary(&get("/else", "https://a.example")), "no rule governs \"/else\"");
    let plain = Request::default().path(Some(b"/api/x"));
    assert_eq!(summary(&plain), "not a CORS request to rule \"app\" (no Origin header)");
    let single = Policy::from_json(r#"{ "allow_origins": ["https://a.example"] }"#).unwrap();
    let story = single.explain(&get("/", "https://b.example"));
    assert_eq!(
        story.summary,
        "denied the request of \"https://b.example\" to the policy (origin_not_allowed)"
    );
}

#[test]
fn a_pattern_that_comes_near_has_a_number_for_each_difference() {
    let policy = Policy::from_json(POLICY).unwrap();
    let number = |origin: &str| policy.nearest_pattern(&get("/api/x", origin));
    let near = [
        "https://app.example.com",
        "http://app.example.com",
        "https://app.example.com/",
        "https://app.example.com:9000",
    ];
    let numbers: Vec<_> = near.iter().map(|origin| number(origin).unwrap()).collect();
    for (place, one) in numbers.iter().enumerate() {
        assert!(!numbers[..place].contains(one), "{} has the number of another", near[place]);
        assert!(one.get() < 1 << 53);
    }
    assert_eq!(number("https://app.example.com:9000"), number("https://app.example.com:9001"));
    assert_eq!(number("https://evil.example"), None);
    assert_eq!(number(&format!("https://{}.example", "\u{e9}".repeat(300))), None);
    assert_eq!(policy.nearest_pattern(&get("/else", "http://app.example.com")), None);
}
