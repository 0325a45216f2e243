//! Origin patterns: the entries of `allow_origins` that are strings.

use std::fmt;

use crate::host::{self, HostError, HostKind};
use crate::origin::{self, Origin};
use crate::problem::Code;
use crate::punycode;

/// An origin pattern, borrowing from the text that it was parsed from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pattern<'a> {
    /// `*`: any origin.
    Any,
    /// `null`: the opaque origin.
    Null,
    /// A scheme, a host and a port, of which host and port may have a wildcard.
    Tuple(TuplePattern<'a>),
}

/// A pattern of origins that have a scheme, a host and a port.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TuplePattern<'a> {
    /// The scheme, such as `https`.
    pub scheme: &'a str,
    /// The hosts.
    pub host: HostPattern<'a>,
    /// The ports.
    pub port: PortPattern,
}

/// Which hosts a pattern covers.
///
/// Exhaustive on purpose: a tool that translates patterns has to be changed for a new kind of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HostPattern<'a> {
    /// This host alone.
    Exact(&'a str),
    /// `*.example.com`: one or more labels in front of the base; never the base itself.
    Subdomains {
        /// The domain after the `*.`.
        base: &'a str,
    },
    /// `pr-*.example.com`: one label, with one or more of `a-z 0-9 -` in the place of the `*`.
    Partial {
        /// The literal in front of the `*`; may be empty.
        prefix: &'a str,
        /// The literal behind the `*`, in the same label; may be empty.
        suffix: &'a str,
        /// The domain after the first label.
        base: &'a str,
    },
}

/// Which ports a pattern covers. Exhaustive like [`HostPattern`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PortPattern {
    /// No port, so the default one of the scheme.
    Absent,
    /// This port alone.
    Number(u16),
    /// `*`: any port, or none.
    Any,
}

impl<'a> Pattern<'a> {
    /// Parses a pattern.
    ///
    /// # Errors
    ///
    /// The first thing that is wrong with the text.
    pub(crate) fn parse(text: &'a str) -> Result<Self, Code> {
        match text {
            "*" => return Ok(Self::Any),
            "null" => return Ok(Self::Null),
            "" => return Err(Code::EmptyOrigin),
            _ => {}
        }
        // The usual case, and the quick one: a document may list a million origins.
        if let Some(origin) = Self::exact(text) {
            return Ok(origin);
        }
        if text.trim() != text {
            return Err(Code::SurroundingSpace);
        }
        if text.contains(|c: char| c == ',' || c.is_whitespace()) {
            return Err(Code::SeveralOrigins);
        }
        if !text.is_ascii() {
            return Err(Code::NonAsciiOrigin);
        }
        let (scheme, rest) = text.split_once("://").ok_or(Code::MissingScheme)?;
        if text.contains(|c: char| c.is_ascii_uppercase()) {
            return Err(Code::UpperCaseOrigin);
        }
        check_scheme(scheme)?;
        let authority = check_authority(rest)?;
        TuplePattern::parse(scheme, authority).map(Self::Tuple)
    }
}

impl<'a> Pattern<'a> {
    /// What a browser could send is the pattern of that origin alone, but for the hosts that
    /// documents are stricter about.
    fn exact(text: &'a str) -> Option<Self> {
        let origin = Origin::parse(text.as_bytes())?;
        let (scheme, rest) = text.split_at(origin.scheme.len());
        let host = &rest["://".len()..][..origin.host.len()];
        if origin.kind == HostKind::Ipv4MappedIpv6 || !punycode::is_valid(host) {
            return None;
        }
        let port = origin.port.map_or(PortPattern::Absent, PortPattern::Number);
        Some(Self::Tuple(TuplePattern { scheme, host: HostPattern::Exact(host), port }))
    }
}

fn check_scheme(scheme: &str) -> Result<(), Code> {
    if scheme.contains('*') {
        return Err(Code::InvalidWildcard);
    }
    match scheme {
        "file" => Err(Code::FileScheme),
        _ if origin::is_scheme(scheme.as_bytes()) => Ok(()),
        _ => Err(Code::InvalidScheme),
    }
}

/// The host and port, when nothing else follows the scheme.
fn check_authority(rest: &str) -> Result<&str, Code> {
    let end = rest.find(['/', '?', '#', '\\']).unwrap_or(rest.len());
    let (authority, beyond) = rest.split_at(end);
    if authority.contains('@') {
        return Err(Code::UserinfoInOrigin);
    }
    match beyond {
        "" if authority.is_empty() => Err(Code::EmptyHost),
        "" => Ok(authority),
        "/" => Err(Code::TrailingSlash),
        _ => Err(Code::PathInOrigin),
    }
}

impl<'a> TuplePattern<'a> {
    fn parse(scheme: &'a str, authority: &'a str) -> Result<Self, Code> {
        let (host, port) = origin::split_port(authority.as_bytes());
        let host_text = &authority[..host.len()];
        if host_text.is_empty() {
            return Err(Code::EmptyHost);
        }
        let host = HostPattern::split(host_text)?;
        let kind = host::classify(host.fixed().as_bytes());
        match kind {
            Err(HostError::Ipv6) => return Err(Code::InvalidIpv6),
            Ok(HostKind::Ipv6 | HostKind::Ipv4MappedIpv6) if !host.is_exact() => {
                return Err(Code::InvalidIpv6);
            }
            Ok(HostKind::Ipv4MappedIpv6) => return Err(Code::Ipv4MappedIpv6),
            _ => {}
        }
        let port = PortPattern::parse(port, scheme)?;
        match kind {
            Err(HostError::Ipv4) => return Err(Code::InvalidIpv4),
            Ok(HostKind::Ipv4) if !host.is_exact() => return Err(Code::InvalidIpv4),
            Err(_) => return Err(Code::InvalidHost),
            Ok(_) => {}
        }
        host.check_wildcard()?;
        if !punycode::is_valid(host.fixed()) {
            return Err(Code::InvalidPunycode);
        }
        Ok(Self { scheme, host, port })
    }

    /// Whether the pattern covers one origin alone.
    pub fn is_exact(&self) -> bool {
        self.host.is_exact() && self.port != PortPattern::Any
    }
}

impl<'a> HostPattern<'a> {
    /// Finds the wildcard of a host, if it has one.
    fn split(host: &'a str) -> Result<Self, Code> {
        let (label, base) = host.split_once('.').unwrap_or((host, ""));
        let Some((prefix, suffix)) = label.split_once('*') else {
            return if host.contains('*') {
                Err(Code::InvalidWildcard)
            } else {
                Ok(Self::Exact(host))
            };
        };
        if suffix.contains('*') || base.contains('*') {
            return Err(Code::InvalidWildcard);
        }
        if base.is_empty() {
            return Err(Code::WildcardWithoutLiteral);
        }
        if label == "*" {
            Ok(Self::Subdomains { base })
        } else {
            Ok(Self::Partial { prefix, suffix, base })
        }
    }

    /// The part that is literal up to its end: the host itself, or what follows the label with the
    /// wildcard.
    pub(crate) fn fixed(&self) -> &'a str {
        match *self {
            Self::Exact(host) => host,
            Self::Subdomains { base } | Self::Partial { base, .. } => base,
        }
    }

    pub(crate) fn is_exact(&self) -> bool {
        matches!(self, Self::Exact(_))
    }

    /// Checks that some valid host can match.
    fn check_wildcard(&self) -> Result<(), Code> {
        let (label, shortest) = match *self {
            Self::Exact(_) => return Ok(()),
            Self::Subdomains { .. } => (0, 1),
            Self::Partial { prefix, suffix, .. } => {
                if !prefix.bytes().chain(suffix.bytes()).all(host::is_label_byte) {
                    return Err(Code::InvalidHost);
                }
                if prefix.starts_with('-') || suffix.ends_with('-') {
                    return Err(Code::WildcardNeverMatches);
                }
                let label = prefix.len() + 1 + suffix.len();
                (label, label)
            }
        };
        let base = self.fixed();
        let base = base.strip_suffix('.').unwrap_or(base);
        if label > host::MAX_LABEL || shortest + 1 + base.len() > host::MAX_HOST {
            return Err(Code::WildcardNeverMatches);
        }
        Ok(())
    }
}

impl PortPattern {
    fn parse(port: Option<&[u8]>, scheme: &str) -> Result<Self, Code> {
        let Some(port) = port else { return Ok(Self::Absent) };
        if port == b"*" {
            return Ok(Self::Any);
        }
        if port.contains(&b'*') {
            return Err(Code::InvalidWildcard);
        }
        let number = origin::port_number(port).ok_or(Code::InvalidPort)?;
        if origin::default_port(scheme.as_bytes()) == Some(number) {
            return Err(Code::DefaultPort);
        }
        Ok(Self::Number(number))
    }
}

impl fmt::Display for Pattern<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any => f.write_str("*"),
            Self::Null => f.write_str("null"),
            Self::Tuple(tuple) => tuple.fmt(f),
        }
    }
}

impl fmt::Display for TuplePattern<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://", self.scheme)?;
        match self.host {
            HostPattern::Exact(host) => f.write_str(host),
            HostPattern::Subdomains { base } => write!(f, "*.{base}"),
            HostPattern::Partial { prefix, suffix, base } => write!(f, "{prefix}*{suffix}.{base}"),
        }?;
        match self.port {
            PortPattern::Absent => Ok(()),
            PortPattern::Number(port) => write!(f, ":{port}"),
            PortPattern::Any => f.write_str(":*"),
        }
    }
}

/// The pattern that was most likely meant by a text that is none.
pub(crate) fn correct(text: &str) -> Option<String> {
    let text = text.trim().to_lowercase();
    if matches!(text.as_str(), "*" | "null") {
        return Some(text);
    }
    if text.contains(|c: char| c == ',' || c.is_whitespace()) {
        return None;
    }
    let (scheme, rest) = text.split_once("://").unwrap_or(("", text.trim_start_matches('/')));
    let authority = rest.split(['/', '?', '#', '\\']).next().unwrap_or_default();
    if authority.contains('@') {
        // Either side may be meant, and the wrong one may be an attacker's.
        return None;
    }
    let (host, port) = origin::split_port(authority.as_bytes());
    let host = &authority[..host.len()];
    let host = match host::ipv6_address(host) {
        Some(address) => host::ipv6_host(address),
        None => punycode::to_ascii(host)?,
    };
    let scheme = match scheme {
        "ws" => "http",
        "" if host::is_loopback(&host) => "http",
        "wss" | "" => "https",
        other => other,
    };
    let port = port.map(|port| String::from_utf8_lossy(port).into_owned()).unwrap_or_default();
    let default = origin::default_port(scheme.as_bytes()).map(|port| port.to_string());
    let port = if port.is_empty() || Some(&port) == default.as_ref() {
        String::new()
    } else {
        format!(":{port}")
    };
    let corrected = format!("{scheme}://{host}{port}");
    Pattern::parse(&corrected).is_ok().then_some(corrected)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_text_is_corrected_where_one_correction_is_likely() {
        for (text, corrected) in [
            ("https://example.com/", Some("https://example.com")),
            ("https://Example.com/path?x#y", Some("https://example.com")),
            ("example.com", Some("https://example.com")),
            ("//example.com", Some("https://example.com")),
            ("localhost:3000", Some("http://localhost:3000")),
            (" https://example.com:443 ", Some("https://example.com")),
            ("https://example.com@evil.example", None),
            ("https://résumé.example", Some("https://xn--rsum-bpad.example")),
            ("https://\u{fb01}n.example", Some("https://fin.example")),
            ("wss://example.com", Some("https://example.com")),
            ("http://[0:0::1]:3000", Some("http://[::1]:3000")),
            (" * ", Some("*")),
            ("https://a, https://b", None),
            ("https://", None),
            ("https://a:99999", None),
        ] {
            assert_eq!(correct(text).as_deref(), corrected, "{text}");
        }
    }

    proptest! {
        #[test]
        fn printing_a_parsed_pattern_gives_back_the_pattern(
            text in r"(https?|ws|capacitor|a\+b)://(\*\.|[a-z_-]{0,3}\*[a-z0-9-]{0,3}\.)?(([a-z0-9_-]{1,5}\.){0,3}[a-z0-9]{1,4}\.?|\[::[1-9a-f]{1,4}\]|127\.0\.0\.[0-9]{1,3})(:[0-9]{1,5}|:\*)?|\*|null"
        ) {
            if let Ok(pattern) = Pattern::parse(&text) {
                let printed = pattern.to_string();
                prop_assert_eq!(&printed, &text);
                prop_assert_eq!(Pattern::parse(&printed), Ok(pattern));
            }
        }

        #[test]
        fn any_text_is_parsed_or_refused(text in any::<String>()) {
            if let Ok(pattern) = Pattern::parse(&text) {
                prop_assert_eq!(pattern.to_string(), text);
            } else {
                let _ = correct(&text);
            }
        }
    }
}
