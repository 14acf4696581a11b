"""A cut as an OpenTimelineIO timeline: takes as alternative media, unused frames as handles.

The film's frames are the timeline's: where two shots overlap, the cut point
stands in the middle of their transition, and the frames on either side of it
come out of the handles, as OpenTimelineIO has it
(https://opentimelineio.readthedocs.io/en/latest/tutorials/otio-timeline-structure.html).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Any

import opentimelineio as otio
from opentimelineio.opentime import RationalTime, TimeRange

from storyboard.export.material import Material, Medium
from storyboard.model import JoinKind, Seconds, Transition
from storyboard.timeline import Edit, Event, Piece, SoundEvent, nearest_frame, piece_at

_OWN = "storyboard"  # our corner of every object's metadata


@dataclass(frozen=True, slots=True)
class _Run:
    """Frames of one piece that stand side by side in the cut."""

    event: Event
    piece: Piece
    source_in: Seconds
    frames: int


def timeline(name: str, edit: Edit, materials: Mapping[str, Material]) -> Any:
    """The timeline of a cut: one track of picture, one for each layer of sound.

    Args:
        name: the cut's, for people.
        edit: what is seen and heard when.
        materials: by role, what the edit's clips, pictures and sounds are.

    Returns:
        An `opentimelineio.schema.Timeline`, which starts at 0 and lasts as
        long as the film.
    """
    made = otio.schema.Timeline(name)
    made.global_start_time = RationalTime(0, float(edit.fps))
    made.tracks.append(_picture(edit, materials))
    made.tracks.extend(_sounds(edit, materials))
    made.tracks.markers.extend([*_scenes(edit), *_titles(edit)])
    made.metadata[_OWN] = {"size": str(edit.size), "fps": str(edit.fps), "frames": edit.frames}
    return made


def _picture(edit: Edit, materials: Mapping[str, Material]) -> Any:
    track = otio.schema.Track("V1", kind=otio.schema.TrackKind.Video)
    if fade := nearest_frame(edit.fade_in, edit.fps):
        track.append(_transition(Transition(JoinKind.FADE), 0, fade, edit, name="fade in"))
    cuts = [0, *(_cut_point(*pair) for pair in pairwise(edit.events)), edit.frames]
    for number, (event, (start, end)) in enumerate(zip(edit.events, pairwise(cuts), strict=True)):
        if number and (overlap := edit.events[number - 1].record_out - event.record_in):
            before = start - event.record_in
            track.append(_transition(event.join, before, overlap - before, edit))
        for run in _runs(event, start, end, edit.fps):
            track.append(_clip(run, materials[run.piece.clip], edit.fps))
    if fade := nearest_frame(edit.fade_out, edit.fps):
        track.append(_transition(Transition(JoinKind.FADE), fade, 0, edit, name="fade out"))
    return track


def _cut_point(before: Event, after: Event) -> int:
    """The frame on which the cut between two shots stands: in the middle of what they share."""
    return (after.record_in + before.record_out) // 2


def _runs(event: Event, start: int, end: int, fps: Fraction) -> Iterator[_Run]:
    """The pieces that show a shot's frames from `start` to `end`, in order."""
    piece, source = piece_at(event.pieces, _shot_time(event, start, fps))
    first = start
    for frame in range(start + 1, end):
        following, time = piece_at(event.pieces, _shot_time(event, frame, fps))
        if following is not piece:
            yield _Run(event, piece, source, frame - first)
            piece, source, first = following, time, frame
    if end > first:
        yield _Run(event, piece, source, end - first)


def _shot_time(event: Event, frame: int, fps: Fraction) -> Seconds:
    return event.source_in + (frame - event.record_in) / fps


def _clip(run: _Run, material: Material, fps: Fraction) -> Any:
    clip = otio.schema.Clip(
        name=run.event.shot,
        source_range=_range(run.source_in, run.frames / fps, fps),
        metadata={_OWN: {"shot": run.event.shot, "scene": run.event.scene, **material.details}},
    )
    clip.set_media_references(
        {name: _reference(medium) for name, medium in material.takes.items()}, material.shown
    )
    if run.piece.speed != 1:
        clip.effects.append(otio.schema.LinearTimeWarp(time_scalar=float(run.piece.speed)))
    return clip


def _reference(medium: Medium) -> Any:
    if medium.kind == "colour":
        return otio.schema.GeneratorReference(
            name=medium.name, generator_kind="SolidColor", parameters={"color": medium.color}
        )
    available = (
        None
        if medium.lasts is None or medium.rate is None
        else _range(Fraction(0), medium.lasts, medium.rate)
    )
    if medium.url is None:
        return otio.schema.MissingReference(name=medium.name, available_range=available)
    reference = otio.schema.ExternalReference(medium.url, available)
    reference.name = medium.name
    return reference


def _transition(
    join: Transition, before: int, after: int, edit: Edit, name: str | None = None
) -> Any:
    """A transition that begins so many frames before the cut point and ends so many after it."""
    dissolve = join.kind in {JoinKind.CROSSFADE, JoinKind.FADE}
    details = {"kind": join.kind.value, "direction": join.direction, "color": join.color}
    return otio.schema.Transition(
        name=name or join.kind.value,
        transition_type=(
            otio.schema.TransitionTypes.SMPTE_Dissolve
            if dissolve
            else otio.schema.TransitionTypes.Custom
        ),
        in_offset=RationalTime(before, float(edit.fps)),
        out_offset=RationalTime(after, float(edit.fps)),
        metadata={_OWN: {key: value for key, value in details.items() if value}},
    )


def _sounds(edit: Edit, materials: Mapping[str, Material]) -> list[Any]:
    """A track for each layer of sound: on none do two sounds overlap."""
    layers: list[tuple[Any, Seconds]] = []  # each track, and when its last sound ends
    for sound in sorted(edit.sounds, key=lambda each: each.starts):
        starts, lasts = _heard(sound, edit, materials[sound.clip].medium)
        if lasts <= 0:
            continue
        place = next((n for n, (_, end) in enumerate(layers) if end <= starts), len(layers))
        if place == len(layers):
            name = f"A{place + 1}"
            track = otio.schema.Track(name, kind=otio.schema.TrackKind.Audio)
            layers.append((track, Fraction(0)))
        track, end = layers[place]
        if starts > end:
            track.append(otio.schema.Gap(source_range=_range(Fraction(0), starts - end, edit.fps)))
        source_in = sound.source_in + max(Fraction(0), -sound.starts)
        clip = otio.schema.Clip(
            name=materials[sound.clip].medium.name,
            source_range=_range(source_in, lasts, edit.fps),
            metadata={_OWN: {"gain_db": float(sound.gain_db)}},
        )
        clip.media_reference = _reference(materials[sound.clip].medium)
        track.append(clip)
        layers[place] = (track, starts + lasts)
    return [track for track, _ in layers]


def _heard(sound: SoundEvent, edit: Edit, medium: Medium) -> tuple[Seconds, Seconds]:
    """When a sound begins in the cut, and how long it is heard there."""
    starts = max(sound.starts, Fraction(0))
    ends = [edit.duration]
    if not sound.loop:
        ends.append(sound.starts + sound.lasts)
        ends += [sound.starts + medium.lasts - sound.source_in] if medium.lasts is not None else []
    return starts, min(ends) - starts


def _scenes(edit: Edit) -> list[Any]:
    """A marker on the first frame of each scene, with the title of the chapter that begins there."""
    chapters = {chapter.record_in: chapter.title for chapter in edit.chapters}
    markers = []
    scene: str | None = None
    for event in edit.events:
        if event.scene != scene:
            scene, start = event.scene, event.record_in
            details = {"kind": "scene", "scene": scene}
            name = chapters.get(start, scene)
            markers.append(_marker(name, range(start, start), edit, "GREEN", details))
    return markers


def _titles(edit: Edit) -> list[Any]:
    """A marker over the frames of each title: an editor sets it anew, in letters of its own."""
    return [
        _marker(
            overlay.text,
            range(overlay.record_in, overlay.record_out),
            edit,
            "YELLOW",
            {"kind": "title", "position": overlay.position},
        )
        for overlay in edit.overlays
    ]


def _marker(name: str, frames: range, edit: Edit, color: str, details: Mapping[str, str]) -> Any:
    rate = float(edit.fps)
    marked = TimeRange(RationalTime(frames.start, rate), RationalTime(len(frames), rate))
    return otio.schema.Marker(name, marked, color, {_OWN: dict(details)})


def _range(start: Seconds, lasts: Seconds, rate: Fraction) -> TimeRange:
    """A range on the grid of a rate; both ends to the nearest frame."""
    first, end = nearest_frame(start, rate), nearest_frame(start + lasts, rate)
    return TimeRange(RationalTime(first, float(rate)), RationalTime(end - first, float(rate)))


def written(made: Any) -> str:
    """The timeline as the text of a .otio file."""
    text: str = otio.adapters.write_to_string(made, "otio_json")
    return text


def media_of(materials: Sequence[Material]) -> list[Medium]:
    """Every medium of some materials, each once."""
    return list(dict.fromkeys(medium for each in materials for medium in each.takes.values()))
