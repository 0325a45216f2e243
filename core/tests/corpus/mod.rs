//! The corpus of texts that every language plays: what a policy, a request or a file's name may hold, and
//! what no text for people shows as it is.
#![allow(
    clippy::unwrap_used,
    dead_code,
    reason = "each test file uses its part, and fails by panicking"
)]

use std::fs;
use std::path::{Path, PathBuf};

use onecors_core::Request;
use serde_json::Value;

/// The cases that every language plays, and what no text has.
pub(crate) struct Corpus(Value);

impl Corpus {
    pub(crate) fn read() -> Self {
        let folders = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors();
        let files = folders.map(|root| root.join("tests/conformance/texts/invisible.json"));
        let text = fs::read(files.into_iter().find(|file| file.is_file()).unwrap()).unwrap();
        Self(serde_json::from_slice(&text).unwrap())
    }

    /// All characters that no text has, and a line that is forged.
    pub(crate) fn hostile(&self) -> String {
        let characters = self.0["invisible"].as_array().unwrap();
        let characters = characters.iter().map(|character| character.as_str().unwrap());
        format!("{}\n{}", characters.collect::<String>(), self.0["forged"].as_str().unwrap())
    }

    /// Requires a text without any of them.
    pub(crate) fn require_clean(&self, text: &str) {
        for character in self.0["invisible"].as_array().unwrap() {
            assert!(!text.contains(character.as_str().unwrap()), "{character} in {text:?}");
        }
        assert!(!text.contains(|c: char| c.is_control() && c != '\n'), "{text:?}");
        let forged = self.0["forged"].as_str().unwrap();
        assert!(!text.lines().any(|line| line.starts_with(forged)), "{text:?}");
    }

    pub(crate) fn require_clean_line(&self, text: &str) {
        self.require_clean(text);
        assert!(!text.contains('\n'), "{text:?}");
    }

    /// The cases of documents with problems, each with the document and a pointer.
    pub(crate) fn refused(&self) -> impl Iterator<Item = (Vec<u8>, &str)> {
        self.cases().filter_map(|case| {
            let document = match case["text"].as_str() {
                Some(text) => text.to_owned(),
                None => case["document"].to_string(),
            };
            Some((document.into_bytes(), case["pointer"].as_str()?))
        })
    }

    pub(crate) fn cases(&self) -> impl Iterator<Item = &Value> {
        self.0["cases"].as_array().unwrap().iter()
    }

    /// A file of a hostile name with this document.
    pub(crate) fn file(&self, folder: &Path, document: &[u8]) -> PathBuf {
        let path = folder.join(self.0["file"].as_str().unwrap());
        fs::write(&path, document).unwrap();
        path
    }
}

pub(crate) fn request_of(case: &Value) -> Request<'_> {
    let part = |name: &str| case["request"][name].as_str().map(str::as_bytes);
    Request::default()
        .method(part("method"))
        .path(part("path"))
        .origin(part("origin"))
        .access_control_request_method(part("access_control_request_method"))
        .access_control_request_headers(part("access_control_request_headers"))
}
