"""Pictures: what comes out of honest ones, and what hostile ones cost, measured on the child process itself."""

import io
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from PIL import Image

from meydan.kernel import imaging
from meydan.kernel.bounded import Nursery
from meydan.kernel.errors import Invalid, MeydanError, TooLarge, Unavailable
from meydan.kernel.imaging import COMMAND, make_safe
from meydan.kernel.imaging_child import MAX_BYTES, WORK
from meydan.kernel.tests.pictures import (
    SCRIPT,
    EndlessBody,
    make_archive,
    make_bomb,
    make_phone_photo,
    make_picture,
    make_svg,
)

MEGABYTE = 1024 * 1024


def opened(body: bytes) -> Image.Image:
    return Image.open(io.BytesIO(body))


def test_a_large_photo_becomes_two_small_ones() -> None:
    picture = make_safe(io.BytesIO(make_picture(4000, 3000, quality=90)))
    assert (picture.full.width, picture.full.height, picture.full.media_type) == (1600, 1200, "image/jpeg")
    assert (picture.thumb.width, picture.thumb.height, picture.thumb.media_type) == (320, 240, "image/webp")
    assert opened(picture.full.body).size == (1600, 1200)
    assert opened(picture.thumb.body).format == "WEBP"


def test_small_pictures_stay_as_they_are() -> None:
    assert make_safe(io.BytesIO(make_picture(20, 10))).full.width == 20


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("mode", ["RGB", "L", "P", "RGBA", "CMYK", "1", "LA"])
def test_every_mode_that_the_formats_have(kind: str, mode: str) -> None:
    try:
        body = make_picture(64, 48, kind, mode)
    except (OSError, KeyError):
        return  # the format has no such mode
    colour = opened(make_safe(io.BytesIO(body)).full.body).convert("RGB")
    assert colour.size == (64, 48)


def test_transparency_becomes_white() -> None:
    out = io.BytesIO()
    Image.new("RGBA", (5000, 40), (255, 0, 0, 0)).save(out, "PNG")
    out.seek(0)
    assert opened(make_safe(out).full.body).getpixel((800, 5)) == (255, 255, 255)


def test_colours_and_corners_survive_the_strips() -> None:
    body = make_picture(7000, 1100, "PNG", compress_level=1)
    plain, safe = opened(body), opened(make_safe(io.BytesIO(body)).full.body)
    for x, y in [(0.02, 0.02), (0.98, 0.05), (0.5, 0.5), (0.05, 0.97), (0.98, 0.98)]:
        expected = plain.getpixel((int(x * plain.width), int(y * plain.height)))
        found = safe.getpixel((int(x * safe.width), int(y * safe.height)))
        assert isinstance(expected, tuple)
        assert isinstance(found, tuple)
        assert max(abs(a - b) for a, b in zip(expected, found, strict=True)) < 12


@pytest.mark.parametrize(
    ("orientation", "size"), [(1, (400, 200)), (3, (400, 200)), (6, (200, 400)), (8, (200, 400)), (99, (400, 200))]
)
def test_upright_and_without_metadata(orientation: int, size: tuple[int, int]) -> None:
    body = make_phone_photo(orientation)
    assert b"Phone maker" in body
    safe = make_safe(io.BytesIO(body))
    for variant in (safe.full, safe.thumb):
        assert not opened(variant.body).getexif()
        assert b"Exif" not in variant.body
        assert b"home" not in variant.body
    assert (safe.full.width, safe.full.height) == size


def test_turned_the_right_way() -> None:
    """Orientation 6: the camera lay on its left side, so the stored left edge is the top."""
    body = make_phone_photo(6)
    plain, safe = opened(body), opened(make_safe(io.BytesIO(body)).full.body)
    bottom_left, top_left = plain.getpixel((2, 197)), safe.getpixel((2, 2))
    assert isinstance(bottom_left, tuple)
    assert isinstance(top_left, tuple)
    assert max(abs(a - b) for a, b in zip(bottom_left, top_left, strict=True)) < 20


def polyglots() -> dict[str, bytes]:
    photo = make_picture()
    return {
        "page behind a JPEG": photo + b"<html>" + SCRIPT + b"</html>",
        "page in a comment": make_picture(comment=SCRIPT),
        "archive behind a JPEG": photo + make_archive(),
        "archive behind a PNG": make_picture(kind="PNG") + make_archive(),
        "code behind a WebP": make_picture(kind="WEBP") + b"<?php system($_GET[0]); ?>",
        "document in a comment": make_picture(comment=b"%PDF-1.7 1 0 obj"),
    }


@pytest.mark.parametrize("name", polyglots())
def test_polyglots_are_refused(name: str) -> None:
    with pytest.raises(Invalid) as refused:
        make_safe(io.BytesIO(polyglots()[name]))
    assert refused.value.code == "two_faced"


def test_what_we_did_not_think_of_is_lost_in_the_encoding() -> None:
    """A phone's moving picture hangs behind the still one: that is no attack, and nothing of it is kept."""
    safe = make_safe(io.BytesIO(make_picture() + b"\0\0\0\x18ftypmp42" + b"payload" * 999))
    assert b"payload" not in safe.full.body


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "not_a_picture"),
        (b"GIF89a" + b"\0" * 99, "not_a_picture"),
        (make_svg(), "not_a_picture"),
        (b"<html>" + SCRIPT, "not_a_picture"),
        (b"\xff\xd8\xff\xe0" + b"\0" * 500, "not_a_picture"),
        (make_picture()[:-2000], "damaged"),
        (make_picture(kind="PNG")[:400], "damaged"),
        (make_picture(30_001, 1, "PNG"), "too_many_pixels"),
        (make_picture(kind="GIF", mode="P"), "not_a_picture"),
        (make_picture(kind="TIFF"), "not_a_picture"),
    ],
)
def test_what_is_no_picture_is_refused_with_a_reason(body: bytes, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        make_safe(io.BytesIO(body))
    assert refused.value.code == code
    assert str(refused.value).endswith(".")


def test_a_body_of_2_gb_is_not_read_to_its_end() -> None:
    body = EndlessBody(2 * 1024 * MEGABYTE)
    start = time.monotonic()
    with pytest.raises(TooLarge):
        make_safe(body)  # type: ignore[arg-type]  # RawIOBase reads as BinaryIO does
    assert body.taken <= MAX_BYTES + MEGABYTE
    assert time.monotonic() - start < 2


def test_too_many_at_once_wait_and_then_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imaging, "QUEUE_SECONDS", 0.05)
    with imaging._places, imaging._places, pytest.raises(Unavailable):
        make_safe(io.BytesIO(make_picture()))
    assert make_safe(io.BytesIO(make_picture(20, 20))).full.width == 20


ALARMED = (sys.executable, "-c", "import signal; signal.alarm(1); signal.pause()")


@pytest.mark.parametrize(
    ("command", "code"), [(("sleep", "99"), "unavailable"), (ALARMED, "unavailable"), (("false",), "too_heavy")]
)
def test_a_child_that_hangs_or_dies_is_a_refusal(
    monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...], code: str
) -> None:
    monkeypatch.setattr(imaging, "WALL_SECONDS", 0.2 if command[0] == "sleep" else 20)
    monkeypatch.setattr(imaging, "COMMAND", command)
    with pytest.raises(MeydanError) as refused:
        make_safe(io.BytesIO(make_picture()))
    assert refused.value.code == code


def test_each_picture_has_a_process_of_its_own_and_whatever_ends_one_harms_no_other(tmp_path: Path) -> None:
    """The nursery lives on; what a child does to its memory, limits or line is its own."""
    nursery, told = Nursery(), list[bytes | int]()
    for arguments in (["small", "9", "9", "scale"], ["no such errand"], ["where"], ["small", "9", "9", "crop"]):
        with (tmp_path / "in").open("wb") as written:
            written.write(make_picture(20, 20))
        with (tmp_path / "in").open("rb") as source, (tmp_path / "out").open("w+b") as result:
            try:
                nursery.run(COMMAND, arguments, source, result, seconds=20)
                told.append((tmp_path / "out").read_bytes()[:10])
            except subprocess.CalledProcessError as error:
                told.append(error.returncode)
        (nurse,) = nursery._idle
        assert nurse.process.poll() is None
    assert told == [b'{"small": ', 1, b"null", b'{"small": ']
    nurse.process.kill()
    nurse.process.wait()
    with (tmp_path / "in").open("rb") as source, (tmp_path / "out").open("w+b") as result:
        nursery.run(COMMAND, ["where"], source, result, seconds=20)
    assert nursery._idle[0] is not nurse, "one that died is replaced"
    nursery.end()


@dataclass(frozen=True)
class Cost:
    cpu: float
    clock: float
    megabytes: float
    output: bytes


# A process inherits the peak of the one it was forked from: pytest's own would be measured without a small one between.
METER = """
import resource, subprocess, sys, time
started = time.monotonic()
subprocess.run(sys.argv[1:])
clock, used = time.monotonic() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
print(used.ru_utime + used.ru_stime, clock, used.ru_maxrss, file=sys.stderr)
"""


def measured(body: bytes) -> Cost:
    """What the child takes for this body: seconds of CPU and by the clock, and its peak resident memory."""
    with tempfile.TemporaryFile() as spooled:
        spooled.write(body)
        spooled.seek(0)
        done = subprocess.run(
            [sys.executable, "-I", "-c", METER, *COMMAND], stdin=spooled, capture_output=True, check=True
        )
        cpu, clock, kilobytes = done.stderr.split()
        return Cost(float(cpu), float(clock), int(kilobytes) / 1024, done.stdout)


@pytest.mark.parametrize(
    ("make", "answer"),
    [
        (lambda: make_bomb(20_000), b"too_many_pixels"),
        (lambda: make_picture() + make_archive(), b"two_faced"),
        (lambda: make_picture().ljust(MAX_BYTES - 8, b"<") + b"<script>", b"two_faced"),
        (make_svg, b"not_a_picture"),
        (lambda: b"\xff\xd8\xff".ljust(MAX_BYTES + 1, b"\0"), b"too_large"),
    ],
    ids=["bomb", "polyglot", "polyglot made to be slow", "svg", "huge"],
)
def test_hostile_pictures_are_cheap_to_refuse(make: Callable[[], bytes], answer: bytes) -> None:
    """By the clock where the machine has a core for it: the best of three, for other work only ever adds to it."""
    body = make()
    costs = [measured(body) for _time in range(3)]
    assert all(answer in cost.output for cost in costs)
    assert min(cost.cpu for cost in costs) < 1
    assert max(cost.megabytes for cost in costs) < 300
    is_crowded = os.getloadavg()[0] > (os.cpu_count() or 1)
    assert is_crowded or min(cost.clock for cost in costs) < 2


def test_the_largest_picture_that_passes_stays_within_bounds() -> None:
    cost = measured(make_bomb(7_000))
    assert b'"width": 1600' in cost.output
    assert cost.cpu < WORK[0]
    assert cost.megabytes < 400


def test_an_honest_photo_of_48_megapixels_uses_a_fraction_of_its_time() -> None:
    cost = measured(make_picture(8000, 6000, quality=90))
    assert b'"width": 1600' in cost.output
    assert cost.cpu < WORK[0] / 2
    assert cost.megabytes < 400
