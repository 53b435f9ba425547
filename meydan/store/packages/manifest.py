"""What a package says of itself in AndroidManifest.xml, with the names that its table of resources holds."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from meydan.store.packages.binary_xml import Document, Element, read_xml
from meydan.store.packages.chunks import FIRST_INT, LAST_INT, REFERENCE, STRING, Value
from meydan.store.packages.refusals import Reason, Refused
from meydan.store.packages.resources import Table, Variant

# Android's own numbers of the attributes: their names may be missing from the file.
LABEL, ICON, NAME, DEBUGGABLE = 0x01010001, 0x01010002, 0x01010003, 0x0101000F
MIN_SDK, VERSION_CODE, VERSION_NAME, TARGET_SDK = 0x0101020C, 0x0101021B, 0x0101021C, 0x01010270
MAX_SDK, TEST_ONLY, REQUIRED, ROUND_ICON, VERSION_MAJOR = 0x01010271, 0x01010272, 0x0101028E, 0x0101052C, 0x01010576

APPLICATION_ID = re.compile(r"[A-Za-z]\w*(?:\.[A-Za-z]\w*)+", re.ASCII)
IDENTIFIER = re.compile(r"[\w.\-]+", re.ASCII)
PERMISSIONS = ("uses-permission", "uses-permission-sdk-23")
MAX_ID, MAX_LABEL, MAX_VERSION_NAME, MAX_LISTED, MAX_LANGUAGES = 200, 200, 100, 1_000, 300
MAX_SDK_LEVEL, MAX_VERSION_CODE = 10_000, 2_147_483_647
WITHIN_WORDS = "\u200c\u200d\u200e\u200f"  # not seen, but Persian, Arabic and some pictures are written with them


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """The same words as in `Package`; `icons` are the values that may be the icon, the best first."""

    application_id: str
    version_code: int
    version_name: str
    labels: dict[str, str]
    min_sdk: int
    target_sdk: int
    max_sdk: int | None
    permissions: dict[str, int | None]
    features: tuple[str, ...]
    debuggable: bool
    icons: tuple[Value, ...]


class _Reader:
    """Values of attributes; a reference is looked up in the table of resources."""

    def __init__(self, document: Document, table: Table | None) -> None:
        self._strings = document.strings
        self._table = table

    def _variants(self, value: Value) -> list[Variant]:
        return self._table.variants(value.data) if self._table else []

    def texts(self, element: Element, key: int | str) -> dict[str, str]:
        """The text in each language that it is given in; "" is for all others."""
        value = element.attributes.get(key)
        if value is None or value.kind not in (STRING, REFERENCE):
            return {}
        if value.kind == STRING:
            return {"": self._strings[value.data]}
        found: dict[str, str] = {}
        for variant in sorted(self._variants(value), key=lambda one: not one.is_plain):
            if self._table and variant.value.kind == STRING:
                found.setdefault(variant.language, self._table.strings[variant.value.data])
        return found

    def text(self, element: Element, key: int | str) -> str:
        """The text for all languages; "" when there is none."""
        texts = self.texts(element, key)
        return texts.get("") or next(iter(texts.values()), "")

    def number(self, element: Element, key: int | str) -> int | None:
        """The number, or a truth as 0 or something else; None when it is not given."""
        value = element.attributes.get(key)
        if value is not None and value.kind == REFERENCE:
            variants = self._variants(value)
            value = min(variants, key=lambda one: not one.is_plain).value if variants else None
        if value is None:
            return None
        if FIRST_INT <= value.kind <= LAST_INT:
            return value.data
        raise Refused(Reason.BAD_MANIFEST, f"{element.name}: a number is none")


def read_manifest(data: bytes, table: Table | None) -> Manifest:
    """What the manifest says; Refused when it is none, or says what an honest one does not."""
    document = read_xml(data, Reason.BAD_MANIFEST)
    root, reader = document.root, _Reader(document, table)
    applications = list(root.each("application"))
    if root.name != "manifest" or len(applications) > 1:
        raise Refused(Reason.BAD_MANIFEST, "not one manifest with one application")
    application = applications[0] if applications else Element("application", {})
    if "split" in root.attributes:
        raise Refused(Reason.SPLIT)
    if reader.number(application, TEST_ONLY):
        raise Refused(Reason.TEST_ONLY)
    application_id = _application_id(reader.text(root, "package"))
    min_sdk, target_sdk, max_sdk = _sdks(root, reader)
    return Manifest(
        application_id=application_id,
        version_code=_version_code(root, reader),
        version_name=checked_text(reader.text(root, VERSION_NAME), MAX_VERSION_NAME, "version name"),
        labels=_labels(application, reader, application_id),
        min_sdk=min_sdk,
        target_sdk=target_sdk,
        max_sdk=max_sdk,
        permissions=_permissions(root, reader),
        features=_features(root, reader),
        debuggable=bool(reader.number(application, DEBUGGABLE)),
        icons=tuple(application.attributes[key] for key in (ICON, ROUND_ICON) if key in application.attributes),
    )


def _application_id(said: str) -> str:
    if len(said) > MAX_ID or not APPLICATION_ID.fullmatch(said):
        raise Refused(Reason.BAD_APPLICATION_ID, ascii(said))
    return said


def _version_code(root: Element, reader: _Reader) -> int:
    """F-Droid's clients count in 31 bits: the upper half, which Android knows since 9, must not be used."""
    code = reader.number(root, VERSION_CODE)
    if reader.number(root, VERSION_MAJOR) or not code or code > MAX_VERSION_CODE:
        raise Refused(Reason.BAD_VERSION, str(code))
    return code


def checked_text(text: str, most: int, what: str) -> str:
    """A text that people will see: neither too long nor with signs that hide letters or turn their order."""
    text = " ".join(text.split())
    hidden = [sign for sign in text if unicodedata.category(sign) in ("Cc", "Cf", "Cs", "Co", "Cn")]
    if len(text) > most or any(sign not in WITHIN_WORDS for sign in hidden):
        raise Refused(Reason.BAD_TEXT, f"{what}: {text!a}")
    return text


def _labels(application: Element, reader: _Reader, otherwise: str) -> dict[str, str]:
    texts = reader.texts(application, LABEL)
    if len(texts) > MAX_LANGUAGES:
        raise Refused(Reason.BAD_RESOURCES, "too many languages")
    labels = {language: checked_text(text, MAX_LABEL, "name") for language, text in sorted(texts.items())}
    kept = {language: text for language, text in labels.items() if text}
    return {"": kept.get("") or next(iter(kept.values()), otherwise), **kept}


def _sdks(root: Element, reader: _Reader) -> tuple[int, int, int | None]:
    """The least, the intended and the last version of Android (API levels)."""
    uses = next(root.each("uses-sdk"), Element("uses-sdk", {}))
    least = reader.number(uses, MIN_SDK) or 1
    target = reader.number(uses, TARGET_SDK) or least
    last = reader.number(uses, MAX_SDK)
    if max(least, target, last or 0) > MAX_SDK_LEVEL:
        raise Refused(Reason.BAD_VERSION, "Android")
    return least, target, last


def _permissions(root: Element, reader: _Reader) -> dict[str, int | None]:
    """What is asked for, and the last Android that is asked for it: of one asked twice, what asks more."""
    found: dict[str, int | None] = {}
    for name, element in _named(root, PERMISSIONS, reader):
        last = reader.number(element, MAX_SDK)
        before = found.get(name, 0)
        found[name] = None if last is None or before is None else max(last, before)
    return dict(sorted(found.items()))


def _features(root: Element, reader: _Reader) -> tuple[str, ...]:
    needed = {
        name for name, element in _named(root, ("uses-feature",), reader) if reader.number(element, REQUIRED) != 0
    }
    return tuple(sorted(needed))


def _named(root: Element, kinds: tuple[str, ...], reader: _Reader) -> Iterator[tuple[str, Element]]:
    """The elements of these kinds by their name; one without a name (a version of OpenGL) is passed over."""
    elements = [child for child in root.children if child.name in kinds]
    if len(elements) > MAX_LISTED:
        raise Refused(Reason.BAD_MANIFEST, f"{len(elements)} times {kinds[0]}")
    for element in elements:
        name = reader.text(element, NAME)
        if name and (len(name) > MAX_ID or not IDENTIFIER.fullmatch(name)):
            raise Refused(Reason.BAD_TEXT, ascii(name))
        if name:
            yield name, element
