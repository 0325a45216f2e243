//! Which WebSocket handshakes may go on.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use onecors_core::{Policy, Request};

const POLICY: &str = r#"{ "rules": [
    { "paths": ["/app/*"], "allow_origins": ["https://app.example.com"], "allow_credentials": true },
    { "paths": ["/open/*"], "allow_origins": ["*"] }
]}"#;

fn passes(path: &str, origin: Option<&str>, host: Option<&str>) -> bool {
    // A preflight in all but name: only the path and the origin count.
    let request = Request::default()
        .method(Some(b"OPTIONS"))
        .path(Some(path.as_bytes()))
        .origin(origin.map(str::as_bytes))
        .access_control_request_method(Some(b"TRACE"))
        .access_control_request_headers(Some(b"x-secret"));
    Policy::from_json(POLICY).unwrap().check_origin(&request, host.map(str::as_bytes))
}

#[test]
fn an_allowed_origin_passes() {
    assert!(passes("/app/ws", Some("https://app.example.com"), Some("api.example.com")));
    assert!(passes("/open/ws", Some("https://anyone.example"), None));
    assert!(passes("/open/ws", Some("null"), None));
}

#[test]
fn another_origin_does_not() {
    assert!(!passes("/app/ws", Some("https://evil.example"), Some("api.example.com")));
    assert!(!passes("/app/ws", Some("https://evil.example"), None));
    assert!(!passes("/app/ws", Some("null"), Some("null")));
}

#[test]
fn a_malformed_origin_does_not_whatever_the_host() {
    assert!(!passes("/app/ws", Some(""), Some("")));
    assert!(!passes("/app/ws", Some("https://api.example.com/"), Some("api.example.com/")));
    assert!(!passes("/open/ws", Some("https://a.example, https://b.example"), None));
}

#[test]
fn the_servers_own_origin_passes() {
    assert!(passes("/app/ws", Some("https://api.example.com"), Some("api.example.com")));
    assert!(passes("/app/ws", Some("http://127.0.0.1:8000"), Some("127.0.0.1:8000")));
    assert!(!passes("/app/ws", Some("http://127.0.0.1:8001"), Some("127.0.0.1:8000")));
}

#[test]
fn what_is_no_pages_passes_and_so_does_what_no_rule_governs() {
    assert!(passes("/app/ws", None, Some("api.example.com")));
    assert!(passes("/else", Some("https://evil.example"), Some("api.example.com")));
}

#[test]
fn a_path_whose_readings_differ_is_for_its_own_pages() {
    let evil = Some("https://evil.example");
    let host = Some("api.example.com");
    for path in [
        "/else/../app/ws",
        "/app/%2e%2e/else",
        "/else%2F..%2Fapp/ws",
        "/open/../app/ws",
        "/%61pp/ws",
        "//app/ws",
        "/app%2Fws",
        "/app%5Cws",
        "/app\\ws",
        "/APP/ws",
        "/%41PP/ws",
        "/app;x=1/ws",
        "/;x=1/app/ws",
        "/app;/../else/ws",
    ] {
        assert!(!passes(path, evil, host), "{path}");
        assert!(passes(path, Some("https://api.example.com"), host), "{path}");
        assert!(passes(path, None, host), "{path}");
    }
    // No reading has a rule.
    for path in ["/else/../other", "/ELSE//%61pp;app/ws", "/else;/app", "/x%5Cy"] {
        assert!(passes(path, evil, host), "{path}");
    }
    // All have the same.
    assert!(passes("/open//%57S;x/./y", evil, host));
}

#[test]
fn a_last_slash_does_not_lead_away_from_a_rule() {
    let policy =
        r#"{ "rules": [{ "paths": ["/ws"], "allow_origins": ["https://app.example.com"] }] }"#;
    let policy = Policy::from_json(policy).unwrap();
    for (path, origin, expected) in [
        ("/ws", "https://app.example.com", true),
        ("/ws", "https://evil.example", false),
        ("/ws/", "https://evil.example", false),
        ("/ws/", "https://api.example.com", true),
        ("/ws/x", "https://evil.example", true),
    ] {
        let request =
            Request::default().path(Some(path.as_bytes())).origin(Some(origin.as_bytes()));
        let passes = policy.check_origin(&request, Some(b"api.example.com"));
        assert_eq!(passes, expected, "{path} {origin}");
    }
}

#[test]
fn a_rule_that_allows_everyone_does_not_open_a_path_of_another_reading() {
    let evil = Some("https://evil.example");
    for path in ["/open/..;/app/ws", "/open/..;x=1/app/ws"] {
        assert!(!passes(path, evil, None), "{path}");
        assert!(passes(path, Some("https://api.example.com"), Some("api.example.com")), "{path}");
        assert!(passes(path, None, None), "{path}");
    }
    assert!(passes("/open/a;x=1/ws", evil, None));
}
