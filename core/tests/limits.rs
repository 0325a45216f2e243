//! As many rules as a policy may have. The document has thousands of different rules, so it is made
//! here and is no conformance vector.

use onecors_core::{Outcome, Policy, Request};

const MAX_RULES: usize = 8_192;

/// Rules that differ in everything that an answer shows, so that each has plans of its own.
fn document(rules: usize) -> String {
    let rule = |number: usize| {
        format!(
            r#"{{ "paths": ["/{number}"], "allow_origins": ["https://app.example.com"],
                "allow_credentials": true, "allow_methods": ["*"], "allow_headers": ["*"],
                "expose_headers": ["x-{number}"], "max_age": {number} }}"#
        )
    };
    let rules: Vec<_> = (0..rules).map(rule).collect();
    format!(r#"{{ "rules": [{}] }}"#, rules.join(","))
}

#[test]
fn the_last_of_as_many_rules_as_there_may_be_decides_with_its_own_plans() {
    let policy = Policy::from_json(&document(MAX_RULES)).expect("a policy");
    let request = Request::default()
        .method(Some(b"OPTIONS"))
        .path(Some(b"/8191"))
        .origin(Some(b"https://app.example.com"))
        .access_control_request_method(Some(b"PUT"));
    let verdict = policy.decide(&request);
    assert_eq!(verdict.outcome(), Outcome::PreflightAllowed);
    let plan = &policy.plans()[verdict.plan()];
    let age = plan.lines(&request).find(|(name, _)| *name == "Access-Control-Max-Age");
    assert_eq!(age.map(|(_, value)| value), Some(&b"8191"[..]));
}
