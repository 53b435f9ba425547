"""The same list as ours, written the way the Django tutorial writes lists."""

from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from meydan.kernel.i18n import LANGUAGES
from meydan.kernel.models import District
from meydan.reports.models import Category, Photo, Report, State
from meydan.ui.sheet import main_sheet


def index(request: HttpRequest) -> HttpResponse:
    """The newest 20 public reports."""
    photos = Prefetch("photos", Photo.objects.filter(public=True).order_by("id"), to_attr="pictures")
    reports = Report.objects.filter(public=True).select_related("category", "district").prefetch_related(photos)
    context = {
        "reports": reports.order_by("-number")[:20],
        "states": State.choices,
        "categories": Category.objects.all(),
        "districts": District.objects.order_by("code"),
        "languages": LANGUAGES,
        "sheet": main_sheet().css,
    }
    return render(request, "list.html", context)
