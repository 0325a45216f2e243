"""Flask, for gunicorn: DOCUMENT is the policy, SUBJECT is none, flask-cors or onecors."""

import json
import os

from flask import Flask, Response


def _application(document: str, subject: str) -> Flask:
    app = Flask(__name__)

    @app.get("/items")
    def items() -> Response:
        return Response(b'{"items":[]}', content_type="application/json")

    if subject == "flask-cors":
        from flask_cors import CORS

        with open(document) as file:
            policy = json.load(file)
        CORS(
            app,
            origins=policy["allow_origins"],
            methods=["GET", "HEAD", "POST", *policy["allow_methods"]],
            allow_headers=policy["allow_headers"],
            expose_headers=policy["expose_headers"],
            supports_credentials=policy["allow_credentials"],
            max_age=policy["max_age"],
        )
    if subject == "onecors":
        from onecors import Policy
        from onecors.flask import OneCORS

        OneCORS(app, Policy.from_file(document))
    return app


app = _application(os.environ["DOCUMENT"], os.environ["SUBJECT"])
