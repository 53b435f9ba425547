"""Android's binary XML, as far as a manifest or an icon needs it: elements, and attributes with typed values."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from meydan.store.packages.chunks import STRING, STRING_POOL, Strings, Value, read_chunk, read_chunks
from meydan.store.packages.refusals import Reason, Refused
from meydan.store.packages.source import Scanner

XML, RESOURCE_MAP, START, END = 0x0003, 0x0180, 0x0102, 0x0103
PASSED_OVER = (0x0100, 0x0101, 0x0104)  # namespaces, and text between elements
MAX_ELEMENTS, MAX_DEPTH, MAX_ATTRIBUTES = 50_000, 100, 256


@dataclass(slots=True)
class Element:
    """An element; attributes by the number of Android's resource for their name, or by their name where it has none."""

    name: str
    attributes: dict[int | str, Value]
    children: "list[Element]" = field(default_factory=list)

    def each(self, name: str) -> "Iterator[Element]":
        """The children of this name."""
        return (child for child in self.children if child.name == name)


@dataclass(frozen=True, slots=True)
class Document:
    """The one element that holds all others, and the strings that values point to."""

    root: Element
    strings: Strings


@dataclass(frozen=True, slots=True)
class _Names:
    """The pool, and which of its first strings name an attribute of Android."""

    strings: Strings
    numbers: tuple[int, ...]
    reason: Reason

    def key(self, index: int) -> int | str:
        return self.numbers[index] if index < len(self.numbers) and self.numbers[index] else self.strings[index]


def read_xml(data: bytes, reason: Reason) -> Document:
    """The document; Refused with `reason` when it is none, or goes too deep."""
    outer = read_chunk(Scanner(data, reason))
    if outer.kind != XML or len(outer.whole) != len(data):
        raise Refused(reason, "no binary XML")
    strings = Strings(read_chunk(outer.body))
    names = _Names(strings, (), reason)
    open_elements = [Element("", {})]
    count = 0
    for chunk in read_chunks(outer.body):
        if chunk.kind == START:
            count += 1
            element = _read_element(chunk.body, names)
            open_elements[-1].children.append(element)
            open_elements.append(element)
        elif chunk.kind == END and len(open_elements) > 1:
            open_elements.pop()
        elif chunk.kind == RESOURCE_MAP and not count:
            names = _Names(strings, chunk.body.numbers(f"{len(chunk.body.data) // 4}I"), reason)
        elif chunk.kind not in (*PASSED_OVER, STRING_POOL):
            raise Refused(reason, f"a piece of kind 0x{chunk.kind:04x}")
        if count > MAX_ELEMENTS or len(open_elements) > MAX_DEPTH:
            raise Refused(reason, "too many elements")
    return _document(open_elements, strings, reason)


def _document(open_elements: list[Element], strings: Strings, reason: Reason) -> Document:
    if len(open_elements) != 1 or len(open_elements[0].children) != 1:
        raise Refused(reason, "not one root")
    return Document(open_elements[0].children[0], strings)


def _read_element(body: Scanner, names: _Names) -> Element:
    _namespace, name, start, size, count = body.numbers("2I3H")
    if size < 20 or count > MAX_ATTRIBUTES:
        raise Refused(names.reason, "attributes")
    attributes: dict[int | str, Value] = {}
    for number in range(count):
        attribute = Scanner(body.data[start + number * size :][:size], names.reason)
        key, value = _read_attribute(attribute, names)
        if key in attributes:
            raise Refused(names.reason, "an attribute twice")
        attributes[key] = value
    return Element(names.strings[name], attributes)


def _read_attribute(attribute: Scanner, names: _Names) -> tuple[int | str, Value]:
    _namespace, name, raw, _size, _zero, kind, data = attribute.numbers("3IH2BI")
    key = names.key(name)
    return key, Value(STRING, raw) if kind == 0 and raw != 0xFFFFFFFF else Value(kind, data)
