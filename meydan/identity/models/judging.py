"""The verdict over an application: what the machine may decide, and what a person must. Pure."""

from dataclasses import dataclass
from typing import Literal

from meydan.identity.models.enrolment import Registered, State

Faces = Literal["same", "between", "other", "nobody", "none"]


@dataclass(frozen=True)
class Findings:
    """All that is known when the verdict falls. `faces`: what the engine says of the portrait and the picture,
    "nobody" where no face is in the picture, "none" where it was not asked; `challenge`: whether the poses were shown,
    None where there was no camera."""

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
    """No identity by machine unless the registry, the challenge and the faces all say yes; another try where only the
    face check failed; else a person looks.

    A face that fails by itself fails before anybody asks what the registry has said: nobody learns by failing on
    purpose whether it knows a number.
    """
    if (found.challenge is False or found.faces == "nobody") and not found.exhausted:
        return Judgement(State.SELFIE)
    if found.registered is Registered.NOBODY or (found.registered is Registered.FOUND and not found.agrees):
        return Judgement(State.REFUSED, ("registry_says_no",))
    if found.faces == "other" and not found.exhausted:
        return Judgement(State.SELFIE)
    doubts = tuple(reason for reason, holds in _doubts(found).items() if holds)
    return Judgement(State.DESK, doubts) if doubts else Judgement(State.ACCEPTED)


def _doubts(found: Findings) -> dict[str, bool]:
    unseen = found.faces == "none"
    return {
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
