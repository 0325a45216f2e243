//! The grammar of origins on the wire, against one that is written apart, and against the URL Standard.
#![no_main]

use libfuzzer_sys::fuzz_target;
use onecors_core::introspect::is_tuple_origin;
use onecors_fuzz::origins;

fuzz_target!(|bytes: &[u8]| {
    let shown = String::from_utf8_lossy(bytes);
    let found = is_tuple_origin(bytes);
    assert_eq!(found, origins::parse(bytes).is_some(), "{shown:?}");
    // What a browser makes of a web page's URL is an origin, unless its host is none of the DNS.
    let Some(url) = std::str::from_utf8(bytes).ok().and_then(|text| url::Url::parse(text).ok())
    else {
        return;
    };
    let serialised = url.origin().ascii_serialization();
    let is_named = url.host_str().is_some_and(origins::is_host);
    if matches!(url.scheme(), "http" | "https") && is_named && url.port() != Some(0) {
        assert!(is_tuple_origin(serialised.as_bytes()), "{shown:?}: {serialised}");
    }
});
