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

/// A deployment of API Gateway is a copy of the API as it was, and CDK makes none for what stands beside its
/// own constructs.
const DEPLOYMENT: &str = "Make the deployment of the API depend on each of these (node.addDependency), \
                          and add each one to its logical id (addToLogicalId): a stage goes on without \
                          what its deployment does not know.";

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
        "comment": format!("{DEPLOYMENT} {}", api.note),
        "methods": methods,
        "gatewayResponses": responses,
    }))
}
