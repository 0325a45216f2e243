"""Gunicorn, as for the other services: on the port of the environment, which it tells."""

import os

bind = f"127.0.0.1:{os.environ.get('PORT', '0')}"
worker_class = "gthread"
threads = 12
graceful_timeout = 2
control_socket_disable = True


def when_ready(server):  # noqa: ANN001, ANN201 - a hook that gunicorn names
    print("listening on {}:{}".format(*server.LISTENERS[0].sock.getsockname()), flush=True)
