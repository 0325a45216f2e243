//! Layers of tower, each around the same handler.

use std::convert::Infallible;
use std::future::{Ready, ready};
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use hashbrown::HashSet;
use http::header::{
    ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS,
    ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE,
    ACCESS_CONTROL_REQUEST_HEADERS, ACCESS_CONTROL_REQUEST_METHOD, CONTENT_LENGTH, CONTENT_TYPE,
    HeaderMap, HeaderName, HeaderValue, ORIGIN, VARY,
};
use http::{Method, Request, Response, StatusCode};
use onecors::Policy;
use onecors::tower::CorsLayer;
use tower::{Layer, Service};

use crate::documents::{Document, Scenario, Shared, shared};
use crate::subject::{Fields, Steps, Subject};

/// The handler, which answers at once.
#[derive(Clone)]
struct Handler;

impl Service<Request<()>> for Handler {
    type Response = Response<()>;
    type Error = Infallible;
    type Future = Ready<Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Request<()>) -> Self::Future {
        let mut response = Response::new(());
        let json = HeaderValue::from_static("application/json");
        response.headers_mut().insert(CONTENT_TYPE, json);
        ready(Ok(response))
    }
}

fn request(scenario: &Scenario, number: usize) -> Request<()> {
    let mut builder = Request::builder().method(scenario.method.as_str()).uri("/items");
    for (name, value) in scenario.fields(number) {
        builder = builder.header(name, value);
    }
    builder.body(()).expect("a request")
}

fn fields(response: Response<()>) -> Fields {
    let text = |value: &HeaderValue| value.to_str().expect("ASCII").to_owned();
    response.headers().iter().map(|(name, value)| (name.to_string(), text(value))).collect()
}

/// Calls a service whose futures are ready when they are polled first.
fn call<S>(service: &mut S, request: Request<()>) -> Response<()>
where
    S: Service<Request<()>, Response = Response<()>>,
{
    let mut context = Context::from_waker(Waker::noop());
    match pin!(service.call(request)).poll(&mut context) {
        Poll::Ready(Ok(response)) => response,
        _ => panic!("the response is not there at once"),
    }
}

fn subject<S>(name: &'static str, mut service: S) -> Box<dyn Subject>
where
    S: Service<Request<()>, Response = Response<()>> + 'static,
{
    let call = move |request| call(&mut service, request);
    Box::new(Steps { name, make: request, call, read: fields })
}

pub fn subjects(document: &Document) -> Vec<Box<dyn Subject>> {
    let policy = Policy::from_slice(&document.text).expect("a policy");
    let mut all = vec![nothing(), subject("onecors", CorsLayer::new(policy).layer(Handler))];
    let Some(origins) = &document.exact else { return all };
    all.push(subject("limit", Limit::new(origins, shared())));
    // It compares one origin after the other.
    if origins.len() <= 100_000 {
        all.push(subject("tower-http", tower_http(origins, shared()).layer(Handler)));
    }
    all
}

/// No layer calls the handler for a preflight.
fn nothing() -> Box<dyn Subject> {
    let call = |request: Request<()>| {
        let is_preflight = *request.method() == Method::OPTIONS;
        if is_preflight { Response::new(()) } else { call(&mut Handler, request) }
    };
    Box::new(Steps { name: "nothing", make: request, call, read: fields })
}

pub fn tower_http(origins: &[String], shared: Shared) -> tower_http::cors::CorsLayer {
    let values = |texts: &[String]| -> Vec<HeaderValue> {
        texts.iter().map(|text| text.parse().expect("a value")).collect()
    };
    let names = |texts: &[String]| -> Vec<HeaderName> {
        texts.iter().map(|text| text.parse().expect("a name")).collect()
    };
    let methods: Vec<Method> =
        shared.allow_methods.iter().map(|method| method.parse().expect("a method")).collect();
    tower_http::cors::CorsLayer::new()
        .allow_origin(values(origins))
        .allow_credentials(true)
        .allow_methods(methods)
        .allow_headers(names(&shared.allow_headers))
        .expose_headers(names(&shared.expose_headers))
        .max_age(Duration::from_secs(shared.max_age))
}

/// What nobody can do without for this policy: a look-up, and the header fields.
#[derive(Clone)]
struct Limit {
    origins: HashSet<HeaderValue>,
    methods: HashSet<Box<str>>,
    headers: HashSet<Box<str>>,
    method_list: HeaderValue,
    header_list: HeaderValue,
    exposed: HeaderValue,
    max_age: HeaderValue,
}

impl Limit {
    fn new(origins: &[String], shared: Shared) -> Self {
        let set = |texts: &[String]| texts.iter().map(|text| text.as_str().into()).collect();
        let value = |text: &str| HeaderValue::from_str(text).expect("a value");
        Self {
            origins: origins.iter().map(|origin| value(origin)).collect(),
            methods: set(&shared.allow_methods),
            headers: set(&shared.allow_headers),
            method_list: value(&shared.allow_methods.join(", ")),
            header_list: value(&shared.allow_headers.join(", ")),
            exposed: value(&shared.expose_headers.join(", ")),
            max_age: value(&shared.max_age.to_string()),
        }
    }

    fn preflight(&self, request: &Request<()>, origin: Option<HeaderValue>) -> Response<()> {
        let mut response = Response::new(());
        let fields = response.headers_mut();
        fields.insert(
            VARY,
            HeaderValue::from_static(
                "Origin, Access-Control-Request-Method, Access-Control-Request-Headers",
            ),
        );
        let method = request.headers().get(ACCESS_CONTROL_REQUEST_METHOD);
        let names = request.headers().get(ACCESS_CONTROL_REQUEST_HEADERS);
        let listed = |method: &&HeaderValue| {
            method.to_str().is_ok_and(|method| self.methods.contains(method))
        };
        let all_listed = |names: &HeaderValue| {
            let names = names.to_str();
            names.is_ok_and(|names| {
                names.split(',').all(|it| self.headers.contains(it.trim_ascii()))
            })
        };
        let allowed = names.is_none_or(all_listed);
        let (Some(origin), true) = (origin, method.is_some_and(|it| listed(&it)) && allowed) else {
            fields.insert(CONTENT_LENGTH, HeaderValue::from_static("0"));
            *response.status_mut() = StatusCode::FORBIDDEN;
            return response;
        };
        fields.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        fields.insert(ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
        fields.insert(ACCESS_CONTROL_ALLOW_METHODS, self.method_list.clone());
        fields.insert(ACCESS_CONTROL_ALLOW_HEADERS, self.header_list.clone());
        fields.insert(ACCESS_CONTROL_MAX_AGE, self.max_age.clone());
        *response.status_mut() = StatusCode::NO_CONTENT;
        response
    }

    fn apply(&self, fields: &mut HeaderMap, origin: Option<HeaderValue>) {
        let is_owned = |name: &HeaderName| name.as_str().starts_with("access-control-");
        while let Some(name) = fields.keys().find(|name| is_owned(name)).cloned() {
            fields.remove(name);
        }
        if let Some(origin) = origin {
            fields.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
            fields.insert(ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
            fields.insert(ACCESS_CONTROL_EXPOSE_HEADERS, self.exposed.clone());
        }
        fields.append(VARY, HeaderValue::from_static("Origin"));
    }
}

impl Service<Request<()>> for Limit {
    type Response = Response<()>;
    type Error = Infallible;
    type Future = Ready<Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<()>) -> Self::Future {
        let origin = request.headers().get(ORIGIN);
        let allowed = origin.filter(|origin| self.origins.contains(*origin)).cloned();
        let asks = request.headers().contains_key(ACCESS_CONTROL_REQUEST_METHOD);
        if origin.is_some() && asks && *request.method() == Method::OPTIONS {
            return ready(Ok(self.preflight(&request, allowed)));
        }
        let mut response = call(&mut Handler, request);
        self.apply(response.headers_mut(), allowed);
        ready(Ok(response))
    }
}
