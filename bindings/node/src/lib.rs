//! The native library of the npm package `onecors`: compiles documents, and returns the functions of a
//! policy to JavaScript, for deciding, explaining and checking handshakes. The command is a function
//! too. Everything else is in `lib/`.

mod argument;
mod cli;
mod exception;
mod function;
#[cfg(feature = "panic-probe")]
mod probe;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use napi::bindgen_prelude::{JsObjectValue, Object};
use napi::{Env, Error, Result};
use napi_derive::napi;
use onecors_core::Policy;

/// Exports the constants of the engine, so that the JavaScript files do not repeat them.
#[napi(module_exports)]
pub fn describe(mut exports: Object<'_>) -> Result<()> {
    exports.set_named_property("version", onecors_core::VERSION)?;
    exports.set_named_property("maxDocumentBytes", onecors_core::MAX_DOCUMENT_BYTES as u32)
}

/// Runs the command on the streams of the process, and returns its status. `args` excludes the program
/// name.
#[napi]
pub fn cli(args: Vec<String>) -> Result<u32, &'static str> {
    catch_unwind(|| cli::run(args)).map_err(|panic| exception::panicked(&*panic))
}

/// Escapes a file name, a pointer or an error for a message or a log: text with characters that are not
/// printable is quoted and escaped, other text is unchanged.
#[napi]
pub fn printable(text: String) -> Result<String, &'static str> {
    catch_unwind(|| onecors_core::printable(text.as_bytes()).into_owned())
        .map_err(|panic| exception::panicked(&*panic))
}

/// Compiles a policy document.
///
/// The object has `plans` (JSON), `decide`, `explain` and `checkOrigin`. If the document is a single rule
/// for every path, it has `notCors`, the verdict on every request without an `Origin`. If the document
/// has problems, it has `problems` (JSON) and `message` instead.
#[napi]
pub fn compile<'env>(env: &'env Env, document: &[u8]) -> Result<Object<'env>, &'static str> {
    let result = catch_unwind(AssertUnwindSafe(|| compile_into_object(env, document)));
    match result {
        Ok(object) => object.map_err(|error| Error::new(exception::INTERNAL, error.reason)),
        Err(panic) => Err(exception::panicked(&*panic)),
    }
}

fn compile_into_object<'env>(env: &'env Env, document: &[u8]) -> Result<Object<'env>> {
    #[cfg(feature = "panic-probe")]
    probe::trip();
    let mut compiled = Object::new(env)?;
    match Policy::from_slice(document) {
        Ok(policy) => {
            compiled.set_named_property("plans", policy.plans_json())?;
            if let Some(uniform) = policy.uniform() {
                compiled.set_named_property("notCors", uniform.not_cors.bits())?;
            }
            let policy = Arc::new(policy);
            compiled.set_named_property("decide", function::decide(env, Arc::clone(&policy))?)?;
            compiled.set_named_property("explain", function::explain(env, Arc::clone(&policy))?)?;
            let nearest_pattern = function::nearest_pattern(env, policy.clone())?;
            compiled.set_named_property("nearestPattern", nearest_pattern)?;
            compiled.set_named_property("checkOrigin", function::check_origin(env, policy)?)?;
        }
        Err(problems) => {
            compiled.set_named_property("problems", problems.to_json())?;
            compiled.set_named_property("message", problems.to_string())?;
        }
    }
    Ok(compiled)
}
