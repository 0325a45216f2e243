//! Another Rust library, as the rest of a program may bring one along.

use std::collections::HashMap;

/// Catches a panic of its own, by its own copy of std.
#[unsafe(no_mangle)]
pub extern "C" fn neighbour_catches_a_panic() -> i32 {
    let caught = std::panic::catch_unwind(|| {
        let empty: HashMap<String, u32> = HashMap::new();
        empty["the neighbour's panic"]
    });
    i32::from(caught.is_err())
}
