"""The user's files, as far as the passes need to know them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from storyboard.model import Seconds, Size

AssetKind: TypeAlias = Literal["picture", "video", "sound", "text"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asset:
    """A file that a storyboard names.

    Attributes:
        path: from the storyboard's folder.
        kind: what it is used as.
        digest: of its bytes; empty where it cannot be read.
        problem: what is wrong with it, in a sentence; None where nothing is.
        help: what to do about that.
        missing: whether there is no such file.
        outside: whether its path leads out of the repository.
        size: of a picture or video, in pixels.
        duration: of a video or sound.
    """

    path: str
    kind: AssetKind
    digest: str = ""
    problem: str | None = None
    help: str | None = None
    missing: bool = False
    outside: bool = False
    size: Size | None = None
    duration: Seconds | None = None
    has_sound: bool = False


Assets: TypeAlias = Mapping[tuple[str, AssetKind], Asset]
"""By the path as the storyboard writes it, and what the file is used as."""
