"""What goes into a repository. Texts are by language tag ("ar", "fr"); "" and "en" are for all other languages."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

ENDINGS = {"image/png": ".png", "image/jpeg": ".jpg", "image/webp": ".webp"}
NO_TEXTS: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A picture by its content; `read` is asked only when the repository does not have it yet."""

    sha256: str
    size: int
    media_type: str
    read: Callable[[], bytes] = field(compare=False)

    @classmethod
    def of(cls, body: bytes, media_type: str = "image/png") -> "Picture":
        """The picture of bytes that are at hand."""
        digest = hashlib.sha256(body).hexdigest()
        return cls(sha256=digest, size=len(body), media_type=media_type, read=lambda: body)

    @property
    def file_name(self) -> str:
        return f"{self.sha256[:24]}{ENDINGS[self.media_type]}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """One version of an application. Its file is not kept here: whoever serves the repository serves it by its name."""

    version_code: int
    version_name: str
    file_name: str
    """Beside the index, without a folder: "org.example.app_12.apk"."""
    sha256: str
    size: int
    added: datetime
    min_sdk: int
    target_sdk: int
    max_sdk: int | None = None
    signer: str
    """SHA-256 of the certificate, hex."""
    permissions: tuple[str, ...] = ()
    permission_limits: Mapping[str, int] = field(default_factory=dict)
    features: tuple[str, ...] = ()
    native_abis: tuple[str, ...] = ()
    whats_new: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class App:
    """An application and its versions, at least one. The highest version is the suggested one."""

    application_id: str
    names: Mapping[str, str]
    summaries: Mapping[str, str] = field(default_factory=dict)
    descriptions: Mapping[str, str] = field(default_factory=dict)
    """Plain text; lines are kept."""
    added: datetime
    updated: datetime
    categories: tuple[str, ...] = ()
    """Keys of the repository's categories."""
    author: str = ""
    author_site: str = ""
    site: str = ""
    source_code: str = ""
    issue_tracker: str = ""
    licence: str = ""
    """By its SPDX name."""
    anti_features: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """F-Droid's key ("Tracking", "Ads"), and why, by language."""
    icon: Picture | None = None
    screenshots: Mapping[str, tuple[Picture, ...]] = field(default_factory=dict)
    releases: tuple[Release, ...]

    @property
    def newest_first(self) -> list[Release]:
        return sorted(self.releases, key=lambda release: (-release.version_code, release.sha256))


@dataclass(frozen=True, slots=True, kw_only=True)
class Category:
    """A category's key, as applications name it, and its names by language."""

    key: str
    names: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Description:
    """The repository itself."""

    names: Mapping[str, str]
    descriptions: Mapping[str, str]
    address: str
    """Where clients find it: "https://city.example/fdroid/repo"."""
    site: str = ""
    """Where an application's page is found, by its id behind this address; "" for none."""
    icon: Picture | None = None
    categories: tuple[Category, ...] = ()
