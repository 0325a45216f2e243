"""Envoy's configuration: without CORS, with its own CORS filter, with the module of onecors."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

TYPES = "type.googleapis.com"
HTTP = f"{TYPES}/envoy.extensions.filters.http"
MANAGER = f"{TYPES}/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager"


def configuration(subject: str, document: Path, port: int, behind: int) -> str:
    """One listener and one cluster, in JSON, which Envoy reads as well as YAML."""
    route: dict[str, Any] = {"match": {"prefix": "/"}, "route": {"cluster": "service"}}
    filters: list[dict[str, Any]] = []
    if subject == "onecors":
        filters.append({"name": "onecors", "typed_config": module(document)})
    elif subject == "built-in":
        filters.append({"name": "envoy.filters.http.cors", "typed_config": {"@type": f"{HTTP}.cors.v3.Cors"}})
        policy = own_policy(json.loads(document.read_text()))
        route["typed_per_filter_config"] = {"envoy.filters.http.cors": policy}
    router = {"@type": f"{HTTP}.router.v3.Router"}
    filters.append({"name": "envoy.filters.http.router", "typed_config": router})
    manager = {
        "@type": MANAGER,
        "stat_prefix": "bench",
        "http_filters": filters,
        "route_config": {"virtual_hosts": [{"name": "all", "domains": ["*"], "routes": [route]}]},
    }
    chain = {"filters": [{"name": "envoy.filters.network.http_connection_manager", "typed_config": manager}]}
    listener = {"address": address(port), "filter_chains": [chain]}
    return json.dumps({"static_resources": {"listeners": [listener], "clusters": [cluster(behind)]}})


def address(port: int) -> dict[str, Any]:
    return {"socket_address": {"address": "127.0.0.1", "port_value": port}}


def cluster(port: int) -> dict[str, Any]:
    endpoints = [{"lb_endpoints": [{"endpoint": {"address": address(port)}}]}]
    return {"name": "service", "load_assignment": {"cluster_name": "service", "endpoints": endpoints}}


def module(document: Path) -> dict[str, Any]:
    return {
        "@type": f"{HTTP}.dynamic_modules.v3.DynamicModuleFilter",
        "dynamic_module_config": {"name": "onecors"},
        "filter_name": "onecors",
        "filter_config": {"@type": f"{TYPES}/google.protobuf.Struct", "value": {"policy": str(document)}},
    }


def own_policy(policy: dict[str, Any]) -> dict[str, Any]:
    """The same policy for Envoy's own filter."""
    return {
        "@type": f"{HTTP}.cors.v3.CorsPolicy",
        "allow_origin_string_match": [{"exact": origin} for origin in policy["allow_origins"]],
        "allow_credentials": policy["allow_credentials"],
        "allow_methods": ", ".join(policy["allow_methods"]),
        "allow_headers": ", ".join(policy["allow_headers"]),
        "expose_headers": ", ".join(policy["expose_headers"]),
        "max_age": str(policy["max_age"]),
    }
