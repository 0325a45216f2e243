//! Kong's plugin `cors`.
//!
//! What it does, in Kong 3: an OPTIONS with an `Origin` and a method asked for is answered with 200
//! and the lists; anything else goes on. An only origin that is no regex to it is always answered,
//! whoever asks; of several, the one that equals the request's origin after both have been taken apart
//! and put together again, which loses the brackets of an IPv6 address. What has a character other
//! than letters, digits, `.:/-` is a regex to it.

use onecors_core::text::Whole;
use serde_json::{Map, Value, json};

use super::facts::{Facts, RuleView};
use super::fixed::{self, Fixed};
use super::portable::{self, Matching};
use super::refusal::Refusals;
use super::{Options, Target, proxy, yaml};

const SYSTEM: &str = "Kong's cors plugin";

pub(super) const TARGET: Target =
    Target { name: "kong", summary: "Kong's cors plugin: declarative configuration (YAML)", write };

/// The methods that the plugin's schema knows.
const METHODS: [&str; 9] =
    ["GET", "HEAD", "PUT", "PATCH", "POST", "DELETE", "OPTIONS", "TRACE", "CONNECT"];

const PLACE: &str = "
The plugins are global here, so that they see errors of Kong itself and requests that no route
matches; for a part of the routes give them a service or a route instead. The plugin cors runs before
authentication. It does not take away a service's own Access-Control-Allow-Methods, -Headers and
-Max-Age, which browsers read on preflights only. A denied preflight is answered with 200 and without
an origin that equals its own; it never reaches the service.
";

fn write(facts: &Facts<'_>, _: &Options, refusals: &mut Refusals) -> String {
    let Some(rule) = (Fixed { system: SYSTEM, refusals }).only_rule(facts) else {
        return String::new();
    };
    let config = json!({
        "origins": origins(rule, refusals),
        "methods": methods(rule, refusals),
        "headers": headers(rule, refusals),
        "exposed_headers": fixed::exposed(rule),
        "credentials": rule.credentials,
        "max_age": fixed::max_age(rule),
        "preflight_continue": false,
        "private_network": false,
    });
    let mut plugins = vec![json!({ "name": "cors", "config": without_empty(config) })];
    plugins.extend(removal(rule));
    let file = json!({ "_format_version": "3.0", "plugins": plugins });
    yaml::document(&(proxy::heading(rule, "Kong") + PLACE), &file)
}

fn without_empty(config: Value) -> Value {
    let Value::Object(keys) = config else { return config };
    let filled = |value: &Value| value.as_array().is_none_or(|list| !list.is_empty());
    keys.into_iter().filter(|(_, value)| filled(value)).collect::<Map<_, _>>().into()
}

fn origins(rule: &RuleView<'_>, refusals: &mut Refusals) -> Vec<String> {
    let origins = &rule.origins;
    if origins.any.is_some() {
        return vec!["*".into()];
    }
    for origin in origins.exact.iter().filter(|origin| origin.text.contains('[')) {
        refuse_ipv6(rule, rule.origin_pointer(origin.entry), origin.text, refusals);
    }
    let exact = origins.exact.iter().map(|origin| plain_or_regex(origin.text));
    let null = origins.null.map(|_| "null".into());
    let patterns = portable::patterns(rule, Matching::Backtracking, refusals);
    for pattern in patterns.iter().filter(|pattern| pattern.contains(r"\[")) {
        refuse_ipv6(rule, rule.key_pointer("allow_origins"), pattern, refusals);
    }
    let patterns = patterns.iter().map(|pattern| regex(pattern));
    exact.chain(null).chain(patterns).collect()
}

fn refuse_ipv6(rule: &RuleView<'_>, pointer: String, text: &str, refusals: &mut Refusals) {
    refusals.push(
        pointer,
        format!(
            "{} allows {}, and {SYSTEM} loses the brackets of an IPv6 address, so that the browser \
             compares with another origin",
            rule.label(),
            Whole(text)
        ),
        "use a name for that host, or let the proxy of onecors for nginx or Envoy answer",
    );
}

fn plain_or_regex(origin: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b".:/-".contains(&byte);
    if origin.bytes().all(is_plain) { origin.into() } else { regex(&portable::literal(origin)) }
}

/// The plugin puts `$` behind what does not end in it. No header has the line feed that this lets
/// through.
fn regex(pattern: &str) -> String {
    portable::anchored_short(pattern).replace(r"\z", "$")
}

fn methods(rule: &RuleView<'_>, refusals: &mut Refusals) -> Vec<String> {
    for method in rule.methods.iter().filter(|method| !METHODS.contains(&method.as_str())) {
        refusals.push(
            rule.key_pointer("allow_methods"),
            format!(
                "{} allows the method {}, and {SYSTEM} knows its own list alone",
                rule.label(),
                Whole(method)
            ),
            format!("list methods of these: {}", METHODS.join(", ")),
        );
    }
    // Without any the plugin would allow all that it knows.
    if rule.methods.is_empty() {
        vec!["GET".into(), "HEAD".into(), "POST".into()]
    } else {
        rule.methods.to_vec()
    }
}

fn headers(rule: &RuleView<'_>, refusals: &mut Refusals) -> Vec<String> {
    proxy::refuse_echo_of_authorization(rule, SYSTEM, refusals);
    match rule.headers {
        // No name at all would stand for whatever was asked for.
        [] => vec![fixed::NO_HEADER.into()],
        // So it does here, on purpose: the plugin repeats what was asked for.
        names if rule.credentials && proxy::is_any(names) => Vec::new(),
        names => names.to_vec(),
    }
}

/// The plugin leaves what it does not set itself, which would let a service add to the policy. What
/// runs after it can take away only that.
fn removal(rule: &RuleView<'_>) -> Option<Value> {
    let credentials = (!rule.credentials).then_some("Access-Control-Allow-Credentials");
    let exposed = rule.exposed.is_none().then_some("Access-Control-Expose-Headers");
    let headers: Vec<&str> = credentials.into_iter().chain(exposed).collect();
    (!headers.is_empty()).then(|| {
        json!({ "name": "response-transformer", "config": { "remove": { "headers": headers } } })
    })
}
