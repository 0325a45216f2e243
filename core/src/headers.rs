//! `allow_headers` and `expose_headers`: names of request headers that a preflight may ask for, and
//! of response headers that a page may read.

use std::collections::HashSet;

use crate::document::{Entry, RuleDocument};
use crate::findings::Findings;
use crate::problem::{Code, Problem};
use crate::text::Quoted;
use crate::token::is_token;
use crate::verdict::Reason;

/// The request headers that browsers keep to themselves (Fetch, "forbidden request-header").
const FORBIDDEN_REQUEST: [&str; 21] = [
    "accept-charset",
    "accept-encoding",
    "access-control-request-headers",
    "access-control-request-method",
    "connection",
    "content-length",
    "cookie",
    "cookie2",
    "date",
    "dnt",
    "expect",
    "host",
    "keep-alive",
    "origin",
    "referer",
    "set-cookie",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "via",
];
/// The beginnings of further names that browsers keep to themselves.
const FORBIDDEN_REQUEST_PREFIXES: [&str; 2] = ["proxy-", "sec-"];
/// The response headers of the CORS protocol, which no request has.
const PROTOCOL_RESPONSE: [&str; 6] = [
    "access-control-allow-credentials",
    "access-control-allow-headers",
    "access-control-allow-methods",
    "access-control-allow-origin",
    "access-control-expose-headers",
    "access-control-max-age",
];
/// The response headers that no page may read (Fetch, "forbidden response-header name").
const FORBIDDEN_RESPONSE: [&str; 2] = ["set-cookie", "set-cookie2"];
/// Headers of the CORS protocol that only requests or only preflights' answers have.
const NOT_EXPOSABLE: [&str; 6] = [
    "access-control-allow-headers",
    "access-control-allow-methods",
    "access-control-max-age",
    "access-control-request-headers",
    "access-control-request-method",
    "origin",
];
/// The only name that `*` does not cover (Fetch, "CORS non-wildcard request-header name").
const NON_WILDCARD: &str = "authorization";

/// The most bytes of `Access-Control-Request-Headers`.
const MAX_BYTES: usize = 8_192;
/// The most names in it, repeated ones counted.
const MAX_NAMES: usize = 64;
/// The most empty elements in it. RFC 9110, section 5.6.1, asks recipients to bear "a reasonable
/// number".
const MAX_EMPTY: usize = 16;

/// The request headers that a rule allows.
#[derive(Debug, Default)]
pub(crate) struct RequestHeaders {
    /// Whether `*` is listed.
    pub(crate) any: bool,
    /// The listed names in lower case, in the document's order; `*` is one of them.
    pub(crate) listed: Vec<String>,
    /// The names alone, sorted.
    sorted: Vec<Box<[u8]>>,
}

impl RequestHeaders {
    /// Reads and checks a rule's `allow_headers`.
    pub(crate) fn of(rule: &RuleDocument, problems: &mut Findings) -> Self {
        let any = rule.allow_headers.iter().any(|entry| entry.value == "*");
        let names = Names {
            rule,
            key: "allow_headers",
            check: check_request,
            covered: |name| name != NON_WILDCARD,
        };
        let listed = names.read(&rule.allow_headers, any, problems);
        let mut sorted: Vec<Box<[u8]>> =
            listed.iter().filter(|name| *name != "*").map(|name| name.as_bytes().into()).collect();
        sorted.sort();
        Self { any, listed, sorted }
    }

    /// Checks the names that a preflight asks for, and tells whether there is one.
    ///
    /// # Errors
    ///
    /// The first reason, of all that the list gives, to refuse it.
    pub(crate) fn check(&self, list: &[u8]) -> Result<bool, Reason> {
        if list.len() > MAX_BYTES {
            return Err(Reason::TooManyHeaders);
        }
        if self.sorted.len() <= MAX_NAMES && self.is_sorted_part(list) {
            return Ok(true);
        }
        self.check_each(list)
    }

    /// Whether a list is what browsers send (Fetch, "CORS-unsafe request-header names") and of listed
    /// names alone: in lower case, sorted, each once, with a comma between them and no more.
    fn is_sorted_part(&self, list: &[u8]) -> bool {
        let mut rest = list;
        for listed in &self.sorted {
            // Most names differ in their first byte, which needs no call.
            if rest.first() != listed.first() {
                continue;
            }
            match rest.strip_prefix(&**listed) {
                Some([]) => return true,
                Some([b',', after @ ..]) => rest = after,
                _ => {}
            }
        }
        false
    }

    fn check_each(&self, list: &[u8]) -> Result<bool, Reason> {
        let (mut names, mut empty, mut malformed, mut refused) = (0, 0, false, false);
        // Browsers sort the names, so that a place in the sorted list moves on with them.
        let mut place = 0;
        for name in elements(list) {
            if name.is_empty() {
                empty += 1;
                continue;
            }
            names += 1;
            malformed |= !is_token(name);
            refused |= !self.allows(name, &mut place);
        }
        if names > MAX_NAMES {
            Err(Reason::TooManyHeaders)
        } else if malformed || empty > MAX_EMPTY {
            Err(Reason::MalformedRequestHeaders)
        } else if refused {
            Err(Reason::HeaderNotAllowed)
        } else {
            Ok(names > 0)
        }
    }

    /// The first name of a list that is not allowed.
    pub(crate) fn first_refused<'l>(&self, list: &'l [u8]) -> Option<&'l [u8]> {
        elements(list).filter(|name| !name.is_empty()).find(|name| !self.allows(name, &mut 0))
    }

    fn allows(&self, name: &[u8], place: &mut usize) -> bool {
        self.is_listed(name, place)
            || (self.any && !name.eq_ignore_ascii_case(NON_WILDCARD.as_bytes()))
    }

    fn is_listed(&self, name: &[u8], place: &mut usize) -> bool {
        // Beside a long list the walk would take longer than looking each name up.
        let few = if self.sorted.len() <= MAX_NAMES { &self.sorted[..] } else { &[] };
        while let Some(listed) = few.get(*place) {
            if **listed == *name {
                return true;
            }
            if **listed > *name {
                break;
            }
            *place += 1;
        }
        // In another order, or in upper case.
        self.sorted.binary_search_by(|listed| compare_lower_case(listed, name)).is_ok()
    }
}

/// The elements of a list (RFC 9110, section 5.6.1), without the white space around them.
fn elements(list: &[u8]) -> impl Iterator<Item = &[u8]> {
    list.split(|&byte| byte == b',').map(|element| {
        let start = element.iter().position(|&byte| !is_space(byte)).unwrap_or(element.len());
        let end = element.iter().rposition(|&byte| !is_space(byte)).map_or(start, |last| last + 1);
        &element[start..end]
    })
}

/// Whether this is optional white space (RFC 9110, section 5.6.3).
fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

/// Compares a text in lower case with one in any case.
fn compare_lower_case(lower: &[u8], any: &[u8]) -> std::cmp::Ordering {
    lower.iter().copied().cmp(any.iter().map(u8::to_ascii_lowercase))
}

/// The response headers that a rule exposes.
#[derive(Debug, Default)]
pub(crate) struct ExposedHeaders {
    /// The listed names in lower case, in the document's order.
    pub(crate) listed: Vec<String>,
}

impl ExposedHeaders {
    /// Reads and checks a rule's `expose_headers`.
    pub(crate) fn of(rule: &RuleDocument, problems: &mut Findings) -> Self {
        let any = rule.expose_headers.iter().find(|entry| entry.value == "*");
        if let Some(entry) = any.filter(|_| rule.allow_credentials) {
            let pointer = rule.entry_pointer("expose_headers", entry.index);
            problems.push(
                Problem::new(Code::AnyExposedWithCredentials, pointer, "\"*\"")
                    .help("list each header that pages need to read"),
            );
        }
        let names = Names { rule, key: "expose_headers", check: check_response, covered: |_| true };
        // With credentials "*" is a name like any other, and covers nothing.
        let covers = any.is_some() && !rule.allow_credentials;
        Self { listed: names.read(&rule.expose_headers, covers, problems) }
    }
}

/// How a list of header names is read.
struct Names<'r> {
    rule: &'r RuleDocument,
    key: &'static str,
    check: fn(&str) -> Result<(), Code>,
    /// Whether a `*` beside a name covers it.
    covered: fn(&str) -> bool,
}

impl Names<'_> {
    fn read(&self, entries: &[Entry<String>], any: bool, problems: &mut Findings) -> Vec<String> {
        let mut listed = Vec::new();
        let mut seen = HashSet::new();
        for entry in entries {
            let name = entry.value.to_ascii_lowercase();
            let problem = if name == "*" {
                (!seen.insert(name.clone())).then_some(Code::RepeatedHeaderName)
            } else if let Err(code) = (self.check)(&name) {
                Some(code)
            } else if !seen.insert(name.clone()) {
                Some(Code::RepeatedHeaderName)
            } else if any && (self.covered)(&name) {
                Some(Code::CoveredHeaderName)
            } else {
                None
            };
            match problem {
                Some(code) => {
                    let pointer = self.rule.entry_pointer(self.key, entry.index);
                    problems.push(Problem::new(code, pointer, Quoted(entry.value.as_bytes())));
                }
                None => listed.push(name),
            }
        }
        listed
    }
}

fn check_request(name: &str) -> Result<(), Code> {
    if name.starts_with('@') {
        return Err(Code::ReservedHeaderName);
    }
    if !is_token(name.as_bytes()) {
        return Err(Code::InvalidHeaderName);
    }
    if PROTOCOL_RESPONSE.contains(&name) {
        return Err(Code::ResponseHeaderName);
    }
    let forbidden = FORBIDDEN_REQUEST.contains(&name)
        || FORBIDDEN_REQUEST_PREFIXES.iter().any(|prefix| name.starts_with(prefix));
    if forbidden { Err(Code::ForbiddenHeaderName) } else { Ok(()) }
}

fn check_response(name: &str) -> Result<(), Code> {
    if !is_token(name.as_bytes()) {
        Err(Code::InvalidHeaderName)
    } else if FORBIDDEN_RESPONSE.contains(&name) {
        Err(Code::ForbiddenHeaderName)
    } else if NOT_EXPOSABLE.contains(&name) {
        Err(Code::RequestHeaderName)
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn allowing(names: &[&str]) -> RequestHeaders {
        let mut sorted: Vec<Box<[u8]>> = names.iter().map(|name| name.as_bytes().into()).collect();
        sorted.sort();
        RequestHeaders { any: false, listed: Vec::new(), sorted }
    }

    #[test]
    fn the_reasons_stand_in_order() {
        let headers = allowing(&["x-a"]);
        let many = ["x-a"; 65].join(",");
        assert_eq!(headers.check(&[b','; 8_193]), Err(Reason::TooManyHeaders));
        assert_eq!(headers.check(format!("{many},é").as_bytes()), Err(Reason::TooManyHeaders));
        assert_eq!(headers.check(b"x-b,a b"), Err(Reason::MalformedRequestHeaders));
        assert_eq!(headers.check(b"x-b,x-a"), Err(Reason::HeaderNotAllowed));
        assert_eq!(headers.check(&many.as_bytes()[4..]), Ok(true));
        assert_eq!(headers.check(&[b','; 15]), Ok(false));
        assert_eq!(headers.check(&[b','; 16]), Err(Reason::MalformedRequestHeaders));
        assert_eq!(headers.check(b""), Ok(false));
    }

    #[test]
    fn each_of_many_names_is_found() {
        let names: Vec<String> = (0..1_000).map(|number| format!("x-{number}")).collect();
        let headers = allowing(&names.iter().map(String::as_str).collect::<Vec<_>>());
        for (list, result) in [
            ("x-0,x-1,x-10,x-999", Ok(true)),
            ("x-999,x-0", Ok(true)),
            ("X-500", Ok(true)),
            ("x-0,x-1000", Err(Reason::HeaderNotAllowed)),
            ("a", Err(Reason::HeaderNotAllowed)),
            ("z", Err(Reason::HeaderNotAllowed)),
        ] {
            assert_eq!(headers.check(list.as_bytes()), result, "{list}");
        }
    }

    #[test]
    fn the_short_way_takes_no_list_that_is_refused() {
        let headers = allowing(&["a", "ab", "b", "b-"]);
        let mut lists = vec![String::new()];
        for place in 0..100_000 {
            let list = lists[place].clone();
            let check = headers.check_each(list.as_bytes());
            assert!(!headers.is_sorted_part(list.as_bytes()) || check == Ok(true), "{list:?}");
            // All lists of these characters, the shortest first.
            lists.extend(["a", "b", "-", ",", " ", "B"].map(|next| format!("{list}{next}")));
        }
    }

    proptest! {
        #[test]
        fn names_are_found_in_any_order_and_case(
            listed in proptest::collection::hash_set("[a-c-]{1,3}", 0..8),
            asked in proptest::collection::vec("[a-dA-C-]{1,3}", 0..8),
        ) {
            let names: Vec<&str> = listed.iter().map(String::as_str).collect();
            let expected = asked.iter().all(|name| listed.contains(&name.to_lowercase()));
            let found = allowing(&names).check(asked.join(" ,\t").as_bytes());
            prop_assert_eq!(found.is_ok(), expected);
        }

        #[test]
        fn a_sorted_list_takes_the_short_way(
            listed in proptest::collection::btree_map("[a-c-]{1,3}", proptest::bool::ANY, 1..8),
        ) {
            let names: Vec<&str> = listed.keys().map(String::as_str).collect();
            let asked: Vec<&str> = listed.iter().filter_map(|(n, &ask)| ask.then_some(&**n)).collect();
            let short = allowing(&names).is_sorted_part(asked.join(",").as_bytes());
            prop_assert_eq!(short, !asked.is_empty());
        }
    }
}
