"""Why a package is refused. The sentences for people are made where pages are: by the code, and the detail in it."""

from enum import StrEnum


class Reason(StrEnum):
    """One for each thing that a developer would mend in another way."""

    NOT_A_PACKAGE = (
        "not_a_package"  # it does not begin as a ZIP file does: a picture, a page, code with a package behind
    )
    TOO_LARGE = "too_large"  # the file as a whole
    TRAILING_DATA = "trailing_data"  # bytes or a comment behind the end of the archive
    DAMAGED = "damaged"  # the archive contradicts itself, or ends early
    TOO_MANY_ENTRIES = "too_many_entries"
    BAD_NAME = "bad_name"  # a name that is no text, or with signs that hide or turn letters
    ESCAPING_NAME = "escaping_name"  # a name that leads out of the folder it would be unpacked to
    DUPLICATE_NAME = "duplicate_name"
    LOOKALIKE_NAME = "lookalike_name"  # a name that reads like one that Android knows, and is another
    ENCRYPTED = "encrypted"
    BAD_METHOD = "bad_method"  # compressed in a way that Android does not know
    TWO_HEADERS = "two_headers"  # an entry's two headers say different things
    OVERLAPPING = "overlapping"  # two entries share bytes
    HIDDEN_DATA = "hidden_data"  # bytes between the entries that belong to none
    BOMB = "bomb"  # it would grow too large or too much
    SIZE_LIES = "size_lies"  # an entry is not as large as it says, or its checksum is wrong
    NO_MANIFEST = "no_manifest"
    MANIFEST_TOO_LARGE = "manifest_too_large"
    BAD_MANIFEST = "bad_manifest"
    RESOURCES_TOO_LARGE = "resources_too_large"
    BAD_RESOURCES = "bad_resources"
    BAD_CODE = "bad_code"  # classes.dex is no code for Android
    BAD_APPLICATION_ID = "bad_application_id"
    BAD_VERSION = "bad_version"
    BAD_TEXT = "bad_text"  # a name or version for people with signs that hide or turn letters
    SPLIT = "split"  # a part of a package
    TEST_ONLY = "test_only"  # Android refuses to install it
    UNSIGNED = "unsigned"
    V1_ONLY = "v1_only"  # signed in the way that lets others change it
    BAD_SIGNING_BLOCK = "bad_signing_block"
    SEVERAL_SIGNERS = "several_signers"
    MIXED_SIGNERS = "mixed_signers"  # one signature of one, another of another
    STRIPPED = "stripped"  # a stronger signature was there and was taken out
    UNKNOWN_ALGORITHM = "unknown_algorithm"
    WEAK_KEY = "weak_key"
    BAD_CERTIFICATE = "bad_certificate"
    BAD_SIGNATURE = "bad_signature"
    CHANGED = "changed"  # the content is not what was signed
    OTHER_SIGNER = "other_signer"  # not who signed the versions before
    TOO_HEAVY = "too_heavy"  # reading it took more time or memory than a package may


class Refused(Exception):
    """The package is refused: `code` for the sentence, `detail` (an entry's name, a number) for the developer."""

    def __init__(self, code: Reason, detail: str = "") -> None:
        super().__init__(code, detail)
        self.code = code
        self.detail = detail[:200]

    def __str__(self) -> str:
        return f"{self.code}: {self.detail}" if self.detail else str(self.code)
