"""Synapse, Matrix's reference server, as the messenger's peer: in its own virtual environment, on the same PostgreSQL.

It is set up in its favour: one quiet process, no federation, no presence, no rate limits, the cheapest hash of a
password. Its durability is the server's, as ours is. Its database needs the C locale; a database of our server has one
of Unicode, so it is made from `template0`.
"""

import contextlib
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench import harness
from bench.harness import HOME
from bench.pages import cache
from meydan.kernel.config import DATABASE_NAME, load_config
from meydan.site.postgres import Server

LOCK = HOME / "bench" / "requirements-synapse.lock"
NAME = "synapse"
START_SECONDS = 120.0
UNBOUNDED = {"per_second": 100_000, "burst_count": 1_000_000}
LIMITS: dict[str, Any] = {
    **dict.fromkeys(
        (
            "rc_message",
            "rc_registration",
            "rc_registration_token_validity",
            "rc_admin_redaction",
            "rc_joins_per_room",
            "rc_3pid_validation",
            "rc_third_party_invite",
            "rc_media_create",
            "rc_delayed_event_mgmt",
            "rc_room_creation",
            "rc_reports",
            "rc_user_directory",
            "rc_profile",
            "rc_key_requests",
        ),
        UNBOUNDED,
    ),
    "rc_login": dict.fromkeys(("address", "account", "failed_attempts"), UNBOUNDED),
    "rc_joins": dict.fromkeys(("local", "remote"), UNBOUNDED),
    "rc_invites": dict.fromkeys(("per_room", "per_user", "per_issuer"), UNBOUNDED),
    "rc_presence": {"per_user": UNBOUNDED},
}
LOGGING = {
    "version": 1,
    "formatters": {"plain": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"level": "WARNING", "handlers": ["console"]},
    "disable_existing_loggers": False,
}


@dataclass(frozen=True)
class Installed:
    """Where its Python is, and what it calls itself."""

    python: Path
    version: str


def install() -> Installed:
    """Synapse exactly as its lock names it, kept in the user's cache for the next run."""
    python = harness.virtual_environment(LOCK, cache() / NAME)
    return Installed(python, harness.run([str(python), "-c", "import synapse; print(synapse.__version__)"]).strip())


def make_database(server: Server) -> None:
    """An empty database of its own, in the locale that it asks for."""
    with server.connect("postgres") as connection:
        connection.execute(
            f"create database {NAME} owner {DATABASE_NAME} template template0 encoding 'UTF8'"
            " locale_provider libc lc_collate 'C' lc_ctype 'C'"
        )


def write_settings(data: Path, port: int) -> Path:
    """Its configuration and its signing key, in a folder under the city's; the configuration's path.

    JSON is YAML too, so none of its tools are needed.
    """
    folder = data / NAME
    folder.mkdir(exist_ok=True)
    (folder / "log.yaml").write_text(json.dumps(LOGGING), "utf-8")
    path = folder / "homeserver.yaml"
    path.write_text(json.dumps(settings(folder, load_config({"MEYDAN_DATA": str(data)}).database(), port)), "utf-8")
    return path


def settings(folder: Path, database: Mapping[str, Any], port: int) -> dict[str, Any]:
    """One process that serves clients only."""
    return {
        "server_name": "bench.example",
        "report_stats": False,
        "signing_key_path": str(folder / "signing.key"),
        "media_store_path": str(folder / "media"),
        "log_config": str(folder / "log.yaml"),
        "pid_file": str(folder / "pid"),
        "macaroon_secret_key": "bench",
        "form_secret": "bench",
        "trusted_key_servers": [],
        "suppress_key_server_warning": True,
        "federation_domain_whitelist": [],
        "enable_registration": True,
        "enable_registration_without_verification": True,
        "bcrypt_rounds": 4,
        "presence": {"enabled": False},
        "listeners": [
            {
                "type": "http",
                "port": port,
                "bind_addresses": ["127.0.0.1"],
                "resources": [{"names": ["client"], "compress": False}],
            }
        ],
        "database": {"name": "psycopg2", "args": _arguments(database)},
        **LIMITS,
    }


def _arguments(database: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "host": database["HOST"],
        "port": database["PORT"],
        "user": database["USER"],
        "password": database["PASSWORD"],
        "dbname": NAME,
        "cp_min": 5,
        "cp_max": 10,
    }


@contextlib.contextmanager
def running(installed: Installed, server: Server, port: int) -> Iterator[int]:
    """Run it on a fresh database of `server`, until the end of the `with`; the pid of its process tree.

    One process, as most run it. Its workers, and the Redis through which they speak, would be started here beside it,
    as children of one process, so that the CPU of all is counted.
    """
    make_database(server)
    path = write_settings(server.data, port)
    start = [str(installed.python), "-m", "synapse.app.homeserver", "--config-path", str(path)]
    harness.run([*start, "--generate-keys"], folder=path.parent)
    with harness.logged(start, path.parent / "log", folder=path.parent, env=_environment()) as pid:
        harness.wait_for(f"http://127.0.0.1:{port}/_matrix/client/versions", seconds=START_SECONDS)
        yield pid


def _environment() -> dict[str, str]:
    """Ours without what concerns our own Python."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "DJANGO", "MEYDAN"))}
