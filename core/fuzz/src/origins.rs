//! Serialised origins, and the patterns that cover them, by linear search.

/// A tuple origin.
pub struct Tuple<'o> {
    pub scheme: &'o str,
    pub host: &'o str,
    pub port: Option<u16>,
}

/// Takes an origin apart, as rulings 11 to 13 have it; `None` where no browser sends it.
pub fn parse(bytes: &[u8]) -> Option<Tuple<'_>> {
    let text = std::str::from_utf8(bytes).ok()?;
    let (scheme, authority) = text.split_once("://")?;
    let is_scheme = scheme.len() <= 64
        && scheme.starts_with(|c: char| c.is_ascii_lowercase())
        && scheme.chars().all(|c| matches!(c, 'a'..='z' | '0'..='9' | '+' | '-' | '.'))
        && scheme != "file";
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if !authority.ends_with(']') => (host, Some(port)),
        _ => (authority, None),
    };
    let port = match port {
        None => None,
        Some(text) => {
            let number: u16 = text.parse().ok()?;
            let default = match scheme {
                "http" | "ws" => 80,
                "https" | "wss" => 443,
                "ftp" => 21,
                _ => 0,
            };
            if number.to_string() != text || number == 0 || number == default {
                return None;
            }
            Some(number)
        }
    };
    (is_scheme && is_host(host)).then_some(Tuple { scheme, host, port })
}

/// Whether a browser serialises a host like this.
pub fn is_host(host: &str) -> bool {
    if host.starts_with('[') {
        // The URL Standard's own serialiser.
        return url::Host::parse(host).is_ok_and(|parsed| parsed.to_string() == host);
    }
    let name = host.strip_suffix('.').unwrap_or(host);
    let last = name.rsplit('.').next().unwrap_or_default();
    let is_number = match last.strip_prefix("0x") {
        Some(digits) => digits.chars().all(|c| c.is_ascii_hexdigit()),
        None => !last.is_empty() && last.chars().all(|c| c.is_ascii_digit()),
    };
    if is_number {
        return host.parse::<std::net::Ipv4Addr>().is_ok_and(|parsed| parsed.to_string() == host);
    }
    name.len() <= 253 && name.split('.').all(is_label)
}

fn is_label(label: &str) -> bool {
    (1..=63).contains(&label.len())
        && label.chars().all(|c| matches!(c, 'a'..='z' | '0'..='9' | '-' | '_'))
        && !label.starts_with('-')
        && !label.ends_with('-')
}

/// Whether a pattern of an accepted document covers an origin (rulings 12, 15 and 16).
pub fn covers(pattern: &str, origin: &[u8]) -> bool {
    if pattern == "*" {
        return origin == b"null" || parse(origin).is_some();
    }
    if pattern == "null" {
        return origin == b"null";
    }
    let Some(found) = parse(origin) else { return false };
    let (scheme, authority) = pattern.split_once("://").expect("a tuple pattern");
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if !authority.ends_with(']') => (host, Some(port)),
        _ => (authority, None),
    };
    let port_covers = match port {
        Some("*") => true,
        Some(number) => number.parse().ok() == found.port,
        None => found.port.is_none(),
    };
    scheme == found.scheme && port_covers && host_covers(host, found.host)
}

fn host_covers(pattern: &str, host: &str) -> bool {
    let Some((label, base)) = pattern.split_once('.').filter(|(label, _)| label.contains('*'))
    else {
        return pattern == host;
    };
    if label == "*" {
        return host
            .strip_suffix(base)
            .is_some_and(|front| front.len() > 1 && front.ends_with('.'));
    }
    let (prefix, suffix) = label.split_once('*').expect("a wildcard");
    let Some((first, rest)) = host.split_once('.') else { return false };
    let middle = first.strip_prefix(prefix).and_then(|middle| middle.strip_suffix(suffix));
    let fits = |middle: &str| {
        !middle.is_empty() && middle.chars().all(|c| matches!(c, 'a'..='z' | '0'..='9' | '-'))
    };
    rest == base && middle.is_some_and(fits)
}
