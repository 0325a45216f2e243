//! Documents with more problems than are listed: which ones are, and that the others are counted.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use onecors_core::{MAX_PROBLEMS, Policy, Problems};

fn problems(document: &str) -> Problems {
    Policy::from_json(document).expect_err("the document has problems")
}

fn pointers(problems: &Problems) -> Vec<&str> {
    problems.into_iter().map(|problem| problem.pointer.as_str()).collect()
}

/// So many entries of a list.
fn entries(entry: &str, count: usize) -> String {
    vec![entry; count].join(",")
}

fn expected(list: &str, count: usize) -> Vec<String> {
    (0..count).map(|index| format!("{list}/{index}")).collect()
}

#[test]
fn as_many_problems_as_are_listed_leave_none_out() {
    for (count, omitted) in [(MAX_PROBLEMS, 0), (MAX_PROBLEMS + 1, 1)] {
        let document = format!(r#"{{ "allow_origins": [{}] }}"#, entries("\"x\"", count));
        let problems = problems(&document);
        assert_eq!((problems.len(), problems.iter().count()), (MAX_PROBLEMS, MAX_PROBLEMS));
        assert_eq!(problems.omitted(), omitted);
        let text = problems.to_string();
        assert!(text.starts_with(&format!("the policy document has {count} problems\n")));
        assert_eq!(text.ends_with("\n  ... and 1 more"), omitted == 1);
        let json: serde_json::Value = serde_json::from_str(&problems.to_json()).unwrap();
        assert_eq!(json.as_array().unwrap().len(), MAX_PROBLEMS);
    }
}

#[test]
fn the_first_ones_of_the_document_are_listed_however_late_they_are_found() {
    // Headers are looked at after origins, and paths last of all.
    let document = format!(
        r#"{{ "rules": [
            {{ "paths": [{}], "allow_headers": [{}], "allow_origins": [{}], "max_age": -1 }},
            {{ "max_age": -1, "paths": [{}], "allow_origins": [] }}
        ], "more": 1, "rules": 2 }}"#,
        entries("\"x\"", 300),
        entries("\"a b\"", 400),
        entries("\"x\"", 2_500),
        entries("\"x\"", 1_500),
    );
    let problems = problems(&document);
    let mut all = vec!["/rules".to_owned()];
    all.extend(expected("/rules/0/paths", 300));
    all.extend(expected("/rules/0/allow_headers", 400));
    all.extend(expected("/rules/0/allow_origins", MAX_PROBLEMS - all.len()));
    assert_eq!(pointers(&problems), all);
    let found = 1 + 300 + 400 + 2_500 + 1 + 1 + 1_500 + 1 + 1;
    assert_eq!(problems.omitted(), found - MAX_PROBLEMS);
}

#[test]
fn entries_of_a_wrong_type_are_all_counted() {
    for entry in ["1", "null", "true", "1.5", "[]", "[[1]]"] {
        for key in ["allow_methods", "dangerously_allow", "allow_origins"] {
            let document = format!(r#"{{ "{key}": [{}] }}"#, entries(entry, 3_000));
            let problems = problems(&document);
            assert_eq!(pointers(&problems)[..], expected(&format!("/{key}"), MAX_PROBLEMS)[..]);
            let missing = usize::from(key != "allow_origins");
            assert_eq!(problems.omitted(), 3_000 + missing - MAX_PROBLEMS, "{entry} in {key}");
        }
    }
    let rules = problems(&format!(r#"{{ "rules": [{}] }}"#, entries("1", 8_000)));
    assert_eq!(rules.omitted(), 8_000 - MAX_PROBLEMS);
    let rules = problems(&format!(r#"{{ "rules": [{}] }}"#, entries("1", 8_193)));
    assert_eq!(pointers(&rules), ["/rules/8192"]);
}

#[test]
fn what_comes_after_many_numbers_keeps_its_place() {
    let document = format!(
        r#"{{ "description": [{}, {{ "a": 1, "a": 2 }}, {}, {{ "b": 1, "b": 2 }}],
            "allow_origins": ["*"] }}"#,
        entries("1", 1_500),
        entries("null", 1_500),
    );
    assert_eq!(pointers(&problems(&document)), ["/description/1500/a", "/description/3001/b"]);
}

#[test]
fn unknown_and_repeated_keys_are_listed_where_they_stand() {
    let keys = |form: &str, count: usize| {
        let keys: Vec<_> = (0..count).map(|number| format!("\"{form}{number}\": 1,")).collect();
        keys.join("\n")
    };
    let document = format!(
        r#"{{ {} {} "max_age": -1, {} "z": 1 }}"#,
        keys("x", 600),
        keys("y", 300),
        keys("x", 600)
    );
    let problems = problems(&document);
    let listed = pointers(&problems);
    // A repeated key is a problem where it stands first.
    assert_eq!(listed[..4], ["/x0", "/x0", "/x1", "/x1"]);
    assert_eq!(listed[998..], ["/x499", "/x499"]);
    // Of max_age, z and the missing allow_origins one each.
    assert_eq!(problems.omitted(), 2 * 600 + 300 + 3 - MAX_PROBLEMS);
}

#[test]
fn pointers_that_are_very_long_are_not_listed_a_thousand_times() {
    let long = "long".repeat(25_000);
    let repeated = entries(r#""key": 1"#, 5_000);
    let document =
        format!(r#"{{ "allow_origins": ["*"], "{long}": {{ "inner": {{ {repeated} }} }} }}"#);
    let problems = problems(&document);
    let listed = problems.as_slice();
    assert_eq!(listed.len() + problems.omitted(), 1 + 4_999);
    let bytes: usize = listed.iter().map(|p| p.pointer.len() + p.message.len()).sum();
    assert!((1..MAX_PROBLEMS).contains(&listed.len()) && bytes <= 1 << 20, "{bytes} bytes");

    let document = format!(r#"{{ "allow_origins": ["*"], "{}": 1 }}"#, "long".repeat(500_000));
    let problems = Policy::from_json(&document).unwrap_err();
    assert_eq!((problems.as_slice().len(), problems.omitted()), (1, 0));
}
