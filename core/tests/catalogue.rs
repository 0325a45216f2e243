//! The codes and limits of the engine as data, for the tests of the bindings. Set `ONECORS_BLESS=1`
//! to write the file.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::Path;

use onecors_core::{Code, MAX_DOCUMENT_BYTES, Outcome, Reason, Slot};
use serde_json::{Map, Value, json};

#[test]
fn the_documentation_lists_every_problem() {
    let row = |code: Code| format!("| `{}` | {} |\n", code.as_str(), code.text());
    let rows: String = Code::all().map(row).collect();
    let table = format!("| code | what is wrong: the offending text, then |\n|---|---|\n{rows}");
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/policy.md");
    let page = std::fs::read_to_string(&path).unwrap();
    let (begin, end) = ("<!-- problems: begin -->\n", "<!-- problems: end -->");
    let (before, rest) = page.split_once(begin).unwrap();
    let (published, after) = rest.split_once(end).unwrap();
    if std::env::var_os("ONECORS_BLESS").is_some() {
        std::fs::write(&path, format!("{before}{begin}{table}{end}{after}")).unwrap();
    } else {
        assert_eq!(published, table, "docs/policy.md differs: run with ONECORS_BLESS=1");
    }
}

#[test]
fn the_catalogue_is_the_engines() {
    let numbers = |pairs: Vec<(&str, u8)>| -> Map<String, Value> {
        pairs.into_iter().map(|(name, number)| (name.to_owned(), json!(number))).collect()
    };
    let mut catalogue = json!({
        "outcomes": numbers(Outcome::ALL.map(|o| (o.as_str(), o as u8)).into()),
        "reasons": numbers(Reason::ALL.map(|r| (r.as_str(), r as u8)).into()),
        "slots": numbers(Slot::ALL.map(|s| (s.as_str(), s as u8)).into()),
        "problems": Code::all().map(Code::as_str).collect::<Vec<_>>(),
        "max_document_bytes": MAX_DOCUMENT_BYTES,
    });
    // A build of the whole workspace keeps the keys in the order of writing, as the command needs it.
    catalogue.sort_all_objects();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/conformance/catalogue.json");
    let text = serde_json::to_string_pretty(&catalogue).unwrap() + "\n";
    if std::env::var_os("ONECORS_BLESS").is_some() {
        std::fs::write(&path, &text).unwrap();
    }
    let published = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(published == text, "{} differs: run with ONECORS_BLESS=1", path.display());
}
