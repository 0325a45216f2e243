//! Every accepted policy in every target: it is refused, or written so that the format can be read.
#![no_main]

use arbitrary::Arbitrary;
use libfuzzer_sys::{Corpus, fuzz_target};
use onecors_cli::export::{GatewayResponses, Options, TARGETS};
use onecors_core::Policy;
use onecors_fuzz::document::Document;

#[derive(Arbitrary, Debug)]
struct Input {
    // One target an input: each of them is fuzzed more often so.
    target: u8,
    choice: u8,
    document: Document,
}

fuzz_target!(|input: Input| -> Corpus {
    let Some((_, text)) = input.document.model() else { return Corpus::Reject };
    let Ok(policy) = Policy::from_json(&text) else { return Corpus::Reject };
    let target = &TARGETS[usize::from(input.target) % TARGETS.len()];
    let gateway_responses = match input.choice % 3 {
        0 => GatewayResponses::Fixed,
        1 => GatewayResponses::Authorizer,
        _ => GatewayResponses::Reflect,
    };
    match target.export(&policy, &Options::default().gateway_responses(gateway_responses)) {
        Ok(written) => check(target.name, &written),
        Err(refusals) => assert!(!refusals.as_slice().is_empty(), "{text}"),
    }
    Corpus::Keep
});

fn check(target: &str, written: &str) {
    assert!(written.chars().all(|c| c == '\n' || !c.is_control()), "{target}: {written:?}");
    if target == "nginx" {
        return check_nginx(written);
    }
    // JSON is YAML, too.
    let read: Result<serde_json::Value, _> = serde_saphyr::from_str(written);
    assert!(read.is_ok(), "{target}: {read:?}\n{written}");
}

/// Quotes end, and braces are balanced outside of them. A `$` of a header's name would be a variable.
fn check_nginx(written: &str) {
    assert!(!written.contains("$a`"), "{written}");
    let (mut depth, mut quote, mut comment, mut escaped) = (0_i32, None, false, false);
    for c in written.chars() {
        match (c, quote) {
            ('\n', None) => comment = false,
            _ if comment => {}
            _ if escaped => escaped = false,
            ('\\', _) => escaped = true,
            (c, Some(open)) => quote = (c != open).then_some(open),
            ('"' | '\'', None) => quote = Some(c),
            ('#', None) => comment = true,
            ('{', None) => depth += 1,
            ('}', None) => depth -= 1,
            _ => {}
        }
        assert!(depth >= 0, "{written}");
    }
    assert!(depth == 0 && quote.is_none(), "{written}");
}
