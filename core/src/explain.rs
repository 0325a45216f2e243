use crate::{Policy, Request, Verdict};
/// x
pub struct Explanation {
    pub(crate) verdict: Verdict,
}
impl Explanation {
    /// x
    pub fn verdict(&self) -> Verdict {
        self.verdict
    }
    /// x
    pub fn to_json(&self) -> String {
        "{}".to_owned()
    }
}
pub(crate) fn explain(policy: &Policy, request: &Request<'_>) -> Explanation {
    Explanation { verdict: policy.decide(request) }
}
