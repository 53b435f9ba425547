"""Applications for a repository, and a client's look at it: what F-Droid's clients check, without our code."""

import base64
import functools
import hashlib
import json
import re
import subprocess
import zipfile
import zlib
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from meydan.store.repository import App, Category, Description, Picture, Release, Repository, SigningKey

BEGIN = datetime(2026, 3, 1, tzinfo=UTC)
ADDRESS = "https://city.example/fdroid/repo"


class Untrusted(Exception):
    """A client would refuse this repository."""


@functools.cache
def make_key(name: str = "city") -> SigningKey:
    """A key of 2048 bits, the same in the whole run."""
    return SigningKey.make(name, bits=2048)


def make_repository(folder: Path, key: SigningKey | None = None) -> Repository:
    about = Description(
        names={"en": "City apps", "ar": "تطبيقات المدينة"},
        descriptions={"en": "Checked <by> people"},
        address=ADDRESS,
        icon=Picture.of(b"the city's icon"),
        categories=(Category(key="transport", names={"en": "Transport", "ar": "النقل"}),),
    )
    return Repository(folder, key or make_key(), about)


def make_release(name: str, code: int) -> Release:
    return Release(
        version_code=code,
        version_name=f"1.{code}",
        file_name=f"{name}_{code}.apk",
        sha256=hashlib.sha256(f"{name} {code}".encode()).hexdigest(),
        size=1000 + code,
        added=BEGIN,
        min_sdk=24,
        target_sdk=34,
        signer="ab" * 32,
        permissions=("android.permission.BLUETOOTH", "android.permission.INTERNET"),
        permission_limits={"android.permission.BLUETOOTH": 30},
        native_abis=("arm64-v8a",),
        whats_new={"en": f"New in {code}"},
    )


def make_app(name: str = "org.example.buses", *codes: int, summary: str = "When the next one comes") -> App:
    return App(
        application_id=name,
        names={"en": "Buses", "ar": "حافلات"},
        summaries={"en": summary},
        descriptions={"en": "Lines & <stops>"},
        added=BEGIN,
        updated=BEGIN,
        categories=("transport",),
        author="The city",
        licence="EUPL-1.2",
        icon=Picture.of(f"icon of {name}".encode()),
        screenshots={"en": (Picture.of(b"a screenshot", "image/webp"),)},
        releases=tuple(make_release(name, code) for code in codes or (1,)),
    )


Fetch = Callable[[str], bytes]


def fetched_from(repository: Repository) -> Fetch:
    """Fetches as a web server would answer."""

    def fetch(path: str) -> bytes:
        found = repository.find(path.removeprefix("/"))
        if not found:
            raise Untrusted(f"{path} is not there")
        return found.read_bytes()

    return fetch


def read_entry(fetch: Fetch, folder: Path, fingerprint: str) -> dict[str, Any]:
    """What `entry.jar` says, when the key of this fingerprint has signed it (openssl checks the signature)."""
    content: dict[str, Any] = json.loads(_verified(fetch("entry.jar"), folder, fingerprint, "entry.json", "SHA-256"))
    return content


def read_index(fetch: Fetch, folder: Path, fingerprint: str) -> dict[str, Any]:
    """The index that the entry names, when it is what the entry says."""
    return _named(fetch, read_entry(fetch, folder, fingerprint)["index"])


def read_old_index(fetch: Fetch, folder: Path, fingerprint: str) -> dict[str, Any]:
    """The index for old clients."""
    found: dict[str, Any] = json.loads(_verified(fetch("index-v1.jar"), folder, fingerprint, "index-v1.json", "SHA1"))
    return found


def updated(fetch: Fetch, folder: Path, fingerprint: str, index: dict[str, Any]) -> dict[str, Any]:
    """The index after the diff that is meant for a client with this older one."""
    entry = read_entry(fetch, folder, fingerprint)
    now: dict[str, Any] = patched(index, _named(fetch, entry["diffs"][str(index["repo"]["timestamp"])]))
    return now


def _named(fetch: Fetch, file: dict[str, Any]) -> dict[str, Any]:
    body = fetch(file["name"])
    if (hashlib.sha256(body).hexdigest(), len(body)) != (file["sha256"], file["size"]):
        raise Untrusted(f"{file['name']} is not what the entry says")
    content: dict[str, Any] = json.loads(body)
    if len(content["packages"]) != file["numPackages"]:
        raise Untrusted(f"{file['name']} has another number of packages")
    return content


def _verified(jar: bytes, folder: Path, fingerprint: str, name: str, digest: str) -> bytes:
    """The file of a JAR: its digest is in the manifest, the manifest's in the signature file, and that is signed."""
    path = folder / "fetched.jar"
    path.write_bytes(jar)
    try:
        with zipfile.ZipFile(path) as archive:
            (block,) = [one for one in archive.namelist() if re.fullmatch(r"META-INF/[^/]+\.RSA", one)]
            manifest, content = archive.read("META-INF/MANIFEST.MF"), archive.read(name)
            signed = archive.read(block.replace(".RSA", ".SF"))
            _check_signature(archive.read(block), signed, folder, fingerprint)
    except (zipfile.BadZipFile, zlib.error, KeyError, ValueError, NotImplementedError) as error:
        raise Untrusted(str(error)) from error
    _check_digest(digest, "-Manifest", manifest, signed)
    _check_digest(digest, "", content, manifest)
    return content


def _check_digest(digest: str, what: str, content: bytes, said_in: bytes) -> None:
    found = base64.b64encode(hashlib.new(digest.replace("-", ""), content).digest())
    if f"{digest}-Digest{what}: ".encode() + found not in said_in.replace(b"\r\n ", b""):
        raise Untrusted(f"a wrong {digest}-Digest{what}")


def _check_signature(block: bytes, signed: bytes, folder: Path, fingerprint: str) -> None:
    (folder / "block").write_bytes(block)
    (folder / "signed").write_bytes(signed)
    told = ("-inform", "DER", "-in", "block")
    found = subprocess.run(
        ("openssl", "cms", "-verify", "-noverify", "-binary", *told, "-content", "signed", "-certsout", "signers"),
        cwd=folder,
        capture_output=True,
        check=False,
    )
    if found.returncode:
        raise Untrusted(found.stderr.decode())
    certificate = subprocess.run(
        ("openssl", "x509", "-in", "signers", "-outform", "DER"), cwd=folder, capture_output=True, check=True
    ).stdout
    if hashlib.sha256(certificate).hexdigest().upper() != fingerprint:
        raise Untrusted("another signer")


def patched(old: Any, patch: Any) -> Any:
    """RFC 7396, as it is written there."""
    if not isinstance(patch, dict):
        return patch
    result = dict(old) if isinstance(old, dict) else {}
    for key, value in patch.items():
        if value is None:
            result.pop(key, None)
        else:
            result[key] = patched(result.get(key), value)
    return result
