//! Panics stop here.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

use pyo3::PyErr;
use pyo3::exceptions::PyRuntimeError;

/// A panic of the engine, with its message.
pub(crate) struct Panicked(String);

/// Runs the engine, and turns a panic into an error.
///
/// PyO3 would turn it into a `PanicException`, which is no `Exception`: it would pass by every
/// handler of the application and end the worker.
pub(crate) fn guard<T>(run: impl FnOnce() -> T) -> Result<T, Panicked> {
    // A policy is immutable, so a panic cannot leave it in a broken state.
    catch_unwind(AssertUnwindSafe(|| {
        #[cfg(feature = "panic-probe")]
        if std::env::var_os("ONECORS_PANIC_PROBE").is_some() {
            panic!("the probe is set");
        }
        run()
    }))
    .map_err(|payload| Panicked(message(&*payload)))
}

fn message(payload: &(dyn Any + Send)) -> String {
    let text = payload.downcast_ref::<&str>().copied();
    text.or_else(|| payload.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no message")
        .to_owned()
}

impl From<Panicked> for PyErr {
    fn from(Panicked(message): Panicked) -> Self {
        PyRuntimeError::new_err(format!(
            "the engine of onecors panicked ({message}). This is a bug in onecors, please report it. \
             Nothing was decided: do not treat the request as allowed"
        ))
    }
}
