//! The layer and its service.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use arc_swap::ArcSwap;
use http::header::HeaderMap;
use http::{Method, Request, Response, StatusCode, Uri};
use tower_layer::Layer;
use tower_service::Service;

use super::fields::{self, Fields};
use super::future::ResponseFuture;
use super::rendered::{Rendered, Reply};
use crate::live::LivePolicy;

/// Puts a policy in front of a service. The [module](super) says where it belongs.
///
/// Clones share the policy, the same as the services made by one layer.
#[derive(Clone)]
pub struct CorsLayer {
    policy: Arc<PolicyInUse>,
}

impl CorsLayer {
    /// Takes a [`Policy`](crate::Policy), an `Arc` of one, or a [`LivePolicy`], which can be replaced
    /// while it is in use. A request sees one policy from start to end.
    pub fn new(policy: impl Into<LivePolicy>) -> Self {
        Self { policy: Arc::new(PolicyInUse::new(policy.into())) }
    }
}

impl<S> Layer<S> for CorsLayer {
    type Service = CorsService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        CorsService { inner, policy: Arc::clone(&self.policy) }
    }
}

impl fmt::Debug for CorsLayer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("CorsLayer").field(&self.policy.live).finish()
    }
}

/// A service with a policy in front: what [`CorsLayer`] makes.
#[derive(Clone)]
pub struct CorsService<S> {
    inner: S,
    policy: Arc<PolicyInUse>,
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
        match self.policy.decide(request.method(), request.uri(), request.headers()) {
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
            .field("policy", &self.policy.live)
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

/// A policy that may be replaced, and what has been made of the one in force.
struct PolicyInUse {
    live: LivePolicy,
    rendered: ArcSwap<Rendered>,
    rendering: Mutex<()>,
}

impl PolicyInUse {
    fn new(live: LivePolicy) -> Self {
        let rendered = ArcSwap::from_pointee(Rendered::new(live.current()));
        Self { live, rendered, rendering: Mutex::new(()) }
    }

    /// The policy in force, rendered. The first request after a replacement renders the new one, and
    /// those that come meanwhile wait for it, so that its denials are logged once.
    fn rendered(&self) -> Arc<Rendered> {
        let rendered = self.rendered.load_full();
        if self.live.is_current(&rendered.policy) {
            return rendered;
        }
        let _one_at_a_time = self.rendering.lock().unwrap_or_else(PoisonError::into_inner);
        let rendered = self.rendered.load_full();
        if self.live.is_current(&rendered.policy) {
            return rendered;
        }
        let rendered = Arc::new(Rendered::new(self.live.current()));
        self.rendered.store(Arc::clone(&rendered));
        rendered
    }

    fn decide(&self, method: &Method, uri: &Uri, headers: &HeaderMap) -> Decision {
        let rendered = self.rendered();
        let fields = Fields::of(headers);
        let view = fields.view(method, uri);
        let verdict = rendered.policy.decide(&view);
        let mut refused = false;
        if verdict.reason().is_some() {
            let host = fields::host(uri, headers);
            rendered.denials.record(&rendered.policy, verdict, &view, host);
            refused = fields::is_handshake(method, uri, headers)
                && !rendered.policy.check_origin(&view, host);
        }
        let Some(reply) = Reply::new(rendered, verdict, fields) else {
            return Decision::Pass(None);
        };
        match reply.status() {
            Some(status) => Decision::Answer(status, reply),
            None if refused => Decision::Answer(StatusCode::FORBIDDEN, reply),
            None => Decision::Pass(Some(reply)),
        }
    }
}
