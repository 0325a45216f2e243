//! The compiled policy.

use std::cell::OnceCell;
use std::fmt;

use crate::document;
use crate::findings::Findings;
use crate::json::Json;
use crate::paths::{Paths, Target};
use crate::plan::{Plan, PlanTable};
use crate::problem::{Code, Problem, Problems};
use crate::request::Request;
use crate::rule::Rule;
use crate::same_origin::is_same_origin;
use crate::uniform::Uniform;
use crate::verdict::{Outcome, Reason, Verdict};

/// The size in bytes of the largest document that is read: 64 MiB, room for a million origins.
pub const MAX_DOCUMENT_BYTES: usize = 64 * 1024 * 1024;

/// A compiled policy document: immutable, and safe to use from any number of threads at once.
pub struct Policy {
    rules: Vec<Rule>,
    /// `None` when the document is a single rule, which governs every path.
    paths: Option<Paths>,
    plans: Vec<Plan>,
}

impl Policy {
    /// Compiles a policy document.
    ///
    /// # Errors
    ///
    /// Every problem of the document at once, up to [`MAX_PROBLEMS`](crate::MAX_PROBLEMS) of them; a
    /// policy with any problem is never built.
    pub fn from_json(text: &str) -> Result<Self, Problems> {
        Self::from_slice(text.as_bytes())
    }

    /// Compiles a policy document as it was read from a file: bytes that should be UTF-8.
    ///
    /// # Errors
    ///
    /// As [`Policy::from_json`]; bytes that are not UTF-8 are the problem `invalid_json`, and a
    /// document of more than [`MAX_DOCUMENT_BYTES`] is `document_too_large`, unread.
    pub fn from_slice(document: &[u8]) -> Result<Self, Problems> {
        if document.len() > MAX_DOCUMENT_BYTES {
            let problem = Problem::new(Code::DocumentTooLarge, "", "the document")
                .detail(format_args!("the limit is {MAX_DOCUMENT_BYTES} bytes"));
            return Err(Problems::new(vec![problem], 0));
        }
        let json = Json::parse(document).map_err(|what| {
            let problem = Problem::new(Code::InvalidJson, "", "the document").detail(what);
            Problems::new(vec![problem], 0)
        })?;
        Self::compile(json)
    }

    fn compile(json: Json) -> Result<Self, Problems> {
        let mut problems = Findings::default();
        let documents = document::read(json, &mut problems);
        let suffixes = OnceCell::new();
        let mut plans = PlanTable::new();
        let mut rules: Vec<Rule> = documents
            .iter()
            .map(|rule| Rule::compile(rule, &suffixes, &mut plans, &mut problems))
            .collect();
        let has_paths = documents.iter().any(|rule| rule.paths.is_some());
        let paths = has_paths.then(|| Paths::of(&documents, &mut problems));
        match problems.into_problems() {
            None => {
                rules
                    .iter_mut()
                    .zip(documents)
                    .for_each(|(rule, document)| rule.set_paths(document));
                Ok(Self { rules, paths, plans: plans.into_plans() })
            }
            Some(problems) => Err(problems),
        }
    }

    /// Decides on a request.
    ///
    /// Allocates nothing, and takes time that does not depend on the number of origins: an exact
    /// origin costs one hash look-up, wildcards at most one for each label of the host, and all
    /// regexes together one linear pass.
    pub fn decide(&self, request: &Request<'_>) -> Verdict {
        match self.find_rule(request.path) {
            Some((rule, _)) => rule.decide(request),
            None => Verdict::new(Outcome::Ungoverned, None, PlanTable::UNGOVERNED),
        }
    }

    /// Whether a request that no browser checks may go on: a WebSocket handshake above all, which a
    /// page of any origin can make with its user's cookies (RFC 6455, section 10.2).
    ///
    /// It may when it has no `Origin`, and so is not a page's; when no rule governs its path; when
    /// the rule allows its origin; and when its origin is the server's own: an http or https origin
    /// with the host and the port that are in `Host`. Only the path and the origin of the request are
    /// looked at. `host` is the value of `Host`, or of `:authority` in HTTP/2.
    ///
    /// A path that has another rule, or none, in one of its readings is open to the server's own
    /// pages alone: nobody knows which handler it will reach. Readings differ by percent-encoding,
    /// empty segments, dot segments, backslashes, parameters behind `;`, letter case, and a last
    /// slash.
    ///
    /// `Host` tells the server's name only as far as it can be trusted. A page whose name its owner
    /// has pointed at this server (DNS rebinding) has the same origin by this rule, as it has for the
    /// browser: a server that must not be reached so, such as one on a developer's machine, compares
    /// `Host` with its own names first.
    pub fn check_origin(&self, request: &Request<'_>, host: Option<&[u8]>) -> bool {
        let own = || {
            let (origin, host) = (request.origin.unwrap_or_default(), host.unwrap_or_default());
            is_same_origin(origin, host)
        };
        // Without a method nothing is a preflight.
        let handshake = Request::default().path(request.path).origin(request.origin);
        let verdict = self.decide(&handshake);
        match verdict.reason() {
            Some(Reason::OriginNotAllowed) => own(),
            Some(_) => false,
            // A rule that allows the origin may not be the one of every reading.
            None => request.origin.is_none() || !self.is_divided(request.path) || own(),
        }
    }

    /// Every answer this policy can give. [`Verdict::plan`] is an index into it.
    pub fn plans(&self) -> &[Plan] {
        &self.plans
    }

    /// What a host can decide by itself, when this policy is one rule for every path; `None` when the
    /// document has path patterns, so that every request needs a call.
    pub fn uniform(&self) -> Option<Uniform<'_>> {
        match self.rules.as_slice() {
            [rule] if self.paths.is_none() => Some(rule.uniform()),
            _ => None,
        }
    }

    /// The plans as a JSON array, for bindings.
    pub fn plans_json(&self) -> String {
        serde_json::to_string(&self.plans).expect("strings always serialise")
    }

    /// The rules, in the document's order.
    pub(crate) fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// Whether the readings of a path have different rules.
    fn is_divided(&self, path: Option<&[u8]>) -> bool {
        match (&self.paths, path) {
            (Some(paths), Some(path)) => paths.is_divided(path),
            _ => false,
        }
    }

    /// The rule that governs a path, and the path pattern that says so.
    pub(crate) fn find_rule(&self, path: Option<&[u8]>) -> Option<(&Rule, Option<Target>)> {
        match &self.paths {
            None => self.rules.first().map(|rule| (rule, None)),
            Some(paths) => {
                let target = paths.find(path?)?;
                Some((&self.rules[target.rule as usize], Some(target)))
            }
        }
    }
}

impl fmt::Debug for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Policy")
            .field("rules", &self.rules.len())
            .field("plans", &self.plans.len())
            .finish_non_exhaustive()
    }
}
