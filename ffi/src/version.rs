//! Which library this is.

use std::ffi::c_char;

/// The version of the binary interface that this header describes. It changes when a program
/// compiled against an older header would break, and not when something is added.
pub const ONECORS_ABI_VERSION: u32 = 1;

const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), "\0");

/// The version of the library that is loaded, such as "0.1.0", NUL-terminated. It lives as long as
/// the program. Compare it with ONECORS_VERSION, the version of the header.
#[unsafe(no_mangle)]
pub extern "C" fn onecors_version() -> *const c_char {
    VERSION.as_ptr().cast()
}

/// The ONECORS_ABI_VERSION of the library that is loaded. A program that loads the library by hand
/// (`dlopen`) compares the two before it calls anything else.
#[unsafe(no_mangle)]
pub extern "C" fn onecors_abi_version() -> u32 {
    ONECORS_ABI_VERSION
}
