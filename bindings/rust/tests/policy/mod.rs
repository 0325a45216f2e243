//! The policy that the tests of the adapters share.

pub(crate) const DOCUMENT: &str = r#"{ "rules": [
    {
        "name": "app", "paths": ["/app/*"],
        "allow_origins": ["https://app.example.com"], "allow_credentials": true,
        "allow_methods": ["PUT"], "allow_headers": ["authorization"], "expose_headers": ["etag"]
    },
    { "name": "open", "paths": ["/open/*"], "allow_origins": ["*"] }
] }"#;
/// An origin that the rule `app` allows.
pub(crate) const ALLOWED: &str = "https://app.example.com";
