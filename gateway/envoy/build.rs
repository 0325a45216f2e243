//! Linker settings of the module.

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    // Envoy unloads a module with its last configuration, which would leave the destructors that std
    // registers for each of Envoy's threads pointing nowhere.
    println!("cargo:rustc-cdylib-link-arg=-Wl,-z,nodelete");
}
