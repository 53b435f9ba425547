"""Every public address, domain by domain."""

import importlib
from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import Any

from django.urls import Resolver404, ResolverMatch, URLPattern, URLResolver, include, path
from django.urls.resolvers import RoutePattern

from meydan.site import api, health, pages, seals

# With them moderators see what is flagged or handed in there, and badges stand beside names.
for _domain in ("identity", "comments", "messaging", "articles", "events", "club"):
    importlib.import_module(f"meydan.{_domain}.public")


class Domain(URLResolver):
    """The addresses of a domain. Django would try all of them, two hundred before those of the store: 0.2 ms a request.
    Here a domain is passed by at once whose addresses all begin otherwise."""

    def resolve(self, path: str) -> ResolverMatch:
        """Django's, for paths that begin as one of the addresses does."""
        if self.beginnings and path.partition("/")[0] not in self.beginnings:
            raise Resolver404({"tried": [], "path": path})
        return super().resolve(path)

    @cached_property
    def beginnings(self) -> frozenset[str]:
        """The first parts of its addresses; none where one of them can be anything."""
        found = frozenset(first_parts(self.url_patterns))
        return frozenset() if any(set(part) & set("<^(") for part in found) else found


def first_parts(patterns: Iterable[URLPattern | URLResolver]) -> Iterator[str]:
    """What stands before the first slash of these addresses; of what is included at the root, of its own ones."""
    for one in patterns:
        route = str(one.pattern)
        if isinstance(one, URLResolver) and not route:
            yield from first_parts(one.url_patterns)
        else:
            yield route.partition("/")[0]


def domain(urls: Any) -> Domain:
    """The addresses of a module, or of a pair of patterns and name."""
    patterns, app_name, namespace = include(urls)
    return Domain(RoutePattern(""), patterns, None, app_name=app_name, namespace=namespace)


# `site:` are the pages that belong to no domain
front = [
    path("", pages.home, name="home"),
    path("search", pages.search, name="search"),
    path("language", pages.language, name="language"),
    path("offline", pages.offline, name="offline"),
    path("outbox", pages.outbox, name="outbox"),
    path("outbox.json", pages.outbox_pass, name="outbox_pass"),
    path("manifest.webmanifest", pages.manifest, name="manifest"),
    path("sw.js", pages.service_worker, name="service_worker"),
    path("dev/look", pages.look, name="look"),
    path("seals/", seals.seals, name="seals"),
    path("seals/key.json", seals.key_json, name="seal_key"),
    path("seals/heads.txt", seals.heads, name="seal_heads"),
    path("seals/<str:day>.json", seals.day_json, name="seal_day"),
    path("seals/<str:day>.leaves", seals.day_leaves, name="seal_leaves"),
]

handler400 = "meydan.site.errors.bad_request"
handler403 = "meydan.site.errors.permission_denied"
handler404 = "meydan.site.errors.page_not_found"
handler500 = "meydan.site.errors.server_error"

urlpatterns: list[URLPattern | URLResolver] = [
    domain("meydan.reports.urls"),  # first: its addresses are asked for most
    domain((front, "site")),
    domain("meydan.accounts.urls"),
    domain("meydan.identity.urls"),
    domain("meydan.moderation.urls"),
    domain("meydan.comments.urls"),
    domain("meydan.notifications.urls"),
    domain("meydan.webhooks.urls"),
    domain("meydan.messaging.urls"),
    domain("meydan.club.urls"),
    domain("meydan.articles.urls"),
    domain("meydan.events.urls"),
    domain("meydan.store.urls"),
    path("health", health.health, name="health"),
    path("api/openapi.json", api.openapi_json, name="openapi"),
    path("open311/", include("meydan.reports.open311.urls")),
    path("data/", include("meydan.reports.opendata")),
]
