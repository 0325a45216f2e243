//! A regex of the document, narrowed to the strings that are origins.
//!
//! The engine asks a regex only about what its grammar has taken for an origin. Other systems ask
//! about whatever a client sent, so that `[^.]+` would cover `evil.example/`. Here the regex and the
//! grammar's automaton are walked together: of each part of the regex stays what leads the automaton
//! on.

use std::cell::RefCell;
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, HashMap};
use std::ptr;

use regex_syntax::hir::{Class, ClassBytes, ClassBytesRange, Hir, HirKind, Look, Repetition};

use super::grammar::{State, States};

/// The most parts that a narrowed regex may have. Some counted repetitions become long.
const MAX_PARTS: usize = 500;

/// Why a regex cannot be narrowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unportable {
    /// It covers no origin at all.
    Nothing,
    /// It asks for the border of a word.
    WordBorder,
    /// A matcher that backtracks can be kept busy with it.
    Backtracks,
    /// It would become too long.
    TooLong,
}

/// What a part of a regex can read, by the state that this leads to.
type Ways = BTreeMap<State, Hir>;

/// The part of a regex's language that are origins, without assertions.
pub(super) fn narrow(regex: &Hir) -> Result<Hir, Unportable> {
    if regex.properties().look_set().contains_word() {
        return Err(Unportable::WordBorder);
    }
    let parts = flattened(std::slice::from_ref(regex));
    let start = State::SchemeStart;
    languages(&parts, States::from_iter([start]))?.remove(&start).ok_or(Unportable::Nothing)
}

/// The parts of a regex that follow on each other, out of their groups.
fn flattened(parts: &[Hir]) -> Vec<Hir> {
    let inner = |part: &Hir| match part.kind() {
        HirKind::Capture(capture) => flattened(std::slice::from_ref(&*capture.sub)),
        HirKind::Concat(parts) => flattened(parts),
        _ => vec![part.clone()],
    };
    parts.iter().flat_map(inner).collect()
}

/// What these parts can read from each of these states on, where anything leads to an end.
///
/// From the back, so that what comes before a choice is written once.
fn languages(parts: &[Hir], from: States) -> Result<Ways, Unportable> {
    let walk = Walk::default();
    let mut before = vec![from];
    for part in parts {
        before.push(walk.reach(part, before[before.len() - 1]));
    }
    let ends = before.pop().unwrap_or_default();
    let mut rests: Ways =
        ends.iter().filter(|state| state.is_end()).map(|state| (state, Hir::empty())).collect();
    for (place, states) in before.into_iter().enumerate().rev() {
        let after = &parts[place + 1..];
        rests = match parts[place].kind() {
            HirKind::Alternation(branches) if after.iter().all(is_end) => {
                languages_of_branches(branches, after, states)?
            }
            _ => walk.through(&parts[place], states, &rests)?,
        };
    }
    Ok(rests)
}

fn languages_of_branches(
    branches: &[Hir],
    after: &[Hir],
    from: States,
) -> Result<Ways, Unportable> {
    let mut all = Ways::new();
    for branch in branches {
        let mut parts = flattened(std::slice::from_ref(branch));
        parts.extend_from_slice(after);
        add_all(&mut all, languages(&parts, from)?);
    }
    Ok(all)
}

fn is_end(part: &Hir) -> bool {
    matches!(part.kind(), HirKind::Look(look) if !is_start(*look))
}

/// A walk through parts of a regex, which stay where they are meanwhile. What a part leads to and
/// can read is found once for each state: a repetition asks several times for the part that it
/// repeats, so that the time would double with each one that stands in another.
#[derive(Default)]
struct Walk {
    reached: RefCell<HashMap<(*const Hir, State), States>>,
    read: RefCell<HashMap<(*const Hir, State, States), Ways>>,
}

impl Walk {
    /// What a part and then the rest can read from each of these states on.
    fn through(&self, part: &Hir, from: States, rests: &Ways) -> Result<Ways, Unportable> {
        let mut here = Ways::new();
        for state in from.iter() {
            let all = self.through_from(part, state, rests)?;
            here.extend(all.map(|all| (state, all)));
        }
        Ok(here)
    }

    /// The same from one state on. Where the rest is the same, it is written once.
    fn through_from(
        &self,
        part: &Hir,
        from: State,
        rests: &Ways,
    ) -> Result<Option<Hir>, Unportable> {
        let mut groups: Vec<(Option<Hir>, &Hir)> = Vec::new();
        for (to, way) in self.ways(part, from, rests.keys().copied().collect())? {
            let rest = &rests[&to];
            match groups.iter_mut().find(|(_, other)| *other == rest) {
                Some((all, _)) => *all = either(all.take(), Some(way)),
                None => groups.push((Some(way), rest)),
            }
        }
        let mut all = None;
        for (way, rest) in groups {
            let whole = way.map(|way| bounded(then(way, rest.clone()))).transpose()?;
            all = either(all, whole);
        }
        Ok(all)
    }

    /// The states that a part of a regex leads to.
    fn reach(&self, part: &Hir, from: States) -> States {
        from.iter().fold(States::default(), |all, state| all.with(self.reach_from(part, state)))
    }

    fn reach_from(&self, part: &Hir, from: State) -> States {
        let key = (ptr::from_ref(part), from);
        let known = self.reached.borrow().get(&key).copied();
        known.unwrap_or_else(|| {
            let reached = self.find_reach(part, from);
            self.reached.borrow_mut().insert(key, reached);
            reached
        })
    }

    fn find_reach(&self, part: &Hir, from: State) -> States {
        let only = States::from_iter([from]);
        match part.kind() {
            HirKind::Empty => only,
            HirKind::Literal(literal) => {
                literal.0.iter().try_fold(from, after).into_iter().collect()
            }
            HirKind::Class(class) => {
                bytes_of(class).into_iter().filter_map(|byte| from.after(byte)).collect()
            }
            HirKind::Look(look) => at(*look, from).into_iter().collect(),
            HirKind::Capture(capture) => self.reach_from(&capture.sub, from),
            HirKind::Concat(parts) => {
                parts.iter().fold(only, |states, part| self.reach(part, states))
            }
            HirKind::Alternation(branches) => branches
                .iter()
                .fold(States::default(), |all, branch| all.with(self.reach_from(branch, from))),
            HirKind::Repetition(repetition) => {
                let part = &*repetition.sub;
                let least = (0..repetition.min).fold(only, |states, _| self.reach(part, states));
                let most = repetition.max.map_or(u32::MAX, |most| most - repetition.min);
                self.closure(part, least, most)
            }
        }
    }

    /// The states that a part leads to when it comes up to so many times.
    fn closure(&self, part: &Hir, from: States, most: u32) -> States {
        let mut all = from;
        for _ in 0..most {
            let more = all.with(self.reach(part, all));
            if more == all {
                break;
            }
            all = more;
        }
        all
    }

    /// What a part of a regex can read from a state on, where it leads to a live state.
    fn ways(&self, part: &Hir, from: State, live: States) -> Result<Ways, Unportable> {
        let key = (ptr::from_ref(part), from, live);
        if let Some(known) = self.read.borrow().get(&key) {
            return Ok(known.clone());
        }
        let mut ways = self.find_ways(part, from, live)?;
        ways.retain(|&to, _| live.contains(to));
        self.read.borrow_mut().insert(key, ways.clone());
        Ok(ways)
    }

    fn find_ways(&self, part: &Hir, from: State, live: States) -> Result<Ways, Unportable> {
        let one = |to: Option<State>, way: Hir| to.map(|to| (to, way)).into_iter().collect();
        Ok(match part.kind() {
            HirKind::Empty => one(Some(from), Hir::empty()),
            HirKind::Literal(literal) => one(literal.0.iter().try_fold(from, after), part.clone()),
            HirKind::Look(look) => one(at(*look, from), Hir::empty()),
            HirKind::Class(class) => ways_of_class(class, from),
            HirKind::Capture(capture) => self.ways(&capture.sub, from, live)?,
            HirKind::Alternation(branches) => {
                let mut ways = Ways::new();
                for branch in branches {
                    add_all(&mut ways, self.ways(branch, from, live)?);
                }
                ways
            }
            HirKind::Concat(parts) => self.ways_of_concat(parts, from, live)?,
            HirKind::Repetition(repetition) => self.ways_of_repetition(repetition, from, live)?,
        })
    }

    fn ways_of_concat(&self, parts: &[Hir], from: State, live: States) -> Result<Ways, Unportable> {
        let mut lives = vec![live];
        for part in parts.iter().skip(1).rev() {
            let on = lives[lives.len() - 1];
            lives.push(leading_to(on, |from| self.reach(part, from)));
        }
        let mut ways = Ways::from([(from, Hir::empty())]);
        for part in parts {
            let live = lives.pop().unwrap_or(live);
            ways = advance(ways, |state| self.ways(part, state, live))?;
        }
        Ok(ways)
    }

    fn ways_of_repetition(
        &self,
        repetition: &Repetition,
        from: State,
        live: States,
    ) -> Result<Ways, Unportable> {
        let part = &*repetition.sub;
        let live = leading_to(live, |from| self.closure(part, from, u32::MAX));
        let step = |state| self.ways(part, state, live);
        let most = repetition.max.unwrap_or(u32::MAX);
        let mut now = Ways::from([(from, Hir::empty())]);
        let mut all = Ways::new();
        for count in 0..=most {
            let least_left = repetition.min.saturating_sub(count);
            if let Some(loops) = self_loops(&now, step)? {
                let most_left = repetition.max.map(|most| most - count);
                for (state, way) in now {
                    let way = match &loops[&state] {
                        Some(again) => then(way, repeat(again, least_left, most_left)),
                        None if least_left > 0 => continue,
                        None => way,
                    };
                    add(&mut all, state, way);
                }
                break;
            }
            if least_left == 0 {
                if repetition.max.is_none() {
                    add_all(&mut all, repeat_any(now, step)?);
                    break;
                }
                add_all(&mut all, now.clone());
            }
            now = advance(now, step)?;
        }
        Ok(all)
    }
}

fn after(state: State, byte: &u8) -> Option<State> {
    state.after(*byte)
}

/// The bytes of a class, of which those that are not ASCII are none of an origin.
fn bytes_of(class: &Class) -> Vec<u8> {
    let has = |byte: u8| match class {
        Class::Bytes(set) => set.iter().any(|range| (range.start()..=range.end()).contains(&byte)),
        Class::Unicode(set) => {
            set.iter().any(|range| (range.start()..=range.end()).contains(&char::from(byte)))
        }
    };
    (0..0x80).filter(|&byte| has(byte)).collect()
}

fn is_start(look: Look) -> bool {
    matches!(look, Look::Start | Look::StartLF | Look::StartCRLF)
}

/// Where an assertion holds, the state behind it. No origin has a line feed, so that a line is all.
fn at(look: Look, state: State) -> Option<State> {
    if is_start(look) {
        (state == State::SchemeStart).then_some(state)
    } else {
        state.is_end().then_some(State::End)
    }
}

fn ways_of_class(class: &Class, from: State) -> Ways {
    let mut sets: BTreeMap<State, Vec<ClassBytesRange>> = BTreeMap::new();
    for byte in bytes_of(class) {
        if let Some(to) = from.after(byte) {
            sets.entry(to).or_default().push(ClassBytesRange::new(byte, byte));
        }
    }
    let hir = |ranges| Hir::class(Class::Bytes(ClassBytes::new(ranges)));
    sets.into_iter().map(|(to, ranges): (_, Vec<_>)| (to, hir(ranges))).collect()
}

/// The states from which a live one can be reached.
fn leading_to(live: States, reach: impl Fn(States) -> States) -> States {
    let leads = |&state: &State| !reach(States::from_iter([state])).is_disjoint(live);
    State::ALL.into_iter().filter(leads).collect()
}

/// What can be read in two steps, of which the second depends on where the first led.
fn advance(
    ways: Ways,
    step: impl Fn(State) -> Result<Ways, Unportable>,
) -> Result<Ways, Unportable> {
    let mut all = Ways::new();
    for (state, way) in ways {
        for (to, on) in step(state)? {
            add(&mut all, to, bounded(then(way.clone(), on))?);
        }
    }
    Ok(all)
}

/// What each state reads to come back to itself, where it leads to no other one.
fn self_loops(
    ways: &Ways,
    step: impl Fn(State) -> Result<Ways, Unportable>,
) -> Result<Option<BTreeMap<State, Option<Hir>>>, Unportable> {
    let mut loops = BTreeMap::new();
    for &state in ways.keys() {
        let mut next = step(state)?;
        let again = next.remove(&state);
        if !next.is_empty() {
            return Ok(None);
        }
        loops.insert(state, again);
    }
    Ok(Some(loops))
}

/// What can be read in any number of steps: Kleene's algorithm, which allows one state after the
/// other to be passed through.
fn repeat_any(
    ways: Ways,
    step: impl Fn(State) -> Result<Ways, Unportable>,
) -> Result<Ways, Unportable> {
    let mut table: BTreeMap<State, Ways> = BTreeMap::new();
    let mut open: Vec<State> = ways.keys().copied().collect();
    while let Some(state) = open.pop() {
        if let Entry::Vacant(place) = table.entry(state) {
            let next = step(state)?;
            open.extend(next.keys());
            place.insert(next);
        }
    }
    for via in table.keys().copied().collect::<Vec<_>>() {
        pass_through(&mut table, via)?;
    }
    advance(ways, |state| {
        let mut next = table[&state].clone();
        let again = next.remove(&state).map_or_else(Hir::empty, |way| optional(&way));
        next.insert(state, again);
        Ok(next)
    })
}

fn pass_through(table: &mut BTreeMap<State, Ways>, via: State) -> Result<(), Unportable> {
    let mut onward = table[&via].clone();
    let again = onward.remove(&via);
    let any_number = again.as_ref().map_or_else(Hir::empty, |way| repeat(way, 0, None));
    for (&from, ways) in table.iter_mut() {
        let Some(way) = ways.remove(&via) else { continue };
        if from == via {
            for (_, on) in ways.iter_mut() {
                *on = then(any_number.clone(), on.clone());
            }
            ways.insert(via, repeat(&way, 1, None));
        } else {
            let way = then(way, any_number.clone());
            for (&to, on) in &onward {
                add(ways, to, bounded(then(way.clone(), on.clone()))?);
            }
            ways.insert(via, way);
        }
    }
    Ok(())
}

fn repeat(part: &Hir, min: u32, max: Option<u32>) -> Hir {
    Hir::repetition(Repetition { min, max, greedy: true, sub: Box::new(part.clone()) })
}

fn optional(part: &Hir) -> Hir {
    match part.kind() {
        HirKind::Repetition(Repetition { min: 0 | 1, max: None, sub, .. }) => repeat(sub, 0, None),
        _ => repeat(part, 0, Some(1)),
    }
}

/// One after the other. `x` and `x*` become `x+`.
fn then(first: Hir, second: Hir) -> Hir {
    let mut parts = match first.into_kind() {
        HirKind::Concat(parts) => parts,
        kind => vec![restored(kind)],
    };
    let (mut next, more) = match second.into_kind() {
        HirKind::Concat(mut parts) => (parts.remove(0), parts),
        kind => (restored(kind), Vec::new()),
    };
    if let HirKind::Repetition(Repetition { min, max, sub, .. }) = next.kind()
        && parts.last() == Some(sub)
    {
        next = repeat(sub, min + 1, max.map(|most| most + 1));
        parts.pop();
    }
    parts.push(next);
    parts.extend(more);
    Hir::concat(parts)
}

fn restored(kind: HirKind) -> Hir {
    match kind {
        HirKind::Empty => Hir::empty(),
        HirKind::Literal(literal) => Hir::literal(literal.0),
        HirKind::Class(class) => Hir::class(class),
        HirKind::Look(look) => Hir::look(look),
        HirKind::Repetition(repetition) => Hir::repetition(repetition),
        HirKind::Capture(capture) => Hir::capture(capture),
        HirKind::Concat(parts) => Hir::concat(parts),
        HirKind::Alternation(branches) => Hir::alternation(branches),
    }
}

fn either(one: Option<Hir>, other: Option<Hir>) -> Option<Hir> {
    match (one, other) {
        (Some(one), Some(other)) if one == other => Some(one),
        (Some(one), Some(other)) if is_empty(&one) => Some(optional(&other)),
        (Some(one), Some(other)) if is_empty(&other) => Some(optional(&one)),
        (Some(one), Some(other)) => Some(Hir::alternation(vec![one, other])),
        (one, other) => one.or(other),
    }
}

fn is_empty(hir: &Hir) -> bool {
    matches!(hir.kind(), HirKind::Empty)
}

fn add(ways: &mut Ways, to: State, way: Hir) {
    let all = either(ways.remove(&to), Some(way));
    ways.extend(all.map(|all| (to, all)));
}

fn add_all(ways: &mut Ways, more: Ways) {
    for (to, way) in more {
        add(ways, to, way);
    }
}

/// A regex that is not too long.
fn bounded(hir: Hir) -> Result<Hir, Unportable> {
    fn parts(hir: &Hir) -> usize {
        1 + hir.kind().subs().iter().map(parts).sum::<usize>()
    }
    if parts(&hir) > MAX_PARTS { Err(Unportable::TooLong) } else { Ok(hir) }
}
