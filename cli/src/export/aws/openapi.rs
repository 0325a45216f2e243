//! A REST API of Amazon API Gateway, as OpenAPI with its extensions.

use serde_json::{Map, Value, json};

use super::rest_api::{Preflight, RestApi};
use super::{errors, json_text};
use crate::export::{Facts, Options, Refusals, Target};

pub(in crate::export) const TARGET: Target = Target {
    name: "openapi",
    summary: "API Gateway, REST API: OpenAPI for aws apigateway put-rest-api --mode merge; deploy the stage after it",
    write,
};

fn write(facts: &Facts<'_>, options: &Options, refusals: &mut Refusals) -> String {
    json_text(&document(&RestApi::of(facts, options, refusals)))
}

/// The document.
pub(super) fn document(api: &RestApi) -> Value {
    let paths = api
        .preflights
        .iter()
        .map(|preflight| (preflight.path.clone(), json!({ "options": operation(preflight) })));
    let paths: Map<String, Value> = paths.collect();
    let errors =
        errors::TYPES.map(|name| (name.to_owned(), json!({ "responseParameters": api.errors })));
    json!({
        "openapi": "3.0.1",
        "info": { "title": "CORS", "version": "1", "description": api.note },
        "paths": paths,
        "x-amazon-apigateway-gateway-responses": Map::from_iter(errors),
    })
}

fn operation(preflight: &Preflight) -> Value {
    let parameters: Vec<_> = preflight
        .path
        .split('/')
        .filter_map(|segment| segment.strip_prefix('{')?.strip_suffix('}'))
        .map(|name| {
            let name = name.trim_end_matches('+');
            json!({ "name": name, "in": "path", "required": true, "schema": { "type": "string" } })
        })
        .collect();
    let responses = preflight.responses().map(|(status, names)| {
        let headers = names.iter().map(|name| (*name, json!({ "schema": { "type": "string" } })));
        let headers: Map<_, _> = headers.map(|(name, value)| (name.to_owned(), value)).collect();
        let description = if status == "403" { "Denied" } else { "Allowed" };
        (status.to_owned(), json!({ "description": description, "headers": headers }))
    });
    json!({
        "summary": format!("The preflights of {}", preflight.rule),
        "security": [],
        "parameters": parameters,
        "responses": Map::from_iter(responses),
        "x-amazon-apigateway-integration": integration(preflight),
    })
}

/// The integration, as the extension writes it: words in lower case, and responses by a pattern.
fn integration(preflight: &Preflight) -> Value {
    let mut integration = preflight.integration();
    integration["type"] = json!("mock");
    integration["passthroughBehavior"] = json!("never");
    if let Some(members) = integration.as_object_mut() {
        let responses = members.shift_remove("integrationResponses").unwrap_or_default();
        members.insert("responses".into(), json!({ "default": responses[0] }));
    }
    integration
}
