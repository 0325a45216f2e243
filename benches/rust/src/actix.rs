//! Middleware of actix-web, each around the same handler: actix-cors, and what a user of actix-web
//! would write on the engine.

use std::future::{Future, Ready, ready};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{self, Context, Poll, Waker};

use actix_cors::Cors;
use actix_web::body::{BoxBody, EitherBody, MessageBody};
use actix_web::dev::{Service, ServiceRequest, ServiceResponse, Transform};
use actix_web::http::StatusCode;
use actix_web::http::header::{
    ACCESS_CONTROL_REQUEST_HEADERS, ACCESS_CONTROL_REQUEST_METHOD, HeaderName, HeaderValue, ORIGIN,
    VARY,
};
use actix_web::test::TestRequest;
use actix_web::{Error, HttpResponse};
use futures_util::future::Either;
use onecors::{Plan, Policy, Request, Slot};
use pin_project_lite::pin_project;

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
    let mut all = vec![nothing(), subject("onecors", OnPolicy(Rc::new(Rendered::new(policy))))];
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

/// The plans of a policy, in what actix-web holds header fields in.
struct Rendered {
    policy: Policy,
    plans: Vec<RenderedPlan>,
}

struct RenderedPlan {
    status: Option<StatusCode>,
    fields: Vec<(HeaderName, Text)>,
    vary: HeaderValue,
}

enum Text {
    Fixed(HeaderValue),
    Echo(HeaderName),
}

impl Rendered {
    fn new(policy: Policy) -> Self {
        let plans = policy.plans().iter().map(RenderedPlan::new).collect();
        Self { policy, plans }
    }

    fn decide(&self, request: &ServiceRequest) -> usize {
        let field = |name| request.headers().get(name).map(HeaderValue::as_bytes);
        let verdict = self.policy.decide(
            &Request::default()
                .method(Some(request.method().as_str().as_bytes()))
                .path(Some(request.path().as_bytes()))
                .origin(field(ORIGIN))
                .access_control_request_method(field(ACCESS_CONTROL_REQUEST_METHOD))
                .access_control_request_headers(field(ACCESS_CONTROL_REQUEST_HEADERS)),
        );
        verdict.plan()
    }
}

impl RenderedPlan {
    fn new(plan: &Plan) -> Self {
        let value = |text: &str| HeaderValue::from_str(text).expect("a value");
        let fields = plan.headers.iter().map(|header| {
            let text = match header.value.slot() {
                None => Text::Fixed(value(header.value.text().expect("a text"))),
                Some(Slot::Origin) => Text::Echo(ORIGIN),
                Some(Slot::AccessControlRequestMethod) => Text::Echo(ACCESS_CONTROL_REQUEST_METHOD),
                Some(Slot::AccessControlRequestHeaders) => {
                    Text::Echo(ACCESS_CONTROL_REQUEST_HEADERS)
                }
                Some(other) => unreachable!("no header for {other:?}"),
            };
            (HeaderName::from_bytes(header.name.as_bytes()).expect("a name"), text)
        });
        Self {
            status: plan.status.map(|status| StatusCode::from_u16(status).expect("a status")),
            fields: fields.collect(),
            vary: value(&plan.vary().join(", ")),
        }
    }

    fn apply<B>(&self, response: &mut ServiceResponse<B>) {
        for (name, text) in &self.fields {
            let value = match text {
                Text::Fixed(value) => value.clone(),
                // What a plan echoes was there when it was chosen.
                Text::Echo(from) => match response.request().headers().get(from) {
                    Some(value) => value.clone(),
                    None => continue,
                },
            };
            response.headers_mut().insert(name.clone(), value);
        }
        if !self.vary.is_empty() {
            response.headers_mut().append(VARY, self.vary.clone());
        }
    }
}

struct OnPolicy(Rc<Rendered>);

impl<S> Transform<S, ServiceRequest> for OnPolicy
where
    S: Service<ServiceRequest, Response = ServiceResponse, Error = Error>,
{
    type Response = ServiceResponse<EitherBody<BoxBody>>;
    type Error = Error;
    type Transform = OnPolicyService<S>;
    type InitError = ();
    type Future = Ready<Result<Self::Transform, ()>>;

    fn new_transform(&self, inner: S) -> Self::Future {
        ready(Ok(OnPolicyService { inner, rendered: Rc::clone(&self.0) }))
    }
}

struct OnPolicyService<S> {
    inner: S,
    rendered: Rc<Rendered>,
}

impl<S> Service<ServiceRequest> for OnPolicyService<S>
where
    S: Service<ServiceRequest, Response = ServiceResponse, Error = Error>,
{
    type Response = ServiceResponse<EitherBody<BoxBody>>;
    type Error = Error;
    type Future = Either<Ready<Result<Self::Response, Error>>, Applied<S::Future>>;

    fn poll_ready(&self, context: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&self, request: ServiceRequest) -> Self::Future {
        let plan = self.rendered.decide(&request);
        if let Some(status) = self.rendered.plans[plan].status {
            let mut response = request.into_response(HttpResponse::new(status));
            self.rendered.plans[plan].apply(&mut response);
            return Either::Left(ready(Ok(response.map_into_right_body())));
        }
        let rendered = Rc::clone(&self.rendered);
        Either::Right(Applied { future: self.inner.call(request), rendered, plan })
    }
}

pin_project! {
    struct Applied<F> {
        #[pin]
        future: F,
        rendered: Rc<Rendered>,
        plan: usize,
    }
}

impl<F: Future<Output = Result<ServiceResponse, Error>>> Future for Applied<F> {
    type Output = Result<ServiceResponse<EitherBody<BoxBody>>, Error>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let mut response = task::ready!(this.future.poll(context))?;
        this.rendered.plans[*this.plan].apply(&mut response);
        Poll::Ready(Ok(response.map_into_left_body()))
    }
}
