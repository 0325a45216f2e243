"""The service of Lantern Books, with the policy in front of it."""

import os
import socket

import uvicorn
from lantern import app
from onecors import LivePolicy
from onecors.fastapi import install

install(app, LivePolicy.watch(os.environ.get("POLICY", "../policy.json")))

if __name__ == "__main__":
    listener = socket.create_server(("127.0.0.1", int(os.environ.get("PORT", "8000"))))
    print(f"listening on 127.0.0.1:{listener.getsockname()[1]}", flush=True)
    uvicorn.run(app, fd=listener.fileno(), log_level="warning")
