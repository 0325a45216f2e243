"""Every scenario, by subject; the order of these imports is that of the table."""

# isort: off
from client.scenarios import begin, actual, preflight, hostile, paths, websocket, http2, reload, logs, end

# isort: on

__all__ = ["actual", "begin", "end", "hostile", "http2", "logs", "paths", "preflight", "reload", "websocket"]
