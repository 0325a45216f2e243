//! The middleware and its service.

use std::future::{Future, Ready, ready};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use actix_web::Error;
use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{RequestHead, Service, ServiceRequest, ServiceResponse, Transform};
use actix_web::http::StatusCode;
use onecors_core::Outcome;
use pin_project_lite::pin_project;

use super::error::ErrorWithReply;
use super::fields::{self, Fields};
use super::rendered::Reply;
use crate::judged::{Judged, judge};
use crate::live::LivePolicy;

/// Puts a policy in front of an application. The [module](super) says where it belongs.
///
/// Clones share the policy: make one outside of the closure of `HttpServer::new`, and clone it inside.
#[derive(Clone, Debug)]
pub struct Cors {
    policy: LivePolicy,
}

impl Cors {
    /// Takes a [`Policy`](crate::Policy), an `Arc` of one, or a [`LivePolicy`], which can be replaced
    /// while it is in use. A request sees one policy from start to end.
    pub fn new(policy: impl Into<LivePolicy>) -> Self {
        Self { policy: policy.into() }
    }
}

impl<S, B> Transform<S, ServiceRequest> for Cors
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error>,
    B: MessageBody,
{
    type Response = ServiceResponse<EitherBody<B>>;
    type Error = Error;
    type Transform = CorsMiddleware<S>;
    type InitError = ();
    type Future = Ready<Result<Self::Transform, ()>>;

    fn new_transform(&self, inner: S) -> Self::Future {
        ready(Ok(CorsMiddleware { inner, policy: self.policy.clone() }))
    }
}

/// A service with a policy in front: what [`Cors`] makes.
#[derive(Debug)]
pub struct CorsMiddleware<S> {
    inner: S,
    policy: LivePolicy,
}

impl<S, B> Service<ServiceRequest> for CorsMiddleware<S>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error>,
    B: MessageBody,
{
    type Response = ServiceResponse<EitherBody<B>>;
    type Error = Error;
    type Future = ResponseFuture<S::Future, B>;

    fn poll_ready(&self, context: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&self, request: ServiceRequest) -> Self::Future {
        match decide(&self.policy, request.head()) {
            Decision::Pass(reply) => {
                ResponseFuture { kind: Kind::Inner { future: self.inner.call(request), reply } }
            }
            Decision::Answer(status, reply) => {
                let response = request.into_response(reply.answer(status));
                ResponseFuture {
                    kind: Kind::Answer { response: Some(response.map_into_right_body()) },
                }
            }
        }
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
fn decide(live: &LivePolicy, head: &RequestHead) -> Decision {
    let fields = Fields::of(head);
    let view = fields.view(head);
    let Judged { in_force, verdict, refused } =
        judge(live, &view, fields::is_handshake(head), || fields::host(head));
    if verdict.outcome() == Outcome::Ungoverned && !refused {
        return Decision::Pass(None);
    }
    let reply = Reply::new(in_force, verdict, &fields);
    match reply.status() {
        Some(status) => Decision::Answer(status, reply),
        None if refused => Decision::Answer(StatusCode::FORBIDDEN, reply),
        None => Decision::Pass(Some(reply)),
    }
}

pin_project! {
    /// The future of [`CorsMiddleware`].
    pub struct ResponseFuture<F, B> {
        #[pin]
        kind: Kind<F, B>,
    }
}

pin_project! {
    #[project = KindProjection]
    enum Kind<F, B> {
        Inner { #[pin] future: F, reply: Option<Reply> },
        Answer { response: Option<ServiceResponse<EitherBody<B>>> },
    }
}

impl<F, B> Future for ResponseFuture<F, B>
where
    F: Future<Output = Result<ServiceResponse<B>, Error>>,
{
    type Output = Result<ServiceResponse<EitherBody<B>>, Error>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        match self.project().kind.project() {
            KindProjection::Inner { future, reply } => {
                let result = ready!(future.poll(context));
                Poll::Ready(match (result, reply.take()) {
                    (Ok(mut response), Some(reply)) => {
                        reply.apply(response.headers_mut());
                        Ok(response.map_into_left_body())
                    }
                    (Ok(response), None) => Ok(response.map_into_left_body()),
                    (Err(error), Some(reply)) => Err(ErrorWithReply { error, reply }.into()),
                    (Err(error), None) => Err(error),
                })
            }
            KindProjection::Answer { response } => {
                Poll::Ready(Ok(response.take().expect("a future that has ended was polled")))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use actix_web::http::Method;
    use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue, VARY};
    use actix_web::test::TestRequest;
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
        let reply = match decide(&LivePolicy::new(policy), request.head()) {
            Decision::Pass(reply) => reply,
            Decision::Answer(_, reply) => Some(reply),
        };

        let mut headers = lines(&case["response"]);
        let mut status = None;
        if let Some(reply) = reply {
            reply.apply(&mut headers);
            status = reply.status().map(|status| u64::from(status.as_u16()));
        }
        assert_eq!(status, case["expect"]["status"].as_u64(), "{case}");
        assert_eq!(comparable(&headers), comparable(&lines(&case["expect"]["headers"])), "{case}");
    }

    fn request(parts: &Json) -> ServiceRequest {
        let mut request = TestRequest::default();
        for (part, value) in parts.as_object().unwrap() {
            let value = value.as_str().unwrap();
            request = match part.as_str() {
                "method" => request.method(value.parse::<Method>().unwrap()),
                "path" => request.uri(value),
                name => request.insert_header((name.replace('_', "-"), value)),
            };
        }
        request.to_srv_request()
    }

    fn lines(pairs: &Json) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for pair in pairs.as_array().unwrap() {
            let name: HeaderName = pair[0].as_str().unwrap().parse().unwrap();
            headers.append(name, HeaderValue::from_str(pair[1].as_str().unwrap()).unwrap());
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
        let vary: Vec<_> = headers.get_all(VARY).map(text).collect();
        lines.push(("vary".into(), vary.join(", ")));
        lines.sort();
        lines
    }
}
