"""nginx: a server for each export."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from client.http1 import Address
from exported import Exported, Mutants
from process import CLOSED_PORT, free_port, running

NGINX = """
daemon off;
master_process off;
pid nginx.pid;
error_log stderr;
{user}
events {{ worker_connections 256; }}
http {{
    access_log off;
    client_body_temp_path body;
    proxy_temp_path proxy;
    fastcgi_temp_path fastcgi;
    uwsgi_temp_path uwsgi;
    scgi_temp_path scgi;
    map_hash_bucket_size 512;
    server_names_hash_max_size 4096;
    keepalive_requests 1000000;
    server {{ listen 127.0.0.1:{port} default_server; return 421; }}
{groups}
}}
"""
NGINX_SERVER = """
    server {{
        listen 127.0.0.1:{port};
        server_name {host};
        {directives}
        location / {{ proxy_pass http://127.0.0.1:{service}; }}
        location /down {{ proxy_pass http://127.0.0.1:{down}; }}
        location /private {{
            auth_basic private;
            auth_basic_user_file none;
            proxy_pass http://127.0.0.1:{service};
        }}
    }}
"""

MUTANTS: Mutants = {
    "a regex goes on": (r"\\z\" \"\$http_origin", r'" "$http_origin'),
    "a regex begins anywhere": (r"\"~\^((?:\d+:)?\(\?=)", r'"~(?:^|.)\1'),
    "what looks like an origin is repeated": (
        r"(\"https?://[^\"~]*\") \"https?://[^\"]*\"",
        r'\1 "$http_origin"',
    ),
    "preflights go on": (r"if \(\$\w+_verdict.*\n", ""),
    "the service's headers stay": (r"proxy_hide_header .*\n", ""),
    "no Vary": (r"add_header Vary.*\n", ""),
    "errors have no headers": (" always;", ";"),
    "any header is repeated": (
        r"add_header Access-Control-Allow-Headers \S+",
        "add_header Access-Control-Allow-Headers $http_access_control_request_headers",
    ),
    "a path has one reading": (r"\"(\$\w+_rule)_agreed\"", r'"\1_sent"'),
    "the service's Vary stays": ("proxy_hide_header Vary;", ""),
    "no origin is asked for by nobody": (r'    "" "\*";\n', ""),
}


def server(export: Exported, **more: int) -> str:
    """The two parts of an export in their places, with names of their own."""
    return placed(export.host, export.text, **more)


def placed(host: str, text: str, **more: int) -> str:
    """The same, for the text of an export."""
    name = host.partition(".")[0]
    text = re.sub(r"map_hash_bucket_size \d+;", "", text.replace("$onecors", f"${name}"))
    maps, _, directives = text.partition("# --- server ---")
    return maps + NGINX_SERVER.format(host=host, directives=directives, **more)


@contextmanager
def serving(parts: list[str], folder: Path, port: int) -> Iterator[Address]:
    """nginx with these parts of a configuration, which listen on a port among others."""
    user = "user root;" if os.geteuid() == 0 else ""
    (folder / "nginx.conf").write_text(NGINX.format(user=user, port=port, groups="".join(parts)))
    command = [os.environ["NGINX"], "-p", f"{folder}/", "-c", "nginx.conf", "-e", "stderr"]
    with running(command, folder, port) as address:
        yield address


@contextmanager
def started(exports: list[Exported], service: int, folder: Path) -> Iterator[Address]:
    """nginx with all exports."""
    port = free_port()
    parts = [server(export, port=port, service=service, down=CLOSED_PORT) for export in exports]
    with serving(parts, folder, port) as address:
        yield address
