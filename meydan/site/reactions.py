"""Timers of the house itself, run by the worker."""

import subprocess
import sys

from meydan.kernel.jobs import periodic
from meydan.kernel.limits import forget_old_limits
from meydan.kernel.seals import is_seal_due


@periodic(name="site.sweep_limits", cron="*/10 * * * *")
def sweep_limits(_due: int) -> None:
    """Forget the rate limits whose windows are over."""
    forget_old_limits()


@periodic(name="site.seal_days", cron="*/20 * * * *")
def seal_days(_due: int) -> None:
    """Seal the days that are over: in a process of its own and at low priority, for a day may hold a million facts."""
    if is_seal_due():
        subprocess.run([sys.executable, "-m", "meydan.site.cli", "seal"], check=True, stdout=subprocess.DEVNULL)
