//! Links the addon as Node-API asks for, and so that it is never unloaded: a worker that was the
//! only one to load it would otherwise end by running destructors of code that is gone.
fn main() {
    napi_build::setup();
}
