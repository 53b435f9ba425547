"""A problem that is another authority's to solve."""

from django.utils.translation import gettext_lazy as _

from meydan.kernel.action import action_on
from meydan.kernel.actor import Actor
from meydan.kernel.clock import now
from meydan.kernel.errors import Invalid
from meydan.kernel.facts import record
from meydan.reports.actions.steps import about, take_step, write_entry
from meydan.reports.facts import ReportForwarded
from meydan.reports.models import Authority, EntryKind, Forward, Report, Verb
from meydan.reports.policies import may_work
from meydan.reports.queries import lock_report


@action_on(lock_report, policy=may_work)
def forward_report(actor: Actor, report: Report, *, authority: str, text: str = "") -> Report:
    """Give the case to an authority outside (a code). It is sent by a job; the words are public."""
    found = Authority.objects.filter(pk=authority, active=True).first()
    if found is None:
        raise Invalid(fields={"authority": _("Choose one of the authorities.")})
    take_step(report, Verb.FORWARD)
    write_entry(actor, report, EntryKind.FORWARDED, text.strip())
    forward = Forward.objects.create(report=report, authority=found, at=now())
    record(ReportForwarded(**about(report), authority=found.code, forward=forward.pk))
    return report
