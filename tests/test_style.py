"""The house style, measured: short functions, short files, every function annotated, nothing left for later."""

import ast
import io
import re
import statistics
import subprocess
import tokenize
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

HOME = Path(__file__).resolve().parent.parent
CODE = ("meydan", "tests", "bench", "conftest.py", "bin")
MEDIAN_LINES, MOST_LINES, P90_LINES, FILE_LINES = 8, 80, 30, 600

Function = ast.FunctionDef | ast.AsyncFunctionDef

# Written in pieces, so that this file does not find itself.
LEFT_FOR_LATER = re.compile("|".join(("TO" + "DO", "FIX" + "ME", "XX" + "X", "HA" + "CK")))
REGISTRY = re.compile(
    r"https?://[^\s\"')]*(?:" + "|".join(("py" + "pi", r"pythonhosted", "npm" + "js", "yarnpkg")) + ")"
)
HALF_MERGED = re.compile(r"(<{7}|>{7}) ")
MACHINE = re.compile(r"(?<![\w./-])/(?:" + "|".join(("wo" + "rk", "ro" + "ot", "ho" + "me", "Us" + "ers")) + r")/\w")
SHARED = re.compile(r"\.\./sha" + "red")


@cache
def tracked() -> list[Path]:
    """The files that git keeps, or all of a copy without git."""
    listed = subprocess.run(["git", "ls-files"], cwd=HOME, capture_output=True, text=True, check=False)
    if listed.returncode:
        return [path for path in HOME.rglob("*") if path.is_file() and ".venv" not in path.parts]
    return [HOME / name for name in listed.stdout.splitlines() if (HOME / name).is_file()]


@cache
def sources() -> dict[Path, ast.Module]:
    """Our Python files, parsed; migrations are made by Django."""
    return {
        path: ast.parse(path.read_text("utf-8"))
        for path in tracked()
        if path.relative_to(HOME).parts[0] in CODE and (path.suffix == ".py" or path == HOME / "bin" / "meydan")
        if "migrations" not in path.parts
    }


def functions(*, tests: bool) -> Iterator[tuple[str, Function]]:
    for path, tree in sources().items():
        if not tests and ("tests" in path.parts or path.relative_to(HOME).parts[0] != "meydan"):
            continue
        for node in ast.walk(tree):
            if isinstance(node, Function):
                yield f"{path.relative_to(HOME)}:{node.lineno} {node.name}", node


def length(function: Function) -> int:
    return (function.end_lineno or function.lineno) - function.lineno + 1


def test_functions_are_short() -> None:
    lengths = [length(function) for _, function in functions(tests=False)]
    assert statistics.median(lengths) <= MEDIAN_LINES
    assert statistics.quantiles(lengths, n=10)[-1] <= P90_LINES


def test_no_function_is_long() -> None:
    long = [where for where, function in functions(tests=True) if length(function) > MOST_LINES]
    assert not long, f"split these functions, at most {MOST_LINES} lines each: {long}"


def test_no_file_is_long() -> None:
    lines = {path.relative_to(HOME): len(path.read_text("utf-8").splitlines()) for path in sources()}
    long = {str(path): count for path, count in lines.items() if count > FILE_LINES}
    assert not long, f"split these files, at most {FILE_LINES} lines each: {long}"


def test_every_function_is_annotated() -> None:
    bare = [where for where, function in functions(tests=True) if not is_annotated(function)]
    assert not bare, f"annotate every argument and the result of {bare}"


def is_annotated(function: Function) -> bool:
    given = function.args
    arguments = [*given.posonlyargs, *given.args, *given.kwonlyargs, *filter(None, (given.vararg, given.kwarg))]
    if arguments and arguments[0].arg in ("self", "cls"):
        arguments = arguments[1:]
    return function.returns is not None and all(argument.annotation for argument in arguments)


def test_nothing_is_left_for_later() -> None:
    found = [
        f"{path.relative_to(HOME)}:{line}"
        for path in sources()
        for line, comment in comments(path)
        if LEFT_FOR_LATER.search(comment)
    ]
    found += [
        f"{path.relative_to(HOME)}:{node.lineno}"
        for path, tree in sources().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Raise) and node.exc and "NotImplementedError" in ast.dump(node.exc)
    ]
    assert not found, f"do it, or open an issue: {found}"


def comments(path: Path) -> Iterator[tuple[int, str]]:
    for token in tokenize.generate_tokens(io.StringIO(path.read_text("utf-8")).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], token.string


def test_exceptions_to_the_checkers_say_why() -> None:
    silent = [
        f"{path.relative_to(HOME)}:{line}"
        for path in sources()
        for line, comment in comments(path)
        if re.match(r"#\s*noqa", comment) or re.fullmatch(r"#\s*type:\s*ignore(\[[\w, -]+\])?\s*", comment)
    ]
    assert not silent, f"mend what the checker found, or say why beside `type: ignore[code]`: {silent}"


def test_skipped_tests_say_why() -> None:
    silent = [
        f"{path.relative_to(HOME)}:{node.lineno}"
        for path, tree in sources().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and is_silent_skip(node, tree)
    ]
    assert not silent, f"give a reason to every skip and xfail: {silent}"


def is_silent_skip(node: ast.Attribute, tree: ast.Module) -> bool:
    text = ast.unparse(node)
    if not re.fullmatch(r"pytest\.(mark\.)?(skip|skipif|xfail)", text):
        return False
    call = next((one for one in ast.walk(tree) if isinstance(one, ast.Call) and one.func is node), None)
    if call is None:
        return True
    return not (any(one.arg == "reason" for one in call.keywords) or ("mark" not in text and call.args))


@pytest.mark.parametrize(
    ("pattern", "instead"),
    [
        (REGISTRY, "locks and docs name packages, never a registry's address"),
        (MACHINE, "no path of one machine: say <data>, or make it relative"),
    ],
    ids=["registry", "machine"],
)
def test_no_address_of_ours_leaks(pattern: re.Pattern[str], instead: str) -> None:
    found = [where for where, text in lines_of(tracked()) if pattern.search(text)]
    assert not found, f"{instead}: {found}"


def test_nothing_is_half_merged() -> None:
    found = [where for where, text in lines_of(tracked()) if HALF_MERGED.match(text)]
    assert not found, f"choose between both sides: {found}"


def test_what_is_shared_is_named_in_bench_only() -> None:
    elsewhere = [path for path in tracked() if path.relative_to(HOME).parts[0] != "bench"]
    found = [where for where, text in lines_of(elsewhere) if SHARED.search(text)]
    assert not found, f"only bench/ may look at data beside the project: {found}"


def lines_of(paths: list[Path]) -> Iterator[tuple[str, str]]:
    """The lines of text files; pictures and the like are passed over."""
    for path in paths:
        try:
            text = path.read_text("utf-8")
        except UnicodeDecodeError:
            continue
        for number, line in enumerate(text.splitlines(), 1):
            yield f"{path.relative_to(HOME)}:{number}", line


@pytest.mark.parametrize(
    ("pattern", "caught", "free"),
    [
        (REGISTRY, "see https://registry." + "npm" + "js.org/x", "the package granian from PyPI"),
        (MACHINE, "cd /wo" + "rk/main", 'href="/reports/wo' + 'rk/1"'),
        (SHARED, "open ../sha" + "red/data", "shared_buffers"),
        (LEFT_FOR_LATER, "# TO" + "DO later", "# todos os dias"),
    ],
)
def test_the_patterns_catch_what_they_should(pattern: re.Pattern[str], caught: str, free: str) -> None:
    assert pattern.search(caught)
    assert not pattern.search(free)
