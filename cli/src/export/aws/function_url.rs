//! Lambda's function URLs, which answer preflights and set all headers by one fixed configuration.

use serde_json::json;

use super::json_text;
use crate::export::fixed::{self, Fixed};
use crate::export::{Facts, Options, Refusals, RuleView, Target};

const SYSTEM: &str = "a function URL of Lambda";

/// What the service takes (API reference of Lambda, "Cors").
const METHODS: [&str; 7] = ["GET", "PUT", "HEAD", "POST", "PATCH", "DELETE", "*"];
const MOST_ITEMS: usize = 100;
const LONGEST_ORIGIN: usize = 253;
const LONGEST_NAME: usize = 1_024;

pub(in crate::export) const TARGET: Target = Target {
    name: "aws-function-url",
    summary: "Lambda function URL: input of aws lambda update-function-url-config --function-name NAME --cli-input-json",
    write,
};

/// The function must then have no adapter of its own: function URLs send both answers' lines.
fn write(facts: &Facts<'_>, _: &Options, refusals: &mut Refusals) -> String {
    let mut fixed = Fixed { system: SYSTEM, refusals };
    let Some(rule) = fixed.only_rule(facts) else { return String::new() };
    let origins = fixed.web_origins(rule);
    let methods = fixed.methods(rule);
    let headers = fixed.headers(rule);
    let exposed = fixed::exposed(rule);
    refuse_methods(rule, &methods, fixed.refusals);
    for (key, list) in
        [("allow_origins", &origins), ("allow_headers", &headers), ("expose_headers", &exposed)]
    {
        let longest = if key == "allow_origins" { LONGEST_ORIGIN } else { LONGEST_NAME };
        refuse_size(rule, key, list, longest, fixed.refusals);
    }
    let mut cors = json!({
        "AllowOrigins": origins,
        "AllowCredentials": rule.credentials,
        "AllowMethods": methods,
        "MaxAge": fixed::max_age(rule),
    });
    let lists = [("AllowHeaders", headers), ("ExposeHeaders", exposed)];
    for (key, names) in lists.into_iter().filter(|(_, names)| !names.is_empty()) {
        cors[key] = json!(names);
    }
    json_text(&json!({ "Cors": cors }))
}

fn refuse_methods(rule: &RuleView<'_>, methods: &[&str], refusals: &mut Refusals) {
    for method in methods.iter().filter(|method| !METHODS.contains(method)) {
        refusals.push(
            rule.key_pointer("allow_methods"),
            format!("{} allows {method}, which {SYSTEM} has no way to say", rule.label()),
            "GET, HEAD, POST, PUT, PATCH, DELETE and \"*\" can; or let the function answer through \
             the adapter, without CORS in its URL",
        );
    }
}

fn refuse_size(
    rule: &RuleView<'_>,
    key: &str,
    list: &[&str],
    longest: usize,
    refusals: &mut Refusals,
) {
    let help = "let the function answer through the adapter, without CORS in its URL";
    if list.len() > MOST_ITEMS {
        refusals.push(
            rule.key_pointer(key),
            format!(
                "{} has {} entries in {key}, and {SYSTEM} takes {MOST_ITEMS}",
                rule.label(),
                list.len()
            ),
            help,
        );
    }
    if list.iter().any(|item| item.len() > longest) {
        refusals.push(
            rule.key_pointer(key),
            format!(
                "{} has an entry of more than {longest} bytes in {key}, the most of {SYSTEM}",
                rule.label()
            ),
            help,
        );
    }
}
