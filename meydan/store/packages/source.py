"""Bytes of a file that nobody trusts, and of a piece of it: every read is checked against the end."""

import os
import struct

from meydan.store.packages.refusals import Reason, Refused


class Source:
    """A file, read by position. Nothing is mapped: a file that is cut short meanwhile is an error, not a crash."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self.size = os.fstat(descriptor).st_size

    def read(self, offset: int, length: int) -> bytes:
        """Exactly these bytes."""
        if offset < 0 or length < 0 or offset + length > self.size:
            raise Refused(Reason.DAMAGED, "ends early")
        data = os.pread(self._descriptor, length, offset)
        if len(data) != length:
            raise Refused(Reason.DAMAGED, "ends early")
        return data


class Scanner:
    """Reads little-endian numbers and pieces from bytes, in order; what goes past the end is refused with `reason`."""

    def __init__(self, data: bytes | memoryview, reason: Reason) -> None:
        self.data = memoryview(data)
        self.at = 0
        self.reason = reason

    @property
    def left(self) -> int:
        return len(self.data) - self.at

    def take(self, length: int) -> memoryview:
        """The next bytes."""
        if length < 0 or length > self.left:
            raise Refused(self.reason, "a length goes past its end")
        self.at += length
        return self.data[self.at - length : self.at]

    def numbers(self, form: str) -> tuple[int, ...]:
        """Numbers by the letters of `struct`."""
        packed = "<" + form
        return struct.unpack(packed, self.take(struct.calcsize(packed)))

    def u32(self) -> int:
        return self.numbers("I")[0]

    def prefixed(self) -> "Scanner":
        """What follows its own length, as a scanner of its own."""
        return Scanner(self.take(self.u32()), self.reason)

    def pieces(self) -> list["Scanner"]:
        """All that is left, as pieces that follow their lengths."""
        found = []
        while self.left:
            found.append(self.prefixed())
        return found
