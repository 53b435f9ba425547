"""What moderation does by itself."""

from meydan.kernel.jobs import periodic
from meydan.kernel.reactions import reacts_to
from meydan.moderation.actions import forget_flags, forget_old_evidence, forget_traces
from meydan.moderation.actions.carrying import carry_out, returning
from meydan.moderation.facts import ReviewApproved, ReviewRefused, ReviewSentBack, ThingPutBack, ThingTakenOff
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


@reacts_to(ReviewApproved)
def publish_what_was_approved(fact: ReviewApproved) -> None:
    """A moderator has agreed: its domain publishes it, where it has said how (`actions.carrying`)."""
    carry_out(fact.subject, lambda carrier: carrier.approve)


@reacts_to(ReviewSentBack)
def return_what_needs_changes(fact: ReviewSentBack) -> None:
    """A moderator asks for changes."""
    carry_out(fact.subject, returning(refused=False))


@reacts_to(ReviewRefused)
def return_what_was_refused(fact: ReviewRefused) -> None:
    """A moderator has refused it."""
    carry_out(fact.subject, returning(refused=True))


@reacts_to(ThingTakenOff)
def hide_what_was_taken_off(fact: ThingTakenOff) -> None:
    """A moderator wants it off the public pages."""
    carry_out(fact.subject, lambda carrier: carrier.hide)


@reacts_to(ThingPutBack)
def show_what_was_put_back(fact: ThingPutBack) -> None:
    """Another moderator has found that it should not have been taken off."""
    carry_out(fact.subject, lambda carrier: carrier.show)
