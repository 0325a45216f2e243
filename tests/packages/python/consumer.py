"""Uses the installed package as a service would."""

import os
from collections.abc import Iterable
from pathlib import Path

from onecors import LivePolicy, Policy, PolicyError
from onecors.asgi import CORSMiddleware as ASGIMiddleware
from onecors.fastapi import install
from onecors.flask import OneCORS
from onecors.wsgi import CORSMiddleware

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


# The adapters are there, and need no framework until they get an application of one.
def application(environ: dict[str, object], start_response: object) -> Iterable[bytes]:
    raise AssertionError("a preflight reached the application")


preflight = {
    "REQUEST_METHOD": "OPTIONS",
    "PATH_INFO": "/orders/7",
    "HTTP_ORIGIN": APP,
    "HTTP_ACCESS_CONTROL_REQUEST_METHOD": "PUT",
}
statuses: list[str] = []
wrapped = CORSMiddleware(application, LivePolicy(policy))
assert not b"".join(wrapped(preflight, lambda status, headers: statuses.append(status)))
assert statuses == ["204 No Content"], statuses
assert policy.check_origin("/orders/7", APP, None) and callable(ASGIMiddleware)
assert callable(install) and callable(OneCORS)

mapped = {line.split()[-1] for line in Path("/proc/self/maps").read_text().splitlines()}
libraries = [path for path in mapped if "onecors" in Path(path).name]
assert libraries and all(path.startswith(os.environ["CLEAN"]) for path in libraries), libraries
print("loaded from the clean place")
