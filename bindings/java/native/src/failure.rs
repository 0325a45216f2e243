//! What goes wrong beneath a native method, and the Java exception that it becomes.

use std::any::Any;
use std::fmt;

use jni::Env;
use jni::errors::ErrorPolicy;
use jni::strings::JNIString;
use jni::{jni_str, strings::JNIStr};

/// Why a native method gives no result.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The JVM refused a call; an exception may be pending already.
    Jni(jni::errors::Error),
    /// So many bytes could not be allocated.
    OutOfMemory(usize),
    /// The result is larger than a Java array can be.
    TooLarge,
    /// The engine panicked, with this message.
    Panic(String),
}

impl Failure {
    /// The message of a caught panic.
    pub(crate) fn from_panic(payload: Box<dyn Any + Send>) -> Self {
        let message = payload
            .downcast::<String>()
            .map(|message| *message)
            .or_else(|payload| payload.downcast::<&str>().map(|message| (*message).to_owned()))
            .unwrap_or_else(|payload| {
                // Dropping a value of an unknown type could panic again.
                std::mem::forget(payload);
                "a panic without a message".to_owned()
            });
        Self::Panic(message)
    }

    fn class(&self) -> &'static JNIStr {
        match self {
            Self::OutOfMemory(_) => jni_str!("java/lang/OutOfMemoryError"),
            _ => jni_str!("java/lang/IllegalStateException"),
        }
    }
}

impl From<jni::errors::Error> for Failure {
    fn from(error: jni::errors::Error) -> Self {
        Self::Jni(error)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Jni(error) => write!(f, "onecors: a call into the JVM failed: {error}"),
            Self::OutOfMemory(bytes) => write!(f, "onecors: no memory for {bytes} bytes"),
            Self::TooLarge => f.write_str("onecors: the result is larger than a Java array can be"),
            Self::Panic(message) => write!(
                f,
                "onecors: the engine panicked ({message}). Nothing was allowed. This is a \
                 bug in onecors: please report it with the standard error output of this moment."
            ),
        }
    }
}

/// Throws a [`Failure`] as a Java exception, unless the JVM has one pending already.
pub(crate) struct ThrowIllegalState;

impl<T: Default> ErrorPolicy<T, Failure> for ThrowIllegalState {
    type Captures<'local: 'method, 'method> = ();

    fn on_error<'local: 'method, 'method>(
        env: &mut Env<'local>,
        (): &mut (),
        failure: Failure,
    ) -> jni::errors::Result<T> {
        if !env.exception_check() {
            let message = JNIString::from(failure.to_string());
            // The crate reports the exception it has just thrown as an error.
            let _ = env.throw_new(failure.class(), message);
        }
        Ok(T::default())
    }

    fn on_panic<'local: 'method, 'method>(
        env: &mut Env<'local>,
        captures: &mut (),
        payload: Box<dyn Any + Send + 'static>,
    ) -> jni::errors::Result<T> {
        Self::on_error(env, captures, Failure::from_panic(payload))
    }
}
