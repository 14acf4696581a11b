"""What a storyboard says, in the field's own words, as frozen values.

Times are seconds as exact rationals. Paths are POSIX, relative to the
storyboard's folder. Every shot knows where each of its fields was written.
"""

from __future__ import annotations

from storyboard.model.basics import Anchor, Origin, Seconds, Size, Trim
from storyboard.model.cuts import Cut, CutFit, CutFormat, CutShot, Quality, Storyboard
from storyboard.model.laid_over import Captions, Line, Loudness, Sound, Title
from storyboard.model.shots import (
    FrameSource,
    JoinKind,
    Moment,
    Motion,
    Picture,
    Seam,
    Segment,
    Shot,
    ShotFrame,
    Transition,
    Uploaded,
    Url,
)

__all__ = [
    "Anchor",
    "Captions",
    "Cut",
    "CutFit",
    "CutFormat",
    "CutShot",
    "FrameSource",
    "JoinKind",
    "Line",
    "Loudness",
    "Moment",
    "Motion",
    "Origin",
    "Picture",
    "Quality",
    "Seam",
    "Seconds",
    "Segment",
    "Shot",
    "ShotFrame",
    "Size",
    "Sound",
    "Storyboard",
    "Title",
    "Transition",
    "Trim",
    "Uploaded",
    "Url",
]
