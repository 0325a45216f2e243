"""Uses the installed package as a service would."""

import os
from pathlib import Path

from onecors import Policy, PolicyError

APP = "https://app.lantern.example"
SHOP = "https://northwind.shops.lantern.example"
REQUESTS: list[tuple[str | None, ...]] = [
    ("GET", "/orders/7", APP, None, None),
    ("OPTIONS", "/orders/7", SHOP, "PUT", "content-type"),
    ("OPTIONS", "/orders/7", SHOP, "PUT", "x-debug"),
    ("GET", "/orders/7", APP + ".reader.example", None, None),
    ("GET", "/catalogue/9780140328721", None, None, None),
    ("GET", "/healthz", APP, None, None),
]

policy = Policy.from_file("policy.json")
for request in REQUESTS:
    verdict = policy.decide(*request)
    print(
        f"{request[0]} {request[1]}: {verdict.outcome} {verdict.reason or '-'} {verdict.plan.status or '-'}"
    )
    for name, value in verdict.plan.lines(*request[2:]):
        print(f"  {name}: {value}")

try:
    Policy.from_file("bad.json")
except PolicyError as error:
    for problem in error.problems:
        print(f"{problem.pointer}: {problem.code}")

mapped = {line.split()[-1] for line in Path("/proc/self/maps").read_text().splitlines()}
libraries = [path for path in mapped if "onecors" in Path(path).name]
assert libraries and all(path.startswith(os.environ["CLEAN"]) for path in libraries), libraries
print("loaded from the clean place")
