//! Linker flags of the shared library.

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    if std::env::var("CARGO_CFG_TARGET_OS").as_deref() == Ok("linux") {
        // The JVM unloads a library with the class loader that loaded it. The Rust standard library
        // may have registered destructors for threads that are still alive: unmapping their code
        // would crash the process when such a thread ends.
        println!("cargo:rustc-cdylib-link-arg=-Wl,-z,nodelete");
        // An undefined symbol is found here and not when a service starts.
        println!("cargo:rustc-cdylib-link-arg=-Wl,-z,defs");
    }
}
