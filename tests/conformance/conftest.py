"""A live server inside the test's own transaction: facts can never be deleted, so nothing could be cleaned up after a
test that commits."""

import threading
from collections.abc import Iterator

import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.core.servers.basehttp import WSGIServer
from django.core.signals import request_finished, request_started
from django.db import DEFAULT_DB_ALIAS, close_old_connections, connections
from django.test.testcases import QuietWSGIRequestHandler


@pytest.fixture
def live_address(db: None) -> Iterator[str]:
    """The address of the live server; its one thread shares the test's connection."""
    connection = connections[DEFAULT_DB_ALIAS]
    connection.inc_thread_sharing()
    for moment in (request_started, request_finished):  # it would close the connection that we lend; Client does so too
        moment.disconnect(close_old_connections)
    server = WSGIServer(("127.0.0.1", 0), QuietWSGIRequestHandler, allow_reuse_address=False)
    server.set_app(WSGIHandler())

    def serve() -> None:
        connections[DEFAULT_DB_ALIAS] = connection
        server.serve_forever(poll_interval=0.05)

    thread = threading.Thread(target=serve)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()
    for moment in (request_started, request_finished):
        moment.connect(close_old_connections)
    connection.dec_thread_sharing()
