//! The CORS engine of onecors: one policy document, compiled once, deciding every request.
//!
//! ```
//! use onecors_core::{Outcome, Policy, Request};
//!
//! let policy = Policy::from_json(r#"{ "allow_origins": ["https://app.example.com"] }"#)?;
//! let request = Request::default().method(Some(b"GET")).origin(Some(b"https://app.example.com"));
//! let verdict = policy.decide(&request);
//! assert_eq!(verdict.outcome(), Outcome::ActualAllowed);
//! for (name, value) in policy.plans()[verdict.plan()].lines(&request) {
//!     println!("{name}: {}", String::from_utf8_lossy(value));
//! }
//! # Ok::<(), onecors_core::Problems>(())
//! ```
//!
//! A [`Policy`] is immutable, and may be shared between any number of threads. The crate does no
//! input or output, starts no thread, reads no clock and has no `unsafe` code.
//!
#![forbid(unsafe_code)]

mod advice;
mod authority;
mod difference;
mod document;
mod explain;
mod explanation;
mod findings;
mod headers;
mod host;
mod index;
pub mod introspect;
mod json;
mod methods;
mod near_miss;
mod opt_out;
mod opt_outs;
mod order;
mod origin;
mod origins;
mod paths;
mod pattern;
mod plan;
mod policy;
mod problem;
mod punycode;
mod readings;
mod regexes;
mod request;
mod response;
mod rule;
mod same_origin;
#[cfg(test)]
mod schema;
mod suffix;
mod summary;
pub mod text;
mod token;
mod uniform;
mod verdict;

pub use difference::Difference;
pub use explanation::{Check, ExplainedPattern, ExplainedRule, Explanation};
pub use near_miss::NearestMiss;
pub use plan::{Header, PREFLIGHT_DENIED_STATUS, Plan, Slot, Value};
pub use policy::{MAX_DOCUMENT_BYTES, Policy};
pub use problem::{Code, MAX_PROBLEMS, Problem, Problems};
pub use request::Request;
pub use response::{is_owned, merge_vary};
pub use text::printable;
pub use uniform::{Denied, Uniform};
pub use verdict::{Outcome, Reason, Verdict};

/// The version of the engine, which every package of onecors shares.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");
