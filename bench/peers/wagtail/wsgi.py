"""For granian, as a factory: each worker builds its application."""

import os

from django.core.handlers.wsgi import WSGIHandler
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "settings")


def make() -> WSGIHandler:
    """The application."""
    return get_wsgi_application()
