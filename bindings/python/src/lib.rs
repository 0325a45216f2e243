//! The native half of the Python package `onecors`: build, decide, describe.
//!
//! The other half, in `python/onecors`, gives the answers their Python form. Nothing here is kept
//! in a static, so that several interpreters of one process can each load the package.
#![forbid(unsafe_code)]

mod answer;
mod asgi;
mod cli;
mod engine;
mod gate;
mod guard;
mod lines;
mod printable;
mod request;
mod wsgi;

#[pyo3::pymodule(gil_used = false)]
mod _onecors {
    #[pymodule_export]
    use crate::asgi::{AsgiExchange, AsgiGate};
    #[pymodule_export]
    use crate::cli::cli;
    #[pymodule_export]
    use crate::engine::Engine;
    #[pymodule_export]
    use crate::printable::printable;
    #[pymodule_export]
    use crate::wsgi::{WsgiExchange, WsgiGate};

    #[pymodule_export]
    const VERSION: &str = onecors_core::VERSION;

    #[pymodule_export]
    const MAX_DOCUMENT_BYTES: usize = onecors_core::MAX_DOCUMENT_BYTES;
}
