//! Measuring in rounds: in each all subjects have their turn, in random order, so that whatever else
//! the machine does falls on all alike.

use std::time::Duration;

use serde::Serialize;

use crate::documents::{Document, Hostile, Scenario, hostile};
use crate::subject::Subject;

/// The frameworks: each makes its subjects for a policy.
pub type Framework = (&'static str, fn(&Document) -> Vec<Box<dyn Subject>>);

/// A batch is long enough for the clock, and no longer than the rounds can bear.
const BATCH: Duration = Duration::from_micros(400);
/// The most calls of a batch, whose requests are all made before.
const MOST_CALLS: usize = 2_000;
/// A subject that needs longer for one call is left out of the set.
const SLOWEST: Duration = Duration::from_millis(1);

#[derive(Serialize)]
struct Line<'a> {
    part: &'a str,
    framework: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    origins: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    scenario: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    input: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    length: Option<usize>,
    subject: &'a str,
    unit: &'a str,
    samples: Vec<f64>,
}

fn print(line: &Line<'_>) {
    println!("{}", serde_json::to_string(line).expect("text"));
}

/// Measures all subjects of a framework in all scenarios, against one set of origins.
pub fn adapters((framework, make): Framework, set: &str, rounds: usize) {
    let document = Document::of(set);
    let mut subjects = make(&document);
    for scenario in Scenario::all(set) {
        check(framework, &scenario, &mut subjects);
        let slow = |subject: &mut Box<dyn Subject>| subject.time(&scenario, 1) > SLOWEST;
        subjects.retain_mut(|subject| {
            let leave = slow(subject) && slow(subject) && slow(subject);
            if leave {
                eprintln!("{framework}, {set}: {} is too slow to go on", subject.name());
            }
            !leave
        });
        for (subject, samples) in run(&mut subjects, &scenario, rounds) {
            print(&Line {
                part: "adapter",
                framework,
                origins: Some(set),
                scenario: Some(&scenario.name),
                input: None,
                length: None,
                subject,
                unit: "ns",
                samples,
            });
        }
    }
}

/// What answers wrongly is not measured. The limit does the same as onecors, field for field.
fn check(framework: &str, scenario: &Scenario, subjects: &mut [Box<dyn Subject>]) {
    if framework == "decide" {
        return;
    }
    let mut expected = None;
    for subject in subjects.iter_mut().filter(|subject| subject.name() != "nothing") {
        let (name, mut fields) = (subject.name(), subject.answer(scenario));
        let place = format!("{framework}, {name}, {}: {fields:?}", scenario.name);
        let mut found = fields.iter().filter(|(name, _)| name == "access-control-allow-origin");
        let allowed = found.next().map(|(_, value)| value.as_str());
        assert_eq!(allowed, scenario.origin(0).filter(|_| scenario.is_allowed()), "{place}");
        if ["onecors", "limit"].contains(&name) {
            fields.sort();
            assert_eq!(expected.get_or_insert(fields.clone()), &fields, "{place}");
        }
    }
}

fn run(
    subjects: &mut [Box<dyn Subject>],
    scenario: &Scenario,
    rounds: usize,
) -> Vec<(&'static str, Vec<f64>)> {
    let calls: Vec<usize> =
        subjects.iter_mut().map(|subject| calls(&mut **subject, scenario)).collect();
    let mut samples = vec![Vec::with_capacity(rounds); subjects.len()];
    let mut order: Vec<usize> = (0..subjects.len()).collect();
    for _ in 0..rounds {
        fastrand::shuffle(&mut order);
        for &place in &order {
            let time = subjects[place].time(scenario, calls[place]);
            samples[place].push(time.as_nanos() as f64 / calls[place] as f64);
        }
    }
    subjects.iter().map(|subject| subject.name()).zip(samples).collect()
}

/// How many calls fill a batch.
fn calls(subject: &mut dyn Subject, scenario: &Scenario) -> usize {
    let mut calls = 1;
    while calls < MOST_CALLS && subject.time(scenario, calls) < BATCH {
        calls *= 2;
    }
    calls.min(MOST_CALLS)
}

/// Measures all subjects of a framework against the hostile values.
pub fn hostility((framework, make): Framework, rounds: usize) {
    for Hostile { input, origins, length, scenario } in hostile() {
        let mut subjects = make(&Document::of(&origins));
        subjects.retain(|subject| !["nothing", "limit", "hash set"].contains(&subject.name()));
        for (subject, samples) in run(&mut subjects, &scenario, rounds) {
            print(&Line {
                part: "hostile",
                framework,
                origins: None,
                scenario: None,
                input: Some(&input),
                length: Some(length),
                subject,
                unit: "ns",
                samples,
            });
        }
    }
}
