//! A policy in front of axum, tonic, hyper and every other service of tower (feature `tower`).
//!
//! ```no_run
//! use axum::extract::Request;
//! use axum::routing::get;
//! use axum::{Router, ServiceExt};
//! use onecors::LivePolicy;
//! use onecors::tower::CorsLayer;
//! use tower::Layer;
//!
//! # async fn serve() -> Result<(), Box<dyn std::error::Error>> {
//! let policy = LivePolicy::watch("cors.json")?;
//! let app = Router::new().route("/items", get(async || "items"));
//! let app = CorsLayer::new(policy).layer(app);
//! let listener = tokio::net::TcpListener::bind("127.0.0.1:8000").await?;
//! axum::serve(listener, ServiceExt::<Request>::into_make_service(app)).await?;
//! # Ok(())
//! # }
//! ```
//!
//! A preflight is answered at once, and the service inside never sees it. Every other response gets
//! the header fields that the policy has for it when the service inside hands it over, whoever made
//! it: a handler, a 404 or 405 of the router, a layer of authentication, a redirect, a stream. On the
//! paths that the policy governs the fields `Access-Control-Allow-*`, `Access-Control-Expose-Headers`
//! and `Access-Control-Max-Age` are the policy's alone: what the application sets there is removed.
//! `Vary` is merged. On all other paths nothing is touched.
//!
//! # Where to put it
//!
//! Outside everything that can answer. tower does not let a layer see its neighbours, so that nobody
//! can check this at start-up but you:
//!
//! - **Around the router**, as above, is right: `CorsLayer::new(policy).layer(router)`. There it also
//!   stands outside what rewrites the path before routing, such as `NormalizePath` of tower-http.
//! - **[`Router::layer`]** does as well when it is the last call on the router. What is added later
//!   stands outside it: a layer of authentication then answers preflights with 401, and its own
//!   answers have no header fields; routes and a fallback added later are not covered at all.
//! - **`Router::route_layer`**, and a layer on one route, are wrong: a preflight of a method that has
//!   no handler gets a 405, and a 404 is no route.
//! - **`ServiceBuilder`**: first. Of its layers the first is the outermost.
//! - **tonic**: `Server::builder().layer(CorsLayer::new(policy))`, before any other layer.
//!
//! [`Router::layer`]: https://docs.rs/axum/0.8/axum/struct.Router.html#method.layer
//!
//! # Paths
//!
//! Rules are matched on `request.uri().path()` as it was sent. A service inside may decode the path, as
//! `ServeDir` of tower-http does, merge its slashes, or resolve its dot segments. A path has a rule only
//! where all these readings have the same one; otherwise it is left alone, and a WebSocket handshake to
//! it is refused. So `/%61dmin/x` and `//admin/x` get nothing from the rule of `/*` when `/admin/*` has
//! its own.
//!
//! In a router that another one nests, `nest` has removed the prefix from the path, and the rules would
//! have to be written without the prefix: put the layer around the outermost router, where the path is
//! the client's. A layer outside this one that rewrites the path decides which rule applies.
//!
//! # Errors and panics
//!
//! A service that fails, or is not ready, has made no response that could get header fields, so that
//! its error is passed on. In axum services do not fail. Elsewhere turn errors into responses inside
//! this layer, as `HandleErrorLayer` of axum does.
//!
//! A handler that panics ends its connection without a response, so that a page sees a network error.
//! `CatchPanicLayer` of tower-http makes it a response with status 500; put it inside this layer:
//!
//! ```
//! # use onecors::{Policy, tower::CorsLayer};
//! # use tower::ServiceBuilder;
//! # use tower_http::catch_panic::CatchPanicLayer;
//! # let policy = Policy::from_json(r#"{ "allow_origins": ["*"] }"#)?;
//! let outermost_first = ServiceBuilder::new()
//!     .layer(CorsLayer::new(policy))
//!     .layer(CatchPanicLayer::new());
//! # Ok::<(), onecors::Problems>(())
//! ```
//!
//! A limit that works by not being ready, such as `ConcurrencyLimit` of tower, makes a preflight wait
//! for its turn like every request, since no service knows a request before it is ready for one. The
//! preflight gives its place back at once.
//!
//! # WebSocket
//!
//! No browser checks the `Origin` of a WebSocket handshake, so this layer does: it answers one from an
//! origin that [`Policy::check_origin`](crate::Policy::check_origin) refuses with 403. It sees upgrades
//! of HTTP/1.1 connections and extended CONNECT, the handshake of HTTP/2 and HTTP/3, for WebSocket and
//! any other protocol.
//!
//! # Log
//!
//! A denial is an event of `tracing` with the target `onecors` and level `WARN`, in the span of its
//! request: what was denied and why, in a line, and the fields `reason`, `rule`, `origin` and
//! `nearest_miss`. What clients sent is escaped and cut. Each distinct denial is logged once, and no
//! more than 1,000 are until the policy is replaced. Nothing of it is in the response.

mod fields;
mod future;
mod rendered;
mod service;

pub use self::future::ResponseFuture;
pub use self::service::{CorsLayer, CorsService};
