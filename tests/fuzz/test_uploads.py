"""Damaged and hostile files: 500 straight into the decoder's own code, some through the doors that take photos."""

from collections.abc import Iterator

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from meydan.kernel import imaging_child
from meydan.kernel.actor import SYSTEM
from meydan.kernel.imaging import REASONS
from meydan.kernel.imaging_child import work
from meydan.kernel.tests.pictures import make_archive, make_phone_photo, make_picture, make_svg
from meydan.reports.actions import issue_api_key
from meydan.reports.models import Report
from meydan.reports.tests.cast import make_city
from tests.fuzz.judge import judge

SEEDS = (
    make_picture(64, 48),
    make_phone_photo(),
    make_picture(64, 48, "PNG"),
    make_picture(64, 48, "WEBP"),
    make_picture(64, 48, "GIF"),
    make_picture(64, 48, "TIFF"),
    make_picture(64, 48, "BMP"),
    make_svg(),
    make_archive(),
    b"%PDF-1.7\n",
    b"<!doctype html><script>alert(1)</script>",
    b"",
)
FUZZ = settings(
    derandomize=True, database=None, deadline=None, phases=(Phase.generate,), suppress_health_check=list(HealthCheck)
)


@st.composite
def files(draw: st.DrawFn) -> bytes:
    """A picture, or something else, with bytes changed, cut off, doubled or added."""
    body = bytearray(draw(st.sampled_from(SEEDS)))
    for _change in range(draw(st.integers(0, 6))):
        if body:
            body[draw(st.integers(0, len(body) - 1))] = draw(st.integers(0, 255))
    if draw(st.booleans()):
        del body[draw(st.integers(0, len(body))) :]
    return bytes(body) + draw(st.one_of(st.just(b""), st.binary(max_size=40), st.sampled_from(SEEDS)))


@pytest.fixture(scope="module")
def without_limits() -> Iterator[None]:
    """The child's limits of time would be this process's."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(imaging_child, "give_time", lambda cpu, clock: None)
        yield


@pytest.mark.usefixtures("without_limits")
@settings(FUZZ, max_examples=500)
@given(files())
def test_the_decoder_gives_a_picture_or_a_reason(body: bytes) -> None:
    header, variants = work(body)
    if "error" in header:
        assert header["error"] in REASONS
        assert not variants
    else:
        assert variants.startswith(b"\xff\xd8\xff")  # ours, freshly encoded


@pytest.fixture
def _city(db: None) -> Iterator[None]:
    make_city()
    issue_api_key(SYSTEM, name="fuzz", key="fuzz-key")
    yield


@pytest.mark.usefixtures("_city")
@pytest.mark.parametrize("form", ["json", "xml"])
def test_files_through_open311(form: str) -> None:
    client = Client()

    @settings(FUZZ, max_examples=15)
    @given(files(), st.sampled_from(("a.jpg", "../../a.php", "\u202egpj.exe", "x" * 300, "")))
    def one(body: bytes, name: str) -> None:
        before = Report.objects.count()
        fields = {"api_key": "fuzz-key", "service_code": "pothole", "address_string": "Here"}
        media = SimpleUploadedFile(name or "x", body, "image/jpeg")
        answer = client.post(f"/open311/v2/requests.{form}", {**fields, "media": media})
        judge(answer)
        assert (answer.status_code == 201) == (Report.objects.count() == before + 1)

    one()


@pytest.mark.usefixtures("_city")
def test_files_through_the_form() -> None:
    client = Client()

    @settings(FUZZ, max_examples=15)
    @given(files())
    def one(body: bytes) -> None:
        answer = client.post("/reports/new", {"photo": SimpleUploadedFile("a.jpg", body, "image/jpeg")})
        judge(answer)
        assert answer.status_code == 422

    one()
