//! include/onecors.h is what cbindgen generates from the sources, and nothing else.

use std::path::Path;

use cbindgen::{Builder, Config};

/// The sources, in the order of the header.
const SOURCES: &[&str] = &[
    "version.rs",
    "codes.rs",
    "names.rs",
    "strings.rs",
    "policy.rs",
    "request.rs",
    "decide.rs",
    "response.rs",
    "plan.rs",
    "error.rs",
];

/// With this variable set, the header is written instead of compared.
const BLESS: &str = "ONECORS_BLESS";

#[test]
fn the_header_is_generated_from_the_sources() {
    let ffi = Path::new(env!("CARGO_MANIFEST_DIR"));
    let made = generate(ffi);
    let header = ffi.join("../include/onecors.h");
    if std::env::var_os(BLESS).is_some() {
        std::fs::write(&header, &made).expect("include/onecors.h can be written");
    }
    let checked_in = std::fs::read_to_string(&header).expect("include/onecors.h can be read");
    assert!(
        checked_in == made,
        "include/onecors.h does not match the sources of ffi/: run `make -C ffi bless`, and review \
         the difference, which is a change of the C interface"
    );
}

fn generate(ffi: &Path) -> String {
    let mut config = Config::from_file(ffi.join("cbindgen.toml")).expect("cbindgen.toml is valid");
    let after_includes = config.after_includes.take().unwrap_or_default();
    config.after_includes = Some(version_macros() + &after_includes);
    let builder = SOURCES
        .iter()
        .fold(Builder::new(), |builder, source| builder.with_src(ffi.join("src").join(source)));
    let mut header = Vec::new();
    builder
        .with_config(config)
        .generate()
        .expect("cbindgen understands the sources")
        .write(&mut header);
    String::from_utf8(header).expect("cbindgen writes UTF-8")
}

fn version_macros() -> String {
    let number = |text: &str| text.parse::<u32>().expect("a version is three numbers");
    format!(
        "\n/** The version of this header. onecors_version() is the version of the library. */\n\
         #define ONECORS_VERSION \"{}\"\n\
         /** The first number of ONECORS_VERSION. */\n\
         #define ONECORS_VERSION_MAJOR {}\n\
         /** The second number of ONECORS_VERSION. */\n\
         #define ONECORS_VERSION_MINOR {}\n\
         /** The third number of ONECORS_VERSION. */\n\
         #define ONECORS_VERSION_PATCH {}\n\n",
        env!("CARGO_PKG_VERSION"),
        number(env!("CARGO_PKG_VERSION_MAJOR")),
        number(env!("CARGO_PKG_VERSION_MINOR")),
        number(env!("CARGO_PKG_VERSION_PATCH")),
    )
}
