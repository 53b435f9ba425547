"""What is known of an upload before anything is kept: read in a bounded child process, and shown to the scanner for
malware where the city has one. Outside of any transaction, for both take their time."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any, NamedTuple

from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from meydan.kernel.config import config
from meydan.kernel.errors import Invalid, Sentence
from meydan.store.models import Malware, store_rules
from meydan.store.packages import Package, Reason, Refused, read_package
from meydan.store.plugins import clamd

TRIED_SECONDS = 30.0


@contextmanager
def on_disk(upload: "UploadedFile[Any] | None") -> Iterator[Path]:
    """A file that came with a form, on disk for as long as it is read. `Invalid` (package) when there is none."""
    if upload is None:
        raise Invalid(fields={"package": _("Choose a package (APK).")})
    with NamedTemporaryFile(prefix="meydan-package-") as draft:
        for piece in upload.chunks():
            draft.write(piece)
        draft.flush()
        yield Path(draft.name)


class Looked(NamedTuple):
    """What is known of an upload before anything is kept: as `add_release` takes it."""

    package: Package
    malware: Malware


def look_into(path: Path) -> Looked:
    """Read an upload, and ask the scanner for malware where the city has one. `Invalid` (package) when refused."""
    package = read_upload(path)
    scan = scan_package(path)
    if scan.found:
        sentence = _("The malware scanner has found %(name)s in this package.") % {"name": scan.found}
        raise Invalid(fields={"package": sentence}, code="malware")
    return Looked(package, malware_of(scan))


def scan_package(path: Path) -> clamd.Scan:
    """What the city's scanner says; without a scanner, that nobody was asked (`malware_of`)."""
    return clamd.scan(config().clamd, path) if config().clamd else clamd.Scan(answered=False)


def ask_scanner() -> clamd.Scanner | None:
    """What the city's scanner says of itself; None where it does not answer. ValueError where there is none."""
    if not config().clamd:
        raise ValueError("no clamd is configured")
    return clamd.ask_version(config().clamd)


def takes_the_largest() -> bool:
    """Whether the scanner looks at a package as large as the store takes: it is shown one of zeros."""
    with NamedTemporaryFile(prefix="meydan-scanner-") as draft:
        draft.truncate(store_rules().largest_mb * 1_000_000)
        return clamd.scan(config().clamd, Path(draft.name), seconds=TRIED_SECONDS).answered


def malware_of(scan: clamd.Scan) -> Malware:
    """A scan as it is kept."""
    if not config().clamd:
        return Malware.UNCHECKED
    if not scan.answered:
        return Malware.UNANSWERED
    return Malware.FOUND if scan.found else Malware.CLEAN


def read_upload(path: Path) -> Package:
    """What a package says, read in a bounded child process. `Invalid` by the field "package", with what is wrong."""
    if path.stat().st_size > store_rules().largest_mb * 1_000_000:
        sentence = _("This package is larger than %(most)s MB.") % {"most": store_rules().largest_mb}
        raise Invalid(fields={"package": sentence}, code="too_large")
    try:
        return read_package(path)
    except Refused as error:
        said = f"{sentence_of(error.code)} ({error})"
        raise Invalid(fields={"package": said}, code=str(error.code)) from error


def sentence_of(reason: Reason) -> Sentence:
    """Why a package is refused, for its developer, who mends it with the code and the detail beside."""
    return next((sentence for sentence, reasons in _SENTENCES if reason in reasons), _DAMAGED)


_DAMAGED = _("This package is damaged, or made so that readers disagree about what is in it. Build it again.")
_SENTENCES: tuple[tuple[Sentence, frozenset[Reason]], ...] = (
    (_("This is not an Android package (APK)."), frozenset({Reason.NOT_A_PACKAGE, Reason.NO_MANIFEST})),
    (
        _("There is too much in this package, or it grows too large when it is unpacked."),
        frozenset(
            {
                Reason.TOO_LARGE,
                Reason.TOO_MANY_ENTRIES,
                Reason.BOMB,
                Reason.MANIFEST_TOO_LARGE,
                Reason.RESOURCES_TOO_LARGE,
                Reason.TOO_HEAVY,
            }
        ),
    ),
    (
        _("Names in this package hide something: they repeat, leave their folder, or look like others."),
        frozenset(
            {
                Reason.BAD_NAME,
                Reason.ESCAPING_NAME,
                Reason.DUPLICATE_NAME,
                Reason.LOOKALIKE_NAME,
                Reason.BAD_TEXT,
                Reason.BAD_APPLICATION_ID,
            }
        ),
    ),
    (
        _("This is a part of a package, or one for tests only. Upload a whole one that is meant for people."),
        frozenset({Reason.SPLIT, Reason.TEST_ONLY}),
    ),
    (_("This package has no version that a phone can compare."), frozenset({Reason.BAD_VERSION})),
    (
        _("This package is not signed, or only in the old way that lets others change it. Sign it with scheme v2."),
        frozenset({Reason.UNSIGNED, Reason.V1_ONLY, Reason.STRIPPED}),
    ),
    (
        _("More than one key has signed this package. Exactly one must."),
        frozenset({Reason.SEVERAL_SIGNERS, Reason.MIXED_SIGNERS}),
    ),
    (
        _("The signature of this package is wrong, or something was changed after it was signed."),
        frozenset(
            {
                Reason.BAD_SIGNING_BLOCK,
                Reason.UNKNOWN_ALGORITHM,
                Reason.WEAK_KEY,
                Reason.BAD_CERTIFICATE,
                Reason.BAD_SIGNATURE,
                Reason.CHANGED,
            }
        ),
    ),
    (
        _("Another key has signed this. An update needs the key of the first version."),
        frozenset({Reason.OTHER_SIGNER}),
    ),
)
