//! Exports: a policy in the configuration language of a system that has CORS of its own.
//!
//! An export is faithful or refused. It is faithful when a browser (Fetch, "CORS protocol") comes to
//! the same end on every request: a page reads, sends and is refused just what the engine says.
//! What no browser can tell apart may differ: the spelling of a refusal, lines that nobody asked for,
//! and names that are no host of the DNS, such as a label of more than 63 bytes. So may what no page
//! sends in good faith: more than 64 header names, and dot segments beside an encoded slash, since
//! browsers remove all others. Whatever else a target cannot say is a [`Refusal`], with the rule, the
//! reason, and what to do instead.

mod aws;
mod envoy;
mod facts;
mod fixed;
mod gateway_api;
mod kong;
mod nginx;
mod portable;
mod proxy;
mod refusal;
mod routes;
mod traefik;
mod yaml;

use std::fmt;

use onecors_core::Policy;

pub(crate) use self::facts::{Facts, RuleView};
pub use self::refusal::{Refusal, Refusals};

/// A system that a policy can be exported to.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Target {
    /// What the command line calls it, such as `aws-http`.
    pub name: &'static str,
    /// What it is, and what the export is to be used as, in one line.
    pub summary: &'static str,
    write: fn(&Facts<'_>, &Options, &mut Refusals) -> String,
}

/// What an export can be told.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Options {
    /// How the responses that a gateway makes by itself get their origin.
    pub gateway_responses: GatewayResponses,
}

impl Options {
    /// Sets where the responses of a gateway get their origin.
    #[must_use]
    pub fn gateway_responses(mut self, choice: GatewayResponses) -> Self {
        self.gateway_responses = choice;
        self
    }
}

/// How the error responses that Amazon API Gateway makes by itself get their
/// `Access-Control-Allow-Origin`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum GatewayResponses {
    /// A fixed value, which only a policy of one origin, or of any origin without credentials, has.
    #[default]
    Fixed,
    /// What the onecors authorizer of the API has put into its context.
    Authorizer,
    /// The request's own origin, whatever it is: every page may read these errors.
    Reflect,
}

/// Every target, in the order of the documentation.
pub const TARGETS: &[Target] = &[
    aws::rest::TARGET,
    aws::http::TARGET,
    aws::function_url::TARGET,
    aws::cloudfront::TARGET,
    aws::sam::TARGET,
    aws::cdk::TARGET,
    aws::openapi::TARGET,
    envoy::TARGET,
    gateway_api::TARGET,
    traefik::TARGET,
    kong::TARGET,
    nginx::TARGET,
];

/// Finds a target by its name.
pub fn target(name: &str) -> Option<&'static Target> {
    TARGETS.iter().find(|target| target.name == name)
}

impl Target {
    /// Whether [`Options::gateway_responses`] means something to the target.
    pub fn has_gateway_responses(&self) -> bool {
        aws::REST_APIS.contains(&self.name)
    }

    /// Writes the policy in the target's language.
    ///
    /// # Errors
    ///
    /// Everything that the target cannot express; nothing is written then.
    pub fn export(&self, policy: &Policy, options: &Options) -> Result<String, Refusals> {
        let facts = Facts::of(policy);
        let mut refusals = Refusals::of(self.name);
        let text = (self.write)(&facts, options, &mut refusals);
        if refusals.as_slice().is_empty() { Ok(text) } else { Err(refusals) }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}
