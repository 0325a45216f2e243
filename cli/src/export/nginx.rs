//! nginx without a module: `map`s that work out each header, and directives of a server that use
//! them.
//!
//! - `add_header` sends no header whose value is empty, and with `always` it is there on errors too.
//! - It is inherited by a location that has none of its own only. So is `proxy_hide_header`.
//! - `if` is used for `return` alone, at the level of a server: it runs before a location is found,
//!   and so before authentication and limits.
//! - `map` looks strings up without regard to case. So its values are the origins as they are
//!   listed: what is sent back is never what only looks like one.
//! - PCRE backtracks, and is kept from origins that are too long.

use std::collections::BTreeSet;
use std::fmt::Write;

use onecors_core::PREFLIGHT_DENIED_STATUS;

use super::facts::{Facts, RuleView};
use super::portable::{self, Matching};
use super::refusal::Refusals;
use super::routes::{self, Reading, Route};
use super::{Options, Target, proxy, yaml};

const SYSTEM: &str = "nginx";

pub(super) const TARGET: Target = Target {
    name: "nginx",
    summary: "nginx without a module: maps, and directives of a server",
    write,
};

/// The most bytes of a value. nginx reads words of up to 4,096.
const MAX_WORD: usize = 4_000;

const PLACE: &str = "
Two parts: the first goes into http, the second into each server that the policy governs, before any
rewrite or return of that server.

A location with an add_header or a proxy_hide_header of its own inherits none of the second part:
repeat there those lines of it that have the same name. For fastcgi_pass, uwsgi_pass, scgi_pass or
grpc_pass write the lines of proxy_hide_header for fastcgi_hide_header and so on. A denied preflight
is answered with 403, and only its origin is looked at: browsers themselves compare methods and
headers with the lists. None reaches the service.
";

/// Where answers of a service depend on the origin.
const MERGED: &str = "
Vary is sent in one line, the service's members and the policy's: some caches read one line alone. Of
several lines of a service, nginx before 1.23.0 shows a configuration only the first: let services
behind such a one send a single line. \"gzip_vary on;\" adds a line that nothing here can merge: write
\"gzip_vary off;\", and $onecors_vary_and_encoding in the place of $onecors_vary below.
";

/// Where a policy tells paths apart.
const PATHS: &str = "
The rule is that of the path as the client sent it, whatever rewrite and merge_slashes make of it. A
path has none where another reading of it has another rule, or none: percent-decoded, with slashes
merged, or with an encoded slash or a backslash taken for a slash. Nor has a path with a dot segment.
nginx cannot know what else a service takes for the same path. Tomcat and Jetty leave out what follows
\";\" in a segment; Express and others ignore the case of letters (Express has the setting \"case
sensitive routing\"). Behind these, /Admin/x and /admin;x/x have the rule of /*, and may reach the
handler of /admin/x: refuse such paths in nginx, or let an adapter in the service answer.
";

/// What each map of a header is made of: the key, and entries for each rule.
struct Map {
    name: String,
    key: String,
    default: String,
    entries: Vec<(String, String)>,
}

/// The rules, and what tells them apart.
struct Rules<'f, 'p> {
    rules: &'f [RuleView<'p>],
    /// Whether one rule governs every path, so that nothing has to tell which it is.
    is_one: bool,
}

fn write(facts: &Facts<'_>, _: &Options, refusals: &mut Refusals) -> String {
    let is_everything = |paths: &[String]| matches!(paths, [path] if path == "/*");
    let is_one =
        facts.is_uniform || matches!(facts.rules.as_slice(), [rule] if is_everything(rule.paths));
    let rules = Rules { rules: &facts.rules, is_one };
    for rule in rules.rules {
        refuse_values(rule, refusals);
    }
    let label = match rules.rules {
        [rule] => rule.label(),
        _ => "the policy".into(),
    };
    let heading = format!("The CORS configuration of nginx for {label}, written by onecors.\n");
    let mut out = yaml::comment(&(heading + &rules.place()));
    out.push_str("\n# --- http ---\n\n");
    out.push_str(&rules.hash_size());
    for map in rules.maps(refusals) {
        out.push_str(&map.text());
    }
    out.push_str("# --- server ---\n\n");
    out.push_str(&rules.server());
    out
}

/// Refuses lists that the value of a map cannot hold: `$` begins a variable there, and nothing
/// escapes it.
fn refuse_values(rule: &RuleView<'_>, refusals: &mut Refusals) {
    let lists = [
        ("allow_methods", rule.methods.join(", ")),
        ("allow_headers", rule.headers.join(", ")),
        ("expose_headers", rule.exposed.unwrap_or_default().to_owned()),
    ];
    for (key, value) in lists {
        let what = if value.contains('$') {
            format!("a name with \"$\", which {SYSTEM} has no way to write")
        } else if value.len() > MAX_WORD {
            format!("more names than {SYSTEM} takes in a word")
        } else {
            continue;
        };
        refusals.push(
            rule.key_pointer(key),
            format!("{} has {what}", rule.label()),
            "let the module of onecors for nginx answer",
        );
    }
}

impl Map {
    fn new(name: impl Into<String>, key: impl Into<String>, default: impl Into<String>) -> Self {
        Self { name: name.into(), key: key.into(), default: default.into(), entries: Vec::new() }
    }

    fn push(&mut self, source: impl Into<String>, value: impl Into<String>) {
        self.entries.push((source.into(), value.into()));
    }

    fn text(&self) -> String {
        let mut text = format!("map {} ${} {{\n", self.key, self.name);
        let default = ("default".to_owned(), self.default.clone());
        for (place, (source, value)) in [default].iter().chain(&self.entries).enumerate() {
            let source = if place == 0 { source.clone() } else { format!("\"{source}\"") };
            // Writing to a string never fails.
            let _ = writeln!(text, "    {source} \"{value}\";");
        }
        text + "}\n\n"
    }
}

impl Rules<'_, '_> {
    /// nginx refuses strings that are longer than a bucket of its tables.
    fn hash_size(&self) -> String {
        let origins = self.rules.iter().flat_map(|rule| &rule.origins.exact);
        let longest = origins.map(|origin| origin.text.len()).max().unwrap_or_default();
        if longest <= 32 {
            return String::new();
        }
        "# For long origins. Where there is such a line already, keep the larger number.\n\
         map_hash_bucket_size 512;\n\n"
            .into()
    }

    /// What stands in front of the keys of a rule.
    fn prefix(&self, rule: usize) -> String {
        if self.is_one { String::new() } else { format!("{}:", rule + 1) }
    }

    /// A key that tells the rule too.
    fn key(&self, variables: &str) -> String {
        if self.is_one { quoted(variables) } else { quoted(&format!("$onecors_rule:{variables}")) }
    }

    /// The value where no rule governs: what the service says.
    fn ungoverned(&self, header: &str) -> String {
        if self.is_one {
            return String::new();
        }
        format!("$upstream_http_{}", header.to_ascii_lowercase().replace('-', "_"))
    }

    /// What people have to know.
    fn place(&self) -> String {
        let merged = if self.merges_vary() { MERGED } else { "" };
        let paths = if self.is_one { "" } else { PATHS };
        [PLACE, merged, paths].concat()
    }

    fn maps(&self, refusals: &mut Refusals) -> Vec<Map> {
        let mut maps = if self.is_one { Vec::new() } else { self.rule_maps(refusals) };
        maps.push(self.origin_map(refusals));
        if !self.is_one {
            let name = "Access-Control-Allow-Origin";
            let mut map = Map::new("onecors_allow_origin", "$onecors_rule", "$onecors_origin");
            map.push("0", self.ungoverned(name));
            maps.push(map);
        }
        maps.extend(self.kind_maps());
        maps.extend([self.credentials_map(), self.exposed_map()]);
        maps.extend(self.vary_maps());
        maps.extend(self.preflight_maps());
        maps
    }

    /// Which rule governs a path. Where it may be read in several ways, they all have to say the same.
    /// A map is worked out when it is asked for, so that a path with one reading costs one of these.
    fn rule_maps(&self, refusals: &mut Refusals) -> Vec<Map> {
        let routes = routes::in_order(self.rules.iter().map(|rule| rule.paths));
        let mut maps: Vec<Map> =
            Reading::all().map(|reading| self.reading_map(&routes, reading, refusals)).collect();
        let numbers = |number: &str| vec![number; maps.len()].join(":");
        let names: Vec<String> = maps.iter().map(|map| format!("${}", map.name)).collect();
        let mut agreed = Map::new("onecors_rule_agreed", quoted(&names.join(":")), "0");
        for number in (1..=self.rules.len()).map(|number| number.to_string()) {
            agreed.push(numbers(&number), number);
        }
        let mut rule = Map::new("onecors_rule", "$request_uri", names[0].clone());
        rule.push(format!("~{}", routes::FRAGMENT), "0");
        rule.push(format!("~{}", routes::DOT_SEGMENT), "0");
        rule.push(format!("~{}", routes::SPELLED), "$onecors_rule_agreed");
        maps.extend([agreed, rule]);
        maps
    }

    /// The rule of a path in one reading.
    fn reading_map(&self, routes: &[Route<'_>], reading: Reading, refusals: &mut Refusals) -> Map {
        let mut map = Map::new(format!("onecors_rule_{}", reading.name()), "$request_uri", "0");
        for route in routes {
            let regex = format!("~{}", route.regex(reading));
            if regex.len() > MAX_WORD {
                let rule = &self.rules[route.rule];
                refusals.push(
                    rule.key_pointer("paths"),
                    format!("{} has a path that is too long for a word of {SYSTEM}", rule.label()),
                    "let the module of onecors for nginx answer",
                );
                // One path is enough to say so.
                break;
            }
            map.push(regex, (route.rule + 1).to_string());
        }
        map
    }

    /// The value of Access-Control-Allow-Origin, empty where the origin is not allowed.
    fn origin_map(&self, refusals: &mut Refusals) -> Map {
        let mut map = Map::new("onecors_origin", self.key("$http_origin"), "");
        for (number, rule) in self.rules.iter().enumerate() {
            let prefix = self.prefix(number);
            if rule.origins.any.is_some() {
                if self.is_one {
                    // No regex is tried on an empty key.
                    map.push("", "*");
                }
                map.push(format!("~^{prefix}"), "*");
            }
            let null = rule.origins.null.map(|_| "null");
            for origin in rule.origins.exact.iter().map(|origin| origin.text).chain(null) {
                map.push(format!("{prefix}{origin}"), origin);
            }
            for pattern in portable::patterns(rule, Matching::Backtracking, refusals) {
                let pattern = portable::anchored_short(&pattern);
                let pattern = pattern.strip_prefix('^').unwrap_or(&pattern);
                map.push(format!("~^{prefix}{pattern}"), "$http_origin");
            }
        }
        map
    }

    /// Whether a request is a preflight, and what becomes of it; nothing where it is none, or no rule
    /// governs it.
    fn kind_maps(&self) -> Vec<Map> {
        let mut asked = Map::new("onecors_asked", "$http_access_control_request_method", "1");
        asked.push("", "0");
        let mut sent = Map::new("onecors_sent", "$http_origin", "1");
        sent.push("", "0");
        let mut kind =
            Map::new("onecors_kind", "\"$request_method$onecors_sent$onecors_asked\"", "actual");
        kind.push("OPTIONS11", "preflight");
        let mut verdicts =
            Map::new("onecors_verdict", self.key("$onecors_kind:$onecors_origin"), "");
        for (number, rule) in self.rules.iter().enumerate() {
            let prefix = self.prefix(number);
            verdicts.push(format!("{prefix}preflight:"), "denied");
            verdicts.push(format!("~^{prefix}preflight:."), verdict(rule));
        }
        vec![asked, sent, kind, verdicts]
    }

    fn credentials_map(&self) -> Map {
        let name = "Access-Control-Allow-Credentials";
        let mut map =
            Map::new("onecors_credentials", self.key("$onecors_origin"), self.ungoverned(name));
        for (number, rule) in self.rules.iter().enumerate() {
            let prefix = self.prefix(number);
            let value = if rule.credentials { "true" } else { "" };
            map.push(prefix.clone(), "");
            map.push(format!("~^{prefix}."), value);
        }
        map
    }

    fn exposed_map(&self) -> Map {
        let name = "Access-Control-Expose-Headers";
        let key = self.key("$onecors_kind:$onecors_origin");
        let mut map = Map::new("onecors_exposed", key, self.ungoverned(name));
        for (number, rule) in self.rules.iter().enumerate() {
            let prefix = self.prefix(number);
            map.push(format!("~^{prefix}actual:."), rule.exposed.unwrap_or_default());
            if !self.is_one {
                map.push(format!("~^{prefix}"), "");
            }
        }
        map
    }

    /// The one line of `Vary`: the plan's tokens merged into what the service says, as
    /// `response::merge_vary` does it. Where no answer of a service depends on the origin, its lines
    /// stay as they are.
    fn vary_maps(&self) -> Vec<Map> {
        let service = if self.merges_vary() { "$upstream_http_vary" } else { "" };
        let mut vary = Map::new("onecors_vary", self.key("$onecors_kind"), service);
        for (number, rule) in self.rules.iter().enumerate() {
            let prefix = self.prefix(number);
            vary.push(format!("{prefix}preflight"), rule.preflight.vary().join(", "));
            let actual =
                if rule.actual.vary().is_empty() { service } else { "$onecors_vary_merged" };
            vary.push(format!("{prefix}actual"), actual);
        }
        if !self.merges_vary() {
            return vec![vary];
        }
        vec![
            merging("onecors_vary_merged", "upstream_http_vary", "Origin"),
            vary,
            // What `gzip_vary` would send in a line of its own.
            merging("onecors_vary_and_encoding", "onecors_vary", "Accept-Encoding"),
        ]
    }

    /// Whether the answers of a service get more members of `Vary`.
    fn merges_vary(&self) -> bool {
        self.rules.iter().any(|rule| !rule.actual.vary().is_empty())
    }

    /// What is sent on allowed preflights alone.
    fn preflight_maps(&self) -> Vec<Map> {
        let methods = |rule: &RuleView<'_>| match rule.methods {
            names if rule.credentials && proxy::is_any(names) => "$onecors_echoed_method".into(),
            names => names.join(", "),
        };
        let headers = |rule: &RuleView<'_>| match rule.headers {
            names if rule.credentials && proxy::is_any(names) => {
                if proxy::allows_authorization(rule) {
                    "$onecors_echoed_headers".into()
                } else {
                    "$onecors_echoed_without_authorization".into()
                }
            }
            names => names.join(", "),
        };
        let lists = vec![
            self.on_preflight("onecors_methods", "Access-Control-Allow-Methods", methods),
            self.on_preflight("onecors_headers", "Access-Control-Allow-Headers", headers),
            self.on_preflight("onecors_max_age", "Access-Control-Max-Age", |rule| {
                rule.max_age.to_owned()
            }),
        ];
        let is_used = |echo: &Map| {
            let mut values = lists.iter().flat_map(|map| &map.entries).map(|(_, value)| value);
            values.any(|value| value.strip_prefix('$') == Some(&*echo.name))
        };
        let mut maps: Vec<Map> = echo_maps().into_iter().filter(is_used).collect();
        maps.extend(lists);
        maps
    }

    fn on_preflight(
        &self,
        name: &'static str,
        header: &str,
        value: impl Fn(&RuleView<'_>) -> String,
    ) -> Map {
        let mut map = Map::new(name, self.key("$onecors_verdict"), self.ungoverned(header));
        for (number, rule) in self.rules.iter().enumerate() {
            let prefix = self.prefix(number);
            map.push(format!("{prefix}{}", verdict(rule)), value(rule));
            if !self.is_one {
                map.push(format!("~^{prefix}"), "");
            }
        }
        map
    }

    fn server(&self) -> String {
        let mut out = String::new();
        let origin = if self.is_one { "onecors_origin" } else { "onecors_allow_origin" };
        for (name, variable) in [
            ("Access-Control-Allow-Origin", origin),
            ("Access-Control-Allow-Credentials", "onecors_credentials"),
            ("Access-Control-Expose-Headers", "onecors_exposed"),
            ("Access-Control-Allow-Methods", "onecors_methods"),
            ("Access-Control-Allow-Headers", "onecors_headers"),
            ("Access-Control-Max-Age", "onecors_max_age"),
            ("Vary", "onecors_vary"),
        ] {
            let _ = writeln!(out, "add_header {name} ${variable} always;");
        }
        out.push('\n');
        // Where some paths are the service's own, no variable gives this one back.
        let hidden = |name: &&&str| self.is_one || **name != "Access-Control-Allow-Private-Network";
        let merged = self.merges_vary().then_some(&"Vary");
        for name in proxy::OWNED.iter().filter(hidden).chain(merged) {
            let _ = writeln!(out, "proxy_hide_header {name};");
        }
        out.push('\n');
        let statuses: BTreeSet<u16> = self.rules.iter().map(|rule| rule.status).collect();
        for status in statuses {
            let _ =
                writeln!(out, "if ($onecors_verdict = allowed-{status}) {{ return {status}; }}");
        }
        // A text keeps nginx from writing a page, and from error_page. There is no origin here.
        let _ = writeln!(
            out,
            "if ($onecors_verdict = denied) {{ return {PREFLIGHT_DENIED_STATUS} $onecors_origin; }}"
        );
        out
    }
}

/// A word of several parts.
fn quoted(word: &str) -> String {
    format!("\"{word}\"")
}

/// A list in a variable with one more member, unless it has that, or `*`, already.
fn merging(name: &str, variable: &str, member: &str) -> Map {
    let mut map = Map::new(name, format!("${variable}"), format!("${variable}, {member}"));
    map.push("", member);
    let there = format!(r"~*(?:^|,)[ \x09]*(?:\*|{})[ \x09]*(?:,|\z)", member.to_ascii_lowercase());
    map.push(there, format!("${variable}"));
    map
}

/// The verdict on an allowed preflight, which tells the status too.
fn verdict(rule: &RuleView<'_>) -> String {
    format!("allowed-{}", rule.status)
}

/// What a request asked for, where it is nothing else than that.
fn echo_maps() -> Vec<Map> {
    const TOKEN: &str = r"[!#$%&\x27*+.^_`|~0-9A-Za-z-]+";
    let mut method = Map::new("onecors_echoed_method", "$http_access_control_request_method", "");
    method.push(format!(r"~^{TOKEN}\z"), "$http_access_control_request_method");
    let list = format!(r"~^[ \x09]*(?:{TOKEN}[ \x09]*)?(?:,[ \x09]*(?:{TOKEN}[ \x09]*)?)*\z");
    let names = "$http_access_control_request_headers";
    let mut headers = Map::new("onecors_echoed_headers", names, "");
    headers.push(list.clone(), names);
    let mut without = Map::new("onecors_echoed_without_authorization", names, "");
    without.push(r"~*(?:^|,)[ \x09]*authorization[ \x09]*(?:,|\z)", "");
    without.push(list, names);
    vec![method, headers, without]
}

#[cfg(test)]
mod tests {
    use onecors_core::Policy;

    use super::TARGET;
    use crate::export::Options;

    fn exported(path: &str) -> Result<String, String> {
        let document = serde_json::json!({
            "rules": [{ "paths": [path], "allow_origins": ["https://app.example.com"] }]
        });
        let policy = Policy::from_json(&document.to_string()).expect("the document is right");
        TARGET.export(&policy, &Options::default()).map_err(|refusals| refusals.to_string())
    }

    #[test]
    fn a_path_that_no_word_has_room_for_is_refused_once() {
        assert!(exported(&format!("/{}", "a".repeat(400))).is_ok());
        let refusals = exported(&format!("/{}", "a".repeat(500))).expect_err("it is too long");
        assert_eq!(refusals.matches("is too long for a word of nginx").count(), 1, "{refusals}");
        assert!(refusals.contains("/rules/0/paths"), "{refusals}");
    }
}
