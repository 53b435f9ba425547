"""`meydan export DIR`: the city's open data as anybody can fetch it under `/data/`, or all that the city keeps.

The open files come out of the same doors that the world uses, so they hold exactly what the world may see.
"""

import argparse
import os
import shutil
import sys
from collections.abc import Callable, Iterable
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.core.handlers.wsgi import WSGIHandler
from django.core.wsgi import get_wsgi_application

from meydan.kernel.config import config
from meydan.site.postgres import run_client
from meydan.site.progress import Progress

OPEN_DATA = ("reports.csv", "reports.geojson", "catalogue.jsonld")


class ExportError(Exception):
    """A door did not give its file; the message says what it answered."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", type=Path, help="where to write; made when it is not there")
    parser.add_argument("--language", default="en", choices=["ar", "fr", "en", "fa", "tg"], help="of names (en)")
    parser.add_argument(
        "--everything",
        action="store_true",
        help="also the database as SQL and the photos: private data, to move the city or keep a copy",
    )


def run(options: argparse.Namespace) -> int:
    folder: Path = options.folder
    folder.mkdir(parents=True, exist_ok=True)
    progress = Progress()
    pages = get_wsgi_application()
    try:
        for name in OPEN_DATA:
            with progress.step(name):
                _write(folder / name, fetch(pages, f"/data/{name}", options.language))
        code = _export_everything(folder, progress) if options.everything else 0
    except (ExportError, OSError) as error:
        print(f"meydan: {error}", file=sys.stderr)
        return 1
    return code


def fetch(pages: WSGIHandler, path: str, language: str) -> Iterable[bytes]:
    """What the door at `path` gives a visitor, piece by piece. Raises `ExportError`."""
    host = urlsplit(config().base_url).netloc
    environ: dict[str, Any] = {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": path,
        "QUERY_STRING": "",
        "SERVER_NAME": host.partition(":")[0],
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": host,
        "HTTP_ACCEPT_LANGUAGE": language,
        "wsgi.url_scheme": urlsplit(config().base_url).scheme,
        "wsgi.input": BytesIO(),
        "wsgi.errors": sys.stderr,
    }
    answered: list[str] = []

    def start_response(status: str, _headers: list[tuple[str, str]], *_rest: object) -> Callable[[bytes], object]:
        answered.append(status)
        return BytesIO().write

    body = pages(environ, start_response)
    if not answered or not answered[0].startswith("200"):
        raise ExportError(f"{path} answered {answered[0] if answered else 'nothing'}")
    return body


def _write(path: Path, pieces: Iterable[bytes]) -> None:
    draft = path.with_name(f"{path.name}.draft")
    with draft.open("wb") as file:
        file.writelines(pieces)
    draft.replace(path)


def _export_everything(folder: Path, progress: Progress) -> int:
    """For the city's own eyes: nobody else on this machine may read it."""
    os.chmod(folder, 0o700)
    with progress.step("database"):
        arguments = ["--no-owner", "--no-privileges", f"--file={folder / 'database.sql'}"]
        code = run_client("pg_dump", arguments, config().database(), config().data)
    if (photos := config().data / "files").is_dir():
        with progress.step("photos"):
            shutil.copytree(photos, folder / "files", dirs_exist_ok=True)
    return code
