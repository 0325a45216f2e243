//! The part of Envoy's interface for dynamic modules that the module uses, written for [`VERSION`].
//!
//! No other file names a callback. `tests/test_interface.py` compares the callbacks that the library needs
//! with those that Envoy has.

use std::ffi::{CStr, c_void};

/// The version of the interface in Envoy 1.40.
pub(crate) const VERSION: &CStr = c"v0.2.0";

/// Bytes that Envoy lends to the module until the hook returns or changes a header field.
#[repr(C)]
#[derive(Clone, Copy)]
pub(crate) struct EnvoyBuffer {
    pub(crate) data: *const u8,
    pub(crate) length: usize,
}

/// Bytes that the module lends to Envoy for the length of a call.
#[repr(C)]
#[derive(Clone, Copy)]
pub(crate) struct ModuleBuffer {
    data: *const u8,
    length: usize,
}

impl ModuleBuffer {
    /// No value, for Envoy.
    pub(crate) const NULL: Self = Self { data: std::ptr::null(), length: 0 };

    pub(crate) const fn new(bytes: &[u8]) -> Self {
        Self { data: bytes.as_ptr(), length: bytes.len() }
    }
}

/// A header field that Envoy lends to the module, like [`EnvoyBuffer`].
#[repr(C)]
#[derive(Clone, Copy)]
pub(crate) struct EnvoyHeader {
    pub(crate) name: EnvoyBuffer,
    pub(crate) value: EnvoyBuffer,
}

/// A header field that the module lends to Envoy, like [`ModuleBuffer`].
#[repr(C)]
pub(crate) struct ModuleHeader {
    pub(crate) name: ModuleBuffer,
    pub(crate) value: ModuleBuffer,
}

/// Which header fields of a stream a call is for.
#[repr(u32)]
#[derive(Clone, Copy)]
pub(crate) enum Fields {
    Request = 0,
    Response = 2,
}

/// The level of a log line.
#[repr(u32)]
#[derive(Clone, Copy)]
pub(crate) enum Level {
    Trace = 0,
    Debug = 1,
    Info = 2,
    Warn = 3,
    Error = 4,
    Critical = 5,
}

/// The result of a header hook: continue with the next filter.
pub(crate) const HEADERS_CONTINUE: u32 = 0;
/// The result of a header hook: stop, so that no later filter sees the header.
pub(crate) const HEADERS_STOP: u32 = 1;
/// The result of a body hook: continue with the next filter.
pub(crate) const BODY_CONTINUE: u32 = 0;
/// The result of a trailer hook: continue with the next filter.
pub(crate) const TRAILERS_CONTINUE: u32 = 0;

/// The result of a stats callback: success.
pub(crate) const STATS_OK: u32 = 0;

unsafe extern "C" {
    pub(crate) fn envoy_dynamic_module_callback_log(level: Level, message: ModuleBuffer);

    pub(crate) fn envoy_dynamic_module_callback_log_enabled(level: Level) -> bool;

    pub(crate) fn envoy_dynamic_module_callback_http_filter_config_define_counter(
        config: *mut c_void,
        name: ModuleBuffer,
        label_names: *mut ModuleBuffer,
        label_count: usize,
        id: *mut usize,
    ) -> u32;

    pub(crate) fn envoy_dynamic_module_callback_http_filter_increment_counter(
        filter: *mut c_void,
        id: usize,
        label_values: *mut ModuleBuffer,
        label_count: usize,
        by: u64,
    ) -> u32;

    pub(crate) fn envoy_dynamic_module_callback_http_get_header(
        filter: *mut c_void,
        fields: Fields,
        name: ModuleBuffer,
        value: *mut EnvoyBuffer,
        index: usize,
        count: *mut usize,
    ) -> bool;

    pub(crate) fn envoy_dynamic_module_callback_http_get_headers_size(
        filter: *mut c_void,
        fields: Fields,
    ) -> usize;

    pub(crate) fn envoy_dynamic_module_callback_http_get_headers(
        filter: *mut c_void,
        fields: Fields,
        headers: *mut EnvoyHeader,
    ) -> bool;

    pub(crate) fn envoy_dynamic_module_callback_http_add_header(
        filter: *mut c_void,
        fields: Fields,
        name: ModuleBuffer,
        value: ModuleBuffer,
    ) -> bool;

    pub(crate) fn envoy_dynamic_module_callback_http_set_header(
        filter: *mut c_void,
        fields: Fields,
        name: ModuleBuffer,
        value: ModuleBuffer,
    ) -> bool;

    pub(crate) fn envoy_dynamic_module_callback_http_send_response_headers(
        filter: *mut c_void,
        headers: *mut ModuleHeader,
        header_count: usize,
        end_of_stream: bool,
    );
}
