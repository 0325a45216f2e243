//! Whether a page and the server that it asks are of one origin, as far as a request can tell.

use crate::origin::{Origin, default_port, port_number, split_port};

/// Whether an `Origin` names the server that `Host` names: the same host and the same port.
///
/// A server behind a proxy cannot know its own scheme, so that of the origin is believed. Only http
/// and https origins are those of servers: `capacitor://localhost` and `Host: localhost` have
/// nothing to do with each other.
pub(crate) fn is_same_origin(origin: &[u8], host: &[u8]) -> bool {
    let Some(parsed) = Origin::parse(origin) else { return false };
    if !matches!(parsed.scheme, b"http" | b"https") {
        return false;
    }
    let authority = &origin[parsed.scheme.len() + b"://".len()..];
    // Browsers leave the default port out of both; a proxy may have put it into Host.
    let host = match split_port(host) {
        (name, Some(port)) if port_number(port) == default_port(parsed.scheme) => name,
        _ => host,
    };
    authority.eq_ignore_ascii_case(host)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn same(origin: &str, host: &str) -> bool {
        is_same_origin(origin.as_bytes(), host.as_bytes())
    }

    #[test]
    fn the_same_host_and_port_are_one_origin() {
        assert!(same("https://a.example", "a.example"));
        assert!(same("http://a.example:8080", "A.Example:8080"));
        assert!(same("https://a.example", "a.example:443"));
        assert!(same("http://a.example", "a.example:80"));
        assert!(same("http://[::1]:3000", "[::1]:3000"));
        assert!(same("http://[::1]", "[::1]:80"));
    }

    #[test]
    fn anything_else_is_another_origin() {
        for (origin, host) in [
            ("https://a.example", "b.example"),
            ("https://a.example", "a.example:80"),
            ("http://a.example", "a.example:443"),
            ("https://a.example", "a.example:8443"),
            ("https://a.example:8443", "a.example"),
            ("https://a.example", "a.example."),
            ("https://a.example", "a.example:"),
            ("https://a.example", "a.example:0443"),
            ("https://a.example", "a.example, a.example"),
            ("https://a.example", "u@a.example"),
            ("https://a.example", " a.example"),
            ("https://a.example", ""),
            ("capacitor://localhost", "localhost"),
            ("null", "null"),
            ("https://", ""),
            ("https://a.example/", "a.example/"),
            ("https://a.example, https://b.example", "a.example, https://b.example"),
        ] {
            assert!(!same(origin, host), "{origin} and {host}");
        }
    }
}
