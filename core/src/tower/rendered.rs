//! A policy whose plans have been turned into what the `http` crate holds header fields in.

use std::sync::Arc;

use http::header::{CONTENT_LENGTH, HeaderMap, HeaderName, HeaderValue, VARY};
use http::{Response, StatusCode};

use super::denials::DenialLog;
use super::fields::Fields;
use crate::plan::{self, Plan, Slot};
use crate::policy::Policy;

/// A policy, its plans, and the denials of it that have been logged.
pub(super) struct Rendered {
    pub(super) policy: Arc<Policy>,
    pub(super) denials: DenialLog,
    plans: Vec<RenderedPlan>,
}

impl Rendered {
    pub(super) fn new(policy: Arc<Policy>) -> Self {
        let plans = policy.plans().iter().map(RenderedPlan::new).collect();
        Self { policy, denials: DenialLog::default(), plans }
    }
}

struct RenderedPlan {
    status: Option<StatusCode>,
    lines: Vec<(HeaderName, Value)>,
    vary: &'static [&'static str],
    vary_line: HeaderValue,
}

enum Value {
    Fixed(HeaderValue),
    Echo(Slot),
}

impl RenderedPlan {
    fn new(plan: &Plan) -> Self {
        let line = |header: &plan::Header| {
            let name = HeaderName::from_bytes(header.name.as_bytes());
            let value = match &header.value {
                plan::Value::Text(text) => Value::Fixed(valid(text)),
                plan::Value::Echo(slot) => Value::Echo(*slot),
            };
            (name.expect("the engine writes names of header fields"), value)
        };
        Self {
            status: plan
                .status
                .map(|status| StatusCode::from_u16(status).expect("the engine writes statuses")),
            lines: plan.headers.iter().map(line).collect(),
            vary: plan.vary,
            vary_line: valid(plan.vary_line),
        }
    }
}

fn valid(text: &str) -> HeaderValue {
    HeaderValue::from_str(text).expect("the engine writes values of header fields")
}

/// A plan and the request that it answers.
pub(super) struct Reply {
    pub(super) rendered: Arc<Rendered>,
    pub(super) plan: usize,
    pub(super) fields: Fields,
}

impl Reply {
    /// The status of the answer, when the request is a preflight.
    pub(super) fn status(&self) -> Option<StatusCode> {
        self.rendered.plans[self.plan].status
    }

    /// An answer that ends here: no body, and the header fields of the plan.
    pub(super) fn answer<B: Default>(&self, status: StatusCode) -> Response<B> {
        let mut response = Response::new(B::default());
        *response.status_mut() = status;
        // RFC 9110, section 8.6, forbids the one; the other never has a body (section 15.3.6).
        if status != StatusCode::NO_CONTENT && status != StatusCode::RESET_CONTENT {
            response.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from_static("0"));
        }
        self.apply(response.headers_mut());
        response
    }

    /// Applies the plan to the header fields of a response, whoever made it.
    pub(super) fn apply(&self, headers: &mut HeaderMap) {
        let plan = &self.rendered.plans[self.plan];
        while let Some(name) = headers.keys().find(|name| is_owned(name)).cloned() {
            headers.remove(name);
        }
        for (name, value) in &plan.lines {
            let value = match value {
                Value::Fixed(value) => Some(value),
                Value::Echo(slot) => self.fields.echo(*slot),
            };
            if let Some(value) = value {
                headers.insert(name, value.clone());
            }
        }
        merge_vary(headers, plan);
    }
}

/// Whether a field of a response on a governed path is the policy's alone.
fn is_owned(name: &HeaderName) -> bool {
    let name = name.as_str();
    name.starts_with("access-control-allow-")
        || name == "access-control-expose-headers"
        || name == "access-control-max-age"
}

/// Adds the tokens that `Vary` does not have yet.
fn merge_vary(headers: &mut HeaderMap, plan: &RenderedPlan) {
    if plan.vary.is_empty() {
        return;
    }
    if !headers.contains_key(VARY) {
        headers.insert(VARY, plan.vary_line.clone());
        return;
    }
    let has = |token: &str| {
        let mut tokens = headers
            .get_all(VARY)
            .iter()
            .flat_map(|line| line.as_bytes().split(|&byte| byte == b','));
        tokens.any(|other| other.trim_ascii().eq_ignore_ascii_case(token.as_bytes()))
    };
    let missing: Vec<&str> = plan.vary.iter().copied().filter(|token| !has(token)).collect();
    if missing.is_empty() || has("*") {
        return;
    }
    let lines = headers.get_all(VARY).iter().map(HeaderValue::as_bytes);
    let lines: Vec<&[u8]> = lines.chain(missing.iter().map(|token| token.as_bytes())).collect();
    if let Ok(line) = HeaderValue::from_bytes(&lines.join(&b", "[..])) {
        headers.insert(VARY, line);
    }
}
