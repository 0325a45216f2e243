//! Traefik's middleware `headers`.
//!
//! What it does, in Traefik 3.7: an OPTIONS with an `Origin` and a method asked for is answered with
//! 200 and the lists, and with the origin where it is listed or a regex finds a match in it; anything
//! else goes on. It sets its own headers last, so that it can take away the service's before.

use serde_json::{Map, Value, json};

use super::facts::{Facts, RuleView};
use super::fixed::{self, Fixed};
use super::portable::{self, Matching};
use super::refusal::Refusals;
use super::{Options, Target, proxy, yaml};

const SYSTEM: &str = "Traefik's headers middleware";

pub(super) const TARGET: Target = Target {
    name: "traefik",
    summary: "Traefik's headers middleware: dynamic configuration (YAML)",
    write,
};

const PLACE: &str = "
This is a file of the dynamic configuration. Let each router that the policy governs name the
middleware first, in front of authentication and rate limits. Where no router matches, Traefik
answers 404 without it: a router of lowest priority for every path lets pages read that too. Traefik
keeps the first Vary line of a service and loses others. A denied preflight is answered with 200 and
without an allowed origin; it never reaches the service.
";

fn write(facts: &Facts<'_>, _: &Options, refusals: &mut Refusals) -> String {
    let Some(rule) = (Fixed { system: SYSTEM, refusals }).only_rule(facts) else {
        return String::new();
    };
    proxy::refuse_echo_of_authorization(rule, SYSTEM, refusals);
    let headers = headers(rule, refusals);
    let file = json!({ "http": { "middlewares": { "onecors": { "headers": headers } } } });
    yaml::document(&(proxy::heading(rule, "Traefik") + PLACE), &file)
}

fn headers(rule: &RuleView<'_>, refusals: &mut Refusals) -> Value {
    let mut headers = Map::new();
    let origins = &rule.origins;
    if origins.any.is_some() {
        headers.insert("accessControlAllowOriginList".into(), json!(["*"]));
    } else {
        let exact = origins.exact.iter().map(|origin| origin.text);
        let exact: Vec<&str> = exact.chain(origins.null.map(|_| "null")).collect();
        insert_list(&mut headers, "accessControlAllowOriginList", exact);
        let patterns = portable::patterns(rule, Matching::Linear, refusals);
        // Traefik looks for a match anywhere in an origin.
        let patterns = patterns.iter().map(|pattern| portable::anchored(pattern)).collect();
        insert_list(&mut headers, "accessControlAllowOriginListRegex", patterns);
    }
    if rule.credentials {
        headers.insert("accessControlAllowCredentials".into(), true.into());
    }
    insert_list(&mut headers, "accessControlAllowMethods", rule.methods.to_vec());
    insert_list(&mut headers, "accessControlAllowHeaders", rule.headers.to_vec());
    insert_list(&mut headers, "accessControlExposeHeaders", fixed::exposed(rule));
    headers.insert("accessControlMaxAge".into(), fixed::max_age(rule).into());
    if origins.any.is_none() {
        headers.insert("addVaryHeader".into(), true.into());
    }
    // An empty value takes the service's own header away.
    let removed: Map<String, Value> =
        proxy::OWNED.iter().map(|name| ((*name).into(), "".into())).collect();
    headers.insert("customResponseHeaders".into(), removed.into());
    headers.into()
}

fn insert_list<T: Into<Value>>(headers: &mut Map<String, Value>, key: &str, list: Vec<T>) {
    if !list.is_empty() {
        headers.insert(key.into(), list.into_iter().map(Into::into).collect::<Vec<Value>>().into());
    }
}
