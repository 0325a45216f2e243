//! A request as C passes it.

use std::mem::offset_of;

use onecors_core::Request;

use crate::codes::{ONECORS_BAD_STRUCT_SIZE, ONECORS_NULL_ARGUMENT};
use crate::guard::Failure;
use crate::strings::onecors_str;

/// The parts of a request that a decision reads. Initialise it with ONECORS_REQUEST_INIT, and set the
/// fields that the request has. A field that is set to an empty string is present and empty. Nothing is
/// trimmed. Join repeated header lines with ", " first (RFC 9110, 5.3).
///
/// A zeroed struct has an unknown struct_size: ONECORS_BAD_STRUCT_SIZE.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct onecors_request {
    /// sizeof(onecors_request), which lets later versions add fields at the end.
    pub struct_size: u32,
    /// The method as received, compared case-sensitively.
    pub method: onecors_str,
    /// The path that the server routes on, without the query. Not read if the policy document is a
    /// single rule.
    pub path: onecors_str,
    /// The value of Origin.
    pub origin: onecors_str,
    /// The value of Access-Control-Request-Method.
    pub access_control_request_method: onecors_str,
    /// The value of Access-Control-Request-Headers.
    pub access_control_request_headers: onecors_str,
}

/// The size of the first version of the struct. Frozen: programs that were compiled with it pass this
/// size, however many fields are added.
const FIRST_SIZE: usize =
    offset_of!(onecors_request, access_control_request_headers) + size_of::<onecors_str>();

// With one version, a size that passes the check is that of the whole struct, and a reference to it is
// sound. A field that is added later must be read only if struct_size includes it.
const _: () = assert!(FIRST_SIZE == size_of::<onecors_request>());

// The layout that programs were compiled with; tests/layout.c checks the header's.
#[cfg(target_pointer_width = "64")]
const _: () = {
    assert!(FIRST_SIZE == 88);
    assert!(offset_of!(onecors_request, struct_size) == 0);
    assert!(offset_of!(onecors_request, method) == 8);
    assert!(offset_of!(onecors_request, path) == 24);
    assert!(offset_of!(onecors_request, origin) == 40);
    assert!(offset_of!(onecors_request, access_control_request_method) == 56);
    assert!(offset_of!(onecors_request, access_control_request_headers) == 72);
};

/// The engine's view of a request. Always inlined: otherwise the view is copied, which takes half as long
/// as a decision.
///
/// # Safety
///
/// Where not null, `request` points at a struct of the size it states, and its strings live for
/// `'a`.
#[inline(always)]
pub(crate) unsafe fn view<'a>(request: *const onecors_request) -> Result<Request<'a>, Failure> {
    if request.is_null() {
        return Err(ONECORS_NULL_ARGUMENT);
    }
    // SAFETY: every version of the struct begins with its size.
    let struct_size = unsafe { (*request).struct_size } as usize;
    if !(FIRST_SIZE..=size_of::<onecors_request>()).contains(&struct_size) {
        return Err(ONECORS_BAD_STRUCT_SIZE);
    }
    // SAFETY: the caller says it is that large, and it is as large as ours.
    let request = unsafe { &*request };
    // SAFETY: the caller vouches for each string.
    unsafe {
        Ok(Request::default()
            .method(request.method.field()?)
            .path(request.path.field()?)
            .origin(request.origin.field()?)
            .access_control_request_method(request.access_control_request_method.field()?)
            .access_control_request_headers(request.access_control_request_headers.field()?))
    }
}
