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
    use actix_web::http::Method;
    use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};
    use actix_web::test::TestRequest;

    use super::*;
    use crate::vectors::{Lines, play_responses};

    #[test]
    fn responses_come_out_as_the_conformance_cases_say() {
        play_responses(|live, parts, response| {
            let reply = match decide(&live, request(parts).head()) {
                Decision::Pass(reply) => reply,
                Decision::Answer(_, reply) => Some(reply),
            };
            let mut headers = HeaderMap::new();
            for (name, value) in response {
                let value = HeaderValue::from_str(value).unwrap();
                headers.append(name.parse::<HeaderName>().unwrap(), value);
            }
            if let Some(reply) = &reply {
                reply.apply(&mut headers);
            }
            let status = reply.and_then(|reply| reply.status()).map(|status| status.as_u16());
            let lines = headers.iter();
            let lines =
                lines.map(|(name, value)| (name.to_string(), value.to_str().unwrap().into()));
            (status, lines.collect())
        });
    }

    fn request(parts: &Lines) -> ServiceRequest {
        let request =
            parts.iter().fold(TestRequest::default(), |request, (part, value)| {
                match part.as_str() {
                    "method" => request.method(value.parse::<Method>().unwrap()),
                    "path" => request.uri(value),
                    name => request.insert_header((name, value.as_str())),
                }
            });
        request.to_srv_request()
    }
}
