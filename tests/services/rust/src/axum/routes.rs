//! What the contract of tests/services/README.md asks for.

use std::convert::Infallible;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{DefaultBodyLimit, Request, State, WebSocketUpgrade, ws};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{AppendHeaders, IntoResponse, Response};
use axum::routing::{any, get, post};
use futures_util::stream;
use onecors::LivePolicy;
use tokio::time::sleep;
use tower_http::catch_panic::CatchPanicLayer;

const LARGEST_UPLOAD: usize = 64 * 1024;

/// The routes, with everything inside the policy that belongs there.
pub fn router(policy: LivePolicy) -> Router {
    let private = any(async || "private").layer(middleware::from_fn(authenticate));
    let item_methods = get(item).post(item).put(item).patch(item).delete(item);
    Router::new()
        .route("/app/item", item_methods.options(item_options))
        .route("/app/get-only", get(async || "get-only"))
        .route("/app/throw", get(throw))
        .route("/app/throw-late", get(throw_late))
        .route("/app/reset", get(reset))
        .route("/app/private", private)
        .route(
            "/app/redirect",
            get(async || (StatusCode::FOUND, [(header::LOCATION, "/app/item")])),
        )
        .route("/app/stream", get(stream_of_three))
        .route("/app/vary", get(async || vary(&["Accept-Encoding", "Cookie, ORIGIN"])))
        .route("/app/vary-star", get(async || vary(&["*"])))
        .route("/app/own", get(own))
        .route("/app/upload", post(async |_: Bytes| "uploaded"))
        .route("/app/slow", get(slow))
        .route("/app/ws", any(echo))
        .route("/open/item", get(async || "open"))
        .route("/plain", get(async || ([(ALLOW_ORIGIN, "https://own.example")], "plain")))
        .route("/-/replace", post(replace))
        .layer(DefaultBodyLimit::max(LARGEST_UPLOAD))
        .layer(CatchPanicLayer::new())
        .with_state(policy)
}

const ALLOW_ORIGIN: HeaderName = header::ACCESS_CONTROL_ALLOW_ORIGIN;

async fn item() -> impl IntoResponse {
    let cookies = [(header::SET_COOKIE, "session=1"), (header::SET_COOKIE, "theme=dark")];
    ([(header::ETAG, "\"1\"")], AppendHeaders(cookies), "item")
}

async fn item_options() -> impl IntoResponse {
    let allow = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS";
    (StatusCode::NO_CONTENT, [("x-handler", "options"), ("allow", allow)])
}

async fn throw() -> &'static str {
    panic!("thrown")
}

/// A body that fails is what axum has for an error after the start.
async fn throw_late() -> Body {
    Body::from_stream(stream::unfold(0, async |turn| match turn {
        0 => Some((Ok(Bytes::from_static(b"part")), 1)),
        _ => {
            // What has been made is sent before the error ends the connection.
            sleep(Duration::from_millis(100)).await;
            Some((Err(std::io::Error::other("thrown")), turn))
        }
    }))
}

/// A panic drops the response in the making, and `CatchPanicLayer` makes another.
async fn reset() -> Response {
    let mut response = "reset".into_response();
    response.headers_mut().insert("x-before", HeaderValue::from_static("1"));
    if response.status().is_success() {
        panic!("thrown");
    }
    response
}

async fn authenticate(request: Request, next: Next) -> Response {
    match request.headers().get(header::AUTHORIZATION) {
        Some(token) if token == "Bearer token" => next.run(request).await,
        _ => (StatusCode::UNAUTHORIZED, [(header::WWW_AUTHENTICATE, "Bearer")]).into_response(),
    }
}

async fn stream_of_three() -> Response {
    let chunks = stream::unfold(0, async |turn| {
        let chunk = *["one", "two", "three"].get(turn)?;
        if turn > 0 {
            sleep(Duration::from_millis(150)).await;
        }
        Some((Ok::<_, Infallible>(chunk), turn + 1))
    });
    ([(header::CONTENT_TYPE, "text/plain")], Body::from_stream(chunks)).into_response()
}

fn vary(lines: &[&'static str]) -> impl IntoResponse + use<> {
    let mut headers = HeaderMap::new();
    for line in lines {
        headers.append(header::VARY, HeaderValue::from_static(line));
    }
    (headers, "vary")
}

async fn own() -> impl IntoResponse {
    let headers = [
        (ALLOW_ORIGIN, "https://wrong.example"),
        (header::ACCESS_CONTROL_ALLOW_CREDENTIALS, "true"),
        (header::ACCESS_CONTROL_EXPOSE_HEADERS, "x-own"),
        (header::ACCESS_CONTROL_MAX_AGE, "1"),
    ];
    (headers, "own")
}

async fn slow() -> &'static str {
    sleep(Duration::from_millis(500)).await;
    "slow"
}

async fn echo(upgrade: WebSocketUpgrade) -> Response {
    upgrade.on_upgrade(async |mut socket| {
        while let Some(Ok(message)) = socket.recv().await {
            let sent = match message {
                ws::Message::Text(_) | ws::Message::Binary(_) => socket.send(message).await,
                _ => Ok(()),
            };
            if sent.is_err() {
                return;
            }
        }
    })
}

async fn replace(State(policy): State<LivePolicy>, document: Bytes) -> Response {
    match policy.replace(document) {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(problems) => (StatusCode::UNPROCESSABLE_ENTITY, problems.to_string()).into_response(),
    }
}
