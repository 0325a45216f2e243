//! `dangerously_allow`: the opt-outs of a rule, and whether the rule needs them.

use crate::document::RuleDocument;
use crate::findings::Findings;
use crate::opt_out::OptOut;
use crate::problem::{Code, Problem};
use crate::text::{Quoted, nearest};

/// The opt-outs of one rule, and which of them have lifted a check so far.
#[derive(Default)]
pub(crate) struct OptOuts {
    listed: [bool; OptOut::ALL.len()],
    needed: [bool; OptOut::ALL.len()],
}

impl OptOuts {
    /// Reads a rule's `dangerously_allow`.
    pub(crate) fn of(rule: &RuleDocument, problems: &mut Findings) -> Self {
        let mut opt_outs = Self::default();
        for entry in &rule.dangerously_allow {
            let pointer = rule.entry_pointer("dangerously_allow", entry.index);
            let subject = Quoted(entry.value.as_bytes());
            let Some(opt_out) = OptOut::named(&entry.value) else {
                problems.push_with(pointer, |pointer| {
                    let known = OptOut::ALL.map(|(_, name)| name);
                    Problem::new(Code::UnknownOptOut, pointer, subject)
                        .detail(format_args!("the opt-outs are {}", known.join(", ")))
                        .help_instead(nearest(&entry.value, &known))
                });
                continue;
            };
            let listed = &mut opt_outs.listed[opt_out as usize];
            if *listed {
                problems.push(Problem::new(Code::RepeatedOptOut, pointer, subject));
            }
            *listed = true;
        }
        opt_outs
    }

    /// Whether the rule lifts this check. To be asked only where the check has failed: the answer
    /// counts as the opt-out having been needed.
    pub(crate) fn lifts(&mut self, opt_out: OptOut) -> bool {
        self.needed[opt_out as usize] = true;
        self.listed[opt_out as usize]
    }

    /// Reports the opt-outs that have lifted nothing. An opt-out that nobody needs would hide the
    /// danger of a later change.
    pub(crate) fn report_unneeded(&self, rule: &RuleDocument, problems: &mut Findings) {
        let mut seen = [false; OptOut::ALL.len()];
        for entry in &rule.dangerously_allow {
            let Some(opt_out) = OptOut::named(&entry.value) else { continue };
            let repeated = std::mem::replace(&mut seen[opt_out as usize], true);
            if !repeated && !self.needed[opt_out as usize] {
                let pointer = rule.entry_pointer("dangerously_allow", entry.index);
                problems.push(
                    Problem::new(Code::UnneededOptOut, pointer, Quoted(entry.value.as_bytes()))
                        .help("remove it"),
                );
            }
        }
    }
}
