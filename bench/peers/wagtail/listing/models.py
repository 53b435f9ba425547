"""A listing page and the pages that it lists, with the same fields as a report in our list."""

from typing import Any

from django.db import models
from django.http import HttpRequest
from wagtail.models import Page, Site


class ListingPage(Page):
    """Shows its newest 20 children."""

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context(request, *args, **kwargs)
        context["reports"] = ReportPage.objects.child_of(self).live().order_by("-filed_at")[:20]
        context["menu"] = Site.find_for_request(request).root_page.get_children().live().in_menu()
        return context


class ReportPage(Page):
    """One report."""

    state = models.CharField(max_length=40)
    category = models.CharField(max_length=200)
    district = models.CharField(max_length=200)
    address = models.CharField(max_length=300, blank=True)
    words = models.TextField(blank=True)
    filed_at = models.DateTimeField()
