//! A REST API of Amazon API Gateway, in the language of CloudFormation.

use serde_json::{Map, Value, json};

use super::json_text;
use super::rest_api::{self, RestApi};
use super::{errors, refuse_template_size};
use crate::export::{Facts, Options, Refusals, Target};

/// The most parameters of a template (quotas of CloudFormation), one of which is the API.
const MOST_RESOURCES: usize = 199;

pub(in crate::export) const TARGET: Target = Target {
    name: "aws-rest",
    summary: "API Gateway, REST API: a CloudFormation template for resources that exist; deploy the stage after it",
    write,
};

fn write(facts: &Facts<'_>, options: &Options, refusals: &mut Refusals) -> String {
    let api = RestApi::of(facts, options, refusals);
    if api.preflights.len() > MOST_RESOURCES {
        refusals.push(
            "/rules",
            format!(
                "the paths need {} resources, and a template has at most {MOST_RESOURCES} parameters \
                 for them",
                api.preflights.len()
            ),
            "export to openapi, which names paths instead",
        );
    }
    let id = json!({ "Ref": "RestApiId" });
    let mut parameters = Map::new();
    parameters.insert(
        "RestApiId".into(),
        json!({ "Type": "String", "Description": "The id of the REST API" }),
    );
    let mut resources = Map::new();
    for (number, preflight) in api.preflights.iter().enumerate() {
        let name = format!("Resource{number}");
        let description = format!("The id of the resource {}", preflight.path);
        let mut properties = json!({
            "RestApiId": id,
            "ResourceId": { "Ref": &*name },
        });
        rest_api::extend(&mut properties, pascal_case(preflight.method()));
        let method = json!({ "Type": "AWS::ApiGateway::Method", "Properties": properties });
        parameters.insert(name, json!({ "Type": "String", "Description": description }));
        resources.insert(format!("Preflight{number}"), method);
    }
    for response_type in errors::TYPES {
        let properties = json!({
            "RestApiId": id,
            "ResponseType": response_type,
            "ResponseParameters": api.errors,
        });
        let response =
            json!({ "Type": "AWS::ApiGateway::GatewayResponse", "Properties": properties });
        resources.insert(response_type.replace('_', ""), response);
    }
    let text = json_text(&json!({
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": api.note,
        "Parameters": parameters,
        "Resources": resources,
    }));
    refuse_template_size(&text, refusals);
    text
}

/// The same with the names of CloudFormation: a capital at the beginning. Headers and media types are
/// no names of it.
fn pascal_case(value: Value) -> Value {
    match value {
        Value::Array(items) => items.into_iter().map(pascal_case).collect(),
        Value::Object(members) => {
            let members = members.into_iter().map(|(name, value)| {
                if name.contains(['.', '/']) {
                    return (name, value);
                }
                let (first, rest) = name.split_at(1);
                (first.to_ascii_uppercase() + rest, pascal_case(value))
            });
            Value::Object(members.collect())
        }
        other => other,
    }
}
