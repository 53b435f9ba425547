"""`meydan up`."""

import argparse
import sys

from meydan.kernel.config import config
from meydan.site import faces, supervisor
from meydan.site.progress import Progress


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--port", type=int, help="where the pages are served (MEYDAN_PORT, 8000)")
    parser.add_argument("--gateway-port", type=int, help="where the messenger is served (MEYDAN_GATEWAY_PORT, 8008)")
    parser.add_argument("--gateways", type=int, help="how many processes serve it (MEYDAN_GATEWAYS, 1)")
    parser.add_argument("--bind", help="the address to listen on (MEYDAN_BIND, 127.0.0.1)")
    parser.add_argument("--city", help="the city's pack, a folder of cities/ (MEYDAN_CITY, casablanca)")
    parser.add_argument(
        "--demo", action=argparse.BooleanOptionalAction, help="made-up persons and reports, on loopback (MEYDAN_DEMO)"
    )
    parser.add_argument(
        "--with", dest="extras", action="append", choices=("face",), default=[], help="face: what compares faces"
    )


def run(options: argparse.Namespace) -> int:
    if "face" in options.extras and not faces.is_installed():
        print("What compares faces is fetched once (about 110 MB):", flush=True)
        try:
            faces.install(Progress())
        except (faces.FacesError, OSError) as error:
            print(f"meydan: faces cannot be compared: {error}\nOfficers compare them instead.", file=sys.stderr)
    return supervisor.run(config())
