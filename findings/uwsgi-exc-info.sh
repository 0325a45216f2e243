#!/usr/bin/env bash
# uWSGI 2.0.31: start_response(status, headers, exc_info) takes the status and the fields, and then raises
# SystemError, with the application's exception as its cause. It does so on the first call too, before
# anything has been sent. uWSGI's own issue 2278 is about this.
#
# Why it matters: a middleware that answers in the place of an application that failed passes exc_info, as
# PEP 3333 asks of error handlers. On uWSGI it gets no write(), and a second exception.
# What onecors does: bindings/python/python/onecors/_environ.py passes exc_info only where an answer is replaced,
# and bindings/python/src/wsgi.rs keeps the application's answer back, so that this is rare.
# Standard: PEP 3333, "The start_response() Callable": error handlers pass exc_info, start_response returns a
# write() callable, and only when the headers have been sent does it raise, and then exc_info's own exception.
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
"""Answers with what start_response did. As an error handler, it passes exc_info where the path is /with."""

import io
import sys
from wsgiref.handlers import SimpleHandler
from wsgiref.util import setup_testing_defaults
from wsgiref.validate import validator

FIELDS = [("Content-Type", "text/plain")]


def application(environ, start_response):
    try:
        raise LookupError("the application has failed")
    except LookupError:
        exc_info = (sys.exc_info(),) if environ["PATH_INFO"] == "/with" else ()
    try:
        write = start_response("500 Internal Server Error", FIELDS, *exc_info)
        result = "returned a write()" if callable(write) else f"returned {write!r}"
    except Exception as error:
        result = f"raised {type(error).__name__}, caused by {type(error.__cause__).__name__}"
    return [result.encode()]


if __name__ == "__main__":
    # The standard library's server, and its validator of what applications and servers do.
    answer = io.BytesIO()
    environ = {"PATH_INFO": "/with", "SCRIPT_NAME": "", "QUERY_STRING": ""}
    setup_testing_defaults(environ)
    SimpleHandler(io.BytesIO(), answer, sys.stderr, environ).run(validator(application))
    print(answer.getvalue().decode().rpartition("\r\n")[2])
PYTHON

python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check uWSGI==2.0.31
timeout --kill-after 5 60 venv/bin/uwsgi --http-socket socket --module application --need-app --die-on-term \
  >log 2>&1 &
server=$!
timeout 20 bash -c 'until [ -S socket ]; do sleep 0.1; done' || { cat log; exit 1; }

ask() { curl --silent --show-error --max-time 10 --unix-socket socket "http://localhost$1" || echo; }
echo "uWSGI $(venv/bin/uwsgi --version)"
without=$(ask /without)
with=$(ask /with)
reference=$(venv/bin/python application.py)
echo "  start_response(status, headers):           $without"
echo "  start_response(status, headers, exc_info): $with"
echo "  the latter in wsgiref, with its validator: $reference"

wanted='returned a write()|raised SystemError, caused by LookupError|returned a write()'
if [ "$without|$with|$reference" != "$wanted" ]; then
  echo "changed: this was $wanted"
  exit 1
fi
