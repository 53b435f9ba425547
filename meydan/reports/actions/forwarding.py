"""A problem that is another authority's to solve: forwarded, tried again, taken back."""

import secrets
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from meydan.kernel.action import action, action_on
from meydan.kernel.actor import Actor
from meydan.kernel.clock import now
from meydan.kernel.config import config
from meydan.kernel.errors import Conflict, Invalid
from meydan.kernel.facts import record
from meydan.kernel.fetch import check_url
from meydan.kernel.vault import lock_away
from meydan.reports.actions.steps import about, take_step, write_entry
from meydan.reports.facts import AuthoritySet, ForwardMoved, ReportForwarded
from meydan.reports.models import Authority, EntryKind, Forward, Report, Sending, Verb
from meydan.reports.policies import may_arrange, may_carry, may_handle_forward, may_work
from meydan.reports.queries import is_on_its_way, lock_forward, lock_report, takes

DEMO_NAME = {
    "en": "The region's waterworks",
    "ar": "شركة الماء الجهوية",
    "fr": "La régie régionale des eaux",
    "fa": "شرکت آب منطقه",
    "tg": "Ширкати оби минтақа",
}


@action(policy=may_arrange)
def set_authority(
    actor: Actor,
    *,
    code: str,
    name: Mapping[str, str],
    email: str = "",
    endpoint: str = "",
    form: str = "json",
    jurisdiction: str = "",
    services: Mapping[str, str] | None = None,
    api_key: str | None = None,
    active: bool = True,
) -> Authority:
    """Add an authority outside, or change the one with this code. It is reached by `endpoint` (GeoReport v2) where it
    has one, else by `email`. `services`: its service codes by our category, "*" for all others. `api_key` None: as it
    was."""
    if not (email or endpoint):
        raise Invalid(fields={"email": _("Give an e-mail address, or the address of an Open311 server.")})
    if endpoint:
        _check_endpoint(endpoint)
    values: dict[str, Any] = {
        "name": dict(name),
        "email": email,
        "endpoint": endpoint,
        "form": form,
        "jurisdiction": jurisdiction,
    }
    values |= {"services": dict(services or {}), "active": active}
    if api_key is not None:
        values["api_key"] = lock_away(api_key)
    authority, _new = Authority.objects.update_or_create(code=code, defaults=values)
    record(AuthoritySet(subject=f"authority:{code}", by_open311=bool(endpoint), active=active))
    return authority


def keep_demo_authority(actor: Actor) -> None:
    """Have somebody outside whom the demo's officers can forward to, however often the demo is seeded."""
    if not Authority.objects.exists():
        set_authority(actor, code="waterworks", name=DEMO_NAME, email="desk@waterworks.example")


def _check_endpoint(endpoint: str) -> None:
    try:
        check_url(endpoint)
    except Invalid as error:
        raise Invalid(fields={"endpoint": error.message}) from error


@action_on(lock_report, policy=may_work)
def forward_report(actor: Actor, report: Report, *, authority: str, text: str = "") -> Report:
    """Give the case to an authority outside (a code). It is sent by a job; the words are public."""
    found = Authority.objects.filter(pk=authority, active=True).first()
    if found is None or not takes(found, report.category_id):
        raise Invalid(fields={"authority": _("Choose one of the authorities.")})
    take_step(report, Verb.FORWARD)
    write_entry(actor, report, EntryKind.FORWARDED, text.strip())
    forward = Forward.objects.create(
        report=report,
        authority=found,
        person_id=actor.person_id,
        words=text.strip(),
        mark=f"{config().city}-{report.number}-{secrets.token_hex(4)}",
        at=now(),
        next_at=now() if found.endpoint else None,
    )
    record(ReportForwarded(**about(report), authority=found.code, forward=forward.pk))
    return report


@action_on(lock_forward, policy=may_handle_forward)
def try_again(actor: Actor, forward: Forward) -> Forward:
    """Have a failed forward sent once more; where it may have arrived, the other side is looked at first."""
    if forward.state != Sending.FAILED:
        raise Conflict
    forward.tries, forward.looks, forward.next_at = 0, 0, now()
    move_forward(forward, Sending.WAITING)
    return forward


@action_on(lock_forward, policy=may_handle_forward)
def recall_forward(actor: Actor, forward: Forward, *, text: str = "") -> Forward:
    """Take a case back that could not be sent, or is not sent yet: the officer works on it again."""
    if not is_on_its_way(forward):
        raise Conflict(_("It has been sent already. Accept the case, and tell the other authority yourself."))
    forward.next_at = None
    move_forward(forward, Sending.RECALLED)
    take_step(forward.report, Verb.ACCEPT)
    forward.report.officer_id = actor.person_id
    write_entry(actor, forward.report, EntryKind.RECALLED, text.strip())
    return forward


@action_on(lock_forward, policy=may_carry)
def note_sent(actor: Actor, forward: Forward, *, external_id: str = "", token: str = "") -> None:
    """The other authority has it, under this number or token; by e-mail it has neither. Also when it was taken back
    meanwhile: then it says so on the case."""
    forward.external_id, forward.token, forward.doubtful = external_id[:120], token[:120], False
    forward.sent_at = forward.sent_at or now()
    is_back = forward.state == Sending.RECALLED
    forward.next_at = now() if (external_id or token) and not is_back else None
    forward.said = ""
    move_forward(forward, Sending.RECALLED if is_back else Sending.SENT)


@action_on(lock_forward, policy=may_carry)
def note_failure(actor: Actor, forward: Forward, *, said: str) -> None:
    """It could not be sent, or must not be any more. Somebody of the department decides what now."""
    forward.said, forward.next_at = said[:4000], None
    if forward.state == Sending.WAITING:
        move_forward(forward, Sending.FAILED)
    else:
        move_forward(forward, Sending(forward.state))


def move_forward(forward: Forward, state: Sending) -> None:
    """Save the forward with its new state, and record it."""
    forward.state = state
    forward.save()
    values = about(forward.report)
    record(ForwardMoved(**values, authority=forward.authority_id, forward=forward.pk, state=state))
