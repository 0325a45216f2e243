//! The adapter for tower, in front of axum, tonic and services made for a test.
#![allow(clippy::unwrap_used)]

mod events;
mod policy;

use std::convert::Infallible;
use std::fs;
use std::future::{Ready, ready};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::http::header::{HeaderMap, HeaderName, HeaderValue, ORIGIN};
use axum::http::{Method, Response, StatusCode, Uri, Version};
use axum::middleware::{self, Next};
use axum::response::IntoResponse;
use axum::routing::{get, post};
use http_body_util::BodyExt;
use onecors::tower::{CorsLayer, CorsService};
use onecors::{LivePolicy, Policy};
use policy::{ALLOWED, DOCUMENT};
use serde_json::Value as Json;
use tower::limit::ConcurrencyLimitLayer;
use tower::{Layer, Service, ServiceBuilder, ServiceExt, service_fn};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::limit::RequestBodyLimitLayer;
use tower_http::normalize_path::NormalizePathLayer;
use tower_http::services::ServeDir;
use tracing::Level;

fn policy() -> Policy {
    Policy::from_json(DOCUMENT).unwrap()
}

fn request(method: &str, uri: &str, lines: &[(&str, &str)]) -> Request {
    let mut request = Request::builder().method(method).uri(uri);
    for (name, value) in lines {
        request = request.header(*name, *value);
    }
    request.body(Body::empty()).unwrap()
}

fn preflight(uri: &str) -> Request {
    request("OPTIONS", uri, &[("origin", ALLOWED), ("access-control-request-method", "PUT")])
}

fn actual(uri: &str) -> Request {
    request("GET", uri, &[("origin", ALLOWED)])
}

async fn send<S>(service: &S, request: Request) -> Response<Body>
where
    S: Service<Request, Response = Response<Body>, Error = Infallible> + Clone,
{
    service.clone().oneshot(request).await.unwrap()
}

fn values<'a>(headers: &'a HeaderMap, name: &str) -> Vec<&'a str> {
    headers.get_all(name).iter().map(|value| value.to_str().unwrap()).collect()
}

fn granted(response: &Response<Body>) -> Vec<&str> {
    values(response.headers(), "access-control-allow-origin")
}

/// A service that counts its calls.
#[derive(Clone, Default)]
struct Counting(Arc<AtomicUsize>);

impl Counting {
    fn calls(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }
}

impl Service<Request> for Counting {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Ready<Result<Response<Body>, Infallible>>;

    fn poll_ready(&mut self, _context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _request: Request) -> Self::Future {
        self.0.fetch_add(1, Ordering::SeqCst);
        ready(Ok(Response::new(Body::from("inside"))))
    }
}

fn app() -> Router {
    Router::new()
        .route("/app/item", get(async || "item").options(async || "options"))
        .route("/app/get-only", get(async || "get"))
        .route("/app/throw", get(throw))
        .route("/app/upload", post(async |body: axum::body::Bytes| body.len().to_string()))
        .route("/open/item", get(async || "open"))
        .route("/plain", get(async || [("access-control-allow-origin", "https://own.example")]))
}

async fn throw() -> &'static str {
    panic!("as the test wants")
}

async fn authenticate(request: Request, next: Next) -> Response<Body> {
    match request.headers().get("authorization") {
        Some(token) if token == "Bearer token" => next.run(request).await,
        _ => StatusCode::UNAUTHORIZED.into_response(),
    }
}

#[tokio::test]
async fn a_preflight_never_gets_inside() {
    let inside = Counting::default();
    let service = CorsLayer::new(policy()).layer(inside.clone());
    let response = send(&service, preflight("/app/item")).await;
    assert_eq!(response.status(), StatusCode::NO_CONTENT);
    assert_eq!(granted(&response), [ALLOWED]);
    assert_eq!(values(response.headers(), "access-control-allow-methods"), ["PUT"]);
    // RFC 9110, section 8.6: no length with 204.
    assert!(!response.headers().contains_key("content-length"));
    assert!(response.into_body().collect().await.unwrap().to_bytes().is_empty());

    let mut denied = preflight("/app/item");
    denied.headers_mut().insert(ORIGIN, HeaderValue::from_static("https://evil.example"));
    let response = send(&service, denied).await;
    assert_eq!(response.status(), StatusCode::FORBIDDEN);
    assert_eq!(granted(&response), [""; 0]);
    assert_eq!(values(response.headers(), "content-length"), ["0"]);
    assert_eq!(inside.calls(), 0);

    // No preflight, or nobody's business.
    send(&service, request("OPTIONS", "/app/item", &[("origin", ALLOWED)])).await;
    send(&service, preflight("/else")).await;
    assert_eq!(inside.calls(), 2);
}

/// The threads are many: Kludex/starlette#617, spring-security#4448, micronaut-core#6278.
#[tokio::test]
async fn every_answer_gets_the_fields_whoever_made_it() {
    let private = middleware::from_fn(authenticate);
    let app = app()
        .route_layer(RequestBodyLimitLayer::new(4))
        .layer(CatchPanicLayer::new())
        .nest("/app/private", Router::new().route("/", get(async || "private")).layer(private));
    let app = CorsLayer::new(policy()).layer(app);
    for (method, path, status) in [
        ("GET", "/app/item", 200),
        ("HEAD", "/app/item", 200),
        ("OPTIONS", "/app/item", 200),
        ("POST", "/app/get-only", 405),
        ("GET", "/app/missing", 404),
        ("GET", "/app/throw", 500),
        ("GET", "/app/private", 401),
        ("OPTIONS", "/app/private", 401),
    ] {
        let response = send(&app, request(method, path, &[("origin", ALLOWED)])).await;
        assert_eq!(response.status(), status, "{method} {path}");
        assert_eq!(granted(&response), [ALLOWED], "{method} {path}");
        assert_eq!(values(response.headers(), "vary"), ["Origin"], "{method} {path}");
    }
    let large = request("POST", "/app/upload", &[("origin", ALLOWED), ("content-length", "5")]);
    let response = send(&app, large).await;
    assert_eq!(
        (response.status(), granted(&response)),
        (StatusCode::PAYLOAD_TOO_LARGE, vec![ALLOWED])
    );

    for path in ["/app/item", "/app/get-only", "/app/missing", "/app/throw", "/app/private"] {
        assert_eq!(send(&app, preflight(path)).await.status(), StatusCode::NO_CONTENT, "{path}");
    }
    let response = send(&app, actual("/plain")).await;
    assert_eq!(granted(&response), ["https://own.example"]);
    assert!(!response.headers().contains_key("vary"));
}

/// `Router::layer` covers what the router had when it was called, its 404 and 405 included, and
/// nothing that comes after it.
#[tokio::test]
async fn a_layer_of_the_router_covers_what_was_there_before_it() {
    let last = app().layer(CorsLayer::new(policy()));
    for path in ["/app/item", "/app/get-only", "/app/missing"] {
        assert_eq!(send(&last, preflight(path)).await.status(), StatusCode::NO_CONTENT, "{path}");
        assert_eq!(granted(&send(&last, actual(path)).await), [ALLOWED], "{path}");
    }
    let early = app()
        .layer(CorsLayer::new(policy()))
        .route("/app/late", get(async || "late"))
        .fallback(async || StatusCode::NOT_FOUND);
    for path in ["/app/late", "/app/missing"] {
        assert_eq!(granted(&send(&early, actual(path)).await), [""; 0], "{path}");
    }
    let outside = last.layer(middleware::from_fn(authenticate));
    assert_eq!(send(&outside, preflight("/app/item")).await.status(), StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_route_layer_is_the_wrong_place() {
    let app = app().route_layer(CorsLayer::new(policy()));
    assert_eq!(granted(&send(&app, actual("/app/missing")).await), [""; 0]);
}

/// axum routes on the path as it was sent, and so does the policy: what looks like another path to a
/// decoder finds neither that path's handler nor its rule.
#[tokio::test]
async fn disguised_paths_find_no_other_rule() {
    let app = CorsLayer::new(policy()).layer(app());
    for path in [
        "/open%2Fitem",
        "/%6fpen/item",
        "/%61pp/item",
        "//open/item",
        "/OPEN/item",
        "/open;x=1/item",
        "/else/../open/item",
        "/open/../app/item",
        "/open/%2e%2e/app/item",
        "/open/..%2fapp/item",
    ] {
        let response = send(&app, actual(path)).await;
        assert_eq!(response.status(), StatusCode::NOT_FOUND, "{path}");
        assert_eq!(granted(&response), [""; 0], "{path}");
    }
    assert_eq!(granted(&send(&app, actual("/open/item?/../app/item")).await), ["*"]);
}

/// What serves files decodes a path and merges its slashes, after the rule has been chosen.
#[tokio::test]
async fn a_path_that_files_are_served_by_has_no_other_rule() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("private")).unwrap();
    fs::write(folder.path().join("private/x.txt"), "private").unwrap();
    let policy = Policy::from_json(
        r#"{ "rules": [
            { "paths": ["/*"], "allow_origins": ["*"] },
            { "paths": ["/private/*"], "allow_origins": ["https://admin.example.com"] }
        ] }"#,
    );
    let service = CorsLayer::new(policy.unwrap()).layer(ServeDir::new(folder.path()));
    let mut reached = 0;
    for path in [
        "/private/x.txt",
        "/%70rivate/x.txt",
        "//private/x.txt",
        "//%70rivate//x.txt",
        "/private%2Fx.txt",
        "/./private/x.txt",
        "/else/../private/x.txt",
    ] {
        let response = service.clone().oneshot(actual(path)).await.unwrap();
        let granted = values(response.headers(), "access-control-allow-origin");
        assert_eq!(granted, [""; 0], "{path}");
        reached += usize::from(response.status() == StatusCode::OK);
    }
    assert!(reached >= 3, "only {reached} spellings reach the file, so this shows nothing");
}

#[tokio::test]
async fn around_the_router_the_path_is_the_clients() {
    let nested = || Router::new().route("/item", get(async || "item"));
    let around = CorsLayer::new(policy()).layer(Router::new().nest("/app", nested()));
    assert_eq!(granted(&send(&around, actual("/app/item")).await), [ALLOWED]);
    let inside = Router::new().nest("/app", nested().layer(CorsLayer::new(policy())));
    assert_eq!(granted(&send(&inside, actual("/app/item")).await), [""; 0], "sees /item");
}

#[tokio::test]
async fn what_rewrites_the_path_may_stand_inside() {
    let app = NormalizePathLayer::trim_trailing_slash().layer(app());
    let app = CorsLayer::new(policy()).layer(app);
    let response = app.oneshot(actual("/app/item/")).await.unwrap();
    assert_eq!((response.status(), granted(&response)), (StatusCode::OK, vec![ALLOWED]));
}

fn own_fields() -> impl IntoResponse {
    let mut headers = HeaderMap::new();
    for (name, value) in [
        ("access-control-allow-origin", "https://wrong.example"),
        ("access-control-allow-origin", "*"),
        ("access-control-allow-private-network", "true"),
        ("access-control-max-age", "1"),
        ("set-cookie", "a=1"),
        ("set-cookie", "b=2"),
        ("vary", "Accept-Encoding"),
        ("vary", "Cookie, ORIGIN"),
    ] {
        headers.append(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    headers
}

/// Two values of Access-Control-Allow-Origin: spring-cloud-gateway#728.
#[tokio::test]
async fn the_policy_owns_its_fields_and_merges_vary() {
    let app = Router::new().route("/app/own", get(async || own_fields()));
    let app = CorsLayer::new(policy()).layer(app);
    let response = send(&app, actual("/app/own")).await;
    assert_eq!(granted(&response), [ALLOWED]);
    assert!(!response.headers().contains_key("access-control-allow-private-network"));
    assert!(!response.headers().contains_key("access-control-max-age"));
    assert_eq!(values(response.headers(), "set-cookie"), ["a=1", "b=2"]);
    assert_eq!(values(response.headers(), "vary").join(", "), "Accept-Encoding, Cookie, ORIGIN");
}

#[tokio::test]
async fn lines_of_a_field_are_joined() {
    let service = CorsService::new(Counting::default(), policy());
    let doubled = request("GET", "/app/item", &[("origin", ALLOWED), ("origin", ALLOWED)]);
    assert_eq!(granted(&send(&service, doubled).await), [""; 0]);

    let mut asking = preflight("/app/item");
    let name = HeaderName::from_static("access-control-request-headers");
    asking.headers_mut().append(name.clone(), HeaderValue::from_static("authorization"));
    asking.headers_mut().append(name.clone(), HeaderValue::from_static(""));
    assert_eq!(send(&service, asking).await.status(), StatusCode::NO_CONTENT);
    let mut asking = preflight("/app/item");
    asking.headers_mut().append(name.clone(), HeaderValue::from_static("authorization"));
    asking.headers_mut().append(name, HeaderValue::from_static("x-other"));
    assert_eq!(send(&service, asking).await.status(), StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn any_bytes_are_denied_and_nothing_breaks() {
    let service = CorsService::new(Counting::default(), policy());
    for bytes in [&b"https://app.example.com\xff"[..], b"\xe9", b"", b" ", b"null", b"\t"] {
        let mut request = actual("/app/item");
        request.headers_mut().insert(ORIGIN, HeaderValue::from_bytes(bytes).unwrap());
        let response = send(&service, request).await;
        assert_eq!((response.status(), granted(&response)), (StatusCode::OK, vec![]), "{bytes:?}");
    }
    let star = request("OPTIONS", "*", &[("origin", ALLOWED)]);
    assert_eq!(granted(&send(&service, star).await), [""; 0]);
}

fn handshake(origin: Option<&str>, host: &[&str]) -> Request {
    let mut request =
        request("GET", "/app/ws", &[("upgrade", "h2c, WebSocket"), ("connection", "upgrade")]);
    if let Some(origin) = origin {
        request.headers_mut().insert(ORIGIN, origin.parse().unwrap());
    }
    for host in host {
        request.headers_mut().append("host", host.parse().unwrap());
    }
    request
}

/// No browser checks a handshake: awslabs/cli-agent-orchestrator#533.
#[tokio::test]
async fn a_handshake_of_another_origin_is_refused() {
    let inside = Counting::default();
    let service = CorsService::new(inside.clone(), policy());
    for (origin, host) in [
        (Some("https://evil.example"), &["api.example.com"][..]),
        (Some("https://evil.example"), &[]),
        (Some("https://evil.example"), &["evil.example", "api.example.com"]),
        (Some("null"), &["api.example.com"]),
        (Some(""), &["api.example.com"]),
    ] {
        let response = send(&service, handshake(origin, host)).await;
        assert_eq!(response.status(), StatusCode::FORBIDDEN, "{origin:?} {host:?}");
        assert_eq!(values(response.headers(), "content-length"), ["0"]);
    }
    assert_eq!(inside.calls(), 0);
    for origin in [Some(ALLOWED), Some("https://api.example.com"), None] {
        let response = send(&service, handshake(origin, &["api.example.com"])).await;
        assert_eq!(response.status(), StatusCode::OK, "{origin:?}");
    }
    // No handshake, so that a browser guards the answer.
    let evil = request("GET", "/app/ws", &[("origin", "https://evil.example"), ("upgrade", "h2c")]);
    assert_eq!(send(&service, evil).await.status(), StatusCode::OK);
    assert_eq!(inside.calls(), 4);
}

/// The path has no rule, since nobody knows whose handler it reaches.
#[tokio::test]
async fn a_handshake_to_a_path_whose_readings_differ_is_its_own_pages_alone() {
    let service = CorsService::new(Counting::default(), policy());
    for (path, origin, status) in [
        ("/open%2F..%2Fapp/ws", "https://evil.example", StatusCode::FORBIDDEN),
        ("/open%2F..%2Fapp/ws", ALLOWED, StatusCode::FORBIDDEN),
        ("/open%2F..%2Fapp/ws", "https://api.example.com", StatusCode::OK),
        ("/%61pp/ws", "https://evil.example", StatusCode::FORBIDDEN),
        ("//app/ws", "https://evil.example", StatusCode::FORBIDDEN),
        ("/APP/ws", "https://evil.example", StatusCode::FORBIDDEN),
        ("/app;x=1/ws", "https://evil.example", StatusCode::FORBIDDEN),
        // The rule of the path as it was sent allows any origin.
        ("/open/..;/app/ws", "https://evil.example", StatusCode::FORBIDDEN),
        ("/elsewhere", "https://evil.example", StatusCode::OK),
    ] {
        let mut request = handshake(Some(origin), &["api.example.com"]);
        *request.uri_mut() = path.parse().unwrap();
        assert_eq!(send(&service, request).await.status(), status, "{path} {origin}");
    }
}

/// RFC 8441: the request has a scheme, and its protocol is for the server alone to see.
#[tokio::test]
async fn an_extended_connect_is_a_handshake() {
    let service = CorsService::new(Counting::default(), policy());
    let connect = |uri: &str, origin: &str| {
        let mut request = request("CONNECT", uri, &[("origin", origin)]);
        *request.version_mut() = Version::HTTP_2;
        request
    };
    let uri = "https://api.example.com/app/ws";
    for (origin, status) in [
        ("https://evil.example", StatusCode::FORBIDDEN),
        (ALLOWED, StatusCode::OK),
        ("https://api.example.com", StatusCode::OK),
    ] {
        assert_eq!(send(&service, connect(uri, origin)).await.status(), status, "{origin}");
    }
    let plain = send(&service, connect("api.example.com:443", "https://evil.example")).await;
    assert_eq!(plain.status(), StatusCode::OK, "a tunnel is no handshake");
}

#[tokio::test]
async fn a_preflight_gives_its_place_in_a_limit_back() {
    let limited = ConcurrencyLimitLayer::new(1).layer(Counting::default());
    let mut first = CorsService::new(limited, policy());
    let mut second = first.clone();
    let answer = first.ready().await.unwrap().call(preflight("/app/item")).await.unwrap();
    assert_eq!(answer.status(), StatusCode::NO_CONTENT);
    let ready = tokio::time::timeout(std::time::Duration::from_secs(20), second.ready()).await;
    assert!(ready.is_ok(), "the first holds the only place");
    drop(second);
    // And it is called only when it has been made ready again: a limit panics otherwise.
    first.ready().await.unwrap().call(actual("/app/item")).await.unwrap();
}

#[tokio::test]
async fn errors_of_the_service_are_passed_on() {
    let failing = service_fn(async |_: Request| Err::<Response<Body>, _>("out of order"));
    let service = CorsService::new(failing, policy());
    assert_eq!(service.clone().oneshot(actual("/app/item")).await.unwrap_err(), "out of order");
    assert!(service.oneshot(preflight("/app/item")).await.is_ok());
}

#[tokio::test]
async fn a_request_sees_one_policy_from_start_to_end() {
    let live = LivePolicy::new(policy());
    let inside = live.clone();
    let replacing = service_fn(move |_: Request| {
        inside.replace(r#"{ "allow_origins": ["https://new.example"] }"#).unwrap();
        ready(Ok::<_, Infallible>(Response::new(Body::empty())))
    });
    let service = CorsLayer::new(live.clone()).layer(replacing);
    assert_eq!(granted(&send(&service, actual("/app/item")).await), [ALLOWED]);
    assert_eq!(granted(&send(&service, actual("/app/item")).await), [""; 0]);
    let new = request("GET", "/anywhere", &[("origin", "https://new.example")]);
    assert_eq!(granted(&send(&service, new).await), ["https://new.example"]);
    live.replace("{}").unwrap_err();
    let new = request("GET", "/anywhere", &[("origin", "https://new.example")]);
    assert_eq!(granted(&send(&service, new).await), ["https://new.example"]);
}

#[tokio::test]
async fn a_denial_is_logged_once_with_what_explains_it() {
    events::record();
    let live = LivePolicy::new(policy());
    let service = CorsLayer::new(live.clone()).layer(Counting::default());
    let denied = || {
        request("GET", "/app/item", &[("origin", "http://app.example.com"), ("x-test", "logged")])
    };
    for _ in 0..3 {
        send(&service, denied()).await;
    }
    let words = r#"denied the request of "http://app.example.com" to rule "app""#;
    let logged = events::about(words);
    assert_eq!(logged.len(), 1, "{logged:?}");
    let event = &logged[0];
    assert_eq!((event.level, &*event.target), (Level::WARN, "onecors"));
    assert!(event.message().starts_with("onecors: denied"), "{event:?}");
    assert_eq!(event.field("reason"), Some("origin_not_allowed"));
    assert_eq!(event.field("rule"), Some("app"));
    assert_eq!(event.field("origin"), Some("http://app.example.com"));
    assert_eq!(event.field("nearest_miss"), Some("http, not https"));

    // The preflight is another verdict, and a new policy begins anew.
    let mut asking = preflight("/app/item");
    asking.headers_mut().insert(ORIGIN, HeaderValue::from_static("http://app.example.com"));
    send(&service, asking).await;
    let words_of_the_preflight = r#"denied the preflight of "http://app.example.com""#;
    assert_eq!(events::about(words_of_the_preflight).len(), 1);
    live.replace(DOCUMENT).unwrap();
    send(&service, denied()).await;
    assert_eq!(events::about(words).len(), 2);
}

#[tokio::test]
async fn a_page_of_the_server_itself_is_no_denial() {
    events::record();
    let service = CorsService::new(Counting::default(), policy());
    let own = [("origin", "https://own-page.example"), ("host", "own-page.example")];
    send(&service, request("POST", "/app/item", &own)).await;
    assert!(events::about("own-page.example").is_empty());
    // Not remembered either: with another Host the same origin is another matter.
    let other = [("origin", "https://own-page.example"), ("host", "api.example")];
    send(&service, request("POST", "/app/item", &other)).await;
    assert_eq!(events::about("own-page.example").len(), 1);
}

#[tokio::test]
async fn the_log_is_bounded_and_escaped() {
    events::record();
    let service = CorsService::new(Counting::default(), policy());
    for number in 0..1200 {
        let origin = format!("https://flood-{number}.example");
        send(&service, request("GET", "/app/item", &[("origin", &origin)])).await;
    }
    assert_eq!(events::about("https://flood-").len(), 1000);
    assert_eq!(events::about("no more are until the policy is replaced").len(), 1);

    let service = CorsService::new(Counting::default(), policy());
    let mut forged = actual("/app/item");
    let origin = [b"https://forged.example\tonecors: \xff".as_slice(), &[b'a'; 4000]].concat();
    forged.headers_mut().insert(ORIGIN, HeaderValue::from_bytes(&origin).unwrap());
    send(&service, forged).await;
    let logged = events::about("https://forged.example");
    assert_eq!(logged.len(), 1);
    let text = logged[0].message();
    assert!(text.len() < 1000 && !text.chars().any(char::is_control), "{text}");
}

#[tokio::test]
async fn a_subscriber_that_panics_breaks_no_request() {
    events::record();
    let service = CorsService::new(Counting::default(), policy());
    let lines = [("origin", "https://panics-in-the-log.example")];
    let response = send(&service, request("GET", "/app/item", &lines)).await;
    assert_eq!(response.status(), StatusCode::OK);
}

/// A service of tonic that always fails in the way of gRPC.
#[derive(Clone)]
struct Grpc;

impl tonic::server::NamedService for Grpc {
    const NAME: &'static str = "app";
}

impl Service<axum::http::Request<tonic::body::Body>> for Grpc {
    type Response = Response<tonic::body::Body>;
    type Error = Infallible;
    type Future = Ready<Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, _context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _request: axum::http::Request<tonic::body::Body>) -> Self::Future {
        ready(Ok(tonic::Status::unavailable("as the test wants").into_http()))
    }
}

#[tokio::test]
async fn grpc_web_is_covered_too() {
    let routes = tonic::service::Routes::new(Grpc).prepare();
    let service = ServiceBuilder::new().layer(CorsLayer::new(policy())).service(routes);
    let request = |method: Method, lines: &[(&str, &str)]| {
        let mut request = axum::http::Request::builder().method(method).uri("/app/Get");
        for (name, value) in lines {
            request = request.header(*name, *value);
        }
        request.body(tonic::body::Body::empty()).unwrap()
    };
    let asking = [("origin", ALLOWED), ("access-control-request-method", "POST")];
    let answer = service.clone().oneshot(request(Method::OPTIONS, &asking)).await.unwrap();
    assert_eq!(answer.status(), StatusCode::NO_CONTENT);
    let answer = service.oneshot(request(Method::POST, &asking[..1])).await.unwrap();
    assert_eq!(values(answer.headers(), "access-control-allow-origin"), [ALLOWED]);
    assert_eq!(values(answer.headers(), "grpc-status"), ["14"]);
}

/// Every decision of the conformance vectors that a request of the `http` crate can hold.
#[tokio::test]
async fn decisions_come_out_as_the_conformance_cases_say() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/conformance/decisions");
    let (mut run, mut inexpressible) = (0, 0);
    for file in fs::read_dir(folder).unwrap() {
        let text = fs::read_to_string(file.unwrap().path()).unwrap();
        let vectors: Json = serde_json::from_str(&text).unwrap();
        for group in vectors["groups"].as_array().unwrap() {
            let policy = Policy::from_json(&group["policy"].to_string()).unwrap();
            let service = CorsLayer::new(policy).layer(Counting::default());
            for case in group["cases"].as_array().unwrap() {
                let has_paths = group["policy"].get("rules").is_some();
                let Some(request) = request_of(&case["request"], has_paths) else {
                    inexpressible += 1;
                    continue;
                };
                let response = send(&service, request).await;
                check_answer(case, &response);
                run += 1;
            }
        }
    }
    println!("{run} cases, and {inexpressible} that no request of the http crate can hold");
    assert!(run > 4 * inexpressible && run > 200, "{run} of {}", run + inexpressible);
}

fn request_of(parts: &Json, path_matters: bool) -> Option<Request> {
    let mut request = Request::new(Body::empty());
    // Requests of the http crate always have a method and a path.
    parts["method"].as_str()?;
    if path_matters {
        parts["path"].as_str()?;
    }
    for (part, value) in parts.as_object().unwrap() {
        let value = value.as_str()?;
        match part.as_str() {
            "method" => *request.method_mut() = value.parse().ok()?,
            "path" => {
                let uri = value.parse::<Uri>().ok().filter(|uri| uri.path() == value)?;
                *request.uri_mut() = uri;
            }
            name => {
                let name = HeaderName::try_from(name.replace('_', "-")).unwrap();
                request.headers_mut().insert(name, value.parse().ok()?);
            }
        }
    }
    Some(request)
}

fn check_answer(case: &Json, response: &Response<Body>) {
    let expected = &case["expect"];
    let status = expected["status"].as_u64().unwrap_or(200);
    assert_eq!(u64::from(response.status().as_u16()), status, "{case}");
    let mut found: Vec<_> = response
        .headers()
        .iter()
        .filter(|(name, _)| *name != "content-length")
        .map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()))
        .collect();
    let pairs = expected["headers"].as_array().unwrap().iter();
    let mut expected: Vec<_> = pairs
        .map(|pair| {
            (pair[0].as_str().unwrap().to_lowercase(), pair[1].as_str().unwrap().to_owned())
        })
        .collect();
    found.sort();
    expected.sort();
    assert_eq!(found, expected, "{case}");
}
