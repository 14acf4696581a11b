"""A cut as an edit decision list (CMX 3600), for editors that read nothing newer.

An EDL knows one track of picture, dissolves and wipes. A slide, a fade through
colour or a dissolve by luma becomes a dissolve. The film's own fades at its two
ends are comments at the end: readers disagree about dissolves from and to nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from copy import deepcopy
from itertools import count
from typing import Any

import opentimelineio as otio

from storyboard.diagnostics import Invalid

_REEL = 8  # letters of a reel's name
_MOST_EVENTS = 999  # the event number has three digits
_WIPES = {"right": "W001", "down": "W002", "left": "W011", "up": "W012"}
"""CMX 3600 wipe codes of straight edges: 1 and 2 go right and down, 10 more is the reverse."""

_DISSOLVE = re.compile(r"^(?P<head>\d+  \S+ +V +)D (?=\d{3} )", re.MULTILINE)


def edl(made: Any) -> str:
    """The text of an .edl file.

    Args:
        made: a timeline as `otio.timeline` makes it; it is not changed.

    Raises:
        Invalid: an EDL cannot hold it: its frame rate has no timecode, or it
            has too many events.
    """
    rate = made.global_start_time.rate
    if not otio.opentime.RationalTime.is_smpte_timecode_rate(rate):
        raise Invalid(
            f"An EDL counts in timecode, and there is none for {rate:g} frames a second.",
            "`--format otio` exports OpenTimelineIO alone; or set the cut's `fps` to 24, 25, 30 or"
            " one of their kin.",
        )
    alone = deepcopy(made)  # the adapter changes what it writes
    alone.tracks[:] = [track for track in alone.tracks if track.kind == "Video"]
    comments = _without_fades(alone.tracks[0])
    events = sum(isinstance(item, otio.schema.Clip) for item in alone.tracks[0])
    if events > _MOST_EVENTS:
        raise Invalid(
            f"An EDL holds {_MOST_EVENTS} events, and this cut has {events}.",
            "`--format otio` exports OpenTimelineIO alone; or export cuts of fewer shots.",
        )
    _name_reels(alone.tracks[0])
    effects = [
        item.metadata["storyboard"]
        for item in alone.tracks[0]
        if isinstance(item, otio.schema.Transition)
    ]
    text = otio.adapters.write_to_string(alone, "cmx_3600", rate=rate)
    titled = text.replace("\n\n", "\nFCM: NON-DROP FRAME\n\n", 1)
    told = iter(effects)
    listed = _DISSOLVE.sub(lambda found: found["head"] + _effect(next(told)), titled)
    return "\n".join([listed.rstrip(), *comments, ""])


def _name_reels(track: Any) -> None:
    """Give each source a reel of its own: eight letters and digits, from its shot's name."""
    reels: dict[str, str] = {}  # the reel of each source
    for clip in track.find_clips():
        source = getattr(clip.media_reference, "target_url", "") or clip.name
        if source not in reels:
            name = re.sub(r"[^A-Z0-9]", "", clip.name.upper())[:_REEL] or "REEL"
            free = (name[: _REEL - len(str(n))] + str(n) for n in count(2))
            taken = set(reels.values())
            reels[source] = name if name not in taken else next(n for n in free if n not in taken)
        clip.metadata["cmx_3600"] = {"reel": reels[source]}


def _without_fades(track: Any) -> list[str]:
    """Take the fades at the film's ends out of a track; what is said of them instead."""
    said: list[str] = []
    for end, name in ((-1, "FADE OUT"), (0, "FADE IN")):
        if isinstance(track[end], otio.schema.Transition):
            fade = track[end]
            frames = int((fade.in_offset + fade.out_offset).value)
            said.insert(0, f"* {name}: {frames} FRAMES")
            del track[end]
    return said


def _effect(join: Mapping[str, Any]) -> str:
    if join["kind"] == "wipe":
        return f"{_WIPES[join['direction']]} "
    return "D "
