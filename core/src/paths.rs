//! Path patterns: which rule governs a path.

use crate::document::RuleDocument;
use crate::problem::{Code, Problem};
use crate::text::Quoted;

/// The most segments of a pattern: matching goes as deep as the patterns do.
const MAX_SEGMENTS: usize = 256;

/// The path patterns of all rules, as a tree of segments.
#[derive(Debug)]
pub(crate) struct Paths {
    nodes: Vec<Node>,
}

/// The patterns that begin with the segments on the way to this node.
#[derive(Debug, Default)]
struct Node {
    /// The next literal segments, sorted, with the numbers of their nodes.
    literals: Vec<(Box<[u8]>, u32)>,
    /// Where `{name}` leads.
    parameter: Option<u32>,
    /// The pattern that ends here.
    end: Option<Target>,
    /// The pattern that goes on with a last `/*`.
    rest: Option<Target>,
}

/// A pattern's place in the document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Target {
    /// The index of the rule.
    pub(crate) rule: u16,
    /// The index of the pattern in the rule's `paths`.
    pub(crate) pattern: u32,
}

impl Paths {
    /// Reads and checks the `paths` of all rules.
    pub(crate) fn of(rules: &[RuleDocument], problems: &mut Vec<Problem>) -> Self {
        let mut paths = Self { nodes: vec![Node::default()] };
        for (number, rule) in rules.iter().enumerate() {
            for entry in rule.paths.iter().flatten() {
                let target = Target { rule: number as u16, pattern: entry.index as u32 };
                let result = check(&entry.value)
                    .map_err(|(code, detail)| (code, detail.to_owned()))
                    .and_then(|()| {
                        paths
                            .insert(&entry.value, target)
                            .map_err(|earlier| (Code::ConflictingPath, place_of(rules, earlier)))
                    });
                if let Err((code, detail)) = result {
                    let pointer = rule.entry_pointer("paths", entry.index);
                    let problem = Problem::new(code, pointer, Quoted(entry.value.as_bytes()));
                    problems.push(if detail.is_empty() { problem } else { problem.detail(detail) });
                }
            }
        }
        paths
    }

    /// Adds a pattern.
    ///
    /// # Errors
    ///
    /// The pattern of the same shape that is there already.
    fn insert(&mut self, pattern: &str, target: Target) -> Result<(), Target> {
        let (segments, rest) = match pattern.strip_suffix("/*") {
            Some(segments) => (segments, true),
            None => (pattern, false),
        };
        let mut node = 0;
        for segment in segments.split('/').skip(1) {
            node = if segment.starts_with('{') {
                self.parameter_child(node)
            } else {
                self.literal_child(node, segment.as_bytes())
            };
        }
        let node = &mut self.nodes[node];
        let place = if rest { &mut node.rest } else { &mut node.end };
        match *place {
            Some(earlier) => Err(earlier),
            None => {
                *place = Some(target);
                Ok(())
            }
        }
    }

    fn parameter_child(&mut self, node: usize) -> usize {
        let new = self.nodes.len();
        let child = *self.nodes[node].parameter.get_or_insert(new as u32) as usize;
        self.add_node_if(child == new);
        child
    }

    fn literal_child(&mut self, node: usize, segment: &[u8]) -> usize {
        let new = self.nodes.len();
        let literals = &mut self.nodes[node].literals;
        let child = match literals.binary_search_by(|(text, _)| text.as_ref().cmp(segment)) {
            Ok(place) => literals[place].1 as usize,
            Err(place) => {
                literals.insert(place, (segment.into(), new as u32));
                new
            }
        };
        self.add_node_if(child == new);
        child
    }

    fn add_node_if(&mut self, new: bool) {
        if new {
            self.nodes.push(Node::default());
        }
    }

    /// The pattern that governs a path.
    ///
    /// A path with a dot segment or an encoded slash may mean another path to whoever reads it next.
    /// It is governed only when both readings have the same rule.
    pub(crate) fn find(&self, path: &[u8]) -> Option<Target> {
        let (found, normalized) = self.readings(path);
        found.filter(|found| normalized.is_some_and(|other| other.rule == found.rule))
    }

    /// Whether a path has another rule, or none, when it is read in its other way.
    pub(crate) fn is_divided(&self, path: &[u8]) -> bool {
        let (found, normalized) = self.readings(path);
        found.map(|found| found.rule) != normalized.map(|other| other.rule)
    }

    /// The patterns that a path matches as it is, and when it is normalized.
    fn readings(&self, path: &[u8]) -> (Option<Target>, Option<Target>) {
        let Some(segments) = path.strip_prefix(b"/") else { return (None, None) };
        let found = self.descend(0, Segments::raw(segments));
        if is_ambiguous(segments) {
            (found, self.descend(0, Segments::normalized(segments)))
        } else {
            (found, found)
        }
    }

    /// Finds the most specific pattern below a node: a literal beats `{name}`, which beats the end
    /// of a pattern, which beats `/*`. Visits no node twice, and is no deeper than the patterns.
    fn descend(&self, node: usize, mut segments: Segments<'_>) -> Option<Target> {
        let node = &self.nodes[node];
        let Some(segment) = segments.next() else { return node.end.or(node.rest) };
        let literal = || {
            let place =
                node.literals.binary_search_by(|(text, _)| text.as_ref().cmp(segment)).ok()?;
            self.descend(node.literals[place].1 as usize, segments)
        };
        let parameter = || {
            let child = node.parameter.filter(|_| !segment.is_empty())?;
            self.descend(child as usize, segments)
        };
        literal().or_else(parameter).or(node.rest)
    }
}

/// The segments of a path that follow its first slash, one after the other.
#[derive(Clone, Copy)]
struct Segments<'p> {
    /// What is still to come; `None` after the last segment.
    rest: Option<&'p [u8]>,
    /// Whether dot segments are removed, and encoded slashes count as slashes.
    normalized: bool,
}

impl<'p> Segments<'p> {
    fn raw(path: &'p [u8]) -> Self {
        Self { rest: Some(path), normalized: false }
    }

    fn normalized(path: &'p [u8]) -> Self {
        Self { rest: Some(path), normalized: true }
    }

    fn next(&mut self) -> Option<&'p [u8]> {
        if self.normalized { self.next_normalized() } else { self.next_raw() }
    }

    fn next_raw(&mut self) -> Option<&'p [u8]> {
        let rest = self.rest?;
        let (segment, after) = match slash(rest, self.normalized) {
            Some((place, length)) => (&rest[..place], Some(&rest[place + length..])),
            None => (rest, None),
        };
        self.rest = after;
        Some(segment)
    }

    /// The next segment that removing dot segments (RFC 3986, section 5.2.4) leaves. Looks ahead
    /// instead of keeping a stack, which would be as deep as an attacker likes.
    fn next_normalized(&mut self) -> Option<&'p [u8]> {
        loop {
            let segment = self.next_raw()?;
            match Dots::of(segment) {
                // A dot segment at the end leaves the slash in front of it.
                Dots::One | Dots::Two if self.rest.is_none() => return Some(b""),
                // There is nothing in front to remove: what was, is known to stay.
                Dots::One | Dots::Two => {}
                Dots::None => match self.after_removal() {
                    Some(rest) => *self = rest,
                    None => return Some(segment),
                },
            }
        }
    }

    /// Where reading goes on when a later `..` removes the segment just read; `None` when it stays.
    fn after_removal(self) -> Option<Self> {
        let mut ahead = self;
        let mut kept = 1_usize;
        while let Some(segment) = ahead.next_raw() {
            match Dots::of(segment) {
                Dots::One => {}
                Dots::None => kept += 1,
                Dots::Two => kept -= 1,
            }
            if kept == 0 {
                // The last `..` leaves the slash in front of it, as an empty segment.
                ahead.rest = ahead.rest.or(Some(b""));
                return Some(ahead);
            }
        }
        None
    }
}

/// Whether a segment is a dot segment, `%2e` counting as a dot.
#[derive(Clone, Copy, PartialEq)]
enum Dots {
    None,
    One,
    Two,
}

impl Dots {
    fn of(mut segment: &[u8]) -> Self {
        let mut dots = 0;
        while !segment.is_empty() {
            segment = match segment {
                [b'.', rest @ ..] | [b'%', b'2', b'e' | b'E', rest @ ..] => rest,
                _ => return Self::None,
            };
            dots += 1;
        }
        match dots {
            1 => Self::One,
            2 => Self::Two,
            _ => Self::None,
        }
    }
}

/// The first slash, and its length: 1, or 3 for an encoded one where these count.
fn slash(path: &[u8], encoded: bool) -> Option<(usize, usize)> {
    path.iter().enumerate().find_map(|(place, byte)| match byte {
        b'/' => Some((place, 1)),
        b'%' if encoded && is_encoded_slash(&path[place..]) => Some((place, 3)),
        _ => None,
    })
}

fn is_encoded_slash(text: &[u8]) -> bool {
    matches!(text, [b'%', b'2', b'f' | b'F', ..])
}

/// Whether a path has a dot segment or an encoded slash.
fn is_ambiguous(path: &[u8]) -> bool {
    (0..path.len()).any(|place| is_encoded_slash(&path[place..]))
        || path.split(|&byte| byte == b'/').any(|segment| Dots::of(segment) != Dots::None)
}

fn check(pattern: &str) -> Result<(), (Code, &'static str)> {
    let invalid = |detail| Err((Code::InvalidPath, detail));
    let Some(inner) = pattern.strip_prefix('/') else {
        return invalid("a path pattern begins with \"/\"");
    };
    if pattern.contains(['?', '#', '\\']) || pattern.contains(char::is_control) {
        return invalid("it may have no \"?\", \"#\", \"\\\" and no control character");
    }
    let count = inner.split('/').count();
    if count > MAX_SEGMENTS {
        return invalid("it has more than 256 segments");
    }
    for (place, segment) in inner.split('/').enumerate() {
        let last = place + 1 == count;
        if segment.is_empty() && !last {
            return invalid("it has an empty segment");
        }
        if segment.contains('*') && !(segment == "*" && last) {
            return Err((Code::InvalidPathWildcard, ""));
        }
        if segment.contains(['{', '}']) && !is_parameter(segment) {
            return Err((Code::InvalidPathParameter, ""));
        }
        if is_ambiguous(segment.as_bytes()) {
            return Err((Code::UnsafePath, ""));
        }
    }
    Ok(())
}

/// Whether a segment is `{name}`, with an identifier for a name.
fn is_parameter(segment: &str) -> bool {
    let name = segment.strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
    name.is_some_and(|name| {
        !name.is_empty()
            && !name.starts_with(|c: char| c.is_ascii_digit())
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    })
}

fn place_of(rules: &[RuleDocument], target: Target) -> String {
    rules[target.rule as usize].entry_pointer("paths", target.pattern as usize)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn paths(patterns: &[&str]) -> Paths {
        let mut paths = Paths { nodes: vec![Node::default()] };
        for (rule, pattern) in patterns.iter().enumerate() {
            check(pattern).unwrap();
            paths.insert(pattern, Target { rule: rule as u16, pattern: 0 }).unwrap();
        }
        paths
    }

    #[test]
    fn the_most_specific_pattern_wins_whatever_the_order() {
        let all =
            ["/*", "/a/*", "/a", "/a/{x}", "/a/b/c", "/a/{x}/d", "/{y}/b/e", "/a/", "/a/{x}/*"];
        let paths = paths(&all);
        for (path, pattern) in [
            ("/", "/*"),
            ("//", "/*"),
            ("/ab", "/*"),
            ("/a", "/a"),
            ("/a/", "/a/"),
            ("/a/x", "/a/{x}"),
            ("/a//b", "/a/*"),
            ("/a/b/c", "/a/b/c"),
            ("/a/b/d", "/a/{x}/d"),
            ("/a/b/e", "/a/{x}/*"),
            ("/z/b/e", "/{y}/b/e"),
            ("/a/b/c/d", "/a/{x}/*"),
        ] {
            let found = paths.find(path.as_bytes()).map(|target| all[target.rule as usize]);
            assert_eq!(found, Some(pattern), "{path}");
        }
        assert_eq!(paths.find(b""), None);
        assert_eq!(paths.find(b"*"), None);
        assert_eq!(paths.find(b"a"), None);
    }

    #[test]
    fn an_ambiguous_path_has_a_rule_only_when_both_readings_have_it() {
        let all = ["/public/*", "/admin/*", "/public/x"];
        let paths = paths(&all);
        for (path, pattern) in [
            ("/public/../admin/x", None),
            ("/public/%2e%2E/admin", None),
            ("/public%2f..%2Fadmin", None),
            ("/public/%2e%2e%2fadmin", None),
            ("/public/./y", Some("/public/*")),
            ("/public/a/../b", Some("/public/*")),
            ("/public/a/..", Some("/public/*")),
            ("/public/..", None),
            ("/public/../public/y", Some("/public/*")),
            ("/x/../public/y", None),
            ("/public/a%2fb", Some("/public/*")),
            // The normalised form is that of another rule, though of the same shape.
            ("/public/./x", None),
            ("/public/...", Some("/public/*")),
        ] {
            let found = paths.find(path.as_bytes()).map(|target| all[target.rule as usize]);
            assert_eq!(found, pattern, "{path}");
        }
    }

    /// RFC 3986, section 5.2.4, with a stack.
    fn normalize(path: &str) -> String {
        let path = path.replace("%2f", "/").replace("%2F", "/");
        let mut out: Vec<&str> = Vec::new();
        let segments: Vec<&str> = path.split('/').skip(1).collect();
        for (place, segment) in segments.iter().enumerate() {
            let dots = segment.replace("%2e", ".").replace("%2E", ".");
            match dots.as_str() {
                "." | ".." => {
                    if dots == ".." {
                        out.pop();
                    }
                    if place + 1 == segments.len() {
                        out.push("");
                    }
                }
                _ => out.push(segment),
            }
        }
        format!("/{}", out.join("/"))
    }

    proptest! {
        #[test]
        fn normalising_agrees_with_a_stack(path in r"(/|%2f|\.|%2e|a|b){0,14}") {
            let path = format!("/{path}");
            let mut segments = Segments::normalized(&path.as_bytes()[1..]);
            let mut text = String::new();
            while let Some(segment) = segments.next() {
                text.push('/');
                text.push_str(std::str::from_utf8(segment).unwrap());
            }
            prop_assert_eq!(text, normalize(&path));
        }
    }
}
