//! Exports to AWS.
//!
//! Four of them are one: Amazon API Gateway's REST API, as CloudFormation, SAM, CDK and OpenAPI write
//! it. Preflights are answered there by the gateway (`template.rs`), at each resource that the policy
//! governs (`resources.rs`), and the gateway's own errors get their headers (`errors.rs`).
//! Responses to actual requests are the integration's, since nothing can be mapped in a proxy
//! integration: the service behind it answers with an adapter of onecors.

pub(super) mod cdk;
pub(super) mod cloudfront;
mod errors;
mod function;
pub(super) mod function_url;
pub(super) mod http;
pub(super) mod openapi;
mod resources;
pub(super) mod rest;
mod rest_api;
pub(super) mod sam;
mod template;

use onecors_core::text::escape_json;
use serde_json::Value;

use super::Refusals;

/// The targets that are REST APIs, whose gateway answers some requests by itself.
pub(super) const REST_APIS: [&str; 4] =
    [rest::TARGET.name, sam::TARGET.name, cdk::TARGET.name, openapi::TARGET.name];

/// The most bytes of a template (quotas of CloudFormation).
const MOST_TEMPLATE_BYTES: usize = 1_000_000;

/// JSON as people read it, with a line's end.
fn json_text(value: &Value) -> String {
    escape_json(format!("{value:#}\n"))
}

/// Refuses a template that CloudFormation would not read.
fn refuse_template_size(text: &str, refusals: &mut Refusals) {
    if text.len() > MOST_TEMPLATE_BYTES {
        refusals.push(
            "",
            format!(
                "the template has {} bytes, and CloudFormation accepts at most {MOST_TEMPLATE_BYTES}",
                text.len()
            ),
            "cover origins by wildcards, or export to openapi",
        );
    }
}
