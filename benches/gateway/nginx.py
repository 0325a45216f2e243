"""nginx's configuration: without CORS, as it is usually written by hand, with the module of onecors."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

MAIN = """
{load}
daemon off;
master_process off;
pid nginx.pid;
error_log stderr error;
events {{}}
http {{
    access_log off;
    keepalive_requests 1000000000;
    map_hash_bucket_size 128;
    map_hash_max_size 65536;
    client_body_temp_path temp;
    proxy_temp_path temp;
    fastcgi_temp_path temp;
    uwsgi_temp_path temp;
    scgi_temp_path temp;
{http}
}}
"""

# The service: a body as short as that of the other benches.
SERVICE = 'server {{ listen 127.0.0.1:{port}; default_type application/json; return 200 "[]"; }}'

PROXY = """
    upstream service {{ server 127.0.0.1:{behind}; keepalive 64; keepalive_requests 1000000000; }}
{before}
    server {{
        listen 127.0.0.1:{port};
        {policy}
        location / {{
{inside}
            proxy_pass http://service;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
        }}
    }}
"""

# `always`, or errors would be without. Twice, because an `if` has none of what is set outside of it.
BY_HAND = """
            if ($request_method = OPTIONS) {{
                add_header Access-Control-Allow-Origin $cors_origin always;
                add_header Access-Control-Allow-Credentials $cors_credentials always;
                add_header Access-Control-Allow-Methods "{methods}" always;
                add_header Access-Control-Allow-Headers "{headers}" always;
                add_header Access-Control-Max-Age {max_age} always;
                add_header Vary Origin always;
                return 204;
            }}
            add_header Access-Control-Allow-Origin $cors_origin always;
            add_header Access-Control-Allow-Credentials $cors_credentials always;
            add_header Access-Control-Expose-Headers "{exposed}" always;
            add_header Vary Origin always;
"""


def service(port: int) -> str:
    return MAIN.format(load="", http=SERVICE.format(port=port))


def configuration(subject: str, document: Path, port: int, behind: int, module: Path) -> str:
    load = policy = before = inside = ""
    if subject == "onecors":
        load = f'load_module "{module}";'
        policy = f'onecors_policy "{document}";'
    elif subject == "built-in":
        before, inside = by_hand(json.loads(document.read_text()))
    http = PROXY.format(behind=behind, port=port, before=before, policy=policy, inside=inside)
    return MAIN.format(load=load, http=http)


def by_hand(policy: dict[str, Any]) -> tuple[str, str]:
    """The maps, and what stands in the location."""
    origins = "".join(f'        "{origin}" $http_origin;\n' for origin in policy["allow_origins"])
    maps = f'    map $http_origin $cors_origin {{\n        default "";\n{origins}    }}\n'
    maps += '    map $cors_origin $cors_credentials { default ""; ~. true; }\n'
    inside = BY_HAND.format(
        methods=", ".join(policy["allow_methods"]),
        headers=", ".join(policy["allow_headers"]),
        exposed=", ".join(policy["expose_headers"]),
        max_age=policy["max_age"],
    )
    return maps, inside
