//! What all ways to write a REST API have in common.

use serde_json::{Map, Value, json};

use super::template::template;
use super::{errors, resources};
use crate::export::fixed::refuse_options;
use crate::export::{Facts, Options, Refusals, RuleView};

/// The names that the answers to preflights vary with, as API Gateway writes a fixed value.
const VARY: &str = "'Origin, Access-Control-Request-Method, Access-Control-Request-Headers'";

/// The answer of the mock integration to itself, which chooses the response.
const REQUEST_TEMPLATE: &str = r#"{"statusCode": 200}"#;

const PROXIES: &str = "Proxy integrations set the headers of their own responses: let the services \
                       behind them answer through onecors.";

/// The OPTIONS methods and the gateway responses of an API.
pub(super) struct RestApi {
    /// In the order of the resources.
    pub(super) preflights: Vec<Preflight>,
    /// The values of the headers of gateway responses.
    pub(super) errors: Map<String, Value>,
    /// What people should know, as a comment of the output.
    pub(super) note: String,
}

/// The method OPTIONS of a resource.
pub(super) struct Preflight {
    /// Such as `/orders/{id}` or `/orders/{proxy+}`.
    pub(super) path: String,
    /// What the rule is called in messages.
    pub(super) rule: String,
    /// The status of an allowed preflight.
    pub(super) status: String,
    /// The mapping template of the response.
    pub(super) template: String,
    /// The headers that the template may set on an allowed answer.
    pub(super) headers: Vec<&'static str>,
}

impl RestApi {
    pub(super) fn of(facts: &Facts<'_>, options: &Options, refusals: &mut Refusals) -> Self {
        let resources = resources::resources(facts, refusals);
        let templates: Vec<_> = facts.rules.iter().map(|rule| template(rule, refusals)).collect();
        for rule in &facts.rules {
            refuse_options(rule, "a REST API with this export", refusals);
        }
        let preflights = resources.into_iter().map(|resource| {
            let rule = &facts.rules[resource.rule];
            Preflight {
                path: resource.path,
                rule: rule.label(),
                status: rule.status.to_string(),
                template: templates[resource.rule].clone(),
                headers: headers_of(rule),
            }
        });
        Self {
            preflights: preflights.collect(),
            errors: errors::parameters(facts, options, refusals),
            note: format!("{PROXIES} {}", errors::note(options)),
        }
    }
}

impl Preflight {
    /// The mock integration, by the names of the API of API Gateway.
    pub(super) fn integration(&self) -> Value {
        json!({
            "type": "MOCK",
            "passthroughBehavior": "NEVER",
            "requestTemplates": { "application/json": REQUEST_TEMPLATE },
            "integrationResponses": [{
                "statusCode": self.status,
                "responseParameters": { "method.response.header.Vary": VARY },
                "responseTemplates": { "application/json": self.template },
            }],
        })
    }

    /// The method without the ids of its API and its resource, by the names of the API of API
    /// Gateway. It has no authorizer and needs no API key, whatever the API's other methods have.
    pub(super) fn method(&self) -> Value {
        let responses: Vec<Value> = self
            .responses()
            .iter()
            .map(|(status, names)| {
                let names = names
                    .iter()
                    .map(|name| (format!("method.response.header.{name}"), json!(false)));
                json!({ "statusCode": status, "responseParameters": Map::from_iter(names) })
            })
            .collect();
        json!({
            "httpMethod": "OPTIONS",
            "authorizationType": "NONE",
            "apiKeyRequired": false,
            "integration": self.integration(),
            "methodResponses": responses,
        })
    }

    /// The responses that the method declares: the allowed one, and the denial.
    pub(super) fn responses(&self) -> [(&str, &[&'static str]); 2] {
        [(&self.status, &self.headers), ("403", &["Vary"])]
    }
}

/// The headers of all answers that are no denials, each once, with `Vary` last.
fn headers_of(rule: &RuleView<'_>) -> Vec<&'static str> {
    let mut names: Vec<_> = rule.preflight.headers.iter().map(|header| header.name).collect();
    let actual = rule.actual.headers.iter().map(|header| header.name);
    for name in actual.chain(["Vary"]) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

/// Adds the members of one object to another.
pub(super) fn extend(object: &mut Value, more: Value) {
    if let (Value::Object(object), Value::Object(more)) = (object, more) {
        object.extend(more);
    }
}
