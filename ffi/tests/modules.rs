//! The modules of the library import each other in one direction.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

#[test]
fn no_module_imports_itself_through_others() {
    let mut imports = read_imports();
    assert!(imports.len() > 10, "{imports:?}");
    // Modules without imports are taken away until none is left, or a circle.
    while !imports.is_empty() {
        let before = imports.len();
        let remaining = imports.clone();
        imports.retain(|_, imported| imported.iter().any(|name| remaining.contains_key(name)));
        assert!(imports.len() < before, "these modules import each other: {imports:?}");
    }
}

/// The other modules of the crate that each module imports.
fn read_imports() -> BTreeMap<String, Vec<String>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let files = fs::read_dir(folder).expect("src can be listed");
    files
        .map(|entry| {
            let path = entry.expect("src can be listed").path();
            let text = fs::read_to_string(&path).expect("a module can be read");
            let name = path.file_stem().expect("a file has a name").to_string_lossy().into_owned();
            let imported = text.split("crate::").skip(1).map(|rest| {
                rest.split(|letter: char| !letter.is_alphanumeric() && letter != '_')
                    .next()
                    .unwrap_or_default()
                    .to_owned()
            });
            (name, imported.collect())
        })
        .collect()
}
