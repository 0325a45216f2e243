//! A policy in front of an application of actix-web (feature `actix`).
//!
//! ```no_run
//! use actix_web::{App, HttpServer, web};
//! use onecors::LivePolicy;
//! use onecors::actix::Cors;
//!
//! # async fn serve() -> Result<(), Box<dyn std::error::Error>> {
//! let policy = LivePolicy::watch("cors.json")?;
//! let cors = Cors::new(policy);
//! HttpServer::new(move || {
//!     App::new()
//!         .route("/items", web::get().to(async || "items"))
//!         .wrap(cors.clone())
//! })
//! .bind("127.0.0.1:8000")?
//! .run()
//! .await?;
//! # Ok(())
//! # }
//! ```
//!
//! A preflight is answered at once, and nothing inside sees it. Every other response gets the header
//! fields that the policy has for it, whoever made it: a handler, the 404 or 405 of the application, an
//! error of a handler or of a middleware inside, a redirect, a stream. On governed paths the fields
//! `Access-Control-Allow-*`, `Access-Control-Expose-Headers` and `Access-Control-Max-Age` are the policy's
//! alone: what the application sets there is removed. `Vary` is merged. On all other paths nothing is
//! touched. A WebSocket handshake of another origin gets 403.
//!
//! # Where to put it
//!
//! `App::wrap` as the **last** call on the application: actix-web runs the middleware that was
//! registered last first. A middleware that is registered later is outside, and answers preflights before
//! the policy sees them. On a scope or a resource it would miss the 404 of the application, and the 405 of a
//! resource without a handler for `OPTIONS`.
//!
//! # What it cannot reach
//!
//! What actix-web answers before there is a request, such as 400 for bytes that are not HTTP, and a handler
//! that panics: actix-web then closes the connection without a response.
//!
//! An error that a middleware inside returns is wrapped, so that its response gets the fields. Middleware
//! outside sees the wrapper, with the status, the response and the text of the error.

mod error;
mod fields;
mod middleware;
mod rendered;

pub use self::middleware::{Cors, CorsMiddleware, ResponseFuture};
