//! No text for people shows untrusted text as it is: no control character, no line end, no mark that turns
//! the direction. What is of the document is exact in its fields.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod corpus;

use corpus::{Corpus, request_of};
use onecors_core::{Policy, Problems, Request};
use serde_json::{Value, json};

/// The text of an error has the lines that the engine gives it: one for each problem, and for each help.
fn require_clean_problems(corpus: &Corpus, problems: &Problems) {
    let text = problems.to_string();
    corpus.require_clean(&text);
    let helps = problems.as_slice().iter().filter(|problem| problem.help.is_some()).count();
    assert_eq!(text.lines().count(), 1 + problems.as_slice().len() + helps, "{text}");
    for problem in problems.as_slice() {
        corpus.require_clean_line(&problem.message);
    }
    let json = problems.to_json();
    corpus.require_clean_line(&json);
    let read: Value = serde_json::from_str(&json).unwrap();
    let pointers = problems.as_slice().iter().map(|problem| json!(problem.pointer));
    let read = read.as_array().unwrap().iter().map(|problem| problem["pointer"].clone());
    assert_eq!(read.collect::<Vec<_>>(), pointers.collect::<Vec<_>>());
}

#[test]
fn problems_are_printed_escaped_and_point_exactly() {
    let corpus = Corpus::read();
    for (document, pointer) in corpus.refused() {
        let problems = Policy::from_slice(&document).unwrap_err();
        assert!(problems.as_slice().iter().any(|problem| problem.pointer == pointer), "{problems}");
        require_clean_problems(&corpus, &problems);
    }
}

/// Each character in each place of a document that takes a text.
#[test]
fn every_place_of_a_document_is_printed_escaped() {
    let corpus = Corpus::read();
    let hostile = corpus.hostile();
    let characters = hostile.chars().map(|character| character.to_string());
    for text in characters.chain([hostile.clone()]) {
        let rule = |key: &str, value: Value| {
            let mut rule = json!({ "paths": ["/a"], "allow_origins": ["https://a.example"] });
            rule[key] = value;
            rule
        };
        for value in ["", "https://", "https://*.", "https://a.example:", "*", "@", "/", "/{", "/%"]
            .map(|before| json!(format!("{before}{text}x")))
            .into_iter()
            .chain(
                ["(", "(?x)", "[a", "https://a\\."]
                    .map(|regex| json!({ "regex": format!("{regex}{text}") })),
            )
            .chain([
                json!({ "regex": "a", format!("x{text}"): 1 }),
                json!({ format!("x{text}"): 1 }),
            ])
        {
            let mut documents = vec![json!({ format!("x{text}"): value })];
            for key in [
                "allow_origins",
                "allow_methods",
                "allow_headers",
                "expose_headers",
                "dangerously_allow",
                "paths",
            ] {
                documents.push(json!({ "rules": [rule(key, json!([value, value]))] }));
            }
            for key in ["name", "max_age", "allow_credentials", "allow_origins"] {
                let rule = rule(key, value.clone());
                documents.push(json!({ "rules": [rule, rule], format!("x{text}"): value }));
            }
            for document in documents {
                if let Err(problems) = Policy::from_json(&document.to_string()) {
                    require_clean_problems(&corpus, &problems);
                }
            }
        }
    }
}

#[test]
fn explanations_are_escaped_and_exact_in_their_fields() {
    let corpus = Corpus::read();
    for case in corpus.cases().filter(|case| case["request"].is_object()) {
        let policy = Policy::from_json(&case["document"].to_string()).unwrap();
        let story = policy.explain(&request_of(case));
        assert!(story.reason.is_some(), "{case}");
        corpus.require_clean_line(&story.summary);
        corpus.require_clean_line(story.advice.as_deref().unwrap());
        corpus.require_clean_line(story.browser_message.as_deref().unwrap());
        for check in &story.checks {
            corpus.require_clean_line(&check.expected);
            corpus.require_clean_line(check.received.as_deref().unwrap_or_default());
        }
        corpus.require_clean_line(&story.to_json());
        let read: Value = serde_json::from_str(&story.to_json()).unwrap();
        assert_eq!(read, serde_json::to_value(&story).unwrap());

        let rule = story.rule.unwrap();
        assert_eq!(rule.name.as_deref(), case["rule"].as_str());
        assert_eq!(rule.path_pattern.as_deref(), case["path_pattern"].as_str());
        let miss = story.nearest_miss.map(|miss| miss.pattern);
        assert_eq!(miss.as_deref(), case["nearest_miss"].as_str());
    }
}

#[test]
fn nothing_of_the_document_is_cut_in_an_explanation() {
    // As many bytes as a preflight may ask for.
    let mut headers: Vec<String> = (0..62).map(|n| format!("{n:<126}").replace(' ', "-")).collect();
    headers.push("x".repeat(8_192 - 62 * 128));
    let base =
        format!("{}.example.com", ["a".repeat(60), "b".repeat(60), "c".repeat(60)].join("."));
    let document = json!({ "rules": [{
        "name": "n".repeat(1_000), "paths": ["/*"], "allow_credentials": true, "allow_headers": ["*", "authorization"],
        "allow_origins": [format!("https://{base}")], "allow_methods": headers, "expose_headers": headers,
    }]});
    let policy = Policy::from_json(&document.to_string()).unwrap();
    let asked = headers.join(",\t");
    let origin = format!("https://{base}");
    let preflight = Request::default()
        .method(Some(b"OPTIONS"))
        .path(Some(b"/"))
        .origin(Some(origin.as_bytes()))
        .access_control_request_method(Some(b"GET"))
        .access_control_request_headers(Some(asked.as_bytes()));
    let story = policy.explain(&preflight);
    let lines = policy.plans()[story.verdict().plan()].lines(&preflight);
    for ((name, value), (shown_name, shown)) in lines.zip(&story.headers) {
        let value = String::from_utf8(value.to_vec()).unwrap();
        assert_eq!((name, value.replace('\t', "\\u{9}")), (&**shown_name, shown.clone()));
    }

    // Nobody who sends requests chooses how much is told.
    let long = "A".repeat(1 << 20);
    let any = r#"{ "allow_origins": ["https://a.example"], "allow_credentials": true, "allow_methods": ["*"] }"#;
    let story = Policy::from_json(any).unwrap().explain(
        &preflight
            .origin(Some(b"https://a.example"))
            .access_control_request_method(Some(long.as_bytes()))
            .access_control_request_headers(None),
    );
    assert!(story.status == Some(204) && story.to_json().len() < 10_000);

    let near = format!("http://{base}");
    let story = policy.explain(&preflight.origin(Some(near.as_bytes())));
    let miss = story.nearest_miss.unwrap();
    assert_eq!((&miss.covered_origin, &miss.pattern), (&origin, &origin));
    assert_eq!(story.rule.unwrap().name, Some("n".repeat(1_000)));
    for text in [story.summary, story.advice.unwrap()] {
        assert!(text.contains(&format!("\"{origin}\"")), "{text}");
    }
}
