//! The origin pattern that nearly covers an origin, and what keeps it from doing so.

use serde::Serialize;

use crate::index::Found;
use crate::origin::Origin;
use crate::pattern;
use crate::rule::Rule;
use crate::text::escaped_whole;

/// How many exact origins are compared for a difference in the port. The rest of the search is by
/// look-ups, so that an attacker who is denied a lot costs no scan of a million origins.
const MAX_COMPARED: usize = 1_024;

/// The origin pattern that nearly covers an origin.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct NearestMiss {
    /// The pattern, or the regex, exactly as in the document.
    pub pattern: String,
    /// Where it stands in the document, as a JSON pointer.
    pub pointer: String,
    /// What the origin has that the pattern does not want, such as `differs only in the port`.
    pub difference: String,
    /// The origin that the pattern covers.
    pub covered_origin: String,
}

/// Finds the nearest miss of an origin that no pattern covers.
pub(crate) fn find(rule: &Rule, origin: &[u8]) -> Option<NearestMiss> {
    // Nothing near is longer than an origin can be, but for a path.
    let text = std::str::from_utf8(origin).ok().filter(|text| text.len() <= 1_024)?;
    let miss = match Origin::parse(origin) {
        None => malformed(rule, text),
        Some(parsed) => neighbour(rule, text, &parsed).or_else(|| other_port(rule, &parsed)),
    };
    miss.map(|(entry, covered, difference)| NearestMiss {
        pattern: rule.origins.text(entry).unwrap_or_default().to_owned(),
        pointer: rule.origin_pointer(entry),
        difference: difference.to_owned(),
        covered_origin: escaped_whole(covered.as_bytes()),
    })
}

/// The entry, the origin that it covers, and the difference.
type Miss = (usize, String, &'static str);

fn malformed(rule: &Rule, text: &str) -> Option<Miss> {
    let corrected = pattern::correct(text)?;
    let entry = entry_of(rule, &corrected)?;
    let authority = text.split_once("://").map_or(text, |(_, rest)| rest);
    let difference = if text.trim() != text {
        "has white space at an end"
    } else if !text.contains("://") {
        "has no scheme"
    } else if text.contains(|c: char| c.is_ascii_uppercase()) {
        "has upper-case letters"
    } else if authority.find('/') == Some(authority.len() - 1) {
        "has a trailing slash"
    } else if authority.contains(['/', '?', '#', '\\']) {
        "has a path"
    } else if !text.is_ascii() {
        "is not in Punycode"
    } else {
        "names the default port"
    };
    Some((entry, corrected, difference))
}

fn neighbour(rule: &Rule, text: &str, origin: &Origin<'_>) -> Option<Miss> {
    let (scheme, rest) = text.split_once("://")?;
    let host = std::str::from_utf8(origin.host).ok()?;
    let port = rest.strip_prefix(host)?;
    let other_dot = match host.strip_suffix('.') {
        Some(name) => name.to_owned(),
        None => format!("{host}."),
    };
    let mut candidates = vec![
        (format!("{scheme}://{other_dot}{port}"), "differs only in the trailing dot"),
        // Before "www.", which a wildcard would cover as well.
        (
            format!("{scheme}://any-label.{rest}"),
            "has no label in front, and the pattern wants one or more",
        ),
        (format!("{scheme}://www.{rest}"), "has no \"www.\" in front"),
    ];
    match scheme {
        "http" => candidates.insert(0, (format!("https://{rest}"), "http, not https")),
        "https" => candidates.insert(0, (format!("http://{rest}"), "https, not http")),
        _ => {}
    }
    if let Some(name) = rest.strip_prefix("www.") {
        candidates.push((format!("{scheme}://{name}"), "has \"www.\" in front"));
    }
    if let Some((_, parent)) = rest.split_once('.') {
        candidates.push((format!("{scheme}://{parent}"), "has one label more than the pattern"));
        candidates.push((
            format!("{scheme}://any-label.{parent}"),
            "has another first label than the pattern wants",
        ));
    }
    if origin.port.is_some() {
        candidates.insert(0, (format!("{scheme}://{host}"), "differs only in the port"));
    }
    candidates.into_iter().find_map(|(candidate, difference)| {
        Some((entry_of(rule, &candidate)?, candidate, difference))
    })
}

fn other_port(rule: &Rule, origin: &Origin<'_>) -> Option<Miss> {
    rule.origins.exact().iter().take(MAX_COMPARED).find_map(|(text, entry)| {
        let listed = Origin::parse(text.as_bytes())?;
        (listed.scheme == origin.scheme && listed.host == origin.host)
            .then(|| (entry, text.to_owned(), "differs only in the port"))
    })
}

fn entry_of(rule: &Rule, origin: &str) -> Option<usize> {
    match rule.origins.find(origin.as_bytes()) {
        Found::Entry(entry) => Some(entry),
        Found::NotAllowed | Found::Malformed => None,
    }
}
