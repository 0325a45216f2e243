//! What is measured.

use std::hint::black_box;
use std::time::{Duration, Instant};

use crate::documents::Scenario;

/// The header fields of an answer, names in lower case.
pub type Fields = Vec<(String, String)>;

/// Something that answers requests.
pub trait Subject {
    fn name(&self) -> &'static str;
    /// The time of this many calls, that of making the requests not counted.
    fn time(&mut self, scenario: &Scenario, calls: usize) -> Duration;
    /// One answer.
    fn answer(&mut self, scenario: &Scenario) -> Fields;
}

/// A subject made of the three steps of one call.
pub struct Steps<M, C, R> {
    pub name: &'static str,
    /// Makes the n-th request.
    pub make: M,
    pub call: C,
    pub read: R,
}

impl<M, C, R, Q, A> Subject for Steps<M, C, R>
where
    M: Fn(&Scenario, usize) -> Q,
    C: FnMut(Q) -> A,
    R: Fn(A) -> Fields,
{
    fn name(&self) -> &'static str {
        self.name
    }

    fn time(&mut self, scenario: &Scenario, calls: usize) -> Duration {
        let requests: Vec<Q> = (0..calls).map(|number| (self.make)(scenario, number)).collect();
        let start = Instant::now();
        measured(requests, &mut self.call);
        start.elapsed()
    }

    fn answer(&mut self, scenario: &Scenario) -> Fields {
        (self.read)((self.call)((self.make)(scenario, 0)))
    }
}

/// By this name callgrind knows what to count.
#[inline(never)]
fn measured<Q, A>(requests: Vec<Q>, call: &mut impl FnMut(Q) -> A) {
    for request in requests {
        black_box(call(black_box(request)));
    }
}
