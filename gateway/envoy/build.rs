//! Linker settings of the module.

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    // Envoy unloads a module with its last configuration, which would leave the destructors that std
    // registers for each of Envoy's threads pointing nowhere.
    println!("cargo:rustc-cdylib-link-arg=-Wl,-z,nodelete");
    // An Envoy without one of the callbacks refuses the module when it starts, and names the callback;
    // bound late, it would end at a request.
    println!("cargo:rustc-cdylib-link-arg=-Wl,-z,now");
}
