//! onecors for Envoy: an HTTP filter as a dynamic module, which applies a policy in front of services
//! that know nothing of CORS.
//!
//! This file has the hooks that Envoy calls. A hook never unwinds: after a panic the request is answered
//! with 500, and nothing is granted.

mod abi;
mod config;
mod filter;
mod log;
#[cfg(feature = "probe")]
mod probe;
mod stream;
mod unused;

use std::ffi::{CStr, c_char, c_void};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr::null;

use crate::abi::EnvoyBuffer;
use crate::config::Config;
use crate::filter::Filter;
use crate::stream::{Stream, bytes};

/// Called when the module is loaded. Returns the version of the interface that it was written for, which
/// Envoy compares with its own. An Envoy that lacks a callback has refused the module before: see
/// `build.rs`.
#[unsafe(no_mangle)]
extern "C" fn envoy_dynamic_module_on_program_init() -> *const c_char {
    log::init();
    version().as_ptr()
}

fn version() -> &'static CStr {
    #[cfg(feature = "probe")]
    return probe::version();
    #[cfg(not(feature = "probe"))]
    abi::VERSION
}

/// Called for a new configuration. Returns null to refuse it.
///
/// # Safety
///
/// Envoy calls it.
#[unsafe(no_mangle)]
unsafe extern "C" fn envoy_dynamic_module_on_http_filter_config_new(
    envoy: *mut c_void,
    _name: EnvoyBuffer,
    config: EnvoyBuffer,
) -> *const c_void {
    // SAFETY: Envoy lends both for the length of the call.
    let made = catch_unwind(|| unsafe { Config::new(envoy, bytes(config)) });
    let problem = match made {
        Ok(Ok(config)) => return Box::into_raw(Box::new(config)).cast_const().cast(),
        Ok(Err(problem)) => problem,
        Err(_) => "an internal error, which is a bug in onecors: please report it".into(),
    };
    log::write(abi::Level::Critical, &format!("onecors: configuration refused: {problem}"));
    null()
}

/// Called when a configuration is dropped, after its last request.
///
/// # Safety
///
/// Envoy calls it once, with what it got when it loaded the configuration.
#[unsafe(no_mangle)]
unsafe extern "C" fn envoy_dynamic_module_on_http_filter_config_destroy(config: *const c_void) {
    // SAFETY: the pointer is that of a box, and no filter refers to it any more.
    let config = unsafe { Box::from_raw(config.cast_mut().cast::<Config>()) };
    let _ = catch_unwind(AssertUnwindSafe(|| drop(config)));
}

/// Called when a request begins.
///
/// # Safety
///
/// Envoy calls it with a configuration that it drops after this filter.
#[unsafe(no_mangle)]
unsafe extern "C" fn envoy_dynamic_module_on_http_filter_new(
    config: *const c_void,
    _envoy: *mut c_void,
) -> *const c_void {
    // SAFETY: Envoy gives what it got, and keeps it for as long as the filter.
    let config = unsafe { &*config.cast::<Config>() };
    Box::into_raw(Box::new(Filter::new(config))).cast_const().cast()
}

/// Called when a request has ended.
///
/// # Safety
///
/// Envoy calls it once, with what it got when the request began.
#[unsafe(no_mangle)]
unsafe extern "C" fn envoy_dynamic_module_on_http_filter_destroy(filter: *const c_void) {
    // SAFETY: the pointer is that of a box, and nothing refers to it any more.
    let filter = unsafe { Box::from_raw(filter.cast_mut().cast::<Filter<'_>>()) };
    let _ = catch_unwind(AssertUnwindSafe(|| drop(filter)));
}

/// Called when the request header is complete.
///
/// # Safety
///
/// Envoy calls it with what it got when the request began.
#[unsafe(no_mangle)]
unsafe extern "C" fn envoy_dynamic_module_on_http_filter_request_headers(
    envoy: *mut c_void,
    filter: *const c_void,
    _end_of_stream: bool,
) -> u32 {
    let answer = {
        // SAFETY: Envoy gives what it got; the stream is not used after the hook.
        let (stream, filter) = unsafe { (Stream::new(envoy), &*filter.cast::<Filter<'_>>()) };
        catch_unwind(AssertUnwindSafe(|| filter.request(stream)))
            .unwrap_or_else(|_| Some(filter.refuse(stream)))
    };
    match answer {
        None => abi::HEADERS_CONTINUE,
        Some(answer) => {
            // SAFETY: as above. Nothing refers to the filter any more, which may be gone after that.
            answer.send(unsafe { Stream::new(envoy) });
            abi::HEADERS_STOP
        }
    }
}

/// Called when the response header is complete, whatever produced the response.
///
/// # Safety
///
/// Envoy calls it with what it got when the request began.
#[unsafe(no_mangle)]
unsafe extern "C" fn envoy_dynamic_module_on_http_filter_response_headers(
    envoy: *mut c_void,
    filter: *const c_void,
    _end_of_stream: bool,
) -> u32 {
    // SAFETY: Envoy gives what it got; the stream is not used after the hook.
    let (stream, filter) = unsafe { (Stream::new(envoy), &*filter.cast::<Filter<'_>>()) };
    if catch_unwind(AssertUnwindSafe(|| filter.response(stream))).is_err() {
        let _ = catch_unwind(AssertUnwindSafe(|| filter.revoke(stream)));
    }
    abi::HEADERS_CONTINUE
}
