//! Wildcard patterns: at most one hash look-up per label of an origin's host, however many patterns
//! there are.

use std::hash::{BuildHasher, Hasher};

use foldhash::fast::FixedState;
use hashbrown::HashTable;

use super::affixes::{Prefixes, Text};
use crate::host::MAX_LABEL;
use crate::origin::Origin;
use crate::pattern::{HostPattern, PortPattern, TuplePattern};

/// The patterns that cover more than one origin, by scheme and by the part of the host that is
/// literal up to its end.
#[derive(Default)]
pub(super) struct Wildcards {
    groups: HashTable<Group>,
    /// Bit n is set when a group's name has n labels, so that a host of a hundred labels costs no
    /// hundred look-ups.
    depths: u128,
}

/// The patterns of one scheme and one name.
struct Group {
    scheme: Box<[u8]>,
    name: Box<[u8]>,
    /// The name itself, with any port.
    host: Ports,
    /// One or more labels in front of the name.
    subdomains: Ports,
    /// One label in front of the name: by prefix, then by reversed suffix.
    partials: Prefixes<Prefixes<Ports>>,
    /// Whether none of these can cover another one, as is usual. Looking for it takes as long as all
    /// else, where there are very many.
    are_apart: bool,
    /// What `partials` will be made from.
    unsorted: Vec<Partial>,
}

/// A pattern of one label in front of a name.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Partial {
    prefix: Text,
    /// Back to front.
    suffix: Text,
    ports: PortPattern,
    entry: u32,
}

/// Entries of the document by the ports that they cover.
#[derive(Default)]
struct Ports {
    any: Option<u32>,
    absent: Option<u32>,
    /// Sorted by port.
    numbers: Vec<(u16, u32)>,
}

impl Ports {
    /// Adds an entry. [`Ports::finish`] has to follow the last call.
    fn insert(&mut self, ports: PortPattern, entry: u32, repeated: &mut Vec<u32>) {
        let slot = match ports {
            PortPattern::Any => &mut self.any,
            PortPattern::Absent => &mut self.absent,
            PortPattern::Number(port) => return self.numbers.push((port, entry)),
        };
        if slot.is_some() {
            repeated.push(entry);
        }
        slot.get_or_insert(entry);
    }

    /// Sorts the ports, and drops the entries whose port an earlier entry has.
    fn finish(&mut self, repeated: &mut Vec<u32>) {
        self.numbers.sort_unstable();
        self.numbers.dedup_by(|(port, entry), (kept, _)| {
            let again = port == kept;
            repeated.extend(again.then_some(*entry));
            again
        });
    }

    /// The ports of patterns that are equal but for these.
    fn of(partials: &[Partial], repeated: &mut Vec<u32>) -> Self {
        let mut all = Self::default();
        for partial in partials {
            all.insert(partial.ports, partial.entry, repeated);
        }
        all.finish(repeated);
        all
    }

    /// An entry other than the excepted one that covers all these ports.
    fn covering(&self, ports: PortPattern, except: Option<u32>) -> Option<u32> {
        let equal = || match ports {
            PortPattern::Any => None,
            PortPattern::Absent => self.absent,
            PortPattern::Number(port) => {
                let place = self.numbers.binary_search_by_key(&port, |&(port, _)| port).ok()?;
                Some(self.numbers[place].1)
            }
        };
        self.any.filter(|_| self.any != except).or_else(|| equal().filter(|&e| Some(e) != except))
    }
}

/// What is looked up: an origin, or a pattern that another one may cover.
#[derive(Clone, Copy)]
struct Query<'q> {
    scheme: &'q [u8],
    /// The host, or what follows the label with the wildcard.
    name: &'q [u8],
    in_front: InFront<'q>,
    ports: PortPattern,
    except: Option<u32>,
}

/// What stands in front of a query's name.
#[derive(Clone, Copy)]
enum InFront<'q> {
    /// Nothing: the name is the host.
    Nothing,
    /// One or more labels, whatever they are.
    Labels,
    /// One label with a wildcard between these two.
    Label(&'q [u8], &'q [u8]),
}

impl Wildcards {
    pub(super) fn is_empty(&self) -> bool {
        self.groups.is_empty()
    }

    /// Adds a pattern, or its entry to the repeated ones when it is there already.
    /// [`Wildcards::finish`], which finds more of these, has to follow the last call.
    pub(super) fn insert(
        &mut self,
        pattern: &TuplePattern<'_>,
        entry: usize,
        repeated: &mut Vec<u32>,
    ) {
        let group = self.group(pattern.scheme.as_bytes(), pattern.host.fixed().as_bytes());
        let (ports, entry) = (pattern.port, entry as u32);
        match pattern.host {
            HostPattern::Exact(_) => group.host.insert(ports, entry, repeated),
            HostPattern::Subdomains { .. } => group.subdomains.insert(ports, entry, repeated),
            HostPattern::Partial { prefix, suffix, .. } => {
                let prefix = Text::of(prefix.as_bytes());
                let suffix = Text::of(Reversed::of(suffix.as_bytes()).as_bytes());
                group.unsorted.push(Partial { prefix, suffix, ports, entry });
            }
        }
    }

    fn group(&mut self, scheme: &[u8], name: &[u8]) -> &mut Group {
        self.depths |= 1 << suffixes(name).count();
        self.groups
            .entry(
                hash(scheme, name),
                |group| *group.scheme == *scheme && *group.name == *name,
                |group| hash(&group.scheme, &group.name),
            )
            .or_insert_with(|| Group {
                scheme: scheme.into(),
                name: name.into(),
                host: Ports::default(),
                subdomains: Ports::default(),
                partials: Prefixes::default(),
                are_apart: true,
                unsorted: Vec::new(),
            })
            .into_mut()
    }

    /// Makes the index ready for look-ups.
    pub(super) fn finish(&mut self, repeated: &mut Vec<u32>) {
        for group in self.groups.iter_mut() {
            group.finish(repeated);
        }
    }

    /// The entry that covers this origin.
    pub(super) fn find(&self, origin: &Origin<'_>) -> Option<usize> {
        self.covering(Query {
            scheme: origin.scheme,
            name: origin.host,
            in_front: InFront::Nothing,
            ports: origin.port.map_or(PortPattern::Absent, PortPattern::Number),
            except: None,
        })
    }

    /// An entry that covers everything that this pattern, an entry itself, covers.
    pub(super) fn find_covering(&self, pattern: &TuplePattern<'_>, entry: usize) -> Option<usize> {
        self.covering(Query {
            scheme: pattern.scheme.as_bytes(),
            name: pattern.host.fixed().as_bytes(),
            in_front: match pattern.host {
                HostPattern::Exact(_) => InFront::Nothing,
                HostPattern::Subdomains { .. } => InFront::Labels,
                HostPattern::Partial { prefix, suffix, .. } => {
                    InFront::Label(prefix.as_bytes(), suffix.as_bytes())
                }
            },
            ports: pattern.port,
            except: Some(entry as u32),
        })
    }

    fn covering(&self, query: Query<'_>) -> Option<usize> {
        let Query { scheme, name, .. } = query;
        suffixes(name)
            .zip(1_u32..)
            .take_while(|&(_, depth)| self.depths >> depth != 0)
            .filter(|&(_, depth)| self.depths >> depth & 1 != 0)
            .find_map(|(start, _)| {
                let suffix = &name[start..];
                let group = self.groups.find(hash(scheme, suffix), |group| {
                    *group.name == *suffix && *group.scheme == *scheme
                })?;
                group.covering(&name[..start], query)
            })
            .map(|entry| entry as usize)
    }
}

impl Group {
    fn finish(&mut self, repeated: &mut Vec<u32>) {
        self.host.finish(repeated);
        self.subdomains.finish(repeated);
        let mut partials = std::mem::take(&mut self.unsorted);
        partials.sort_unstable();
        let by_prefix = partials.chunk_by_mut(|one, other| one.prefix == other.prefix);
        self.partials = Prefixes::of_sorted(by_prefix.map(|partials| {
            let prefix = std::mem::take(&mut partials[0].prefix);
            let by_suffix = partials.chunk_by_mut(|one, other| one.suffix == other.suffix);
            let suffixes = by_suffix.map(|partials| {
                let suffix = std::mem::take(&mut partials[0].suffix);
                (suffix, Ports::of(partials, repeated))
            });
            (prefix, Prefixes::of_sorted(suffixes))
        }));
        self.are_apart = self.partials.are_apart() && self.partials.values().all(is_one);
    }

    /// The entry that covers a query whose name is the group's name with `labels` (which end in a
    /// dot, if there are any) in front.
    fn covering(&self, labels: &[u8], query: Query<'_>) -> Option<u32> {
        let Query { ports, except, .. } = query;
        let Some((_, label)) = labels.split_last() else {
            return match query.in_front {
                InFront::Nothing => self.host.covering(ports, except),
                InFront::Labels => self.subdomains.covering(ports, except),
                InFront::Label(head, tail) => {
                    let partial = || self.partial(Label::Pattern(head, tail), ports, except);
                    let subdomains = self.subdomains.covering(ports, except);
                    subdomains.or_else(|| (!self.are_apart).then(partial).flatten())
                }
            };
        };
        let one_label = matches!(query.in_front, InFront::Nothing) && !label.contains(&b'.');
        self.subdomains.covering(ports, except).or_else(|| {
            one_label.then(|| self.partial(Label::Whole(label), ports, except)).flatten()
        })
    }

    fn partial(&self, label: Label<'_>, ports: PortPattern, except: Option<u32>) -> Option<u32> {
        let reversed = Reversed::of(label.tail());
        self.partials.of(label.head()).find_map(|(prefix, suffixes)| {
            suffixes
                .of(reversed.as_bytes())
                .filter(|(suffix, _)| label.has_star(prefix.len(), suffix.len()))
                .find_map(|(_, entries)| entries.covering(ports, except))
        })
    }
}

/// Whether all these suffixes belong to one pattern.
fn is_one(suffixes: &Prefixes<Ports>) -> bool {
    let count = |ports: &Ports| {
        usize::from(ports.any.is_some()) + usize::from(ports.absent.is_some()) + ports.numbers.len()
    };
    suffixes.values().map(count).sum::<usize>() == 1
}

/// The label that a partial wildcard is held against.
#[derive(Clone, Copy)]
enum Label<'q> {
    /// A label of a host.
    Whole(&'q [u8]),
    /// The two ends of a partial wildcard.
    Pattern(&'q [u8], &'q [u8]),
}

impl<'q> Label<'q> {
    fn head(self) -> &'q [u8] {
        match self {
            Self::Whole(label) | Self::Pattern(label, _) => label,
        }
    }

    fn tail(self) -> &'q [u8] {
        match self {
            Self::Whole(label) | Self::Pattern(_, label) => label,
        }
    }

    /// Whether what is left between a prefix and a suffix of these lengths is what a `*` covers:
    /// one or more of `a-z 0-9 -`. A valid label has beyond these only underscores.
    fn has_star(self, prefix: usize, suffix: usize) -> bool {
        match self {
            Self::Whole(label) => {
                prefix + suffix < label.len()
                    && !label[prefix..label.len() - suffix].contains(&b'_')
            }
            Self::Pattern(head, tail) => {
                !head[prefix..].contains(&b'_') && !tail[..tail.len() - suffix].contains(&b'_')
            }
        }
    }
}

/// A label back to front, on the stack.
struct Reversed {
    bytes: [u8; MAX_LABEL],
    length: usize,
}

impl Reversed {
    /// The label has passed the grammar, so it is no longer than a label can be.
    fn of(label: &[u8]) -> Self {
        let mut bytes = [0; MAX_LABEL];
        let length = label.len().min(MAX_LABEL);
        for (place, &byte) in bytes.iter_mut().zip(label.iter().rev()) {
            *place = byte;
        }
        Self { bytes, length }
    }

    fn as_bytes(&self) -> &[u8] {
        &self.bytes[..self.length]
    }
}

/// Where the suffixes of a name begin that are whole labels, from the last label on. A trailing dot
/// belongs to the last label.
fn suffixes(name: &[u8]) -> impl Iterator<Item = usize> {
    let mut end = Some(name.strip_suffix(b".").unwrap_or(name).len());
    std::iter::from_fn(move || {
        let dot = name[..end?].iter().rposition(|&byte| byte == b'.');
        end = dot;
        Some(dot.map_or(0, |dot| dot + 1))
    })
}

/// The seed is fixed, as in `exact.rs` and for the same reason.
fn hash(scheme: &[u8], name: &[u8]) -> u64 {
    let mut hasher = FixedState::default().build_hasher();
    hasher.write(scheme);
    hasher.write(name);
    hasher.finish()
}
