"""An honest package is read, by whatever kind of key it is signed and however its manifest is written."""

import io
import os
import signal
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from meydan.store.packages import Reason, Refused, archive, child, read_package, reading
from meydan.store.packages.source import Source
from meydan.store.tests import apks
from meydan.store.tests.apks import File, Plan, Ref, Tag, make_apk, make_files, make_manifest, make_plan, make_signer


def looked_at(package: bytes, monkeypatch: pytest.MonkeyPatch) -> tuple[dict[str, Any], bytes]:
    """What the child says, without the child: this process must not be bound."""
    monkeypatch.setattr(child, "give_time", lambda *_seconds, **_most: None)
    with tempfile.TemporaryFile() as file:
        file.write(package)
        file.flush()
        return child.work(file.fileno())


def test_a_package_is_read(tmp_path: Path) -> None:
    upload = tmp_path / "upload"
    upload.write_bytes(make_apk())
    package = read_package(upload)
    assert package.application_id == "org.example.buses"
    assert (package.version_code, package.version_name) == (7, "1.7")
    assert package.labels == {
        "": "City buses",
        "ar": "حافلات المدينة",
        "fa": "اتوبوس‌های شهر",
        "pt-BR": "Ônibus",
    }
    assert (package.min_sdk, package.target_sdk, package.max_sdk) == (24, 34, None)
    assert package.permissions == ("android.permission.BLUETOOTH", "android.permission.INTERNET")
    assert package.permission_limits == {"android.permission.BLUETOOTH": 30}
    assert package.features == ("android.hardware.camera",)
    assert package.native_abis == ("arm64-v8a",)
    assert package.signers == (make_signer().fingerprint,)
    assert package.schemes == ("v2", "v3")
    assert package.size == upload.stat().st_size
    assert not package.debuggable
    assert package.icon is not None
    assert Image.open(io.BytesIO(package.icon)).size == (144, 144)


@pytest.mark.parametrize(
    ("kind", "algorithms"),
    [
        ("rsa2048", (apks.RSA_SHA256,)),
        ("rsa2048", (apks.RSA_SHA512,)),
        ("rsa2048", (apks.PSS_SHA256,)),
        ("rsa2048", (apks.RSA_SHA256, apks.RSA_SHA512)),
        ("ec", (apks.ECDSA_SHA256,)),
    ],
)
def test_each_algorithm_holds(kind: str, algorithms: tuple[int, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    signer = replace(make_signer("of many kinds", kind), algorithms=algorithms)
    said, _icon = looked_at(Plan(make_files(), v2=(signer,)).built(), monkeypatch)
    assert said["signers"] == [signer.fingerprint]


def test_a_package_signed_by_v1_as_well_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    signer = make_signer("rsa", "rsa")
    said, _icon = looked_at(Plan(make_files(), v1=signer, v2=(signer,)).built(), monkeypatch)
    assert list(said["schemes"]) == ["v1", "v2"]


def test_a_signature_over_several_megabytes_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    said, _icon = looked_at(make_plan(None, File("assets/x", os.urandom(2_500_000), method=0)).built(), monkeypatch)
    assert "refused" not in said


def test_what_build_tools_leave_between_entries_is_no_harm(monkeypatch: pytest.MonkeyPatch) -> None:
    plan = replace(make_plan(), before_block=bytes(2000), more_pairs=((apks.PADDING, bytes(500)),))
    assert "refused" not in looked_at(plan.built(), monkeypatch)[0]


@pytest.mark.parametrize("filling", [bytes(100), b"PK\3\4" + bytes(24) + b"\x28\0" + bytes(40)])
def test_filling_is_nothing_hidden(filling: bytes) -> None:
    with tempfile.TemporaryFile() as file:
        file.write(filling)
        file.flush()
        archive._check_filling(Source(file.fileno()), 0, len(filling))


def test_names_written_in_utf8_and_without_a_table_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    manifest = make_manifest(label="شهر 🚌", application={"icon": "none"})
    plan = apks.without(make_plan(apks.binary_xml(manifest, utf8=True)), "resources.arsc")
    said, icon = looked_at(plan.built(), monkeypatch)
    assert said["labels"] == {"": "شهر 🚌"}
    assert not icon


def test_an_application_without_a_name_is_called_by_its_id(monkeypatch: pytest.MonkeyPatch) -> None:
    said, _icon = looked_at(
        make_plan(Tag("manifest", {"-package": "org.example", "versionCode": 1})).built(), monkeypatch
    )
    assert said["labels"] == {"": "org.example"}
    assert (said["min_sdk"], said["target_sdk"]) == (1, 1)


def test_a_name_behind_references_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    table = apks.resource_table([{("", 0): Ref(0x7F010002)}, apks.ICONS, apks.LABELS], utf8=False)
    said, _icon = looked_at(make_plan(table=table).built(), monkeypatch)
    assert said["labels"]["ar"] == "حافلات المدينة"


def test_of_one_permission_asked_twice_the_wider_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    more = [Tag("uses-permission", {"name": "android.permission.BLUETOOTH"})]
    said, _icon = looked_at(make_plan(make_manifest(children=more)).built(), monkeypatch)
    assert said["permission_limits"] == {}
    assert said["permissions"].count("android.permission.BLUETOOTH") == 1


def test_an_icon_of_layers_is_put_together(monkeypatch: pytest.MonkeyPatch) -> None:
    layers = Tag("adaptive-icon", {}, [Tag("foreground", {"drawable": Ref(0x7F010002)})])
    table = apks.resource_table([apks.LABELS, {("", 0xFFFE): "res/i.xml"}, {("", 480): "res/front.webp"}])
    files = (File("res/i.xml", apks.binary_xml(layers)), File("res/front.webp", apks.picture(216, "WEBP")))
    _said, icon = looked_at(make_plan(None, *files, table=table).built(), monkeypatch)
    assert Image.open(io.BytesIO(icon)).size == (144, 144)  # of 216, what is shown


def test_an_icon_that_cannot_be_read_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    table = apks.resource_table([apks.LABELS, {("", 480): "res/broken.png"}])
    said, icon = looked_at(make_plan(None, File("res/broken.png", b"\x89PNG\r\n"), table=table).built(), monkeypatch)
    assert said["application_id"] == "org.example.buses"
    assert not icon


def test_a_child_that_is_killed_is_a_refusal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    upload = tmp_path / "upload"
    upload.write_bytes(make_apk())
    kill = f"import os; os.kill(os.getpid(), {int(signal.SIGKILL)})"
    monkeypatch.setattr(reading, "COMMAND", (*reading.COMMAND[:3], "-c", kill))
    with pytest.raises(Refused) as refused:
        read_package(upload)
    assert refused.value.code == Reason.TOO_HEAVY
