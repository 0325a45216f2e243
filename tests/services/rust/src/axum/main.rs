//! The service of tests/services/README.md on axum.

mod routes;

use std::env;
use std::error::Error;
use std::net::Ipv4Addr;

use axum::Router;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use hyper_util::service::TowerToHyperService;
use onecors::LivePolicy;
use onecors::tower::{CorsLayer, CorsService};
use tokio::net::{TcpListener, TcpStream};
use tokio::signal::unix::{SignalKind, signal};
use tower::Layer;

type App = CorsService<Router>;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    tracing_subscriber::fmt().with_ansi(false).with_writer(std::io::stderr).init();
    let policy = LivePolicy::watch(env::var("POLICY")?)?;
    let app = CorsLayer::new(policy.clone()).layer(routes::router(policy));

    let port: u16 = env::var("PORT")?.parse()?;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
    println!("listening on {}", listener.local_addr()?);
    let mut terminated = signal(SignalKind::terminate())?;
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                tokio::spawn(serve(accepted?.0, app.clone()));
            }
            _ = terminated.recv() => return Ok(()),
        }
    }
}

/// Serves a connection, by HTTP/1.1 or by HTTP/2, whichever its client speaks.
async fn serve(connection: TcpStream, app: App) {
    let mut server = auto::Builder::new(TokioExecutor::new());
    // A page may open a WebSocket over HTTP/2, too.
    server.http2().enable_connect_protocol();
    let service = TowerToHyperService::new(app);
    let connection = TokioIo::new(connection);
    // A client that breaks its connection is no news.
    let _ = server.serve_connection_with_upgrades(connection, service).await;
}
