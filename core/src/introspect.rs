//! What a policy holds, for tools that translate it or show it: exports, the command line, a page.
//!
//! Deciding needs nothing of this. A tool reads the rules as they are in force, without parsing the
//! document a second time:
//!
//! ```
//! use onecors_core::{Policy, introspect};
//!
//! let policy = Policy::from_json(r#"{ "allow_origins": ["https://*.example.com"] }"#)?;
//! let rule = &introspect::rules(&policy)[0];
//! assert_eq!(rule.origins.wildcards[0].text, "https://*.example.com");
//! assert_eq!(rule.origin_pointer(0), "/allow_origins/0");
//! # Ok::<(), onecors_core::Problems>(())
//! ```

use regex_syntax::hir::Hir;

pub use crate::host::{MAX_LABEL, is_label_byte};
use crate::index::Written;
pub use crate::methods::SAFELISTED as SAFELISTED_METHODS;
pub use crate::origin::MAX_ORIGIN;
use crate::origin::Origin;
use crate::pattern::Pattern;
pub use crate::pattern::{HostPattern, PortPattern, TuplePattern};
use crate::plan::{Header, Plan, Value};
use crate::policy::Policy;
use crate::regexes::Regex;
use crate::rule::Rule;

/// A rule of a policy. Borrows from the policy.
#[non_exhaustive]
pub struct RuleView<'p> {
    rule: &'p Rule,
    /// The path patterns, in the document's order; empty where the document is the rule, which then
    /// governs every path.
    pub paths: &'p [String],
    /// The origin patterns.
    pub origins: OriginPatterns<'p>,
    /// Whether pages may send cookies and read the answer.
    pub credentials: bool,
    /// The listed methods, as written and in the document's order; `*` is one of them.
    pub methods: &'p [String],
    /// The listed request headers, in lower case and in the document's order; `*` is one of them.
    pub headers: &'p [String],
    /// The value of `Access-Control-Expose-Headers`, where there is one.
    pub exposed: Option<&'p str>,
    /// The value of `Access-Control-Max-Age`, in seconds.
    pub max_age: &'p str,
    /// The status of an allowed preflight.
    pub status: u16,
    /// The plan of an allowed actual request.
    pub actual: &'p Plan,
    /// The plan of an allowed preflight that asks for header names.
    pub preflight: &'p Plan,
}

/// The origin patterns of a rule by kind, each kind in the document's order.
#[derive(Default)]
#[non_exhaustive]
pub struct OriginPatterns<'p> {
    /// The index of `*` in `allow_origins`.
    pub any: Option<usize>,
    /// The index of `null` in `allow_origins`.
    pub null: Option<usize>,
    /// Origins that are compared byte for byte.
    pub exact: Vec<Listed<'p>>,
    /// Patterns with a `*` in the host or for the port.
    pub wildcards: Vec<Wildcard<'p>>,
    /// Regular expressions, in the syntax of the document. [`regex_hir`] parses one.
    pub regexes: Vec<Listed<'p>>,
}

/// An entry of `allow_origins`.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Listed<'p> {
    /// Its index in `allow_origins`.
    pub entry: usize,
    /// Its text, exactly as in the document.
    pub text: &'p str,
}

/// An entry of `allow_origins` with a wildcard.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Wildcard<'p> {
    /// Its index in `allow_origins`.
    pub entry: usize,
    /// Its text, exactly as in the document.
    pub text: &'p str,
    /// The same, parsed.
    pub pattern: TuplePattern<'p>,
}

/// The rules of a policy, in the document's order.
pub fn rules(policy: &Policy) -> Vec<RuleView<'_>> {
    policy.rules().iter().map(|rule| RuleView::of(rule, policy.plans())).collect()
}

/// The index of the rule that governs a path, as [`Policy::decide`] finds it; `None` where no rule does.
pub fn rule_of(policy: &Policy, path: &[u8]) -> Option<usize> {
    policy.find_rule(Some(path)).map(|(_, target)| target.map_or(0, |target| target.rule.into()))
}

/// The syntax tree of a regex of a policy, anchored at both ends, as the engine matches it.
///
/// # Panics
///
/// When the text is not a regex that a policy can hold.
pub fn regex_hir(text: &str) -> Hir {
    let regex = Regex::parse(text)
        .unwrap_or_else(|(code, _)| panic!("a regex of a loaded policy: {}", code.as_str()));
    regex.hir().clone()
}

/// Whether these bytes are a serialised origin other than `null`, as a browser sends it (Fetch,
/// "serializing a request origin").
pub fn is_tuple_origin(bytes: &[u8]) -> bool {
    Origin::parse(bytes).is_some()
}

impl<'p> RuleView<'p> {
    fn of(rule: &'p Rule, plans: &'p [Plan]) -> Self {
        let (actual, preflight) = rule.allowed_plans();
        let (actual, preflight) = (&plans[usize::from(actual)], &plans[usize::from(preflight)]);
        Self {
            rule,
            paths: rule.paths(),
            origins: OriginPatterns::of(rule),
            credentials: text_of(actual, "Access-Control-Allow-Credentials").is_some(),
            methods: &rule.methods.listed,
            headers: &rule.headers.listed,
            exposed: text_of(actual, "Access-Control-Expose-Headers"),
            max_age: text_of(preflight, "Access-Control-Max-Age").unwrap_or_default(),
            status: preflight.status.unwrap_or_default(),
            actual,
            preflight,
        }
    }

    /// What messages call the rule: `rule "app"`, or its pointer where it has no name. Escaped.
    pub fn label(&self) -> String {
        self.rule.label()
    }

    /// The pointer to one of the rule's keys, as a JSON pointer into the document.
    pub fn key_pointer(&self, key: &str) -> String {
        self.rule.key_pointer(key)
    }

    /// The pointer to an entry of the rule's `allow_origins`, as a JSON pointer into the document.
    pub fn origin_pointer(&self, entry: usize) -> String {
        self.rule.origin_pointer(entry)
    }
}

impl<'p> OriginPatterns<'p> {
    fn of(rule: &'p Rule) -> Self {
        let mut origins = Self::default();
        for (entry, written) in rule.origins.written() {
            match written {
                Written::Regex(text) => origins.regexes.push(Listed { entry, text }),
                Written::Pattern(text) => match Pattern::parse(text) {
                    Ok(Pattern::Any) => origins.any = Some(entry),
                    Ok(Pattern::Null) => origins.null = Some(entry),
                    Ok(Pattern::Tuple(pattern)) if pattern.is_exact() => {
                        origins.exact.push(Listed { entry, text });
                    }
                    Ok(Pattern::Tuple(pattern)) => {
                        origins.wildcards.push(Wildcard { entry, text, pattern });
                    }
                    Err(code) => unreachable!("a pattern of a loaded policy: {}", code.as_str()),
                },
            }
        }
        origins
    }
}

/// The value of a header that does not depend on the request.
fn text_of<'p>(plan: &'p Plan, name: &str) -> Option<&'p str> {
    plan.headers.iter().find_map(|header| match header {
        Header { name: found, value: Value::Text(text) } if *found == name => Some(&**text),
        _ => None,
    })
}
