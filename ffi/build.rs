//! Linker settings of the shared library.

#[path = "src/version.rs"]
#[allow(unreachable_pub, reason = "it is a module of the library, and here for its constant")]
mod version;

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed=src/version.rs");
    if std::env::var("CARGO_CFG_TARGET_OS").as_deref() != Ok("linux") {
        return;
    }
    let abi = version::ONECORS_ABI_VERSION;
    println!("cargo:rustc-cdylib-link-arg=-Wl,-soname,libonecors.so.{abi}");
    // Unloading the library would leave dangling the destructors that std registers for each thread.
    println!("cargo:rustc-cdylib-link-arg=-Wl,-z,nodelete");
    println!("cargo:rustc-cdylib-link-arg=-Wl,-z,defs");
}
