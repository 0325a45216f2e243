//! The service of tests/services/README.md on actix-web.

mod routes;

use std::env;
use std::error::Error;
use std::net::{Ipv4Addr, TcpListener};

use actix_web::{App, HttpServer};
use onecors::LivePolicy;
use onecors::actix::Cors;

#[actix_web::main]
async fn main() -> Result<(), Box<dyn Error>> {
    tracing_subscriber::fmt().with_ansi(false).with_writer(std::io::stderr).init();
    let policy = LivePolicy::watch(env::var("POLICY")?)?;
    let port: u16 = env::var("PORT")?.parse()?;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))?;
    println!("listening on {}", listener.local_addr()?);
    let server = HttpServer::new(move || {
        App::new().configure(|app| routes::add(app, policy.clone())).wrap(Cors::new(policy.clone()))
    });
    // HTTP/1.1 or HTTP/2, whichever its client speaks.
    Ok(server.workers(2).shutdown_timeout(1).listen_auto_h2c(listener)?.run().await?)
}
