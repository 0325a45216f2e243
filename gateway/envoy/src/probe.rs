//! Faults for the tests: environment variables and origins that the shipped module does not know.

use std::env;
use std::ffi::{CStr, CString};

use crate::abi;

/// Reports `ONECORS_PROBE_VERSION` instead of the true version.
pub(crate) fn version() -> &'static CStr {
    match env::var("ONECORS_PROBE_VERSION").map(CString::new) {
        Ok(Ok(version)) => Box::leak(version.into_boxed_c_str()),
        _ => abi::VERSION,
    }
}

/// A decision on `https://panic.example` panics.
pub(crate) fn panic_for(origin: Option<&[u8]>) {
    assert!(origin != Some(b"https://panic.example"), "the origin that panics");
}
