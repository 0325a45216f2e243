//! Envoy's own filter, `envoy.filters.http.cors`.
//!
//! What it does with a request that has an `Origin`, in Envoy 1.40: an OPTIONS with a method asked for
//! is answered with 200 and the lists, and with the origin where a matcher takes it; anything else
//! goes on, and the answer gets the origin, credentials and exposed names. It asks its matchers about
//! `*` too, and where one matches that every origin is allowed: no pattern written here does, since
//! each has a scheme. It neither merges `Vary` nor takes away what the service says, so that the
//! virtual host does both. Its answers to preflights pass by what the virtual host adds, and have no
//! `Vary`.

use serde_json::{Value, json};

use super::facts::{Facts, RuleView};
use super::fixed::Fixed;
use super::portable::{self, Matching};
use super::refusal::Refusals;
use super::{Options, Target, proxy, yaml};

const SYSTEM: &str = "Envoy's CORS filter";

pub(super) const TARGET: Target = Target {
    name: "envoy",
    summary: "Envoy's built-in CORS filter: keys of a virtual host (YAML)",
    write,
};

/// What is appended to `Vary`: nothing where the service says it, or `*`, already. An empty value is
/// not sent.
const VARY: &str = r#"%CEL("vary" in response.headers && response.headers["vary"].matches("(?i)(^|,)[ \\t]*([*]|origin)[ \\t]*(,|$)") ? "" : "Origin")%"#;

const PLACE: &str = "
These keys go into each virtual host that the policy governs, where no route may have a policy of this
filter of its own; or into each route that the policy governs, such as that of a prefix. The filter
itself stands first in http_filters, before authentication and rate limits:

    - name: envoy.filters.http.cors
      typed_config:
        \"@type\": type.googleapis.com/envoy.extensions.filters.http.cors.v3.Cors

Envoy passes the filter by where no route matches, and on routes with direct_response or redirect:
let a last route with the prefix / go to a cluster, or pages cannot read those answers. A denied
preflight is answered with 200 and without an allowed origin; it never reaches the service.

Vary is merged with the service's by an expression in CEL, which Envoy's own builds understand; for a
build that does not, write \"value: Origin\". The filter's answers to preflights have no Vary: let no
cache in front of Envoy keep answers to OPTIONS.

Where routes have policies of their own, the service may take a path for another one than Envoy does:
set normalize_path, merge_slashes and path_with_escaped_slashes_action. What a service makes of \";\"
(Tomcat, Jetty) and of the case of letters (Express), Envoy cannot know.

Envoy refuses a regex of more than 100 instructions unless re2.max_program_size.error_level of its
runtime is higher. A wildcard of more than 75 characters may have more.
";

fn write(facts: &Facts<'_>, _: &Options, refusals: &mut Refusals) -> String {
    let Some(rule) = (Fixed { system: SYSTEM, refusals }).only_rule(facts) else {
        return String::new();
    };
    proxy::refuse_echo_of_authorization(rule, SYSTEM, refusals);
    let policy = policy(rule, refusals);
    let remove: Vec<String> = proxy::OWNED.iter().map(|name| name.to_ascii_lowercase()).collect();
    let keys = json!({
        "typed_per_filter_config": { "envoy.filters.http.cors": policy },
        "response_headers_to_remove": remove,
        "response_headers_to_add": [{
            "header": { "key": "vary", "value": VARY },
            "append_action": "APPEND_IF_EXISTS_OR_ADD",
        }],
    });
    yaml::document(&(proxy::heading(rule, "Envoy's own filter") + PLACE), &keys)
}

fn policy(rule: &RuleView<'_>, refusals: &mut Refusals) -> Value {
    let mut policy = json!({
        "@type": "type.googleapis.com/envoy.extensions.filters.http.cors.v3.CorsPolicy",
        "allow_origin_string_match": matchers(rule, refusals),
        "allow_credentials": rule.credentials,
    });
    // Absent is not empty for this filter: an empty list would be looked for further out.
    if !rule.methods.is_empty() {
        policy["allow_methods"] = rule.methods.join(", ").into();
    }
    if !rule.headers.is_empty() {
        policy["allow_headers"] = headers(rule).into();
    }
    if let Some(exposed) = rule.exposed {
        policy["expose_headers"] = exposed.into();
    }
    policy["max_age"] = rule.max_age.into();
    policy["forward_not_matching_preflights"] = false.into();
    policy["allow_private_network_access"] = false.into();
    policy
}

fn matchers(rule: &RuleView<'_>, refusals: &mut Refusals) -> Vec<Value> {
    if rule.origins.any.is_some() {
        return vec![json!({ "exact": "*" })];
    }
    let exact = rule.origins.exact.iter().map(|origin| origin.text);
    let null = rule.origins.null.map(|_| "null");
    let exact = exact.chain(null).map(|origin| json!({ "exact": origin }));
    let patterns = portable::patterns(rule, Matching::Linear, refusals);
    // Envoy matches the whole origin.
    let patterns = patterns.iter().map(|regex| json!({ "safe_regex": { "regex": regex } }));
    exact.chain(patterns).collect()
}

/// The filter repeats what was asked for where this is `*` and nothing else, which would cover
/// authorization. To a browser `*` twice is `*`.
fn headers(rule: &RuleView<'_>) -> String {
    match rule.headers {
        _ if rule.credentials && proxy::is_any(rule.headers) => "*".into(),
        [any] if any == "*" => "*, *".into(),
        listed => listed.join(", "),
    }
}
