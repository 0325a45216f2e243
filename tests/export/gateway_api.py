"""Checks every export to the Gateway API with the official definition of HTTPRoute, and its rules.

gateway_api.py MODULE.zip: the module sigs.k8s.io/gateway-api, which holds the definition. Each policy of
the conformance vectors and of policies/ is exported. Then the same with routes that were broken on
purpose: each has to be noticed.
"""

from __future__ import annotations

import copy
import json
import sys
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import celpy  # type: ignore[import-untyped, import-not-found, unused-ignore]
import celpy.adapter  # type: ignore[import-untyped, import-not-found, unused-ignore]
import yaml
from client.vectors import decisions
from exported import export
from jsonschema import Draft4Validator  # type: ignore[import-untyped, import-not-found, unused-ignore]

POLICIES = Path(__file__).resolve().parent / "policies"
DEFINITION = "config/crd/standard/gateway.networking.k8s.io_httproutes.yaml"

# What each mutant breaks in the configuration of the filter.
MUTANTS: dict[str, Callable[[dict[str, Any]], object]] = {
    "an origin with a path": lambda cors: cors["allowOrigins"].append("https://a.example/"),
    "an origin twice": lambda cors: cors["allowOrigins"].append(cors["allowOrigins"][0]),
    "* beside an origin": lambda cors: cors.update(allowOrigins=["*", "https://a.example"]),
    "a method of its own": lambda cors: cors.update(allowMethods=["BREW"]),
    "* beside a header": lambda cors: cors.update(allowHeaders=["*", "authorization"]),
    "no age": lambda cors: cors.update(maxAge=0),
    "a key that there is not": lambda cors: cors.update(allowOrigin=["*"]),
}


def schema_in(module: str) -> dict[str, Any]:
    """The schema of version 1 of HTTPRoute."""
    archive = zipfile.ZipFile(module)
    name = next(name for name in archive.namelist() if name.endswith(DEFINITION))
    definition = yaml.safe_load(archive.read(name))
    version = next(version for version in definition["spec"]["versions"] if version["name"] == "v1")
    schema: dict[str, Any] = version["schema"]["openAPIV3Schema"]
    schema["properties"]["metadata"] = {"type": "object", "additionalProperties": True}
    close(schema)
    return schema


def close(schema: object) -> None:
    """Lets no object have keys that the schema does not know: Kubernetes would drop them."""
    if isinstance(schema, dict):
        if "properties" in schema:
            schema.setdefault("additionalProperties", False)
        if schema.get("x-kubernetes-list-type") == "set":
            schema["uniqueItems"] = True
        for inner in schema.values():
            close(inner)


def fill_in(schema: dict[str, Any], value: object) -> None:
    """Fills in the defaults, as Kubernetes does first."""
    if isinstance(value, dict):
        for key, inner in schema.get("properties", {}).items():
            if "default" in inner:
                value.setdefault(key, copy.deepcopy(inner["default"]))
            fill_in(inner, value.get(key))
    if isinstance(value, list):
        for inner in value:
            fill_in(schema.get("items", {}), inner)


def problems(schema: dict[str, Any], route: object) -> list[str]:
    """What is wrong with a route."""
    fill_in(schema, route)
    found = [error.message for error in Draft4Validator(schema).iter_errors(route)]
    return found or list(broken_rules(schema, route))


def broken_rules(schema: dict[str, Any], value: object) -> Iterator[str]:
    """The messages of the rules in CEL that do not hold, for a value and all that is in it."""
    for rule in schema.get("x-kubernetes-validations", []):
        if not holds(rule["rule"], value):
            yield rule["message"]
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from broken_rules(schema.get("properties", {}).get(key, {}), inner)
    if isinstance(value, list):
        for inner in value:
            yield from broken_rules(schema.get("items", {}), inner)


RULES: dict[str, Any] = {}


def holds(rule: str, value: object) -> bool:
    """Whether a rule holds."""
    if rule not in RULES:
        environment = celpy.Environment()
        RULES[rule] = environment.program(environment.compile(rule))
    return bool(RULES[rule].evaluate({"self": celpy.adapter.json_to_cel(value)}))


def policies() -> Iterator[tuple[str, dict[str, Any]]]:
    """Every policy of the vectors and of policies/."""
    for group in decisions():
        yield group.name, group.policy
    for file in sorted(POLICIES.glob("*.json")):
        yield file.stem, json.loads(file.read_text())


def main() -> int:
    """Checks the exports, and then the mutants of the first."""
    schema = schema_in(sys.argv[1])
    routes = [(name, text) for name, policy in policies() if (text := export(policy, "gateway-api"))]
    failed = 0
    for name, text in routes:
        for problem in problems(schema, yaml.safe_load(text)):
            failed += 1
            print(f"FAILED {name}: {problem}")
    for name, mutate in MUTANTS.items():
        route = copy.deepcopy(yaml.safe_load(routes[0][1]))
        mutate(route["spec"]["rules"][0]["filters"][0]["cors"])
        seen = problems(schema, route)
        failed += not seen
        print(f"noticed: {name}: {seen[0]}" if seen else f"FAILED: missed: {name}")
    print(f"{len(routes) + len(MUTANTS) - failed} passed, {failed} failed; {len(RULES)} rules evaluated")
    return 1 if failed or not routes else 0


if __name__ == "__main__":
    sys.exit(main())
