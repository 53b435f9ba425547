"""The engine that looks at faces, where this city has installed one (extra `face`)."""

from functools import cache

from meydan.identity.models.faces import FaceEngine
from meydan.identity.plugins.face_dlib import DlibEngine, is_installed


def engine() -> FaceEngine | None:
    """The engine; None where there is none, and people compare."""
    return _dlib() if is_installed() else None


@cache
def _dlib() -> DlibEngine:
    return DlibEngine()
