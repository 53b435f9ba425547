"""Knobs: from the file, from the environment, from secret files; and what is refused."""

import stat
from pathlib import Path

import pytest

from meydan.kernel.config import (
    Config,
    ConfigError,
    load_config,
    parse_database_url,
    socket_folder,
    stored_secret,
)

EVERYWHERE = "::"


def make_config(data: Path, toml: str = "", **environment: str) -> Config:
    (data / "meydan.toml").write_text(toml)
    return load_config({"MEYDAN_DATA": str(data), **environment})


def test_without_knobs_it_is_a_demo_on_loopback(tmp_path: Path) -> None:
    config = make_config(tmp_path, MEYDAN_PORT="")
    assert (config.port, config.city, config.demo, config.rate_limits) == (8000, "casablanca", True, True)
    assert config.base_url == "http://127.0.0.1:8000"
    assert config.allowed_hosts == ["127.0.0.1", "localhost", "[::1]"]
    assert not config.beyond_loopback


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    config = make_config(tmp_path, 'port = 9000\ncity = "mashhad"\n', MEYDAN_PORT="9001", MEYDAN_RATE_LIMITS="off")
    assert (config.port, config.city, config.rate_limits) == (9001, "mashhad", False)


def test_tables_have_twins_and_secrets_may_be_files(tmp_path: Path) -> None:
    (tmp_path / "password").write_text("s3cret\n")
    toml = '[smtp]\nhost = "mail.example"\nsender = "city@mail.example"\n[oidc.tara]\nissuer = "https://id.example"\n'
    toml += 'client_id = "city"\nlabel = "TARA"\n'
    config = make_config(
        tmp_path,
        toml,
        MEYDAN_SMTP_PASSWORD_FILE=str(tmp_path / "password"),
        MEYDAN_SMTP_PORT="465",
        MEYDAN_OIDC_TARA_CLIENT_SECRET="hush",
        MEYDAN_FETCH_PRIVATE="10.1.0.0/16, 192.168.7.0/24",
    )
    assert config.smtp is not None
    assert (config.smtp.password, config.smtp.port) == ("s3cret", 465)
    assert config.oidc["tara"].client_secret == "hush"
    assert [str(network) for network in config.fetch_private] == ["10.1.0.0/16", "192.168.7.0/24"]


@pytest.mark.parametrize(
    ("toml", "environment", "says"),
    [
        ("prot = 1", {}, "prot"),
        ("port = 70000", {}, "MEYDAN_PORT"),
        ("port = [", {}, "meydan.toml cannot be read"),
        ('city = "../etc"', {}, "city"),
        ("", {"MEYDAN_BIND": EVERYWHERE}, "--no-demo"),
        ("demo = false", {"MEYDAN_BIND": EVERYWHERE, "MEYDAN_RATE_LIMITS": "off"}, "rate_limits"),
        ("", {"MEYDAN_SMTP_PASSWORD_FILE": "/nowhere"}, "MEYDAN_SMTP_PASSWORD_FILE"),
        ('[files]\nstore = "s3"', {}, "files.bucket"),
        ('[oidc.x]\nissuer = "https://id.example"', {}, "MEYDAN_OIDC_X_CLIENT_ID"),
        ("", {"MEYDAN_SECRET_KEY": "short"}, "secret_key"),
        ("", {"MEYDAN_TURN_URIS": "stun:relay.example"}, "turn_uris"),
        ("", {"MEYDAN_GATEWAY_MORE_URLS": "http://chat.example"}, "gateway_more_urls"),
        ("", {"MEYDAN_GATEWAY_MORE_URLS": "https://chat.example/path"}, "gateway_more_urls"),
        ("", {"MEYDAN_LIVEKIT_URLS": "http://rtc.example/jwt"}, "livekit_urls"),
    ],
)
def test_a_mistake_is_named(tmp_path: Path, toml: str, environment: dict[str, str], says: str) -> None:
    with pytest.raises(ConfigError, match=says):
        make_config(tmp_path, toml, **environment)


def test_a_public_server_is_called_by_its_name(tmp_path: Path) -> None:
    config = make_config(tmp_path, f'demo = false\nbind = "{EVERYWHERE}"\nbase_url = "https://city.example/"\n')
    assert config.base_url == "https://city.example"
    assert config.allowed_hosts[0] == "city.example"


def test_database_addresses(tmp_path: Path) -> None:
    config = make_config(tmp_path, MEYDAN_DATABASE_URL="postgresql://me:p%40ss@db.example:5433/city?sslmode=require")
    database = config.database()
    assert (database["HOST"], database["PORT"], database["USER"]) == ("db.example", "5433", "me")
    assert (database["PASSWORD"], database["NAME"]) == ("p@ss", "city")
    assert database["OPTIONS"]["sslmode"] == "require"
    assert parse_database_url("postgres:///city?host=/run/postgresql")["HOST"] == "/run/postgresql"
    with pytest.raises(ConfigError, match="must look like"):
        parse_database_url("mysql://db/city")


def test_secrets_are_made_once_for_us_alone(tmp_path: Path) -> None:
    data = tmp_path / "city"
    first = stored_secret(data, "one")
    assert len(first) > 40
    assert stored_secret(data, "one") == first != stored_secret(data, "two")
    for path, mode in ((data, 0o700), (data / "secrets", 0o700), (data / "secrets" / "one", 0o600)):
        assert stat.S_IMODE(path.stat().st_mode) == mode
    assert sorted(path.name for path in (data / "secrets").iterdir()) == ["one", "two"]


def test_a_relays_secret_is_made_where_there_is_a_relay(tmp_path: Path) -> None:
    assert make_config(tmp_path).turn_secret == ""
    relay = {"MEYDAN_TURN_URIS": "turn:relay.example:3478?transport=udp, turns:relay.example"}
    config = make_config(tmp_path, **relay)
    assert config.turn_uris == ("turn:relay.example:3478?transport=udp", "turns:relay.example")
    assert config.turn_secret == (tmp_path / "secrets" / "turn").read_text()
    assert make_config(tmp_path, **relay, MEYDAN_TURN_SECRET="theirs").turn_secret == "theirs"


def test_a_socket_has_a_short_path(tmp_path: Path) -> None:
    folder = socket_folder(tmp_path / ("long" * 40))
    assert len(str(folder)) < 90
    assert folder != socket_folder(tmp_path)
