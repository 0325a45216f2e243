//! The CORS filter of the Kubernetes Gateway API, in version 1.
//!
//! Implementations differ in what the standard leaves open: `*` may be answered as it is or as an
//! echo, and nothing is said of `Vary`. What is written here is the same with all of them.

use onecors_core::introspect::{HostPattern, Listed, PortPattern, TuplePattern, Wildcard};
use onecors_core::text::Whole;
use serde_json::{Map, Value, json};

use super::facts::{Facts, RuleView};
use super::fixed::{self, Fixed};
use super::refusal::Refusals;
use super::{Options, Target, proxy, yaml};

const SYSTEM: &str = "the CORS filter of the Gateway API";

pub(super) const TARGET: Target = Target {
    name: "gateway-api",
    summary: "Kubernetes Gateway API: an HTTPRoute with its CORS filter (YAML)",
    write,
};

/// The methods that the standard knows.
const METHODS: [&str; 10] =
    ["GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH", "*"];
/// The most entries of a list.
const MAX_LIST: usize = 64;
/// The most characters of an origin.
const MAX_ORIGIN: usize = 253;

const PLACE: &str = "
Put the names of your gateway and service in the place of \"gateway\" and \"service\", or take the
filters into the rules of your own routes. The gateway must support HTTPRouteCORS. The standard does
not say that a gateway takes away a service's own Access-Control headers: the services behind it must
send none.
";

fn write(facts: &Facts<'_>, _: &Options, refusals: &mut Refusals) -> String {
    let Some(rule) = (Fixed { system: SYSTEM, refusals }).only_rule(facts) else {
        return String::new();
    };
    let cors = cors(rule, refusals);
    // A gateway may answer `*` with the origin, so that Vary is needed always.
    let vary = json!({ "add": [{ "name": "Vary", "value": "Origin" }] });
    let route = json!({
        "apiVersion": "gateway.networking.k8s.io/v1",
        "kind": "HTTPRoute",
        "metadata": { "name": "onecors" },
        "spec": {
            "parentRefs": [{ "name": "gateway" }],
            "rules": [{
                "matches": [{ "path": { "type": "PathPrefix", "value": "/" } }],
                "filters": [
                    { "type": "CORS", "cors": cors },
                    { "type": "ResponseHeaderModifier", "responseHeaderModifier": vary },
                ],
                "backendRefs": [{ "name": "service", "port": 80 }],
            }],
        },
    });
    yaml::document(&(proxy::heading(rule, "the Gateway API") + PLACE), &route)
}

fn cors(rule: &RuleView<'_>, refusals: &mut Refusals) -> Value {
    let mut cors = Map::new();
    let mut insert = |key: &str, list: Vec<&str>| {
        if !list.is_empty() {
            cors.insert(key.into(), json!(list));
        }
    };
    insert("allowOrigins", origins(rule, refusals));
    insert("allowMethods", methods(rule, refusals));
    insert("allowHeaders", headers(rule, refusals));
    let exposed = fixed::exposed(rule);
    check_length(rule, "expose_headers", exposed.len(), refusals);
    insert("exposeHeaders", exposed);
    if rule.credentials {
        cors.insert("allowCredentials".into(), true.into());
    }
    if fixed::max_age(rule) == 0 {
        refuse(
            rule.key_pointer("max_age"),
            rule,
            "lets no browser keep the answer to a preflight",
            "has no max_age below 1",
            "write a max_age of 1 or more",
            refusals,
        );
    }
    cors.insert("maxAge".into(), fixed::max_age(rule).into());
    cors.into()
}

fn refuse(
    pointer: String,
    rule: &RuleView<'_>,
    what: &str,
    why: &str,
    help: &str,
    refusals: &mut Refusals,
) {
    refusals.push(pointer, format!("{} {what}, and {SYSTEM} {why}", rule.label()), help);
}

fn check_length(rule: &RuleView<'_>, key: &str, length: usize, refusals: &mut Refusals) {
    if length > MAX_LIST {
        let what = format!("has {length} entries in {key}");
        let help = "let onecors answer in the proxy or in the services";
        refuse(rule.key_pointer(key), rule, &what, "has 64 at most", help, refusals);
    }
}

fn origins<'p>(rule: &RuleView<'p>, refusals: &mut Refusals) -> Vec<&'p str> {
    let origins = &rule.origins;
    if origins.any.is_some() {
        return vec!["*"];
    }
    if let Some(entry) = origins.null {
        refuse_origin(rule, entry, "null", "knows http and https origins alone", refusals);
    }
    for &Listed { entry, text, .. } in &origins.regexes {
        refuse_origin(rule, entry, text, "has no regular expressions", refusals);
    }
    for &Wildcard { entry, text, pattern, .. } in &origins.wildcards {
        if let Some(why) = wildcard_refused(&pattern).or_else(|| origin_refused(text)) {
            refuse_origin(rule, entry, text, why, refusals);
        }
    }
    for &Listed { entry, text, .. } in &origins.exact {
        if let Some(why) = origin_refused(text) {
            refuse_origin(rule, entry, text, why, refusals);
        }
    }
    let exact = origins.exact.iter().map(|listed| (listed.entry, listed.text));
    let wildcards = origins.wildcards.iter().map(|listed| (listed.entry, listed.text));
    let mut all: Vec<(usize, &str)> = exact.chain(wildcards).collect();
    check_length(rule, "allow_origins", all.len(), refusals);
    all.sort_unstable();
    all.into_iter().map(|(_, text)| text).collect()
}

/// Why the standard has no such wildcard. The one that it has covers one label or more, as ours.
fn wildcard_refused(pattern: &TuplePattern<'_>) -> Option<&'static str> {
    match pattern {
        TuplePattern { port: PortPattern::Any, .. } => Some("has no wildcard for ports"),
        TuplePattern { host: HostPattern::Partial { .. }, .. } => {
            Some("has no wildcard for a part of a label")
        }
        _ => None,
    }
}

/// Why the standard has no such origin.
fn origin_refused(text: &str) -> Option<&'static str> {
    let host = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    let Some(host) = host else { return Some("knows http and https origins alone") };
    let name = host.split(':').next().unwrap_or_default();
    if text.len() > MAX_ORIGIN {
        Some("has no origin of more than 253 characters")
    } else if host.starts_with('[') {
        Some("has no IPv6 addresses")
    } else if name.contains('_') || name.ends_with('.') {
        Some("has no underscore and no last dot in a host")
    } else {
        None
    }
}

fn refuse_origin(
    rule: &RuleView<'_>,
    entry: usize,
    text: &str,
    why: &str,
    refusals: &mut Refusals,
) {
    let what = format!("allows {}", Whole(text));
    let help = "list the origins that it stands for, or let the proxy of onecors for Envoy or nginx answer";
    refuse(rule.origin_pointer(entry), rule, &what, why, help, refusals);
}

fn methods<'p>(rule: &RuleView<'p>, refusals: &mut Refusals) -> Vec<&'p str> {
    for method in rule.methods.iter().filter(|method| !METHODS.contains(&method.as_str())) {
        let what = format!("allows the method {}", Whole(method));
        let help = "list methods of RFC 9110 and PATCH, or \"*\"";
        let pointer = rule.key_pointer("allow_methods");
        refuse(pointer, rule, &what, "knows its own list alone", help, refusals);
    }
    rule.methods.iter().map(String::as_str).collect()
}

/// `*` may be answered with what was asked for, authorization included, and stands alone.
fn headers<'p>(rule: &RuleView<'p>, refusals: &mut Refusals) -> Vec<&'p str> {
    check_length(rule, "allow_headers", rule.headers.len(), refusals);
    if !proxy::is_any(rule.headers) {
        return rule.headers.iter().map(String::as_str).collect();
    }
    if !(rule.credentials && proxy::allows_authorization(rule)) {
        refuse(
            rule.key_pointer("allow_headers"),
            rule,
            "allows any header, and treats authorization apart",
            "lets a gateway answer \"*\" with or without authorization",
            "name the headers that pages send",
            refusals,
        );
    }
    vec!["*"]
}
