"""What is laid over a cut's picture, and beside it: words, colours that it fades to, captions, chapters."""

from __future__ import annotations

from dataclasses import dataclass

from storyboard.digest import Digestible
from storyboard.letters import Letters


@dataclass(frozen=True, slots=True)
class Overlay:
    """Words on the picture, in their place in the cut.

    Attributes:
        record_in: the cut's frame on which they appear.
        record_out: the cut's frame before which they are gone.
        text: one or several lines; a line that is too long is broken.
        position: where they stand: `lower-third`.
        letters: how they look.
        font: the role of the input that their font is; None for the shipped one.
        fade_in, fade_out: frames over which they come and go.
    """

    record_in: int
    record_out: int
    text: str
    position: str
    letters: Letters
    font: str | None = None
    fade_in: int = 0
    fade_out: int = 0

    def canonical(self) -> Digestible:
        """What a key holds of it. Its font's file is an input."""
        return {
            "record": [self.record_in, self.record_out],
            "text": self.text,
            "position": self.position,
            "letters": {**self.letters.canonical(), "font": self.font},
            "fades": [self.fade_in, self.fade_out],
        }

    def shown(self, frame: int) -> float:
        """How strongly it stands on a frame of the cut, from 0 to 1; in the middle of the frame."""
        if not self.record_in <= frame < self.record_out:
            return 0.0
        since, left = frame - self.record_in + 0.5, self.record_out - frame - 0.5
        up = min(1.0, since / self.fade_in) if self.fade_in else 1.0
        down = min(1.0, left / self.fade_out) if self.fade_out else 1.0
        return min(up, down)


@dataclass(frozen=True, slots=True)
class Caption:
    """What is said, from one frame of the cut up to another, for a track of subtitles."""

    record_in: int
    record_out: int
    text: str

    def canonical(self) -> Digestible:
        """What a key holds of it."""
        return [self.record_in, self.record_out, self.text]


@dataclass(frozen=True, slots=True)
class Chapter:
    """A part of the cut, from a frame up to the next chapter's."""

    record_in: int
    title: str

    def canonical(self) -> Digestible:
        """What a key holds of it."""
        return [self.record_in, self.title]


@dataclass(frozen=True, slots=True)
class Shade:
    """The picture comes out of a colour, or goes into it, from one frame boundary to another.

    Attributes:
        silent: the boundary at which only the colour is seen.
        full: the one at which the picture is clear; before `silent` where it goes.
    """

    silent: int
    full: int
    color: str = "black"

    @property
    def frames(self) -> range:
        """The frames that it changes."""
        return range(min(self.silent, self.full), max(self.silent, self.full))
