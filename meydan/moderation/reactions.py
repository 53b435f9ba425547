"""What moderation does by itself."""

from meydan.kernel.jobs import periodic
from meydan.moderation.actions import forget_traces


@periodic(name="moderation.forget_traces", cron="17 3 * * *")
def sweep_traces(timestamp: int) -> None:
    """Forget by which device and address things came."""
    forget_traces()
