"""Asking the scanner for malware again: it did not answer, or it knows more than when a version was uploaded."""

import shutil
from datetime import timedelta
from pathlib import Path
from tempfile import NamedTemporaryFile

from django.db.models import Q

from meydan.kernel.action import action_on
from meydan.kernel.actor import SYSTEM, Actor
from meydan.kernel.clock import now
from meydan.kernel.errors import Conflict
from meydan.kernel.facts import record
from meydan.kernel.files import open_file
from meydan.store.actions.looking import malware_of, scan_package
from meydan.store.actions.steps import keep, persons_of
from meydan.store.facts import MalwareFound, ReleaseScanned, ReleaseWithdrawn
from meydan.store.models import App, Malware, Release, Step
from meydan.store.policies import is_machine
from meydan.store.queries import lock_reference

STALE = timedelta(days=7)
AT_ONCE = 200


def list_to_scan() -> list[int]:
    """Versions to ask about, at most `AT_ONCE`: without an answer first, then those whose answer is a week old."""
    rows = Release.objects.exclude(step=Step.WITHDRAWN)
    old = rows.filter(Q(malware__in=(Malware.UNANSWERED, Malware.UNCHECKED)) | Q(scanned_at__lt=now() - STALE))
    return list(old.order_by("-malware", "scanned_at", "pk").values_list("pk", flat=True)[:AT_ONCE])


def scan_again(release: int) -> None:
    """Ask about one version, outside of any transaction, and keep what is new in the answer."""
    row = Release.objects.select_related("app").defer("app__title_words", "app__body_words").filter(pk=release).first()
    if row is None:
        return
    with NamedTemporaryFile(prefix="meydan-package-") as draft, open_file(row.file_id) as source:
        shutil.copyfileobj(source, draft)
        draft.flush()
        scan = scan_package(Path(draft.name))
    malware = malware_of(scan)
    if malware in (Malware.CLEAN, Malware.FOUND):
        note_scan(SYSTEM, row.app.reference, release=release, malware=malware, name=scan.found)


@action_on(lock_reference, policy=is_machine)
def note_scan(actor: Actor, app: App, *, release: int, malware: Malware, name: str = "") -> None:
    """Keep what the scanner says of a version; one with malware in it is withdrawn at once. `Conflict` when it is gone
    meanwhile."""
    row = app.releases.filter(pk=release).exclude(step=Step.WITHDRAWN).first()
    if row is None:
        raise Conflict
    row.malware, row.malware_name, row.scanned_at = malware, name[:80], now()
    found = malware == Malware.FOUND
    if found:
        row.step = Step.WITHDRAWN
    row.save(update_fields=["malware", "malware_name", "scanned_at", "step"])
    subject, persons, code = app.reference, persons_of(app), row.version_code
    if found:
        keep(app)
        record(MalwareFound(subject=subject, persons=persons, version_code=code))
        record(ReleaseWithdrawn(subject=subject, persons=persons, version_code=code))
    else:
        record(ReleaseScanned(subject=subject, persons=persons, version_code=code))
