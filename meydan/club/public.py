"""The door of the club: for the seed, and for what tells people of their badges.

No service, right or identity may read it (docs/how-to/badges.md): the club honours, and never decides.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.translation import gettext

from meydan.accounts.public import ExportedFile, as_json, contributes_to_export, marks_names, tells
from meydan.club.actions import set_badge, show_badges
from meydan.club.facts import BadgeEarned, BadgeRevoked, ContributionCounted, ContributionDropped, ShowingChanged
from meydan.club.models import Award, Badge
from meydan.club.queries.badges import has_chosen, list_badges, list_own_contributions, marks_beside_name, own_awards
from meydan.club.queries.credentials import credential, sign
from meydan.club.queries.kinds import label_of
from meydan.kernel.actor import Actor
from meydan.kernel.i18n import format_number, text_of

__all__ = ["has_chosen", "list_badges", "set_badge", "show_badges"]


def export_mine(actor: Actor) -> Iterator[ExportedFile]:
    """All that the club keeps of a person, for the export of their data; the credentials as files to take along."""
    counted = [
        {"kind": one.kind, "about": one.reference, "at": one.at, "dropped_at": one.dropped_at}
        for one in list_own_contributions(actor)
    ]
    yield as_json("contributions.json", counted)
    awards = list(own_awards(actor).order_by("earned_at"))
    yield as_json("badges.json", [_exported(one) for one in awards])
    for award in awards:
        if award.revoked_at is None:
            yield ExportedFile(f"credentials/{award.badge_id}-{award.level}.jwt", sign(credential(award)).encode())


def _exported(award: Award) -> dict[str, Any]:
    names: Mapping[str, str] = award.badge.name
    return {
        "badge": award.badge_id,
        "name": names,
        "level": award.level,
        "earned_at": award.earned_at,
        "revoked_at": award.revoked_at,
    }


def _badge_in(fact: BadgeEarned | BadgeRevoked) -> dict[str, str]:
    badge = Badge.objects.filter(pk=fact.badge).first()
    return {"badge": (text_of(badge.name) if badge else "") or fact.badge, "level": format_number(fact.level)}


contributes_to_export("club", export_mine)
marks_names(marks_beside_name)
tells(BadgeEarned, lambda fact: gettext("Badge earned: %(badge)s, level %(level)s") % _badge_in(fact))
tells(BadgeRevoked, lambda fact: gettext("Badge lost: %(badge)s, level %(level)s") % _badge_in(fact))
tells(ContributionCounted, lambda fact: gettext("Counts in the club: %(kind)s") % {"kind": label_of(fact.kind)})
tells(ContributionDropped, lambda fact: gettext("Counts no longer: %(kind)s") % {"kind": label_of(fact.kind)})
tells(
    ShowingChanged,
    lambda fact: gettext("Others see your badges") if fact.shown else gettext("Others no longer see your badges"),
)
