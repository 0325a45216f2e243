//! What a decision says: an outcome, a reason when it is a refusal, and the number of a plan.

use serde::Serialize;

/// What kind of answer a request gets.
///
/// The numbers are part of the boundary of every binding and never change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
#[non_exhaustive]
pub enum Outcome {
    /// No rule governs the path: the response is left alone.
    Ungoverned = 0,
    /// The request has no `Origin`, so it is not a CORS request.
    NotCors = 1,
    /// An actual request from an allowed origin.
    ActualAllowed = 2,
    /// An actual request whose answer the page will not get to read.
    ActualDenied = 3,
    /// A CORS-preflight request to be answered with the plan's status.
    PreflightAllowed = 4,
    /// A CORS-preflight request to be refused with the plan's status.
    PreflightDenied = 5,
}

impl Outcome {
    /// Every outcome, in the order of their numbers.
    pub const ALL: [Self; 6] = [
        Self::Ungoverned,
        Self::NotCors,
        Self::ActualAllowed,
        Self::ActualDenied,
        Self::PreflightAllowed,
        Self::PreflightDenied,
    ];

    /// The stable code, such as `actual_allowed`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ungoverned => "ungoverned",
            Self::NotCors => "not_cors",
            Self::ActualAllowed => "actual_allowed",
            Self::ActualDenied => "actual_denied",
            Self::PreflightAllowed => "preflight_allowed",
            Self::PreflightDenied => "preflight_denied",
        }
    }

    /// The outcome of this number, if there is one.
    pub const fn from_number(number: u8) -> Option<Self> {
        if (number as usize) < Self::ALL.len() { Some(Self::ALL[number as usize]) } else { None }
    }
}

/// Why a request was refused.
///
/// The numbers are part of the boundary of every binding and never change; 0 stands for "no reason"
/// there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
#[non_exhaustive]
pub enum Reason {
    /// `Origin` is not what the Fetch standard's *serialising a request origin* produces.
    MalformedOrigin = 1,
    /// No origin pattern of the rule covers the origin.
    OriginNotAllowed = 2,
    /// `Access-Control-Request-Method` is not one token.
    MalformedRequestMethod = 3,
    /// The method is neither safelisted nor listed, or browsers forbid it.
    MethodNotAllowed = 4,
    /// `Access-Control-Request-Headers` has more than 8,192 bytes or 64 names.
    TooManyHeaders = 5,
    /// `Access-Control-Request-Headers` is not a list of tokens.
    MalformedRequestHeaders = 6,
    /// A requested header name is not listed.
    HeaderNotAllowed = 7,
}

impl Reason {
    /// Every reason, in the order of their numbers, which is the order of the checks.
    pub const ALL: [Self; 7] = [
        Self::MalformedOrigin,
        Self::OriginNotAllowed,
        Self::MalformedRequestMethod,
        Self::MethodNotAllowed,
        Self::TooManyHeaders,
        Self::MalformedRequestHeaders,
        Self::HeaderNotAllowed,
    ];

    /// The stable code, such as `origin_not_allowed`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::MalformedOrigin => "malformed_origin",
            Self::OriginNotAllowed => "origin_not_allowed",
            Self::MalformedRequestMethod => "malformed_request_method",
            Self::MethodNotAllowed => "method_not_allowed",
            Self::TooManyHeaders => "too_many_headers",
            Self::MalformedRequestHeaders => "malformed_request_headers",
            Self::HeaderNotAllowed => "header_not_allowed",
        }
    }

    /// The reason of this number, if there is one; 0 is none.
    pub const fn from_number(number: u8) -> Option<Self> {
        if number >= 1 && (number as usize) <= Self::ALL.len() {
            Some(Self::ALL[number as usize - 1])
        } else {
            None
        }
    }
}

/// A decision, packed into one integer so that it crosses a language boundary for free.
///
/// The outcome is in the low byte, the reason (0 for none) in the next, and the plan's number in the
/// upper half. A verdict means something only beside the policy that gave it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Verdict(u32);

impl Verdict {
    pub(crate) const fn new(outcome: Outcome, reason: Option<Reason>, plan: u16) -> Self {
        let reason = match reason {
            Some(reason) => reason as u32,
            None => 0,
        };
        Self((plan as u32) << 16 | reason << 8 | outcome as u32)
    }

    /// The packed integer.
    pub const fn bits(self) -> u32 {
        self.0
    }

    /// The verdict that this integer stands for, or `None` when no engine could have made it.
    pub const fn from_bits(bits: u32) -> Option<Self> {
        let outcome = Outcome::from_number(bits as u8);
        let reason = (bits >> 8) as u8;
        if outcome.is_some() && (reason == 0 || Reason::from_number(reason).is_some()) {
            Some(Self(bits))
        } else {
            None
        }
    }

    /// What kind of answer the request gets.
    pub const fn outcome(self) -> Outcome {
        // The fallback is never reached: both constructors checked the byte.
        match Outcome::from_number(self.0 as u8) {
            Some(outcome) => outcome,
            None => Outcome::ActualDenied,
        }
    }

    /// Why the request was refused; `None` for every other outcome.
    pub const fn reason(self) -> Option<Reason> {
        Reason::from_number((self.0 >> 8) as u8)
    }

    /// The number of the plan: an index into [`Policy::plans`](crate::Policy::plans).
    pub const fn plan(self) -> usize {
        (self.0 >> 16) as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_verdict_keeps_its_three_parts_in_their_places() {
        let verdict =
            Verdict::new(Outcome::PreflightDenied, Some(Reason::HeaderNotAllowed), 0xABCD);
        assert_eq!(verdict.bits(), 0xABCD_0705);
        assert_eq!(Verdict::from_bits(0xABCD_0705), Some(verdict));
        assert_eq!(verdict.outcome(), Outcome::PreflightDenied);
        assert_eq!(verdict.reason(), Some(Reason::HeaderNotAllowed));
        assert_eq!(verdict.plan(), 0xABCD);
    }

    #[test]
    fn an_integer_no_engine_makes_is_no_verdict() {
        assert_eq!(Verdict::from_bits(6), None);
        assert_eq!(Verdict::from_bits(0x0800), None);
    }

    #[test]
    fn numbers_and_codes_lead_back_to_themselves() {
        for (number, outcome) in Outcome::ALL.into_iter().enumerate() {
            assert_eq!(Outcome::from_number(number as u8), Some(outcome));
            assert_eq!(serde_json::to_value(outcome).expect("a string"), outcome.as_str());
        }
        for reason in Reason::ALL {
            assert_eq!(Reason::from_number(reason as u8), Some(reason));
            assert_eq!(serde_json::to_value(reason).expect("a string"), reason.as_str());
        }
    }
}
