"""What the tests of the inbox share: the city's people in browsers, and the worker's work, over the gateway's
database."""

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from django.db import connection, transaction
from django.test import Client as Browser
from procrastinate.contrib.django import app

from meydan.accounts.public import Department, Person
from meydan.kernel.actor import Role
from meydan.kernel.clock import now
from meydan.messaging.tests.served.conftest import Client, Served, wait_for
from meydan.reports.models import Report
from meydan.reports.tests.cast import make_city
from meydan.reports.tests.test_pages import BACKEND, form

_OLDEST = """
delete from procrastinate_jobs where id = (
  select id from procrastinate_jobs where status = 'todo' and (scheduled_at is null or scheduled_at <= %s)
   order by id limit 1) returning task_name, args::text"""


def work_off() -> int:
    """What the worker does with all that waits, in order; how many jobs."""
    count = 0
    while True:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(_OLDEST, [now()])
            row = cursor.fetchone()
            if row is None:
                return count
            app.tasks[row[0]](**json.loads(row[1]))
        count += 1


@dataclass
class Town:
    """The city of the tests, with its database."""

    served: Served

    def work(self) -> None:
        """Have the worker work off what waits."""
        self.served.run(work_off)

    def browser(self, user_id: str) -> Browser:
        """A browser in which this person has signed in."""

        def sign_in() -> Browser:
            browser = Browser()
            browser.force_login(person_of(user_id), backend=BACKEND)
            return browser

        return self.served.run(sign_in)

    def grant(self, user_id: str, role: Role, department: str | None = None) -> None:
        """Somebody works for the city."""
        self.served.run(lambda: person_of(user_id).grants.create(role=role, department_id=department))

    def post(self, browser: Browser, path: str, /, **values: Any) -> int:
        """Send a form; the status of the answer."""
        return int(self.served.run(lambda: browser.post(path, values).status_code))

    def get(self, browser: Browser, address: str) -> str:
        """A page's HTML."""
        return str(self.served.run(lambda: browser.get(address).content.decode()))

    def file(self, browser: Browser, **values: Any) -> int:
        """File a report; its number."""
        before = self.served.run(lambda: set(Report.objects.values_list("pk", flat=True)))
        assert self.post(browser, "/reports/new", **form(is_new="1", **values)) == 302
        after = self.served.run(lambda: set(Report.objects.values_list("pk", flat=True)))
        (number,) = after - before
        return int(number)

    def do(self, browser: Browser, number: int, verb: str, **values: Any) -> None:
        """Do something to a report, then let the worker follow it."""
        assert self.post(browser, f"/reports/{number}/do/{verb}", **values) == 302
        self.work()


def make_town(served: Served) -> Town:
    """The city, once for each database."""
    if not served.run(Department.objects.exists):
        served.run(make_city)
    return Town(served)


def person_of(user_id: str) -> Person:
    """Whose name in the messenger this is."""
    return Person.objects.get(username=user_id[1:].partition(":")[0])


def rooms_of(client: Client) -> dict[str, Any]:
    """The rooms that somebody is in, by their names."""
    joined = client.get("sync").get("rooms", {}).get("join", {})
    return {_name(room): {**room, "id": room_id} for room_id, room in joined.items()}


def _name(room: Any) -> str:
    events = [*room["state"]["events"], *room["timeline"]["events"]]
    return next((one["content"].get("name", "") for one in reversed(events) if one["type"] == "m.room.name"), "")


def case_room(client: Client, number: int) -> Any:
    """The room of a report, once it is there."""
    name = f"Report no. {number}: Pothole"
    found = wait_for(lambda: rooms_of(client).get(name))
    assert found, rooms_of(client)
    return found["id"]


def said_in(client: Client, room: str) -> list[tuple[str, str]]:
    """Who said what, oldest first."""
    chunk = client.get(f"rooms/{quote(room)}/messages", dir="f", limit=500)["chunk"]
    return [(one["sender"], one["content"].get("body", "")) for one in chunk if one["type"] == "m.room.message"]


def hears(client: Client, room: str, words: str) -> None:
    """Until these words are there."""
    assert wait_for(lambda: any(words in said for _who, said in said_in(client, room))), said_in(client, room)
