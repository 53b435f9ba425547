"""The database for a command: the running one, or our own for as long as the command lasts."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import django
from django.db import connection
from django.db.utils import OperationalError

from meydan.kernel.config import config
from meydan.site import prepare
from meydan.site.postgres import Server
from meydan.site.supervisor import hold_lock


@contextmanager
def database_at_hand() -> Iterator[None]:
    """The database of the running `up`, or of MEYDAN_DATABASE_URL; else our own, started for as long as this lasts
    and brought to this version's shape. Sets Django up. Raises `CannotStart`."""
    django.setup(set_prefix=False)
    with ExitStack() as stack:
        try:
            connection.ensure_connection()
        except OperationalError:
            if config().database_url:
                raise
            stack.enter_context(hold_lock(config().data))
            server = Server(config().data)
            stack.callback(server.stop)
            server.start()
            stack.callback(connection.close)
            prepare.migrate()
        yield
