//! Exceptions for JavaScript: a code, like those of Node.js's own errors, and a text.

use std::any::Any;

use napi::{Error, JsError, JsTypeError, sys};

/// An error whose status is the `code` in JavaScript.
pub(crate) type Exception = Error<&'static str>;

/// The code of a `TypeError`, the same as in Node.js's own functions.
pub(crate) const WRONG_TYPE: &str = "ERR_INVALID_ARG_TYPE";

/// The code of a bug of onecors.
pub(crate) const INTERNAL: &str = "ERR_ONECORS_INTERNAL";

/// The exception for a caught panic.
pub(crate) fn panicked(panic: &(dyn Any + Send)) -> Exception {
    let text = match (panic.downcast_ref::<&str>(), panic.downcast_ref::<String>()) {
        (Some(text), _) => text,
        (_, Some(text)) => text.as_str(),
        _ => "without a text",
    };
    Error::new(INTERNAL, format!("the engine panicked: {text}"))
}

/// Throws an exception as soon as the running call returns.
///
/// # Safety
///
/// `env` belongs to the running call.
pub(crate) unsafe fn throw(env: sys::napi_env, exception: Exception) {
    // SAFETY: the caller vouches for `env`.
    unsafe {
        if exception.status == WRONG_TYPE {
            JsTypeError::from(exception).throw_into(env);
        } else {
            JsError::from(exception).throw_into(env);
        }
    }
}
