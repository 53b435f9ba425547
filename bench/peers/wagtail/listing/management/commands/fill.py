"""Makes the listing page with the reports that stand in a JSON file."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand
from wagtail.models import Page, Site

from listing.models import ListingPage, ReportPage


class Command(BaseCommand):
    """One listing page at /reports/ with a child for each row, and a menu of three more pages."""

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("rows", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        home = Page.objects.get(depth=2)
        listing = home.add_child(instance=ListingPage(title="Reports", slug="reports", show_in_menus=True))
        for title in ("Map", "City", "Me"):
            home.add_child(instance=Page(title=title, slug=title.lower(), show_in_menus=True))
        for index, row in enumerate(json.loads(options["rows"].read_text("utf-8"))):
            listing.add_child(instance=ReportPage(slug=f"report-{index}", **row))
        Site.objects.update(hostname="127.0.0.1", root_page=home)
