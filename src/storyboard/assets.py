"""The user's files, as far as the passes need to know them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from storyboard.model import Seconds, Size
from storyboard.subtitles import Cue, Subtitles

AssetKind: TypeAlias = Literal["picture", "video", "sound", "subtitles", "font"]


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
        subtitles: what a file of subtitles holds.
        remarks: of a font: for a text that it cannot be trusted with, why, and
            what to do about that.
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
    subtitles: Subtitles | None = None
    remarks: Mapping[str, tuple[str, str]] = field(default_factory=dict)


Assets: TypeAlias = Mapping[tuple[str, AssetKind], Asset]
"""By the path as the storyboard writes it, and what the file is used as."""


def cues_of(path: str | None, assets: Assets) -> tuple[Cue, ...]:
    """What a file of subtitles says; nothing where there is no such file."""
    asset = assets.get((path, "subtitles")) if path else None
    return asset.subtitles.cues if asset and asset.subtitles else ()
