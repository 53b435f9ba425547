"""Taking a report off the public pages, and putting it back."""

from django.utils.translation import gettext_lazy as _

from meydan.kernel.action import action_on
from meydan.kernel.actor import Actor
from meydan.kernel.errors import Conflict
from meydan.kernel.facts import record
from meydan.reports.actions.steps import about, need_words, write_entry
from meydan.reports.facts import ReportHidden, ReportShown
from meydan.reports.models import Audience, EntryKind, Report, Side
from meydan.reports.policies import may_moderate
from meydan.reports.queries import lock_report


@action_on(lock_report, policy=may_moderate)
def hide_report(actor: Actor, report: Report, *, text: str) -> Report:
    """Take a report off the public pages; its parties still see it, and the reason."""
    if not report.public:
        raise Conflict(_("This report is not public already."))
    report.public = False
    write_entry(actor, report, EntryKind.HIDDEN, need_words(text), audience=Audience.PARTIES, side=Side.CITY)
    record(ReportHidden(**about(report)))
    return report


@action_on(lock_report, policy=may_moderate)
def show_report(actor: Actor, report: Report, *, text: str = "") -> Report:
    """Put a hidden report back. Reports of private categories are never public."""
    if report.public or report.category.private:
        raise Conflict(_("This report is public already, or its category never is."))
    report.public = True
    write_entry(actor, report, EntryKind.SHOWN, text.strip(), audience=Audience.PARTIES, side=Side.CITY)
    record(ReportShown(**about(report)))
    return report
