//! The layer and its service.

use std::fmt;
use std::task::{Context, Poll};

use http::header::HeaderMap;
use http::{Method, Request, Response, StatusCode, Uri};
use onecors_core::Outcome;
use tower_layer::Layer;
use tower_service::Service;

use super::fields::{self, Fields};
use super::future::ResponseFuture;
use super::rendered::{Rendered, Reply};
use crate::judged::{Judged, judge};
use crate::live::LivePolicy;

/// Puts a policy in front of a service. The [module](super) says where it belongs.
///
/// Clones share the policy, the same as the services made by one layer.
#[derive(Clone)]
pub struct CorsLayer {
    policy: LivePolicy,
}

impl CorsLayer {
    /// Takes a [`Policy`](crate::Policy), an `Arc` of one, or a [`LivePolicy`], which can be replaced
    /// while it is in use. A request sees one policy from start to end.
    pub fn new(policy: impl Into<LivePolicy>) -> Self {
        Self { policy: policy.into() }
    }
}

impl<S> Layer<S> for CorsLayer {
    type Service = CorsService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        CorsService { inner, policy: self.policy.clone() }
    }
}

impl fmt::Debug for CorsLayer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("CorsLayer").field(&self.policy).finish()
    }
}

/// A service with a policy in front: what [`CorsLayer`] makes.
#[derive(Clone)]
pub struct CorsService<S> {
    inner: S,
    policy: LivePolicy,
}

impl<S> CorsService<S> {
    /// Puts a policy in front of one service, without a layer.
    pub fn new(inner: S, policy: impl Into<LivePolicy>) -> Self {
        CorsLayer::new(policy).layer(inner)
    }

    /// The service inside.
    pub fn get_ref(&self) -> &S {
        &self.inner
    }

    /// The service inside, to be changed.
    pub fn get_mut(&mut self) -> &mut S {
        &mut self.inner
    }

    /// Takes the service out.
    pub fn into_inner(self) -> S {
        self.inner
    }
}

impl<S, B, R> Service<Request<B>> for CorsService<S>
where
    S: Service<Request<B>, Response = Response<R>> + Clone,
    R: Default,
{
    type Response = Response<R>;
    type Error = S::Error;
    type Future = ResponseFuture<S::Future, R>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        match decide(&self.policy, request.method(), request.uri(), request.headers()) {
            Decision::Pass(reply) => ResponseFuture::inner(self.inner.call(request), reply),
            Decision::Answer(status, reply) => {
                // The service inside is ready for a call that does not come. A clone is not, and
                // whatever was reserved, such as the place in a concurrency limit, is free again.
                self.inner = self.inner.clone();
                ResponseFuture::answer(reply.answer(status))
            }
        }
    }
}

impl<S: fmt::Debug> fmt::Debug for CorsService<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CorsService")
            .field("inner", &self.inner)
            .field("policy", &self.policy)
            .finish()
    }
}

/// What happens to a request.
enum Decision {
    /// The service inside answers, and the plan is applied to its response, if there is one.
    Pass(Option<Reply>),
    /// The answer ends here.
    Answer(StatusCode, Reply),
}

/// Decides on a request by the policy in force.
fn decide(live: &LivePolicy, method: &Method, uri: &Uri, headers: &HeaderMap) -> Decision {
    let fields = Fields::of(method, headers);
    let view = fields.view(method, uri);
    let is_handshake = fields::is_handshake(method, uri, headers);
    let Judged { in_force, verdict, refused } =
        judge(live, &view, is_handshake, || fields::host(uri, headers));
    if verdict.outcome() == Outcome::Ungoverned && !refused {
        return Decision::Pass(None);
    }
    let echoes = Rendered::of(&in_force).plan(verdict).echoes(&fields);
    let reply = Reply::new(in_force, verdict, echoes);
    match reply.status() {
        Some(status) => Decision::Answer(status, reply),
        None if refused => Decision::Answer(StatusCode::FORBIDDEN, reply),
        None => Decision::Pass(Some(reply)),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use http::header::{HeaderName, HeaderValue, VARY};
    use onecors_core::Policy;
    use serde_json::Value as Json;

    use super::*;

    /// The vectors that every language's adapter runs.
    #[test]
    fn responses_come_out_as_the_conformance_cases_say() {
        let folder =
            Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/conformance/responses");
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
        let policy = Policy::from_json(&case["document"].to_string()).unwrap();
        let request = request(&case["request"]);
        let live = LivePolicy::new(policy);
        let decision = decide(&live, request.method(), request.uri(), request.headers());
        let reply = match decision {
            Decision::Pass(reply) => reply,
            Decision::Answer(_, reply) => Some(reply),
        };

        let mut headers = lines(&case["response"]);
        let mut status = None;
        if let Some(mut reply) = reply {
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
