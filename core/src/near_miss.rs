//! The origin pattern that nearly covers an origin, and what keeps it from doing so.

use std::num::NonZeroU64;

use serde::Serialize;

use crate::index::Found;
use crate::origin::{MAX_ORIGIN, Origin};
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
    nearest(rule, origin).map(|(entry, covered, difference)| NearestMiss {
        pattern: rule.origins.text(entry).unwrap_or_default().to_owned(),
        pointer: rule.origin_pointer(entry),
        difference: difference.text().to_owned(),
        covered_origin: escaped_whole(covered.as_bytes()),
    })
}

/// A number for the pattern that covers an origin, or nearly does, together with the difference.
pub(crate) fn number(rule: &Rule, origin: &[u8]) -> Option<NonZeroU64> {
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

/// What an origin has that a pattern does not want.
#[derive(Clone, Copy)]
enum Difference {
    WhiteSpace,
    NoScheme,
    UpperCase,
    TrailingSlash,
    Path,
    NotPunycode,
    DefaultPort,
    Http,
    Https,
    Port,
    TrailingDot,
    NoLabel,
    NoWww,
    Www,
    OneLabelMore,
    OtherLabel,
}

impl Difference {
    fn text(self) -> &'static str {
        match self {
            Self::WhiteSpace => "has white space at an end",
            Self::NoScheme => "has no scheme",
            Self::UpperCase => "has upper-case letters",
            Self::TrailingSlash => "has a trailing slash",
            Self::Path => "has a path",
            Self::NotPunycode => "is not in Punycode",
            Self::DefaultPort => "names the default port",
            Self::Http => "http, not https",
            Self::Https => "https, not http",
            Self::Port => "differs only in the port",
            Self::TrailingDot => "differs only in the trailing dot",
            Self::NoLabel => "has no label in front, and the pattern wants one or more",
            Self::NoWww => "has no \"www.\" in front",
            Self::Www => "has \"www.\" in front",
            Self::OneLabelMore => "has one label more than the pattern",
            Self::OtherLabel => "has another first label than the pattern wants",
        }
    }
}

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
    let authority = text.split_once("://").map_or(text, |(_, rest)| rest);
    let difference = if text.trim() != text {
        Difference::WhiteSpace
    } else if !text.contains("://") {
        Difference::NoScheme
    } else if text.contains(|c: char| c.is_ascii_uppercase()) {
        Difference::UpperCase
    } else if authority.find('/') == Some(authority.len() - 1) {
        Difference::TrailingSlash
    } else if authority.contains(['/', '?', '#', '\\']) {
        Difference::Path
    } else if !text.is_ascii() {
        Difference::NotPunycode
    } else {
        Difference::DefaultPort
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
        (format!("{scheme}://{other_dot}{port}"), Difference::TrailingDot),
        // Before "www.", which a wildcard would cover as well.
        (format!("{scheme}://any-label.{rest}"), Difference::NoLabel),
        (format!("{scheme}://www.{rest}"), Difference::NoWww),
    ];
    match scheme {
        "http" => candidates.insert(0, (format!("https://{rest}"), Difference::Http)),
        "https" => candidates.insert(0, (format!("http://{rest}"), Difference::Https)),
        _ => {}
    }
    if let Some(name) = rest.strip_prefix("www.") {
        candidates.push((format!("{scheme}://{name}"), Difference::Www));
    }
    if let Some((_, parent)) = rest.split_once('.') {
        candidates.push((format!("{scheme}://{parent}"), Difference::OneLabelMore));
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
