"""All that is a person's, as one ZIP of open formats (JSON, CSV, and their own files)."""

import csv
import io
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import PurePosixPath
from shutil import copyfileobj
from tempfile import SpooledTemporaryFile
from typing import IO, Any
from zipfile import ZIP_DEFLATED, ZipFile

from allauth.socialaccount.models import SocialAccount
from django.utils.translation import gettext as _

from meydan.accounts.models import Person
from meydan.accounts.queries import find_own_account, list_grants, list_own_authenticators, list_own_sessions
from meydan.accounts.queries.history import looked_events, own_events
from meydan.kernel.actor import Actor
from meydan.kernel.clock import now

MAX_HISTORY = 10_000
MAX_IN_MEMORY = 1024 * 1024


@dataclass(frozen=True)
class ExportedFile:
    """One file of the ZIP: its path in the contributor's folder, and its bytes or a way to open them (for photos)."""

    path: str
    content: bytes | Callable[[], IO[bytes]]


Contribution = Callable[[Actor], Iterable[ExportedFile]]
_CONTRIBUTIONS: dict[str, Contribution] = {}


def contributes_to_export(name: str, files: Contribution) -> None:
    """Have `files(actor)` go into the person's export, in the folder `name`. LookupError when the folder is taken."""
    if _CONTRIBUTIONS.setdefault(name, files) is not files:
        raise LookupError(f"the export folder {name!r} is taken")


def as_json(path: str, data: Any) -> ExportedFile:
    """Data as indented JSON in UTF-8 (RFC 8259); moments, ids and dates as their text."""
    return ExportedFile(path, json.dumps(data, ensure_ascii=False, indent=2, default=str).encode())


def as_csv(path: str, rows: Sequence[Mapping[str, Any]]) -> ExportedFile:
    """Rows as CSV (RFC 4180) with a header, in UTF-8 with the mark that spreadsheets need to see it as such."""
    text = io.StringIO()
    if rows:
        writer = csv.DictWriter(text, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return ExportedFile(path, text.getvalue().encode("utf-8-sig"))


def write_export(actor: Actor) -> IO[bytes]:
    """The actor's ZIP, in a temporary file that is gone when it is closed. One file at a time is in memory."""
    with ExitStack() as on_failure:
        target = _scratch_file()
        on_failure.callback(target.close)
        _pack(actor, target)
        on_failure.pop_all()
    return target


def _pack(actor: Actor, target: IO[bytes]) -> None:
    person = find_own_account(actor)
    with ZipFile(target, "w", ZIP_DEFLATED) as archive:
        archive.writestr("README.txt", _readme(person))
        for one in _own_files(actor, person):
            _add(archive, "account", one)
        for folder, files in sorted(_CONTRIBUTIONS.items()):
            for one in files(actor):
                _add(archive, folder, one)


def _scratch_file() -> IO[bytes]:
    return SpooledTemporaryFile(max_size=MAX_IN_MEMORY)


def _add(archive: ZipFile, folder: str, one: ExportedFile) -> None:
    path = PurePosixPath(folder, one.path)
    if ".." in path.parts or path.is_absolute():
        raise ValueError(f"an export path leads out of its folder: {one.path!r}")
    if isinstance(one.content, bytes):
        archive.writestr(str(path), one.content)
        return
    with one.content() as source, archive.open(str(path), "w") as sink:
        copyfileobj(source, sink)


def _readme(person: Person) -> str:
    return "\n\n".join(
        [
            _("This is a copy of all that the city keeps about your account, %(name)s.") % {"name": person.username},
            _("JSON and CSV files open in any text editor and any spreadsheet. Times are in UTC."),
            now().isoformat(timespec="seconds"),
        ]
    )


def _own_files(actor: Actor, person: Person) -> Iterable[ExportedFile]:
    yield as_json("account.json", _account(actor, person))
    yield as_csv("sessions.csv", _sessions(actor))
    yield as_csv("history.csv", [_event(one) for one in own_events(actor, limit=MAX_HISTORY)])
    yield as_csv("who-looked.csv", [_event(one) for one in looked_events(actor, limit=MAX_HISTORY)])


def _account(actor: Actor, person: Person) -> dict[str, Any]:
    return {
        "id": person.pk,
        "username": person.username,
        "name": person.name,
        "email": person.email,
        "language": person.language,
        "assurance": person.get_assurance_display(),
        "joined_at": person.joined_at,
        "roles": [
            {"role": one.role, "department": one.department_id, "granted_at": one.granted_at}
            for one in list_grants(actor, person.pk)
        ],
        "charter": list(person.acceptances.values("version", "language", "accepted_at")),
        "ways_to_sign_in": [
            {"kind": one.get_type_display(), "added_at": one.created_at, "last_used_at": one.last_used_at}
            for one in list_own_authenticators(actor)
        ],
        "accounts_elsewhere": list(
            SocialAccount.objects.filter(user=person).values("provider", "uid", "date_joined", "extra_data")
        ),
    }


def _sessions(actor: Actor) -> list[dict[str, Any]]:
    return [
        {
            "signed_in_at": one.created_at.isoformat(),
            "last_seen_at": one.last_seen_at.isoformat(),
            "address": one.ip,
            "browser": one.user_agent,
        }
        for one in list_own_sessions(actor)
    ]


def _event(event: Any) -> dict[str, str]:
    return {"when": event.moment.isoformat(), "what": event.sentence, "who": event.who, "about": event.link}
