//! Path patterns: which rule governs a path.

use std::hash::{BuildHasher, Hasher};

use foldhash::fast::FixedState;
use hashbrown::HashTable;
use hashbrown::hash_table::Entry;

use crate::document::RuleDocument;
use crate::findings::Findings;
use crate::problem::{Code, Problem};
use crate::readings::{MAX_SEGMENTS, Oddities, Segments, Sent, Spelling, is_unsafe};
use crate::text::Quoted;

/// The path patterns of all rules, as a tree of segments.
#[derive(Debug)]
pub(crate) struct Paths {
    nodes: Vec<Node>,
    /// The literal segments that lead from one node to another, those of one node side by side and
    /// sorted by text.
    edges: Vec<Edge>,
    /// The places of the edges, those of one node side by side and sorted by text without regard to
    /// case; empty where no edge has an upper-case letter, so that both orders are the same.
    folded: Vec<u32>,
    /// The texts of all edges. A document is no longer than 64 MiB, so 32 bits number its bytes.
    texts: Vec<u8>,
}

/// The patterns that begin with the segments on the way to this node.
#[derive(Debug, Default)]
struct Node {
    /// Where the edges of this node begin.
    first_edge: u32,
    /// Where they end.
    last_edge: u32,
    /// Whether one of them has an upper-case letter, so that ignoring case breaks their order.
    has_upper_case: bool,
    /// Where `{name}` leads.
    parameter: Option<u32>,
    /// The pattern that ends here.
    end: Option<Target>,
    /// The pattern that goes on with a last `/*`.
    rest: Option<Target>,
}

/// A literal segment, as the place of its text.
#[derive(Debug)]
struct Edge {
    /// The first bytes of the text, as a number: it sorts as they do, and is quicker to compare.
    beginning: u64,
    start: u32,
    end: u32,
    child: u32,
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
    pub(crate) fn of(rules: &[RuleDocument], problems: &mut Findings) -> Self {
        let mut builder = Builder::new();
        for (number, rule) in rules.iter().enumerate() {
            for entry in rule.paths.iter().flatten() {
                let target = Target { rule: number as u16, pattern: entry.index as u32 };
                let result = check(&entry.value)
                    .map_err(|(code, detail)| (code, detail.to_owned()))
                    .and_then(|()| {
                        builder
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
        builder.finish()
    }

    /// The pattern that governs a path.
    ///
    /// Whoever reads the path next may decode it, merge its slashes or resolve its dot segments. It
    /// is governed only where all these readings have the same rule.
    pub(crate) fn find(&self, path: &[u8]) -> Option<Target> {
        let path = path.strip_prefix(b"/")?;
        let found = self.descend(0, Sent::of(path), Spelling::SENT);
        let oddities = Oddities::of(path).without_conventions();
        found.filter(|_| self.have_one_rule(path, oddities, found))
    }

    /// Whether a path has another rule, or none, in one of its readings. To ignore case or a last
    /// slash, and to cut parameters off at `;`, are readings here as well.
    pub(crate) fn is_divided(&self, path: &[u8]) -> bool {
        let Some(path) = path.strip_prefix(b"/") else { return false };
        let found = self.descend(0, Sent::of(path), Spelling::SENT);
        !self.have_one_rule(path, Oddities::of(path), found)
    }

    /// Whether every reading of a path has the rule that the path has as it was sent.
    fn have_one_rule(&self, path: &[u8], oddities: Oddities, sent: Option<Target>) -> bool {
        if oddities == Oddities::default() {
            return true;
        }
        let rule = sent.map(|target| target.rule);
        oddities.splits().all(|split| {
            let segments = Segments::of(path, split);
            oddities.spellings().all(|spelling| {
                self.descend(0, segments.iter(), spelling).map(|target| target.rule) == rule
            })
        })
    }

    /// Finds the most specific pattern below a node: a literal beats `{name}`, which beats the end
    /// of a pattern, which beats `/*`. Visits no node twice, and is no deeper than the patterns.
    fn descend<'p>(
        &self,
        node: usize,
        mut segments: impl Iterator<Item = &'p [u8]> + Clone,
        spelling: Spelling,
    ) -> Option<Target> {
        let node = &self.nodes[node];
        let Some(segment) = segments.next() else { return node.end.or(node.rest) };
        let literal = || {
            let child = self.child(node, segment, spelling)?;
            self.descend(child as usize, segments.clone(), spelling)
        };
        let parameter = || {
            let child = node.parameter.filter(|_| !segment.is_empty())?;
            self.descend(child as usize, segments.clone(), spelling)
        };
        let with_slash = || {
            let is_slash = spelling.slash_ignored && segment.is_empty();
            node.end.filter(|_| is_slash && segments.clone().next().is_none())
        };
        literal().or_else(parameter).or_else(with_slash).or(node.rest)
    }

    /// Where a literal segment leads from a node.
    fn child(&self, node: &Node, segment: &[u8], spelling: Spelling) -> Option<u32> {
        let places = node.first_edge as usize..node.last_edge as usize;
        let compare = |edge: &Edge| spelling.compare(self.text(edge), segment);
        if spelling.folded && node.has_upper_case {
            // Several may differ in case alone. It is the first of them.
            let folded = &self.folded[places];
            let edge = |place: u32| &self.edges[place as usize];
            let first = folded.partition_point(|&place| compare(edge(place)).is_lt());
            let found = edge(*folded.get(first)?);
            return compare(found).is_eq().then_some(found.child);
        }
        let edges = &self.edges[places];
        let place = if spelling == Spelling::SENT {
            let beginning = beginning(segment);
            edges.binary_search_by(|edge| {
                edge.beginning.cmp(&beginning).then_with(|| self.text(edge).cmp(segment))
            })
        } else {
            edges.binary_search_by(compare)
        };
        Some(edges[place.ok()?].child)
    }

    fn text(&self, edge: &Edge) -> &[u8] {
        &self.texts[edge.start as usize..edge.end as usize]
    }
}

/// The tree while patterns are added to it.
struct Builder<'p> {
    nodes: Vec<Node>,
    links: Vec<Link<'p>>,
    /// The places of the links, to be found by where they begin and their text.
    places: HashTable<u32>,
}

/// A literal segment that leads from one node to another.
#[derive(Clone, Copy)]
struct Link<'p> {
    from: u32,
    beginning: u64,
    text: &'p [u8],
    to: u32,
}

impl<'p> Builder<'p> {
    fn new() -> Self {
        Self { nodes: vec![Node::default()], links: Vec::new(), places: HashTable::new() }
    }

    /// Adds a pattern.
    ///
    /// # Errors
    ///
    /// The pattern of the same shape that is there already.
    fn insert(&mut self, pattern: &'p str, target: Target) -> Result<(), Target> {
        let (segments, rest) = match pattern.strip_suffix("/*") {
            Some(segments) => (segments, true),
            None => (pattern, false),
        };
        let mut node = 0;
        for segment in Sent::of(segments.as_bytes()).skip(1) {
            let new = self.nodes.len() as u32;
            node = if segment.starts_with(b"{") {
                *self.nodes[node as usize].parameter.get_or_insert(new)
            } else {
                self.link(node, segment, new)
            };
            if node == new {
                self.nodes.push(Node::default());
            }
        }
        let node = &mut self.nodes[node as usize];
        let place = if rest { &mut node.rest } else { &mut node.end };
        match *place {
            Some(earlier) => Err(earlier),
            None => {
                *place = Some(target);
                Ok(())
            }
        }
    }

    /// Where a literal segment leads from a node: to the new node, unless there is a link already.
    fn link(&mut self, from: u32, text: &'p [u8], new: u32) -> u32 {
        let links = &mut self.links;
        let entry = self.places.entry(
            hash(from, text),
            |&place| links[place as usize].from == from && links[place as usize].text == text,
            |&place| hash(links[place as usize].from, links[place as usize].text),
        );
        match entry {
            Entry::Occupied(entry) => links[*entry.get() as usize].to,
            Entry::Vacant(entry) => {
                entry.insert(links.len() as u32);
                links.push(Link { from, beginning: beginning(text), text, to: new });
                new
            }
        }
    }

    /// Sorts the links once, and gives each node the place of its own.
    fn finish(self) -> Paths {
        let Self { mut nodes, mut links, .. } = self;
        links.sort_unstable_by(|one, other| {
            let numbers =
                |link: &Link<'_>| u128::from(link.from) << 64 | u128::from(link.beginning);
            numbers(one).cmp(&numbers(other)).then_with(|| one.text.cmp(other.text))
        });
        let mut texts = Vec::with_capacity(links.iter().map(|link| link.text.len()).sum());
        let mut edges = Vec::with_capacity(links.len());
        for (place, link) in (0_u32..).zip(&links) {
            let node = &mut nodes[link.from as usize];
            if node.first_edge == node.last_edge {
                node.first_edge = place;
            }
            node.last_edge = place + 1;
            node.has_upper_case |= link.text.iter().any(u8::is_ascii_uppercase);
            let start = texts.len() as u32;
            texts.extend_from_slice(link.text);
            let end = texts.len() as u32;
            edges.push(Edge { beginning: link.beginning, start, end, child: link.to });
        }
        let folded = folded_order(&nodes, &links);
        Paths { nodes, edges, folded, texts }
    }
}

/// The places of the sorted links, those of each node sorted without regard to case.
fn folded_order(nodes: &[Node], links: &[Link<'_>]) -> Vec<u32> {
    let mut folded: Vec<u32> = Vec::new();
    for node in nodes.iter().filter(|node| node.has_upper_case) {
        if folded.is_empty() {
            folded.extend(0..links.len() as u32);
        }
        folded[node.first_edge as usize..node.last_edge as usize]
            .sort_by_cached_key(|&place| links[place as usize].text.to_ascii_lowercase());
    }
    folded
}

/// The seed is fixed, as in `index/exact.rs` and for the same reason.
fn hash(from: u32, text: &[u8]) -> u64 {
    let mut hasher = FixedState::default().build_hasher();
    hasher.write_u32(from);
    hasher.write(text);
    hasher.finish()
}

/// The first eight bytes of a text, as a number that sorts as they do.
fn beginning(text: &[u8]) -> u64 {
    let mut bytes = [0; 8];
    let length = text.len().min(8);
    bytes[..length].copy_from_slice(&text[..length]);
    u64::from_be_bytes(bytes)
}

fn check(pattern: &str) -> Result<(), (Code, &'static str)> {
    let invalid = |detail| Err((Code::InvalidPath, detail));
    let Some(inner) = pattern.strip_prefix('/') else {
        return invalid("a path pattern begins with \"/\"");
    };
    if pattern.contains(['?', '#', '\\']) || pattern.contains(char::is_control) {
        return invalid("it must not have a \"?\", a \"#\", a \"\\\" or a control character");
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
        if is_unsafe(segment.as_bytes()) {
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
    use super::*;

    fn paths(patterns: &[&str]) -> Paths {
        let mut builder = Builder::new();
        for (rule, pattern) in patterns.iter().enumerate() {
            check(pattern).unwrap();
            builder.insert(pattern, Target { rule: rule as u16, pattern: 0 }).unwrap();
        }
        builder.finish()
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
    fn an_ambiguous_path_has_a_rule_only_when_all_readings_have_it() {
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
            // Decoded, with merged slashes, and both.
            ("/%61dmin/x", None),
            ("/public/%79", Some("/public/*")),
            ("/public/%78", None),
            ("//admin/x", None),
            ("/%2fadmin/x", None),
            ("//%61dmin/x", None),
            ("/public//y", Some("/public/*")),
            ("/public//x", None),
            ("/public\\..\\admin", None),
            ("/public/%5c..%5cadmin", None),
            // Merged before and after dot segments are removed.
            ("/public//../../admin/x", None),
            ("/public/y//../z", Some("/public/*")),
            // What encodes nothing, and what is decoded once.
            ("/public/%zz%", Some("/public/*")),
            ("/public/%2578", Some("/public/*")),
        ] {
            let found = paths.find(path.as_bytes()).map(|target| all[target.rule as usize]);
            assert_eq!(found, pattern, "{path}");
        }
    }

    #[test]
    fn conventions_of_frameworks_divide_a_path_for_handshakes_alone() {
        let paths = paths(&["/app/*", "/*", "/Files/*", "/Files/x", "/ws", "/chat/"]);
        for (path, rule, is_divided) in [
            ("/app/ws", Some(0), false),
            ("/APP/ws", Some(1), true),
            ("/%41pp/ws", Some(1), true),
            ("/app/WS", Some(0), false),
            ("/app;x=1/ws", Some(1), true),
            ("/app/ws;x=/../y", Some(0), false),
            ("/;/app/ws", Some(1), true),
            ("/app/..;/ws", Some(0), true),
            ("/FILES/y", Some(1), true),
            ("/Files/y", Some(2), false),
            ("/Files/X", Some(2), true),
            ("/else;app/X", Some(1), false),
            ("/ws", Some(4), false),
            ("/ws/", Some(1), true),
            ("/WS%2f", Some(1), true),
            ("/ws/x/..", Some(1), true),
            ("/ws/;x", Some(1), true),
            ("/ws//", Some(1), true),
            ("/ws/x", Some(1), false),
            // Cut, or freed of dot segments, before what is encoded separates segments.
            ("/%2f;%2fx/app/ws", Some(1), true),
            ("/x%2fy/..;/app%2fws", Some(1), true),
            // The slash is that of a pattern.
            ("/chat/", Some(5), false),
            ("/", Some(1), false),
        ] {
            let found = paths.find(path.as_bytes()).map(|target| target.rule);
            assert_eq!((found, paths.is_divided(path.as_bytes())), (rule, is_divided), "{path}");
        }
    }

    #[test]
    fn segments_are_found_whatever_their_case() {
        let all = ["/*", "/b", "/a", "/C", "/B", "/Ab", "/aB"];
        let paths = paths(&all);
        let mut folded = Spelling::SENT;
        folded.folded = true;
        for (path, pattern) in
            [("A", "/a"), ("c", "/C"), ("b", "/B"), ("B", "/B"), ("AB", "/Ab"), ("d", "/*")]
        {
            let found = paths.descend(0, Sent::of(path.as_bytes()), folded).unwrap();
            assert_eq!(all[found.rule as usize], pattern, "{path}");
        }
    }

    #[test]
    fn a_level_of_many_segments_is_found() {
        let patterns: Vec<String> = (0..1_000).map(|number| format!("/a/p{number}")).collect();
        let all: Vec<&str> = patterns.iter().map(String::as_str).collect();
        let paths = paths(&all);
        for (rule, path) in all.iter().enumerate() {
            assert_eq!(paths.find(path.as_bytes()).unwrap().rule as usize, rule);
        }
        assert_eq!(paths.find(b"/a/p1000"), None);
    }
}
