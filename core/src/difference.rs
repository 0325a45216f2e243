//! How an origin differs from the origin pattern that nearly covers it.

use serde::{Serialize, Serializer};

/// How an origin differs from the origin pattern that nearly covers it.
///
/// [`Difference::as_str`] is a stable code. [`Difference::text`] is for people, and may improve.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Difference {
    /// White space at an end.
    WhiteSpace,
    /// No `scheme://` in front.
    NoScheme,
    /// Upper-case letters.
    UpperCase,
    /// A `/` at the end and nothing behind it.
    TrailingSlash,
    /// A path behind the host and port.
    Path,
    /// A query behind the host and port.
    Query,
    /// A fragment behind the host and port.
    Fragment,
    /// Characters that a browser sends in Punycode.
    NotPunycode,
    /// An IP address in another spelling than the one that browsers send (URL Standard, "host
    /// serializing").
    NotCanonicalAddress,
    /// A colon without a port behind it.
    EmptyPort,
    /// The default port of the scheme, which browsers leave out.
    DefaultPort,
    /// `http` instead of `https`.
    Http,
    /// `https` instead of `http`.
    Https,
    /// `ws` or `wss` instead of the scheme of the page.
    WebsocketScheme,
    /// Another port.
    Port,
    /// A trailing dot, or none.
    TrailingDot,
    /// The base domain, where the pattern requires a subdomain.
    NoSubdomain,
    /// No `www.` in front.
    NoWww,
    /// `www.` in front.
    Www,
    /// One subdomain label too many.
    ExtraLabel,
    /// A first label that the partial wildcard does not match.
    OtherLabel,
}

/// Every difference with its code and its text, in the order of [`Difference`]. A text follows
/// "the origin", or stands in parentheses behind the pattern.
const TEXTS: &[(Difference, &str, &str)] = &[
    (Difference::WhiteSpace, "white_space", "has leading or trailing white space"),
    (Difference::NoScheme, "no_scheme", "has no scheme"),
    (Difference::UpperCase, "upper_case", "has upper-case letters"),
    (Difference::TrailingSlash, "trailing_slash", "has a trailing slash"),
    (Difference::Path, "path", "has a path"),
    (Difference::Query, "query", "has a query"),
    (Difference::Fragment, "fragment", "has a fragment"),
    (Difference::NotPunycode, "not_punycode", "is not in Punycode"),
    (
        Difference::NotCanonicalAddress,
        "not_canonical_address",
        "is not the canonical form of the address",
    ),
    (Difference::EmptyPort, "empty_port", "has an empty port"),
    (Difference::DefaultPort, "default_port", "names the default port"),
    (Difference::Http, "http", "http, not https"),
    (Difference::Https, "https", "https, not http"),
    (Difference::WebsocketScheme, "websocket_scheme", "has a WebSocket scheme"),
    (Difference::Port, "port", "differs only in the port"),
    (Difference::TrailingDot, "trailing_dot", "differs only in the trailing dot"),
    (
        Difference::NoSubdomain,
        "no_subdomain",
        "has no subdomain, and the pattern requires at least one label",
    ),
    (Difference::NoWww, "no_www", "has no \"www.\" in front"),
    (Difference::Www, "www", "has \"www.\" in front"),
    (Difference::ExtraLabel, "extra_label", "has one label more than the pattern"),
    (Difference::OtherLabel, "other_label", "has a first label that the pattern does not match"),
];

impl Difference {
    /// Every difference, in the order in which they are looked for.
    pub fn all() -> impl Iterator<Item = Self> {
        TEXTS.iter().map(|&(difference, _, _)| difference)
    }

    /// The stable code, such as `trailing_slash`.
    pub fn as_str(self) -> &'static str {
        TEXTS[self as usize].1
    }

    /// The difference in words, such as `has a trailing slash`.
    pub fn text(self) -> &'static str {
        TEXTS[self as usize].2
    }

    /// The difference as the end of a sentence that begins with the origin.
    pub(crate) fn predicate(self) -> &'static str {
        match self {
            Self::Http => "is http, not https",
            Self::Https => "is https, not http",
            _ => self.text(),
        }
    }
}

impl Serialize for Difference {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_texts_are_in_the_order_of_the_differences() {
        for (place, &(difference, code, _)) in TEXTS.iter().enumerate() {
            assert_eq!(difference as usize, place, "{code} is out of order");
        }
        assert_eq!(TEXTS.len(), Difference::OtherLabel as usize + 1);
    }
}
