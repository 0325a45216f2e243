//! The adapter for actix-web, around an application.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod policy;

use actix_web::body::{MessageBody, to_bytes};
use actix_web::dev::{Service, ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, HeaderMap};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::{Next, from_fn};
use actix_web::test::{TestRequest, init_service};
use actix_web::{App, Error, HttpResponse, error, web};
use onecors::actix::Cors;
use onecors::{LivePolicy, Policy};
use policy::{ALLOWED, DOCUMENT};

fn policy() -> LivePolicy {
    Policy::from_json(DOCUMENT).unwrap().into()
}

async fn authenticate<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, Error> {
    if request.path() == "/app/private" {
        return Err(error::ErrorUnauthorized("no token"));
    }
    next.call(request).await
}

/// What the application answers to a request: the status, the fields and the body. An error is what
/// actix-web makes of it on the outside.
async fn answer(live: LivePolicy, request: TestRequest) -> (StatusCode, HeaderMap, String) {
    let own = || async {
        HttpResponse::Ok()
            .insert_header((header::ACCESS_CONTROL_ALLOW_ORIGIN, "https://wrong.example"))
            .append_header((header::VARY, "Accept-Encoding"))
            .append_header((header::VARY, "Cookie"))
            .body("own")
    };
    let fails = || async { Err::<HttpResponse, Error>(error::ErrorInternalServerError("thrown")) };
    let app = App::new()
        .route("/app/own", web::get().to(own))
        .route("/app/fails", web::get().to(fails))
        .route("/app/private", web::get().to(HttpResponse::Ok))
        .route("/open/item", web::get().to(HttpResponse::Ok))
        .route("/plain", web::get().to(own))
        .wrap(from_fn(authenticate))
        .wrap(Cors::new(live));
    let service = init_service(app).await;
    let response = match service.call(request.to_request()).await {
        Ok(response) => response.into_parts().1.map_into_boxed_body(),
        Err(error) => error.error_response(),
    };
    let (status, headers) = (response.status(), response.headers().clone());
    let body = to_bytes(response.into_body()).await.unwrap();
    (status, headers, String::from_utf8(body.to_vec()).unwrap())
}

fn get(path: &str, origin: &str) -> TestRequest {
    TestRequest::get().uri(path).insert_header((header::ORIGIN, origin))
}

fn value<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    let mut lines = headers.get_all(name);
    let first = lines.next().map(|value| value.to_str().unwrap());
    assert!(lines.next().is_none(), "several lines of {name}");
    first
}

#[actix_web::test]
async fn a_preflight_is_answered_before_authentication() {
    let preflight = |method: &str| {
        TestRequest::default()
            .method(Method::OPTIONS)
            .uri("/app/private")
            .insert_header((header::ORIGIN, ALLOWED))
            .insert_header((header::ACCESS_CONTROL_REQUEST_METHOD, method))
    };
    let (status, headers, body) = answer(policy(), preflight("PUT")).await;
    assert_eq!((status, body.as_str()), (StatusCode::NO_CONTENT, ""));
    assert_eq!(value(&headers, "access-control-allow-origin"), Some(ALLOWED));
    assert_eq!(value(&headers, "access-control-allow-methods"), Some("PUT"));

    let (status, headers, _) = answer(policy(), preflight("DELETE")).await;
    assert_eq!(status, StatusCode::FORBIDDEN);
    assert_eq!(value(&headers, "access-control-allow-origin"), None);
}

#[actix_web::test]
async fn every_response_gets_the_fields_whoever_made_it() {
    for (path, status) in [
        ("/app/own", StatusCode::OK),
        ("/app/fails", StatusCode::INTERNAL_SERVER_ERROR),
        ("/app/private", StatusCode::UNAUTHORIZED),
        ("/app/missing", StatusCode::NOT_FOUND),
    ] {
        let (found, headers, _) = answer(policy(), get(path, ALLOWED)).await;
        assert_eq!(found, status, "{path}");
        assert_eq!(value(&headers, "access-control-allow-origin"), Some(ALLOWED), "{path}");
        assert_eq!(value(&headers, "access-control-allow-credentials"), Some("true"), "{path}");
        assert_eq!(value(&headers, "access-control-expose-headers"), Some("etag"), "{path}");

        let (found, headers, _) = answer(policy(), get(path, "https://evil.example")).await;
        assert_eq!(found, status, "{path}");
        assert_eq!(value(&headers, "access-control-allow-origin"), None, "{path}");
        assert!(value(&headers, "vary").unwrap().to_lowercase().contains("origin"), "{path}");
    }
}

#[actix_web::test]
async fn an_error_keeps_its_status_and_its_text() {
    let (_, _, body) = answer(policy(), get("/app/private", ALLOWED)).await;
    assert_eq!(body, "no token");
}

#[actix_web::test]
async fn vary_is_merged_into_one_line() {
    let (_, headers, _) = answer(policy(), get("/app/own", ALLOWED)).await;
    assert_eq!(value(&headers, "vary"), Some("Accept-Encoding, Cookie, Origin"));
    let (_, headers, _) = answer(policy(), get("/open/item", ALLOWED)).await;
    assert_eq!(value(&headers, "vary"), None);
    assert_eq!(value(&headers, "access-control-allow-origin"), Some("*"));
}

#[actix_web::test]
async fn an_ungoverned_path_is_left_alone() {
    let (status, headers, body) = answer(policy(), get("/plain", ALLOWED)).await;
    assert_eq!((status, body.as_str()), (StatusCode::OK, "own"));
    assert_eq!(value(&headers, "access-control-allow-origin"), Some("https://wrong.example"));
    assert_eq!(headers.get_all("vary").count(), 2);
}

#[actix_web::test]
async fn a_handshake_of_another_origin_ends_with_403() {
    let handshake = |path: &str, origin: &str| {
        get(path, origin)
            .insert_header((header::HOST, "api.example.com"))
            .insert_header((header::UPGRADE, "h2c, WebSocket"))
    };
    for (path, origin, refused) in [
        ("/app/own", "https://evil.example", true),
        ("/app/own", "null", true),
        ("/app/own", ALLOWED, false),
        ("/app/own", "https://api.example.com", false),
        ("/plain", "https://evil.example", false),
        ("/plain/../app/own", "https://evil.example", true),
        ("/APP/own", "https://evil.example", true),
    ] {
        let (status, _, _) = answer(policy(), handshake(path, origin)).await;
        assert_eq!(status == StatusCode::FORBIDDEN, refused, "{path} {origin}: {status}");
    }
}

#[actix_web::test]
async fn several_lines_of_origin_are_one_malformed_origin() {
    let request = get("/app/own", ALLOWED).append_header((header::ORIGIN, ALLOWED));
    let (_, headers, _) = answer(policy(), request).await;
    assert_eq!(value(&headers, "access-control-allow-origin"), None);
}

#[actix_web::test]
async fn a_replaced_policy_decides_the_next_request() {
    let live = policy();
    live.replace(r#"{ "allow_origins": ["https://b.example"] }"#).unwrap();
    let (_, headers, _) = answer(live.clone(), get("/app/own", "https://b.example")).await;
    assert_eq!(value(&headers, "access-control-allow-origin"), Some("https://b.example"));
    let (_, headers, _) = answer(live, get("/app/own", ALLOWED)).await;
    assert_eq!(value(&headers, "access-control-allow-origin"), None);
}
