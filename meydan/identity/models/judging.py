"""The verdict over an application: what the machine may decide, and what a person must. Pure."""

from dataclasses import dataclass
from typing import Literal

from meydan.identity.models.enrolment import Registered, State

Faces = Literal["same", "between", "other", "nobody", "alone", "none"]


@dataclass(frozen=True)
class Findings:
    """All that is known when the verdict falls. `faces`: what the engine says of the portrait and the picture,
    "nobody" where no face is in the picture, "alone" where there is none to compare it with, "none" where the engine
    was not asked; `challenge`: whether the poses were shown, None where there was no camera."""

    registered: Registered
    agrees: bool
    """The registry's birth date is the one that was given."""
    name_differs: bool
    alive: bool
    compares_faces: bool
    has_portrait: bool
    challenge: bool | None
    faces: Faces
    taken: bool
    tried: bool
    duplicate: bool
    expired: bool
    exhausted: bool


@dataclass(frozen=True)
class Judgement:
    """Where the application goes from here, and why (words of `REASONS`)."""

    state: State
    reasons: tuple[str, ...] = ()


def judge(found: Findings) -> Judgement:
    """No identity by machine unless the registry, the challenge and the faces all say yes; another try where the face
    check failed; else a person looks.

    Whoever tries numbers learns nothing. Where the registry knows nobody, or another birth date, it goes on as where
    the face is another's: by another try, and where no machine compares, at the desk.
    """
    is_other = found.faces == "other" or (found.faces != "none" and not _is_confirmed(found))
    if (is_other or found.challenge is False or found.faces == "nobody") and not found.exhausted:
        return Judgement(State.SELFIE)
    doubts = tuple(reason for reason, holds in _doubts(found).items() if holds)
    return Judgement(State.DESK, doubts) if doubts else Judgement(State.ACCEPTED)


def _is_confirmed(found: Findings) -> bool:
    """Whether the registry has not said no: it may have been silent."""
    if found.registered is Registered.FOUND:
        return found.agrees
    return found.registered is not Registered.NOBODY


def _doubts(found: Findings) -> dict[str, bool]:
    unseen = found.faces in ("alone", "none")
    return {
        "registry_says_no": not _is_confirmed(found),
        "registry_down": found.registered in (Registered.DOWN, Registered.NONE),
        "not_alive": not found.alive,
        "number_taken": found.taken,
        "number_tried": found.tried,
        "duplicate": found.duplicate,
        "name_differs": found.name_differs,
        "document_expired": found.expired,
        "too_many_faces": found.exhausted,
        "no_consent": not found.compares_faces,
        "no_portrait": found.compares_faces and not found.has_portrait and found.registered is Registered.FOUND,
        "no_face_check": unseen and found.compares_faces and found.has_portrait,
        "face_between": found.faces == "between" or (found.exhausted and found.faces in ("other", "nobody")),
        "no_challenge": found.challenge is None,
    }
