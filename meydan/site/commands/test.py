"""`meydan test`: what CI runs. Pytest's closing line comes first, then what was not run, and why."""

import argparse
import os
import shutil
import subprocess
import sys

from meydan.site import bundle, frontend, sdk, seal
from meydan.site.commands import frontend as frontend_verb
from meydan.site.npm import NpmError

BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
"""The first that there is: a browser without windows does the same in half the time."""
WHOLE_BROWSERS = BROWSERS[1:]
"""Those that show notifications, without a screen too."""
WORKERS = min(2, os.cpu_count() or 1)
"""Not more than cores: what measures its own time fails beside too many others."""
CHECK_SECONDS = 600


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--long", action="store_true", help="also the kills and the big fills")
    parser.add_argument(
        "-n",
        type=int,
        metavar="WORKERS",
        help="how many files run at a time: 2 where there are as many cores, with --long 1; 0 is for a debugger",
    )
    parser.add_argument("pytest", nargs=argparse.REMAINDER, help="what follows goes to pytest: paths, -k, -x ...")


def run(options: argparse.Namespace) -> int:
    lacking = _lacking(options.long)
    marks = ["not long"] * (not options.long) + [f"not {what}" for what in lacking]
    workers = options.n if options.n is not None else 0 if options.long or WORKERS < 2 else WORKERS
    command = [sys.executable, "-m", "pytest", f"-n{workers}", "-m", " and ".join(marks), *options.pytest]
    code = subprocess.run(command, cwd=frontend.CHECKOUT, env=plain_environment(), check=False).returncode
    if not options.long:
        print("not run: the long tests (kills, big fills); they are for `bin/meydan test --long`")
    for what, why in lacking.items():
        print(f"not run: {what} tests; {why}")
    return code


def plain_environment() -> dict[str, str]:
    """What pytest is given: conftest.py names a data folder of its own before Django's settings are read."""
    return {name: value for name, value in os.environ.items() if name not in ("DJANGO_SETTINGS_MODULE", "MEYDAN_DATA")}


def _lacking(is_long: bool) -> dict[str, str]:
    """What the tests need and this machine lacks, and why, after trying to get it; named as pytest's markers are."""
    found = {"sdk": _ensure_sdk(), "wallet": _ensure_wallet(), "browser": _ensure_browser() or _ensure_frontend()}
    if is_long:
        found |= {"relay": _ensure_relay(), "fdroid": _ensure_fdroid(), "notified": _ensure_whole_browser()}
    return {what: why for what, why in found.items() if why}


def _ensure_frontend() -> str:
    parts = (frontend.is_installed(), frontend.has_test_tools(), seal.is_installed(), bundle.is_installed())
    if all(parts):
        return ""
    code = frontend_verb.run(argparse.Namespace(test_tools=True, again=False, lay_out=False))
    if code in (0, seal.UNSEALED):
        return ""
    return "the front-end libraries are not there: bin/meydan frontend --test-tools"


def _ensure_browser() -> str:
    if not find_browser():
        _install("chromium-headless-shell", "Chromium for the browser tests")
    return "" if find_browser() else "there is no Chromium: apt install chromium"


def _ensure_whole_browser() -> str:
    if not find_whole_browser():
        _install("chromium", "a whole Chromium, which shows notifications")
    return "" if find_whole_browser() else "there is no Chromium that shows notifications: apt install chromium"


def _ensure_sdk() -> str:
    if sdk.is_installed():
        return ""
    print("Installing matrix-js-sdk for the messenger's tests ...", flush=True)
    try:
        sdk.install()
    except NpmError as error:
        return f"matrix-js-sdk is not there: {error}"
    return ""


def _ensure_wallet() -> str:
    if sdk.WALLET.is_installed():
        return ""
    print("Installing a wallet of others for the tests of credentials ...", flush=True)
    try:
        sdk.WALLET.install()
    except NpmError as error:
        return f"the wallet is not there: {error}"
    return ""


def _ensure_relay() -> str:
    if not shutil.which("turnserver"):
        _install("coturn", "coturn for the tests of calls")
    return "" if shutil.which("turnserver") else "there is no coturn: apt install coturn"


def _ensure_fdroid() -> str:
    """What judges packages and repositories beside us: Java's jarsigner, Android's apksigner."""
    for tool, package in (("jarsigner", "default-jdk-headless"), ("apksigner", "apksigner")):
        if not shutil.which(tool):
            _install(package, f"{tool} for the tests of packages")
        if not shutil.which(tool):
            return f"there is no {tool}: apt install {package}"
    return "" if shutil.which("npm") else "there is no npm, which brings the real packages"


def _install(package: str, what: str) -> None:
    """A package of the system, where we may."""
    if os.getuid() != 0 or not shutil.which("apt-get"):
        return
    print(f"Installing {what} ...", flush=True)
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for words in (["update", "-q"], ["install", "-qy", "--no-install-recommends", package]):
        subprocess.run(["apt-get", *words], env=quiet, stdout=subprocess.DEVNULL, check=False, timeout=CHECK_SECONDS)


def find_browser() -> str | None:
    """The path of a Chromium of this machine."""
    return _first_of(BROWSERS)


def find_whole_browser() -> str | None:
    """The path of one that shows notifications."""
    return _first_of(WHOLE_BROWSERS)


def _first_of(names: tuple[str, ...]) -> str | None:
    return next((path for name in names if (path := shutil.which(name))), None)
