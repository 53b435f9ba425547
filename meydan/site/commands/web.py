"""`meydan web`: the pages, under WSGI."""

import argparse
import importlib
import multiprocessing
import os

from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server import Server

from meydan.kernel.config import config
from meydan.site.processes import name_process

PAGES = "meydan.site.wsgi"
MOST_PROCESSES = 2
THREADS = 4
STOP_SECONDS = 8


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--port", type=int, help="where the pages are served (MEYDAN_PORT, 8000)")
    parser.add_argument("--bind", help="the address to listen on (MEYDAN_BIND, 127.0.0.1)")


def run(_options: argparse.Namespace) -> int:
    name_process("web")
    multiprocessing.set_start_method("fork")  # children share what the parent loads here, and are there in no time
    importlib.import_module(PAGES)
    Server(
        f"{PAGES}:application_of_child",
        factory=True,
        address=config().bind,
        port=config().port,
        interface=Interfaces.WSGI,
        workers=min(os.cpu_count() or 1, MOST_PROCESSES),
        blocking_threads=THREADS,
        websockets=False,
        respawn_failed_workers=True,
        workers_kill_timeout=STOP_SECONDS,
        log_level=LogLevels.warning,
    ).serve()
    return 0
