"""Where matrix-js-sdk works: our scripts beside its modules, for Node.js as they are, for a browser in one file."""

import json
import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from meydan.messaging.tests.clients import PASSWORD, Gateway
from meydan.site import sdk

NODE_SECONDS = 300
WASM = "@matrix-org/matrix-sdk-crypto-wasm/pkg/matrix_sdk_crypto_wasm_bg.wasm"
FACTS = {
    "crossSigning": True,
    "secretStorage": True,
    "backup": "1",
    "heard": ["salam", "merhaba"],
    "onTheServer": "m.room.encrypted",
    "edited": "salaam",
    "reactions": {"👍": 2},
    "thread": ["one", "two"],
    "unread": [1, 1],
    "threadRead": [1, 0],
    "backedUp": 2,
    "restored": [2, 2],
    "backupTrusted": {"matchesDecryptionKey": True, "trusted": True},
    "lookedBack": "salaam",
    "reactionsLookedBack": {"👍": 2},
    "threadLookedBack": ["salaam", "one", "two"],
    "signedByOwner": True,
    "goneOn": ["how are you?", "how are you?"],
}
"""What the conversation leaves behind, in whatever it was held."""
PAGE = '<!doctype html><meta charset="utf-8"><title>matrix-js-sdk</title><script type="module" src="page.js"></script>'


def make_workshop(folder: Path) -> Path:
    """Lay our scripts beside the SDK. Fails where `bin/meydan test` has not installed it."""
    if not sdk.is_installed():
        pytest.fail("matrix-js-sdk is not there: `bin/meydan test` installs it.", pytrace=False)
    for script in sdk.SOURCE.glob("*.mjs"):
        shutil.copy(script, folder)
    (folder / "node_modules").symlink_to(sdk.FOLDER / "node_modules")
    return folder


def open_account(gateway: Gateway, name: str) -> dict[str, str]:
    """Somebody new, as the scripts sign them in."""
    return {"user": gateway.register(name).user_id, "password": PASSWORD}


def converse_in_node(workshop: Path, url: str, *people: dict[str, str]) -> Any:
    """The facts that the conversation leaves behind."""
    command = [str(sdk.NODE), "in_node.mjs", url, *map(json.dumps, people)]
    done = subprocess.run(command, cwd=workshop, capture_output=True, text=True, check=False, timeout=NODE_SECONDS)
    assert done.returncode == 0, done.stderr[-4000:]
    return json.loads(done.stdout.splitlines()[-1])


def bundle(workshop: Path) -> Path:
    """A folder to serve: a page with the SDK and our scripts."""
    site = workshop / "site"
    site.mkdir()
    command = ["node_modules/.bin/esbuild", "in_browser.mjs", "--bundle", "--format=esm", "--outfile=site/page.js"]
    subprocess.run([*command, "--log-level=error"], cwd=workshop, check=True, timeout=NODE_SECONDS)
    (site / "pkg").mkdir()
    shutil.copy(workshop / "node_modules" / WASM, site / "pkg")
    (site / "index.html").write_text(PAGE)
    return site


class Quiet(SimpleHTTPRequestHandler):
    """Says nothing of each request."""

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing."""


@contextmanager
def hosting(site: Path) -> Iterator[str]:
    """The folder, served on loopback; its address."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(site))) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()
