"""The pages' process. Modules are loaded once, in the parent; each serving child builds its own application."""

import os
import signal

import django
from django.core.handlers.wsgi import WSGIHandler

from meydan.site.processes import bind_to_parent

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "meydan.site.settings")
django.setup(set_prefix=False)


def application_of_child() -> WSGIHandler:
    """For granian: a child that outlives its killed parent would go on answering on the same port."""
    bind_to_parent(signal.SIGKILL, os.getppid())
    return WSGIHandler()
