//! What can be wrong with a policy document: codes, texts and places.

use std::fmt;

use serde::{Serialize, Serializer};

use crate::text::{escape_json, place, printable};

/// What kind of problem, as a stable code.
///
/// [`Code::as_str`] is what people see and search for, and never changes once published.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[allow(missing_docs, reason = "TEXTS says what each means, once")]
#[non_exhaustive]
pub enum Code {
    // The document
    InvalidJson,
    DocumentTooLarge,
    WrongType,
    UnknownKey,
    RepeatedKey,
    MissingKey,
    EmptyList,
    // Rules
    KeyBesideRules,
    TooManyRules,
    EmptyName,
    RepeatedName,
    // Origin patterns: syntax
    EmptyOrigin,
    SurroundingSpace,
    SeveralOrigins,
    NonAsciiOrigin,
    UpperCaseOrigin,
    MissingScheme,
    InvalidScheme,
    FileScheme,
    WebsocketScheme,
    UserinfoInOrigin,
    TrailingSlash,
    PathInOrigin,
    EmptyHost,
    InvalidHost,
    InvalidIpv4,
    InvalidIpv6,
    Ipv4MappedIpv6,
    InvalidPunycode,
    InvalidPort,
    DefaultPort,
    InvalidWildcard,
    WildcardWithoutLiteral,
    WildcardNeverMatches,
    InvalidRegex,
    RegexTooLong,
    RegexTooLarge,
    // Origin patterns: dangers
    NullOrigin,
    AnyOriginWithCredentials,
    InsecureOrigin,
    PartialWildcardUnderSuffix,
    PublicSuffixWildcard,
    UnboundedRegex,
    // Origin patterns: redundancy
    RepeatedOrigin,
    CoveredOrigin,
    // Methods and header names
    InvalidMethod,
    ForbiddenMethod,
    MethodCase,
    RepeatedMethod,
    CoveredMethod,
    InvalidHeaderName,
    ReservedHeaderName,
    ForbiddenHeaderName,
    ResponseHeaderName,
    RequestHeaderName,
    RepeatedHeaderName,
    CoveredHeaderName,
    AnyExposedWithCredentials,
    // Numbers
    MaxAgeOutOfBounds,
    PreflightStatusOutOfBounds,
    // Paths
    InvalidPath,
    InvalidPathParameter,
    InvalidPathWildcard,
    UnsafePath,
    ConflictingPath,
    // Opt-outs
    UnknownOptOut,
    RepeatedOptOut,
    UnneededOptOut,
}

/// Every code with its text, in the order of [`Code`]. A message is the offending text followed by
/// this one: what is wrong with it, and what a browser would do.
const TEXTS: &[(Code, &str, &str)] = &[
    (Code::InvalidJson, "invalid_json", "is not JSON (RFC 8259)"),
    (Code::DocumentTooLarge, "document_too_large", "is larger than a policy document may be"),
    (Code::WrongType, "wrong_type", "has the wrong type"),
    (
        Code::UnknownKey,
        "unknown_key",
        "is not a key of a policy document, so it would have no effect",
    ),
    (
        Code::RepeatedKey,
        "repeated_key",
        "appears twice in one object, and parsers differ in which one they use",
    ),
    (Code::MissingKey, "missing_key", "is missing"),
    (Code::EmptyList, "empty_list", "is empty"),
    (
        Code::KeyBesideRules,
        "key_beside_rules",
        "is beside \"rules\", where it would have no effect",
    ),
    (Code::TooManyRules, "too_many_rules", "exceeds the number of rules that a policy may have"),
    (Code::EmptyName, "empty_name", "is an empty name"),
    (Code::RepeatedName, "repeated_name", "already names another rule"),
    (Code::EmptyOrigin, "empty_origin", "is empty, and no browser sends an empty Origin"),
    (
        Code::SurroundingSpace,
        "surrounding_space",
        "has leading or trailing white space, which an Origin never has: it would match nothing",
    ),
    (
        Code::SeveralOrigins,
        "several_origins",
        "looks like several origins, and a browser's Origin holds one: it would match nothing",
    ),
    (
        Code::NonAsciiOrigin,
        "non_ascii_origin",
        "has characters outside ASCII, and browsers send an internationalised host in Punycode",
    ),
    (
        Code::UpperCaseOrigin,
        "upper_case_origin",
        "has upper-case letters, and browsers send scheme and host in lower case: it would match nothing",
    ),
    (
        Code::MissingScheme,
        "missing_scheme",
        "has no scheme; an origin is a scheme, a host and, where it is not the default, a port",
    ),
    (
        Code::InvalidScheme,
        "invalid_scheme",
        "has an invalid scheme: it must be a lower-case letter followed by letters, digits, \"+\", \"-\" or \".\", 64 characters at most",
    ),
    (Code::FileScheme, "file_scheme", "is a file origin, which browsers send as \"null\""),
    (
        Code::WebsocketScheme,
        "websocket_scheme",
        "has a WebSocket scheme, which the origin of a page never has",
    ),
    (
        Code::UserinfoInOrigin,
        "userinfo_in_origin",
        "has user information (\"@\"), which an Origin never has",
    ),
    (
        Code::TrailingSlash,
        "trailing_slash",
        "ends in a slash, and a browser's Origin never does: it would match nothing",
    ),
    (
        Code::PathInOrigin,
        "path_in_origin",
        "has a path, a query or a fragment, and an Origin ends after the host and port: it would match nothing",
    ),
    (Code::EmptyHost, "empty_host", "has no host"),
    (
        Code::InvalidHost,
        "invalid_host",
        "has an invalid host: each label must be 1 to 63 of a-z, 0-9, \"-\" and \"_\" without a hyphen at either end, 253 characters at most in all",
    ),
    (
        Code::InvalidIpv4,
        "invalid_ipv4",
        "has a host that ends in a number, which browsers read as an IPv4 address, and it is not a canonical one",
    ),
    (
        Code::InvalidIpv6,
        "invalid_ipv6",
        "has an IPv6 address that is not in the canonical form, the one that browsers send (RFC 5952)",
    ),
    (Code::Ipv4MappedIpv6, "ipv4_mapped_ipv6", "has an IPv4-mapped IPv6 address"),
    (
        Code::InvalidPunycode,
        "invalid_punycode",
        "has a label that begins with \"xn--\" but is not valid Punycode, so no browser sends it",
    ),
    (
        Code::InvalidPort,
        "invalid_port",
        "has an invalid port: it must be 1 to 65535 without leading zeros",
    ),
    (
        Code::DefaultPort,
        "default_port",
        "names the default port of its scheme, which browsers leave out: it would match nothing",
    ),
    (
        Code::InvalidWildcard,
        "invalid_wildcard",
        "has a misplaced \"*\": it can be the whole first label, a part of the first label, or the port",
    ),
    (
        Code::WildcardWithoutLiteral,
        "wildcard_without_literal",
        "has a \"*\" without a domain after it, so it would match any host",
    ),
    (Code::WildcardNeverMatches, "wildcard_never_matches", "cannot match any valid host"),
    (
        Code::InvalidRegex,
        "invalid_regex",
        "is not a valid regular expression (syntax of the Rust regex crate)",
    ),
    (
        Code::RegexTooLong,
        "regex_too_long",
        "is longer than 1,024 characters, the limit for a regex",
    ),
    (Code::RegexTooLarge, "regex_too_large", "needs an automaton larger than the limit"),
    (
        Code::NullOrigin,
        "null_origin",
        "allows the null origin, which any page can obtain with a sandboxed frame",
    ),
    (
        Code::AnyOriginWithCredentials,
        "any_origin_with_credentials",
        "allows any origin together with credentials: any page could act as the user, and browsers reject the combination",
    ),
    (
        Code::InsecureOrigin,
        "insecure_origin",
        "is not secure: anyone on the network path could act as the user",
    ),
    (
        Code::PartialWildcardUnderSuffix,
        "partial_wildcard_under_suffix",
        "matches domains that anyone can register: the label with the wildcard is directly below a public suffix",
    ),
    (
        Code::PublicSuffixWildcard,
        "public_suffix_wildcard",
        "matches domains of strangers and allows credentials: anyone can register a domain below a public suffix",
    ),
    (
        Code::UnboundedRegex,
        "unbounded_regex",
        "does not end in a literal registrable domain, so it may match domains that anyone can register",
    ),
    (Code::RepeatedOrigin, "repeated_origin", "is listed twice"),
    (Code::CoveredOrigin, "covered_origin", "is already covered"),
    (
        Code::InvalidMethod,
        "invalid_method",
        "is not a method: a method is one token (RFC 9110, section 9.1)",
    ),
    (
        Code::ForbiddenMethod,
        "forbidden_method",
        "is a forbidden method: browsers never let a page send it (Fetch, \"forbidden method\")",
    ),
    (
        Code::MethodCase,
        "method_case",
        "is a method that fetch() sends in upper case, and methods are compared case-sensitively: it would match nothing",
    ),
    (Code::RepeatedMethod, "repeated_method", "is listed twice"),
    (Code::CoveredMethod, "covered_method", "is already covered by the \"*\" beside it"),
    (
        Code::InvalidHeaderName,
        "invalid_header_name",
        "is not a header name: a name is one token (RFC 9110, section 5.1)",
    ),
    (
        Code::ReservedHeaderName,
        "reserved_header_name",
        "begins with \"@\", which is reserved for future bundles of names",
    ),
    (
        Code::ForbiddenHeaderName,
        "forbidden_header_name",
        "is a forbidden header: browsers keep it from pages, so listing it has no effect",
    ),
    (
        Code::ResponseHeaderName,
        "response_header_name",
        "is a response header of the CORS protocol, not a request header",
    ),
    (
        Code::RequestHeaderName,
        "request_header_name",
        "is a header of the CORS protocol that pages have no use for",
    ),
    (
        Code::RepeatedHeaderName,
        "repeated_header_name",
        "is listed twice (header names are case-insensitive)",
    ),
    (Code::CoveredHeaderName, "covered_header_name", "is already covered by the \"*\" beside it"),
    (
        Code::AnyExposedWithCredentials,
        "any_exposed_with_credentials",
        "exposes any header together with credentials, and with credentials browsers read \"*\" as the name of a header",
    ),
    (
        Code::MaxAgeOutOfBounds,
        "max_age_out_of_bounds",
        "is out of range: max_age is 0 to 86400 seconds, and no browser caches a preflight for more than a day",
    ),
    (
        Code::PreflightStatusOutOfBounds,
        "preflight_status_out_of_bounds",
        "is out of range: to browsers a preflight has failed unless its status is 200 to 299",
    ),
    (Code::InvalidPath, "invalid_path", "is not a path pattern"),
    (
        Code::InvalidPathParameter,
        "invalid_path_parameter",
        "has a brace that is not part of a whole segment such as \"{name}\"",
    ),
    (
        Code::InvalidPathWildcard,
        "invalid_path_wildcard",
        "has a \"*\" that is not its whole last segment",
    ),
    (
        Code::UnsafePath,
        "unsafe_path",
        "has a dot segment or an encoded slash, so it would match nothing",
    ),
    (Code::ConflictingPath, "conflicting_path", "matches the same paths as another pattern"),
    (Code::UnknownOptOut, "unknown_opt_out", "is not an opt-out"),
    (Code::RepeatedOptOut, "repeated_opt_out", "is listed twice"),
    (
        Code::UnneededOptOut,
        "unneeded_opt_out",
        "lifts a check that nothing in this rule fails, and would hide a later mistake",
    ),
];

impl Code {
    /// Every code, in the order of the document's parts.
    pub fn all() -> impl Iterator<Item = Self> {
        TEXTS.iter().map(|&(code, _, _)| code)
    }

    /// The stable code, such as `trailing_slash`.
    pub fn as_str(self) -> &'static str {
        TEXTS[self as usize].1
    }

    /// What is wrong, to be read after the offending text.
    pub fn text(self) -> &'static str {
        TEXTS[self as usize].2
    }
}

impl Serialize for Code {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// One thing that is wrong with a policy document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Problem {
    /// What kind of problem.
    pub code: Code,
    /// Where, as a JSON pointer (RFC 6901) into the document; empty for the whole document. A
    /// missing key is reported at the pointer it would have. Keys are exact, whatever characters they
    /// have: escape the pointer with [`printable`](crate::printable) before printing it.
    pub pointer: String,
    /// What is wrong and what a browser would do. Text from the document is escaped and truncated.
    pub message: String,
    /// The corrected text where there is one, otherwise what to do. A corrected text is exact.
    pub help: Option<String>,
}

impl Problem {
    /// A problem of this offending text, at this place.
    pub(crate) fn new(code: Code, pointer: impl Into<String>, subject: impl fmt::Display) -> Self {
        let message = format!("{subject} {}", code.text());
        Self { code, pointer: pointer.into(), message, help: None }
    }

    /// Adds what is particular to this case to the message.
    pub(crate) fn detail(mut self, detail: impl fmt::Display) -> Self {
        self.message.push_str(&format!(": {detail}"));
        self
    }

    /// Says what to write instead.
    pub(crate) fn help(mut self, help: impl fmt::Display) -> Self {
        self.help = Some(help.to_string());
        self
    }

    /// Gives the corrected text as the help, where there is one, so that an editor can put it in.
    pub(crate) fn help_instead(mut self, instead: Option<impl Into<String>>) -> Self {
        self.help = instead.map(Into::into);
        self
    }
}

/// The most problems that [`Problems`] lists. The rest is counted: so many come from a program that
/// writes the document, and a list of megabytes would not help to mend it. Fewer are listed where
/// their pointers are very long: together they have at most 1 MiB of text, the first one aside.
pub const MAX_PROBLEMS: usize = 1_000;

/// What is wrong with a policy document: never empty, in the document's order. Lists the first
/// [`MAX_PROBLEMS`], and counts the rest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problems {
    listed: Vec<Problem>,
    omitted: usize,
}

impl Problems {
    /// Problems in the document's order, and how many come after them.
    pub(crate) fn new(listed: Vec<Problem>, omitted: usize) -> Self {
        debug_assert!(!listed.is_empty(), "an error without a problem");
        Self { listed, omitted }
    }

    /// The listed problems as a JSON array of objects with `code`, `pointer`, `message` and `help`.
    /// Invisible characters are escaped, as JSON escapes them.
    pub fn to_json(&self) -> String {
        escape_json(serde_json::to_string(&self.listed).expect("strings always serialise"))
    }

    /// The listed problems, as a slice.
    pub fn as_slice(&self) -> &[Problem] {
        &self.listed
    }

    /// The listed problems, in the document's order.
    pub fn iter(&self) -> std::slice::Iter<'_, Problem> {
        self.listed.iter()
    }

    /// How many problems are listed. Never zero.
    #[expect(clippy::len_without_is_empty, reason = "there is a problem, or no error")]
    pub fn len(&self) -> usize {
        self.listed.len()
    }

    /// How many more problems the document has than are listed.
    pub fn omitted(&self) -> usize {
        self.omitted
    }
}

impl IntoIterator for Problems {
    type Item = Problem;
    type IntoIter = std::vec::IntoIter<Problem>;

    fn into_iter(self) -> Self::IntoIter {
        self.listed.into_iter()
    }
}

impl<'p> IntoIterator for &'p Problems {
    type Item = &'p Problem;
    type IntoIter = std::slice::Iter<'p, Problem>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl std::error::Error for Problems {}

/// The listed problems, each with its place, and the number of the rest: the text of the error in every
/// language. The document cannot add a line or hide text: pointers and helps are escaped with
/// [`printable`](crate::printable).
impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = self.listed.len() + self.omitted;
        write!(f, "the policy document has {count} problem{}", if count == 1 { "" } else { "s" })?;
        for problem in &self.listed {
            let place = place(&problem.pointer);
            write!(f, "\n  {place}: {} [{}]", problem.message, problem.code.as_str())?;
            if let Some(help) = &problem.help {
                write!(f, "\n    help: {}", printable(help.as_bytes()))?;
            }
        }
        if self.omitted > 0 {
            write!(f, "\n  ... and {} more", self.omitted)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_texts_stand_in_the_order_of_the_codes() {
        for (place, &(code, name, _)) in TEXTS.iter().enumerate() {
            assert_eq!(code as usize, place, "{name} is out of order");
        }
        assert_eq!(TEXTS.len(), Code::UnneededOptOut as usize + 1);
    }
}
