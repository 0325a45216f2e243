//! A way for the tests to make the engine panic: the next call into it does, once.

use std::sync::atomic::{AtomicBool, Ordering};

use napi_derive::napi;

static ARMED: AtomicBool = AtomicBool::new(false);

/// Makes the next call of `compile`, `decide`, `explain` or `cli` panic.
#[napi]
pub(crate) fn arm_panic_probe() {
    ARMED.store(true, Ordering::Relaxed);
}

pub(crate) fn trip() {
    if ARMED.swap(false, Ordering::Relaxed) {
        panic!("the panic probe");
    }
}
