//! Nothing unwinds into C.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::codes::{ONECORS_OK, ONECORS_PANIC, onecors_result};

/// Why a call failed, as the code that C receives.
pub(crate) type Failure = onecors_result;

/// Runs a call, and returns the payload of a panic in it.
///
/// What the closure borrowed is consistent after a panic: a policy is immutable, and every out-parameter
/// was set to its failing value before the call.
pub(crate) fn catch<T>(call: impl FnOnce() -> T) -> Result<T, Box<dyn Any + Send>> {
    catch_unwind(AssertUnwindSafe(|| {
        #[cfg(feature = "panic-probe")]
        crate::probe::panic_if_armed();
        call()
    }))
}

/// Runs a call that returns a code.
pub(crate) fn guard(call: impl FnOnce() -> Result<(), Failure>) -> onecors_result {
    match catch(call) {
        Ok(Ok(())) => ONECORS_OK,
        Ok(Err(failure)) => failure,
        Err(_) => ONECORS_PANIC,
    }
}

/// Runs a call that returns a value; after a failure or a panic, returns the empty one.
pub(crate) fn guard_or<T>(empty: T, call: impl FnOnce() -> Option<T>) -> T {
    catch(call).ok().flatten().unwrap_or(empty)
}
