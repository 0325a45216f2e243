//! Turns panics into exceptions.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

use pyo3::PyErr;
use pyo3::exceptions::PyRuntimeError;

/// A panic of the engine, with its message.
pub(crate) struct EnginePanic(String);

/// Runs the engine, and turns a panic into an error.
///
/// PyO3 would raise a `PanicException`, which is not an `Exception`: no handler of the application
/// would catch it, and it would end the worker.
pub(crate) fn guard<T>(run: impl FnOnce() -> T) -> Result<T, EnginePanic> {
    // A policy is immutable, so a panic cannot leave it in a broken state.
    catch_unwind(AssertUnwindSafe(|| {
        #[cfg(feature = "panic-probe")]
        if std::env::var_os("ONECORS_PANIC_PROBE").is_some() {
            panic!("the probe is set");
        }
        run()
    }))
    .map_err(|payload| EnginePanic(message(&*payload)))
}

fn message(payload: &(dyn Any + Send)) -> String {
    let text = payload.downcast_ref::<&str>().copied();
    text.or_else(|| payload.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no message")
        .to_owned()
}

impl From<EnginePanic> for PyErr {
    fn from(EnginePanic(message): EnginePanic) -> Self {
        PyRuntimeError::new_err(format!(
            "the engine of onecors panicked ({message}). This is a bug in onecors, please report it. \
             There is no decision: do not treat the request as allowed"
        ))
    }
}
