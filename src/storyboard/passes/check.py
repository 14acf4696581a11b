"""check: what a whole storyboard gets wrong: references, loops, files, models, times."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction

from storyboard.assets import Asset, AssetKind, Assets
from storyboard.capabilities import check_model
from storyboard.diagnostics import Code, Diagnostic, did_you_mean, listed
from storyboard.graph import shortest_loops
from storyboard.language.problems import Problems
from storyboard.language.scenes import UNKNOWN
from storyboard.listening import unheard
from storyboard.model import (
    Cut,
    CutShot,
    FrameSource,
    JoinKind,
    Moment,
    Origin,
    Picture,
    Seconds,
    Shot,
    ShotFrame,
    Sound,
    Storyboard,
    Trim,
)
from storyboard.proofreading import proofread
from storyboard.provider import Model
from storyboard.source import Span, Via

FindModel = Callable[[str], Model | None]


def check(
    storyboard: Storyboard,
    assets: Assets,
    find_model: FindModel,
    model_names: Callable[[], tuple[str, ...]],
) -> tuple[Diagnostic, ...]:
    """Find what can only be seen of the whole.

    Args:
        storyboard: as `expand` gives it.
        assets: what `survey` found of its files.
        find_model: gives the model of a name, None where there is none.
        model_names: gives the names of all models, for help.

    Returns:
        The problems, each once, however many cuts share the shot.
    """
    found = Problems()
    for cut in storyboard.cuts:
        found.extend(_Checker(storyboard, cut, assets, find_model, model_names).problems())
    found.extend(unheard(storyboard, assets))
    return found.all()


def length_of(shot: Shot, assets: Assets) -> Seconds:
    """How long a shot is: its duration, or that of its footage."""
    if shot.duration is not None:
        return shot.duration
    asset = assets.get((shot.clip or "", "video"))
    return (asset.duration if asset else None) or Fraction(0)


class _Checker:
    def __init__(
        self,
        storyboard: Storyboard,
        cut: Cut,
        assets: Assets,
        find_model: FindModel,
        model_names: Callable[[], tuple[str, ...]],
    ) -> None:
        self._storyboard = storyboard
        self._cut = cut
        self._assets = assets
        self._find_model = find_model
        self._model_names = model_names
        self._cut_trims: dict[str, list[CutShot]] = {}
        for seen in cut.order:
            if seen.trim is not None:
                self._cut_trims.setdefault(seen.shot, []).append(seen)

    def problems(self) -> Iterator[Diagnostic]:
        cut = self._cut
        for shot in cut.shots.values():
            yield from self._frames(shot)
            yield from self._files(shot)
            yield from self._model(shot)
            yield from self._times(shot)
            yield from self._sounds(shot.sound, shot.origin("sound"))
        yield from self._loops()
        yield from self._joins()
        for sound in cut.soundtrack:
            yield from self._sounds((sound,), sound.origin or Origin(_place(cut)))
        for title in cut.titles:
            if title.at.shot:
                where = title.at.origin or title.origin or Origin(_place(cut))
                yield from self._reference(title.at.shot, where)
        if cut.captions and cut.captions.file:
            where = cut.captions.origin or Origin(_place(cut))
            yield from self._file(cut.captions.file, "subtitles", where)
        if cut.poster and cut.poster.shot:
            where = cut.poster.origin or Origin(_place(cut))
            yield from self._reference(cut.poster.shot, where)
        yield from proofread(cut, self._storyboard.title_styles, self._assets)
        if not (cut.order or cut.broken):
            message = f"There are no shots to show in the cut `{cut.id}`."
            help_ = "Every cut needs at least one."
            if cut.dropped:
                help_ += " Here `when` leaves them out."
            yield Diagnostic(Code.NO_SHOTS, message, _place(cut), help_)

    def _frames(self, shot: Shot) -> Iterator[Diagnostic]:
        for field, frame in _frames_of(shot):
            if isinstance(frame, ShotFrame) and not (field == "first_frame" and shot.chained):
                part = f"{field}.video" if field == "motion" else field
                yield from self._reference(frame.shot, shot.origin(f"{part}.shot"))
                if frame.shot in self._cut.shots:
                    yield from self._moment(frame, shot.origin(f"{part}.at"))
            elif isinstance(frame, Picture) and field == "motion":
                yield from self._file(frame.path, "video", shot.origin("motion.video"))
            elif isinstance(frame, Picture):
                yield from self._file(frame.path, "picture", shot.origin(field))

    def _reference(self, name: str, origin: Origin) -> Iterator[Diagnostic]:
        if name in self._cut.shots or self._cut.broken & {name, UNKNOWN}:
            return
        if name in self._cut.dropped:
            yield Diagnostic(
                Code.DROPPED_SHOT,
                f"The shot `{name}` is left out by its `when`.",
                origin.span,
                "Name another shot, or give this one a `when` too.",
                origin.via,
            )
            return
        known = list(self._cut.shots)
        help_ = did_you_mean(name, known, otherwise=f"There are {listed(known, last='and')}.")
        yield Diagnostic(
            Code.UNKNOWN_SHOT, f"There is no shot `{name}`.", origin.span, help_, origin.via
        )

    def _moment(self, frame: ShotFrame, origin: Origin) -> Iterator[Diagnostic]:
        if isinstance(frame.at, Moment):
            return
        length = length_of(self._cut.shots[frame.shot], self._assets)
        if length and not -length <= frame.at <= length:
            yield Diagnostic(
                Code.BAD_FRAME,
                f"`{frame.shot}` lasts {_lasting(length)}, so it has no frame at {_said(frame.at)}.",
                origin.span,
                f"Give a time from 0 to {_said(length)}, or a negative one from the shot's end.",
                origin.via,
            )

    def _files(self, shot: Shot) -> Iterator[Diagnostic]:
        if shot.clip:
            yield from self._file(shot.clip, "video", shot.origin("clip"))
        if shot.still and not shot.shows_color:
            yield from self._file(shot.still, "picture", shot.origin("still"))
        if shot.transition.file:
            yield from self._file(shot.transition.file, "picture", shot.origin("transition.file"))

    def _sounds(self, sounds: tuple[Sound, ...], origin: Origin) -> Iterator[Diagnostic]:
        for sound in sounds:
            where = sound.origin or origin
            if sound.file:
                yield from self._file(sound.file, "sound", where)
            if sound.shot:
                yield from self._reference(sound.shot, where)
            if sound.at.shot:
                yield from self._reference(sound.at.shot, sound.at.origin or where)

    def _file(self, path: str, kind: AssetKind, origin: Origin) -> Iterator[Diagnostic]:
        asset: Asset | None = self._assets.get((path, kind))
        if asset is None or asset.problem is None:
            return
        code = (
            Code.OUTSIDE if asset.outside else Code.NOT_FOUND if asset.missing else Code.BAD_MEDIA
        )
        yield Diagnostic(code, asset.problem, origin.span, asset.help, origin.via)

    def _model(self, shot: Shot) -> Iterator[Diagnostic]:
        if not shot.segments:
            return
        for number, name in enumerate((shot.model, *shot.fallback)):
            model = self._find_model(name)
            origin = shot.origin(f"fallback.{number - 1}" if number else "model")
            if model is None:
                known = self._model_names()
                help_ = did_you_mean(
                    name, known, otherwise=f"There are {listed(known, last='and')}."
                )
                yield Diagnostic(
                    Code.UNKNOWN_MODEL,
                    f"There is no model `{name}`.",
                    origin.span,
                    help_,
                    _way(origin, shot),
                )
            elif number == 0:
                yield from check_model(shot, model, self._storyboard, self._all_models)

    def _all_models(self) -> tuple[Model, ...]:
        found = (self._find_model(name) for name in self._model_names())
        return tuple(model for model in found if model is not None and not model.local)

    def _times(self, shot: Shot) -> Iterator[Diagnostic]:
        length = length_of(shot, self._assets)
        if not length:
            return
        if length * self._cut.fps < Fraction(1, 2):
            origin = shot.origin("duration")
            message = f"{_lasting(length)} is less than a frame at {_said(self._cut.fps)} a second."
            help_ = f"A frame takes {_said(1 / self._cut.fps)} seconds."
            yield Diagnostic(Code.DURATION, message, origin.span, help_, origin.via)
        for trim, origin, part in self._trims(shot):
            if trim.start >= length:
                yield Diagnostic(
                    Code.BAD_TRIM,
                    f"The trim starts at {_said(trim.start)} seconds, and the shot lasts {_lasting(length)}: nothing is left.",
                    part("start").span,
                    "Times of a trim count from the start of the shot.",
                    origin.via,
                )
            elif trim.end is not None and trim.end > length:
                yield Diagnostic(
                    Code.BAD_TRIM,
                    f"The trim ends at {_said(trim.end)} seconds, and the shot lasts {_lasting(length)}.",
                    part("end").span,
                    "Leave `end` out to keep the shot to its end.",
                    origin.via,
                )

    def _trims(self, shot: Shot) -> Iterator[tuple[Trim, Origin, Callable[[str], Origin]]]:
        yield shot.trim, shot.origin("trim"), lambda name: shot.origin(f"trim.{name}")
        for seen in self._cut_trims.get(shot.id, ()):
            origin = seen.origin or Origin(_place(self._cut))
            yield seen.trim or Trim(), origin, lambda _, origin=origin: origin  # type: ignore[misc]

    def _loops(self) -> Iterator[Diagnostic]:
        shots = self._cut.shots
        edges = {
            shot.id: [
                frame.shot
                for _, frame in _frames_of(shot)
                if isinstance(frame, ShotFrame) and frame.shot in shots
            ]
            for shot in shots.values()
        }
        if _flows(edges):
            return
        for loop in shortest_loops(edges):
            yield self._loop(loop)

    def _loop(self, loop: list[str]) -> Diagnostic:
        via: Via | None = None
        for name, after in reversed(list(zip(loop, [*loop[1:], loop[0]], strict=True))):
            via = Via(f"`{name}` needs a frame of `{after}`", self._needs(name, after), via)
        names = " → ".join(f"`{name}`" for name in [*loop, loop[0]])
        message = (
            f"The shot `{loop[0]}` needs its own frame."
            if len(loop) == 1
            else f"These shots wait for each other: {names}."
        )
        help_ = "Let one of them start otherwise: `first_frame: none`, or `chain: false`."
        if len(loop) == 1:
            help_ = "Name another shot, or a picture."
        return Diagnostic(
            Code.CYCLE, message, self._needs(loop[0], loop[1 % len(loop)]), help_, via
        )

    def _needs(self, name: str, other: str) -> Span:
        shot = self._cut.shots[name]
        for field, frame in _frames_of(shot):
            if isinstance(frame, ShotFrame) and frame.shot == other:
                return (
                    shot.at if field == "first_frame" and shot.chained else shot.origin(field).span
                )
        return shot.at

    def _joins(self) -> Iterator[Diagnostic]:
        order = self._cut.order
        shots = self._cut.shots
        shown = [
            _shown(shots[seen.shot], seen.trim, self._assets)
            for seen in order
            if seen.shot in shots
        ]
        overlap_before = Fraction(0)
        for number, seen in enumerate(order):
            shot = shots[seen.shot]
            join = shot.transition
            overlap = Fraction(0) if number == 0 or join.kind is JoinKind.CUT else join.duration
            if overlap:
                origin = shot.origin(f"transition.{join.kind.value}")
                before = order[number - 1].shot
                room = shown[number - 1] - overlap_before
                if overlap > min(room, shown[number]) and min(shown[number - 1], shown[number]) > 0:
                    shorter = before if room <= shown[number] else shot.id
                    also = (
                        ", its own transition taken off"
                        if shorter == before and overlap_before
                        else ""
                    )
                    message = (
                        f"The transition lasts {_lasting(overlap)}, and `{shorter}` has only "
                        f"{_said(min(room, shown[number]))} to give{also}."
                    )
                    help_ = "Make it shorter, or the shot longer."
                    way = _way(origin, shot)
                    yield Diagnostic(Code.BAD_OVERLAP, message, origin.span, help_, way)
                    overlap = Fraction(0)  # what follows is judged as if it were mended
                if join.kind is JoinKind.CROSSFADE and _continues(shot, before):
                    yield Diagnostic(
                        Code.SELF_FADE,
                        f"`{shot.id}` goes on from the last frame of `{before}`: a crossfade doubles the picture.",
                        origin.span,
                        "Use a cut, which cannot be seen here, or `chain: false`.",
                        origin.via,
                    )
            overlap_before = overlap


def _place(cut: Cut) -> Span:
    if cut.at is None:
        raise ValueError(f"the cut {cut.id} has no place")
    return cut.at


def _frames_of(shot: Shot) -> Iterator[tuple[str, FrameSource]]:
    if shot.first_frame is not None:
        yield "first_frame", shot.first_frame
    if shot.last_frame is not None:
        yield "last_frame", shot.last_frame
    if shot.motion is not None:
        yield "motion", shot.motion.video


def _flows(edges: Mapping[str, list[str]]) -> bool:
    """Whether there is no loop: quick, as nearly every storyboard has none."""
    waiting = {name: len(set(others)) for name, others in edges.items()}
    needed_by: dict[str, list[str]] = {}
    for name, others in edges.items():
        for other in set(others):
            needed_by.setdefault(other, []).append(name)
    free = [name for name, count in waiting.items() if not count]
    done = 0
    while free:
        done += 1
        for name in needed_by.get(free.pop(), ()):
            waiting[name] -= 1
            if not waiting[name]:
                free.append(name)
    return done == len(edges)


def _shown(shot: Shot, trim: Trim | None, assets: Assets) -> Seconds:
    chosen = trim or shot.trim
    end = chosen.end if chosen.end is not None else length_of(shot, assets)
    return end - chosen.start


def _continues(shot: Shot, before: str) -> bool:
    frame = shot.first_frame
    return isinstance(frame, ShotFrame) and frame.shot == before and frame.at is Moment.HAND_OVER


def _way(origin: Origin, shot: Shot) -> Via | None:
    """The way to a value; for an inherited one, the shot that it came to."""
    if origin.via or origin.own:
        return origin.via
    return Via(f"in shot `{shot.id}`", shot.at)


def _lasting(seconds: Fraction) -> str:
    return f"{_said(seconds)} second{'' if seconds == 1 else 's'}"


def _said(seconds: Fraction) -> str:
    return f"{float(seconds):.6g}"
