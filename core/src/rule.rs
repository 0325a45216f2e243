//! One compiled rule, and the decision it makes.

use std::cell::OnceCell;

use crate::document::{DEFAULT_MAX_AGE, DEFAULT_PREFLIGHT_STATUS, RuleDocument};
use crate::findings::Findings;
use crate::headers::{ExposedHeaders, RequestHeaders};
use crate::index::{Found, OriginIndex};
use crate::methods::Methods;
use crate::opt_outs::OptOuts;
use crate::origins;
use crate::plan::{Header, PREFLIGHT_DENIED_STATUS, Plan, PlanTable, Slot, Value};
use crate::problem::{Code, Problem};
use crate::request::Request;
use crate::suffix::PublicSuffixes;
use crate::text::Whole;
use crate::uniform::{Denied, Uniform};
use crate::verdict::{Outcome, Reason, Verdict};

/// The tokens that every answer to a preflight has in `Vary`. RFC 9110 does not ask for it, since
/// answers to OPTIONS are not cacheable; some caches keep them all the same.
const PREFLIGHT_VARY: &[&str] =
    &["Origin", "Access-Control-Request-Method", "Access-Control-Request-Headers"];
const PREFLIGHT_VARY_LINE: &str =
    "Origin, Access-Control-Request-Method, Access-Control-Request-Headers";

/// What governs the requests of some paths, compiled.
pub(crate) struct Rule {
    pub(crate) name: Option<String>,
    /// Where the rule stands in the document, as a JSON pointer.
    pub(crate) pointer: String,
    /// The path patterns, by their places in `paths`; none in a document of a single rule.
    paths: Vec<String>,
    pub(crate) origins: OriginIndex,
    pub(crate) methods: Methods,
    pub(crate) headers: RequestHeaders,
    plans: Plans,
}

/// The numbers of a rule's plans.
#[derive(Default)]
struct Plans {
    /// For no CORS request, and for an actual request that is denied.
    bare: u16,
    actual_allowed: u16,
    preflight_allowed: u16,
    /// The same for a preflight that asks for no header.
    preflight_without_headers: u16,
    preflight_denied: u16,
}

/// What a kind of request is, by the Fetch standard's "CORS protocol".
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    NotCors,
    Actual,
    Preflight,
}

impl Kind {
    /// Tells a CORS-preflight request from an actual one: an OPTIONS with Origin and ACRM. Anything
    /// less is the application's.
    pub(crate) fn of(request: &Request<'_>) -> Self {
        if request.origin.is_none() {
            Self::NotCors
        } else if request.method == Some(b"OPTIONS")
            && request.access_control_request_method.is_some()
        {
            Self::Preflight
        } else {
            Self::Actual
        }
    }
}

impl Rule {
    /// Checks a rule of the document, and compiles it as far as it is right.
    pub(crate) fn compile(
        document: &RuleDocument,
        suffixes: &OnceCell<PublicSuffixes>,
        plans: &mut PlanTable,
        problems: &mut Findings,
    ) -> Self {
        let mut opt_outs = OptOuts::of(document, problems);
        let origins = origins::compile(document, &mut opt_outs, suffixes, problems);
        let methods = Methods::of(document, problems);
        let headers = RequestHeaders::of(document, problems);
        let exposed = ExposedHeaders::of(document, problems);
        let max_age = within(document, "max_age", problems);
        let status = within(document, "preflight_status", problems);
        opt_outs.report_unneeded(document, problems);
        let templates = Templates {
            any_origin: origins.allows_any(),
            credentials: document.allow_credentials,
            methods: &methods,
            headers: &headers,
            exposed: &exposed,
            max_age,
            status: status as u16,
        };
        let plans = templates.plans(plans);
        Self {
            name: document.name.clone(),
            pointer: document.pointer.clone(),
            paths: Vec::new(),
            origins,
            methods,
            headers,
            plans,
        }
    }

    /// The pointer to one of the rule's keys.
    pub(crate) fn key_pointer(&self, key: &str) -> String {
        format!("{}/{key}", self.pointer)
    }

    /// The pointer to an entry of the rule's `allow_origins`.
    pub(crate) fn origin_pointer(&self, entry: usize) -> String {
        format!("{}/allow_origins/{entry}", self.pointer)
    }

    /// What messages call the rule.
    pub(crate) fn label(&self) -> String {
        label(self.name.as_deref(), &self.pointer)
    }

    /// The path patterns, in the document's order; none in a document of a single rule.
    pub(crate) fn paths(&self) -> &[String] {
        &self.paths
    }

    /// The numbers of the plans for an allowed actual request, and for an allowed preflight that asks
    /// for header names.
    pub(crate) fn allowed_plans(&self) -> (u16, u16) {
        (self.plans.actual_allowed, self.plans.preflight_allowed)
    }

    /// Takes over the path patterns, which are many in some documents.
    pub(crate) fn set_paths(&mut self, document: RuleDocument) {
        self.paths = document.paths.into_iter().flatten().map(|path| path.value).collect();
    }

    /// The path pattern at this place of the rule's `paths`.
    pub(crate) fn path(&self, place: u32) -> Option<&str> {
        self.paths.get(place as usize).map(String::as_str)
    }

    /// What a host can decide by itself when this rule governs every path.
    pub(crate) fn uniform(&self) -> Uniform<'_> {
        Uniform {
            not_cors: self.not_cors(),
            actual_allowed: self.actual_allowed(),
            denied: self.origins.is_exact().then(|| Denied {
                actual: Verdict::new(Outcome::ActualDenied, None, self.plans.bare),
                preflight: Verdict::new(
                    Outcome::PreflightDenied,
                    None,
                    self.plans.preflight_denied,
                ),
            }),
            exact: self.origins.exact(),
        }
    }

    fn not_cors(&self) -> Verdict {
        Verdict::new(Outcome::NotCors, None, self.plans.bare)
    }

    fn actual_allowed(&self) -> Verdict {
        Verdict::new(Outcome::ActualAllowed, None, self.plans.actual_allowed)
    }

    /// Decides on a request that this rule governs, in the Fetch standard's order: origin, method,
    /// headers.
    pub(crate) fn decide(&self, request: &Request<'_>) -> Verdict {
        let Some(origin) = request.origin else {
            return self.not_cors();
        };
        let origin = self.check_origin(origin);
        if Kind::of(request) == Kind::Actual {
            return match origin {
                Ok(()) => self.actual_allowed(),
                Err(reason) => Verdict::new(Outcome::ActualDenied, Some(reason), self.plans.bare),
            };
        }
        let result = origin
            .and_then(|()| self.check_method(request))
            .and_then(|()| self.check_headers(request));
        match result {
            Ok(has_names) => {
                let plan = if has_names {
                    self.plans.preflight_allowed
                } else {
                    self.plans.preflight_without_headers
                };
                Verdict::new(Outcome::PreflightAllowed, None, plan)
            }
            Err(reason) => {
                Verdict::new(Outcome::PreflightDenied, Some(reason), self.plans.preflight_denied)
            }
        }
    }

    fn check_origin(&self, origin: &[u8]) -> Result<(), Reason> {
        match self.origins.find(origin) {
            Found::Entry(_) => Ok(()),
            Found::NotAllowed => Err(Reason::OriginNotAllowed),
            Found::Malformed => Err(Reason::MalformedOrigin),
        }
    }

    /// Checks ACRM.
    pub(crate) fn check_method(&self, request: &Request<'_>) -> Result<(), Reason> {
        self.methods.check(request.access_control_request_method.unwrap_or_default())
    }

    /// Checks ACRH, and tells whether it asks for a header at all.
    pub(crate) fn check_headers(&self, request: &Request<'_>) -> Result<bool, Reason> {
        match request.access_control_request_headers {
            Some(list) => self.headers.check(list),
            None => Ok(false),
        }
    }
}

/// A number of the document that has bounds; its default where it is out of them.
fn within(rule: &RuleDocument, key: &'static str, problems: &mut Findings) -> i64 {
    let (number, bounds, code, default) = match key {
        "max_age" => (rule.max_age, 0..=86_400, Code::MaxAgeOutOfBounds, DEFAULT_MAX_AGE),
        _ => (
            rule.preflight_status,
            200..=299,
            Code::PreflightStatusOutOfBounds,
            DEFAULT_PREFLIGHT_STATUS,
        ),
    };
    if bounds.contains(&number) {
        return number;
    }
    let nearest = number.clamp(*bounds.start(), *bounds.end());
    let instead = if key == "max_age" { nearest } else { default };
    problems.push(
        Problem::new(code, rule.key_pointer(key), number).help_instead(Some(instead.to_string())),
    );
    default
}

/// What a rule's plans are made from.
struct Templates<'r> {
    any_origin: bool,
    credentials: bool,
    methods: &'r Methods,
    headers: &'r RequestHeaders,
    exposed: &'r ExposedHeaders,
    max_age: i64,
    status: u16,
}

impl Templates<'_> {
    fn plans(&self, table: &mut PlanTable) -> Plans {
        table.begin_rule();
        let actual_allowed = table.number(self.actual(true));
        Plans {
            // Where any origin is allowed, the answer does not depend on the request, so that it is
            // the same for all (Fetch, "CORS protocol and HTTP caches").
            bare: if self.any_origin { actual_allowed } else { table.number(self.actual(false)) },
            actual_allowed,
            preflight_allowed: table.number(self.preflight(true)),
            preflight_without_headers: table.number(self.preflight(false)),
            preflight_denied: table.number(Plan {
                status: Some(PREFLIGHT_DENIED_STATUS),
                headers: Vec::new(),
                vary: PREFLIGHT_VARY,
                vary_line: PREFLIGHT_VARY_LINE,
            }),
        }
    }

    fn actual(&self, allowed: bool) -> Plan {
        let mut headers = Vec::new();
        if allowed {
            self.push_origin(&mut headers);
            push_list(&mut headers, "Access-Control-Expose-Headers", &self.exposed.listed);
        }
        let (vary, vary_line): (&[&str], _) =
            if self.any_origin { (&[], "") } else { (&["Origin"], "Origin") };
        Plan { status: None, headers, vary, vary_line }
    }

    fn preflight(&self, with_headers: bool) -> Plan {
        let mut headers = Vec::new();
        self.push_origin(&mut headers);
        // With credentials browsers take "*" for a name, so that the request's own words are echoed.
        if self.methods.any && self.credentials {
            let value = Value::Echo(Slot::AccessControlRequestMethod);
            headers.push(Header { name: "Access-Control-Allow-Methods", value });
        } else {
            push_list(&mut headers, "Access-Control-Allow-Methods", &self.methods.listed);
        }
        if !(self.headers.any && self.credentials) {
            push_list(&mut headers, "Access-Control-Allow-Headers", &self.headers.listed);
        } else if with_headers {
            let value = Value::Echo(Slot::AccessControlRequestHeaders);
            headers.push(Header { name: "Access-Control-Allow-Headers", value });
        }
        headers.push(text("Access-Control-Max-Age", &self.max_age.to_string()));
        Plan {
            status: Some(self.status),
            headers,
            vary: PREFLIGHT_VARY,
            vary_line: PREFLIGHT_VARY_LINE,
        }
    }

    fn push_origin(&self, headers: &mut Vec<Header>) {
        let value =
            if self.any_origin { Value::Text("*".into()) } else { Value::Echo(Slot::Origin) };
        headers.push(Header { name: "Access-Control-Allow-Origin", value });
        if self.credentials {
            headers.push(text("Access-Control-Allow-Credentials", "true"));
        }
    }
}

fn text(name: &'static str, value: &str) -> Header {
    Header { name, value: Value::Text(value.into()) }
}

fn push_list(headers: &mut Vec<Header>, name: &'static str, list: &[String]) {
    if !list.is_empty() {
        headers.push(text(name, &list.join(", ")));
    }
}

/// A rule's name, escaped, or else its place in the document.
pub(crate) fn label(name: Option<&str>, pointer: &str) -> String {
    match name {
        Some(name) => format!("rule {}", Whole(name)),
        None if pointer.is_empty() => "the policy".into(),
        None => format!("rule {pointer}"),
    }
}
