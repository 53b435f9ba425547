"""The same to many reports at once, each through its own action, and the way back.

All of it is one transaction. A report that refuses is undone alone, and its reason kept. The letters about what was
done wait until it cannot be undone any more: docs/decisions/0024.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from meydan.kernel.action import action, action_on
from meydan.kernel.actor import Actor
from meydan.kernel.clock import now
from meydan.kernel.errors import Conflict, Invalid, MeydanError
from meydan.kernel.facts import record
from meydan.kernel.ids import uuid7
from meydan.reports.actions.assigning import assign_report
from meydan.reports.actions.handling import accept_report, add_note, close_as_solved, decline_report, move_report
from meydan.reports.actions.steps import about, search_text_of, write_entry
from meydan.reports.facts import ChangeUndone, ManyChanged, ManyUndone
from meydan.reports.models import (
    MOST_AT_ONCE,
    UNDO_FOR,
    Audience,
    BulkChange,
    BulkItem,
    BulkVerb,
    EntryKind,
    Report,
    Side,
)
from meydan.reports.policies import may_change_many, may_undo
from meydan.reports.queries import find_change, last_entry, lock_change, lock_report

Do = Callable[..., Report]
DEEDS: Mapping[BulkVerb, tuple[Do, tuple[str, ...]]] = {
    BulkVerb.ACCEPT: (accept_report, ("text",)),
    BulkVerb.ASSIGN: (assign_report, ("officer", "team", "text")),
    BulkVerb.MOVE: (move_report, ("category", "department", "text")),
    BulkVerb.SOLVE: (close_as_solved, ("text",)),
    BulkVerb.DECLINE: (decline_report, ("text",)),
    BulkVerb.NOTE: (add_note, ("text",)),
}
"""What may be done to many, and what each is told."""
KEPT = (
    *("state", "category", "department", "team", "officer", "public", "due_on", "paused_on", "escalation"),
    *("escalate_on", "answered_at", "closed_at", "confirmed_at", "ring_back_at"),
)
"""What of a report these may change, and an undo puts back."""


def change_many(
    actor: Actor, *, numbers: Sequence[int], verb: BulkVerb, said: Mapping[str, Any], token: UUID | None = None
) -> BulkChange:
    """Do the same to at most `MOST_AT_ONCE` reports, as far as each allows; the refusals are in the change's items.
    `said` are the arguments of the verb (`DEEDS`). A form that is sent twice (`token`) gives the change that it made
    first. Numbers that the actor may not see are passed over. `Invalid` when there are none or too many."""
    if not numbers or len(set(numbers)) > MOST_AT_ONCE:
        raise Invalid(fields={"number": _("Choose between 1 and %(most)s reports.") % {"most": MOST_AT_ONCE}})
    earlier = find_change(actor, token)
    if earlier is not None:
        return earlier
    try:
        return _change_many(actor, sorted(set(numbers)), verb, {name: said[name] for name in DEEDS[verb][1]}, token)
    except IntegrityError:  # the same form, at the same moment
        earlier = find_change(actor, token)
        if earlier is None:
            raise
        return earlier


@action(policy=may_change_many)
def _change_many(
    actor: Actor, numbers: Sequence[int], verb: BulkVerb, said: Mapping[str, Any], token: UUID | None
) -> BulkChange:
    arguments = {name: str(value) for name, value in said.items() if value}
    change = BulkChange(pk=token or uuid7(), person_id=actor.person_id, verb=verb, arguments=arguments, at=now())
    change.save(force_insert=True)
    do = partial(DEEDS[verb][0], **said)
    items = [item for number in numbers if (item := _change_one(actor, change, number, do)) is not None]
    BulkItem.objects.bulk_create(items)
    refused = sum(bool(item.refusal) for item in items)
    record(ManyChanged(subject=f"bulk:{change.pk}", verb=verb, changed=len(items) - refused, refused=refused))
    return change


def _change_one(actor: Actor, change: BulkChange, number: int, do: Do) -> BulkItem | None:
    """How it went with one report; None where the actor sees none of this number."""
    item = BulkItem(change=change)
    try:
        with transaction.atomic():
            item.report = lock_report(actor, number)
            before = _standing(item.report)
            do(actor, number)
            item.before, item.entry = before, last_entry(item.report)
    except MeydanError as error:
        sentences = list(error.fields.values()) or [error.message]
        item.refusal = str(sentences[0])[:300]
    return item if item.report_id is not None else None


def _standing(report: Report) -> dict[str, Any]:
    """How it stands now, as plain data."""
    values = {
        field.name: (getattr(report, field.attname), field.value_to_string(report))
        for field in Report._meta.concrete_fields
        if field.name in KEPT
    }
    plain: dict[str, Any] = {name: None if value is None else text for name, (value, text) in values.items()}
    return {**plain, "photos": list(report.photos.filter(public=True).values_list("pk", flat=True))}


@action_on(lock_change, policy=may_undo)
def undo_change(actor: Actor, change: BulkChange) -> BulkChange:
    """Put every report of a change back to where it stood, unless something has happened to it since. `Conflict` when
    it was undone already, or is too old: then letters have gone out."""
    if change.undone_at is not None:
        raise Conflict(_("This change was undone already."))
    if now() - change.at >= UNDO_FOR:
        raise Conflict(_("The time to undo this is over: letters about it have been sent. Change the reports anew."))
    done = [_undo_one(actor, change, item) for item in change.items.filter(refusal="").order_by("report")]
    change.undone_at = now()
    change.save(update_fields=["undone_at"])
    record(ManyUndone(subject=f"bulk:{change.pk}", restored=sum(done), kept=len(done) - sum(done)))
    return change


def _undo_one(actor: Actor, change: BulkChange, item: BulkItem) -> bool:
    report = Report.objects.select_for_update().get(pk=item.report_id)
    entry = last_entry(report)
    if entry is None or entry.pk != item.entry_id:
        return False
    for field in Report._meta.concrete_fields:
        if field.name in KEPT:
            setattr(report, field.attname, field.to_python(item.before[field.name]))
    report.search_text = search_text_of(report, report.category)
    report.photos.filter(pk__in=item.before["photos"]).update(public=True)
    write_entry(
        actor,
        report,
        EntryKind.UNDONE,
        audience=Audience(entry.audience),
        side=Side.CITY,
        details={"undone": entry.kind},
    )
    record(ChangeUndone(**about(report), change=f"bulk:{change.pk}", verb=change.verb, state=report.state))
    item.undone = True
    item.save(update_fields=["undone"])
    return True
