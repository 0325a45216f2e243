"""Runs the conformance vectors through models of what cannot be run here: Kong and the Gateway API.

A model is written from the source of Kong's plugin, and from the text of the Gateway API's standard:
once with all that it lets a gateway echo, and once without. That shows that an export says what the
policy says, as far as the model is right. Answers are judged as those of the proxies are.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from functools import partial
from typing import Any

import yaml
from browser import Answer
from client.vectors import Vector
from exported import Mutants, exports
from service import SERVICE_LINES
from tally import Tally, end
from verdict import judge

Config = dict[str, Any]
Lines = tuple[tuple[str, str], ...]
Model = Callable[[Config, dict[str, str]], Answer]

OWN_LINES: Lines = tuple(line for line in SERVICE_LINES if not line[0].startswith("access-control-"))

MUTANTS: dict[str, Mutants] = {
    "kong": {
        "any header is repeated": (r" +headers:\n +- host\n", ""),
        "any method": (r" +methods:\n( +- [A-Z]+\n)+", ""),
        "a regex goes on": (r"\$(\"?)\n", r".*$\1\n"),
        "the service's credentials stay": (r"- name: response-transformer\n( .*\n)+", ""),
    },
    "gateway-api": {
        "a wildcard for every host": (r"- (https?)://\*\..*", r"- \1://*"),
        "no methods": (r" +allowMethods:\n( +- .*\n)+", ""),
        "no credentials": (r" +allowCredentials: true\n", ""),
        "no Vary": (r"value: Origin", "value: Cookie"),
    },
}


def fields_of(vector: Vector) -> dict[str, str]:
    """The fields of a request that the CORS protocol knows, and its method."""
    return {name: value.decode("latin-1") for name, value in vector.request.items()}


def is_preflight(fields: dict[str, str], empty_counts: bool) -> bool:
    """Whether a request is one; some take an empty field for one that is absent."""
    asked = [fields.get("origin"), fields.get("access_control_request_method")]
    present = all(value is not None if empty_counts else value for value in asked)
    return fields.get("method") == "OPTIONS" and present


def kong_origin(origin: str) -> str:
    """An origin as the plugin puts it together again: without user, path, brackets and usual port."""
    parts = re.match(r"([A-Za-z][\w+.-]*)://(?:[^/?#]*@)?(\[[^\]]*\]|[^/?#:]*)(?::([^/?#:]*))?", origin)
    if parts is None or not parts[2]:
        return origin
    usual = {"http": "80", "https": "443"}.get(parts[1])
    port = f":{parts[3]}" if parts[3] and parts[3] != usual else ""
    return f"{parts[1]}://{parts[2].strip('[]')}{port}"


def kong_allowed(origins: list[str], origin: str | None) -> str | None:
    """The value of Access-Control-Allow-Origin."""
    special = re.compile(r"[^A-Za-z0-9.:/-]")
    if origins == ["*"] or (len(origins) == 1 and not special.search(origins[0])):
        return origins[0]
    if origin is None:
        return None
    wanted = kong_origin(origin)
    for entry in origins:
        regex = entry.removeprefix("^").removesuffix("$") + "$"
        if re.match(regex, wanted) if special.search(entry) else kong_origin(entry) == wanted:
            return wanted
    return None


def kong(config: Config, fields: dict[str, str]) -> Answer:
    """What the plugins `cors` and `response-transformer` of Kong make of a request."""
    cors, *others = [plugin["config"] for plugin in config["plugins"]]
    allowed = kong_allowed(cors["origins"], fields.get("origin"))
    lines = {} if allowed is None else {"access-control-allow-origin": allowed}
    if cors["credentials"]:
        lines["access-control-allow-credentials"] = "true"
    if is_preflight(fields, empty_counts=True):
        names = ",".join(cors.get("headers", [])) or fields.get("access_control_request_headers", "")
        methods = cors.get("methods", ["GET", "HEAD", "PUT", "PATCH", "POST", "DELETE", "OPTIONS"])
        lines["access-control-allow-headers"] = names
        lines["access-control-allow-methods"] = ",".join(methods)
        lines["access-control-max-age"] = str(cors["max_age"])
        return Answer(200, tuple(lines.items()))
    if cors.get("exposed_headers"):
        lines["access-control-expose-headers"] = ",".join(cors["exposed_headers"])
    removed = {name.lower() for other in others for name in other["remove"]["headers"]}
    cleared = removed | lines.keys() | {"access-control-allow-origin"}
    service = [line for line in SERVICE_LINES if line[0] not in cleared]
    vary = [] if cors["origins"] == ["*"] else [("vary", "Origin")]
    return Answer(200, (*service, *vary, *lines.items()))


def gateway_matches(pattern: str, origin: str) -> bool:
    """Whether an origin of a filter covers an origin. A wildcard stands for labels of the DNS; whether
    for other bytes too, which no browser sends, is each gateway's own affair."""
    if pattern == "*":
        return True
    labels = r"[a-z0-9_-]+(\.[a-z0-9_-]+)*"
    return re.fullmatch(re.escape(pattern).replace(r"\*", labels), origin) is not None


def gateway(config: Config, fields: dict[str, str], echoes: bool) -> Answer:
    """What a gateway makes of a request that goes to services without CORS headers of their own."""
    filters = config["spec"]["rules"][0]["filters"]
    cors, added = filters[0]["cors"], filters[1]["responseHeaderModifier"]["add"]
    origin, credentials = fields.get("origin") or "", cors.get("allowCredentials", False)
    lines: dict[str, str] = {}

    def value(key: str, asked: str) -> str:
        repeats = echoes or credentials
        return asked if cors.get(key) == ["*"] and repeats else ", ".join(cors.get(key, []))

    if origin and any(gateway_matches(pattern, origin) for pattern in cors["allowOrigins"]):
        star = cors["allowOrigins"] == ["*"] and not echoes
        lines["access-control-allow-origin"] = "*" if star else origin
        lines |= {"access-control-allow-credentials": "true"} if credentials else {}
    preflight = is_preflight(fields, empty_counts=False)
    if preflight and lines:
        asked = fields.get("access_control_request_headers", "")
        lines["access-control-allow-methods"] = value("allowMethods", fields["access_control_request_method"])
        lines["access-control-allow-headers"] = value("allowHeaders", asked)
        lines["access-control-max-age"] = str(cors["maxAge"])
    elif lines:
        lines["access-control-expose-headers"] = ", ".join(cors.get("exposeHeaders", []))
    more = tuple((line["name"].lower(), line["value"]) for line in added)
    return Answer(200, (*lines.items(), *more, *(() if preflight else OWN_LINES)))


MODELS: dict[str, tuple[str, Model]] = {
    "kong": ("kong", kong),
    "gateway-api, that echoes": ("gateway-api", partial(gateway, echoes=True)),
    "gateway-api, that does not": ("gateway-api", partial(gateway, echoes=False)),
}


def ask(model: Model, config: Config, vector: Vector) -> Answer:
    """A model's answer."""
    return model(config, fields_of(vector))


def run(name: str, target: str, model: Model) -> tuple[int, int]:
    """Runs the vectors and the mutants of a model; how many passed, and how many did not."""
    breaking = MUTANTS[target]
    tally, mutants = Tally(), {mutant: Tally() for mutant in breaking}
    for export in exports(target, breaking, tally, mutants):
        config = yaml.safe_load(export.text)
        # These add a line of Vary beside the service's.
        judge(export, partial(ask, model, config), lines_of_vary=2)
    missed = [mutant for mutant, broken in mutants.items() if not broken.failures]
    for failure in [*tally.failures, *(f"missed: {mutant}" for mutant in missed)]:
        print(f"FAILED model of {name}: {failure}")
    equal, differ = sum(tally.equal.values()), sum(tally.differences.values())
    left_out = sum(tally.left_out.values())
    print(f"model of {name}: {equal} equal, {differ} differ and are of no page, {left_out} left out")
    return equal + len(mutants) - len(missed), len(tally.failures) + len(missed)


def main() -> int:
    """Runs every model."""
    passed = failed = 0
    for name, (target, model) in MODELS.items():
        its_passed, its_failed = run(name, target, model)
        passed, failed = passed + its_passed, failed + its_failed
    return end(passed, failed)


if __name__ == "__main__":
    sys.exit(main())
