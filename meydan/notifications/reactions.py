"""The worker looks here for jobs and reactions."""

from meydan.notifications.actions import deliver

__all__ = ["deliver"]
