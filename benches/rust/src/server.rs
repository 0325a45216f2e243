//! axum with a layer of CORS, or without, for a load generator.

use axum::extract::Request;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::routing::get;
use axum::{Router, ServiceExt};
use onecors::tower::CorsLayer;
use onecors::{LivePolicy, Policy};
use tower::Layer;

use crate::documents::{Document, shared};

/// Serves on one thread until it is ended.
pub fn run(subject: &str, port: &str, document: &str) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build();
    runtime.expect("a runtime").block_on(serve(subject, port, document));
}

async fn serve(subject: &str, port: &str, document: &str) {
    let items = async || ([(CONTENT_TYPE, "application/json")], r#"{"items":[]}"#);
    let options = async || StatusCode::NO_CONTENT;
    let app = Router::new().route("/items", get(items).options(options));
    let listener = tokio::net::TcpListener::bind(format!("127.0.0.1:{port}")).await;
    let listener = listener.expect("a port");
    let text = || std::fs::read(document).expect("a document");
    let result = match subject {
        "none" => axum::serve(listener, app).await,
        "onecors" => {
            let policy = Policy::from_slice(&text()).expect("a policy");
            let app = CorsLayer::new(policy).layer(app);
            axum::serve(listener, ServiceExt::<Request>::into_make_service(app)).await
        }
        "onecors-live" => {
            let policy = LivePolicy::watch(document).expect("a policy");
            let app = CorsLayer::new(policy).layer(app);
            axum::serve(listener, ServiceExt::<Request>::into_make_service(app)).await
        }
        "tower-http" => {
            let origins = Document::read(text()).exact.expect("exact origins");
            let app = app.layer(crate::tower::tower_http(&origins, shared()));
            axum::serve(listener, app).await
        }
        _ => panic!("no such subject"),
    };
    result.expect("a server");
}
