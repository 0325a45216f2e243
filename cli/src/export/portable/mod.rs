//! Origin patterns as regular expressions that other systems read as the engine reads the pattern.
//!
//! They are written in what RE2, Go, Java, PCRE and ECMAScript have in common: escaped literals,
//! classes of bytes, greedy repetitions, groups that do not capture. They are made from the engine's
//! own parsed patterns, never from a text.
//!
//! A system may match them against anything that a client sends. So they cover origins only: no
//! slash behind the host, no user, no space, no upper case. Beyond what the engine covers they cover
//! only what no browser sends (a port above 65535, the default port, a host that the URL Standard
//! takes for a broken IP address) and names that are none of the DNS: a host of more than 253 bytes, a
//! label of more than 63 and, where a regex of the document says no more, one with a hyphen first or
//! last.

mod grammar;
mod narrow;
mod paths;
#[cfg(test)]
mod tests;
mod text;

use onecors_core::introspect::{
    self, HostPattern, Listed, MAX_LABEL, MAX_ORIGIN, PortPattern, TuplePattern,
};

use self::narrow::Unportable;
use super::{Refusals, RuleView};

/// The most bytes of a regex that is written for another system. nginx takes 4,096 in a word.
const MAX_TEXT: usize = 3_000;

/// How a system looks for a match.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Matching {
    /// In one pass: RE2 and Go. What is counted is copied so many times there, and Envoy takes no
    /// regex of more than 100 instructions, so that nothing says how long a label may be.
    Linear,
    /// By trying one way after the other: Java, PCRE and ECMAScript. There a regex is a danger that
    /// the engine makes no use of: a client can send an origin that keeps it busy for very long.
    Backtracking,
}

/// The wildcards and the regexes of a rule, in the document's order, each to be matched against
/// the whole of an `Origin`. Refuses the regexes that cannot be written so.
pub(crate) fn patterns(
    rule: &RuleView<'_>,
    matching: Matching,
    refusals: &mut Refusals,
) -> Vec<String> {
    let origins = &rule.origins;
    let mut all: Vec<(usize, String)> = origins
        .wildcards
        .iter()
        .map(|listed| (listed.entry, wildcard(&listed.pattern, matching)))
        .collect();
    for &Listed { entry, text, .. } in &origins.regexes {
        match regex(text, matching) {
            Ok(pattern) => all.push((entry, pattern)),
            Err(why) => refuse(why, rule.origin_pointer(entry), refusals),
        }
    }
    all.sort_unstable_by_key(|&(entry, _)| entry);
    all.into_iter().map(|(_, pattern)| pattern).collect()
}

fn refuse(why: Unportable, pointer: String, refusals: &mut Refusals) {
    let (message, help) = match why {
        Unportable::Nothing => ("the regex covers no origin that a browser sends", "remove it"),
        Unportable::WordBorder => (
            "the regex has a word boundary, and systems differ in what a word is",
            r"write the literal characters, such as \. or :",
        ),
        Unportable::Backtracks => (
            "the regex can take very long in a backtracking matcher, which the target has",
            "avoid nested repetitions and several in a row; for subdomains \
             write a wildcard, such as https://*.example.com",
        ),
        Unportable::TooLong => (
            "the regex becomes too long once it is restricted to origins",
            "avoid nested repetitions, and count one class of characters: \
             [a-z0-9-]{1,20} in the place of .{1,20}",
        ),
    };
    refusals.push(pointer, message, help);
}

/// A pattern that is to match the whole text, between anchors. Not `$`, which some systems let
/// match in front of a line feed. ECMAScript, which does not, knows no `\z`.
pub(crate) fn anchored(pattern: &str) -> String {
    format!(r"^{pattern}\z")
}

/// The same for PCRE and Java, which are kept from texts that are longer than any origin.
pub(crate) fn anchored_short(pattern: &str) -> String {
    format!(r"^(?=.{{1,{MAX_ORIGIN}}}\z){pattern}\z")
}

/// The pattern that matches this text alone.
pub(crate) fn literal(text: &str) -> String {
    text::literal(text.as_bytes())
}

/// The pattern that matches what a wildcard covers.
fn wildcard(pattern: &TuplePattern<'_>, matching: Matching) -> String {
    let scheme = literal(pattern.scheme);
    let host = match pattern.host {
        HostPattern::Exact(host) => literal(host),
        HostPattern::Subdomains { base } => {
            let inner = up_to(0, MAX_LABEL - 2, matching);
            format!(r"(?:[a-z0-9_](?:[a-z0-9_-]{inner}[a-z0-9_])?\.)+{}", literal(base))
        }
        HostPattern::Partial { prefix, suffix, base } => {
            format!(r"{}\.{}", partial_label(prefix, suffix, matching), literal(base))
        }
    };
    let port = match pattern.port {
        PortPattern::Absent => String::new(),
        PortPattern::Number(port) => format!(":{port}"),
        PortPattern::Any => format!("(?::[1-9][0-9]{})?", up_to(0, 4, matching)),
    };
    format!("{scheme}://{host}{port}")
}

/// One label with one or more of `a-z 0-9 -` between these two, and no hyphen first or last.
fn partial_label(prefix: &str, suffix: &str, matching: Matching) -> String {
    let most = MAX_LABEL - prefix.len() - suffix.len();
    let rest = up_to(0, most - 1, matching);
    let star = match (prefix.is_empty(), suffix.is_empty()) {
        (true, _) => format!("[a-z0-9][a-z0-9-]{rest}"),
        (false, true) => format!("[a-z0-9-]{rest}[a-z0-9]"),
        (false, false) => format!("[a-z0-9-]{}", up_to(1, most, matching)),
    };
    format!("{}{star}{}", literal(prefix), literal(suffix))
}

/// So many of something, as far as it may be counted.
fn up_to(least: u8, most: usize, matching: Matching) -> String {
    match (matching, least) {
        (Matching::Linear, 0) => "*".into(),
        (Matching::Linear, _) => "+".into(),
        (Matching::Backtracking, _) => format!("{{{least},{most}}}"),
    }
}

/// The pattern that matches the origins that a regex of the document covers.
fn regex(text: &str, matching: Matching) -> Result<String, Unportable> {
    let narrowed = narrow::narrow(&introspect::regex_hir(text))?;
    if matching == Matching::Backtracking && paths::count(&narrowed) > paths::MAX {
        return Err(Unportable::Backtracks);
    }
    let text = text::of(&narrowed);
    if text.len() > MAX_TEXT { Err(Unportable::TooLong) } else { Ok(text) }
}
