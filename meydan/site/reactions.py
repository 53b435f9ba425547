"""Timers of the house itself, run by the worker."""

from meydan.kernel.jobs import periodic
from meydan.kernel.limits import forget_old_limits


@periodic(name="site.sweep_limits", cron="*/10 * * * *")
def sweep_limits(_due: int) -> None:
    """Forget the rate limits whose windows are over."""
    forget_old_limits()
