//! Amazon CloudFront: a response headers policy for responses, those with errors too, and a function
//! that answers preflights, which the policy does not.
//!
//! CloudFront knows `*.example.org` in its lists of origins, and no documentation says which schemes,
//! ports and depths of names that covers: it is refused.

use serde_json::{Value, json};

use super::function::function;
use super::json_text;
use crate::export::fixed::{self, Fixed};
use crate::export::{Facts, Options, Refusals, RuleView, Target};

const SYSTEM: &str = "a response headers policy of CloudFront";

/// The methods that the service takes (API reference of CloudFront). `ALL` stands for these, not for
/// any.
const METHODS: [&str; 7] = ["GET", "DELETE", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"];

/// The most bytes of a header's value (quotas of CloudFront).
const MOST_VALUE_BYTES: usize = 1_783;

pub(in crate::export) const TARGET: Target = Target {
    name: "cloudfront",
    summary: "CloudFront: a CloudFormation template with a response headers policy and a function for preflights",
    write,
};

/// The behaviour of a distribution takes both; it must let OPTIONS in.
fn write(facts: &Facts<'_>, _: &Options, refusals: &mut Refusals) -> String {
    let mut fixed = Fixed { system: SYSTEM, refusals };
    let Some(rule) = fixed.only_rule(facts) else { return String::new() };
    let origins = fixed.web_origins(rule);
    let methods = fixed.methods(rule);
    let headers = fixed.headers(rule);
    let exposed = fixed::exposed(rule);
    refuse_methods(rule, &methods, fixed.refusals);
    for (key, names) in [("allow_headers", &headers), ("expose_headers", &exposed)] {
        refuse_long(rule, key, names, fixed.refusals);
    }
    let code = function(rule, &methods, &headers, fixed.refusals);
    let mut cors = json!({
        "AccessControlAllowOrigins": { "Items": origins },
        "AccessControlAllowCredentials": rule.credentials,
        "AccessControlAllowMethods": { "Items": methods },
        "AccessControlAllowHeaders": {
            "Items": if headers.is_empty() { vec![fixed::NO_HEADER] } else { headers },
        },
        "AccessControlMaxAgeSec": fixed::max_age(rule),
        "OriginOverride": true,
    });
    if !exposed.is_empty() {
        cors["AccessControlExposeHeaders"] = json!({ "Items": exposed });
    }
    json_text(&template(&cors, &code))
}

fn template(cors: &Value, code: &str) -> Value {
    json!({
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": "Set both on each behaviour of the distribution, and let it allow OPTIONS. The \
                        policy replaces CORS headers of the origin, on errors too.",
        "Resources": {
            "ResponseHeaders": {
                "Type": "AWS::CloudFront::ResponseHeadersPolicy",
                "Properties": {
                    "ResponseHeadersPolicyConfig": {
                        "Name": { "Fn::Sub": "${AWS::StackName}-cors" },
                        "CorsConfig": cors,
                    },
                },
            },
            "Preflights": {
                "Type": "AWS::CloudFront::Function",
                "Properties": {
                    "Name": { "Fn::Sub": "${AWS::StackName}-preflights" },
                    "AutoPublish": true,
                    "FunctionConfig": {
                        "Comment": "Answers CORS preflights",
                        "Runtime": "cloudfront-js-2.0",
                    },
                    "FunctionCode": code,
                },
            },
        },
        "Outputs": {
            "ResponseHeadersPolicyId": {
                "Description": "For ResponseHeadersPolicyId of a behaviour",
                "Value": { "Ref": "ResponseHeaders" },
            },
            "PreflightFunctionArn": {
                "Description": "For FunctionAssociations of a behaviour, with viewer-request",
                "Value": { "Fn::GetAtt": ["Preflights", "FunctionMetadata.FunctionARN"] },
            },
        },
    })
}

fn refuse_methods(rule: &RuleView<'_>, methods: &[&str], refusals: &mut Refusals) {
    for method in methods.iter().filter(|method| !METHODS.contains(method)) {
        refusals.push(
            rule.key_pointer("allow_methods"),
            format!("{} allows {method}, which {SYSTEM} has no way to say", rule.label()),
            format!("{} can; or let the services answer through the adapters", METHODS.join(", ")),
        );
    }
}

fn refuse_long(rule: &RuleView<'_>, key: &str, names: &[&str], refusals: &mut Refusals) {
    let bytes = names.join(", ").len();
    if bytes > MOST_VALUE_BYTES {
        refusals.push(
            rule.key_pointer(key),
            format!(
                "{} has {bytes} bytes in {key}, and CloudFront sends at most {MOST_VALUE_BYTES} in a \
                 header",
                rule.label()
            ),
            "list fewer names",
        );
    }
}
