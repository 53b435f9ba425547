"""The three ways to ask a registry, and all the ways in which one fails to answer."""

import ipaddress
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import psycopg
import pytest
from django.db import connection

from meydan.identity.plugins import registry_http
from meydan.identity.plugins.registry import RegistryDown
from meydan.identity.plugins.registry_csv import CsvRegistry
from meydan.identity.plugins.registry_http import HttpRegistry
from meydan.identity.plugins.registry_postgresql import PostgresRegistry
from meydan.identity.tests.registry_server import PEOPLE, TOKEN, RegistryServer, registry_server
from meydan.kernel import fetch
from meydan.kernel.config import ConfigError, Registry, load_config

KNOWN = "BK100001"


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[RegistryServer]:
    loopback = ipaddress.ip_network("127.0.0.0/8")
    monkeypatch.setattr(fetch, "config", lambda: SimpleNamespace(fetch_private=(loopback,)))
    with registry_server() as running:
        yield running


def ask(server: RegistryServer, token: str = TOKEN) -> HttpRegistry:
    return HttpRegistry(Registry(kind="http", url=server.url, token=token))


def test_http_tells_who_has_a_number(server: RegistryServer) -> None:
    server.portrait = b"\xff\xd8\xff picture"
    entry = ask(server).look_up(KNOWN)
    assert entry and entry.claims.family_name == "Chraibi" and entry.portrait == server.portrait and entry.alive
    assert ask(server).look_up("NOBODY") is None
    server.mood = "slow"
    assert ask(server).look_up(KNOWN)


@pytest.mark.parametrize("mood", ["late", "broken", "wrong", "garbage", "huge", "half", "drops", "proxy404"])
def test_http_that_misbehaves_is_no_answer(server: RegistryServer, mood: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry_http, "QUESTION_SECONDS", 1.0)
    server.mood = mood
    with pytest.raises(RegistryDown):
        ask(server).look_up(KNOWN)


def test_http_without_the_token_or_the_server_is_no_answer(server: RegistryServer) -> None:
    with pytest.raises(RegistryDown):
        ask(server, token="").look_up(KNOWN)
    with pytest.raises(RegistryDown):
        HttpRegistry(Registry(kind="http", url="http://127.0.0.1:9/people")).look_up(KNOWN)


def test_a_number_cannot_leave_the_address(server: RegistryServer) -> None:
    assert ask(server).look_up("../admin?x=1") is None


def test_csv_reads_the_packs_people_and_their_portraits(tmp_path: Path) -> None:
    file = tmp_path / "registry.csv"
    file.write_bytes(PEOPLE.read_bytes())
    (tmp_path / "portraits").mkdir()
    (tmp_path / "portraits" / "1.jpg").write_bytes(b"\xff\xd8\xff")
    registry = CsvRegistry(Registry(kind="csv", file=file))
    entry = registry.look_up(" bk 100001")
    assert entry and entry.claims.given_name == "Imane" and entry.portrait == b"\xff\xd8\xff"
    assert registry.look_up("NOBODY") is None
    with pytest.raises(RegistryDown):
        registry.look_up("BK100002")  # its portrait is missing
    file.write_text("number,given_name,family_name,birth_date,alive\nX1,A,B,1990-01-01,false\nX2,A,B,soon,\n", "utf-8")
    dead = registry.look_up("X1")
    assert dead and not dead.alive
    with pytest.raises(RegistryDown):
        registry.look_up("X2")
    file.unlink()
    with pytest.raises(RegistryDown):
        registry.look_up("X1")


@pytest.mark.django_db
def test_postgresql_asks_one_query_read_only() -> None:
    settings = connection.settings_dict
    login = f"{settings['USER']}:{settings['PASSWORD']}@/{settings['NAME']}?host={settings['HOST']}"
    url = f"postgresql://{login}&port={settings['PORT']}"
    query = "select * from test_people where number = %(number)s"
    registry = PostgresRegistry(Registry(kind="postgresql", url=url, query=query))
    with psycopg.connect(url, autocommit=True) as line:
        line.execute("create table test_people (number text, given_name text, family_name text, birth_date date)")
        line.execute("insert into test_people values ('P1', 'Amina', 'Idrissi', '1990-04-12'), ('P2', 'A', 'B', null)")
        try:
            entry = registry.look_up("P1")
            assert entry and entry.claims.family_name == "Idrissi"
            assert registry.look_up("P' or '1'='1") is None
            with pytest.raises(RegistryDown):
                registry.look_up("P2")
            for wrong in (
                "delete from test_people where number = %(number)s returning *",
                "select pg_sleep(99), %(number)s",
                "select * from test_people where number <> %(number)s or true",
            ):
                hasty = PostgresRegistry(Registry(kind="postgresql", url=url, query=wrong))
                hasty.seconds = 0.2
                with pytest.raises(RegistryDown):
                    hasty.look_up("P1")
        finally:
            line.execute("drop table test_people")


def test_the_configuration_says_what_is_missing(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"registry\.url"):
        load_config({"MEYDAN_DATA": str(tmp_path), "MEYDAN_REGISTRY_KIND": "http"})
    config = load_config(
        {"MEYDAN_DATA": str(tmp_path), "MEYDAN_REGISTRY_KIND": "csv", "MEYDAN_REGISTRY_FILE": "/r.csv"}
    )
    assert config.registry and config.registry.file == Path("/r.csv")
    assert len(config.biometric_key) > 40 and config.biometric_key not in repr(config)
