//! The decision, as docs/design.md section 4 has it.

use crate::document::ModelRule;
use crate::{origins, paths};

/// The parts of a request.
#[derive(Clone, Debug, Default)]
pub struct Request {
    pub method: Option<Vec<u8>>,
    pub path: Option<Vec<u8>>,
    pub origin: Option<Vec<u8>>,
    pub request_method: Option<Vec<u8>>,
    pub request_headers: Option<Vec<u8>>,
}

/// What a request gets: outcome, reason, status, and the lines of a response without fields of its own.
#[derive(Debug, PartialEq)]
pub struct Answer {
    pub outcome: &'static str,
    pub reason: Option<&'static str>,
    pub status: Option<u16>,
    pub lines: Vec<(String, Vec<u8>)>,
}

/// Decides on a request.
pub fn decide(rules: &[ModelRule], single: bool, request: &Request) -> Answer {
    let answer = |outcome, reason, status, lines| Answer { outcome, reason, status, lines };
    let Some(rule) = rule_of(rules, single, request.path.as_deref()) else {
        return answer("ungoverned", None, None, Vec::new());
    };
    let any = rule.origins.contains(&"*");
    let bare = || if any { actual(rule, b"*") } else { vec![line("Vary", b"Origin")] };
    let Some(origin) = request.origin.as_deref() else {
        return answer("not_cors", None, None, bare());
    };
    let is_preflight =
        request.method.as_deref() == Some(b"OPTIONS") && request.request_method.is_some();
    let reason = if origin != b"null" && origins::parse(origin).is_none() {
        Some("malformed_origin")
    } else if !rule.origins.iter().any(|pattern| origins::covers(pattern, origin)) {
        Some("origin_not_allowed")
    } else if is_preflight {
        preflight_reason(rule, request)
    } else {
        None
    };
    match (is_preflight, reason) {
        (false, Some(reason)) => answer("actual_denied", Some(reason), None, bare()),
        (false, None) => {
            answer("actual_allowed", None, None, actual(rule, if any { b"*" } else { origin }))
        }
        (true, Some(reason)) => {
            answer("preflight_denied", Some(reason), Some(403), vec![preflight_vary()])
        }
        (true, None) => answer(
            "preflight_allowed",
            None,
            Some(204),
            preflight(rule, if any { b"*" } else { origin }, request),
        ),
    }
}

fn rule_of<'r>(rules: &'r [ModelRule], single: bool, path: Option<&[u8]>) -> Option<&'r ModelRule> {
    if single {
        return rules.first();
    }
    let patterns: Vec<(usize, &str)> = rules
        .iter()
        .enumerate()
        .flat_map(|(place, rule)| rule.paths.iter().map(move |path| (place, *path)))
        .collect();
    // Readings that lead to different rules leave the path alone (ruling 29).
    let rule = paths::rule_of(&patterns, path?, false).ok().flatten()?;
    Some(&rules[rule])
}

fn is_token(text: &[u8]) -> bool {
    let marks = b"!#$%&'*+-.^_`|~";
    !text.is_empty() && text.iter().all(|byte| byte.is_ascii_alphanumeric() || marks.contains(byte))
}

/// Rulings 1, 4 and 5.
fn preflight_reason(rule: &ModelRule, request: &Request) -> Option<&'static str> {
    let method = request.request_method.as_deref().unwrap_or_default();
    if !is_token(method) {
        return Some("malformed_request_method");
    }
    let text = String::from_utf8_lossy(method);
    let forbidden = ["CONNECT", "TRACE", "TRACK"].contains(&text.to_uppercase().as_str());
    let safe = ["GET", "HEAD", "POST"].contains(&&*text);
    let listed = rule.methods.iter().any(|listed| *listed == text || *listed == "*");
    if forbidden || !(safe || listed) {
        return Some("method_not_allowed");
    }
    let list = request.request_headers.as_deref().unwrap_or_default();
    if list.len() > 8_192 {
        return Some("too_many_headers");
    }
    let trimmed = |part: &[u8]| {
        let text = part
            .iter()
            .position(|byte| !b" \t".contains(byte))
            .map_or(&[][..], |from| &part[from..]);
        let end = text.iter().rposition(|byte| !b" \t".contains(byte)).map_or(0, |last| last + 1);
        text[..end].to_ascii_lowercase()
    };
    let parts: Vec<Vec<u8>> = list.split(|&byte| byte == b',').map(trimmed).collect();
    let names: Vec<&Vec<u8>> = parts.iter().filter(|part| !part.is_empty()).collect();
    // A list without anything has no element; one without names has only empty ones.
    let empty = if list.is_empty() { 0 } else { parts.len() - names.len() };
    if names.len() > 64 {
        return Some("too_many_headers");
    }
    if empty > 16 || !names.iter().all(|name| is_token(name)) {
        return Some("malformed_request_headers");
    }
    let covered = |name: &[u8]| {
        let listed = rule.headers.iter().any(|listed| listed.as_bytes() == name);
        listed || (rule.headers.iter().any(|listed| listed == "*") && name != b"authorization")
    };
    (!names.iter().all(|name| covered(name))).then_some("header_not_allowed")
}

fn line(name: &str, value: &[u8]) -> (String, Vec<u8>) {
    (name.to_owned(), value.to_vec())
}

fn preflight_vary() -> (String, Vec<u8>) {
    line("Vary", b"Origin, Access-Control-Request-Method, Access-Control-Request-Headers")
}

fn allowed(rule: &ModelRule, origin: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut lines = vec![line("Access-Control-Allow-Origin", origin)];
    if rule.credentials {
        lines.push(line("Access-Control-Allow-Credentials", b"true"));
    }
    lines
}

fn actual(rule: &ModelRule, origin: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut lines = allowed(rule, origin);
    if !rule.exposed.is_empty() {
        lines.push(line("Access-Control-Expose-Headers", rule.exposed.join(", ").as_bytes()));
    }
    if origin != b"*" {
        lines.push(line("Vary", b"Origin"));
    }
    lines
}

fn preflight(rule: &ModelRule, origin: &[u8], request: &Request) -> Vec<(String, Vec<u8>)> {
    let mut lines = allowed(rule, origin);
    let method = request.request_method.as_deref().unwrap_or_default();
    if rule.credentials && rule.methods.contains(&"*") {
        lines.push(line("Access-Control-Allow-Methods", method));
    } else if !rule.methods.is_empty() {
        lines.push(line("Access-Control-Allow-Methods", rule.methods.join(", ").as_bytes()));
    }
    let list = request.request_headers.as_deref().unwrap_or_default();
    let has_names = list.iter().any(|byte| !b" \t,".contains(byte));
    if !(rule.credentials && rule.headers.iter().any(|name| name == "*")) {
        if !rule.headers.is_empty() {
            lines.push(line("Access-Control-Allow-Headers", rule.headers.join(", ").as_bytes()));
        }
    } else if has_names {
        lines.push(line("Access-Control-Allow-Headers", list));
    }
    lines.push(line("Access-Control-Max-Age", rule.max_age.to_string().as_bytes()));
    lines.push(preflight_vary());
    lines
}
