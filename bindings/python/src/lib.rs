//! The native library of the Python package `onecors`: compiles policies and decides on requests.
//!
//! The Python files in `python/onecors` define the types of the results. Nothing here is a static,
//! so that several interpreters of one process can each load the package.
#![forbid(unsafe_code)]

mod adapter;
mod asgi;
mod cli;
mod engine;
mod guard;
mod lines;
mod printable;
mod request;
mod template;
mod wsgi;

#[pyo3::pymodule(gil_used = false)]
mod _onecors {
    #[pymodule_export]
    use crate::asgi::{AsgiAdapter, AsgiExchange};
    #[pymodule_export]
    use crate::cli::cli;
    #[pymodule_export]
    use crate::engine::Engine;
    #[pymodule_export]
    use crate::printable::printable;
    #[pymodule_export]
    use crate::wsgi::{WsgiAdapter, WsgiExchange};

    #[pymodule_export]
    const VERSION: &str = onecors_core::VERSION;

    #[pymodule_export]
    const MAX_DOCUMENT_BYTES: usize = onecors_core::MAX_DOCUMENT_BYTES;
}
