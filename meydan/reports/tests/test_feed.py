"""The feed is Atom, whole, in pages, and shows what everybody may see."""

import feedparser
import pytest
from django.test import Client
from lxml import etree

from meydan.kernel.actor import SYSTEM, VISITOR
from meydan.reports.actions import accept_report
from meydan.reports.models import Category
from meydan.reports.pages import feed
from meydan.reports.queries import outward
from meydan.reports.tests.cast import make_city, make_report

pytestmark = pytest.mark.django_db
ATOM = "{http://www.w3.org/2005/Atom}"


def read(client: Client, address: str) -> feedparser.FeedParserDict:
    answer = client.get(address)
    assert answer.status_code == 200 and answer["Content-Type"] == "application/atom+xml; charset=utf-8"
    found = feedparser.parse(answer.content)
    assert not found.bozo and found.version == "atom10"
    return found


def test_a_reader_understands_it(client: Client) -> None:
    make_city()
    report = make_report(VISITOR, address="4, Rue des Orangers & <b>", description="A ]]> deep\x0b hole <i>")
    make_report(VISITOR, category="abuse")
    before = read(client, "/reports/feed.atom")
    (entry,) = before.entries
    assert entry.title == "Pothole · 4, Rue des Orangers & <b>" and entry.link.endswith(f"/reports/{report.number}")
    assert entry.id == f"tag:127.0.0.1,2026:report:{report.number}" and entry.where["coordinates"] == (-7.61, 33.59)
    assert entry.summary == "A ]]&gt; deep  hole &lt;i&gt; · Sent", "it is HTML, and says so"
    assert read(client, "/reports/feed.atom?street=%0b%ef%bf%be").feed.title
    accept_report(SYSTEM, report.number)
    after = read(client, "/reports/feed.atom")
    assert after.entries[0].id == entry.id and after.entries[0].updated > entry.updated
    assert after.feed.updated == after.entries[0].updated and after.feed.id == before.feed.id


def test_what_rfc_4287_demands(client: Client) -> None:
    make_city()
    make_report(VISITOR)
    root = etree.fromstring(client.get("/reports/feed.atom").content)
    for parent in (root, root.find(f"{ATOM}entry")):
        for name in ("id", "title", "updated"):
            assert len(parent.findall(f"{ATOM}{name}")) == 1, name
    assert root.find(f"{ATOM}author/{ATOM}name") is not None
    links = {link.get("rel"): link.get("href") for link in root.findall(f"{ATOM}link")}
    assert links["self"].endswith("/reports/feed.atom") and links["alternate"].endswith("/reports/")


def test_it_is_narrowed(client: Client) -> None:
    make_city()
    make_report(VISITOR, address="4, Rue des Orangers")
    make_report(VISITOR, address="Avenue Zerktouni", point=None, district="maarif")
    make_report(VISITOR, category="lamp", address="Orangers 5")
    for query, count in (
        ("", 3),
        ("category=lamp", 1),
        ("district=maarif", 1),
        ("street=rue+ORANGERS", 1),
        ("street=orangers", 2),
    ):
        assert len(read(client, f"/reports/feed.atom?{query}").entries) == count, query
    assert 'href="/reports/feed.atom?category=lamp"' in client.get("/reports/?category=lamp").content.decode()
    assert not read(client, "/reports/feed.atom?street=nowhere").entries


def test_it_goes_on_in_pages(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    make_city()
    for module in (outward, feed):
        monkeypatch.setattr(module, "FEED_PAGE", 2)
    numbers = [make_report(VISITOR).number for _one in range(5)]
    address, seen = "/reports/feed.atom", []
    for _page in range(3):
        found = read(client, address)
        seen += [entry.id.rpartition(":")[2] for entry in found.entries]
        links = {link.rel: link.href for link in found.feed.links}
        address = "/" + links.get("next", "").partition("://")[2].partition("/")[2]
    assert seen == [str(number) for number in reversed(numbers)] and "next" not in links and "first" in links


def test_a_coarse_place_stays_coarse(client: Client) -> None:
    make_city()
    Category.objects.filter(pk="pothole").update(coarse=True)
    make_report(VISITOR, address="4, Rue des Orangers")
    text = client.get("/reports/feed.atom").content.decode()
    assert "Orangers" not in text and "33.590000" not in text and "georss:point" in text
