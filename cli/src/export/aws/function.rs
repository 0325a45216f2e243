//! The CloudFront Function that answers preflights, in front of a response headers policy, which does
//! not answer them.

use onecors_core::introspect::MAX_ORIGIN;
use serde_json::json;

use super::template::ORIGIN;
use crate::export::{Refusals, RuleView};

/// The most bytes of a function (quotas of CloudFront).
const MOST_BYTES: usize = 10 * 1024;

/// What decides, in the language of `cloudfront-js-2.0`. A field that came twice has no value here.
const DECIDE: &str = r"
var NAME = /^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/;

function handler(event) {
    var request = event.request;
    var origin = field(request, 'origin');
    var method = field(request, 'access-control-request-method');
    if (request.method !== 'OPTIONS' || origin === undefined || method === undefined) {
        return request;
    }
    var list = field(request, 'access-control-request-headers');
    var headers = {};
    set(headers, 'vary', 'Origin, Access-Control-Request-Method, Access-Control-Request-Headers');
    if (!isAllowed(origin) || METHODS.indexOf(method) < 0 || !areAllowed(list)) {
        return { statusCode: 403, statusDescription: 'Forbidden', headers: headers };
    }
    set(headers, 'access-control-allow-origin', ANY_ORIGIN ? '*' : origin);
    for (var name in ANSWER) {
        set(headers, name, ANSWER[name]);
    }
    return { statusCode: STATUS, statusDescription: 'OK', headers: headers };
}

function field(request, name) {
    var found = request.headers[name];
    if (found === undefined) {
        return undefined;
    }
    return found.multiValue && found.multiValue.length > 1 ? null : found.value;
}

function set(headers, name, value) {
    headers[name] = { value: value };
}

function isAllowed(origin) {
    if (ANY_ORIGIN) {
        return origin === 'null' || (origin !== null && origin.length <= MAX && ORIGIN.test(origin));
    }
    return ORIGINS.indexOf(origin) >= 0;
}

function areAllowed(list) {
    if (list === undefined) {
        return true;
    }
    if (list === null || list.length > 8192 || !/^[ -~\t]*$/.test(list)) {
        return false;
    }
    var names = 0;
    var empty = 0;
    var elements = list.split(',');
    for (var i = 0; i < elements.length; i++) {
        var name = elements[i].trim().toLowerCase();
        if (name === '') {
            empty++;
        } else {
            names++;
            var any = ANY_HEADER && NAME.test(name) && name !== 'authorization';
            if (!any && HEADERS.indexOf(name) < 0) {
                return false;
            }
        }
    }
    return names <= 64 && empty <= 16;
}
";

/// Writes the function. `methods` and `names` are what the rule allows.
pub(super) fn function(
    rule: &RuleView<'_>,
    methods: &[&str],
    names: &[&str],
    refusals: &mut Refusals,
) -> String {
    let origins: Vec<&str> = rule.origins.exact.iter().map(|origin| origin.text).collect();
    let named: Vec<_> = names.iter().filter(|name| **name != "*").collect();
    let mut answer = json!({});
    if rule.credentials {
        answer["access-control-allow-credentials"] = json!("true");
    }
    for (name, listed) in [
        ("access-control-allow-methods", rule.methods.join(", ")),
        ("access-control-allow-headers", names.join(", ")),
    ] {
        if !listed.is_empty() {
            answer[name] = json!(listed);
        }
    }
    answer["access-control-max-age"] = json!(rule.max_age);
    let any = rule.origins.any.is_some();
    // A regular expression in JavaScript ends at a slash.
    let pattern = ORIGIN.replace('/', r"\/");
    let text = format!(
        "var ANY_ORIGIN = {any};\nvar MAX = {MAX_ORIGIN};\nvar ORIGIN = /^{pattern}$/;\nvar ORIGINS = {};\nvar METHODS = {};\n\
         var ANY_HEADER = {};\nvar HEADERS = {};\nvar STATUS = {};\nvar ANSWER = {answer:#};\n{DECIDE}",
        json!(origins),
        json!(methods),
        names.contains(&"*"),
        json!(named),
        rule.status,
    );
    if text.len() > MOST_BYTES {
        refusals.push(
            rule.key_pointer("allow_origins"),
            format!(
                "{} needs a CloudFront Function of {} bytes to answer preflights, and CloudFront takes \
                 {MOST_BYTES}",
                rule.label(),
                text.len()
            ),
            "let the services behind CloudFront answer through the adapters",
        );
    }
    text
}
