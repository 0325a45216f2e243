//! Nothing unwinds into C.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::codes::{ONECORS_OK, ONECORS_PANIC, onecors_result};

/// Why a call failed, as the code that C gets.
pub(crate) type Failure = onecors_result;

/// Runs a call, and hands over what a panic in it carried.
///
/// Looking at what the closure borrowed is sound after a panic: a policy never changes, and every
/// out value was given its failing value before the call.
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

/// Runs a call that returns a value, or gives the empty value in its place.
pub(crate) fn guard_or<T>(empty: T, call: impl FnOnce() -> Option<T>) -> T {
    catch(call).ok().flatten().unwrap_or(empty)
}
