"""The gateway as a process of its own, over a copy of the tests' empty database; one for all tests of a run.

A copy, because it commits: what it writes would stay in the database whose tests are rolled back.
"""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from typing import Any
from urllib.parse import quote, urlencode

import psycopg
import pytest
from django.db import connections
from psycopg import sql

from meydan.messaging.tests.clients import Gateway

START_SECONDS = 60


def pytest_itemcollected(item: pytest.Item) -> None:
    """Whoever asks for the gateway asks for the database that it is made from."""
    if "gateway" in getattr(item, "fixturenames", ()):
        item.add_marker(pytest.mark.django_db)


@pytest.fixture(scope="session")
def gateway(django_db_setup: None) -> Iterator[Gateway]:
    """A gateway that really runs."""
    place = connections["default"].settings_dict
    _copy_database(place)
    with _serving(place) as served:
        yield served


@pytest.fixture(scope="module")
def second(gateway: Gateway) -> Iterator[Gateway]:
    """Another gateway of the same city. When it has gone, the first one writes everything again."""
    with _beside(connections["default"].settings_dict) as served:
        yield served


@pytest.fixture
def serve(gateway: Gateway) -> Callable[..., AbstractContextManager[Gateway]]:
    """Starts another one with settings of its own, as the environment says them."""
    return partial(_beside, connections["default"].settings_dict)


@contextmanager
def _beside(place: dict[str, Any], **settings: str) -> Iterator[Gateway]:
    """One more; it and the others have their shares when this begins and when it has ended."""
    before = _count_writers(place)
    with _serving(place, **settings) as served:
        _wait_for_shares(place, before + 1)
        yield served
    _wait_for_shares(place, before)


@contextmanager
def _serving(place: dict[str, Any], **settings: str) -> Iterator[Gateway]:
    process, url = start_gateway(place, **settings)
    try:
        yield Gateway(url)
    finally:
        process.terminate()
        process.wait(20)


def start_gateway(place: dict[str, Any], **settings: str) -> "tuple[subprocess.Popen[bytes], str]":
    """A process that serves, with settings of its own, and where."""
    port = _free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "meydan.messaging.tests.serving"],
        env={
            **os.environ,
            "MEYDAN_DATABASE_URL": _address(place),
            "MEYDAN_GATEWAY_PORT": str(port),
            "MEYDAN_RATE_LIMITS": "off",
            **settings,
        },
    )
    _wait_for(port, process)
    return process, f"http://127.0.0.1:{port}"


def _count_writers(place: dict[str, Any]) -> int:
    with psycopg.connect(_address(place)) as line:
        (number,) = line.execute("select count(distinct owner) from messaging_shard").fetchone() or (0,)
    return int(number)


def _wait_for_shares(place: dict[str, Any], gateways: int) -> None:
    """Until so many write the streams, each its share. Before, a request may be told to try again, which clients do
    and most tests do not."""
    with psycopg.connect(_address(place), autocommit=True) as line:
        for _try in range(200):
            shares = [share for (share,) in line.execute("select count(*) from messaging_shard group by owner")]
            if len(shares) == gateways and max(shares) <= -(-sum(shares) // gateways):
                break
            time.sleep(0.1)
    time.sleep(0.5)


def _copy_of(place: dict[str, Any]) -> str:
    """Its name; each process of the tests has its own."""
    return f"{place['NAME']}_gateway"


def _copy_database(place: dict[str, Any]) -> None:
    """Nobody may be connected to what is copied."""
    connections.close_all()
    with _connect(place) as line:
        line.execute(sql.SQL("drop database if exists {}").format(sql.Identifier(_copy_of(place))))
        line.execute(
            sql.SQL("create database {} template {}").format(
                sql.Identifier(_copy_of(place)), sql.Identifier(place["NAME"])
            )
        )


def _connect(place: dict[str, Any]) -> "psycopg.Connection[Any]":
    return psycopg.connect(
        host=place["HOST"],
        port=place["PORT"],
        user=place["USER"],
        password=place["PASSWORD"],
        dbname="postgres",
        autocommit=True,
    )


def _address(place: dict[str, Any]) -> str:
    user, password = quote(place["USER"], safe=""), quote(place["PASSWORD"], safe="")
    more = urlencode({"host": place["HOST"], "port": place["PORT"]})
    return f"postgresql://{user}:{password}@/{_copy_of(place)}?{more}"


def _free_port() -> int:
    with socket.socket() as line:
        line.bind(("127.0.0.1", 0))
        port: int = line.getsockname()[1]
        return port


def _wait_for(port: int, process: "subprocess.Popen[bytes]") -> None:
    for _try in range(START_SECONDS * 20):
        assert process.poll() is None, "the gateway ended"
        with socket.socket() as line:
            if line.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError("the gateway did not start")
