"""Why a PDF file is not signed here. The sentences for people are made where pages are."""

from enum import StrEnum


class Reason(StrEnum):
    """One for each thing that its owner would mend in another way."""

    NOT_A_PDF = "not_a_pdf"
    TOO_LARGE = "too_large"
    TOO_LONG = "too_long"  # too many pages
    DAMAGED = "damaged"  # it contradicts itself, ends early, or is bent in a way that programs read differently
    ENCRYPTED = "encrypted"
    SIGNED = "signed"  # it bears a signature already
    FORM = "form"  # an XFA form: what it shows is made by a program when it is opened
    ACTIVE = "active"  # scripts, films, commands: it may look different tomorrow
    ATTACHED = "attached"  # other files inside it, or data that is fetched from outside
    TOO_HEAVY = "too_heavy"  # reading it took more time or memory than a file may


class Refused(Exception):
    """The file is not signed: `code` for the sentence."""

    def __init__(self, code: Reason) -> None:
        super().__init__(code)
        self.code = code
