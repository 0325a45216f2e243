//! The path patterns of all rules as regexes of which the first that matches says the rule.

use crate::text::is_invisible;

/// A path pattern's place in the order of all: a literal segment beats `{name}`, which beats the end
/// of a pattern, which beats `/*` (`paths.rs`).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Step<'p> {
    Literal(&'p str),
    Parameter,
    End,
    Rest,
}

/// A path pattern of a rule.
pub(super) struct Route<'p> {
    steps: Vec<Step<'p>>,
    /// The index of the rule.
    pub(super) rule: usize,
}

/// What separates the segments of a path, and what a segment is made of, in PCRE.
pub(super) struct Reading {
    separator: &'static str,
    byte: &'static str,
}

/// A path as it was sent.
pub(super) const RAW: Reading = Reading { separator: "/", byte: "[^/?]" };
/// A path for whoever takes an encoded slash for one.
pub(super) const DECODED: Reading =
    Reading { separator: "(?:/|%2[fF])", byte: "(?:(?!%2[fF])[^/?])" };
/// Paths with a dot segment, whose removal no regex does. Browsers remove them, but for those beside
/// an encoded slash.
pub(super) const DOT_SEGMENT: &str =
    r"^/(?:[^?]*(?:/|%2[fF]))?(?:\.|%2[eE]){1,2}(?:/|%2[fF]|\?|\z)";

/// The patterns of all rules, the most specific first.
pub(super) fn in_order<'p>(rules: impl IntoIterator<Item = &'p [String]>) -> Vec<Route<'p>> {
    let mut routes: Vec<Route<'p>> = Vec::new();
    for (rule, paths) in rules.into_iter().enumerate() {
        routes.extend(paths.iter().map(|path| Route { steps: steps(path), rule }));
    }
    routes.sort_by(|one, other| one.steps.cmp(&other.steps));
    routes
}

fn steps(pattern: &str) -> Vec<Step<'_>> {
    let (segments, last) = match pattern.strip_suffix("/*") {
        Some(segments) => (segments, Step::Rest),
        None => (pattern, Step::End),
    };
    let segment = |text| match text {
        text if str::starts_with(text, '{') => Step::Parameter,
        text => Step::Literal(text),
    };
    segments.split('/').skip(1).map(segment).chain([last]).collect()
}

impl Route<'_> {
    /// The regex of this pattern, for the target of a request: a path and perhaps a query.
    pub(super) fn regex(&self, reading: &Reading) -> String {
        let mut regex = String::from("^");
        for (place, step) in self.steps.iter().enumerate() {
            // A path begins with a slash, in whatever reading.
            let separator = if place == 0 { "/" } else { reading.separator };
            match step {
                Step::Literal(text) => regex.extend([separator, &literal(text)]),
                Step::Parameter => regex.extend([separator, reading.byte, "+"]),
                Step::End => regex.push_str(r"(?:\?|\z)"),
                Step::Rest if place == 0 => regex.push('/'),
                Step::Rest => regex.extend(["(?:", separator, r"|\?|\z)"]),
            }
        }
        regex
    }
}

/// A segment that stands for itself, with no quote in it.
fn literal(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '"' => out.push_str(r"\x22"),
            '\'' => out.push_str(r"\x27"),
            // PCRE reads a path byte by byte here, and the configuration is read by people.
            c if is_invisible(c) && c != ' ' => {
                let mut utf8 = [0; 4];
                out.extend(c.encode_utf8(&mut utf8).bytes().map(|byte| format!(r"\x{byte:02x}")));
            }
            c if c.is_ascii_punctuation() && !"-_~%/".contains(c) => out.extend(['\\', c]),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_specific_pattern_comes_first() {
        let all = ["/*", "/a/*", "/a", "/a/{x}", "/a/b/c", "/a/{x}/d", "/{y}/b/e", "/a/", "/"];
        let rules: Vec<[String; 1]> = all.iter().map(|path| [(*path).to_owned()]).collect();
        let routes = in_order(rules.iter().map(|rule| &rule[..]));
        let order: Vec<&str> = routes.iter().map(|route| all[route.rule]).collect();
        let expected = ["/", "/a/", "/a/b/c", "/a/{x}/d", "/a/{x}", "/a", "/a/*", "/{y}/b/e", "/*"];
        assert_eq!(order, expected);
    }

    #[test]
    fn regexes_know_where_a_path_ends() {
        let paths = ["/a.b/{x}/*".to_owned()];
        let routes = in_order([&paths[..]]);
        assert_eq!(routes[0].regex(&RAW), r"^/a\.b/[^/?]+(?:/|\?|\z)");
        assert_eq!(
            routes[0].regex(&DECODED),
            r"^/a\.b(?:/|%2[fF])(?:(?!%2[fF])[^/?])+(?:(?:/|%2[fF])|\?|\z)"
        );
    }
}
