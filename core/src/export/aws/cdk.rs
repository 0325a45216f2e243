//! A REST API of Amazon API Gateway, as the properties of CDK's own constructs for CloudFormation.

use serde_json::{Value, json};

use super::rest_api::RestApi;
use super::{errors, json_text};
use crate::export::{Facts, Options, Refusals, Target};

pub(in crate::export) const TARGET: Target = Target {
    name: "cdk-json",
    summary: "API Gateway, REST API: the properties of CDK's CfnMethod and CfnGatewayResponse, without ids",
    write,
};

fn write(facts: &Facts<'_>, options: &Options, refusals: &mut Refusals) -> String {
    let api = RestApi::of(facts, options, refusals);
    let methods: Vec<Value> = api
        .preflights
        .iter()
        .map(|preflight| json!({ "path": preflight.path, "props": preflight.method() }))
        .collect();
    let responses =
        errors::TYPES.map(|name| json!({ "responseType": name, "responseParameters": api.errors }));
    json_text(&json!({
        "comment": api.note,
        "methods": methods,
        "gatewayResponses": responses,
    }))
}
