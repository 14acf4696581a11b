"""The stretches of a film's sound that are measured, and coded, apart: each on a grid of its own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from storyboard.track import SOUND_RATE, Track

PACKET: Final = 1024
"""Samples in one packet of AAC."""

CHUNK_PACKETS: Final = 234
"""Packets that are coded at once: 4.992 s."""

_PRE_ROLL: Final = 4
"""Packets coded ahead of a chunk and thrown away, so that the coder has found its way."""

MASTER_REACH: Final = 2 * 1024
"""Samples on either side of a stretch that bear on how far its peaks are limited; whole hops."""

METER_STEP: Final = SOUND_RATE // 10
"""Samples after which loudness is measured again."""

METER_RUN_UP: Final = 4 * 8 * METER_STEP
"""Samples before a window that bear on its loudness: 3.2 s, whole steps and whole hops."""

METER_WINDOW: Final = 38 * 8 * METER_STEP
"""Samples of a film whose loudness is measured at once: 30.4 s, whole steps and whole hops."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """Packets of a film's sound that are coded together.

    Packet n holds what is needed of the samples from (n - 1) x 1024 to
    (n + 1) x 1024: the coder's windows overlap, and the first packet is a run-up
    that is not heard. The coder also looks one packet ahead.

    Attributes:
        first: the sample of the cut with which the coder begins, a whole packet.
        skips: the packets that it gives first, and that are thrown away.
        packets: how many the chunk has.
    """

    first: int
    skips: int
    packets: int

    @property
    def last(self) -> int:
        """The sample before which the coder ends."""
        return self.first + (self.skips + self.packets + 1) * PACKET

    def heard(self, track: Track) -> Track:
        """All that bears on it; its own first sample stands at `MASTER_REACH`."""
        return track.around(self.first - MASTER_REACH, self.last + MASTER_REACH)


def chunks_of(samples: int) -> Iterator[Chunk]:
    """The chunks of a film's sound, in order, on the same grid whatever its length."""
    packets = -(-samples // PACKET) + 1
    for at in range(0, packets, CHUNK_PACKETS):
        skips = min(at, _PRE_ROLL + 1)
        yield Chunk((at - skips) * PACKET, skips, min(CHUNK_PACKETS, packets - at))


def meter_windows(track: Track) -> Iterator[Track]:
    """What bears on the loudness of each window of a film, `METER_RUN_UP` before it included."""
    for first in range(0, track.samples, METER_WINDOW):
        yield track.around(first - METER_RUN_UP, min(first + METER_WINDOW, track.samples))
