"""What is known of a package that was read and whose signature holds."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from meydan.store.packages.refusals import Reason, Refused


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """Everything comes from the signed content; nothing from the file's name or its sender."""

    application_id: str
    version_code: int
    version_name: str
    labels: Mapping[str, str]
    """The application's name by language tag ("ar", "pt-BR"); "" is for all other languages, and is always there."""
    min_sdk: int
    target_sdk: int
    max_sdk: int | None
    permissions: tuple[str, ...]
    """Sorted, each once."""
    permission_limits: Mapping[str, int]
    """The last Android (API level) that is asked for the permission, where the package names one."""
    features: tuple[str, ...]
    """What the device must have."""
    native_abis: tuple[str, ...]
    """Empty: runs on every processor."""
    debuggable: bool
    signers: tuple[str, ...]
    """SHA-256 of the signing certificate, hex. There is exactly one."""
    schemes: tuple[str, ...]
    """"v1", "v2", "v3": v1 is not checked, but for its certificate being the same; at least one other holds."""
    size: int
    sha256: str
    icon: bytes | None
    """A PNG of at most 512 px that our own encoder wrote."""
    trackers: tuple[str, ...] = ()
    """Codes of `trackers.TRACKERS` whose code is in it, sorted."""
    code_read: bool = False
    """Whether all of its code could be looked through for them."""


def require_signers(package: Package, pinned: Collection[str]) -> None:
    """Refuse a package that is not signed as the versions before it were. `pinned`: SHA-256 of certificates, hex."""
    if pinned and set(package.signers) != {one.lower() for one in pinned}:
        raise Refused(Reason.OTHER_SIGNER, ", ".join(package.signers))
