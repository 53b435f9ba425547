"""The door of identity: for domains that rest on who somebody is. They ask the actor's `assurance` first."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.utils.translation import gettext, gettext_noop
from django.utils.translation import gettext_lazy as _

from meydan.accounts.public import ExportedFile, Person, as_json, contributes_to_export, tells
from meydan.identity.actions.applying import (
    answer_biometrics,
    begin_application,
    give_document,
    give_number,
    give_picture,
)
from meydan.identity.actions.checking import ask_registry, check_faces
from meydan.identity.actions.desk import accept_application
from meydan.identity.actions.guarding import make_counter_code, publish_errors, see_person
from meydan.identity.actions.measuring import measure_faces
from meydan.identity.facts import (
    AllowanceWithdrawn,
    ApplicationBegun,
    ApplicationWithdrawn,
    BiometricsAnswered,
    BiometricsDeleted,
    ClaimedElsewhere,
    ClaimsChanged,
    CounterCodeMade,
    CredentialOffered,
    CredentialsIssued,
    CredentialsRevoked,
    DeletionAsked,
    DeviceOpened,
    DocumentGiven,
    FailuresBurst,
    IdentityEnded,
    IdentityEstablished,
    IdentityFrozen,
    IdentityThawed,
    LevelRaised,
    MoveStopped,
    NumberGiven,
    OfferRefused,
    PaperDropped,
    PaperGiven,
    PaperPrinted,
    PaperSigned,
    PartyAllowed,
    PartyReported,
    PartyToldOfEnd,
    PersonSeen,
    PictureGiven,
    PowersHeld,
    PowersOpened,
    Presented,
    RegistryRead,
    SentToDesk,
    SignatureDisowned,
    SignedInAt,
    SignInEnded,
    VerdictGiven,
    WalletCodeRefused,
    WalletEnded,
    WalletLetIn,
    WalletOpened,
    WishAnswered,
)
from meydan.identity.models import (
    REASONS,
    Application,
    Claims,
    Given,
    Identity,
    IdentityRules,
    Purpose,
    Signature,
    State,
)
from meydan.identity.queries.consents import exported_consents
from meydan.identity.queries.enrolment import own_application
from meydan.identity.queries.identities import own_identity
from meydan.identity.queries.moving import letter_path
from meydan.identity.queries.signing import own_signatures
from meydan.identity.queries.wishes import own_wishes, told_of
from meydan.kernel.actor import Actor
from meydan.kernel.city import rules_of
from meydan.kernel.errors import Sentence
from meydan.kernel.facts import Fact

__all__ = [
    "ALARMS",
    "Claims",
    "Given",
    "IdentityLetter",
    "Purpose",
    "accept_application",
    "answer_biometrics",
    "begin_application",
    "check_now",
    "give_document",
    "give_number",
    "give_picture",
    "identity_letter",
    "make_counter_code",
    "measure_faces",
    "own_application",
    "own_identity",
    "publish_errors",
    "see_person",
    "words_of",
    "writes_as",
]

gettext_noop("your application and its pictures")
gettext_noop("your identity, at the counter")

ALARMS: tuple[type[Fact], ...] = (
    VerdictGiven,
    IdentityEstablished,
    LevelRaised,
    PowersHeld,
    PowersOpened,
    IdentityFrozen,
    IdentityThawed,
    IdentityEnded,
    MoveStopped,
    FailuresBurst,
    ClaimedElsewhere,
    CounterCodeMade,
    PaperPrinted,
    PaperSigned,
    SignatureDisowned,
    WalletOpened,
    DeviceOpened,
)
"""What its persons are told by every way that they have, at once: perhaps it was not them."""


@dataclass(frozen=True)
class IdentityLetter:
    """What one of those is told, in their language. `path` leads to where they can freeze."""

    person: UUID
    email: str
    language: str
    path: str = "/id/"


def identity_letter(person: UUID, about: Fact | None = None) -> IdentityLetter | None:
    """Whom an alarm about a fact goes to; None for an account that is closed. Where an identity moved to another
    account, its path is a secret of that person: there they can say that it was not them, without signing in."""
    row = Person.objects.filter(pk=person, is_active=True).first()
    moved = isinstance(about, IdentityEnded) and about.why == "moved"
    path = letter_path(about.subject) if about and moved else ""
    return IdentityLetter(row.pk, row.email or "", row.language, path or "/id/") if row else None


def words_of(fact: Fact) -> str:
    """What an alarm says, in the active language: what happened, the reasons of a verdict, and what to do about it."""
    lines: list[str] = [SENTENCES[type(fact)](fact)]
    if isinstance(fact, PowersHeld) and fact.why in CHANGES:
        lines.insert(0, str(CHANGES[fact.why]))
    if isinstance(fact, VerdictGiven):
        lines += [str(REASONS[reason]) for reason in fact.reasons if fact.outcome == "refused"]
        row = Application.objects.filter(pk=fact.subject.partition(":")[2]).first()
        lines += [row.words] if row and row.words else []
    if isinstance(fact, ClaimedElsewhere):
        lines.append(
            gettext("Is that not you? Answer here or come to the counter with your document. Officers decide.")
        )
    elif isinstance(fact, IdentityEnded) and fact.why in ENDS:
        lines.append(str(ENDS[fact.why]))
    elif isinstance(fact, MoveStopped):
        lines.append(gettext("Nobody can use it now. Come to the counter with your document: it is decided there."))
    elif not isinstance(fact, VerdictGiven | IdentityFrozen | IdentityEnded):
        lines.append(gettext("Was that not you? Freeze your identity at once."))
    return "\n".join(lines)


def check_now(application: UUID) -> None:
    """What the worker does about an application, at once: the registry, then the faces. For the seed."""
    ask_registry.func(key=str(application))
    check_faces.func(key=str(application))


def writes_as() -> str:
    """The code of the department in whose name people are told."""
    return str(rules_of("identity", IdentityRules).department)


CHANGES: dict[str, Sentence] = {
    "PasswordChanged": _("Your password was changed"),
    "PasskeyAdded": _("A passkey was added"),
    "SecurityChanged": _("How you sign in was changed"),
    "ProfileChanged": _("Your e-mail address was changed"),
}
"""What has happened to the account, by the name of the fact after which powers are held."""


ENDS: dict[str, Sentence] = {
    "moved": _("Was that not you? Stop it within a day, here:"),
    "returned": _("It went back to the account where it was before: its holder was seen at the counter."),
}
"""What is said of an end, beside that it ended."""


def _device(fact: DeviceOpened) -> str:
    if fact.way == "ClientLetIn":
        return gettext("An app was let into your account")
    return gettext("Somebody signed in to your account")


def _end(fact: IdentityEnded) -> str:
    if fact.why == "moved":
        return gettext("Your identity was ended: it moved to another account")
    return gettext("Your identity was ended")


def _verdict(fact: VerdictGiven) -> str:
    if fact.outcome == "accepted":
        return gettext("Your application for your identity was accepted")
    return gettext("Your application for your identity was not accepted")


SENTENCES: dict[type[Fact], Callable[[Any], str]] = {
    VerdictGiven: _verdict,
    IdentityEstablished: lambda _fact: gettext("Your account stands for your identity"),
    LevelRaised: lambda _fact: gettext("Your identity was checked in person"),
    PowersHeld: lambda _fact: gettext("Your account has changed: in-person powers of your identity wait a day"),
    PowersOpened: lambda _fact: gettext("All powers of your identity are open"),
    IdentityFrozen: lambda _fact: gettext("Your identity was frozen"),
    IdentityThawed: lambda _fact: gettext("Your identity was thawed"),
    IdentityEnded: _end,
    MoveStopped: lambda _fact: gettext("Somebody said that the move of your identity was not theirs"),
    FailuresBurst: lambda _fact: gettext("Somebody tried several times to prove your identity, and failed"),
    ClaimedElsewhere: lambda _fact: gettext("Another account applies for your identity"),
    CounterCodeMade: lambda _fact: gettext("A code for the counter was made for your identity"),
    PaperPrinted: lambda _fact: gettext("Your identity was printed on paper"),
    PaperSigned: lambda _fact: gettext("A paper was signed with your ID"),
    SignatureDisowned: lambda _fact: gettext("You said that a signature with your ID was not yours"),
    WalletOpened: lambda _fact: gettext("A new wallet may hold your ID"),
    DeviceOpened: _device,
}
for _kind, _sentence in SENTENCES.items():
    if _kind is not DeviceOpened:  # accounts' own fact stands in the history already
        tells(_kind, _sentence)

tells(ClaimsChanged, lambda _fact: gettext("The registry changed what it says of you"))
tells(
    ApplicationBegun,
    lambda fact: (
        gettext("You went back a step in your application for your identity")
        if fact.purpose == "back"
        else gettext("You began an application for your identity")
    ),
)
tells(
    BiometricsAnswered,
    lambda fact: (
        gettext("You agreed that a machine compares your face")
        if fact.agreed
        else gettext("You did not agree that a machine compares your face")
    ),
)
tells(NumberGiven, lambda _fact: gettext("You gave your ID number"))
tells(DocumentGiven, lambda _fact: gettext("You showed your document"))
tells(RegistryRead, lambda _fact: gettext("The registry was asked about you"))
tells(PictureGiven, lambda _fact: gettext("You gave your picture"))
tells(SentToDesk, lambda _fact: gettext("Your application went to an officer"))
tells(ApplicationWithdrawn, lambda _fact: gettext("Your application for your identity ended without a verdict"))
tells(PersonSeen, lambda _fact: gettext("A clerk saw you and your document"))
tells(BiometricsDeleted, lambda _fact: gettext("The numbers of your face were deleted"))

tells(PaperGiven, lambda _fact: gettext("You gave a paper to sign with your ID"))
tells(PaperDropped, lambda _fact: gettext("A paper was deleted without your signature"))
tells(CredentialOffered, lambda _fact: gettext("You offered your ID to a wallet"))
tells(OfferRefused, lambda _fact: gettext("Somebody typed wrong digits for your ID"))
tells(WalletLetIn, lambda fact: gettext("You let a wallet have your ID: %(name)s") % {"name": fact.to})
tells(WalletCodeRefused, lambda _fact: gettext("Somebody came with a wrong or used code for your ID"))
tells(CredentialsIssued, lambda _fact: gettext("A wallet received your ID"))
tells(WalletEnded, lambda _fact: gettext("A wallet of your ID was ended"))
tells(CredentialsRevoked, lambda _fact: gettext("Credentials of your ID were revoked"))
tells(Presented, lambda _fact: gettext("Your ID was shown"))
tells(PartyAllowed, lambda fact: gettext("You allowed %(name)s to know you") % {"name": fact.name})
tells(AllowanceWithdrawn, lambda fact: gettext("You no longer allow %(name)s to know you") % {"name": fact.name})
tells(SignedInAt, lambda fact: gettext("You signed in at %(name)s with your account") % {"name": fact.name})
tells(SignInEnded, lambda _fact: gettext("A sign-in elsewhere with your account ended"))
tells(DeletionAsked, lambda fact: gettext("You asked %(name)s to delete what it got of you") % {"name": fact.name})
tells(PartyReported, lambda fact: gettext("You reported %(name)s to the city") % {"name": fact.name})
tells(WishAnswered, lambda fact: gettext("What you asked about %(name)s was answered") % {"name": fact.name})
tells(PartyToldOfEnd, lambda fact: _told_of_end(fact.told) % {"name": fact.name})


def _told_of_end(told: bool) -> str:
    if told:
        return gettext("%(name)s was told that you have signed out")
    return gettext("%(name)s could not be told that you have signed out: sign out there as well")


def _export(actor: Actor) -> list[ExportedFile]:
    identity, application = own_identity(actor), own_application(actor)
    files = []
    if identity is not None:
        files.append(as_json("identity.json", _told(identity)))
    if application is not None:
        reasons = application.reasons if application.state == State.REFUSED else []  # while it is looked at, officers'
        said = {"state": application.state, "began_at": application.began_at, "reasons": reasons}
        files.append(as_json("application.json", said))
    if wishes := own_wishes(actor):
        files.append(as_json("wishes.json", told_of(wishes)))
    if papers := own_signatures(actor):
        files.append(as_json("signatures.json", [_told_of_paper(one) for one in papers]))
    return [*files, *exported_consents(actor)]


def _told_of_paper(row: Signature) -> dict[str, object]:
    sha256 = bytes(row.after).hex() if row.after else ""
    return {"title": row.title, "pages": row.pages, "signed_at": row.signed_at, "sha256": sha256, "shows": row.name}


def _told(identity: Identity) -> dict[str, object]:
    return {
        "level": identity.level,
        "established_at": identity.established_at,
        "opens_at": identity.opens_at,
        "frozen_at": identity.frozen_at,
        "claims": identity.claims.model_dump(mode="json"),
    }


contributes_to_export("identity", _export)
