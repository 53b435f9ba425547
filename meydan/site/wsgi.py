"""The pages' process. What is big is loaded once, in the parent; each serving child builds its own application, so that
children that follow a change (new files for browsers) see it."""

import os
import signal
import threading

import django
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.template import engines
from django.urls import base, get_resolver
from django.utils.module_loading import import_string

from meydan.site.processes import bind_to_parent

NICENESS = 5
"""Where all want the processor at once, the worker and the database go first: what the city has said yes to is done
before more is taken in, so the worker keeps up however many ask."""

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "meydan.site.settings")

base._urlconfs = threading.local()  # type: ignore[attr-defined]  # no public name; why: kernel/i18n.py


def load() -> None:
    """Import what any request may need; opens no connection, keeps no file of `static/`."""
    django.setup(set_prefix=False)
    for middleware in settings.MIDDLEWARE:
        import_string(middleware)
    engines.all()
    len(get_resolver().url_patterns)  # its views with it


def application_of_child() -> WSGIHandler:
    """For granian: a child that outlives its killed parent would go on answering on the same port."""
    bind_to_parent(signal.SIGKILL, os.getppid())
    os.nice(NICENESS)
    return WSGIHandler()


load()
