//! The version of the library and of its interface.

use std::ffi::c_char;

/// The version of the binary interface (ABI) that this header describes, and the number in the SONAME
/// of the shared library. It changes when programs that were compiled with an older header would break,
/// and not when something is added.
pub const ONECORS_ABI_VERSION: u32 = 2;

const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), "\0");

/// The version of the loaded library, such as "0.1.0": static and NUL-terminated. ONECORS_VERSION is the
/// version of the header.
#[unsafe(no_mangle)]
pub extern "C" fn onecors_version() -> *const c_char {
    VERSION.as_ptr().cast()
}

/// The ONECORS_ABI_VERSION of the loaded library. A program that loads the library with `dlopen` must
/// compare the two before any other call.
#[unsafe(no_mangle)]
pub extern "C" fn onecors_abi_version() -> u32 {
    ONECORS_ABI_VERSION
}
