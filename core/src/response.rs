//! What an adapter does to the fields that a response has already.

/// Whether a field of a response on a governed path is the policy's alone: `Access-Control-Allow-*`,
/// `Access-Control-Expose-Headers` or `Access-Control-Max-Age`. An adapter removes what the
/// application set there before it applies a plan.
pub fn is_owned(name: &[u8]) -> bool {
    const FAMILY: &[u8] = b"access-control-";
    let Some((family, rest)) = name.split_at_checked(FAMILY.len()) else { return false };
    let begins_allow = || rest.get(..6).is_some_and(|start| start.eq_ignore_ascii_case(b"allow-"));
    family.eq_ignore_ascii_case(FAMILY)
        && (begins_allow()
            || rest.eq_ignore_ascii_case(b"expose-headers")
            || rest.eq_ignore_ascii_case(b"max-age"))
}

/// What becomes of `Vary` in a response that has these lines of it: the value of the one line to set
/// in their place, or `None` when they stay as they are.
///
/// `tokens` are those of [`Plan::vary`](crate::Plan::vary). Each that is missing is added, whatever
/// the case of its letters in the lines; `Vary: *` says more than any token and stays alone.
pub fn merge_vary(tokens: &[&str], lines: &[&[u8]]) -> Option<Vec<u8>> {
    let has = |token: &str| {
        let mut members = lines.iter().flat_map(|line| line.split(|&byte| byte == b','));
        members.any(|member| member.trim_ascii().eq_ignore_ascii_case(token.as_bytes()))
    };
    if has("*") {
        return None;
    }
    let mut merged = None;
    for token in tokens.iter().filter(|token| !has(token)) {
        append(merged.get_or_insert_with(|| joined(lines)), token.as_bytes());
    }
    merged
}

/// The lines as one, with room for a few tokens.
fn joined(lines: &[&[u8]]) -> Vec<u8> {
    const TOKENS: usize = 80;
    let length: usize = lines.iter().map(|line| line.len() + 2).sum();
    let mut joined = Vec::with_capacity(length + TOKENS);
    for line in lines.iter().filter(|line| !line.trim_ascii().is_empty()) {
        append(&mut joined, line);
    }
    joined
}

/// Adds members to a list.
fn append(list: &mut Vec<u8>, members: &[u8]) {
    if !list.is_empty() {
        list.extend_from_slice(b", ");
    }
    list.extend_from_slice(members);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fields_of_the_protocol_are_owned() {
        for name in [
            "access-control-allow-origin",
            "Access-Control-Allow-Credentials",
            "ACCESS-CONTROL-ALLOW-ANYTHING",
            "access-control-expose-headers",
            "Access-Control-Max-Age",
        ] {
            assert!(is_owned(name.as_bytes()), "{name}");
        }
    }

    #[test]
    fn all_other_fields_are_not() {
        for name in [
            "",
            "vary",
            "access-control-",
            "access-control-allow",
            "access-control-request-method",
            "access-control-max-age-x",
            "x-access-control-allow-origin",
            "access-control_allow-origin",
        ] {
            assert!(!is_owned(name.as_bytes()), "{name}");
        }
    }

    fn merged(tokens: &[&str], lines: &[&str]) -> Option<String> {
        let lines: Vec<&[u8]> = lines.iter().map(|line| line.as_bytes()).collect();
        merge_vary(tokens, &lines).map(|line| String::from_utf8(line).expect("tokens are text"))
    }

    #[test]
    fn missing_tokens_are_added_once() {
        let tokens = ["Origin", "Accept"];
        assert_eq!(merged(&tokens, &[]).as_deref(), Some("Origin, Accept"));
        assert_eq!(
            merged(&tokens, &["Cookie", "ORIGIN"]).as_deref(),
            Some("Cookie, ORIGIN, Accept")
        );
        assert_eq!(merged(&tokens, &["", " ", "x"]).as_deref(), Some("x, Origin, Accept"));
        assert_eq!(
            merged(&tokens, &["accept-encoding, originx"]).as_deref(),
            Some("accept-encoding, originx, Origin, Accept")
        );
    }

    #[test]
    fn what_is_there_stays() {
        assert_eq!(merged(&["Origin"], &["accept ,\torigin "]), None);
        assert_eq!(merged(&["Origin"], &["Cookie", "*"]), None);
        assert_eq!(merged(&[], &["Cookie"]), None);
    }
}
