//! The future of a response.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use http::Response;
use pin_project_lite::pin_project;

use super::rendered::Reply;

pin_project! {
    /// The future of [`CorsService`](super::CorsService).
    pub struct ResponseFuture<F, R> {
        #[pin]
        kind: Kind<F, R>,
    }
}

pin_project! {
    #[project = KindProjection]
    enum Kind<F, R> {
        Inner { #[pin] future: F, reply: Option<Reply> },
        Answer { response: Option<Response<R>> },
    }
}

impl<F, R> ResponseFuture<F, R> {
    pub(super) fn inner(future: F, reply: Option<Reply>) -> Self {
        Self { kind: Kind::Inner { future, reply } }
    }

    pub(super) fn answer(response: Response<R>) -> Self {
        Self { kind: Kind::Answer { response: Some(response) } }
    }
}

impl<F, R, E> Future for ResponseFuture<F, R>
where
    F: Future<Output = Result<Response<R>, E>>,
{
    type Output = Result<Response<R>, E>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        match self.project().kind.project() {
            KindProjection::Inner { future, reply } => {
                let mut response = ready!(future.poll(context)?);
                if let Some(reply) = reply {
                    reply.apply(response.headers_mut());
                }
                Poll::Ready(Ok(response))
            }
            KindProjection::Answer { response } => {
                Poll::Ready(Ok(response.take().expect("a future that has ended was polled")))
            }
        }
    }
}
