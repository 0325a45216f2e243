//! Collects problems, and keeps a bounded number of them.

use crate::order::{DocumentOrder, Place};
use crate::problem::{MAX_PROBLEMS, Problem, Problems};

/// The most bytes of text that the listed problems have together. A pointer is as long as the keys
/// on the way, so that their number alone would not bound them.
const MAX_BYTES: usize = 1 << 20;

/// The problems of a document. Those that will be listed are the first ones in the order of the
/// document; all others are counted and dropped as they are found, so that a document that is wrong
/// everywhere takes no more memory than one that is wrong a thousand times.
#[derive(Default)]
pub(crate) struct Findings {
    pub(crate) order: DocumentOrder,
    /// Up to twice as many as will be listed, so that sorting costs little for each.
    kept: Vec<(Place, Problem)>,
    /// The size of the kept problems.
    bytes: usize,
    /// What is found at this place or behind it will not be listed.
    limit: Option<Place>,
    dropped: usize,
}

impl Findings {
    /// Adds a problem at the place that its pointer names.
    pub(crate) fn push(&mut self, problem: Problem) {
        let place = self.order.place(&problem.pointer);
        self.push_at(place, || problem);
    }

    /// Adds a problem at a place. It is not even made where it will not be listed.
    pub(crate) fn push_at(&mut self, place: Place, problem: impl FnOnce() -> Problem) {
        if self.limit.is_some_and(|limit| place >= limit) {
            self.dropped += 1;
            return;
        }
        let problem = problem();
        self.bytes += size(&problem);
        self.kept.push((place, problem));
        if self.kept.len() >= 2 * MAX_PROBLEMS || self.bytes >= 2 * MAX_BYTES {
            self.cut();
        }
    }

    /// Adds a problem at the place that this pointer names, made only where it will be listed.
    pub(crate) fn push_with(&mut self, pointer: String, problem: impl FnOnce(String) -> Problem) {
        self.push_at(self.order.place(&pointer), || problem(pointer));
    }

    /// Adds so many problems that will not be listed, since a list has enough of them in front.
    pub(crate) fn count_more(&mut self, more: usize) {
        self.dropped += more;
    }

    /// How many problems were found.
    pub(crate) fn count(&self) -> usize {
        self.kept.len() + self.dropped
    }

    /// All problems in the order of the document; `None` when there are none.
    pub(crate) fn into_problems(mut self) -> Option<Problems> {
        self.cut();
        let listed: Vec<_> = self.kept.into_iter().map(|(_, problem)| problem).collect();
        (!listed.is_empty()).then(|| Problems::new(listed, self.dropped))
    }

    /// Puts the problems in order, those at the same place as they were found, and drops what is
    /// beyond the bounds. The first one is kept however long it is.
    fn cut(&mut self) {
        self.kept.sort_by_key(|&(place, _)| place);
        let mut bytes = 0;
        let fitting = self.kept.iter().take(MAX_PROBLEMS).take_while(|(_, problem)| {
            bytes += size(problem);
            bytes <= MAX_BYTES
        });
        let count = fitting.count().max(1);
        if let Some(&(place, _)) = self.kept.get(count) {
            self.limit = Some(place);
            self.dropped += self.kept.len() - count;
            self.kept.truncate(count);
        }
        self.bytes = self.kept.iter().map(|(_, problem)| size(problem)).sum();
    }
}

/// The bytes of a problem's texts.
fn size(problem: &Problem) -> usize {
    let help = problem.help.as_ref().map_or(0, String::len);
    problem.pointer.len() + problem.message.len() + help
}
