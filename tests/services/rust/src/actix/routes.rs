//! What the contract of tests/services/README.md asks for.

use std::time::Duration;

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::error::{ErrorInternalServerError, InternalError};
use actix_web::http::header::{self, HeaderName};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::{Next, from_fn};
use actix_web::web::{self, Bytes, Data, PayloadConfig, ServiceConfig};
use actix_web::{Error, HttpRequest, HttpResponse};
use actix_ws::Message;
use futures_util::stream;
use onecors::LivePolicy;
use tokio::time::sleep;

const LARGEST_UPLOAD: usize = 64 * 1024;

/// The routes, with everything inside the policy that belongs there.
pub fn add(app: &mut ServiceConfig, policy: LivePolicy) {
    let methods =
        [Method::GET, Method::HEAD, Method::POST, Method::PUT, Method::PATCH, Method::DELETE];
    let items = methods
        .into_iter()
        .fold(web::resource("/app/item"), |items, method| items.route(web::method(method).to(item)))
        .route(web::method(Method::OPTIONS).to(item_options));
    // Not `App::route`: there another method than its own is a 404.
    let get_only = web::resource("/app/get-only").route(web::get().to(async || "get-only"));
    let private = web::resource("/app/private").wrap(from_fn(authenticate));
    app.app_data(Data::new(policy))
        .app_data(PayloadConfig::new(LARGEST_UPLOAD))
        .service(items)
        .service(get_only)
        .route("/app/throw", web::get().to(throw))
        .route("/app/throw-late", web::get().to(throw_late))
        .route("/app/reset", web::get().to(reset))
        .service(private.to(async || "private"))
        .route("/app/redirect", web::get().to(redirect))
        .route("/app/stream", web::get().to(stream_of_three))
        .route("/app/vary", web::get().to(async || vary(&["Accept-Encoding", "Cookie, ORIGIN"])))
        .route("/app/vary-star", web::get().to(async || vary(&["*"])))
        .route("/app/own", web::get().to(own))
        .route("/app/upload", web::post().to(async |_: Bytes| "uploaded"))
        .route("/app/slow", web::get().to(slow))
        .route("/app/ws", web::to(echo))
        .route("/open/item", web::get().to(async || "open"))
        .route("/plain", web::get().to(plain))
        .route("/-/replace", web::post().to(replace));
}

async fn item() -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((header::ETAG, "\"1\""))
        .append_header((header::SET_COOKIE, "session=1"))
        .append_header((header::SET_COOKIE, "theme=dark"))
        .body("item")
}

async fn item_options() -> HttpResponse {
    HttpResponse::NoContent()
        .insert_header(("x-handler", "options"))
        .insert_header((header::ALLOW, "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"))
        .finish()
}

async fn throw() -> Result<HttpResponse, Error> {
    Err(ErrorInternalServerError("thrown"))
}

/// A body that fails is what actix-web has for an error after the start.
async fn throw_late() -> HttpResponse {
    HttpResponse::Ok().streaming(stream::unfold(0, async |turn| match turn {
        0 => Some((Ok(Bytes::from_static(b"part")), 1)),
        _ => {
            // What has been made is sent before the error ends the connection.
            sleep(Duration::from_millis(100)).await;
            Some((Err(std::io::Error::other("thrown")), turn))
        }
    }))
}

/// An error drops the response in the making, and actix-web makes another.
async fn reset() -> Result<HttpResponse, Error> {
    let response = HttpResponse::Ok().insert_header(("x-before", "1")).body("reset");
    if response.status().is_success() {
        return Err(ErrorInternalServerError("thrown"));
    }
    Ok(response)
}

async fn authenticate<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, Error> {
    match request.headers().get(header::AUTHORIZATION) {
        Some(token) if token == "Bearer token" => next.call(request).await,
        _ => {
            let response = HttpResponse::Unauthorized()
                .insert_header((header::WWW_AUTHENTICATE, "Bearer"))
                .finish();
            Err(InternalError::from_response("no token", response).into())
        }
    }
}

async fn redirect() -> HttpResponse {
    HttpResponse::build(StatusCode::FOUND).insert_header((header::LOCATION, "/app/item")).finish()
}

async fn stream_of_three() -> HttpResponse {
    let chunks = stream::unfold(0, async |turn| {
        let chunk = *["one", "two", "three"].get(turn)?;
        if turn > 0 {
            sleep(Duration::from_millis(150)).await;
        }
        Some((Ok::<_, Error>(Bytes::from_static(chunk.as_bytes())), turn + 1))
    });
    HttpResponse::Ok().content_type("text/plain").streaming(chunks)
}

fn vary(lines: &[&str]) -> HttpResponse {
    let mut response = HttpResponse::Ok();
    for line in lines {
        response.append_header((header::VARY, *line));
    }
    response.body("vary")
}

async fn own() -> HttpResponse {
    let headers: [(HeaderName, &str); 4] = [
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, "https://wrong.example"),
        (header::ACCESS_CONTROL_ALLOW_CREDENTIALS, "true"),
        (header::ACCESS_CONTROL_EXPOSE_HEADERS, "x-own"),
        (header::ACCESS_CONTROL_MAX_AGE, "1"),
    ];
    let mut response = HttpResponse::Ok();
    for line in headers {
        response.insert_header(line);
    }
    response.body("own")
}

async fn slow() -> &'static str {
    sleep(Duration::from_millis(500)).await;
    "slow"
}

async fn plain() -> HttpResponse {
    let own = (header::ACCESS_CONTROL_ALLOW_ORIGIN, "https://own.example");
    HttpResponse::Ok().insert_header(own).body("plain")
}

async fn echo(request: HttpRequest, body: web::Payload) -> Result<HttpResponse, Error> {
    let (response, mut session, mut messages) = actix_ws::handle(&request, body)?;
    actix_web::rt::spawn(async move {
        while let Some(Ok(message)) = messages.recv().await {
            let sent = match message {
                Message::Text(text) => session.text(text).await,
                Message::Binary(bytes) => session.binary(bytes).await,
                Message::Close(reason) => {
                    let _ = session.close(reason).await;
                    return;
                }
                _ => Ok(()),
            };
            if sent.is_err() {
                return;
            }
        }
    });
    Ok(response)
}

async fn replace(policy: Data<LivePolicy>, document: Bytes) -> HttpResponse {
    match policy.replace(document) {
        Ok(()) => HttpResponse::NoContent().finish(),
        Err(problems) => HttpResponse::UnprocessableEntity().body(problems.to_string()),
    }
}
