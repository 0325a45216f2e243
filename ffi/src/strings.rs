//! Strings of the C interface: borrowed in both directions, owned on the way out.

use std::ffi::{CStr, c_char};
use std::mem::offset_of;

use crate::codes::ONECORS_BAD_STRING;
use crate::guard::{Failure, guard_or};

/// A borrowed string: len bytes at data. This struct never changes.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct onecors_str {
    /// The first byte. Not read if len is 0.
    pub data: *const c_char,
    /// The number of bytes. In a field of onecors_request it may be ONECORS_ABSENT.
    pub len: usize,
}

#[cfg(target_pointer_width = "64")]
const _: () = {
    assert!(size_of::<onecors_str>() == 16);
    assert!(offset_of!(onecors_str, data) == 0);
    assert!(offset_of!(onecors_str, len) == 8);
};

/// The length of an absent field; ONECORS_ABSENT in the header.
const ABSENT: usize = usize::MAX;

impl onecors_str {
    /// The empty string. C may print its data, so it points at a NUL.
    pub(crate) const EMPTY: Self = Self::from_static(c"");

    pub(crate) const fn from_static(text: &'static CStr) -> Self {
        Self { data: text.as_ptr(), len: text.count_bytes() }
    }

    pub(crate) fn new(bytes: &[u8]) -> Self {
        if bytes.is_empty() {
            return Self::EMPTY;
        }
        Self { data: bytes.as_ptr().cast(), len: bytes.len() }
    }

    /// The bytes that C lent for the length of the call.
    ///
    /// # Safety
    ///
    /// Where data is not null, it points at len bytes, unchanged for `'a`.
    #[inline(always)]
    pub(crate) unsafe fn bytes<'a>(self) -> Result<&'a [u8], Failure> {
        if self.len == 0 {
            // Empty strings of other languages come with any pointer, a null one included.
            return Ok(&[]);
        }
        if self.data.is_null() || self.len > isize::MAX as usize {
            return Err(ONECORS_BAD_STRING);
        }
        // SAFETY: data is not null and len is in bounds; the caller vouches for the rest.
        Ok(unsafe { std::slice::from_raw_parts(self.data.cast(), self.len) })
    }

    /// The bytes of a field, which may be absent.
    ///
    /// # Safety
    ///
    /// As [`onecors_str::bytes`].
    #[inline(always)]
    pub(crate) unsafe fn field<'a>(self) -> Result<Option<&'a [u8]>, Failure> {
        if self.len == ABSENT {
            return Ok(None);
        }
        // SAFETY: passed on to the caller.
        unsafe { self.bytes() }.map(Some)
    }
}

/// A string that the caller owns, and frees with onecors_string_free.
pub struct onecors_string {
    /// Ends with a NUL, which is not part of the string.
    terminated: Vec<u8>,
}

impl onecors_string {
    pub(crate) fn new(text: impl Into<Vec<u8>>) -> Self {
        let mut terminated = text.into();
        terminated.push(0);
        Self { terminated }
    }

    pub(crate) fn view(&self) -> onecors_str {
        onecors_str { data: self.terminated.as_ptr().cast(), len: self.terminated.len() - 1 }
    }
}

/// The text of a string, NUL-terminated and borrowed until the string is freed; empty if string is
/// NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn onecors_string_view(string: Option<&onecors_string>) -> onecors_str {
    guard_or(onecors_str::EMPTY, || Some(string?.view()))
}

/// Makes untrusted text, such as a file's name or a problem's pointer, safe for a message or a log. Text
/// with invisible characters (control characters, line breaks, marks that change the direction of text)
/// or with a leading quote is quoted and escaped; other text is copied as it is.
///
/// Returns a string that the caller frees with onecors_string_free, or NULL for a bad string and after
/// an internal error.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn onecors_printable(text: onecors_str) -> Option<Box<onecors_string>> {
    guard_or(None, || {
        // SAFETY: C lends the text for the length of the call.
        let text = unsafe { text.bytes() }.ok()?;
        Some(Some(Box::new(onecors_string::new(onecors_core::printable(text).into_owned()))))
    })
}

/// Frees a string, and what was borrowed from it. NULL is ignored.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn onecors_string_free(string: Option<Box<onecors_string>>) {
    guard_or((), || {
        drop(string);
        None
    });
}
