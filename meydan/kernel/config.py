"""What differs between two cities, read once: `<data>/meydan.toml`, then the environment, which wins.

Every knob `key` has the environment twin `MEYDAN_KEY`; every knob of a table, `[smtp] host`, the twin
`MEYDAN_SMTP_HOST`. For secrets the twin may end in `_FILE` and name a file that holds the value.
A mistake raises `ConfigError`, whose sentence names the knob and says what to do.
"""

import contextlib
import hashlib
import ipaddress
import os
import re
import secrets
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Literal
from urllib.parse import parse_qsl, unquote, urlsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

_PACKAGE = Path(__file__).resolve().parents[1]
CITIES = (_PACKAGE if (_PACKAGE / "cities").is_dir() else _PACKAGE.parent) / "cities"
"""The packs: inside a wheel, or beside the package in a checkout."""
DATABASE_NAME = "meydan"
GATEWAY_STEP = 8  # between the port of the pages and that of the messenger: 8000 and 8008
SOCKET_PATH_LIMIT = 100  # Linux allows 107 bytes with the socket's own name; some systems 103
LOOPBACK_NAMES = ("localhost", "127.0.0.1", "[::1]")
IpNetwork = ipaddress.IPv4Network | ipaddress.IPv6Network
CLAMD = r"^(unix:/\S{1,100}|([A-Za-z0-9.-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\]):[0-9]{1,5})?$"  # "": nobody is asked
GATEWAY_URL = re.compile(r"https://[^/\s@?#]{1,260}|http://(localhost|127\.0\.0\.1)(:\d+)?")
LIVEKIT_URL = re.compile(r"(https://[^/\s@?#]{1,260}|http://(localhost|127\.0\.0\.1)(:\d+)?)(/[^\s@?#]{0,200})?")
TURN_URI = re.compile(r"turns?:[^/\s@?]{1,260}(\?transport=(udp|tcp))?")  # RFC 7065


class ConfigError(Exception):
    """The configuration cannot be used; the message says which knob and what to write."""


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


class Smtp(_Table):
    """`[smtp]`: how mail leaves. `security`: `starttls` (port 587), `tls` (465) or `none`."""

    host: str
    port: int = Field(587, ge=1, le=65535)
    user: str = ""
    password: str = ""
    security: Literal["starttls", "tls", "none"] = "starttls"
    sender: str


class Imap(_Table):
    """`[imap]`: the city's mailbox, from which letters become reports. `address`: what people write to. `security`:
    `tls` (port 993), `starttls` (143) or, on loopback only, `none`. `delete`: letters that were taken are deleted from
    the mailbox, else flagged; refused ones always stay. `plus`: whether `name+anything@` reaches it too. `auth_host`:
    the name by which the city's own mail server signs its Authentication-Results (RFC 8601). `photo_place`: take the
    place that a photo knows, where the city tells people so."""

    host: str
    port: int = Field(993, ge=1, le=65535)
    user: str
    password: str = Field(repr=False)
    security: Literal["tls", "starttls", "none"] = "tls"
    folder: str = Field("INBOX", pattern=r'^[^"\\\r\n]{1,100}$')
    address: str = Field(pattern=r"^[^@\s+]{1,40}@[^@\s]+$")
    delete: bool = False
    plus: bool = True
    auth_host: str = ""
    photo_place: bool = False

    @model_validator(mode="after")
    def _secret_is_kept(self) -> "Imap":
        if self.security == "none" and f"{self.host}" not in (*LOOPBACK_NAMES, "::1"):
            raise ValueError("imap.security may be none only on loopback: the password would travel in the open")
        return self


class Files(_Table):
    """`[files]`: where photos are kept: on disk under `<data>/files`, or in a bucket that speaks S3."""

    store: Literal["disk", "s3"] = "disk"
    bucket: str = ""
    endpoint: str = ""
    region: str = ""
    access_key: str = ""
    secret_key: str = ""

    @model_validator(mode="after")
    def _bucket_is_named(self) -> "Files":
        if self.store == "s3" and not self.bucket:
            raise ValueError("files.store is s3, so name the bucket: files.bucket")
        return self


class Registry(_Table):
    """`[registry]`: who is asked whether an ID number and a person belong together. `csv`: the rows of `file`;
    `postgresql`: `query` on the database at `url`, with one parameter, %(number)s; `http`: GET `url`/<number> with
    `token` as bearer. Columns and members are named as `identity.models.Claims` has them (docs/how-to/registry.md)."""

    kind: Literal["csv", "postgresql", "http"]
    name: str = Field("registry", min_length=1, max_length=60)
    file: Path | None = None
    url: str = Field("", max_length=500, repr=False)
    token: str = Field("", max_length=500, repr=False)
    query: str = Field("", max_length=2000)

    @model_validator(mode="after")
    def _is_whole(self) -> "Registry":
        wanted = {"csv": self.file, "postgresql": self.url and self.query, "http": self.url}[self.kind]
        if not wanted:
            needed = {"csv": "registry.file", "postgresql": "registry.url and registry.query", "http": "registry.url"}
            raise ValueError(f"registry.kind is {self.kind}, so set {needed[self.kind]}")
        return self


class SocialClient(_Table):
    """`[google]`, `[facebook]`: the client that the provider gave the city."""

    client_id: str
    client_secret: str


class OpenidClient(SocialClient):
    """`[oidc.<name>]`: any OpenID Connect provider. `issuer` is its address; `label` is what the button says."""

    issuer: str
    label: str


class Config(_Table):
    """One city's configuration. Build it with `config()` or `load_config()`."""

    data: Path
    port: int = Field(8000, ge=1, le=65535)
    bind: str = "127.0.0.1"
    gateway_port: int = Field(8008, ge=1, le=65535)  # where nothing is said: 8 above `port`
    gateways: int = Field(1, ge=0, le=32)  # processes that serve the messenger on this machine
    gateway_base_url: str = ""  # where clients reach the messenger, behind a proxy
    gateway_more_urls: tuple[str, ...] = ()  # other ways to it, for who is hindered on the first
    server_name: str = Field("localhost", pattern=r"^[a-z0-9.-]{1,230}(:[0-9]{1,5})?$")  # in every name; for good
    media_bytes: int = Field(50 * 2**20, ge=2**16, le=2**31)  # a file that somebody sends in the messenger
    media_open: bool = False  # whether the messenger's files are served without a token, as old clients ask for them
    presence: bool = True  # whether the messenger tells people who share a small closed room that others are there
    turn_uris: tuple[str, ...] = ()  # relays for the messenger's calls: turn:chat.city.example:3478?transport=udp
    turn_secret: str = Field("", repr=False)  # coturn's static-auth-secret; unless set, <data>/secrets/turn
    livekit_urls: tuple[str, ...] = ()  # what gives tokens for calls of many: https://rtc.city.example/livekit/jwt
    city: str = Field("casablanca", pattern=r"^[a-z0-9-]{1,40}$")
    demo: bool = True
    database_url: str = ""
    hosts: tuple[str, ...] = ()
    base_url: str = ""
    time_zone: str = "UTC"
    data_licence: Literal["CC0-1.0", "CC-BY-4.0", "ODbL-1.0"] = "CC0-1.0"  # of the open data (SPDX)
    rate_limits: bool = True
    frontend: bool = True  # whether `up` fetches the browser's libraries when they are missing
    fetch_private: tuple[IpNetwork, ...] = ()  # private networks that the guarded fetcher may enter
    trusted_proxies: tuple[IpNetwork, ...] = ()  # networks whose X-Forwarded-For and -Proto are believed
    clamd: str = Field("", pattern=CLAMD)  # asks ClamAV about packages: unix:/run/clamav/clamd.ctl or host:3310
    files: Files = Files()
    smtp: Smtp | None = None
    imap: Imap | None = None
    registry: Registry | None = None
    google: SocialClient | None = None
    facebook: SocialClient | None = None
    oidc: dict[str, OpenidClient] = {}
    secret_key: str = Field(min_length=32, repr=False)
    biometric_key: str = Field("", repr=False)  # under which pictures and measures of faces lie; <data>/secrets/faces

    @field_validator(
        *("hosts", "fetch_private", "trusted_proxies", "turn_uris", "livekit_urls", "gateway_more_urls"), mode="before"
    )
    @classmethod
    def _split_list(cls, value: Any) -> Any:
        return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value

    @field_validator("turn_uris")
    @classmethod
    def _check_relays(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if wrong := [uri for uri in value if not TURN_URI.fullmatch(uri)]:
            raise ValueError(f"{wrong[0]} is no relay's address; write turn:chat.city.example:3478?transport=udp")
        return value

    @field_validator("livekit_urls")
    @classmethod
    def _check_livekit(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if wrong := [url for url in value if not LIVEKIT_URL.fullmatch(url)]:
            raise ValueError(f"{wrong[0]} gives no tokens for calls; write https://rtc.city.example/livekit/jwt")
        return value

    @field_validator("gateway_more_urls")
    @classmethod
    def _check_ways(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if wrong := [url for url in value if not GATEWAY_URL.fullmatch(url)]:
            raise ValueError(f"{wrong[0]} is no way to the messenger; write https://chat.city.example")
        return value

    @model_validator(mode="before")
    @classmethod
    def _fill_addresses(cls, values: dict[str, Any]) -> dict[str, Any]:
        base_url = values.get("base_url") or f"http://{bracketed(values.get('bind'))}:{values.get('port') or 8000}"
        gateway_port = values.get("gateway_port") or int(values.get("port") or 8000) + GATEWAY_STEP
        return {**values, "base_url": base_url.rstrip("/"), "gateway_port": gateway_port}

    @model_validator(mode="after")
    def _guard_the_open(self) -> "Config":
        if self.beyond_loopback and self.demo:
            raise ValueError(
                f"bind is {self.bind}: a server that others can reach may not run the demo, whose passwords are"
                " public. Start with --no-demo (demo = false), or bind to 127.0.0.1"
            )
        if self.beyond_loopback and not self.rate_limits:
            raise ValueError(f"rate_limits may be off only on loopback, and bind is {self.bind}")
        return self

    @property
    def allowed_hosts(self) -> list[str]:
        """The names that a request may call us by: those given, the public one, and this machine's own."""
        return list(dict.fromkeys((*self.hosts, urlsplit(self.base_url).hostname or "localhost", *LOOPBACK_NAMES)))

    @property
    def gateway_url(self) -> str:
        """Where clients find the messenger: as `/.well-known/matrix/client` says it."""
        return self.gateway_base_url.rstrip("/") or f"http://{bracketed(self.bind)}:{self.gateway_port}"

    @property
    def gateway_urls(self) -> tuple[str, ...]:
        """The same, and the other ways to it, in the order in which they are tried."""
        return tuple(dict.fromkeys((self.gateway_url, *self.gateway_more_urls)))

    @property
    def beyond_loopback(self) -> bool:
        """Whether machines other than this one can reach the server."""
        if self.bind == "localhost":
            return False
        try:
            return not ipaddress.ip_address(self.bind).is_loopback
        except ValueError:
            return True

    def database(self) -> dict[str, Any]:
        """The `default` of Django's DATABASES: the given address, else our own server's socket under `data`."""
        place = parse_database_url(self.database_url) if self.database_url else self._own_database()
        options = {"connect_timeout": 5, **place.pop("OPTIONS", {})}
        return {
            **place,
            "ENGINE": "meydan.kernel.database",
            "CONN_MAX_AGE": None,
            "CONN_HEALTH_CHECKS": True,
            "OPTIONS": options,
        }

    def _own_database(self) -> dict[str, Any]:
        return {
            "NAME": DATABASE_NAME,
            "USER": DATABASE_NAME,
            "PASSWORD": stored_secret(self.data, "database"),
            "HOST": str(socket_folder(self.data)),
            "PORT": "5432",
        }


def bracketed(host: Any) -> str:
    """The host part of an address that a browser on this machine can open."""
    try:
        address = ipaddress.ip_address(host or "127.0.0.1")
    except ValueError:
        return str(host)
    if address.is_unspecified:
        return "127.0.0.1"
    return f"[{address}]" if address.version == 6 else str(address)


def parse_database_url(url: str) -> dict[str, Any]:
    """`postgresql://user:password@host:port/name?option=value` as Django wants it; `?host=/folder` for a socket."""
    parts = urlsplit(url)
    if parts.scheme not in ("postgres", "postgresql") or not parts.path.strip("/"):
        raise ConfigError("MEYDAN_DATABASE_URL must look like postgresql://user:password@host:5432/name")
    options = dict(parse_qsl(parts.query))
    host = options.pop("host", None) or unquote(parts.hostname or "")
    return {
        "NAME": unquote(parts.path.strip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": host,
        "PORT": str(parts.port or options.pop("port", "")),
        "OPTIONS": options,
    }


def socket_folder(data: Path) -> Path:
    """The folder of our own database's socket: `<data>/run`, or a short one where that is too long for a socket.

    For root it lies under `/run`: the database has an account of its own, which may not be able to walk to `data`.
    """
    folder = data / "run"
    is_root = os.getuid() == 0
    if not is_root and len(os.fsencode(folder / ".s.PGSQL.5432")) <= SOCKET_PATH_LIMIT:
        return folder
    base = Path("/run") if is_root and Path("/run").is_dir() else Path("/", "tmp")
    return base / f"meydan-{os.getuid()}-{hashlib.sha256(os.fsencode(data)).hexdigest()[:12]}"


def stored_secret(data: Path, name: str) -> str:
    """The secret `<data>/secrets/<name>` (mode 0600), made up on its first use; safe when two processes ask at once."""
    path = data / "secrets" / name
    if not path.exists():
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.parent.mkdir(mode=0o700, exist_ok=True)
        draft = path.with_name(f"{name}.{os.getpid()}")
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_urlsafe(48), "ascii")
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)
        draft.unlink()
    return path.read_text("ascii").strip()


def default_data() -> Path:
    """`data` in the checkout, or where we are when Meydan came as a wheel."""
    checkout = Path(__file__).resolve().parents[2]
    return (checkout if (checkout / "pyproject.toml").is_file() else Path.cwd()) / "data"


def load_config(environment: Mapping[str, str]) -> Config:
    """Read `<data>/meydan.toml` and `MEYDAN_*` from `environment`. Raises `ConfigError`."""
    data = Path(environment.get("MEYDAN_DATA") or default_data()).absolute()
    knobs = _read_file(data / "meydan.toml")
    _lay_environment(knobs, environment)
    knobs.setdefault("time_zone", _time_zone_of(str(knobs.get("city", Config.model_fields["city"].default))))
    knobs.setdefault("secret_key", stored_secret(data, "secret_key"))
    knobs.setdefault("biometric_key", stored_secret(data, "faces"))
    if knobs.get("turn_uris"):
        knobs.setdefault("turn_secret", stored_secret(data, "turn"))
    try:
        return Config.model_validate({**knobs, "data": data})
    except ValidationError as error:
        raise ConfigError(_sentence(error)) from None


@cache
def config() -> Config:
    """This process's configuration, read once."""
    return load_config(os.environ)


def _read_file(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise ConfigError(f"{path} cannot be read: {error}") from None


def _lay_environment(knobs: dict[str, Any], environment: Mapping[str, str]) -> None:
    """Lay MEYDAN_* over the file's knobs; only names that exist as knobs count, others belong to commands."""
    for table, key in _known_knobs(knobs):
        value = _from_environment(environment, "_".join(("MEYDAN", *table, key)).upper().replace("-", "_"))
        if value is None:
            continue
        place = knobs
        for part in table:
            place = place.setdefault(part, {})
        place[key] = value


def _known_knobs(knobs: Mapping[str, Any]) -> list[tuple[tuple[str, ...], str]]:
    tables: dict[tuple[str, ...], type[_Table]] = {
        (): Config,
        ("smtp",): Smtp,
        ("imap",): Imap,
        ("files",): Files,
        ("registry",): Registry,
        ("google",): SocialClient,
        ("facebook",): SocialClient,
    }
    tables |= {("oidc", name): OpenidClient for name in knobs.get("oidc", {})}
    inner = {"data", "smtp", "imap", "files", "registry", "google", "facebook", "oidc"}
    return [(path, key) for path, table in tables.items() for key in table.model_fields if path or key not in inner]


def _from_environment(environment: Mapping[str, str], name: str) -> str | None:
    if path := environment.get(f"{name}_FILE"):
        try:
            return Path(path).read_text("utf-8").strip()
        except OSError as error:
            raise ConfigError(f"{name}_FILE names a file that cannot be read: {error}") from None
    return environment.get(name) or None  # empty is unset, as compose files write it


def _time_zone_of(city: str) -> str:
    """The time zone that the city's pack names."""
    return str(_read_file(CITIES / city / "city.toml").get("time_zone", "UTC"))


def _sentence(error: ValidationError) -> str:
    lines = []
    for problem in error.errors(include_url=False, include_input=False):
        knob = ".".join(str(part) for part in problem["loc"])
        message = problem["msg"].removeprefix("Value error, ")
        twin = knob.replace(".", "_").upper()
        lines.append(f"{knob} (MEYDAN_{twin}): {message}" if knob else message)
    return "; ".join(lines)
