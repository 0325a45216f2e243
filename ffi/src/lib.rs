//! The C library of onecors: conversion and the catching of panics around the `onecors` crate.
//!
//! The doc comments of everything exported are C's manual: they become `include/onecors.h`, so they
//! speak of C. Signatures show ownership: a reference is borrowed for the call, a `Box` changes
//! hands, an `Option` may be null.
#![allow(non_camel_case_types, reason = "types have the names that C knows them by")]
#![allow(clippy::missing_safety_doc, reason = "the header's introduction says what C must keep to")]

pub mod codes;
pub mod decide;
pub mod error;
mod guard;
pub mod plan;
pub mod policy;
#[cfg(feature = "panic-probe")]
pub mod probe;
pub mod request;
pub mod response;
pub mod strings;
pub mod version;
