//! Amazon API Gateway's HTTP API, which answers preflights and sets all headers by one fixed
//! configuration.

use serde_json::json;

use super::json_text;
use crate::export::fixed::{self, Fixed};
use crate::export::{Facts, Options, Refusals, Target};

const SYSTEM: &str = "an HTTP API of API Gateway";

pub(in crate::export) const TARGET: Target = Target {
    name: "aws-http",
    summary: "API Gateway, HTTP API: input of aws apigatewayv2 update-api --api-id ID --cli-input-json",
    write,
};

/// The services' own CORS headers are ignored by the gateway from then on.
fn write(facts: &Facts<'_>, _: &Options, refusals: &mut Refusals) -> String {
    let mut fixed = Fixed { system: SYSTEM, refusals };
    let Some(rule) = fixed.only_rule(facts) else { return String::new() };
    fixed::refuse_options(rule, SYSTEM, fixed.refusals);
    let mut cors = json!({
        "AllowOrigins": fixed.web_origins(rule),
        "AllowCredentials": rule.credentials,
        "AllowMethods": fixed.methods(rule),
        "MaxAge": fixed::max_age(rule),
    });
    let lists = [("AllowHeaders", fixed.headers(rule)), ("ExposeHeaders", fixed::exposed(rule))];
    for (key, names) in lists.into_iter().filter(|(_, names)| !names.is_empty()) {
        cors[key] = json!(names);
    }
    json_text(&json!({ "CorsConfiguration": cors }))
}
