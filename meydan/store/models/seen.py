"""What trackers in an app do, in plain words."""

from collections.abc import Iterable, Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from meydan.store.packages import TRACKERS, Purpose, Tracker

PURPOSES: Mapping[Purpose, Promise] = {
    Purpose.USE: _("measures how you use the app"),
    Purpose.ADS: _("shows advertising, and reports what you do with it"),
    Purpose.CAMPAIGN: _("tells advertisers which advertisement has brought you"),
    Purpose.FAULTS: _("tells its maker when the app fails, and on which phone"),
    Purpose.PROFILE: _("keeps a profile of you, to write to you by it"),
    Purpose.SCREEN: _("records what you do on the screen"),
    Purpose.PLACE: _("passes on where you are"),
    Purpose.SOCIAL: _("tells a social network that you use the app"),
}


def trackers_of(codes: Iterable[str]) -> list[Tracker]:
    """Those that are known by these codes, by what they do; one that the list no longer has is passed over."""
    found = [TRACKERS[code] for code in codes if code in TRACKERS]
    return sorted(found, key=lambda one: (list(Purpose).index(one.purpose), one.name))
