"""Reading where a shot's pictures come from: files, addresses, uploads, frames and clips of other shots."""

from __future__ import annotations

from fractions import Fraction
from typing import Final, Literal, cast

from storyboard.diagnostics import Code
from storyboard.language.joins import Joins
from storyboard.model import FrameSource, Moment, Motion, Picture, ShotFrame, Uploaded, Url
from storyboard.source import Node

FRESH: Final = "none"


class Frames(Joins):
    """Reads frames, and videos for motion."""

    def first_frame(self, node: Node, field: str) -> FrameSource | str | None:
        """The frame that a shot starts with, or `none`: it does not go on from the one before."""
        if node.text == FRESH and not node.quoted:
            return FRESH
        return self.frame(node, field)

    def last_frame(self, node: Node, field: str) -> FrameSource | None:
        """The frame that a shot ends on."""
        if node.text == FRESH and not node.quoted:
            self.problems.add(
                Code.NOT_A_CHOICE, f"`{field}` cannot be `none`.", node, "Leave it out."
            )
            return None
        return self.frame(node, field)

    def frame(self, node: Node, field: str) -> FrameSource | None:
        """A picture's path or https URL, `{shot, at}`, or `{media}`."""
        if isinstance(node.value, list):
            self.refuse(node, field, "a picture's path, a URL or `{shot: ID}`")
            return None
        if not isinstance(node.value, dict):
            text = self.path(node, field)
            return None if text is None else self._url_or_path(node, text)
        if "media" in node.value and "shot" in node.value:
            message = f"`{field}` has `media` or `shot`, not both."
            self.problems.add(
                Code.CONFLICT, message, node.value["shot"].place, "Keep one of them.", node.via
            )
            return None
        if "media" in node.value:
            entries = self.mapping(node, field, {"media"}) or {}
            media = self.text(entries["media"], "media")
            return Uploaded(media) if media else None
        entries = self.mapping(node, field, {"shot", "at"}, required=["shot"]) or {}
        shot = self.ident(entries["shot"], f"{field}.shot") if "shot" in entries else None
        if shot is None:
            return None
        return ShotFrame(shot, self._moment(entries["at"]) if "at" in entries else Moment.HAND_OVER)

    def _moment(self, node: Node) -> Moment | Fraction:
        if node.text in {Moment.FIRST, Moment.LAST}:
            return Moment(node.text)
        if not isinstance(node.value, int | float):
            self.refuse(node, "at", "`first`, `last` or a number of seconds")
            return Moment.HAND_OVER
        return self.seconds(node, "at", negative=True) or Fraction(0)

    def _url_or_path(self, node: Node, text: str) -> Picture | Url | None:
        scheme, found, _ = text.partition("://")
        if not found:
            return Picture(text)
        if scheme != "https":
            self.problems.add(
                Code.BAD_FRAME,
                f"A frame cannot come from `{scheme}://`.",
                node,
                "Use an `https://` address, or a file beside the storyboard.",
            )
            return None
        return Url(text)

    def motion(self, node: Node, field: str) -> Motion | None:
        """A video whose movement a shot takes on."""
        entries = self.mapping(
            node, field, {"video", "orientation", "keep_sound"}, required=["video"]
        )
        if entries is None or "video" not in entries:
            return None
        video = self._video(entries["video"])
        if video is None:
            return None
        orientation = (
            self.choice(entries["orientation"], "orientation", ("image", "video"))
            if "orientation" in entries
            else None
        )
        keep = (
            self.boolean(entries["keep_sound"], "keep_sound") if "keep_sound" in entries else None
        )
        return Motion(video, cast("Literal['image', 'video']", orientation or "video"), bool(keep))

    def _video(self, node: Node) -> Picture | Url | ShotFrame | None:
        """A video's path or https URL, or another shot's whole clip."""
        if not isinstance(node.value, dict):
            found = self.frame(node, "video")
            return None if isinstance(found, Uploaded) else found
        entries = self.mapping(node, "video", {"shot"}, required=["shot"]) or {}
        shot = self.ident(entries["shot"], "video.shot") if "shot" in entries else None
        return None if shot is None else ShotFrame(shot)
