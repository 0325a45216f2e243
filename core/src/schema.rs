//! The published JSON Schemas, made from the types and compared with the files in `schema/`. Set
//! `ONECORS_BLESS=1` to write the files.

use std::path::Path;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema, schema_for};

use crate::document::RuleDocument;
use crate::explanation::Explanation;

/// One CORS policy for every service. The document is either one rule, which governs every path, or
/// several, each with its paths.
#[derive(JsonSchema)]
#[schemars(untagged, title = "onecors policy document")]
#[expect(dead_code, reason = "a shape for the schema")]
enum PolicyDocument {
    Single(SingleRule),
    Rules(Rules),
}

/// One rule that governs every path.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
#[expect(dead_code, reason = "a shape for the schema")]
struct SingleRule {
    /// Where editors find this schema; ignored.
    #[schemars(
        rename = "$schema",
        default,
        skip_serializing_if = "Option::is_none",
        schema_with = "anything_but_null"
    )]
    schema: Option<()>,
    /// For people; ignored.
    #[schemars(
        default,
        skip_serializing_if = "Option::is_none",
        schema_with = "anything_but_null"
    )]
    description: Option<()>,
    #[schemars(flatten)]
    rule: RuleDocument,
}

/// Several rules. The rule with the most specific path pattern governs a path.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
#[expect(dead_code, reason = "a shape for the schema")]
struct Rules {
    /// Where editors find this schema; ignored.
    #[schemars(
        rename = "$schema",
        default,
        skip_serializing_if = "Option::is_none",
        schema_with = "anything_but_null"
    )]
    schema: Option<()>,
    /// For people; ignored.
    #[schemars(
        default,
        skip_serializing_if = "Option::is_none",
        schema_with = "anything_but_null"
    )]
    description: Option<()>,
    #[schemars(length(min = 1, max = 8_192))]
    rules: Vec<ListedRule>,
}

/// A rule with its paths.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
#[expect(dead_code, reason = "a shape for the schema")]
struct ListedRule {
    /// For people; ignored.
    #[schemars(
        default,
        skip_serializing_if = "Option::is_none",
        schema_with = "anything_but_null"
    )]
    description: Option<()>,
    /// What explanations and logs call the rule; unique in the document.
    #[schemars(default, skip_serializing_if = "Option::is_none", with = "String", length(min = 1))]
    name: Option<String>,
    /// The path patterns that the rule governs: literal segments, `{name}` for one segment, a last
    /// `/*` for this path and everything below it.
    #[schemars(length(min = 1), inner(pattern("^/")))]
    paths: Vec<String>,
    #[schemars(flatten)]
    rule: RuleDocument,
}

fn anything_but_null(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "not": { "type": "null" } })
}

#[test]
fn the_schema_of_the_document_is_the_published_one() {
    compare("policy.schema.json", schema_for!(PolicyDocument));
}

#[test]
fn the_schema_of_explanations_is_the_published_one() {
    compare("explanation.schema.json", schema_for!(Explanation));
}

#[test]
fn the_limits_of_the_schema_are_those_of_the_engine() {
    assert_eq!(crate::document::MAX_RULES, 8_192);
}

/// Compares a schema with the published file of this name.
fn compare(name: &str, schema: Schema) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("schema").join(name);
    // A build of the whole workspace keeps the keys in the order of writing, as the command needs it.
    let mut sorted = schema.to_value();
    sorted.sort_all_objects();
    let schema = Schema::try_from(sorted).unwrap();
    let text = serde_json::to_string_pretty(&schema).unwrap() + "\n";
    if std::env::var_os("ONECORS_BLESS").is_some() {
        std::fs::write(&path, &text).unwrap();
    }
    let published = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(published == text, "schema/{name} differs from the types: run with ONECORS_BLESS=1");
}
