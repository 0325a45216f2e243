"""The application in Flask on Granian, which loads it in a process of its own."""

import os
import socket
import threading
import time

from granian import Granian


def main() -> None:
    with socket.socket() as reserved:
        # Granian binds to the port again, and does not say which one the system chose.
        reserved.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        reserved.bind(("127.0.0.1", int(os.environ.get("PORT", "0"))))
        address = reserved.getsockname()
        threading.Thread(target=say_when_it_listens, args=address, daemon=True).start()
        Granian("flask_app:app", port=address[1], interface="wsgi", blocking_threads=12).serve()


def say_when_it_listens(host: str, port: int) -> None:
    while True:
        with socket.socket() as connection:
            if connection.connect_ex((host, port)) == 0:
                break
        time.sleep(0.02)
    print(f"listening on {host}:{port}", flush=True)


if __name__ == "__main__":
    main()
