"""The application in Flask on gevent, which patches what blocks before anything is imported."""

from gevent import monkey

monkey.patch_all()

import serve  # noqa: E402 - as said above
from flask_app import app  # noqa: E402 - as said above

serve.on_gevent(app)
