//! The mapping template of a REST API's OPTIONS: the engine's decision in Velocity.
//!
//! It keeps to what is common to all versions of Velocity: single-quoted strings, which nothing is
//! replaced in, comparisons, loops, and methods of Java's strings and maps. A header is set at most
//! once on every way through it, since API Gateway takes a second override of the same one for an
//! error. `#foreach` runs at most 1,000 times there, so that lists are counted before they are read.

use std::fmt::Write;

use onecors_core::introspect::{Listed, MAX_ORIGIN, SAFELISTED_METHODS};
use onecors_core::{Plan, Slot, Value};

use crate::export::{Refusals, RuleView, portable};

/// The most bytes of a mapping template (quotas of API Gateway).
const MOST_BYTES: usize = 300 * 1024;

/// What an origin looks like: scheme, host, port.
pub(super) const ORIGIN: &str = r"[a-z][a-z0-9+.-]{0,63}://(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?)*\.?|\[[0-9a-f:]+\])(?::[1-9][0-9]{0,4})?";

/// Ports that no origin has: the default one of a scheme, and numbers above 65535.
const NO_PORT: &str = r"(?:https|wss)://.*:443|(?:http|ws)://.*:80|ftp://.*:21|.*:(?:6553[6-9]|655[4-9].|65[6-9]..|6[6-9]...|[7-9]....)";

/// A token (RFC 9110, section 5.6.2); the quote, the dollar and the hash by their numbers.
const TOKEN: &str = r"[A-Za-z0-9!\x23\x24%&\x27*+.^_`|~-]+";

/// Reads the header fields, whose names have the case that the client wrote.
const READ: &str = "\
#set($origin = '')
#set($origins = 0)
#set($method = '')
#set($methods = 0)
#set($list = '')
#set($lists = 0)
#foreach($field in $input.params().header.keySet())
#set($name = $field.toLowerCase())
#if($name == 'origin')
#set($origin = $input.params().header.get($field))
#set($origins = $origins + 1)
#end
#if($name == 'access-control-request-method')
#set($method = $input.params().header.get($field))
#set($methods = $methods + 1)
#end
#if($name == 'access-control-request-headers')
#set($list = $input.params().header.get($field))
#set($lists = $lists + 1)
#end
#end
";

/// Writes the template that answers OPTIONS as the rule says. Refuses what would break it.
pub(super) fn template(rule: &RuleView<'_>, refusals: &mut Refusals) -> String {
    refuse_quotes(rule, refusals);
    let mut text = String::from(READ);
    push_origin_check(&mut text, rule, refusals);
    push_method_check(&mut text, rule);
    push_header_check(&mut text, rule);
    push_answer(&mut text, rule);
    if text.len() > MOST_BYTES {
        refusals.push(
            rule.key_pointer("allow_origins"),
            format!(
                "{} needs a mapping template of {} bytes, and API Gateway takes {MOST_BYTES}",
                rule.label(),
                text.len()
            ),
            "cover origins by wildcards, or let the services answer OPTIONS through the adapters",
        );
    }
    text
}

/// No version of Velocity is sure to take a single quote in a single-quoted string.
fn refuse_quotes(rule: &RuleView<'_>, refusals: &mut Refusals) {
    let exposed = rule.exposed.unwrap_or_default();
    for (key, has_quote) in [
        ("allow_methods", rule.methods.iter().any(|method| method.contains('\''))),
        ("allow_headers", rule.headers.iter().any(|name| name.contains('\''))),
        ("expose_headers", exposed.contains('\'')),
    ] {
        if has_quote {
            refusals.push(
                rule.key_pointer(key),
                format!(
                    "{} has a name with a single quote, which ends a text in a mapping template",
                    rule.label()
                ),
                "use a name without one",
            );
        }
    }
}

/// Sets `$known`: whether the origin is allowed.
fn push_origin_check(text: &mut String, rule: &RuleView<'_>, refusals: &mut Refusals) {
    let _ = writeln!(
        text,
        "#set($known = false)\n#if($origins == 1 && $origin.length() <= {MAX_ORIGIN})"
    );
    for Listed { text: origin, .. } in &rule.origins.exact {
        push_if(text, &format!("$origin == '{origin}'"), "known");
    }
    let any = rule.origins.any.is_some();
    if any || rule.origins.null.is_some() {
        push_if(text, "$origin == 'null'", "known");
    }
    let mut patterns = portable::patterns(rule, portable::Matching::Backtracking, refusals);
    if any {
        patterns.push(ORIGIN.into());
    }
    if !patterns.is_empty() {
        let _ = writeln!(text, "#if(!$origin.matches('{NO_PORT}'))");
        for pattern in patterns {
            push_if(text, &format!("$origin.matches('{pattern}')"), "known");
        }
        text.push_str("#end\n");
    }
    text.push_str("#end\n");
}

/// Sets `$usable`: whether the method is allowed.
fn push_method_check(text: &mut String, rule: &RuleView<'_>) {
    text.push_str("#set($usable = false)\n#if($methods == 1)\n");
    for method in SAFELISTED_METHODS {
        push_if(text, &format!("$method == '{method}'"), "usable");
    }
    for method in rule.methods {
        if method == "*" {
            let forbidden = "$method.matches('(?i)CONNECT|TRACE|TRACK')";
            push_if(text, &format!("$method.matches('{TOKEN}') && !{forbidden}"), "usable");
        } else if !SAFELISTED_METHODS.contains(&method.as_str()) {
            push_if(text, &format!("$method == '{method}'"), "usable");
        }
    }
    text.push_str("#end\n");
}

/// Sets `$fits`: whether every header is allowed, and `$names`: how many there are.
fn push_header_check(text: &mut String, rule: &RuleView<'_>) {
    text.push_str(
        "\
#set($fits = true)
#set($names = 0)
#set($empty = 0)
#if($lists > 1 || $list.length() > 8192 || !$list.matches('[\\x20-\\x7E\\t]*') || $list.replaceAll('[^,]', '').length() > 79)
#set($fits = false)
#elseif($lists == 1)
#foreach($element in $list.split(',', -1))
#set($wanted = $element.trim().toLowerCase())
#if($wanted == '')
#set($empty = $empty + 1)
#else
#set($names = $names + 1)
#set($listed = false)
",
    );
    for name in rule.headers {
        if name == "*" {
            let condition = format!("$wanted.matches('{TOKEN}') && $wanted != 'authorization'");
            push_if(text, &condition, "listed");
        } else {
            push_if(text, &format!("$wanted == '{name}'"), "listed");
        }
    }
    text.push_str(
        "\
#if(!$listed)
#set($fits = false)
#end
#end
#end
#end
#if($names > 64 || $empty > 16)
#set($fits = false)
#end
",
    );
}

/// Sets the headers of the answer, and its status where it is a denial.
fn push_answer(text: &mut String, rule: &RuleView<'_>) {
    text.push_str("#if($origins == 0 || $methods == 0)\n");
    if rule.origins.any.is_some() {
        push_headers(text, rule.actual);
    } else {
        text.push_str("#if($known)\n");
        push_headers(text, rule.actual);
        text.push_str("#end\n");
    }
    text.push_str("#elseif($known && $usable && $fits)\n");
    push_headers(text, rule.preflight);
    text.push_str("#else\n#set($context.responseOverride.status = 403)\n#end\n");
}

fn push_headers(text: &mut String, plan: &Plan) {
    for header in &plan.headers {
        let value = match &header.value {
            Value::Text(value) => format!("'{value}'"),
            Value::Echo(Slot::Origin) => "$origin".into(),
            Value::Echo(Slot::AccessControlRequestMethod) => "$method".into(),
            Value::Echo(Slot::AccessControlRequestHeaders) => "$list".into(),
            // Never a guess: a plan of another kind needs a template of another kind.
            other => unreachable!("no variable of the template holds {other:?}"),
        };
        let set = format!("#set($context.responseOverride.header.{} = {value})\n", header.name);
        if header.value == Value::Echo(Slot::AccessControlRequestHeaders) {
            let _ = write!(text, "#if($names > 0)\n{set}#end\n");
        } else {
            text.push_str(&set);
        }
    }
}

fn push_if(text: &mut String, condition: &str, variable: &str) {
    let _ = writeln!(text, "#if({condition})#set(${variable} = true)#end");
}
