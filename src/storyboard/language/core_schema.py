"""Plain scalars as YAML 1.2's core schema reads them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final

from storyboard.source import Scalar

_CORE = {
    "null": None, "Null": None, "NULL": None, "~": None, "": None,
    "true": True, "True": True, "TRUE": True,
    "false": False, "False": False, "FALSE": False,
}  # fmt: skip
_INT = re.compile(r"[-+]?[0-9]{1,4000}")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_BASED = re.compile(r"0(?:o([0-7]+)|x([0-9a-fA-F]+))")
_STARTS_NUMBER = frozenset("+-.0123456789")
TAGS: Final[Mapping[str, Callable[[str], Scalar]]] = {
    "tag:yaml.org,2002:str": str,
    "tag:yaml.org,2002:int": int,
    "tag:yaml.org,2002:float": float,
}
"""What reads a scalar that has a tag."""


def resolve(text: str) -> Scalar:
    """A plain scalar by YAML 1.2's core schema; text when it is nothing else."""
    if text in _CORE:
        return _CORE[text]
    if text[0] not in _STARTS_NUMBER:
        return text
    if _INT.fullmatch(text):
        return int(text)
    if _FLOAT.fullmatch(text):
        return float(text)
    if based := _BASED.fullmatch(text):
        return int(based[1], 8) if based[1] else int(based[2], 16)
    return text
