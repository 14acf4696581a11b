"""A command that has ended."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

Document = dict[str, Any]


@dataclass(frozen=True)
class Ran:
    """Its exit code, and what it wrote."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Document:
        """What `--json` printed: the document alone."""
        parsed: Document = json.loads(self.out)
        return parsed

    @property
    def events(self) -> list[Document]:
        """What `build --json` printed: an event a line, and no other line."""
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def summary(self) -> Document:
        """The last event of `build --json`."""
        return self.events[-1]
