"""What a request to fal asks for: the clip, and its price."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from storyboard.digest import digest_bytes
from storyboard.model import Size
from storyboard.simulators.clips import Wanted, seed_of
from storyboard.simulators.fal.inputs import ENDPOINTS, given
from storyboard.simulators.fal.media import Media

_SIZES = {"16:9": Size(1920, 1080), "9:16": Size(1080, 1920), "1:1": Size(1080, 1080)}

# US dollars a second.
_SILENT, _SOUND, _VOICE, _MOTION = (Fraction(p) for p in ("0.07", "0.14", "0.168", "0.112"))


@dataclass(frozen=True, slots=True)
class Order:
    """An input without mistakes."""

    endpoint: str
    body: Mapping[str, Any]
    media: Media

    @property
    def prompt(self) -> str:
        """The prompt, empty where there is none."""
        return str(self.body.get("prompt") or "")

    @property
    def asked(self) -> dict[str, Any]:
        """What is asked for, whatever the addresses of its pictures."""
        digests = {name: digest_bytes(data) for name, data in self.media.data.items()}
        return {"endpoint": self.endpoint, "input": {**self.body, **digests}}

    @property
    def seconds(self) -> Fraction:
        """How long the clip is."""
        if self._moves:
            return max(Fraction(round(self.media.video_s)), Fraction(1))
        return Fraction(self._given("duration"))

    @property
    def cost(self) -> Fraction:
        """US dollars."""
        if self._moves:
            return self.seconds * _MOTION
        loud = _VOICE if self.body.get("voice_ids") else _SOUND
        return self.seconds * (loud if self._sounds else _SILENT)

    @property
    def wanted(self) -> Wanted:
        """The clip."""
        pictures = self.media.data
        first = pictures.get("start_image_url") or pictures.get("image_url")
        return Wanted(
            seconds=self.seconds,
            size=_SIZES[self._given("aspect_ratio") or "16:9"],
            shots=((self.prompt, self.seconds),),
            first=first,
            last=pictures.get("end_image_url"),
            sound=self._sounds,
            seed=seed_of(self.prompt, digest_bytes(first or b"")),
        )

    @property
    def _moves(self) -> bool:
        return "video_url" in ENDPOINTS[self.endpoint]

    @property
    def _sounds(self) -> bool:
        if self._moves:
            return bool(self._given("keep_original_sound"))
        return bool(self._given("generate_audio")) and not self.body.get("end_image_url")

    def _given(self, name: str) -> Any:
        return given(ENDPOINTS[self.endpoint], self.body, name)


def number_in(text: str | None) -> float | None:
    """The number that a header or a query holds; None where it holds none."""
    try:
        return float(text) if text else None
    except ValueError:
        return None
