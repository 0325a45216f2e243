//! The C library of onecors: it converts arguments and results, and catches panics.
//!
//! The doc comments of exported items become `include/onecors.h`, the manual for C, so they are written
//! for C. Signatures show ownership: a reference is borrowed for the call, a `Box` changes
//! hands, an `Option` may be null.
#![allow(non_camel_case_types, reason = "types have their C names")]
#![allow(
    clippy::missing_safety_doc,
    reason = "the header's introduction says what callers must do"
)]

pub mod codes;
pub mod decide;
pub mod error;
mod guard;
pub mod names;
pub mod plan;
pub mod policy;
#[cfg(feature = "panic-probe")]
pub mod probe;
pub mod request;
pub mod response;
pub mod strings;
pub mod version;
