//! The decision alone, against a look-up in a hash set.

use hashbrown::HashSet;
use onecors::{Policy, Request};

use crate::documents::{Document, Scenario, Shared, shared};
use crate::subject::{Fields, Steps, Subject};

/// A request as a server holds it: texts of its own.
struct Owned {
    method: Box<str>,
    origin: Option<Box<str>>,
    request_method: Option<Box<str>>,
    request_headers: Option<Box<str>>,
}

impl Owned {
    fn new(scenario: &Scenario, number: usize) -> Self {
        Self {
            method: scenario.method.as_str().into(),
            origin: scenario.origin(number).map(Into::into),
            request_method: scenario.request_method.as_deref().map(Into::into),
            request_headers: scenario.request_headers.as_deref().map(Into::into),
        }
    }

    fn view(&self) -> Request<'_> {
        Request::default()
            .method(Some(self.method.as_bytes()))
            .path(Some(b"/items"))
            .origin(self.origin.as_deref().map(str::as_bytes))
            .access_control_request_method(self.request_method.as_deref().map(str::as_bytes))
            .access_control_request_headers(self.request_headers.as_deref().map(str::as_bytes))
    }
}

pub fn subjects(document: &Document) -> Vec<Box<dyn Subject>> {
    let policy = Policy::from_slice(&document.text).expect("a policy");
    let nothing = |request: Owned| (request, 0);
    let onecors = move |request: Owned| {
        let verdict = policy.decide(&request.view()).bits();
        (request, verdict)
    };
    let mut all: Vec<Box<dyn Subject>> = vec![
        Box::new(Steps { name: "nothing", make: Owned::new, call: nothing, read: no_fields }),
        Box::new(Steps { name: "onecors", make: Owned::new, call: onecors, read: no_fields }),
    ];
    if let Some(origins) = &document.exact {
        let limit = Limit::new(origins, shared());
        let call = move |request: Owned| {
            let allowed = limit.allows(&request);
            (request, u32::from(allowed))
        };
        all.push(Box::new(Steps { name: "hash set", make: Owned::new, call, read: no_fields }));
    }
    all
}

/// A decision makes no answer.
fn no_fields(_: (Owned, u32)) -> Fields {
    Vec::new()
}

/// The hash sets that no decision can do without.
struct Limit {
    origins: HashSet<Box<str>>,
    methods: HashSet<Box<str>>,
    headers: HashSet<Box<str>>,
}

impl Limit {
    fn new(origins: &[String], shared: Shared) -> Self {
        let set = |texts: &[String]| texts.iter().map(|text| text.as_str().into()).collect();
        Self {
            origins: set(origins),
            methods: set(&shared.allow_methods),
            headers: set(&shared.allow_headers),
        }
    }

    fn allows(&self, request: &Owned) -> bool {
        let Some(origin) = &request.origin else { return false };
        if !self.origins.contains(origin) {
            return false;
        }
        let (Some(method), "OPTIONS") = (&request.request_method, &*request.method) else {
            return true;
        };
        self.methods.contains(method)
            && request.request_headers.as_deref().is_none_or(|list| {
                list.split(',').all(|name| self.headers.contains(name.trim_ascii()))
            })
    }
}
