"""A whole city for the browser: `meydan up` on a throwaway folder, and a headless Chromium in front of it.

The browser talks to another process, so no journey asks the database through Django. All of this lives as long as the
package and no longer: Playwright keeps an event loop in the main thread, under which Django refuses every query.
"""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from meydan.site.commands.test import find_browser
from tests.journeys.people import City
from tests.journeys.proving import Camera
from tests.long import harness
from tests.long.harness import FirstStart, House, wait_for

FLAGS = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--use-fake-ui-for-media-stream",  # calls: the microphone (test tones) and the camera (a film) are granted
    "--use-fake-device-for-media-stream",
    "--allow-loopback-in-peer-connection",  # where the machine has no other network
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@pytest.fixture(scope="package")
def house(request: pytest.FixtureRequest) -> Iterator[House]:
    with _city_folder(request) as (data, port), harness.running(data, port=port) as house:
        wait_for(house.is_idle, harness.SETTLED_SECONDS, "the worker has nothing to do")
        yield house


@contextmanager
def _city_folder(request: pytest.FixtureRequest) -> Iterator[tuple[Path, int | None]]:
    """A folder that is gone afterwards, or the one that MEYDAN_JOURNEYS names: kept, it saves a minute of waiting to
    whoever writes a journey. And its port, where that matters."""
    with tempfile.TemporaryDirectory(prefix="meydan-journeys-") as folder:
        data = Path(os.environ.get("MEYDAN_JOURNEYS") or folder) / "city"
        port = None
        if not data.exists():
            data.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            first: FirstStart = request.getfixturevalue("first_start")
            first.copy_to(data)
            port = first.port if request.getfixturevalue("opens_seeded_rooms") else None
        # One address plays everybody, and what stands in for the world is on this machine.
        toml = 'rate_limits = false\nfetch_private = ["127.0.0.0/8"]\n'
        (data / "meydan.toml").write_text(toml)
        yield data, port


@pytest.fixture(scope="package")
def camera(tmp_path_factory: pytest.TempPathFactory) -> Camera:
    """What every window films: a drawn person, who sits still until somebody has them move."""
    camera = Camera(tmp_path_factory.mktemp("camera") / "film.y4m")
    camera.show(1)
    return camera


@pytest.fixture(scope="package")
def browser(camera: Camera) -> Iterator[Browser]:
    path = find_browser()
    if path is None:
        pytest.fail("Chromium is missing: `apt-get install chromium`, or run `bin/meydan test` as root.", pytrace=False)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path, args=[*FLAGS, f"--use-file-for-fake-video-capture={camera.file}"]
        )
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def city(house: House, browser: Browser) -> City:
    """The city with its people, who keep their sign-ins from test to test."""
    return City(house, browser)


@pytest.fixture(autouse=True)
def nothing_goes_wrong_behind_the_pages(city: City) -> Iterator[None]:
    """No page of any journey asks another host, breaks its own policy, or fails in its scripts."""
    yield
    faults = city.close_windows()
    assert not faults, "\n".join(faults)
