//! A REST API of Amazon API Gateway, in a template of the Serverless Application Model.

use serde_json::json;

use super::openapi::document;
use super::rest_api::RestApi;
use super::{json_text, refuse_template_size};
use crate::export::{Facts, Options, Refusals, Target};

pub(in crate::export) const TARGET: Target = Target {
    name: "sam",
    summary: "API Gateway, REST API: a SAM template with an AWS::Serverless::Api, which functions' events join",
    write,
};

/// What SAM makes of events beside the paths of a definition.
const EVENTS: &str = "Write an event for each method of a function: SAM merges \"Method: ANY\" as a method \
                      of that name, which API Gateway does not have. A path that only an event has is \
                      given no OPTIONS.";

fn write(facts: &Facts<'_>, options: &Options, refusals: &mut Refusals) -> String {
    let api = RestApi::of(facts, options, refusals);
    let text = json_text(&json!({
        "AWSTemplateFormatVersion": "2010-09-09",
        "Transform": "AWS::Serverless-2016-10-31",
        "Description": format!("{EVENTS} {}", api.note),
        "Parameters": { "StageName": { "Type": "String", "Default": "prod" } },
        "Resources": {
            "Api": {
                "Type": "AWS::Serverless::Api",
                "Properties": {
                    "StageName": { "Ref": "StageName" },
                    "OpenApiVersion": "3.0.1",
                    "MergeDefinitions": true,
                    "Auth": {
                        "AddDefaultAuthorizerToCorsPreflight": false,
                        "AddApiKeyRequiredToCorsPreflight": false,
                    },
                    "DefinitionBody": document(&api),
                },
            },
        },
    }));
    refuse_template_size(&text, refusals);
    text
}
