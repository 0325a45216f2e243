"""Envoy: a virtual host for each export."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml
from client.http1 import Address
from exported import Exported, Mutants
from process import CLOSED_PORT, free_port, running

TYPES = "type.googleapis.com/envoy."
HTTP = TYPES + "extensions.filters.network.http_connection_manager.v3.HttpConnectionManager"
DENY = {
    "action": "DENY",
    "policies": {
        "private": {
            "permissions": [{"url_path": {"path": {"prefix": "/private"}}}],
            "principals": [{"any": True}],
        }
    },
}

MUTANTS: Mutants = {
    "a regex goes on": (r"(        regex: )(?:\"(.*)\"|(.*))", r"\1(?:\2\3).*"),
    "a regex matches * too": (r"(        regex: )(?:\"(.*)\"|(.*))", r"\1(?:\2\3)|[^.]*"),
    "denied preflights go on": ("preflights: false", "preflights: true"),
    "the service's headers stay": (r"response_headers_to_remove:\n(- .*\n)+", ""),
    "no Vary": (r'\? \\"\\" : \\"Origin\\"', r'? \\"\\" : \\"Cookie\\"'),
    "Vary is appended to, and not merged": (r'value: "%CEL.*"', "value: accept-encoding"),
    "any header is repeated": (r"allow_headers: .*", 'allow_headers: "*"'),
}


def cluster(name: str, port: int) -> dict[str, Any]:
    """A cluster of one server on 127.0.0.1."""
    address = {"socket_address": {"address": "127.0.0.1", "port_value": port}}
    endpoints = [{"lb_endpoints": [{"endpoint": {"address": address}}]}]
    return {
        "name": name,
        "connect_timeout": "10s",
        "load_assignment": {"cluster_name": name, "endpoints": endpoints},
    }


def configuration_of(exports: list[Exported], port: int, service: int) -> dict[str, Any]:
    """All exports in one Envoy, each as a virtual host, with a filter behind CORS that denies."""
    routes = [
        {"match": {"prefix": "/down"}, "route": {"cluster": "down"}},
        {"match": {"prefix": "/"}, "route": {"cluster": "service"}},
    ]
    hosts = [
        {"name": export.host, "domains": [export.host], "routes": routes, **yaml.safe_load(export.text)}
        for export in exports
    ]
    filters = [
        {
            "name": "envoy.filters.http.cors",
            "typed_config": {"@type": TYPES + "extensions.filters.http.cors.v3.Cors"},
        },
        {
            "name": "rbac",
            "typed_config": {"@type": TYPES + "extensions.filters.http.rbac.v3.RBAC", "rules": DENY},
        },
        {
            "name": "router",
            "typed_config": {"@type": TYPES + "extensions.filters.http.router.v3.Router"},
        },
    ]
    manager = {
        "@type": HTTP,
        "stat_prefix": "http",
        "http_filters": filters,
        "route_config": {"virtual_hosts": hosts},
    }
    listener = {
        "name": "http",
        "address": {"socket_address": {"address": "127.0.0.1", "port_value": port}},
        "filter_chains": [{"filters": [{"name": "http", "typed_config": manager}]}],
    }
    clusters = [cluster("service", service), cluster("down", CLOSED_PORT)]
    # One of the vectors' regexes covers every origin there is, and has 101 instructions.
    runtime = {"name": "static", "static_layer": {"re2.max_program_size.error_level": 200}}
    return {
        "static_resources": {"listeners": [listener], "clusters": clusters},
        "layered_runtime": {"layers": [runtime]},
    }


@contextmanager
def started(exports: list[Exported], service: int, folder: Path) -> Iterator[Address]:
    """Envoy with all exports."""
    port = free_port()
    configuration = configuration_of(exports, port, service)
    (folder / "envoy.json").write_text(json.dumps(configuration))
    command = [os.environ["ENVOY"], "-c", "envoy.json", "--concurrency", "1", "--disable-hot-restart"]
    with running([*command, "--log-level", "warn"], folder, port) as address:
        yield address
