"""What can happen to an identity. No fact holds a claim, a number or an embedding: facts are kept for ever."""

from dataclasses import dataclass

from meydan.kernel.facts import Fact, fact


@fact("identity.established")
@dataclass(frozen=True, kw_only=True)
class IdentityEstablished(Fact):
    """The account stands for a person of the registry from now on; `level` is a word of `models.LEVELS`."""

    level: str


@fact("identity.level_raised")
@dataclass(frozen=True, kw_only=True)
class LevelRaised(Fact):
    """A clerk saw the person and the document. What needs this level opens after the hold (`models.HOLD`)."""

    level: str


@fact("identity.powers_opened")
@dataclass(frozen=True, kw_only=True)
class PowersOpened(Fact):
    """The hold is over: the account has all that its level gives."""

    level: str


@fact("identity.frozen")
@dataclass(frozen=True, kw_only=True)
class IdentityFrozen(Fact):
    """Nothing can be done with this identity until it is thawed. `why` is a word of `models.WHY_FROZEN`."""

    why: str


@fact("identity.thawed")
@dataclass(frozen=True, kw_only=True)
class IdentityThawed(Fact):
    """The holder proved anew, as at enrolment, who they are. `way` is remote or counter."""

    way: str


@fact("identity.claims_changed")
@dataclass(frozen=True, kw_only=True)
class ClaimsChanged(Fact):
    """The registry says something else than before; `claims` are the names of what changed, never the values."""

    claims: list[str]


@fact("identity.ended")
@dataclass(frozen=True, kw_only=True)
class IdentityEnded(Fact):
    """It stands for nobody any more, finally. `why`: death, deleted, merged; moved, to another account; returned, to
    the account from which it had moved."""

    why: str


@fact("identity.move_stopped")
@dataclass(frozen=True, kw_only=True)
class MoveStopped(Fact):
    """Whoever had this identity at another account says that the move was not theirs. Both are told, and the counter
    decides."""


# Enrolment: the subject is "application:<id>" unless said otherwise


@fact("identity.application_begun")
@dataclass(frozen=True, kw_only=True)
class ApplicationBegun(Fact):
    """Somebody applies. `purpose`: enrol, or thaw."""

    purpose: str


@fact("identity.biometrics_answered")
@dataclass(frozen=True, kw_only=True)
class BiometricsAnswered(Fact):
    """The person said whether a machine may compare their face."""

    agreed: bool


@fact("identity.number_given")
@dataclass(frozen=True, kw_only=True)
class NumberGiven(Fact):
    """The person named an ID number; which one no fact says."""


@fact("identity.document_given")
@dataclass(frozen=True, kw_only=True)
class DocumentGiven(Fact):
    """The person showed their document: `zone`, whether its machine-readable zone was given; `photo`, whether a
    picture of it was."""

    zone: bool
    photo: bool


@fact("identity.registry_read")
@dataclass(frozen=True, kw_only=True)
class RegistryRead(Fact):
    """The registry was asked about the number that the person named. `outcome`: found, nobody, silent (asked again
    later), down (given up), none (no registry is connected)."""

    registry: str
    outcome: str


@fact("identity.challenge_drawn")
@dataclass(frozen=True, kw_only=True)
class ChallengeDrawn(Fact):
    """Poses were drawn at random for the camera."""


@fact("identity.picture_given")
@dataclass(frozen=True, kw_only=True)
class PictureGiven(Fact):
    """The person gave their picture, with so many frames of the challenge."""

    frames: int


@fact("identity.face_failed")
@dataclass(frozen=True, kw_only=True)
class FaceFailed(Fact):
    """The face check failed for the `count`th time."""

    count: int


@fact("identity.failures_burst")
@dataclass(frozen=True, kw_only=True)
class FailuresBurst(Fact):
    """The face check failed several times in a row. Among `persons` is who holds an identity of the number that was
    named: perhaps somebody tries to be them."""

    count: int


@fact("identity.claimed_elsewhere")
@dataclass(frozen=True, kw_only=True)
class ClaimedElsewhere(Fact):
    """Another account applies for this identity's number, as who has lost theirs does: officers look at it, and whose
    account it is hears of it. The subject is "identity:<id>"."""


@fact("identity.sent_to_desk")
@dataclass(frozen=True, kw_only=True)
class SentToDesk(Fact):
    """A person decides; `reasons` are words of `models.REASONS`."""

    reasons: list[str]


@fact("identity.accepted_once")
@dataclass(frozen=True, kw_only=True)
class AcceptedOnce(Fact):
    """One officer would accept it; it takes another one."""


@fact("identity.sent_back_to_desk")
@dataclass(frozen=True, kw_only=True)
class SentBackToDesk(Fact):
    """The second officer is not of the first one's mind: it begins anew."""


@fact("identity.verdict_given")
@dataclass(frozen=True, kw_only=True)
class VerdictGiven(Fact):
    """It was decided. `outcome`: accepted or refused; `reasons` as in `SentToDesk`; `by`: machine or desk."""

    outcome: str
    reasons: list[str]
    by: str


@fact("identity.application_withdrawn")
@dataclass(frozen=True, kw_only=True)
class ApplicationWithdrawn(Fact):
    """It ended without a decision. `why`: person, lapsed, deleted; thawed, where nothing is frozen any more."""

    why: str


@fact("identity.counter_code_made")
@dataclass(frozen=True, kw_only=True)
class CounterCodeMade(Fact):
    """The holder wants to be seen at the counter, and shows a code there. The subject is "identity:<id>"."""


@fact("identity.person_seen")
@dataclass(frozen=True, kw_only=True)
class PersonSeen(Fact):
    """A clerk saw the person and a document of this kind, and the person chose a PIN. "identity:<id>"."""

    document: str


@fact("identity.powers_held")
@dataclass(frozen=True, kw_only=True)
class PowersHeld(Fact):
    """In-person powers wait for another hold, for the account has changed: `why` is the name of the fact."""

    why: str


@fact("identity.device_opened")
@dataclass(frozen=True, kw_only=True)
class DeviceOpened(Fact):
    """A browser or an app came into the account: `way` is the name of the fact. "identity:<id>"."""

    way: str


@fact("identity.paper_printed")
@dataclass(frozen=True, kw_only=True)
class PaperPrinted(Fact):
    """A credential was printed; the ones before it no longer hold. "identity:<id>"."""


@fact("identity.biometrics_deleted")
@dataclass(frozen=True, kw_only=True)
class BiometricsDeleted(Fact):
    """The measure of the person's face was deleted. "identity:<id>"."""


@fact("identity.face_errors_published")
@dataclass(frozen=True, kw_only=True)
class FaceErrorsPublished(Fact):
    """How often the face check errs was measured and published. The subject is "measurement:<id>"."""

    persons_measured: int


# Credentials: what wallets are given, and to whom it is shown


@fact("identity.issuer_key_made")
@dataclass(frozen=True, kw_only=True)
class IssuerKeyMade(Fact):
    """A new key signs from now on; `use` is a word of `models.credentials.KEY_USES`."""

    use: str


@fact("identity.credential_offered")
@dataclass(frozen=True, kw_only=True)
class CredentialOffered(Fact):
    """The holder has a code on their screen that a wallet can take up within minutes."""


@fact("identity.offer_refused")
@dataclass(frozen=True, kw_only=True)
class OfferRefused(Fact):
    """Somebody had the code and typed wrong digits; `left`: so many more times they may."""

    left: int


@fact("identity.wallet_let_in")
@dataclass(frozen=True, kw_only=True)
class WalletLetIn(Fact):
    """The holder lets a wallet have their ID, and a code for that is on its way to this host, or to the app of this
    private scheme. The subject is "wallet_code:<id>"."""

    to: str


@fact("identity.wallet_code_refused")
@dataclass(frozen=True, kw_only=True)
class WalletCodeRefused(Fact):
    """Somebody came with such a code, and it opened nothing: `why` is a word of `actions.authorizing.WRONG`."""

    why: str


@fact("identity.wallet_opened")
@dataclass(frozen=True, kw_only=True)
class WalletOpened(Fact):
    """A new wallet may hold credentials of this person."""


@fact("identity.wallet_renewed")
@dataclass(frozen=True, kw_only=True)
class WalletRenewed(Fact):
    """A wallet came back for new tokens."""


@fact("identity.wallet_ended")
@dataclass(frozen=True, kw_only=True)
class WalletEnded(Fact):
    """Nothing that it holds counts any more. `why`: holder, replay, ended, frozen."""

    why: str


@fact("identity.credentials_issued")
@dataclass(frozen=True, kw_only=True)
class CredentialsIssued(Fact):
    """`count` credentials that share no value, at this level."""

    count: int
    level: str


@fact("identity.issuance_deferred")
@dataclass(frozen=True, kw_only=True)
class IssuanceDeferred(Fact):
    """A wallet asked before the application was decided: it asks again later."""


@fact("identity.wallet_told")
@dataclass(frozen=True, kw_only=True)
class WalletTold(Fact):
    """A wallet told what became of what it was given; `event` is a word of `models.credentials.EVENTS`."""

    event: str


@fact("identity.credentials_revoked")
@dataclass(frozen=True, kw_only=True)
class CredentialsRevoked(Fact):
    """Finally. `why` is a word of `models.credentials.WHY_REVOKED`."""

    count: int
    why: str


@fact("identity.party_set")
@dataclass(frozen=True, kw_only=True)
class PartySet(Fact):
    """An administrator registered a relying party, or changed what it may ask: the fields that `changed` names."""

    changed: list[str]


@fact("identity.counter_link_made")
@dataclass(frozen=True, kw_only=True)
class CounterLinkMade(Fact):
    """A relying party has a new secret link for its counter; the one before opens nothing any more."""


@fact("identity.clerk_set")
@dataclass(frozen=True, kw_only=True)
class ClerkSet(Fact):
    """The person may ask for a relying party, or no longer."""

    may: bool


@fact("identity.presentation_asked")
@dataclass(frozen=True, kw_only=True)
class PresentationAsked(Fact):
    """A relying party shows a code at its counter; nobody has answered yet."""

    party: str
    claims: list[str]
    mode: str


@fact("identity.request_taken")
@dataclass(frozen=True, kw_only=True)
class RequestTaken(Fact):
    """A wallet has fetched the request: nobody else can any more."""


@fact("identity.presented")
@dataclass(frozen=True, kw_only=True)
class Presented(Fact):
    """A wallet answered. `claims` are the names of what the relying party learned, never a value; `outcome` is a word
    of `models.presenting.OUTCOMES`. The person's log of consents is made of these."""

    party: str
    name: str
    purpose: str
    claims: list[str]
    outcome: str
    fault: str = ""


@fact("identity.presentation_forgotten")
@dataclass(frozen=True, kw_only=True)
class PresentationForgotten(Fact):
    """What was shown at counters is deleted: of so many requests."""

    count: int


# Sign in with Meydan: relying parties where people sign in with their account


@fact("identity.party_secret_made")
@dataclass(frozen=True, kw_only=True)
class PartySecretMade(Fact):
    """A relying party has a new secret for signing people in; the one before counts no more."""


@fact("identity.party_allowed")
@dataclass(frozen=True, kw_only=True)
class PartyAllowed(Fact):
    """A person allows a relying party to learn these claims whenever they sign in there. The subject is
    "party:<code>"; `claims` are names, never a value; `stays`: also while the person is away."""

    name: str
    purpose: str
    claims: list[str]
    stays: bool


@fact("identity.allowance_withdrawn")
@dataclass(frozen=True, kw_only=True)
class AllowanceWithdrawn(Fact):
    """A person allows it no longer: whatever was open there for them ends."""

    name: str


@fact("identity.signed_in_at")
@dataclass(frozen=True, kw_only=True)
class SignedInAt(Fact):
    """A person signs in at a relying party, which may learn these claims; never a value. `level`: what their account
    was worth. The person's log of consents holds these too."""

    party: str
    name: str
    purpose: str
    claims: list[str]
    level: str


@fact("identity.sign_in_opened")
@dataclass(frozen=True, kw_only=True)
class SignInOpened(Fact):
    """The relying party came for its tokens with the code. The subject is "sign_in:<id>"."""


@fact("identity.sign_in_renewed")
@dataclass(frozen=True, kw_only=True)
class SignInRenewed(Fact):
    """It came back for new tokens."""


@fact("identity.sign_in_ended")
@dataclass(frozen=True, kw_only=True)
class SignInEnded(Fact):
    """Its tokens open nothing any more. `why`: party, left, session, withdrawn, replay, frozen, ended."""

    why: str


@fact("identity.party_told_of_end")
@dataclass(frozen=True, kw_only=True)
class PartyToldOfEnd(Fact):
    """The relying party was told so, or could not be (`told` is false): the person may still be signed in there. The
    subject is "sign_in:<id>"."""

    party: str
    name: str
    told: bool


@fact("identity.deletion_asked")
@dataclass(frozen=True, kw_only=True)
class DeletionAsked(Fact):
    """A person asks a relying party to delete what it got of them. The subject is "wish:<id>"."""

    party: str
    name: str


@fact("identity.party_reported")
@dataclass(frozen=True, kw_only=True)
class PartyReported(Fact):
    """A person tells the city's administrators what is wrong with a relying party; the words are in the wish."""

    party: str
    name: str


@fact("identity.wish_answered")
@dataclass(frozen=True, kw_only=True)
class WishAnswered(Fact):
    """One of these was answered; `answer` is a word of `models.wishes.ANSWERS`."""

    party: str
    name: str
    answer: str


# Signing papers: the subject is "signature:<id>"


@fact("identity.paper_given")
@dataclass(frozen=True, kw_only=True)
class PaperGiven(Fact):
    """A person gave a file to sign. It waits for an hour, and is looked at by nobody but them."""

    pages: int


@fact("identity.paper_dropped")
@dataclass(frozen=True, kw_only=True)
class PaperDropped(Fact):
    """It was not signed, and is deleted. `why`: person, lapsed, frozen, ended."""

    why: str


@fact("identity.paper_signed")
@dataclass(frozen=True, kw_only=True)
class PaperSigned(Fact):
    """A person signed a file with their ID. `sha256` is that of the signed file, hexadecimal: no other file has it, and
    nothing of the file can be told from it. So that there was this signature on this day stands under the day's
    seal."""

    sha256: str
    level: str
    shows_name: bool


@fact("identity.signature_disowned")
@dataclass(frozen=True, kw_only=True)
class SignatureDisowned(Fact):
    """Whose signature it was says that it was not them. The file verifies as before; who asks here is told."""


@fact("identity.signed_files_forgotten")
@dataclass(frozen=True, kw_only=True)
class SignedFilesForgotten(Fact):
    """So many signed files are kept no more: their digests stay."""

    count: int


@fact("identity.signer_forgotten")
@dataclass(frozen=True, kw_only=True)
class SignerForgotten(Fact):
    """Whose account was closed: the city tells nobody any more who signed these papers; that they are genuine, it does.
    The subject is "identity:<id>"."""

    count: int
