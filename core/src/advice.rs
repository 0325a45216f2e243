//! What an explanation says in words: what would pass, what a browser's console shows, and what to
//! change.

use crate::methods::{is_forbidden, normalized};
use crate::near_miss::NearestMiss;
use crate::request::Request;
use crate::rule::Rule;
use crate::text::{Quoted, Whole, escaped};
use crate::verdict::{Outcome, Reason};

/// How many origins or names a sentence lists.
const LISTED: usize = 8;

/// The origins that would pass.
pub(crate) fn expected_origin(rule: &Rule) -> String {
    if rule.origins.allows_any() {
        return "any origin".into();
    }
    format!("an origin that matches {}", rule.key_pointer("allow_origins"))
}

/// The methods that would pass.
pub(crate) fn expected_method(rule: &Rule) -> String {
    if rule.methods.any {
        return "any method except CONNECT, TRACE and TRACK".into();
    }
    list("GET, HEAD, POST", &rule.methods.listed)
}

/// The header names that would pass.
pub(crate) fn expected_headers(rule: &Rule) -> String {
    match (rule.headers.any, rule.headers.listed.as_slice()) {
        (true, [_]) => "any name except authorization".into(),
        (true, _) => "any name".into(),
        (false, []) => "no header names".into(),
        (false, listed) => list("", listed),
    }
}

fn list(first: &str, listed: &[String]) -> String {
    let mut parts: Vec<&str> = if first.is_empty() { Vec::new() } else { vec![first] };
    parts.extend(listed.iter().take(LISTED).map(String::as_str));
    let more = listed.len().saturating_sub(LISTED);
    let text = parts.join(", ");
    if more > 0 { format!("{text} and {more} more") } else { text }
}

/// The sentence that Chromium's console shows, when it keeps the answer from the page.
pub(crate) fn browser_message(
    outcome: Outcome,
    rule: Option<&Rule>,
    request: &Request<'_>,
) -> Option<String> {
    let what = match outcome {
        Outcome::PreflightDenied => {
            "Response to preflight request doesn't pass access control check: "
        }
        // Where any origin is allowed, the answer to a malformed one is the same as to any other.
        Outcome::ActualDenied if !rule.is_some_and(|rule| rule.origins.allows_any()) => "",
        _ => return None,
    };
    Some(format!(
        "Access to fetch at '{}' from origin '{}' has been blocked by CORS policy: {what}No \
         'Access-Control-Allow-Origin' header is present on the requested resource.",
        escaped(request.path.unwrap_or_default()),
        escaped(request.origin.unwrap_or_default()),
    ))
}

/// What to change for a request that was refused.
pub(crate) fn advise(
    reason: Reason,
    rule: &Rule,
    request: &Request<'_>,
    nearest: Option<&NearestMiss>,
) -> String {
    match reason {
        Reason::MalformedOrigin => malformed_origin(nearest),
        Reason::OriginNotAllowed => origin_not_allowed(rule, request, nearest),
        Reason::MalformedRequestMethod => "No browser sends this \
            Access-Control-Request-Method: check the client and the proxies in between."
            .into(),
        Reason::MethodNotAllowed => method_not_allowed(rule, request),
        Reason::TooManyHeaders => {
            "A preflight may request at most 64 names in 8,192 bytes: check the \
            client."
                .into()
        }
        Reason::MalformedRequestHeaders => "No browser sends this \
            Access-Control-Request-Headers: check the client and the proxies in between."
            .into(),
        Reason::HeaderNotAllowed => header_not_allowed(rule, request),
    }
}

fn malformed_origin(nearest: Option<&NearestMiss>) -> String {
    // Not "no browser": some load pages from invalid hosts, such as "-a.example".
    let advice = "No page on a valid host sends this Origin: check the client and the proxies in \
                  between.";
    match nearest {
        Some(miss) => format!("{advice} A browser would send \"{}\".", miss.covered_origin),
        None => advice.into(),
    }
}

fn origin_not_allowed(rule: &Rule, request: &Request<'_>, nearest: Option<&NearestMiss>) -> String {
    let origin = request.origin.unwrap_or_default();
    let place = rule.key_pointer("allow_origins");
    if origin == b"null" {
        return "Browsers send null for sandboxed frames, data: URLs and some redirects, and any page can \
                obtain it: give the page an origin instead of allowing null."
            .into();
    }
    let near = match nearest {
        Some(miss) => format!(
            " The nearest pattern, {}, does not match: the origin {}.",
            Whole(&miss.pattern),
            miss.difference.predicate()
        ),
        None => String::new(),
    };
    format!("If this origin should have access, add {} to {place}.{near}", Quoted(origin))
}

fn method_not_allowed(rule: &Rule, request: &Request<'_>) -> String {
    let method = request.access_control_request_method.unwrap_or_default();
    let text = String::from_utf8_lossy(method);
    let place = rule.key_pointer("allow_methods");
    if is_forbidden(method) {
        return format!("Browsers never let a page send {}.", Quoted(method));
    }
    if let Some(normal) = normalized(&text) {
        return format!(
            "Methods are compared case-sensitively, and fetch() would send \"{normal}\"."
        );
    }
    let upper = text.to_ascii_uppercase();
    if upper != text && rule.methods.check(upper.as_bytes()).is_ok() {
        return format!(
            "Methods are compared case-sensitively, and fetch() sends {} as it is: the page must \
             write \"{upper}\".",
            Quoted(method)
        );
    }
    format!("If pages should use this method, add {} to {place}.", Quoted(method))
}

fn header_not_allowed(rule: &Rule, request: &Request<'_>) -> String {
    let names = request.access_control_request_headers.unwrap_or_default();
    let name = rule.headers.first_refused(names).unwrap_or_default();
    let place = rule.key_pointer("allow_headers");
    let why = if rule.headers.any { "\"*\" does not cover it. " } else { "" };
    let lower = name.to_ascii_lowercase();
    format!("{why}If pages should send this header, add {} to {place}.", Quoted(&lower))
}
