//! Middleware of actix-web, each around the same handler.

use std::future::{Future, Ready, ready};
use std::task::{Context, Poll, Waker};

use actix_cors::Cors;
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{Service, ServiceRequest, ServiceResponse, Transform};
use actix_web::http::StatusCode;
use actix_web::http::header::HeaderValue;
use actix_web::test::TestRequest;
use actix_web::{Error, HttpResponse};
use onecors::Policy;

use crate::documents::{Document, Scenario, Shared, shared};
use crate::subject::{Fields, Steps, Subject};

/// The handler, which answers at once.
struct Handler;

impl Service<ServiceRequest> for Handler {
    type Response = ServiceResponse;
    type Error = Error;
    type Future = Ready<Result<ServiceResponse, Error>>;

    fn poll_ready(&self, _: &mut Context<'_>) -> Poll<Result<(), Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&self, request: ServiceRequest) -> Self::Future {
        let response = HttpResponse::Ok().content_type("application/json").finish();
        ready(Ok(request.into_response(response)))
    }
}

fn request(scenario: &Scenario, number: usize) -> ServiceRequest {
    let mut builder = TestRequest::with_uri("/items");
    builder = builder.method(scenario.method.parse().expect("a method"));
    for field in scenario.fields(number) {
        builder = builder.insert_header(field);
    }
    builder.to_srv_request()
}

fn fields<B>(response: ServiceResponse<B>) -> Fields {
    let text = |value: &HeaderValue| value.to_str().expect("ASCII").to_owned();
    response.headers().iter().map(|(name, value)| (name.to_string(), text(value))).collect()
}

/// Polls a future that is ready when it is polled first.
fn now<F: Future>(future: F) -> F::Output {
    let mut context = Context::from_waker(Waker::noop());
    match std::pin::pin!(future).poll(&mut context) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("the response is not there at once"),
    }
}

fn subject<T, B>(name: &'static str, middleware: T) -> Box<dyn Subject>
where
    T: Transform<Handler, ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
    T::InitError: std::fmt::Debug,
    T::Transform: 'static,
    B: MessageBody + 'static,
{
    let service = now(middleware.new_transform(Handler)).expect("a middleware");
    let call = move |request| now(service.call(request)).expect("a response");
    Box::new(Steps { name, make: request, call, read: fields::<B> })
}

pub fn subjects(document: &Document) -> Vec<Box<dyn Subject>> {
    let policy = Policy::from_slice(&document.text).expect("a policy");
    let mut all = vec![nothing(), subject("onecors", onecors::actix::Cors::new(policy))];
    if let Some(origins) = &document.exact {
        all.push(subject("actix-cors", actix_cors(origins, shared())));
    }
    all
}

/// No middleware calls the handler for a preflight.
fn nothing() -> Box<dyn Subject> {
    let call = |request: ServiceRequest| {
        if request.method() == "OPTIONS" {
            request.into_response(HttpResponse::new(StatusCode::NO_CONTENT))
        } else {
            now(Handler.call(request)).expect("a response")
        }
    };
    Box::new(Steps { name: "nothing", make: request, call, read: fields::<BoxBody> })
}

fn actix_cors(origins: &[String], shared: Shared) -> Cors {
    let mut cors = Cors::default()
        .supports_credentials()
        .allowed_methods(shared.allow_methods.iter().map(String::as_str))
        .allowed_headers(&shared.allow_headers)
        .expose_headers(&shared.expose_headers)
        .max_age(shared.max_age as usize);
    for origin in origins {
        cors = cors.allowed_origin(origin);
    }
    cors
}
