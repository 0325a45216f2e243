//! A policy whose plans have been turned into what actix-web holds header fields in.

use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue, VARY};
use actix_web::{HttpResponse, HttpResponseBuilder};
use onecors_core::{Header, Plan, Slot, Verdict, is_owned, merge_vary};

use super::fields::Fields;
use crate::live::InForce;

/// The plans of a policy.
struct Rendered {
    plans: Vec<RenderedPlan>,
}

struct RenderedPlan {
    status: Option<StatusCode>,
    lines: Vec<(HeaderName, Value)>,
    vary: Vec<&'static str>,
    vary_line: HeaderValue,
}

enum Value {
    Fixed(HeaderValue),
    Echo(Slot),
}

impl Rendered {
    /// The plans of the policy in force, made by its first request.
    fn of(in_force: &InForce) -> &Self {
        in_force.rendered(|policy| Self {
            plans: policy.plans().iter().map(RenderedPlan::new).collect(),
        })
    }
}

impl RenderedPlan {
    fn new(plan: &Plan) -> Self {
        let line = |header: &Header| {
            let name = HeaderName::from_bytes(header.name.as_bytes())
                .expect("the engine writes names of header fields");
            let value = match header.value.slot() {
                Some(slot) => Value::Echo(slot),
                None => Value::Fixed(valid(header.value.text().unwrap_or_default())),
            };
            (name, value)
        };
        Self {
            status: plan
                .status
                .map(|status| StatusCode::from_u16(status).expect("the engine writes statuses")),
            lines: plan.headers.iter().map(line).collect(),
            vary: plan.vary().to_vec(),
            vary_line: valid(plan.vary_line()),
        }
    }
}

fn valid(text: &str) -> HeaderValue {
    HeaderValue::from_str(text).expect("the engine writes values of header fields")
}

/// A plan, and what it takes from the request that it answers.
pub(super) struct Reply {
    in_force: Arc<InForce>,
    verdict: Verdict,
    echoes: [Option<HeaderValue>; Slot::ALL.len()],
}

impl Reply {
    pub(super) fn new(in_force: Arc<InForce>, verdict: Verdict, fields: &Fields<'_>) -> Self {
        let mut echoes = [const { None }; Slot::ALL.len()];
        for (_, value) in &Rendered::of(&in_force).plans[verdict.plan()].lines {
            if let Value::Echo(slot) = *value {
                echoes[place(slot)] = fields.echo(slot).cloned();
            }
        }
        Self { in_force, verdict, echoes }
    }

    fn plan(&self) -> &RenderedPlan {
        &Rendered::of(&self.in_force).plans[self.verdict.plan()]
    }

    /// The status of the answer, when the request is a preflight.
    pub(super) fn status(&self) -> Option<StatusCode> {
        self.plan().status
    }

    /// An answer that ends here: no body, and the header fields of the plan.
    pub(super) fn answer(&self, status: StatusCode) -> HttpResponse {
        let mut response = HttpResponseBuilder::new(status).finish();
        self.apply(response.headers_mut());
        response
    }

    /// Applies the plan to the header fields of a response, whoever made it.
    pub(super) fn apply(&self, headers: &mut HeaderMap) {
        while let Some(name) = headers.keys().find(|name| is_owned(name.as_ref())).cloned() {
            headers.remove(name);
        }
        let plan = self.plan();
        for (name, value) in &plan.lines {
            let value = match value {
                Value::Fixed(value) => Some(value),
                Value::Echo(slot) => self.echoes[place(*slot)].as_ref(),
            };
            if let Some(value) = value {
                headers.insert(name.clone(), value.clone());
            }
        }
        add_vary(headers, plan);
    }
}

/// The place of a slot among the echoes.
fn place(slot: Slot) -> usize {
    slot as usize - Slot::ALL[0] as usize
}

/// Adds the tokens that `Vary` does not have yet.
fn add_vary(headers: &mut HeaderMap, plan: &RenderedPlan) {
    if plan.vary.is_empty() {
        return;
    }
    if !headers.contains_key(VARY) {
        headers.insert(VARY, plan.vary_line.clone());
        return;
    }
    let lines: Vec<&[u8]> = headers.get_all(VARY).map(HeaderValue::as_bytes).collect();
    let merged = merge_vary(&plan.vary, &lines);
    if let Some(Ok(line)) = merged.map(HeaderValue::try_from) {
        headers.insert(VARY, line);
    }
}
