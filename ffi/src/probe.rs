//! Lets the tests make every function of the library panic inside its guard.

use std::sync::atomic::{AtomicBool, Ordering};

static ARMED: AtomicBool = AtomicBool::new(false);

/// While armed (1), every call panics.
#[unsafe(no_mangle)]
pub extern "C" fn onecors_panic_probe(armed: u32) {
    ARMED.store(armed != 0, Ordering::SeqCst);
}

pub(crate) fn panic_if_armed() {
    if ARMED.load(Ordering::SeqCst) {
        panic!("the panic probe is armed");
    }
}
