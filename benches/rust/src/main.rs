//! Measures the engine, and its layer for tower, beside what Rust has today.
//!
//! ```text
//! onecors-benches measure
//! onecors-benches call FRAMEWORK SUBJECT SET SCENARIO CALLS
//! onecors-benches serve SUBJECT PORT DOCUMENT
//! ```
//!
//! `measure` prints a line of JSON for each thing measured. `call` makes calls of one subject, for
//! callgrind to count. `serve` is a server for a load generator.

mod actix;
mod decide;
mod documents;
mod rounds;
mod server;
mod subject;
mod tower;

use documents::{Document, Scenario};
use rounds::Framework;

const FRAMEWORKS: [Framework; 3] =
    [("decide", decide::subjects), ("tower", tower::subjects), ("actix", actix::subjects)];

const SETS: [(&str, usize); 6] = [
    ("exact-10", 101),
    ("exact-1000", 101),
    ("exact-100000", 31),
    ("exact-1000000", 31),
    ("wildcard-100", 51),
    ("regex-100", 51),
];

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["measure"] => measure(),
        ["call", framework, subject, set, scenario, calls] => {
            call(framework, subject, set, scenario, calls.parse().expect("a number"));
        }
        ["serve", subject, port, document] => server::run(subject, port, document),
        _ => panic!("say measure, call or serve, as the source does"),
    }
}

fn measure() {
    let quick = std::env::var_os("QUICK").is_some();
    for framework in FRAMEWORKS {
        for (set, rounds) in SETS {
            if quick && !["exact-10", "regex-100"].contains(&set) {
                continue;
            }
            eprintln!("{}, {set}", framework.0);
            rounds::adapters(framework, set, if quick { 2 } else { rounds });
        }
        rounds::hostility(framework, if quick { 2 } else { 15 });
    }
}

fn call(framework: &str, subject: &str, set: &str, scenario: &str, calls: usize) {
    let (_, make) = FRAMEWORKS.into_iter().find(|it| it.0 == framework).expect("a framework");
    let mut subjects = make(&Document::of(set));
    let subject = subjects.iter_mut().find(|it| it.name() == subject).expect("a subject");
    let scenario = Scenario::all(set).into_iter().find(|it| it.name == scenario);
    // Whatever is done once only, such as the log of a denial, is done in these.
    let scenario = scenario.expect("a scenario");
    subject.time(&scenario, 100);
    subject.time(&scenario, calls);
}
