//! The resources of a REST API that need a method OPTIONS.
//!
//! The engine goes back to a wider pattern where a narrower one does not lead to an end (`paths.rs`).
//! No documentation says when API Gateway does. So every path of the policy, and every path on the way
//! to one, becomes a resource of its own with the rule that the engine has for it, and what is below
//! it and has no resource a `{proxy+}`. Whoever descends into these resources by the narrowest name
//! finds the engine's rule, without going back.
//!
//! Nor does any say how API Gateway reads empty segments, a slash at the end and encoded slashes. A
//! preflight of such a path may get the answer of the path without them; on the request itself, and
//! whether a page may read its answer, the service decides by the path that reaches it.

use onecors_core::text::Whole;

use crate::export::{Facts, Refusals};

/// The most resources of an API (quotas of API Gateway).
const MOST_RESOURCES: usize = 300;

/// A resource, and the rule that governs it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Resource {
    /// Such as `/orders/{id}` or `/orders/{proxy+}`.
    pub(super) path: String,
    /// The place of the rule in the facts.
    pub(super) rule: usize,
}

/// The resources of a policy, each path once, in the order of the document's patterns.
pub(super) fn resources(facts: &Facts<'_>, refusals: &mut Refusals) -> Vec<Resource> {
    if facts.is_uniform {
        return ["/", "/{proxy+}"].map(|path| Resource { path: path.into(), rule: 0 }).into();
    }
    let patterns = patterns(facts, refusals);
    let mut found = Vec::new();
    let start: Vec<_> = patterns.iter().map(|pattern| Reading { pattern, read: 0 }).collect();
    // The root is read as an empty segment behind the first slash.
    if let Some(rule) = best(&start, Segment::Empty) {
        found.push(Resource { path: "/".into(), rule });
    }
    descend("", &start, &mut found, refusals);
    if found.len() > MOST_RESOURCES {
        refusals.push(
            "/rules",
            format!("the paths need more than {MOST_RESOURCES} resources, the limit of a REST API"),
            "write fewer path patterns, or put the rules into one with \"/*\"",
        );
    }
    found
}

/// A path pattern, taken apart.
struct Pattern<'p> {
    segments: Vec<&'p str>,
    /// Whether it goes on with a last `/*`.
    rest: bool,
    rule: usize,
    /// Where it stands in the document.
    pointer: String,
}

/// A pattern of which the first segments have been read.
#[derive(Clone, Copy)]
struct Reading<'s, 'p> {
    pattern: &'s Pattern<'p>,
    read: usize,
}

/// The next segment of a path.
#[derive(Clone, Copy)]
enum Segment<'p> {
    Literal(&'p str),
    /// Any segment that is no literal of the policy there.
    Other,
    /// What is behind the only slash of `/`.
    Empty,
}

fn patterns<'p>(facts: &Facts<'p>, refusals: &mut Refusals) -> Vec<Pattern<'p>> {
    let mut patterns = Vec::new();
    for (rule, facts) in facts.rules.iter().enumerate() {
        for (entry, path) in facts.paths.iter().enumerate() {
            let pointer = format!("{}/{entry}", facts.key_pointer("paths"));
            let (text, rest) = match path.strip_suffix("/*") {
                Some(text) => (text, true),
                None => (path.as_str(), false),
            };
            let segments: Vec<_> = text.split('/').skip(1).collect();
            refuse_segments(path, &segments, &pointer, refusals);
            patterns.push(Pattern { segments, rest, rule, pointer });
        }
    }
    patterns
}

fn refuse_segments(path: &str, segments: &[&str], pointer: &str, refusals: &mut Refusals) {
    let is_path_part = |segment: &str| {
        segment.bytes().all(|byte| {
            byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-' | b':' | b'{' | b'}')
        })
    };
    if path != "/" && segments.last().is_some_and(|last| last.is_empty()) {
        refusals.push(
            pointer,
            format!("{} ends in a slash, and no resource of a REST API does", Whole(path)),
            "remove the slash, or end in \"/*\"",
        );
    } else if !segments.iter().all(|segment| is_path_part(segment)) {
        refusals.push(
            pointer,
            format!(
                "{} has a character that no resource of a REST API may have: these are letters, digits \
                 and \".\", \"_\", \"-\" and \":\"",
                Whole(path)
            ),
            "write a pattern with {name} in the place of that segment",
        );
    }
}

/// Finds the resources below a path, whose segments these patterns begin with.
fn descend(
    path: &str,
    readings: &[Reading<'_, '_>],
    found: &mut Vec<Resource>,
    refusals: &mut Refusals,
) {
    let parameter = parameter_name(readings, refusals);
    let mut literals: Vec<&str> = Vec::new();
    for name in readings.iter().filter_map(Reading::next) {
        if !name.is_empty() && !is_parameter(name) && !literals.contains(&name) {
            literals.push(name);
        }
    }
    let children = literals.into_iter().map(|name| (name, Segment::Literal(name)));
    for (name, segment) in children.chain(parameter.map(|name| (name, Segment::Other))) {
        let path = format!("{path}/{name}");
        if found.len() > MOST_RESOURCES {
            return;
        }
        let below = step(readings, segment);
        if let Some(rule) = end(&below) {
            found.push(Resource { path: path.clone(), rule });
        }
        descend(&path, &below, found, refusals);
    }
    // A REST API has no {proxy+} beside a {name}; below that one there is another.
    if parameter.is_none()
        && let Some(rule) = best(readings, Segment::Other)
    {
        found.push(Resource { path: format!("{path}/{{proxy+}}"), rule });
    }
}

/// What the `{name}` is called that comes next, if there is one.
fn parameter_name<'p>(readings: &[Reading<'_, 'p>], refusals: &mut Refusals) -> Option<&'p str> {
    let mut named = readings.iter().filter(|reading| reading.next().is_some_and(is_parameter));
    let first = named.next()?;
    let name = first.next()?;
    for other in named {
        let same_place =
            other.pattern.segments[..other.read] == first.pattern.segments[..first.read];
        if let Some(another) = other.next().filter(|another| same_place && *another != name) {
            refusals.push(
                other.pattern.pointer.clone(),
                format!(
                    "{another} stands in the same place as {name} of another path, and a REST API has \
                     one name for it"
                ),
                format!("write {name} in both"),
            );
        }
    }
    Some(name)
}

impl<'p> Reading<'_, 'p> {
    /// The segment that the pattern has next.
    fn next(&self) -> Option<&'p str> {
        self.pattern.segments.get(self.read).copied()
    }

    /// Whether the pattern covers whatever follows here.
    fn is_rest(&self) -> bool {
        self.pattern.rest && self.read >= self.pattern.segments.len()
    }
}

fn is_parameter(segment: &str) -> bool {
    segment.starts_with('{')
}

/// The patterns that are still in question after another segment.
fn step<'s, 'p>(readings: &[Reading<'s, 'p>], segment: Segment<'_>) -> Vec<Reading<'s, 'p>> {
    let goes_on = |reading: &&Reading<'_, '_>| match (reading.next(), segment) {
        (None, _) => reading.is_rest(),
        (Some(name), Segment::Literal(literal)) => name == literal || is_parameter(name),
        (Some(name), Segment::Other) => is_parameter(name),
        (Some(name), Segment::Empty) => name.is_empty(),
    };
    let after = |reading: &Reading<'s, 'p>| Reading { read: reading.read + 1, ..*reading };
    readings.iter().filter(goes_on).map(after).collect()
}

/// The rule of a path that goes on with this segment and ends there.
fn best(readings: &[Reading<'_, '_>], segment: Segment<'_>) -> Option<usize> {
    end(&step(readings, segment))
}

/// The rule of a path that ends here: that of the most specific of the patterns that it matches.
fn end(readings: &[Reading<'_, '_>]) -> Option<usize> {
    let ends = readings.iter().filter(|reading| reading.next().is_none());
    let matched =
        ends.filter(|reading| reading.is_rest() || reading.read == reading.pattern.segments.len());
    matched
        .max_by(|one, other| specificity(one.pattern).cmp(&specificity(other.pattern)))
        .map(|reading| reading.pattern.rule)
}

/// What the engine compares from the left: a literal, then `{name}`, then the end of the pattern, then
/// `/*`.
fn specificity(pattern: &Pattern<'_>) -> Vec<u8> {
    let last = if pattern.rest { 0 } else { 1 };
    let segments = pattern.segments.iter().map(|name| if is_parameter(name) { 2 } else { 3 });
    segments.chain([last]).collect()
}

#[cfg(test)]
mod tests {
    use onecors_core::{Policy, introspect};
    use proptest::prelude::*;

    use super::*;

    fn document(patterns: &[String]) -> String {
        let rules: Vec<_> = patterns
            .iter()
            .map(|path| {
                format!(r#"{{"paths": [{path:?}], "allow_origins": ["https://a.example"]}}"#)
            })
            .collect();
        format!(r#"{{"rules": [{}]}}"#, rules.join(", "))
    }

    fn of(policy: &Policy) -> (Vec<Resource>, Refusals) {
        let mut refusals = Refusals::of("test");
        (resources(&Facts::of(policy), &mut refusals), refusals)
    }

    /// The rule of the resource that a path leads to, by the narrowest name at each step and no step
    /// back.
    fn route(resources: &[Resource], path: &str) -> Option<usize> {
        let at = |place: &str| resources.iter().find(|resource| resource.path == place);
        let is_on_the_way = |place: &str| {
            resources.iter().any(|resource| {
                let rest = resource.path.strip_prefix(place);
                rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
            })
        };
        let mut place = String::new();
        for segment in path.split('/').skip(1).filter(|segment| !segment.is_empty()) {
            let children = [format!("{place}/{segment}"), format!("{place}/{{x}}")];
            match children.into_iter().find(|child| is_on_the_way(child)) {
                Some(child) => place = child,
                None => return at(&format!("{place}/{{proxy+}}")).map(|found| found.rule),
            }
        }
        at(if place.is_empty() { "/" } else { &place }).map(|found| found.rule)
    }

    proptest! {
        #[test]
        fn whoever_takes_the_narrowest_resource_finds_the_engines_rule(
            patterns in prop::collection::vec(r"(/(a|b|\{x\})){0,3}(/\*)?", 1..8),
        ) {
            let mut patterns: Vec<_> = patterns
                .into_iter()
                .map(|pattern| if pattern.is_empty() { "/".to_owned() } else { pattern })
                .collect();
            patterns.sort();
            patterns.dedup();
            let policy = Policy::from_json(&document(&patterns)).unwrap();
            let (resources, refusals) = of(&policy);
            prop_assert_eq!(refusals.as_slice(), &[]);
            for number in 0..4_usize.pow(4) {
                let digits = (0..4).map(|place| number / 4_usize.pow(place) % 4);
                let path: String = digits.map(|digit| ["", "/a", "/b", "/c"][digit]).collect();
                let path = if path.is_empty() { "/" } else { &path };
                let engine = introspect::rule_of(&policy, path.as_bytes());
                prop_assert_eq!(route(&resources, path), engine, "{}", path);
            }
        }
    }

    #[test]
    fn what_no_rest_api_has_is_refused() {
        for (patterns, pointer, what) in [
            (&["/a/"][..], "/rules/0/paths/0", "ends in a slash"),
            (&["/a~b"], "/rules/0/paths/0", "a character"),
            (&["/a/{x}", "/a/{y}/b"], "/rules/1/paths/0", "{y} stands in the same place as {x}"),
        ] {
            let patterns: Vec<_> = patterns.iter().map(|&pattern| pattern.to_owned()).collect();
            let (_, refusals) = of(&Policy::from_json(&document(&patterns)).unwrap());
            let [refusal] = refusals.as_slice() else { panic!("{patterns:?}: {refusals}") };
            assert_eq!(refusal.pointer, pointer);
            assert!(refusal.message.contains(what), "{refusals}");
        }
    }

    #[test]
    fn names_may_differ_where_the_resources_do() {
        let patterns = ["/a/{x}/c", "/{y}/b/c"].map(str::to_owned);
        let (resources, refusals) = of(&Policy::from_json(&document(&patterns)).unwrap());
        assert_eq!(refusals.as_slice(), &[]);
        let paths: Vec<_> = resources.iter().map(|resource| resource.path.as_str()).collect();
        assert_eq!(paths, ["/a/b/c", "/a/{x}/c", "/{y}/b/c"]);
    }

    #[test]
    fn more_resources_than_an_api_has_are_refused() {
        let paths = |count| (0..count).map(|number| format!("/p{number}")).collect::<Vec<_>>();
        assert_eq!(of(&Policy::from_json(&document(&paths(300))).unwrap()).1.as_slice(), &[]);
        let (_, refusals) = of(&Policy::from_json(&document(&paths(301))).unwrap());
        assert_eq!(refusals.as_slice().len(), 1, "{refusals}");
    }
}
