//! Punycode labels, checked when a document is loaded. A request is never checked: it is compared
//! byte by byte with what was.

use idna::punycode;
use unicode_normalization::UnicodeNormalization;

use crate::host::MAX_LABEL;
use crate::text::is_invisible;

/// The prefix of a label in Punycode (RFC 5890, section 2.3.2.5).
const PREFIX: &str = "xn--";

/// Whether every label of a host that claims to be Punycode is what a browser would make of some
/// name: it decodes to lower-case text in Unicode's normal form KC, without invisible characters,
/// and that text encodes back to it.
pub(crate) fn is_valid(host: &str) -> bool {
    !host.contains(PREFIX) || labels_are_valid(host)
}

fn labels_are_valid(host: &str) -> bool {
    host.split('.').filter_map(|label| label.strip_prefix(PREFIX)).all(|encoded| {
        punycode::decode_to_string(encoded).is_some_and(|name| {
            !name.is_ascii()
                && !name.chars().any(is_invisible)
                && name == name.to_lowercase()
                && name.nfkc().eq(name.chars())
                && punycode::encode_str(&name).as_deref() == Some(encoded)
        })
    })
}

/// A host with its labels in Punycode where they need it.
pub(crate) fn to_ascii(host: &str) -> Option<String> {
    let labels = host.split('.').map(|label| {
        if label.is_ascii() {
            return Some(label.to_owned());
        }
        let name: String = label.to_lowercase().nfkc().collect();
        // Each character takes one byte or more. Encoding takes quadratic time, and a longer name
        // would be no label.
        if name.chars().count() > MAX_LABEL {
            return None;
        }
        // A ligature or a full-width letter is an ASCII name in another spelling.
        if name.is_ascii() {
            return Some(name);
        }
        Some(format!("{PREFIX}{}", punycode::encode_str(&name)?))
    });
    Some(labels.collect::<Option<Vec<_>>>()?.join("."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_that_a_browser_would_send_are_valid() {
        for host in ["example.com", "www.xn--rsum-bpad.com", "xn--p1ai", "xn--fiqs8s"] {
            assert!(is_valid(host), "{host}");
        }
    }

    #[test]
    fn a_name_that_is_longer_than_a_label_is_none() {
        assert!(to_ascii(&"é".repeat(MAX_LABEL)).is_some());
        assert_eq!(to_ascii(&"é".repeat(MAX_LABEL + 1)), None);
        // What its marks make shorter counts as what it becomes.
        assert!(to_ascii(&"e\u{301}".repeat(MAX_LABEL)).is_some());
        assert_eq!(to_ascii(&format!("a.{}.example", "é".repeat(1_000_000))), None);
    }

    #[test]
    fn other_labels_are_not() {
        let encode = |name: &str| format!("xn--{}", punycode::encode_str(name).unwrap());
        for host in [
            "xn--".to_owned(),
            "xn--a".to_owned(),
            "xn--abc-".to_owned(),
            "a.xn--0.b".to_owned(),
            encode("Résumé"),
            encode("ﬁn"),
            encode("re\u{301}sume"),
            encode("a\u{200b}é"),
            encode("a\u{3000}é"),
            encode("\u{e000}"),
        ] {
            assert!(!is_valid(&host), "{host}");
        }
    }

    #[test]
    fn a_name_is_given_in_punycode() {
        assert_eq!(to_ascii("www.Résumé.com").unwrap(), "www.xn--rsum-bpad.com");
        assert_eq!(to_ascii("\u{fb01}n.example").unwrap(), "fin.example");
    }
}
