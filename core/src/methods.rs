//! `allow_methods`: which methods a preflight may ask for.

use std::collections::HashSet;

use crate::document::RuleDocument;
use crate::findings::Findings;
use crate::problem::{Code, Problem};
use crate::text::Quoted;
use crate::token::is_token;
use crate::verdict::Reason;

/// The methods that every page may use (Fetch, "CORS-safelisted method").
pub const SAFELISTED: [&str; 3] = ["GET", "HEAD", "POST"];
/// The methods that no page may use, in any case (Fetch, "forbidden method").
const FORBIDDEN: [&str; 3] = ["CONNECT", "TRACE", "TRACK"];
/// The methods that `fetch()` upper-cases (Fetch, "normalize a method").
const NORMALIZED: [&str; 6] = ["DELETE", "GET", "HEAD", "OPTIONS", "POST", "PUT"];
/// The most methods that are compared one after the other.
const FEW: usize = 16;

/// The methods that a rule allows.
#[derive(Debug, Default)]
pub(crate) struct Methods {
    /// Whether `*` is listed.
    pub(crate) any: bool,
    /// The listed methods as written, in the document's order.
    pub(crate) listed: Vec<String>,
    /// The same, sorted, where they are too many to be compared one after the other.
    sorted: Vec<Box<[u8]>>,
}

impl Methods {
    /// Reads and checks a rule's `allow_methods`.
    pub(crate) fn of(rule: &RuleDocument, problems: &mut Findings) -> Self {
        let mut methods = Self {
            any: rule.allow_methods.iter().any(|entry| entry.value == "*"),
            ..Self::default()
        };
        let mut seen = HashSet::new();
        for entry in &rule.allow_methods {
            let method = entry.value.as_str();
            let pointer = rule.entry_pointer("allow_methods", entry.index);
            match check(method) {
                Err((code, instead)) => problems.push(
                    Problem::new(code, pointer, Quoted(method.as_bytes())).help_instead(instead),
                ),
                Ok(()) if !seen.insert(method) => problems.push(Problem::new(
                    Code::RepeatedMethod,
                    pointer,
                    Quoted(method.as_bytes()),
                )),
                Ok(()) if methods.any && method != "*" => problems.push(Problem::new(
                    Code::CoveredMethod,
                    pointer,
                    Quoted(method.as_bytes()),
                )),
                Ok(()) => methods.listed.push(method.to_owned()),
            }
        }
        Self { any: methods.any, ..Self::listing(methods.listed) }
    }

    fn listing(listed: Vec<String>) -> Self {
        let mut sorted: Vec<Box<[u8]>> = Vec::new();
        if listed.len() > FEW {
            sorted.extend(listed.iter().map(|method| method.as_bytes().into()));
            sorted.sort_unstable();
        }
        Self { any: false, listed, sorted }
    }

    fn is_listed(&self, method: &[u8]) -> bool {
        if self.listed.len() > FEW {
            return self.sorted.binary_search_by(|listed| (**listed).cmp(method)).is_ok();
        }
        self.listed.iter().any(|listed| listed.as_bytes() == method)
    }

    /// Checks the method that a preflight asks for. What is not one token may be a list in disguise,
    /// so it is never passed on and never echoed.
    ///
    /// # Errors
    ///
    /// Why the method is refused.
    pub(crate) fn check(&self, method: &[u8]) -> Result<(), Reason> {
        if is_safelisted(method) || self.is_listed(method) {
            Ok(())
        } else if !is_token(method) {
            Err(Reason::MalformedRequestMethod)
        } else if self.any && !is_forbidden(method) {
            Ok(())
        } else {
            Err(Reason::MethodNotAllowed)
        }
    }
}

/// Whether a method needs no listing (Fetch, "CORS-safelisted method").
fn is_safelisted(method: &[u8]) -> bool {
    matches!(method, b"GET" | b"HEAD" | b"POST")
}

/// Whether browsers forbid this method to every page.
pub(crate) fn is_forbidden(method: &[u8]) -> bool {
    FORBIDDEN.iter().any(|forbidden| forbidden.as_bytes().eq_ignore_ascii_case(method))
}

/// The spelling that `fetch()` gives a method, when it is another one.
pub(crate) fn normalized(method: &str) -> Option<&'static str> {
    NORMALIZED.into_iter().find(|known| known.eq_ignore_ascii_case(method) && *known != method)
}

fn check(method: &str) -> Result<(), (Code, Option<&'static str>)> {
    if !is_token(method.as_bytes()) {
        return Err((Code::InvalidMethod, None));
    }
    if is_forbidden(method.as_bytes()) {
        return Err((Code::ForbiddenMethod, None));
    }
    match normalized(method) {
        Some(instead) => Err((Code::MethodCase, Some(instead))),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_of_many_methods_is_found() {
        let listed: Vec<String> = (0..100).map(|number| format!("M{number}")).collect();
        let methods = Methods::listing(listed);
        for (method, result) in [
            ("M0", Ok(())),
            ("M99", Ok(())),
            ("POST", Ok(())),
            ("m0", Err(Reason::MethodNotAllowed)),
            ("M100", Err(Reason::MethodNotAllowed)),
            ("M0,M1", Err(Reason::MalformedRequestMethod)),
        ] {
            assert_eq!(methods.check(method.as_bytes()), result, "{method}");
        }
    }

    #[test]
    fn the_safelisted_methods_need_no_listing() {
        for method in SAFELISTED {
            assert!(is_safelisted(method.as_bytes()), "{method}");
        }
        for method in FORBIDDEN.iter().chain(&NORMALIZED).filter(|m| !SAFELISTED.contains(m)) {
            assert!(!is_safelisted(method.as_bytes()), "{method}");
        }
    }
}
