//! Origins as browsers send them: what the Fetch standard's *serialising a request origin* can
//! produce (RFC 6454, section 6.2; HTML Standard, "serialization of an origin").

use crate::authority;
use crate::host::{self, HostKind};

/// The most bytes of a scheme. The standards know no limit; no browser has a longer one.
pub(crate) const MAX_SCHEME: usize = 64;

/// The most bytes of an origin: scheme, `://`, host with a trailing dot, port.
pub const MAX_ORIGIN: usize = MAX_SCHEME + 3 + host::MAX_HOST + 1 + 6;

/// A tuple origin, taken apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Origin<'a> {
    pub(crate) scheme: &'a [u8],
    pub(crate) host: &'a [u8],
    pub(crate) kind: HostKind,
    pub(crate) port: Option<u16>,
}

impl<'a> Origin<'a> {
    /// Takes a well-formed origin apart. `null` is no tuple origin.
    pub(crate) fn parse(bytes: &'a [u8]) -> Option<Self> {
        Self::parse_usual(bytes).or_else(|| Self::parse_any(bytes))
    }

    /// As [`Origin::parse`], for the origins that are common on the web; `None` says nothing.
    fn parse_usual(bytes: &'a [u8]) -> Option<Self> {
        let authority =
            bytes.strip_prefix(b"https://").or_else(|| bytes.strip_prefix(b"http://"))?;
        let (host, digits) = authority::split(authority)?;
        let scheme = &bytes[..bytes.len() - authority.len() - 3];
        let port = match digits {
            Some(digits) => Some(other_port(scheme, digits)?),
            None => None,
        };
        // Most top-level domains end in a letter that no number has, be it hexadecimal.
        let is_name = matches!(host.last(), Some(b'g'..=b'w')) || !host::ends_in_number(host);
        is_name.then_some(Self { scheme, host, kind: HostKind::Name, port })
    }

    fn parse_any(bytes: &'a [u8]) -> Option<Self> {
        if bytes.len() > MAX_ORIGIN {
            return None;
        }
        let colon = bytes.iter().position(|&byte| byte == b':')?;
        let (scheme, rest) = bytes.split_at(colon);
        let authority = rest.strip_prefix(b"://")?;
        if !is_scheme(scheme) || scheme == b"file" {
            return None;
        }
        let (host, port) = split_port(authority);
        let port = match port {
            Some(digits) => Some(other_port(scheme, digits)?),
            None => None,
        };
        let kind = host::classify(host).ok()?;
        Some(Self { scheme, host, kind, port })
    }
}

/// Whether this can be the scheme of an origin.
pub(crate) fn is_scheme(scheme: &[u8]) -> bool {
    (1..=MAX_SCHEME).contains(&scheme.len())
        && scheme[0].is_ascii_lowercase()
        && scheme.iter().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'+' | b'-' | b'.'))
}

/// The port that browsers leave out of an origin of this scheme (URL Standard, "default port").
pub(crate) fn default_port(scheme: &[u8]) -> Option<u16> {
    match scheme {
        b"http" | b"ws" => Some(80),
        b"https" | b"wss" => Some(443),
        b"ftp" => Some(21),
        _ => None,
    }
}

/// The port that these digits stand for, if it is not the one that browsers leave out.
fn other_port(scheme: &[u8], digits: &[u8]) -> Option<u16> {
    port_number(digits).filter(|&port| default_port(scheme) != Some(port))
}

/// Splits `host:port`, at the colon after an IPv6 address's bracket.
pub(crate) fn split_port(authority: &[u8]) -> (&[u8], Option<&[u8]>) {
    let from = authority.iter().position(|&byte| byte == b']').unwrap_or(0);
    match authority[from..].iter().position(|&byte| byte == b':') {
        Some(colon) => (&authority[..from + colon], Some(&authority[from + colon + 1..])),
        None => (authority, None),
    }
}

/// The port that these digits stand for: 1 to 65535, without leading zeros.
pub(crate) fn port_number(digits: &[u8]) -> Option<u16> {
    host::decimal(digits).and_then(|number| u16::try_from(number).ok()).filter(|&port| port != 0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Every text of these pieces, up to a length.
    fn texts(pieces: &[&str], most: usize) -> Vec<String> {
        let mut all = vec![String::new()];
        let mut longest = 0..1;
        for _ in 0..most {
            let next = all.len();
            for place in longest {
                let text = all[place].clone();
                all.extend(pieces.iter().map(|piece| format!("{text}{piece}")));
            }
            longest = next..all.len();
        }
        all
    }

    #[test]
    fn the_short_way_takes_no_origin_that_is_none() {
        let long = (1..70).map(|length| "a".repeat(length));
        let pieces = ["a", "g", "x", "0", "1", "80", "65535", "-", ".", ":", "_", "A", "/"];
        for authority in texts(&pieces, 5).into_iter().chain(long) {
            for scheme in ["https", "http"] {
                let origin = format!("{scheme}://{authority}");
                if let Some(usual) = Origin::parse_usual(origin.as_bytes()) {
                    assert_eq!(Some(usual), Origin::parse_any(origin.as_bytes()), "{origin}");
                }
            }
        }
    }

    proptest! {
        #[test]
        fn a_usual_origin_takes_the_short_way(
            origin in "https?://([a-z0-9_]([a-z0-9_-]{0,8}[a-z0-9_])?\\.){0,4}[a-z]{1,8}(:[1-9][0-9]{2,3})?",
        ) {
            let any = Origin::parse_any(origin.as_bytes());
            prop_assert_eq!(Origin::parse_usual(origin.as_bytes()), any);
        }
    }

    fn parse(text: &str) -> Option<Origin<'_>> {
        Origin::parse(text.as_bytes())
    }

    #[test]
    fn what_browsers_send_is_an_origin() {
        for origin in [
            "https://example.com",
            "http://localhost:3000",
            "http://[::1]:3000",
            "https://1.2.3.4:65535",
            "capacitor://localhost",
            "chrome-extension://aapbdbdomjkkjkaonfhkkikfgjllcleb",
            "https://example.com.",
            "https://my_app.example.com",
            "http://example.com:443",
        ] {
            assert!(parse(origin).is_some(), "{origin}");
        }
    }

    #[test]
    fn what_no_browser_sends_is_none() {
        for origin in [
            "",
            "null",
            "https",
            "https:",
            "https:/a",
            "https://",
            "https://a/",
            "https://a:",
            "https://a:0",
            "https://a:080",
            "https://a:443",
            "http://a:80",
            "ftp://a:21",
            "ws://a:80",
            "wss://a:443",
            "https://a:65536",
            "https://a:+80",
            "https://a:8080:8080",
            "https://u@a",
            "https://a#b",
            "HTTPS://a",
            "https://A",
            "file://a",
            "file://",
            "1a://b",
            "a_b://c",
            "://a",
            "https://[::1]]",
            "https://[::1]a",
            "https://a]:80",
            "https://a b",
            " https://a",
            "https://a, https://b",
        ] {
            assert_eq!(parse(origin), None, "{origin}");
        }
        assert!(parse(&format!("{}://a", "s".repeat(64))).is_some());
        assert!(parse(&format!("{}://a", "s".repeat(65))).is_none());
    }
}
