"""Which programs are told what, and telling them: at least once, signed, in the order of each report."""

import base64
import secrets
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from meydan.kernel.action import action, action_on
from meydan.kernel.actor import SYSTEM, Actor
from meydan.kernel.clock import now
from meydan.kernel.config import config
from meydan.kernel.errors import Conflict, Invalid, MeydanError
from meydan.kernel.facts import record
from meydan.kernel.fetch import Answer, check_url
from meydan.kernel.jobs import enqueue, job
from meydan.kernel.vault import lock_away, take_out
from meydan.notifications.public import send_mail
from meydan.reports.public import find_public
from meydan.webhooks.facts import DeliveryRepeated, HookAgreed, HookRemoved, HookSet, HookStopped, SecretChanged
from meydan.webhooks.models import KEPT_DAYS, MAX_HOOKS, Delivery, Hook, Kind, Step
from meydan.webhooks.plugins import http
from meydan.webhooks.policies import may_arrange, may_carry, may_change, may_repeat
from meydan.webhooks.queries import lock_delivery, lock_hook, may_be_sent, next_delivery

PAUSES = tuple(timedelta(seconds=seconds) for seconds in (5, 60, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400))
"""Between the tries of one delivery; together three days and more. Then it is given up."""
STOP_AFTER = timedelta(days=5)
"""An address at which nothing has arrived for so long is not written to any more."""
ROUND_SECONDS = 50
ROUND_DELIVERIES = 200
OLD_SECRET = timedelta(days=1)
GONE = 410


@action(policy=may_arrange)
def add_hook(actor: Actor, *, name: str, url: str, kinds: Sequence[str]) -> tuple[Hook, str]:
    """Tell the program at this address of these kinds of facts, once it has agreed. Returns the hook, and the secret
    with which it checks our signatures: it is shown this once."""
    if Hook.objects.count() >= MAX_HOOKS:
        raise Conflict(_("There are as many webhooks as a city can have. Remove one first."))
    secret = _new_secret()
    hook = Hook(name=name, url=_checked(url), kinds=_known(kinds), secret=lock_away(secret), made_at=now())
    hook.made_by_id = actor.person_id
    hook.save(force_insert=True)
    _record_set(hook)
    enqueue(ask_address, hook=str(hook.pk))
    return hook, secret


@action_on(lock_hook, policy=may_change)
def change_hook(actor: Actor, hook: Hook, *, name: str, url: str, kinds: Sequence[str], active: bool) -> Hook:
    """Change what is told, or where. Another address has to agree anew; one that was stopped gets a new start."""
    if _checked(url) != hook.url:
        hook.url, hook.agreed_at = url, None
        enqueue(ask_address, hook=str(hook.pk))
    hook.name, hook.kinds, hook.active = name, _known(kinds), active
    if active:
        _forget_failures(hook)
    hook.save()
    _record_set(hook)
    return hook


def _checked(url: str) -> str:
    try:
        check_url(url)
    except Invalid as error:
        raise Invalid(fields={"url": error.message}) from error
    return url


def _known(kinds: Sequence[str]) -> list[str]:
    known = [kind.value for kind in Kind if kind.value in kinds]
    if not known:
        raise Invalid(fields={"kinds": _("Choose at least one.")})
    return known


def _record_set(hook: Hook) -> None:
    record(HookSet(subject=f"hook:{hook.pk}", url=hook.url, kinds=hook.kinds, active=hook.active))


def _new_secret() -> str:
    return http.PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def _forget_failures(hook: Hook) -> None:
    hook.failing_since = hook.quiet_until = hook.stopped_at = None
    hook.failures = 0


@action_on(lock_hook, policy=may_change)
def change_secret(actor: Actor, hook: Hook) -> str:
    """Make a new secret and return it, this once. For a day both sign, so that the receiver can change over."""
    secret = _new_secret()
    hook.old_secret, hook.old_until = hook.secret, now() + OLD_SECRET
    hook.secret = lock_away(secret)
    hook.save(update_fields=["secret", "old_secret", "old_until"])
    record(SecretChanged(subject=f"hook:{hook.pk}"))
    return secret


@action_on(lock_hook, policy=may_change)
def remove_hook(actor: Actor, hook: Hook) -> None:
    """Tell this program nothing more, and forget what it was told."""
    record(HookRemoved(subject=f"hook:{hook.pk}", url=hook.url))
    hook.delete()


@action_on(lock_hook, policy=may_carry)
def note_agreement(actor: Actor, hook: Hook, *, rate: int) -> None:
    """The address wants to be written to."""
    hook.agreed_at, hook.rate, hook.asked_said = now(), rate, ""
    hook.save(update_fields=["agreed_at", "rate", "asked_said"])
    record(HookAgreed(subject=f"hook:{hook.pk}", rate=rate))


@job(name="webhooks.ask", queue="outside")
def ask_address(*, hook: str) -> None:
    """Ask whether it is welcome; what stands against it is shown to the administrator, who can have it asked again."""
    row = Hook.objects.filter(pk=hook).first()
    if row is None:
        return
    agreed, rate, said = http.ask(row.url)
    if agreed:
        note_agreement(SYSTEM, row.pk, rate=rate)
    else:
        Hook.objects.filter(pk=row.pk).update(agreed_at=None, asked_said=said)


@action_on(lock_delivery, policy=may_repeat)
def repeat_delivery(actor: Actor, delivery: Delivery) -> Delivery:
    """Send one event again, under the same id."""
    delivery.step, delivery.tries, delivery.next_at = Step.WAITING, 0, now()
    delivery.save(update_fields=["step", "tries", "next_at"])
    record(DeliveryRepeated(subject=f"hook:{delivery.hook_id}", delivery=str(delivery.pk)))
    enqueue(deliver, hook=str(delivery.hook_id))
    return delivery


@action_on(lock_hook, policy=may_carry)
def stop_hook(actor: Actor, hook: Hook, *, gone: bool) -> None:
    """Write there no more, and tell whoever added it. What waits is kept for a new start."""
    if hook.stopped_at is not None:
        raise Conflict
    hook.stopped_at = now()
    hook.save(update_fields=["stopped_at"])
    record(HookStopped(subject=f"hook:{hook.pk}", url=hook.url, gone=gone))
    if hook.made_by is not None and hook.made_by.email and hook.made_by.is_active:
        context = {"name": hook.name, "url": hook.url, "gone": gone, "link": f"{config().base_url}/webhooks/{hook.pk}"}
        send_mail(hook.made_by.email, "hook", hook.made_by.language, context)


@job(name="webhooks.deliver", queue="outside")
def deliver(*, hook: str) -> None:
    """Send what is due to one address, one after the other. One worker at a time is at it; what comes meanwhile is
    taken in the same round, or by the timer."""
    key = UUID(hook)
    if not _take_turn(key):
        return
    try:
        _deliver_round(key)
    finally:
        Hook.objects.filter(pk=key).update(busy_until=None)


def _take_turn(key: UUID) -> bool:
    """Whether nobody else is at it; a worker that dies leaves the turn to others after two minutes."""
    moment = now()
    free = Hook.objects.filter(pk=key).exclude(busy_until__gt=moment)
    return free.update(busy_until=moment + timedelta(seconds=2 * ROUND_SECONDS + 20)) == 1


def _deliver_round(key: UUID) -> None:
    end = now() + timedelta(seconds=ROUND_SECONDS)
    rate = Hook.objects.filter(pk=key).values_list("rate", flat=True).first()
    most = min(rate, ROUND_DELIVERIES) if rate else ROUND_DELIVERIES
    for _turn in range(most):
        delivery = next_delivery(key) if now() < end and may_be_sent(key) else None
        if delivery is None:
            return
        _try(delivery)
    if rate:
        Hook.objects.filter(pk=key).update(quiet_until=now() + timedelta(minutes=1))


def _try(delivery: Delivery) -> None:
    """One try. The next one is set before anything leaves."""
    pause = PAUSES[min(delivery.tries, len(PAUSES) - 1)]
    Delivery.objects.filter(pk=delivery.pk).update(tries=delivery.tries + 1, next_at=now() + pause)
    delivery.tries += 1
    if delivery.kind != Kind.HIDDEN and find_public(int(delivery.subject)) is None:
        _finish(delivery, Step.WITHHELD, body="")
        return
    hook = delivery.hook
    keys = [hook.secret, *([hook.old_secret] if hook.old_until and hook.old_until > now() else [])]
    try:
        answer = http.send(
            hook.url,
            str(delivery.pk),
            delivery.body,
            secrets=[take_out(one) for one in keys],
            moment=int(now().timestamp()),
        )
    except MeydanError as error:
        _note_silence(delivery, error.code)
        return
    _note_answer(delivery, answer)


def _note_answer(delivery: Delivery, answer: Answer) -> None:
    if 200 <= answer.status < 300:
        Hook.objects.filter(pk=delivery.hook_id).update(failing_since=None, failures=0, quiet_until=None)
        _finish(delivery, Step.DELIVERED, answered=answer.status, said="")
        return
    said = answer.body.decode("utf-8", "replace").replace("\0", "")[:300]
    _note_failure(delivery, answered=answer.status, said=said)
    if answer.status == GONE:
        stop_hook(SYSTEM, delivery.hook_id, gone=True)
    elif answer.status in (429, 503):
        _leave_alone(delivery.hook)


def _note_silence(delivery: Delivery, said: str) -> None:
    """No answer: the next event would fare no better, so the address is left alone for a while."""
    _note_failure(delivery, answered=0, said=said)
    _leave_alone(delivery.hook)


def _note_failure(delivery: Delivery, *, answered: int, said: str) -> None:
    hook = delivery.hook
    if delivery.tries > len(PAUSES):
        _finish(delivery, Step.FAILED, answered=answered, said=said[:300])
    else:
        Delivery.objects.filter(pk=delivery.pk).update(answered=answered, said=said[:300])
    since = hook.failing_since or now()
    Hook.objects.filter(pk=hook.pk).update(failing_since=since, failures=hook.failures + 1)
    if now() - since > STOP_AFTER:
        stop_hook(SYSTEM, hook.pk, gone=False)


def _leave_alone(hook: Hook) -> None:
    pause = PAUSES[min(hook.failures, len(PAUSES) - 3)]
    Hook.objects.filter(pk=hook.pk).update(quiet_until=now() + pause)


def _finish(delivery: Delivery, step: Step, **values: int | str) -> None:
    Delivery.objects.filter(pk=delivery.pk).update(step=step, done_at=now(), **values)


def forget_deliveries() -> int:
    """Delete what was told more than KEPT_DAYS ago; returns how many."""
    with transaction.atomic():
        return Delivery.objects.filter(made_at__lt=now() - timedelta(days=KEPT_DAYS)).delete()[0]
