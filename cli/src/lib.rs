//! The command line `onecors`, and the exports of a policy to systems with CORS of their own.
//!
//! The binary `onecors` and the commands of the Python and npm packages are [`run`] with the
//! arguments of the process.
#![forbid(unsafe_code)]

mod command;
pub mod export;
pub use command::{Status, run};
