//! What the tests break: environment variables and origins that no shipped module knows of.

use std::env;
use std::ffi::{CStr, CString};

use crate::abi;

/// `ONECORS_PROBE_VERSION` is announced in the place of the true version.
pub(crate) fn version() -> &'static CStr {
    from_environment("ONECORS_PROBE_VERSION").unwrap_or(abi::VERSION)
}

/// `ONECORS_PROBE_CALLBACK` is one more callback that Envoy must have.
pub(crate) fn callback() -> Option<&'static CStr> {
    from_environment("ONECORS_PROBE_CALLBACK")
}

/// A decision on `https://panic.example` panics.
pub(crate) fn panic_for(origin: Option<&[u8]>) {
    assert!(origin != Some(b"https://panic.example"), "the origin that panics");
}

fn from_environment(name: &str) -> Option<&'static CStr> {
    let value = CString::new(env::var(name).ok()?).ok()?;
    Some(Box::leak(value.into_boxed_c_str()))
}
