//! The origin pattern that nearly covers an origin, and what keeps it from doing so.

use std::num::NonZeroU64;

use serde::Serialize;

use crate::difference::Difference;
use crate::index::Found;
use crate::origin::{self, MAX_ORIGIN, Origin};
use crate::pattern;
use crate::policy::Policy;
use crate::request::Request;
use crate::rule::Rule;
use crate::text::escaped_whole;

/// How many exact origins are compared for a difference in the port. The rest of the search is by
/// look-ups, so that an attacker who is denied a lot costs no scan of a million origins.
const MAX_COMPARED: usize = 1_024;

/// The origin pattern that nearly covers an origin.
///
/// In JSON, `difference` is the text and `difference_code` the stable code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(into = "Published")]
#[non_exhaustive]
pub struct NearestMiss {
    /// The pattern, or the regex, exactly as in the document.
    pub pattern: String,
    /// Where it is in the document, as a JSON pointer.
    pub pointer: String,
    /// How the origin differs from what the pattern covers.
    pub difference: Difference,
    /// The origin that the pattern covers.
    pub covered_origin: String,
}

/// The published shape of a nearest miss.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "NearestMiss"))]
pub(crate) struct Published {
    /// The pattern, or the regex, exactly as in the document.
    pattern: String,
    /// Where it is in the document, as a JSON pointer.
    pointer: String,
    /// The difference in words, such as `differs only in the port`.
    difference: &'static str,
    /// The stable code of the difference, such as `port`.
    difference_code: &'static str,
    /// The origin that the pattern covers.
    covered_origin: String,
}

impl From<NearestMiss> for Published {
    fn from(miss: NearestMiss) -> Self {
        Self {
            pattern: miss.pattern,
            pointer: miss.pointer,
            difference: miss.difference.text(),
            difference_code: miss.difference.as_str(),
            covered_origin: miss.covered_origin,
        }
    }
}

impl Policy {
    /// A number for the origin pattern that covers the origin of a request, or nearly covers it,
    /// together with what keeps it from doing so; `None` where no pattern comes near.
    ///
    /// It is for logs of denials. A client can invent any number of origins, but the document bounds
    /// these numbers: there are a few for each pattern. They mean nothing in another policy. Takes
    /// about a microsecond, and allocates.
    pub fn nearest_pattern(&self, request: &Request<'_>) -> Option<NonZeroU64> {
        let (rule, _) = self.find_rule(request.path)?;
        number(rule, request.origin?)
    }
}

/// Finds the nearest miss of an origin that no pattern covers.
pub(crate) fn find(rule: &Rule, origin: &[u8]) -> Option<NearestMiss> {
    nearest(rule, origin).map(|(entry, covered, difference)| NearestMiss {
        pattern: rule.origins.text(entry).unwrap_or_default().to_owned(),
        pointer: rule.origin_pointer(entry),
        difference,
        covered_origin: escaped_whole(covered.as_bytes()),
    })
}

/// A number for the pattern that covers an origin, or nearly does, together with the difference.
fn number(rule: &Rule, origin: &[u8]) -> Option<NonZeroU64> {
    let (entry, difference) = match rule.origins.find(origin) {
        Found::Entry(entry) => (entry, 0),
        Found::NotAllowed | Found::Malformed => {
            let (entry, _, difference) = nearest(rule, origin)?;
            (entry, 1 + difference as u64)
        }
    };
    // An entry is a place in a document, far below 2^32, so the number is one of JavaScript's, too.
    NonZeroU64::new((entry as u64 + 1) << 5 | difference)
}

/// The entry, the origin that it covers, and the difference.
type Miss = (usize, String, Difference);

fn nearest(rule: &Rule, origin: &[u8]) -> Option<Miss> {
    let text = std::str::from_utf8(origin).ok()?;
    // Nothing near is longer than an origin can be, but for a path; Punycode takes its time.
    if text.len() > if text.is_ascii() { 1_024 } else { MAX_ORIGIN } {
        return None;
    }
    match Origin::parse(origin) {
        None => malformed(rule, text),
        Some(parsed) => neighbour(rule, text, &parsed).or_else(|| other_port(rule, text, &parsed)),
    }
}

fn malformed(rule: &Rule, text: &str) -> Option<Miss> {
    let corrected = pattern::correct(text)?;
    let entry = entry_of(rule, &corrected)?;
    Some((entry, corrected, malformation(text)?))
}

/// What keeps a text that can be corrected from being an origin.
fn malformation(text: &str) -> Option<Difference> {
    let Some((scheme, rest)) = text.trim().split_once("://") else {
        return Some(if text.trim() != text {
            Difference::WhiteSpace
        } else {
            Difference::NoScheme
        });
    };
    let end = rest.find(['/', '?', '#', '\\']).unwrap_or(rest.len());
    let (authority, beyond) = rest.split_at(end);
    let (host, port) = origin::split_port(authority.as_bytes());
    Some(if text.trim() != text {
        Difference::WhiteSpace
    } else if text.contains(|c: char| c.is_ascii_uppercase()) {
        Difference::UpperCase
    } else if beyond == "/" {
        Difference::TrailingSlash
    } else if beyond.starts_with(['/', '\\']) {
        Difference::Path
    } else if beyond.starts_with('?') {
        Difference::Query
    } else if beyond.starts_with('#') {
        Difference::Fragment
    } else if !text.is_ascii() {
        Difference::NotPunycode
    } else if port == Some(b"") {
        Difference::EmptyPort
    } else if names_default_port(scheme, port) {
        Difference::DefaultPort
    } else if host.starts_with(b"[") {
        Difference::NotCanonicalAddress
    } else {
        return None;
    })
}

fn names_default_port(scheme: &str, port: Option<&[u8]>) -> bool {
    let number = port.and_then(origin::port_number);
    number.is_some() && number == origin::default_port(scheme.as_bytes())
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
        (format!("{scheme}://{other_dot}{port}"), Difference::TrailingDot),
        // Before "www.", which a wildcard would cover as well.
        (format!("{scheme}://any-label.{rest}"), Difference::NoSubdomain),
        (format!("{scheme}://www.{rest}"), Difference::NoWww),
    ];
    match scheme {
        "http" => candidates.insert(0, (format!("https://{rest}"), Difference::Http)),
        "https" => candidates.insert(0, (format!("http://{rest}"), Difference::Https)),
        "ws" => candidates.insert(0, (format!("http://{rest}"), Difference::WebsocketScheme)),
        "wss" => candidates.insert(0, (format!("https://{rest}"), Difference::WebsocketScheme)),
        _ => {}
    }
    if let Some(name) = rest.strip_prefix("www.") {
        candidates.push((format!("{scheme}://{name}"), Difference::Www));
    }
    if let Some((_, parent)) = rest.split_once('.') {
        candidates.push((format!("{scheme}://{parent}"), Difference::ExtraLabel));
        candidates.push((format!("{scheme}://any-label.{parent}"), Difference::OtherLabel));
    }
    if origin.port.is_some() {
        candidates.insert(0, (format!("{scheme}://{host}"), Difference::Port));
    }
    candidates.into_iter().find_map(|(candidate, difference)| {
        Some((entry_of(rule, &candidate)?, candidate, difference))
    })
}

fn other_port(rule: &Rule, text: &str, origin: &Origin<'_>) -> Option<Miss> {
    // Everything in front of the port. What is listed is well-formed: a colon after that is a port's.
    let same = &text[..origin.scheme.len() + "://".len() + origin.host.len()];
    rule.origins.exact().iter().take(MAX_COMPARED).find_map(|(listed, entry)| {
        let port = listed.strip_prefix(same)?;
        let found = port.is_empty() || port.starts_with(':');
        found.then(|| (entry, listed.to_owned(), Difference::Port))
    })
}

fn entry_of(rule: &Rule, origin: &str) -> Option<usize> {
    match rule.origins.find(origin.as_bytes()) {
        Found::Entry(entry) => Some(entry),
        Found::NotAllowed | Found::Malformed => None,
    }
}
