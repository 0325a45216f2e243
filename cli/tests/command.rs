//! The command line.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::ffi::OsString;
use std::fs;

use onecors_cli::Status;

const POLICY: &str = r#"{ "allow_origins": ["https://app.example.com"] }"#;

/// Runs the command: its status, and what it writes to each stream.
fn run(args: &[&str]) -> (Status, String, String) {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let status = onecors_cli::run(args.iter().map(OsString::from), &mut out, &mut err);
    (status, String::from_utf8(out).unwrap(), String::from_utf8(err).unwrap())
}

/// What the front page shows is what the command prints.
#[test]
fn the_readme_shows_the_output() {
    let page = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../README.md")).unwrap();
    let (_, rest) = page.split_once("## What a mistake looks like").unwrap();
    let block = |language: &str| {
        let (_, rest) = rest.split_once(&format!("```{language}\n")).unwrap();
        rest.split_once("```").unwrap().0.to_owned()
    };
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("policy.json");
    fs::write(&file, block("json")).unwrap();
    let (status, out, err) = run(&["check", file.to_str().unwrap()]);
    assert_eq!((status, out.as_str()), (Status::Refused, ""));
    assert_eq!(block("console"), format!("$ onecors check policy.json\n{err}"));
}

#[test]
fn a_document_is_checked() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("policy.json");
    let name = file.to_str().unwrap();
    fs::write(&file, POLICY).unwrap();
    assert_eq!(run(&["check", name]), (Status::Done, String::new(), String::new()));
    fs::write(&file, r#"{ "allow_origins": ["https://app.example.com/"], "max_age": -1 }"#)
        .unwrap();
    let (status, out, err) = run(&["check", name]);
    assert_eq!((status, out.as_str()), (Status::Refused, ""));
    assert!(err.contains("/allow_origins/0") && err.contains("/max_age"), "{err}");
}

#[test]
fn an_export_goes_to_the_output_or_to_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("policy.json");
    let output = folder.path().join("cors.json");
    let (name, output_name) = (file.to_str().unwrap(), output.to_str().unwrap());
    fs::write(&file, POLICY).unwrap();
    let (status, out, err) = run(&["export", name, "--to", "aws-http"]);
    assert_eq!((status, err.as_str()), (Status::Done, ""));
    assert!(out.contains("\"AllowOrigins\""), "{out}");
    let written = run(&["export", name, "--to=aws-http", "-o", output_name]);
    assert_eq!(written, (Status::Done, String::new(), String::new()));
    assert_eq!(fs::read_to_string(&output).unwrap(), out);
}

#[test]
fn what_a_target_cannot_express_writes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("policy.json");
    let output = folder.path().join("cors.json");
    fs::write(&file, r#"{ "allow_origins": ["https://*.example.com"] }"#).unwrap();
    let (name, output_name) = (file.to_str().unwrap(), output.to_str().unwrap());
    let (status, out, err) = run(&["export", name, "--to", "aws-http", "--output", output_name]);
    assert_eq!((status, out.as_str()), (Status::Refused, ""));
    assert!(err.contains("/allow_origins/0: ") && err.contains("\n    help: "), "{err}");
    assert!(!output.exists());
}

#[test]
fn a_usage_error_says_what_to_write() {
    for (args, expected) in [
        (&[][..], "missing command (check, export)"),
        (&["chek"], "unknown command \"chek\""),
        (&["check"], "needs the path"),
        (&["check", "a", "b"], "\"b\""),
        (&["check", "no such file"], "cannot read no such file"),
        (&["export", "a"], "needs --to TARGET, one of: aws-rest, "),
        (&["export", "a", "--to", "aws"], "unknown target \"aws\"; the targets are aws-rest, "),
        (&["export", "--to", "aws-http"], "needs the path"),
        (
            &["export", "a", "--to", "aws-rest", "--gateway-responses", "none"],
            "fixed, authorizer or reflect",
        ),
        (
            &["export", "a", "--to", "aws-http", "--gateway-responses", "fixed"],
            "does not apply to aws-http",
        ),
        (&["--verbose"], "--verbose"),
    ] {
        let (status, out, err) = run(args);
        assert_eq!((status, out.as_str()), (Status::Failed, ""), "{args:?}");
        assert!(err.contains(expected), "{args:?}: {err}");
    }
}

#[test]
fn the_help_names_every_target() {
    let (status, out, err) = run(&["--help"]);
    assert_eq!((status, err.as_str()), (Status::Done, ""));
    for target in onecors_cli::export::TARGETS {
        assert!(out.contains(&format!("\n  {} ", target.name)), "{out}");
    }
}
