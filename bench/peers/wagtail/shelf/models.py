"""A store as one builds it with Wagtail who knows it well: an index page, a page for each app, and what belongs to one
as its children of `modelcluster`. Lists and details are few queries; nothing is kept between requests, as with ours."""

from typing import Any, ClassVar

from django.db import models
from django.db.models import Avg, Count
from django.http import HttpRequest
from modelcluster.fields import ParentalKey
from wagtail.models import Orderable, Page, Site
from wagtail.snippets.models import register_snippet

PER_PAGE = 20


@register_snippet
class Category(models.Model):
    """What apps are sorted under."""

    name = models.CharField(max_length=80)

    def __str__(self) -> str:
        return self.name


def menu(request: HttpRequest) -> Any:
    """The pages of the bar."""
    return Site.find_for_request(request).root_page.get_children().live().in_menu()


class ShelfPage(Page):
    """Shows the 20 liveliest apps."""

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context(request, *args, **kwargs)
        apps = AppPage.objects.child_of(self).live().select_related("category").order_by("-trend", "-pk")
        context["apps"] = apps.defer("description")[:PER_PAGE]
        context["menu"] = menu(request)
        return context


class AppPage(Page):
    """One app."""

    language = models.CharField(max_length=8)
    kind = models.CharField(max_length=20)
    summary = models.CharField(max_length=200)
    description = models.TextField()  # HTML
    category = models.ForeignKey(Category, on_delete=models.PROTECT, related_name="+")
    developer = models.CharField(max_length=120)
    address = models.CharField(max_length=200, blank=True)
    icon = models.CharField(max_length=200)
    downloads = models.PositiveIntegerField(default=0)
    trend = models.FloatField(default=0)

    class Meta:
        indexes: ClassVar = [models.Index(models.F("trend").desc(), models.F("page_ptr").desc(), name="shelf_trend")]

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context(request, *args, **kwargs)
        context["rating"] = self.reviews.aggregate(mean=Avg("stars"), count=Count("pk"))
        context["reviews"] = self.reviews.order_by("-pk")[:PER_PAGE]
        context["versions"] = self.versions.order_by("-sort_order")[:5]
        context["shots"] = self.shots.order_by("sort_order")
        context["menu"] = menu(request)
        return context


class Shot(Orderable):
    """A picture of an app."""

    app = ParentalKey(AppPage, on_delete=models.CASCADE, related_name="shots")
    address = models.CharField(max_length=200)
    alt = models.CharField(max_length=200)


class Version(Orderable):
    """A version that can be downloaded."""

    app = ParentalKey(AppPage, on_delete=models.CASCADE, related_name="versions")
    name = models.CharField(max_length=80)
    changelog = models.TextField(blank=True)
    size = models.PositiveBigIntegerField()
    published_at = models.DateTimeField()


class Review(models.Model):
    """What somebody says of an app, with stars."""

    app = ParentalKey(AppPage, on_delete=models.CASCADE, related_name="reviews")
    name = models.CharField(max_length=120)
    stars = models.PositiveSmallIntegerField()
    text = models.TextField()
    version = models.CharField(max_length=80, blank=True)
    at = models.DateTimeField()
