"""The daily seal, from the citizen's own page to a stranger's terminal: receipts, sealed days, and a changed fact."""

import json
import os
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
from playwright.sync_api import Page

from meydan.site.stamps import connection_arguments
from tests.journeys.people import City
from tests.long.harness import House

pytestmark = pytest.mark.browser
LOOKED = """
    insert into kernel_fact (name, subject, persons, actor, roles, departments, channel, data, recorded_at)
    select 'kernel.personal_data_shown', 'report:1', array[citizen.id], officer.id, array['officer'], array['roads'],
           'web', '{"what": "The reporter''s contact"}', now() - interval '2 days'
      from accounts_person citizen, accounts_person officer
     where citizen.username = 'citizen' and officer.username = 'officer'"""
CHANGE = "update kernel_fact set departments = array[%s]::varchar[] where id = %s"


def meydan(house: House, folder: Path, *words: str) -> tuple[int, str]:
    """A command in a terminal; its exit code and what it said."""
    clean = {key: value for key, value in os.environ.items() if not key.startswith(("MEYDAN_", "DJANGO_"))}
    environment = clean | {"MEYDAN_DATA": str(house.data), "XDG_STATE_HOME": str(folder)}
    command = [sys.executable, "-m", "meydan.site.cli", *words]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)
    return done.returncode, done.stdout + done.stderr


def ask_database(house: House, sql: str, *values: object, past_triggers: bool = False) -> None:
    with psycopg.connect(**connection_arguments(house.database())) as session:
        if past_triggers:
            session.execute("alter table kernel_fact disable trigger user")
        session.execute(sql.encode(), values)
        if past_triggers:
            session.execute("alter table kernel_fact enable trigger user")


@pytest.fixture
def citizen(city: City, tmp_path: Path) -> Page:
    """Signed in, and looked at the day before yesterday; what was then is sealed."""
    if not city.house.get("/seals/heads.txt")[1]:
        ask_database(city.house, LOOKED)
    code, said = meydan(city.house, tmp_path, "seal")
    assert code == 0, said
    return city.open_window(role="citizen")


def take_receipt(page: Page, folder: Path) -> Path:
    page.goto("/me/history")
    with page.expect_download() as download:
        page.locator("a[href^='/me/history/']").first.click()
    path = folder / download.value.suggested_filename
    download.value.save_as(path)
    return path


def test_a_receipt_proves_who_looked(city: City, citizen: Page, tmp_path: Path) -> None:
    receipt = take_receipt(citizen, tmp_path)
    code, said = meydan(city.house, tmp_path, "verify", "--receipt", str(receipt), "--url", city.house.address)
    assert code == 0, said
    assert "The reporter's contact" in said
    assert "departments: ['roads']" in said
    receipt.write_text(receipt.read_text().replace("roads", "light"))
    code, said = meydan(city.house, tmp_path, "verify", "--receipt", str(receipt), "--url", city.house.address)
    assert code == 1
    assert "not under the day's root" in said


def test_a_changed_fact_is_named(city: City, citizen: Page, tmp_path: Path) -> None:
    fact = json.loads(json.loads(take_receipt(citizen, tmp_path).read_text())["leaf"])
    citizen.goto("/me/history")
    citizen.locator("a[href='/seals/']").click()
    assert citizen.locator("a[href$='.json']").count() > 1
    assert meydan(city.house, tmp_path, "verify", "--url", city.house.address)[0] == 0
    assert meydan(city.house, tmp_path, "verify", "--own")[0] == 0
    ask_database(city.house, CHANGE, "light", fact["id"], past_triggers=True)
    try:
        code, said = meydan(city.house, tmp_path, "verify", "--own")
    finally:
        ask_database(city.house, CHANGE, "roads", fact["id"], past_triggers=True)
    assert code == 1
    assert f"fact {fact['id']} (kernel.personal_data_shown, report:1) was changed after the sealing" in said
