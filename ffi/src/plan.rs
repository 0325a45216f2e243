//! The plans of a policy, for hosts that convert them to their own objects once.

use std::mem::{MaybeUninit, offset_of};

use onecors_core::Plan;

use crate::codes::{
    ONECORS_NULL_ARGUMENT, ONECORS_OUT_OF_RANGE, ONECORS_SLOT_NONE, onecors_result,
};
use crate::guard::{guard, guard_or};
use crate::policy::onecors_policy;
use crate::strings::{onecors_str, onecors_string};

/// One header line. This struct never changes.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct onecors_header {
    /// The name in the Fetch standard's spelling, such as `Access-Control-Allow-Origin`.
    pub name: onecors_str,
    /// The value.
    pub value: onecors_str,
}

#[cfg(target_pointer_width = "64")]
const _: () = {
    assert!(size_of::<onecors_header>() == 32);
    assert!(offset_of!(onecors_header, name) == 0);
    assert!(offset_of!(onecors_header, value) == 16);
};

fn plan_of(policy: Option<&onecors_policy>, plan: usize) -> Option<&Plan> {
    policy?.policy.plans().get(plan)
}

/// The number of plans: of all answers that the policy can give. 0 if policy is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn onecors_plan_count(policy: Option<&onecors_policy>) -> usize {
    guard_or(0, || Some(policy?.policy.plans().len()))
}

/// The status of a plan: answer with it, without a body (preflights only). 0 if the application answers,
/// and if there is no such plan.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn onecors_plan_status(policy: Option<&onecors_policy>, plan: usize) -> u32 {
    guard_or(0, || plan_of(policy, plan)?.status.map(u32::from))
}

/// The number of header lines of a plan, without `Vary`. 0 if there is no such plan.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn onecors_plan_header_count(
    policy: Option<&onecors_policy>,
    plan: usize,
) -> usize {
    guard_or(0, || Some(plan_of(policy, plan)?.headers.len()))
}

/// One header line of a plan, borrowed from the policy. *slot is ONECORS_SLOT_NONE if the value is fixed
/// text; otherwise it names the request field to echo as received, and header->value is empty.
///
/// After an error the header is empty and *slot is ONECORS_SLOT_NONE.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn onecors_plan_header(
    policy: Option<&onecors_policy>,
    plan: usize,
    index: usize,
    header: Option<&mut MaybeUninit<onecors_header>>,
    slot: Option<&mut MaybeUninit<u32>>,
) -> onecors_result {
    let empty = onecors_header { name: onecors_str::EMPTY, value: onecors_str::EMPTY };
    let header = header.map(|header| header.write(empty));
    let slot = slot.map(|slot| slot.write(ONECORS_SLOT_NONE));
    guard(|| {
        let header = header.ok_or(ONECORS_NULL_ARGUMENT)?;
        let slot = slot.ok_or(ONECORS_NULL_ARGUMENT)?;
        let policy = policy.ok_or(ONECORS_NULL_ARGUMENT)?;
        let line = plan_of(Some(policy), plan)
            .and_then(|plan| plan.headers.get(index))
            .ok_or(ONECORS_OUT_OF_RANGE)?;
        header.name = onecors_str::new(line.name.as_bytes());
        match line.value.slot() {
            Some(echoed) => *slot = echoed as u32,
            None => {
                header.value = onecors_str::new(line.value.text().unwrap_or_default().as_bytes())
            }
        }
        Ok(())
    })
}

/// The number of tokens that a plan merges into `Vary`. 0 if `Vary` is to be left alone, and if there is
/// no such plan.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn onecors_plan_vary_count(
    policy: Option<&onecors_policy>,
    plan: usize,
) -> usize {
    guard_or(0, || Some(plan_of(policy, plan)?.vary().len()))
}

/// One token to merge into `Vary`, borrowed from the policy. Empty if there is no such token.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn onecors_plan_vary(
    policy: Option<&onecors_policy>,
    plan: usize,
    index: usize,
) -> onecors_str {
    guard_or(onecors_str::EMPTY, || {
        let token = plan_of(policy, plan)?.vary().get(index)?;
        Some(onecors_str::new(token.as_bytes()))
    })
}

/// All plans as a JSON array, ordered by number. Each has its `status` (or null), its `headers` with
/// `name` and either `value` or `echo`, and its `vary` tokens.
///
/// Returns a string that the caller frees with onecors_string_free, or NULL if policy is NULL and after
/// an internal error.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn onecors_plans_json(
    policy: Option<&onecors_policy>,
) -> Option<Box<onecors_string>> {
    guard_or(None, || Some(Some(Box::new(onecors_string::new(policy?.policy.plans_json())))))
}
