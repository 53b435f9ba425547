"""Fixtures of identity's tests."""

import os
from collections.abc import Iterator

import pytest
from django.db import connection
from playwright.sync_api import Browser, sync_playwright

from meydan.identity.queries.statuslists import built_list
from meydan.identity.tests.holders import make_identity, make_person
from meydan.identity.tests.relying import Program, make_bank
from meydan.kernel.actor import Actor
from meydan.site.commands.test import find_browser


@pytest.fixture(autouse=True)
def no_list_of_another_test() -> None:
    """Each test has keys of its own; a list of the same minute may be kept, signed by others."""
    built_list.cache_clear()


@pytest.fixture
def committed(transactional_db: None) -> Iterator[None]:
    """For tests whose threads must see each other's commits: afterwards Django empties the tables, facts included."""
    yield
    with connection.cursor() as cursor:
        cursor.execute("alter table kernel_fact disable trigger kernel_fact_no_truncate")


@pytest.fixture
def amina(db: None) -> Actor:
    """Somebody with an identity."""
    actor = make_person()
    make_identity(actor)
    return actor


@pytest.fixture
def bank(db: None) -> Program:
    """A program of a relying party where people sign in."""
    return Program(secret=make_bank()[1])


@pytest.fixture
def browser(monkeypatch: pytest.MonkeyPatch) -> Iterator[Browser]:
    """Playwright keeps a loop in this thread, in which Django would not touch its database."""
    monkeypatch.setitem(os.environ, "DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=find_browser())
        yield found
        found.close()
