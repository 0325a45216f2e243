//! What a host may decide by itself. That it decides as the engine does is checked with the vectors of
//! `conformance.rs`.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use onecors_core::{Outcome, Policy};

const RULE: &str = r#""allow_origins": ["https://b.example", "https://*.c.example", "null",
    {"regex": "https://d[0-9]\\.example\\.com"}, "http://localhost:3000"],
    "dangerously_allow": ["null_origin"]"#;

#[test]
fn only_exact_origins_are_handed_over() {
    let policy = Policy::from_json(&format!("{{{RULE}}}")).unwrap();
    let uniform = policy.uniform().unwrap();
    let origins: Vec<_> = uniform.origins().collect();
    assert_eq!(origins, ["https://b.example", "http://localhost:3000"]);
    assert_eq!(uniform.texts(), origins.concat());
    assert_eq!(uniform.ends(), [17, 38]);
    assert_eq!(uniform.not_cors.outcome(), Outcome::NotCors);
    assert_eq!(uniform.actual_allowed.outcome(), Outcome::ActualAllowed);
    assert!(uniform.denied.is_none());
}

#[test]
fn other_origins_are_denied_where_nothing_may_allow_them() {
    for (origins, closed) in [
        (r#""https://b.example""#, true),
        (r#""https://b.example", "https://*.c.example""#, false),
        (r#""https://b.example", {"regex": "https://d[0-9]\\.example\\.com"}"#, false),
        (r#""https://b.example", "null""#, false),
        (r#""*""#, false),
    ] {
        let document = format!(
            r#"{{ "allow_origins": [{origins}]{} }}"#,
            if origins.contains("null") { r#", "dangerously_allow": ["null_origin"]"# } else { "" }
        );
        let policy = Policy::from_json(&document).unwrap();
        let denied = policy.uniform().unwrap().denied;
        assert_eq!(denied.is_some(), closed, "{origins}");
        if let Some(denied) = denied {
            assert_eq!(denied.actual.outcome(), Outcome::ActualDenied);
            assert_eq!(denied.preflight.outcome(), Outcome::PreflightDenied);
            assert_eq!((denied.actual.reason(), denied.preflight.reason()), (None, None));
        }
    }
}

#[test]
fn a_policy_with_paths_decides_on_each_request_itself() {
    for paths in [r#"["/*"]"#, r#"["/a"]"#] {
        let document = format!(r#"{{ "rules": [{{ "paths": {paths}, {RULE} }}] }}"#);
        assert!(Policy::from_json(&document).unwrap().uniform().is_none(), "{paths}");
    }
}
