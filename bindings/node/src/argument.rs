//! Reads a value of a request from a JavaScript value, on the stack if it fits.

use std::mem::MaybeUninit;
use std::ptr;

use napi::sys;

use crate::exception::{self, Exception};

/// The size of the buffer for a value and the NUL that Node-API writes after it.
const STACK_BYTES: usize = 1024;

/// The longest UTF-8 encoding of one character.
const MAX_CHARACTER_BYTES: usize = 4;

/// The longest value that is copied, so that requests do not determine how much memory is allocated.
/// By default, Node.js limits the request line and all fields together to 16 KiB.
const MAX_BYTES: usize = 1024 * 1024;

/// Replaces a value that is longer than [`MAX_BYTES`] or cannot be read. Every check of the engine denies
/// it: it is not a method, a path, an origin or a token, and as a list of header names it is longer than
/// the allowed 8,192 bytes.
static UNREADABLE: [u8; 8193] = {
    let notice = b"(more than 1 MiB)";
    let mut bytes = [b' '; 8193];
    let mut at = 0;
    while at < notice.len() {
        bytes[at] = notice[at];
        at += 1;
    }
    bytes
};

/// Holds the bytes of one value during a call.
pub(crate) struct Argument {
    stack: [MaybeUninit<u8>; STACK_BYTES],
    heap: Vec<u8>,
}

impl Argument {
    #[inline]
    pub(crate) fn new() -> Self {
        Self { stack: [const { MaybeUninit::uninit() }; STACK_BYTES], heap: Vec::new() }
    }

    /// Reads a string as UTF-8, a lone surrogate as U+FFFD; `undefined`, `null` and an argument that
    /// was not given (a null pointer) are absent.
    ///
    /// Never as Latin-1, which drops high bytes: `https://\u{4165}xample.com` would equal
    /// `https://example.com`.
    ///
    /// # Errors
    ///
    /// A `TypeError` that names the argument, for a value of any other type.
    ///
    /// # Safety
    ///
    /// `env` and `value`, unless it is null, belong to the call that is running.
    pub(crate) unsafe fn read(
        &mut self,
        env: sys::napi_env,
        value: sys::napi_value,
        name: &str,
    ) -> Result<Option<&[u8]>, Exception> {
        if value.is_null() {
            return Ok(None);
        }
        let mut written = 0;
        // SAFETY: the buffer has the size that is given, and the caller vouches for the rest.
        let status = unsafe {
            let buffer = self.stack.as_mut_ptr().cast();
            sys::napi_get_value_string_utf8(env, value, buffer, STACK_BYTES, &mut written)
        };
        if status != sys::Status::napi_ok {
            // SAFETY: as above.
            return unsafe { absent_or_wrong(env, value, name) };
        }
        // Node-API stops before the first character that does not fit, and does not say so. While
        // there was room for one more, whatever it might be, nothing was cut off.
        if written + MAX_CHARACTER_BYTES < STACK_BYTES {
            // SAFETY: Node-API has just written these bytes.
            return Ok(Some(unsafe { slice(&self.stack, written) }));
        }
        // SAFETY: as above.
        Ok(Some(unsafe { self.read_long(env, value) }))
    }

    /// Reads a string that may be longer than the stack's buffer.
    #[cold]
    unsafe fn read_long(&mut self, env: sys::napi_env, value: sys::napi_value) -> &[u8] {
        let mut length = 0;
        // SAFETY: without a buffer the length in bytes is all that is written.
        let status =
            unsafe { sys::napi_get_value_string_utf8(env, value, ptr::null_mut(), 0, &mut length) };
        if status != sys::Status::napi_ok || length > MAX_BYTES {
            return &UNREADABLE;
        }
        self.heap.reserve_exact(length + 1);
        let mut written = 0;
        // SAFETY: the vector has room for the text and the NUL after it.
        let status = unsafe {
            let buffer = self.heap.as_mut_ptr().cast();
            sys::napi_get_value_string_utf8(env, value, buffer, length + 1, &mut written)
        };
        if status != sys::Status::napi_ok || written != length {
            return &UNREADABLE;
        }
        // SAFETY: Node-API has just written these bytes.
        unsafe { self.heap.set_len(written) };
        &self.heap
    }
}

/// The first bytes of a buffer.
///
/// # Safety
///
/// They are initialised.
unsafe fn slice(buffer: &[MaybeUninit<u8>], length: usize) -> &[u8] {
    // SAFETY: the caller vouches for it, and the slicing checks the length.
    unsafe { &*(ptr::from_ref(&buffer[..length]) as *const [u8]) }
}

/// Reads a value that is not a readable string.
///
/// An unreadable string must not count as absent: a request without `Origin` is not a CORS request.
#[cold]
unsafe fn absent_or_wrong<'a>(
    env: sys::napi_env,
    value: sys::napi_value,
    name: &str,
) -> Result<Option<&'a [u8]>, Exception> {
    let mut kind = sys::ValueType::napi_object;
    // SAFETY: the caller vouches for `env` and `value`.
    if unsafe { sys::napi_typeof(env, value, &mut kind) } != sys::Status::napi_ok {
        return Ok(Some(&UNREADABLE));
    }
    let given = match kind {
        sys::ValueType::napi_undefined | sys::ValueType::napi_null => return Ok(None),
        sys::ValueType::napi_string => return Ok(Some(&UNREADABLE)),
        sys::ValueType::napi_boolean => "a boolean",
        sys::ValueType::napi_number => "a number",
        sys::ValueType::napi_symbol => "a symbol",
        sys::ValueType::napi_function => "a function",
        sys::ValueType::napi_object => {
            let mut is_array = false;
            // SAFETY: as above; on failure the flag stays as it is.
            unsafe { sys::napi_is_array(env, value, &mut is_array) };
            if is_array { "an array: join the lines of a field with \", \"" } else { "an object" }
        }
        _ => "a value of another type",
    };
    Err(Exception::new(
        exception::WRONG_TYPE,
        format!("{name} must be a string, undefined or null, not {given}"),
    ))
}
