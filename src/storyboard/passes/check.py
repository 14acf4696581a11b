"""check: what a whole storyboard gets wrong: references, loops, files, models, times."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction

from storyboard.assets import Asset, AssetKind, Assets
from storyboard.capabilities import check_model
from storyboard.cycles import cycles, frames_of
from storyboard.diagnostics import Code, Diagnostic, did_you_mean, listed
from storyboard.language.problems import Problems
from storyboard.language.saying import lasting, number_said
from storyboard.language.scenes import UNKNOWN
from storyboard.listening import unheard
from storyboard.model import (
    Cut,
    CutShot,
    Moment,
    Origin,
    Picture,
    Shot,
    ShotFrame,
    Sound,
    Storyboard,
    Trim,
)
from storyboard.overlaps import overlaps, way_to
from storyboard.proofreading import proofread
from storyboard.provider import Model
from storyboard.rough_cut import length_of
from storyboard.source import Span

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
        yield from cycles(cut)
        yield from overlaps(cut, self._assets)
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
        for field, frame in frames_of(shot):
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
                f"`{frame.shot}` lasts {lasting(length)}, so it has no frame at {number_said(frame.at)}.",
                origin.span,
                f"Give a time from 0 to {number_said(length)}, or a negative one from the shot's end.",
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
                    way_to(origin, shot),
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
            message = (
                f"{lasting(length)} is less than a frame at {number_said(self._cut.fps)} a second."
            )
            help_ = f"A frame takes {number_said(1 / self._cut.fps)} seconds."
            yield Diagnostic(Code.DURATION, message, origin.span, help_, origin.via)
        for trim, origin, part in self._trims(shot):
            if trim.start >= length:
                yield Diagnostic(
                    Code.BAD_TRIM,
                    f"The trim starts at {number_said(trim.start)} seconds, and the shot lasts {lasting(length)}: nothing is left.",
                    part("start").span,
                    "Times of a trim count from the start of the shot.",
                    origin.via,
                )
            elif trim.end is not None and trim.end > length:
                yield Diagnostic(
                    Code.BAD_TRIM,
                    f"The trim ends at {number_said(trim.end)} seconds, and the shot lasts {lasting(length)}.",
                    part("end").span,
                    "Leave `end` out to keep the shot to its end.",
                    origin.via,
                )

    def _trims(self, shot: Shot) -> Iterator[tuple[Trim, Origin, Callable[[str], Origin]]]:
        yield shot.trim, shot.origin("trim"), lambda name: shot.origin(f"trim.{name}")
        for seen in self._cut_trims.get(shot.id, ()):
            origin = seen.origin or Origin(_place(self._cut))
            yield seen.trim or Trim(), origin, lambda _, origin=origin: origin  # type: ignore[misc]


def _place(cut: Cut) -> Span:
    if cut.at is None:
        raise ValueError(f"the cut {cut.id} has no place")
    return cut.at
