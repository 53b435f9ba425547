"""What moderation does by itself."""

from meydan.kernel.jobs import periodic
from meydan.kernel.reactions import reacts_to
from meydan.moderation.actions import forget_flags, forget_old_evidence, forget_traces
from meydan.reports.facts import ReportAnonymised


@periodic(name="moderation.forget_traces", cron="17 3 * * *")
def sweep_traces(timestamp: int) -> None:
    """Forget by which device and address things came."""
    forget_traces()


@periodic(name="moderation.forget_evidence", cron="27 3 * * *")
def sweep_evidence(timestamp: int) -> None:
    """Forget what was kept for appeals whose time is over."""
    forget_old_evidence()


@reacts_to(ReportAnonymised)
def forget_who_flagged(fact: ReportAnonymised) -> None:
    """With its reporter those are forgotten who found something wrong with a report."""
    forget_flags(fact.subject)
