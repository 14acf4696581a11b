"""How words on the picture look: what a style says, and the looks that are there by name.

Lengths are relative, so that a style looks the same on every canvas: `size` is
in hundredths of the canvas's shorter side, `margin` in hundredths of each
side, and what belongs to the letters in hundredths of their size.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from fractions import Fraction
from types import MappingProxyType
from typing import Final, TypeAlias

from storyboard.digest import Digestible

Setting: TypeAlias = "str | int | bool | Fraction"

SHIPPED: Final = "sans"
"""The name of the font that is always there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Letters:
    """A look, complete.

    Attributes:
        font: `sans`, or the path of a font file of the user's.
        size: of the letters, in hundredths of the canvas's shorter side.
        weight: 100 to 900, for fonts that come in weights; 400 is regular.
        color: of the letters.
        opacity: of everything, 0 to 1.
        spacing: added between letters, in hundredths of their size.
        leading: from line to line, in hundredths of the letters' size.
        uppercase: whether the words are set in capitals.
        align: `left`, `center`, `right`; `auto` is as the position has it.
        width: how much of the canvas's width lines may fill, in hundredths.
        margin: the safe area's distance from the edges, in hundredths of each side.
        outline: its width, in hundredths of the letters' size; 0 for none.
        shadow: how dark it is, 0 to 1.
        box: the colour behind the words, or `none`.
        box_opacity: of that, 0 to 1.
        fade_in, fade_out: seconds.
    """

    font: str = SHIPPED
    size: Fraction = Fraction(6)
    weight: int = 400
    color: str = "white"
    opacity: Fraction = Fraction(1)
    spacing: Fraction = Fraction(0)
    leading: Fraction = Fraction(122)
    uppercase: bool = False
    align: str = "auto"
    width: Fraction = Fraction(80)
    margin: Fraction = Fraction(6)
    outline: Fraction = Fraction(0)
    outline_color: str = "black"
    shadow: Fraction = Fraction(1, 2)
    box: str = "none"
    box_opacity: Fraction = Fraction(3, 4)
    fade_in: Fraction = Fraction(1, 4)
    fade_out: Fraction = Fraction(1, 4)

    @property
    def own_font(self) -> bool:
        """Whether its font is a file of the user's."""
        return self.font != SHIPPED

    def canonical(self) -> dict[str, Digestible]:
        """What a key holds of it."""
        return {each.name: getattr(self, each.name) for each in fields(self)}


_PLAIN = Letters()

LOOKS: Final[Mapping[str, Letters]] = MappingProxyType({
    "plain": _PLAIN,
    "title": replace(
        _PLAIN, size=Fraction(12), weight=300, spacing=Fraction(5), leading=Fraction(112),
        shadow=Fraction(6, 10),        fade_in=Fraction(3, 5), fade_out=Fraction(3, 5),
    ),
    "headline": replace(
        _PLAIN, size=Fraction(10), weight=700, leading=Fraction(108), shadow=Fraction(7, 10)
    ),
    "small": replace(_PLAIN, size=Fraction(4), weight=500, spacing=Fraction(3)),
    "boxed": replace(_PLAIN, size=Fraction(5), weight=500, shadow=Fraction(0), box="black"),
    "caption": replace(
        _PLAIN, size=Fraction(11, 2), weight=500, leading=Fraction(118), outline=Fraction(7),
        fade_in=Fraction(0), fade_out=Fraction(0),
    ),
})  # fmt: skip
"""The looks that need no declaration, by name."""

CAPTION: Final = "caption"
PLAIN: Final = "plain"


@dataclass(frozen=True, slots=True)
class Style:
    """What a storyboard says of a look: which one it starts from, and what is otherwise."""

    extends: str | None = None
    given: Mapping[str, Setting] = field(default_factory=dict)


class UnknownLook(LookupError):
    """A style names a look that is not there."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


class LookLoop(LookupError):
    """Looks extend each other."""

    def __init__(self, names: tuple[str, ...]) -> None:
        super().__init__(names[0])
        self.names = names


def letters_of(style: Style, declared: Mapping[str, Style], start: str = PLAIN) -> Letters:
    """The look that a style comes to.

    Args:
        style: as it is written.
        declared: the storyboard's own looks; they win over those that are shipped.
        start: the look of a style that names none.

    Raises:
        UnknownLook: one that it names is not there.
        LookLoop: those that it names extend each other.
    """
    layers = [style.given]
    seen: list[str] = []
    name = style.extends or start
    while name in declared and not (name in seen and name in LOOKS):
        if name in seen:
            raise LookLoop((*seen[seen.index(name) :], name))
        seen.append(name)
        layers.append(declared[name].given)
        name = declared[name].extends or (name if name in LOOKS else PLAIN)
    if name not in LOOKS:
        raise UnknownLook(name)
    made = LOOKS[name]
    for given in reversed(layers):
        made = replace(made, **given)  # type: ignore[arg-type]  # read by the language, each of its own type
    return made
