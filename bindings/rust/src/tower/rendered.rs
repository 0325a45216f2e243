//! A policy whose plans have been turned into what the `http` crate holds header fields in.

use std::sync::Arc;

use http::header::{CONTENT_LENGTH, Entry, HeaderMap, HeaderName, HeaderValue, VARY};
use http::{Response, StatusCode};
use onecors_core::{Header, Plan, Slot, Verdict, is_owned};

use super::fields::Fields;
use crate::live::InForce;

/// The plans of a policy.
pub(super) struct Rendered {
    plans: Vec<RenderedPlan>,
}

impl Rendered {
    /// The plans of the policy in force, made by its first request.
    pub(super) fn of(in_force: &InForce) -> &Self {
        in_force.rendered(|policy| Self {
            plans: policy.plans().iter().map(RenderedPlan::new).collect(),
        })
    }

    pub(super) fn plan(&self, verdict: Verdict) -> &RenderedPlan {
        &self.plans[verdict.plan()]
    }
}

pub(super) struct RenderedPlan {
    status: Option<StatusCode>,
    lines: Vec<Line>,
    vary: Vec<&'static str>,
    vary_line: HeaderValue,
}

struct Line {
    name: HeaderName,
    value: Value,
}

enum Value {
    Fixed(HeaderValue),
    Echo(Slot),
}

impl RenderedPlan {
    fn new(plan: &Plan) -> Self {
        let line = |header: &Header| Line {
            name: HeaderName::from_bytes(header.name.as_bytes())
                .expect("the engine writes names of header fields"),
            value: match header.value.slot() {
                Some(slot) => Value::Echo(slot),
                None => Value::Fixed(valid(header.value.text().unwrap_or_default())),
            },
        };
        Self {
            status: plan
                .status
                .map(|status| StatusCode::from_u16(status).expect("the engine writes statuses")),
            lines: plan.headers.iter().map(line).collect(),
            vary: plan.vary().to_vec(),
            vary_line: HeaderValue::from_static(plan.vary_line()),
        }
    }

    /// What the plan echoes of the request that was decided on.
    pub(super) fn echoes(&self, fields: &Fields<'_>) -> Echoes {
        let mut echoes = Echoes::default();
        for line in &self.lines {
            if let Value::Echo(slot) = line.value {
                echoes[place(slot)] = fields.echo(slot).cloned();
            }
        }
        echoes
    }
}

/// The place of a slot among the echoes.
fn place(slot: Slot) -> usize {
    slot as usize - Slot::ALL[0] as usize
}

fn valid(text: &str) -> HeaderValue {
    HeaderValue::from_str(text).expect("the engine writes values of header fields")
}

/// What a plan echoes of its request.
pub(super) type Echoes = [Option<HeaderValue>; Slot::ALL.len()];

/// A plan, and what it takes from the request that it answers.
pub(super) struct Reply {
    in_force: Arc<InForce>,
    verdict: Verdict,
    echoes: Echoes,
}

impl Reply {
    pub(super) fn new(in_force: Arc<InForce>, verdict: Verdict, echoes: Echoes) -> Self {
        Self { in_force, verdict, echoes }
    }

    /// The status of the answer, when the request is a preflight.
    pub(super) fn status(&self) -> Option<StatusCode> {
        Rendered::of(&self.in_force).plan(self.verdict).status
    }

    /// An answer that ends here: no body, and the header fields of the plan.
    pub(super) fn answer<B: Default>(mut self, status: StatusCode) -> Response<B> {
        let mut response = Response::new(B::default());
        *response.status_mut() = status;
        // RFC 9110, section 8.6, forbids the one; the other never has a body (section 15.3.6).
        if status != StatusCode::NO_CONTENT && status != StatusCode::RESET_CONTENT {
            response.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from_static("0"));
        }
        self.apply(response.headers_mut());
        response
    }

    /// Applies the plan to the header fields of a response, whoever made it. The first time alone has
    /// what is echoed.
    pub(super) fn apply(&mut self, headers: &mut HeaderMap) {
        while let Some(name) = headers.keys().find(|name| is_owned(name.as_ref())).cloned() {
            headers.remove(name);
        }
        let plan = Rendered::of(&self.in_force).plan(self.verdict);
        headers.reserve(plan.lines.len() + 1);
        for line in &plan.lines {
            let value = match &line.value {
                Value::Fixed(value) => Some(value.clone()),
                Value::Echo(slot) => self.echoes[place(*slot)].take(),
            };
            if let Some(value) = value {
                headers.insert(&line.name, value);
            }
        }
        merge_vary(headers, plan);
    }
}

/// Adds the tokens that `Vary` does not have yet.
fn merge_vary(headers: &mut HeaderMap, plan: &RenderedPlan) {
    if plan.vary.is_empty() {
        return;
    }
    if let Entry::Vacant(place) = headers.entry(VARY) {
        place.insert(plan.vary_line.clone());
        return;
    }
    let lines: Vec<&[u8]> = headers.get_all(VARY).iter().map(HeaderValue::as_bytes).collect();
    let merged = onecors_core::merge_vary(&plan.vary, &lines);
    if let Some(Ok(line)) = merged.map(HeaderValue::try_from) {
        headers.insert(VARY, line);
    }
}
