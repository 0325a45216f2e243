//! The errors that API Gateway makes by itself in a REST API, such as an authorizer's 401: its
//! gateway responses, and what their CORS headers are.

use serde_json::{Map, Value, json};

use crate::export::{Facts, GatewayResponses, Options, Refusals, RuleView};

/// All types of gateway responses take over what these two have. They are left without a status, which
/// would be that of all types.
pub(super) const TYPES: [&str; 2] = ["DEFAULT_4XX", "DEFAULT_5XX"];

/// What people should know before they use the headers, as a comment of the output.
pub(super) fn note(options: &Options) -> &'static str {
    match options.gateway_responses {
        GatewayResponses::Fixed => "Errors that API Gateway makes carry fixed CORS headers.",
        GatewayResponses::Authorizer => {
            "Errors that API Gateway makes carry what the onecors authorizer of the API has put into \
             its context. An error without one, such as the 401 for a missing token, has no CORS \
             headers."
        }
        GatewayResponses::Reflect => {
            "WARNING: errors that API Gateway makes carry the origin of every request, so that every \
             page may read them, with its user's credentials where the policy has any."
        }
    }
}

/// The values of the headers, by the keys `gatewayresponse.header.*`.
pub(super) fn parameters(
    facts: &Facts<'_>,
    options: &Options,
    refusals: &mut Refusals,
) -> Map<String, Value> {
    let rules = &facts.rules;
    let credentials = rules.iter().any(|rule| rule.credentials);
    let exposed = union(rules);
    let expose = (!exposed.is_empty()).then(|| quoted(&exposed));
    let (origin, allow, expose, vary) = match options.gateway_responses {
        GatewayResponses::Fixed => {
            let origin = fixed_origin(facts, refusals);
            let allow = credentials.then(|| quoted("true"));
            (quoted(origin), allow, expose, origin != "*")
        }
        GatewayResponses::Authorizer => {
            let context = |key: &str| format!("context.authorizer.{key}");
            let allow = credentials.then(|| context("corsAllowCredentials"));
            let expose = expose.map(|_| context("corsExposeHeaders"));
            (context("corsAllowOrigin"), allow, expose, true)
        }
        GatewayResponses::Reflect => {
            let allow = credentials.then(|| quoted("true"));
            ("method.request.header.Origin".into(), allow, expose, true)
        }
    };
    let vary = vary.then(|| quoted("Origin"));
    let headers = [
        ("Access-Control-Allow-Origin", Some(origin)),
        ("Access-Control-Allow-Credentials", allow),
        ("Access-Control-Expose-Headers", expose),
        ("Vary", vary),
    ];
    let headers = headers.into_iter().filter_map(|(name, value)| Some((name, value?)));
    headers.map(|(name, value)| (format!("gatewayresponse.header.{name}"), json!(value))).collect()
}

/// The only origin of the policy, or `*`.
fn fixed_origin<'p>(facts: &Facts<'p>, refusals: &mut Refusals) -> &'p str {
    let help = "use --gateway-responses authorizer with the onecors authorizer of the Lambda adapters, \
                or put CloudFront with a response headers policy in front (--to cloudfront)";
    let is_everywhere = |rule: &RuleView<'_>| rule.paths.iter().any(|path| path == "/*");
    if !facts.is_uniform && !facts.rules.iter().any(is_everywhere) {
        refusals.push(
            "/rules",
            "some paths have no rule, and the errors that API Gateway makes have one set of fixed \
             headers for all paths",
            help,
        );
    }
    let first = &facts.rules[0];
    let origins = |rule: &RuleView<'p>| match (rule.origins.any, rule.origins.exact.as_slice()) {
        (Some(_), _) => Some("*"),
        (None, [origin]) if is_exact(rule) => Some(origin.text),
        _ => None,
    };
    for rule in &facts.rules {
        match origins(rule) {
            None => refusals.push(
                rule.key_pointer("allow_origins"),
                format!(
                    "{} allows several origins, and the errors that API Gateway makes have one fixed \
                     Access-Control-Allow-Origin",
                    rule.label()
                ),
                help,
            ),
            origin if origin != origins(first)
                || rule.credentials != first.credentials
                || rule.exposed != first.exposed =>
            {
                refusals.push(
                    rule.key_pointer("allow_origins"),
                    format!(
                        "{} and {} answer differently, and the errors that API Gateway makes have one \
                         set of fixed headers for all paths",
                        first.label(),
                        rule.label()
                    ),
                    help,
                );
            }
            Some(_) => {}
        }
    }
    origins(first).unwrap_or_default()
}

/// Whether every origin of the rule is an exact one.
fn is_exact(rule: &RuleView<'_>) -> bool {
    let origins = &rule.origins;
    origins.any.is_none()
        && origins.null.is_none()
        && origins.wildcards.is_empty()
        && origins.regexes.is_empty()
}

/// The exposed names of all rules, each once.
fn union(rules: &[RuleView<'_>]) -> String {
    let mut names: Vec<&str> = Vec::new();
    for name in rules.iter().filter_map(|rule| rule.exposed).flat_map(|list| list.split(", ")) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names.join(", ")
}

fn quoted(text: &str) -> String {
    format!("'{text}'")
}
