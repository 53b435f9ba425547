"""The `meydan` command: one verb per file in `meydan/site/commands/`, loaded only when it is asked for."""

import argparse
import importlib
import importlib.util
import os
import sys
from types import ModuleType

from meydan.kernel.config import ConfigError
from meydan.site.binaries import DatabaseError
from meydan.site.catalogs import compile_stale

# verb -> what it does. The module has the verb's name (`import` is no name for a module: `importing`).
VERBS = {
    "up": "start everything: database, pages, worker, messenger",
    "test": "run the tests as CI does",
    "lint": "check style, types and architecture",
    "bench": "measure, and compare with peers",
    "doctor": "say what is wrong with this installation and how to mend it",
    "user": "list, create and change persons and their roles",
    "categorizer": "train or measure what suggests a category from the words",
    "faces": "install what compares faces, or measure and publish how often it errs",
    "key": "list, issue and revoke the keys of programs that file reports",
    "import": "take in data from files",
    "export": "write data out in open formats",
    "verify": "check the sealed days, from outside or on the city's own machine",
    "seal": "seal the days that are over (the worker does it by itself)",
    "recount": "count all reports anew, and say whether the figures were right",
    "db": "open psql on the database",
    "migrate": "bring the database to this version's shape",
    "frontend": "install the browser's libraries and fonts",
    "worker": "work through the jobs (part of `up`)",
    "web": "serve the pages (part of `up`)",
    "gateway": "serve the messenger (part of `up`)",
    "spare": "load everything, then wait to take a dead part's place (part of `up`)",
    "messages": "collect the texts to translate",
    "reference": "write docs/reference anew from the code",
}
PARTS_OF_UP = ("web", "worker", "gateway", "spare")
MODULES = {"import": "importing"}


def main(argv: list[str] | None = None) -> None:
    """Run one verb; the process ends with its exit code."""
    arguments = sys.argv[1:] if argv is None else argv
    try:
        code = run(arguments)
    except (ConfigError, DatabaseError) as error:
        code = _complain(str(error))
    except BrokenPipeError:  # the reader (`| head`) has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 1
    except KeyboardInterrupt:
        code = 130
    sys.exit(code)


def run(arguments: list[str]) -> int:
    """Parse and run; the exit code."""
    everywhere, rest = _common_flags().parse_known_args(arguments)
    parser = make_parser(rest[0] if rest else "")
    options = parser.parse_args(rest, namespace=everywhere)
    if not options.verb:
        parser.print_help()
        return 2
    _lay_into_environment(options)
    os.environ["DJANGO_SETTINGS_MODULE"] = "meydan.site.settings"
    if options.verb not in PARTS_OF_UP:
        compile_stale()
    return int(load(options.verb).run(options))


def make_parser(chosen: str) -> argparse.ArgumentParser:
    """Every verb is listed; only the chosen one's module is loaded for its own flags."""
    parser = argparse.ArgumentParser(prog="meydan", description="A city's own super-app.")
    verbs = parser.add_subparsers(dest="verb", metavar="command", title="commands")
    for verb, purpose in VERBS.items():
        if importlib.util.find_spec(_module_of(verb)) is None:
            continue
        sub = verbs.add_parser(
            verb, help=purpose, description=purpose[0].upper() + purpose[1:] + ".", parents=[_common_flags()]
        )
        if verb == chosen:
            load(verb).add_arguments(sub)
    return parser


def _common_flags() -> argparse.ArgumentParser:
    """Flags of every verb, which may stand anywhere. No default: the verb's own copy must not undo the first."""
    parser = argparse.ArgumentParser(add_help=False, argument_default=argparse.SUPPRESS, allow_abbrev=False)
    parser.add_argument("--data", metavar="DIR", help="where the city keeps everything (MEYDAN_DATA)")
    return parser


def load(verb: str) -> ModuleType:
    """The module of a verb."""
    return importlib.import_module(_module_of(verb))


def _module_of(verb: str) -> str:
    return f"meydan.site.commands.{MODULES.get(verb, verb)}"


def _lay_into_environment(options: argparse.Namespace) -> None:
    """Flags are the environment's twins, so that the processes we start read the same."""
    for knob in ("data", "port", "gateway_port", "gateways", "bind", "city", "demo"):
        value = getattr(options, knob, None)
        if value is not None:
            os.environ[f"MEYDAN_{knob.upper()}"] = str(value).lower() if isinstance(value, bool) else str(value)


def _complain(message: str) -> int:
    print(f"meydan: {message}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    main()
