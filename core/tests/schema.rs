//! The published schema against the conformance vectors: editors accept what the engine loads, and
//! flag a wrong key, type or number while it is typed.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::Path;

use serde_json::Value;

/// What a schema can see. Every other problem needs more than the shape of a document.
const SHAPES: &[&str] = &[
    "unknown_key",
    "missing_key",
    "wrong_type",
    "empty_list",
    "empty_name",
    "key_beside_rules",
    "max_age_out_of_bounds",
    "preflight_status_out_of_bounds",
    "unknown_opt_out",
];

fn read(path: &Path) -> Value {
    let text = std::fs::read_to_string(path).unwrap();
    serde_json::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// The documents of the vectors that are given as JSON, with the codes of their problems.
fn documents(root: &Path) -> Vec<(Value, Vec<String>)> {
    let mut documents = Vec::new();
    for entry in std::fs::read_dir(root.join("documents")).unwrap() {
        for case in read(&entry.unwrap().path())["cases"].as_array().unwrap() {
            let codes = case["problems"].as_array().unwrap().iter();
            let codes = codes.map(|problem| problem["code"].as_str().unwrap().to_owned()).collect();
            if let Some(document) = case.get("document") {
                documents.push((document.clone(), codes));
            }
        }
    }
    for entry in std::fs::read_dir(root.join("decisions")).unwrap() {
        for group in read(&entry.unwrap().path())["groups"].as_array().unwrap() {
            documents.push((group["policy"].clone(), Vec::new()));
        }
    }
    documents
}

#[test]
fn the_schema_agrees_with_the_engine_on_shapes() {
    let core = Path::new(env!("CARGO_MANIFEST_DIR"));
    let schema = jsonschema::validator_for(&read(&core.join("schema/policy.schema.json"))).unwrap();
    let (mut accepted, mut flagged) = (0, 0);
    for (document, codes) in documents(&core.join("../tests/conformance")) {
        let valid = schema.is_valid(&document);
        if codes.is_empty() {
            assert!(valid, "the schema flags a document that loads: {document}");
            accepted += 1;
        } else if codes.iter().any(|code| SHAPES.contains(&code.as_str())) {
            assert!(!valid, "the schema accepts {codes:?}: {document}");
            flagged += 1;
        }
    }
    assert!(accepted > 100 && flagged > 50, "{accepted} accepted and {flagged} flagged");
}
