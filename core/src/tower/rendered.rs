//! A policy whose plans have been turned into what the `http` crate holds header fields in.

use std::sync::Arc;

use http::header::{CONTENT_LENGTH, HeaderMap, HeaderName, HeaderValue, VARY};
use http::{Response, StatusCode};

use super::denials::DenialLog;
use super::fields::Fields;
use crate::plan::{self, Plan, Slot};
use crate::policy::Policy;
use crate::verdict::{Outcome, Verdict};

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
    lines: Vec<Line>,
    vary: &'static [&'static str],
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
        let line = |header: &plan::Header| Line {
            name: HeaderName::from_bytes(header.name.as_bytes())
                .expect("the engine writes names of header fields"),
            value: match &header.value {
                plan::Value::Text(text) => Value::Fixed(valid(text)),
                plan::Value::Echo(slot) => Value::Echo(*slot),
            },
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
    rendered: Arc<Rendered>,
    plan: usize,
    fields: Fields,
}

impl Reply {
    /// What a verdict comes to; `None` where the response is to be left alone.
    pub(super) fn new(rendered: Arc<Rendered>, verdict: Verdict, fields: Fields) -> Option<Self> {
        let governed = verdict.outcome() != Outcome::Ungoverned;
        governed.then(|| Self { rendered, plan: verdict.plan(), fields })
    }

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
        for line in &plan.lines {
            let value = match &line.value {
                Value::Fixed(value) => Some(value),
                Value::Echo(slot) => self.fields.echo(*slot),
            };
            if let Some(value) = value {
                headers.insert(&line.name, value.clone());
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
    let lines = lines.filter(|line| !line.trim_ascii().is_empty());
    let lines: Vec<&[u8]> = lines.chain(missing.iter().map(|token| token.as_bytes())).collect();
    if let Ok(line) = HeaderValue::from_bytes(&lines.join(&b", "[..])) {
        headers.insert(VARY, line);
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use http::Request;
    use serde_json::Value as Json;

    use super::*;

    /// The vectors that every language's adapter runs.
    #[test]
    fn responses_come_out_as_the_conformance_cases_say() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/conformance/responses");
        let mut run = 0;
        for file in fs::read_dir(folder).unwrap() {
            let text = fs::read_to_string(file.unwrap().path()).unwrap();
            let vectors: Json = serde_json::from_str(&text).unwrap();
            for case in vectors["cases"].as_array().unwrap() {
                run_case(case);
                run += 1;
            }
        }
        assert!(run > 20, "only {run} cases");
    }

    fn run_case(case: &Json) {
        let policy = Arc::new(Policy::from_json(&case["document"].to_string()).unwrap());
        let request = request(&case["request"]);
        let fields = Fields::of(request.headers());
        let verdict = policy.decide(&fields.view(request.method(), request.uri()));
        let reply = Reply::new(Arc::new(Rendered::new(policy)), verdict, fields);

        let mut headers = lines(&case["response"]);
        let mut status = None;
        if let Some(reply) = reply {
            reply.apply(&mut headers);
            status = reply.status().map(|status| u64::from(status.as_u16()));
        }
        assert_eq!(status, case["expect"]["status"].as_u64(), "{case}");
        assert_eq!(comparable(&headers), comparable(&lines(&case["expect"]["headers"])), "{case}");
    }

    fn request(parts: &Json) -> Request<()> {
        let mut request = Request::new(());
        for (part, value) in parts.as_object().unwrap() {
            let value = value.as_str().unwrap();
            match part.as_str() {
                "method" => *request.method_mut() = value.parse().unwrap(),
                "path" => *request.uri_mut() = value.parse().unwrap(),
                name => {
                    let name = HeaderName::try_from(name.replace('_', "-")).unwrap();
                    request.headers_mut().insert(name, value.parse().unwrap());
                }
            }
        }
        request
    }

    fn lines(pairs: &Json) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for pair in pairs.as_array().unwrap() {
            let name: HeaderName = pair[0].as_str().unwrap().parse().unwrap();
            headers.append(name, pair[1].as_str().unwrap().parse().unwrap());
        }
        headers
    }

    /// Lines in one order, those of `Vary` joined.
    fn comparable(headers: &HeaderMap) -> Vec<(String, String)> {
        let text = |value: &HeaderValue| value.to_str().unwrap().to_owned();
        let mut lines: Vec<_> = headers
            .iter()
            .filter(|(name, _)| *name != VARY)
            .map(|(name, value)| (name.to_string(), text(value)))
            .collect();
        let vary: Vec<_> = headers.get_all(VARY).iter().map(text).collect();
        lines.push(("vary".into(), vary.join(", ")));
        lines.sort();
        lines
    }
}
