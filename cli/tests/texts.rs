//! No text of the command or of an export shows untrusted text as it is.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "../../core/tests/corpus/mod.rs"]
mod corpus;

use std::ffi::OsString;

use corpus::Corpus;
use onecors_cli::{Status, export};
use onecors_core::Policy;
use serde_json::{Value, json};

/// Runs the command: its status, and what it writes to each stream.
fn run(args: &[OsString]) -> (Status, String, String) {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let status = onecors_cli::run(args.iter().cloned(), &mut out, &mut err);
    (status, String::from_utf8(out).unwrap(), String::from_utf8(err).unwrap())
}

#[test]
fn the_problems_of_a_file_are_printed_escaped() {
    let corpus = Corpus::read();
    let folder = tempfile::tempdir().unwrap();
    for (document, _) in corpus.refused() {
        let file = corpus.file(folder.path(), &document);
        let (status, out, err) = run(&["check".into(), file.into()]);
        assert_eq!((status, &*out), (Status::Refused, ""));
        corpus.require_clean(&err);
    }
}

/// Policies with all that can hold such a character, in every way that a target can say or refuse.
fn policies(corpus: &Corpus) -> Vec<Policy> {
    let hostile = corpus.hostile();
    let path = "/p\u{202e}\u{2028}\u{2066}\u{200f}\u{ad}\u{feff}";
    let regex = format!("(?x) https://a[0-9]\\.example\\.com #{}\n", hostile.replace('\n', ""));
    let rule = |path: &str, origins: Value| {
        json!({ "name": format!("{path}{hostile}"), "paths": [path], "allow_origins": origins, "max_age": 0,
                "allow_methods": ["OPTIONS", "REPORT"], "allow_headers": ["x-a"] })
    };
    let origins = || json!(["https://a.example", "http://[::1]:3000", "https://*.b.example:*", { "regex": regex }]);
    let credentials = |mut rule: Value| {
        rule["allow_credentials"] = json!(true);
        rule["allow_methods"] = json!(["*"]);
        rule["allow_headers"] = json!(["*"]);
        rule
    };
    let mut rules = vec![
        json!([rule("/*", json!(["https://a.example"]))]),
        json!([rule("/*", json!(["*"]))]),
        json!([rule("/*", origins())]),
        json!([credentials(rule("/*", json!(["https://a.example", "https://b.example"])))]),
        json!([
            rule(path, origins()),
            rule(&format!("{path}/"), json!(["*"])),
            rule("/*", json!(["*"]))
        ]),
        json!([rule(&format!("{path}/{{x}}/*"), json!(["https://a.example"]))]),
    ];
    // Lists that are too long for some target.
    let many: Vec<String> = (0..400).map(|n| format!("https://origin-{n}.example.com")).collect();
    rules.push(json!([rule("/*", json!(many))]));
    let policies = rules.into_iter().map(|rules| json!({ "rules": rules }).to_string());
    policies.map(|document| Policy::from_json(&document).unwrap()).collect()
}

#[test]
fn exports_and_their_refusals_are_escaped() {
    let corpus = Corpus::read();
    let (mut written, mut refused) = (0, 0);
    for policy in policies(&corpus) {
        for target in export::TARGETS {
            let choices = [
                export::GatewayResponses::Fixed,
                export::GatewayResponses::Authorizer,
                export::GatewayResponses::Reflect,
            ];
            for gateway_responses in choices {
                match target.export(
                    &policy,
                    &export::Options::default().gateway_responses(gateway_responses),
                ) {
                    Ok(text) => {
                        written += 1;
                        corpus.require_clean(&text);
                    }
                    Err(refusals) => {
                        refused += 1;
                        corpus.require_clean(&refusals.to_string());
                        for refusal in refusals.as_slice() {
                            corpus.require_clean_line(&refusal.message);
                            corpus.require_clean_line(&refusal.help);
                        }
                    }
                }
            }
        }
    }
    assert!(written >= 40 && refused >= 40, "{written} written, {refused} refused");
}

#[test]
fn the_command_escapes_files_and_arguments() {
    let corpus = Corpus::read();
    let folder = tempfile::tempdir().unwrap();
    let document = json!({ "rules": [{
        "name": corpus.hostile(), "paths": ["/*"], "allow_origins": ["https://*.example.com"] }]});
    let file = corpus.file(folder.path(), document.to_string().as_bytes()).into_os_string();
    let hostile: OsString = corpus.hostile().replace('\0', "").into();
    let mut missing = hostile.clone();
    missing.push("missing");
    let mut option = OsString::from("--");
    option.push(&hostile);
    let text = OsString::from;
    for args in [
        vec![hostile.clone()],
        vec![option.clone()],
        vec![text("check"), missing.clone()],
        vec![text("check"), file.clone(), hostile.clone()],
        vec![text("check"), option.clone()],
        vec![text("export"), file.clone(), text("--to"), hostile.clone()],
        vec![text("export"), file.clone(), text("--to"), text("aws-http")],
        vec![text("export"), missing, text("--to"), text("kong")],
        vec![text("export"), file.clone(), option, text("--to"), text("kong")],
        vec![
            text("export"),
            file.clone(),
            text("--to=sam"),
            text("--gateway-responses"),
            hostile.clone(),
        ],
        vec![
            text("export"),
            file.clone(),
            text("--to=kong"),
            text("-o"),
            folder.path().join("no/").join(&hostile).into(),
        ],
    ] {
        let (status, out, err) = run(&args);
        assert!(status != Status::Done && out.is_empty() && !err.is_empty(), "{args:?}");
        corpus.require_clean(&err);
    }
    let (status, out, err) = run(&[text("export"), file, text("--to=nginx")]);
    assert_eq!((status, &*err), (Status::Done, ""));
    corpus.require_clean(&out);
}

/// Bytes that are not UTF-8 are shown, too.
#[cfg(unix)]
#[test]
fn a_file_name_that_is_not_utf8_is_escaped() {
    use std::os::unix::ffi::OsStringExt;

    let name = OsString::from_vec(b"no\xff\x9b.json".to_vec());
    let (_, _, err) = run(&["check".into(), name]);
    assert!(err.starts_with(r#"onecors: cannot read "no\xff\x9b.json": "#), "{err}");
}
