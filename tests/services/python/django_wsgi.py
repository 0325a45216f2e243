"""Django's WSGI application, wrapped."""

import django_app  # noqa: F401 - the settings, which the next lines need
from django.core.wsgi import get_wsgi_application
from onecors.django import wrap

application = wrap(get_wsgi_application())
