#!/usr/bin/env bash
# Gunicorn 27.0.1: a second start_response with exc_info, before anything has been sent, replaces the status of
# the first, but adds its fields to those of the first.
#
# Why it matters: an error page goes out with the fields of the answer that it replaces. A field that both set is
# there twice, and with two lines of Access-Control-Allow-Origin no browser lets a page read the answer.
# What onecors does: bindings/python/src/wsgi.rs keeps the head of an answer back until its body begins, and makes
# the replacement itself, so that the server hears of one answer.
# Standard: PEP 3333, "The start_response() Callable": "If exc_info is supplied, and no HTTP headers have been
# output yet, start_response should replace the currently-stored HTTP response headers".
# Fetch, "CORS check": a value of Access-Control-Allow-Origin that combines two lines equals no origin.
set -eu

folder=$(mktemp -d)
server=
end() {
  [ -z "$server" ] || { kill "$server" && wait "$server"; } 2>/dev/null || true
  rm -rf "$folder"
}
trap end EXIT
cd "$folder"

cat >application.py <<'PYTHON'
"""Begins an answer, fails, and replaces it by another."""

import io
import sys
from wsgiref.handlers import SimpleHandler
from wsgiref.util import setup_testing_defaults
from wsgiref.validate import validator


def application(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain"), ("X-Attempt", "first")])
    try:
        raise LookupError("the application has failed")
    except LookupError:
        fields = [("Content-Type", "text/plain"), ("X-Attempt", "second")]
        start_response("500 Internal Server Error", fields, sys.exc_info())
    return [b"failed\n"]


if __name__ == "__main__":
    # The standard library's server, and its validator of what applications and servers do.
    answer = io.BytesIO()
    environ = {"PATH_INFO": "/", "SCRIPT_NAME": "", "QUERY_STRING": ""}
    setup_testing_defaults(environ)
    SimpleHandler(io.BytesIO(), answer, sys.stderr, environ).run(validator(application))
    print(answer.getvalue().decode())
PYTHON

python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check gunicorn==27.0.1
timeout --kill-after 5 60 venv/bin/gunicorn --no-control-socket --bind unix:socket application:application \
  >log 2>&1 &
server=$!
timeout 20 bash -c 'until [ -S socket ]; do sleep 0.1; done' || { cat log; exit 1; }

# The status of an answer, and its attempts.
told() { tr -d '\r' | awk 'NR == 1 { print $2 } /^X-Attempt: / { print $2 }' | xargs; }
venv/bin/gunicorn --version
came=$(curl --silent --show-error --include --max-time 10 --unix-socket socket http://localhost/ | told)
reference=$(venv/bin/python application.py | told)
echo "  status and lines of X-Attempt:             $came"
echo "  the same in wsgiref, with its validator:   $reference"

wanted='500 first second|500 second'
if [ "$came|$reference" != "$wanted" ]; then
  echo "changed: this was $wanted"
  exit 1
fi
