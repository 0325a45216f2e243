//! Hosts as browsers serialise them (URL Standard, section "Host serializing").

use std::fmt::Write;
use std::net::Ipv6Addr;

/// The most bytes of a domain name, a trailing dot aside (RFC 1035, section 2.3.4).
pub(crate) const MAX_HOST: usize = 253;
/// The most bytes of a label.
pub const MAX_LABEL: usize = 63;

/// What kind of host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum HostKind {
    Name,
    Ipv4,
    Ipv6,
    /// An IPv6 address that stands for an IPv4 address. A browser may send it, but whoever writes it
    /// into a document means something else.
    Ipv4MappedIpv6,
}

/// Why a text is no host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum HostError {
    Empty,
    Ipv4,
    Ipv6,
    Name,
}

/// Takes a host for what it is, or says why no browser would send it.
pub(crate) fn classify(host: &[u8]) -> Result<HostKind, HostError> {
    if let Some(rest) = host.strip_prefix(b"[") {
        let address = rest.strip_suffix(b"]").and_then(canonical_ipv6).ok_or(HostError::Ipv6)?;
        let mapped = address.to_ipv4_mapped().is_some();
        return Ok(if mapped { HostKind::Ipv4MappedIpv6 } else { HostKind::Ipv6 });
    }
    let name = host.strip_suffix(b".").unwrap_or(host);
    if name.is_empty() {
        return Err(HostError::Empty);
    }
    if ends_in_number(name) {
        // A trailing dot would have gone when the browser read the address.
        return if is_canonical_ipv4(host) { Ok(HostKind::Ipv4) } else { Err(HostError::Ipv4) };
    }
    if name.len() <= MAX_HOST && name.split(|&byte| byte == b'.').all(is_label) {
        Ok(HostKind::Name)
    } else {
        Err(HostError::Name)
    }
}

/// Whether this is one label of a host. Underscores are no part of host names by RFC 952, but
/// browsers resolve and send them.
pub(crate) fn is_label(label: &[u8]) -> bool {
    (1..=MAX_LABEL).contains(&label.len())
        && label.iter().all(|&byte| is_label_byte(byte))
        && label[0] != b'-'
        && label[label.len() - 1] != b'-'
}

/// Whether a label may have this byte.
pub const fn is_label_byte(byte: u8) -> bool {
    matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_')
}

/// Whether browsers take this name, without a trailing dot, for an IPv4 address (URL Standard,
/// "ends-in-a-number checker").
pub(crate) fn ends_in_number(name: &[u8]) -> bool {
    let last = name.rsplit(|&byte| byte == b'.').next().unwrap_or_default();
    match last.strip_prefix(b"0x") {
        Some(digits) => digits.iter().all(u8::is_ascii_hexdigit),
        None => !last.is_empty() && last.iter().all(u8::is_ascii_digit),
    }
}

fn is_canonical_ipv4(host: &[u8]) -> bool {
    let mut parts = 0;
    host.split(|&byte| byte == b'.').all(|part| {
        parts += 1;
        decimal(part).is_some_and(|number| number <= 255)
    }) && parts == 4
}

/// The number that at most five digits without a leading zero stand for.
pub(crate) fn decimal(digits: &[u8]) -> Option<u32> {
    let leading_zero = digits.len() > 1 && digits[0] == b'0';
    if digits.is_empty() || digits.len() > 5 || leading_zero {
        return None;
    }
    digits.iter().try_fold(0, |number, byte| {
        byte.is_ascii_digit().then(|| number * 10 + u32::from(byte - b'0'))
    })
}

/// The address, when this is the text that browsers have for it.
fn canonical_ipv6(text: &[u8]) -> Option<Ipv6Addr> {
    let address = std::str::from_utf8(text).ok()?.parse().ok()?;
    (Ipv6Text::of(address).as_bytes() == text).then_some(address)
}

/// The address that a bracketed host stands for, in whatever form.
pub(crate) fn ipv6_address(host: &str) -> Option<Ipv6Addr> {
    host.strip_prefix('[')?.strip_suffix(']')?.parse().ok()
}

/// The bracketed host that browsers have for an address.
pub(crate) fn ipv6_host(address: Ipv6Addr) -> String {
    format!("[{}]", String::from_utf8_lossy(Ipv6Text::of(address).as_bytes()))
}

/// The text that browsers have for an IPv6 address, on the stack.
struct Ipv6Text {
    bytes: [u8; 39],
    length: usize,
}

impl Ipv6Text {
    /// Serialises as the URL Standard does ("IPv6 serializer"). The standard library differs: it
    /// writes IPv4-mapped addresses with dots.
    fn of(address: Ipv6Addr) -> Self {
        let pieces = address.segments();
        let mut text = Self { bytes: [0; 39], length: 0 };
        let (start, end) = longest_zeros(&pieces);
        let mut piece = 0;
        while piece < pieces.len() {
            if piece == start && end - start > 1 {
                text.push(if piece == 0 { "::" } else { ":" });
                piece = end;
                continue;
            }
            write!(text, "{:x}", pieces[piece]).expect("39 bytes hold any address");
            piece += 1;
            if piece < pieces.len() {
                text.push(":");
            }
        }
        text
    }

    fn as_bytes(&self) -> &[u8] {
        &self.bytes[..self.length]
    }

    fn push(&mut self, part: &str) {
        self.write_str(part).expect("39 bytes hold any address");
    }
}

impl Write for Ipv6Text {
    fn write_str(&mut self, part: &str) -> std::fmt::Result {
        let end = self.length + part.len();
        let free = self.bytes.get_mut(self.length..end).ok_or(std::fmt::Error)?;
        free.copy_from_slice(part.as_bytes());
        self.length = end;
        Ok(())
    }
}

/// The first of the longest runs of zeros.
fn longest_zeros(pieces: &[u16; 8]) -> (usize, usize) {
    let mut longest = (0, 0);
    let mut start = 0;
    while start < pieces.len() {
        let zeros = pieces[start..].iter().take_while(|&&piece| piece == 0).count();
        if zeros > longest.1 - longest.0 {
            longest = (start, start + zeros);
        }
        start += zeros.max(1);
    }
    longest
}

/// Whether a host is this machine for every browser: 127.0.0.0/8, `[::1]`, `localhost` and the names
/// under it. A trailing dot makes no difference to that. The host must be well-formed.
pub(crate) fn is_loopback(host: &str) -> bool {
    let name = host.strip_suffix('.').unwrap_or(host);
    name == "localhost"
        || name.ends_with(".localhost")
        || host == "[::1]"
        || (host.starts_with("127.") && is_canonical_ipv4(host.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_told_apart() {
        for (host, kind) in [
            ("example.com", Ok(HostKind::Name)),
            ("my_app.example.com.", Ok(HostKind::Name)),
            ("4ed7f644-8a6b-4c5e-9d3c-2f6a1b7c8d9e", Ok(HostKind::Name)),
            ("xn--80ak6aa92e.com", Ok(HostKind::Name)),
            ("0x", Err(HostError::Ipv4)),
            ("a.0xff", Err(HostError::Ipv4)),
            ("a.0xfg", Ok(HostKind::Name)),
            ("127.0.0.1", Ok(HostKind::Ipv4)),
            ("127.0.0.1.", Err(HostError::Ipv4)),
            ("1.2.3", Err(HostError::Ipv4)),
            ("01.2.3.4", Err(HostError::Ipv4)),
            ("256.1.1.1", Err(HostError::Ipv4)),
            ("", Err(HostError::Empty)),
            (".", Err(HostError::Empty)),
            (".a", Err(HostError::Name)),
            ("a..b", Err(HostError::Name)),
            ("a..", Err(HostError::Name)),
            ("-a.b", Err(HostError::Name)),
            ("a-.b", Err(HostError::Name)),
            ("A.b", Err(HostError::Name)),
            ("[::1]", Ok(HostKind::Ipv6)),
            ("[::]", Ok(HostKind::Ipv6)),
            ("[2001:db8::1]", Ok(HostKind::Ipv6)),
            ("[1:0:0:2::3]", Ok(HostKind::Ipv6)),
            ("[1:2:3:4:5:6:7:8]", Ok(HostKind::Ipv6)),
            ("[1:0:3:4:5:6:7:8]", Ok(HostKind::Ipv6)),
            ("[1::3:4:5:6:7:8]", Err(HostError::Ipv6)),
            ("[::ffff:102:304]", Ok(HostKind::Ipv4MappedIpv6)),
            ("[::ffff:1.2.3.4]", Err(HostError::Ipv6)),
            ("[0:0::1]", Err(HostError::Ipv6)),
            ("[::01]", Err(HostError::Ipv6)),
            ("[2001:DB8::1]", Err(HostError::Ipv6)),
            ("[::1%25eth0]", Err(HostError::Ipv6)),
            ("[::1", Err(HostError::Ipv6)),
            ("[]", Err(HostError::Ipv6)),
        ] {
            assert_eq!(classify(host.as_bytes()), kind, "{host}");
        }
        let label = "a".repeat(63);
        let longest = format!("{label}.{label}.{label}.{}", &label[..61]);
        assert_eq!(longest.len(), 253);
        assert!(classify(longest.as_bytes()).is_ok());
        assert!(classify(format!("{longest}.").as_bytes()).is_ok());
        assert!(classify(format!("{longest}a").as_bytes()).is_err());
        assert!(classify(format!("{label}a.com").as_bytes()).is_err());
    }

    #[test]
    fn loopback_look_alikes_are_not_loopback() {
        for host in ["localhost", "localhost.", "a.localhost", "127.0.0.1", "127.8.9.10", "[::1]"] {
            assert!(is_loopback(host), "{host}");
        }
        for host in [
            "notlocalhost",
            "localhost.evil.com",
            "127.0.0.1.nip.io",
            "127.evil.com",
            "128.0.0.1",
            "[::2]",
        ] {
            assert!(!is_loopback(host), "{host}");
        }
    }
}
