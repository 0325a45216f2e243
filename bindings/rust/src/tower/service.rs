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
    use http::header::HeaderName;

    use super::*;
    use crate::vectors::{Lines, play_responses};

    #[test]
    fn responses_come_out_as_the_conformance_cases_say() {
        play_responses(|live, parts, response| {
            let request = request(parts);
            let decision = decide(&live, request.method(), request.uri(), request.headers());
            let mut reply = match decision {
                Decision::Pass(reply) => reply,
                Decision::Answer(_, reply) => Some(reply),
            };
            let mut headers = HeaderMap::new();
            for (name, value) in response {
                headers.append(name.parse::<HeaderName>().unwrap(), value.parse().unwrap());
            }
            if let Some(reply) = &mut reply {
                reply.apply(&mut headers);
            }
            let status = reply.and_then(|reply| reply.status()).map(|status| status.as_u16());
            let lines = headers.iter();
            let lines =
                lines.map(|(name, value)| (name.to_string(), value.to_str().unwrap().into()));
            (status, lines.collect())
        });
    }

    fn request(parts: &Lines) -> Request<()> {
        let mut request = Request::new(());
        for (part, value) in parts {
            match part.as_str() {
                "method" => *request.method_mut() = value.parse().unwrap(),
                "path" => *request.uri_mut() = value.parse().unwrap(),
                name => {
                    let name: HeaderName = name.parse().unwrap();
                    request.headers_mut().insert(name, value.parse().unwrap());
                }
            }
        }
        request
    }
}
