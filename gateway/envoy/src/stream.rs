//! A request and its response, as Envoy presents them to a filter.

use std::ffi::c_void;
use std::mem::MaybeUninit;
use std::ptr::{null, null_mut};
use std::slice;

use crate::abi::{self, EnvoyBuffer, EnvoyHeader, Fields, ModuleBuffer, ModuleHeader};

/// The number of response fields that are read without an allocation.
const ON_STACK: usize = 64;

/// Envoy's side of a filter, inside one of its hooks.
#[derive(Clone, Copy)]
pub(crate) struct Stream(*mut c_void);

impl Stream {
    /// # Safety
    ///
    /// `filter` is what Envoy gave to the hook that runs, and the stream is not used after it.
    pub(crate) unsafe fn new(filter: *mut c_void) -> Self {
        Self(filter)
    }

    /// The value of a request field; `None` if it is absent. Several lines are joined in `joined` with
    /// `", "` (RFC 9110, section 5.3), unless Envoy has joined them already.
    ///
    /// # Safety
    ///
    /// The value must not be used after a field is changed, or after the hook returns.
    pub(crate) unsafe fn request_field<'a>(
        self,
        name: &str,
        joined: &'a mut Vec<u8>,
    ) -> Option<&'a [u8]> {
        let mut count = 0;
        let first = self.request_line(name, 0, &mut count)?;
        if count == 1 {
            // SAFETY: as the caller promises.
            return Some(unsafe { bytes(first) });
        }
        for index in 0..count {
            if index > 0 {
                joined.extend_from_slice(b", ");
            }
            let line = self.request_line(name, index, null_mut())?;
            // SAFETY: nothing changes between the two calls.
            joined.extend_from_slice(unsafe { bytes(line) });
        }
        Some(joined)
    }

    fn request_line(self, name: &str, index: usize, count: *mut usize) -> Option<EnvoyBuffer> {
        let mut value = EnvoyBuffer { data: null(), length: 0 };
        // SAFETY: the name outlives the call, and value and count may be written to.
        let found = unsafe {
            abi::envoy_dynamic_module_callback_http_get_header(
                self.0,
                Fields::Request,
                ModuleBuffer::new(name.as_bytes()),
                &mut value,
                index,
                count,
            )
        };
        found.then_some(value)
    }

    /// Passes all fields of the response to `look`. Names are in lower case.
    pub(crate) fn with_response_fields<T>(self, look: impl FnOnce(&[EnvoyHeader]) -> T) -> T {
        // SAFETY: it only counts.
        let count = unsafe {
            abi::envoy_dynamic_module_callback_http_get_headers_size(self.0, Fields::Response)
        };
        let mut on_stack = [const { MaybeUninit::uninit() }; ON_STACK];
        let mut on_heap = Vec::new();
        let room: &mut [MaybeUninit<EnvoyHeader>] = if count <= ON_STACK {
            &mut on_stack[..count]
        } else {
            on_heap.resize_with(count, MaybeUninit::uninit);
            &mut on_heap
        };
        // SAFETY: there is room for as many as were counted, and nothing changes in between.
        let written = unsafe {
            abi::envoy_dynamic_module_callback_http_get_headers(
                self.0,
                Fields::Response,
                room.as_mut_ptr().cast(),
            )
        };
        let written = if written { count } else { 0 };
        // SAFETY: Envoy has written that many.
        look(unsafe { slice::from_raw_parts(room.as_ptr().cast(), written) })
    }

    /// Adds a line to the response.
    pub(crate) fn add_response_field(self, name: &str, value: &[u8]) {
        // SAFETY: name and value outlive the call. Where there is no response yet, nothing is done.
        unsafe {
            abi::envoy_dynamic_module_callback_http_add_header(
                self.0,
                Fields::Response,
                ModuleBuffer::new(name.as_bytes()),
                ModuleBuffer::new(value),
            );
        }
    }

    /// Replaces all lines of a response field with one.
    pub(crate) fn set_response_field(self, name: &str, value: &[u8]) {
        self.set(name.as_bytes(), ModuleBuffer::new(value));
    }

    /// Removes all lines of a response field.
    pub(crate) fn remove_response_field(self, name: &[u8]) {
        self.set(name, ModuleBuffer::NULL);
    }

    fn set(self, name: &[u8], value: ModuleBuffer) {
        // SAFETY: name and value outlive the call. Where there is no response yet, nothing is done.
        unsafe {
            abi::envoy_dynamic_module_callback_http_set_header(
                self.0,
                Fields::Response,
                ModuleBuffer::new(name),
                value,
            );
        }
    }

    /// Increments a counter.
    pub(crate) fn count(self, counter: usize) {
        // SAFETY: the counter was defined with this filter's configuration, without labels.
        unsafe {
            abi::envoy_dynamic_module_callback_http_filter_increment_counter(
                self.0,
                counter,
                null_mut(),
                0,
                1,
            );
        }
    }

    /// Answers with a status, these fields, and no body. The filter may be destroyed when this returns.
    pub(crate) fn answer<'l>(
        self,
        status: u16,
        lines: impl Iterator<Item = (&'static str, &'l [u8])>,
    ) {
        let digits = [status / 100, status / 10 % 10, status % 10].map(|digit| b'0' + digit as u8);
        let field = |(name, value): (&str, &[u8])| ModuleHeader {
            name: ModuleBuffer::new(name.as_bytes()),
            value: ModuleBuffer::new(value),
        };
        let mut headers = vec![field((":status", &digits))];
        headers.extend(lines.map(field));
        // SAFETY: Envoy copies the fields, which outlive the call.
        unsafe {
            abi::envoy_dynamic_module_callback_http_send_response_headers(
                self.0,
                headers.as_mut_ptr(),
                headers.len(),
                true,
            );
        }
    }
}

/// # Safety
///
/// The bytes must not be used for longer than Envoy lends them.
pub(crate) unsafe fn bytes<'a>(buffer: EnvoyBuffer) -> &'a [u8] {
    if buffer.data.is_null() {
        return &[];
    }
    // SAFETY: Envoy lends that many bytes.
    unsafe { slice::from_raw_parts(buffer.data, buffer.length) }
}
