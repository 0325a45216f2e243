//! The functions of a policy: plain Node-API functions with the policy as their data.
//!
//! A request costs one call and one integer. So these do not use `#[napi]`, whose strings cost two calls
//! and an allocation each, and whose methods cost more than the decision.

use std::ffi::{CStr, c_void};
use std::num::NonZeroU64;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr;
use std::sync::Arc;

use napi::bindgen_prelude::{FromNapiValue, Unknown};
use napi::{Env, Result, check_status, sys};
use onecors_core::{Policy, Request};

use crate::argument::Argument;
use crate::exception::{self, Exception};

/// The JavaScript names of the values of a request, in the order of the arguments. The values that every
/// decision needs come first, because an omitted argument costs nothing.
const PARTS: [&str; 5] =
    ["origin", "path", "method", "accessControlRequestMethod", "accessControlRequestHeaders"];

/// The names for a WebSocket handshake, likewise.
const HANDSHAKE_PARTS: [&str; 3] = ["path", "origin", "host"];

/// The maximum number of arguments of a function.
const MAX_ARGUMENTS: usize = PARTS.len();

/// The result of a call: a value for JavaScript, or an exception.
type Answer = std::result::Result<sys::napi_value, Exception>;

type Callback = unsafe extern "C" fn(sys::napi_env, sys::napi_callback_info) -> sys::napi_value;

/// The function `decide`: returns the verdict of a request as an integer.
pub(crate) fn decide(env: &Env, policy: Arc<Policy>) -> Result<Unknown<'_>> {
    make(env, c"decide", on_decide, policy)
}

/// The function `explain`: returns the explanation of a decision as JSON.
pub(crate) fn explain(env: &Env, policy: Arc<Policy>) -> Result<Unknown<'_>> {
    make(env, c"explain", on_explain, policy)
}

/// The function `checkOrigin`: returns whether to accept a WebSocket handshake.
pub(crate) fn check_origin(env: &Env, policy: Arc<Policy>) -> Result<Unknown<'_>> {
    make(env, c"checkOrigin", on_check_origin, policy)
}

/// The function `nearestPattern`: returns a number for the pattern that covers an origin or almost does,
/// and for the difference; 0 if no pattern is close.
pub(crate) fn nearest_pattern(env: &Env, policy: Arc<Policy>) -> Result<Unknown<'_>> {
    make(env, c"nearestPattern", on_nearest_pattern, policy)
}

unsafe extern "C" fn on_decide(
    env: sys::napi_env,
    info: sys::napi_callback_info,
) -> sys::napi_value {
    // SAFETY: Node-API calls this with the arguments and the data that `make` gave it.
    unsafe {
        answer(env, info, |policy, values| {
            with_request(env, values, |request| {
                let bits = policy.decide(request).bits();
                let mut result = ptr::null_mut();
                sys::napi_create_uint32(env, bits, &mut result);
                result
            })
        })
    }
}

unsafe extern "C" fn on_explain(
    env: sys::napi_env,
    info: sys::napi_callback_info,
) -> sys::napi_value {
    // SAFETY: as in `on_decide`.
    unsafe {
        answer(env, info, |policy, values| {
            with_request(env, values, |request| {
                let story = policy.explain(request).to_json();
                let mut result = ptr::null_mut();
                let length = story.len() as isize;
                sys::napi_create_string_utf8(env, story.as_ptr().cast(), length, &mut result);
                result
            })
        })
    }
}

unsafe extern "C" fn on_check_origin(
    env: sys::napi_env,
    info: sys::napi_callback_info,
) -> sys::napi_value {
    // SAFETY: as in `on_decide`.
    unsafe {
        answer(env, info, |policy, values| {
            let mut path = Argument::new();
            let mut origin = Argument::new();
            let mut host = Argument::new();
            let request = Request::default()
                .path(path.read(env, values[0], HANDSHAKE_PARTS[0])?)
                .origin(origin.read(env, values[1], HANDSHAKE_PARTS[1])?);
            let host = host.read(env, values[2], HANDSHAKE_PARTS[2])?;
            let mut result = ptr::null_mut();
            sys::napi_get_boolean(env, policy.check_origin(&request, host), &mut result);
            Ok(result)
        })
    }
}

unsafe extern "C" fn on_nearest_pattern(
    env: sys::napi_env,
    info: sys::napi_callback_info,
) -> sys::napi_value {
    // SAFETY: as in `on_decide`.
    unsafe {
        answer(env, info, |policy, values| {
            with_request(env, values, |request| {
                // It is below 2^53.
                let number = policy.nearest_pattern(request).map_or(0, NonZeroU64::get) as f64;
                let mut result = ptr::null_mut();
                sys::napi_create_double(env, number, &mut result);
                result
            })
        })
    }
}

/// Makes a function that holds a reference to the policy until it is garbage-collected.
fn make<'env>(
    env: &'env Env,
    name: &CStr,
    callback: Callback,
    policy: Arc<Policy>,
) -> Result<Unknown<'env>> {
    let data = Arc::into_raw(policy).cast_mut().cast::<c_void>();
    let mut function = ptr::null_mut();
    // SAFETY: `env` is the one that is running. The share lives until `release`, which runs once, when
    // the function can no longer be called.
    unsafe {
        let length = name.count_bytes() as isize;
        let mut status = sys::napi_create_function(
            env.raw(),
            name.as_ptr(),
            length,
            Some(callback),
            data,
            &mut function,
        );
        if status == sys::Status::napi_ok {
            status = sys::napi_wrap(
                env.raw(),
                function,
                data,
                Some(release),
                ptr::null_mut(),
                ptr::null_mut(),
            );
        }
        if status != sys::Status::napi_ok {
            drop(Arc::from_raw(data.cast::<Policy>()));
        }
        check_status!(status, "the functions of a policy could not be made")?;
        Unknown::from_napi_value(env.raw(), function)
    }
}

unsafe extern "C" fn release(_env: sys::napi_env, data: *mut c_void, _hint: *mut c_void) {
    // SAFETY: `make` took this share out of an `Arc`, and a finaliser runs once.
    drop(unsafe { Arc::from_raw(data.cast_const().cast::<Policy>()) });
}

/// Answers a call from its policy and its arguments. Every failure, a panic included, is thrown, so that
/// it cannot be mistaken for a result.
///
/// # Safety
///
/// `env` and `info` belong to the call of a function that [`make`] made.
unsafe fn answer(
    env: sys::napi_env,
    info: sys::napi_callback_info,
    respond: impl FnOnce(&Policy, &[sys::napi_value; MAX_ARGUMENTS]) -> Answer,
) -> sys::napi_value {
    let outcome = catch_unwind(AssertUnwindSafe(|| {
        let mut values = [ptr::null_mut(); MAX_ARGUMENTS];
        let mut count = MAX_ARGUMENTS;
        let mut data = ptr::null_mut();
        // SAFETY: the array has room for `count` values.
        let status = unsafe {
            let values = values.as_mut_ptr();
            sys::napi_get_cb_info(env, info, &mut count, values, ptr::null_mut(), &mut data)
        };
        if status != sys::Status::napi_ok {
            let text = "node did not deliver the arguments".to_owned();
            return Err(Exception::new(exception::INTERNAL, text));
        }
        // Node-API makes these `undefined`, which takes two more calls each to find out.
        values[count.min(MAX_ARGUMENTS)..].fill(ptr::null_mut());
        #[cfg(feature = "panic-probe")]
        crate::probe::trip();
        // SAFETY: the function, which is running and so not collected, holds a share of the policy that
        // its data points to.
        respond(unsafe { &*data.cast::<Policy>() }, &values)
    }));
    let exception = match outcome {
        Ok(Ok(value)) => return value,
        Ok(Err(exception)) => exception,
        Err(panic) => exception::panicked(&*panic),
    };
    // SAFETY: `env` belongs to the running call.
    unsafe { exception::throw(env, exception) };
    ptr::null_mut()
}

/// Reads a request from the arguments of a call.
///
/// # Safety
///
/// `env` belongs to the running call, and so do the values, unless they are null.
#[inline]
unsafe fn with_request(
    env: sys::napi_env,
    values: &[sys::napi_value; MAX_ARGUMENTS],
    respond: impl FnOnce(&Request<'_>) -> sys::napi_value,
) -> Answer {
    // Not an array: filling one would copy five kilobytes that nobody has written to.
    let mut origin = Argument::new();
    let mut path = Argument::new();
    let mut method = Argument::new();
    let mut request_method = Argument::new();
    let mut request_headers = Argument::new();
    // SAFETY: the caller vouches for `env` and the values.
    let request = unsafe {
        Request::default()
            .origin(origin.read(env, values[0], PARTS[0])?)
            .path(path.read(env, values[1], PARTS[1])?)
            .method(method.read(env, values[2], PARTS[2])?)
            .access_control_request_method(request_method.read(env, values[3], PARTS[3])?)
            .access_control_request_headers(request_headers.read(env, values[4], PARTS[4])?)
    };
    Ok(respond(&request))
}
