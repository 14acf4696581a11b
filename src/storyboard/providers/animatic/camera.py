"""The camera: which movement a prompt's words ask for, and the view at each frame.

Only the words of camera movement count. Whatever else a prompt says, a shot
that goes on from a picture ends on the same picture.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import exp, pi, sin


@dataclass(frozen=True, slots=True)
class Movement:
    """How the camera moves in a shot of five seconds.

    Attributes:
        name: as it is written on the picture; empty for the quiet default.
        x: how far it goes to the right, in widths of the canvas.
        y: how far it goes down, in heights of the canvas.
        zoom: how much closer it comes (0.1: by about a tenth).
        shake: how far a hand lets it sway, in widths of the canvas.
        whip: whether it goes all at once, in the middle of the shot.
    """

    name: str = ""
    x: float = 0.0
    y: float = 0.0
    zoom: float = 0.0
    shake: float = 0.0
    whip: bool = False

    @property
    def still(self) -> bool:
        """Whether the picture stays exactly as it is."""
        return not (self.x or self.y or self.zoom or self.shake)


@dataclass(frozen=True, slots=True)
class View:
    """What the camera sees of the picture that stands on the canvas.

    Attributes:
        x: the centre's distance from the canvas's centre, in widths, to the right.
        y: the same in heights, downwards.
        scale: the part of the canvas that is seen: below 1 is closer.
    """

    x: float = 0.0
    y: float = 0.0
    scale: float = 1.0


QUIET = Movement(zoom=0.03)
"""The movement of a prompt that asks for none."""

HOLD = Movement("hold")
_IN = Movement("push in", zoom=0.1)
_OUT = Movement("pull back", zoom=-0.09)

MOVES: Mapping[str, Movement] = {
    "none": HOLD,
    "push-in": _IN,
    "pull-back": _OUT,
    "pan-left": Movement("pan left", x=-0.09),
    "pan-right": Movement("pan right", x=0.09),
    "tilt-up": Movement("tilt up", y=-0.1),
    "tilt-down": Movement("tilt down", y=0.1),
}
"""The movements of a still picture, by the words of `move:`."""


def _sideways(
    verb: str, reach: float, zoom: float = 0.0, *, whip: bool = False
) -> Callable[[str], Movement]:
    def towards(direction: str) -> Movement:
        side = direction or "right"
        return Movement(f"{verb} {side}", -reach if side == "left" else reach, 0.0, zoom, whip=whip)

    return towards


def _upwards(verb: str, reach: float, zoom: float = 0.0) -> Callable[[str], Movement]:
    def towards(direction: str) -> Movement:
        way = direction or "up"
        return Movement(f"{verb} {way}", y=-reach if way == "up" else reach, zoom=zoom)

    return towards


_PACE = r"(?:(?:very |ever so )?(?:slow|gentl|quick|soft|smooth|stead|sudden|swift|rapid)(?:e|ly|y|ily)? )?"
_CAMERA = r"(?:the )?(?:camera|shot|lens|view|frame)"
_SIDE = rf"[ -]{_PACE}(?:to the )?(left|right)"
_ELSEWHERE = rf"(?! {_PACE}(?:to the )?(?:left|right|back|out|away|up|down))"
_RULES: tuple[tuple[str, Movement | Callable[[str], Movement]], ...] = (
    (r"no (?:camera )?(?:movement|motion)|locked[- ]?(?:off|down)|on a tripod|tripod shot", HOLD),
    (rf"(?:static|motionless|fixed|still) (?:wide )?{_CAMERA}", HOLD),
    (rf"{_CAMERA} (?:is |stays |remains |holds )?(?:static|motionless|fixed|still)", HOLD),
    (r"static(?=$|[,.;])|(?:(?<=[,.;:] )|^)(?:holds?|still)(?=$|[,.;])", HOLD),
    (rf"holds? (?:still|on|{_CAMERA})", HOLD),
    (rf"whip[- ]?pans?(?:ning)?(?:{_SIDE})?", _sideways("whip pan", 0.3, whip=True)),
    (r"dolly[- ]zoom|vertigo (?:effect|shot)", Movement("dolly zoom", zoom=0.14)),
    (r"crash[- ]zooms?(?: in)?", Movement("crash zoom", zoom=0.22, whip=True)),
    (rf"zoom(?:s|ing)?[- ]{_PACE}(?:out|back|away)", Movement("zoom out", zoom=-0.1)),
    (rf"zoom(?:s|ing)?(?:[- ]{_PACE}(?:in|into|closer))?", Movement("zoom in", zoom=0.12)),
    (rf"(?:push|dolly|dollie|creep|inch|edg)(?:e|s|es|ing)?[- ]{_PACE}"
     r"(?:in|into|closer|forwards?|inwards?|towards?)(?! (?:the|a) doors?)", _IN),
    (rf"{_CAMERA} (?:moves?|comes?|glides?|tracks?|flies|drifts?|approaches|closes) ?{_PACE}"
     rf"(?:in|closer|forwards?|towards?)?(?=$|[ ,.;]){_ELSEWHERE}", _IN),
    (rf"(?:mov|com|gett|draw)(?:e|es|s|ing) {_PACE}closer|clos(?:es|ing) in", _IN),
    (rf"(?:pull|dolly|dollie|draw)(?:s|ing)?[- ]{_PACE}(?:back|out|away|backwards?)", _OUT),
    (rf"{_CAMERA} (?:moves?|glides?|tracks?|flies|drifts?) {_PACE}(?:back|out|away)\w*", _OUT),
    (r"reveal(?:s|ing)?", _OUT),
    (rf"pan(?:s|ning)?(?: shot)?{_SIDE}", _sideways("pan", 0.09)),
    (r"pan(?:s|ning)? (?:across|along|over)|(?:slow|camera) pans?", _sideways("pan", 0.09)),
    (rf"(?:tracks?|tracking|trucks?|trucking|dolly|dollies|slides?|sliding){_SIDE}",
     _sideways("track", 0.1)),
    (rf"(?:tracking shot|camera (?:tracks?|trucks?)|lateral (?:move|dolly))(?:{_SIDE})?",
     _sideways("track", 0.1)),
    (rf"{_CAMERA} (?:moves?|glides?|travels?|goes){_SIDE}", _sideways("track", 0.1)),
    (rf"(?:(?:tilt|pan)(?:s|ning|ing)?|{_CAMERA} (?:moves?|glides?))[ -]{_PACE}(up|down)(?:wards?)?",
     _upwards("tilt", 0.1)),
    (rf"(?:crane|boom|jib|pedestal)(?:s|ing)? (?:shot )?{_PACE}(up|down)",
     _upwards("crane", 0.1, -0.03)),
    (rf"crane shot|(?:{_CAMERA}|drone) (?:rises|lifts|ascends|soars)", _upwards("crane", 0.1, -0.03)),
    (rf"{_CAMERA} (?:descends|lowers|sinks|drops)", Movement("crane down", y=0.1, zoom=0.03)),
    (rf"(?:orbit|circl|arc|revolv)(?:s|es|ing|e)?(?:{_SIDE}| around)|orbit(?:ing)? shot|360",
     _sideways("orbit", 0.07, 0.05)),
    (rf"{_CAMERA} (?:drifts?|floats?)(?:{_SIDE})?|(?:slow|gentle) drift(?:{_SIDE})?",
     _sideways("drift", 0.04, 0.02)),
    (r"(?:drone|aerial|flyover|fly-over) (?:shot|view|flight)|flyover",
     Movement("fly over", y=-0.05, zoom=0.07)),
    (r"hand-?held|shaky (?:cam|camera)", Movement("handheld", zoom=0.02, shake=0.006)),
)  # fmt: skip
_PACES = (
    (r"\b(?:(?:very|extremely) slow(?:ly)?|barely|imperceptibl[ey])$", 0.45),
    (r"\b(?:slow|slowly|gentle|gently|subtle|subtly|soft|softly)$", 0.75),
    (r"\b(?:fast|quick|quickly|rapid|rapidly|sudden|suddenly|swift|swiftly)$", 1.6),
)


def read_movement(prompt: str) -> Movement:
    """The movement that a prompt's words ask for; several at once are added up.

    `slow push in` is gentler than `push in`, `quick pan left` goes further. A
    prompt without such words gets the quiet default: a very slow push in.
    """
    text = " ".join(prompt.lower().split())
    found: list[tuple[int, Movement]] = []
    for pattern, effect in _RULES:
        while match := re.search(rf"(?<!\w)(?:{pattern})(?!\w)", text):
            direction = next((word for word in match.groups() if word), "")
            movement = effect if isinstance(effect, Movement) else effect(direction)
            before, words = text[: match.start()].rstrip(), match[0].split()
            found.append((match.start(), _at_pace(movement, (before, *words[:-1]))))
            # What has been read is blanked, so that `whip pan left` is no pan as well.
            text = text[: match.start()] + "·" * len(match[0]) + text[match.end() :]
    if not found:
        return QUIET
    found.sort(key=lambda one: one[0])
    named = {movement.name: movement for _, movement in reversed(found) if not movement.still}
    moving = list(reversed(named.values()))
    if not moving:
        return HOLD
    return Movement(
        name=" + ".join(movement.name for movement in moving[:2]),
        x=_bounded(sum(movement.x for movement in moving), 0.3),
        y=_bounded(sum(movement.y for movement in moving), 0.15),
        zoom=_bounded(sum(movement.zoom for movement in moving), 0.22),
        shake=max(movement.shake for movement in moving),
        whip=any(movement.whip for movement in moving),
    )


def follow(movement: Movement, seconds: float, frames: int) -> list[View]:
    """The views of a shot, for `frames` frames over `seconds`, from the canvas itself onwards.

    The first view is exactly the canvas. The camera starts and stops softly;
    a longer shot goes further, though ever less so.
    """
    reach = (1 - exp(-seconds / 6)) / (1 - exp(-5 / 6))
    return [_view(movement, index / max(frames - 1, 1), seconds, reach) for index in range(frames)]


def centred(views: list[View]) -> list[View]:
    """The same path, moved so that half of it lies on either side of the canvas.

    For a painted picture, which has room around it.
    """
    last = views[-1]
    return [View(v.x - last.x / 2, v.y - last.y / 2, v.scale / last.scale**0.5) for v in views]


def arriving(views: list[View]) -> list[View]:
    """The same path, moved so that the last view is exactly the canvas."""
    last = views[-1]
    landed = [
        View((v.x - last.x) / last.scale, (v.y - last.y) / last.scale, v.scale / last.scale)
        for v in views
    ]
    return [*landed[:-1], View()]


def _view(movement: Movement, time: float, seconds: float, reach: float) -> View:
    done = _whip(time) if movement.whip else _ease(time)
    sway = movement.shake * sin(pi * time) ** 0.5 if 0 < time < 1 else 0.0
    clock = time * seconds
    across = sin(2.1 * clock) + 0.6 * sin(4.7 * clock + 1.1) + 0.25 * sin(11.3 * clock)
    down = sin(2.7 * clock + 0.4) + 0.5 * sin(5.9 * clock) + 0.25 * sin(13.1 * clock)
    return View(
        x=movement.x * reach * done + sway * across,
        y=movement.y * reach * done + sway * down,
        scale=exp(-movement.zoom * reach * done),
    )


def _ease(time: float, ramp: float = 0.35) -> float:
    """Distance at a time, both 0 to 1: speed rises smoothly, stays, and falls again."""
    if time > 0.5:
        return 1 - _ease(1 - time, ramp)
    if time >= ramp:
        return (time - ramp / 2) / (1 - ramp)
    part = time / ramp
    return ramp * (part**3 - part**4 / 2) / (1 - ramp)


def _whip(time: float) -> float:
    part = min(max((time - 0.38) / 0.24, 0.0), 1.0)
    return part**3 * (part * (6 * part - 15) + 10)


def _at_pace(movement: Movement, texts: Sequence[str]) -> Movement:
    """The movement, slower or faster where one of the texts ends in such a word."""
    paces = [pace for words, pace in _PACES if any(re.search(words, text) for text in texts)]
    pace = paces[0] if paces else 1.0
    return replace(
        movement,
        x=movement.x * pace,
        y=movement.y * pace,
        zoom=movement.zoom * pace,
        shake=movement.shake * pace,
    )


def _bounded(value: float, limit: float) -> float:
    return min(max(value, -limit), limit)
