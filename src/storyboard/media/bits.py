"""The bits of a unit of H.264, read in order. Sections are those of ITU-T H.264."""

from __future__ import annotations

import re


class Unknown(Exception):
    """A picture is coded in a way that is not read here."""


class Bits:
    """The bits of a unit behind its first byte, in order.

    To read beyond the last one raises `Unknown`: of a long unit only the
    beginning may be given.
    """

    __slots__ = ("_bits", "_left", "_size")

    def __init__(self, unit: bytes) -> None:
        payload = unit[1:].replace(b"\0\0\3", b"\0\0")
        self._bits = int.from_bytes(payload, "big")
        self._left = self._size = 8 * len(payload)

    def read(self, count: int) -> int:
        """A number of so many bits."""
        self._left -= count
        if self._left < 0:
            raise Unknown("more than is given")
        return (self._bits >> self._left) & ((1 << count) - 1)

    def code(self) -> int:
        """An Exp-Golomb code (9.1)."""
        rest = self._bits & ((1 << self._left) - 1)
        zeros = self._left - rest.bit_length()
        self._left -= zeros
        return self.read(zeros + 1) - 1

    def signed(self) -> int:
        """A signed one (9.1.1)."""
        code = self.code()
        return (code + 1) // 2 if code & 1 else -(code // 2)

    def passed(self) -> bytes:
        """What was read, as it stands in a unit; the last byte is filled with zeros."""
        size = (self._size - self._left + 7) // 8
        read = self._bits >> self._left << self._left
        payload = (read >> (self._size - 8 * size)).to_bytes(size, "big")
        return re.sub(rb"\0\0(?=[\0-\3])", b"\0\0\3", payload)
