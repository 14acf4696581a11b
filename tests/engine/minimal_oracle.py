"""What a build must generate, and what films it must leave: said without keys, graphs or plans.

A clip is what it was asked for: model, prompt, seconds, and the frames that it
starts and ends with. It is generated if exactly that was never generated before.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from itertools import groupby
from typing import TypeAlias

from edited_film import Film, Shot, clip, frame_of

Asked: TypeAlias = tuple[str, str, int, str | None, str | None]
"""A clip's model, prompt, seconds, first frame, last frame."""


@dataclass
class Oracle:
    """Everything that was ever made, and what was chosen of it.

    Attributes:
        turns: by what was asked for, of each take how it ends (see `frame_of`).
        chosen: by what was asked for, the number of the take that is used, from 1.
        pins: by shot and profile, what it keeps: what was asked for, and which take.
        drawn: what the last build drew.
        asked: of the last build, by shot, what it asked for.
    """

    turns: defaultdict[Asked, list[int]] = field(default_factory=lambda: defaultdict(list))
    chosen: dict[Asked, int] = field(default_factory=dict)
    pins: dict[tuple[str, str | None], tuple[Asked, int]] = field(default_factory=dict)
    drawn: list[tuple[str, str, str]] = field(default_factory=list)
    asked: dict[str, Asked] = field(default_factory=dict)

    def build(self, film: Film, profile: str | None, weather: str) -> dict[str, list[str]]:
        """Say what is drawn; the clips that each cut then shows."""
        self.drawn, self.asked = [], {}
        made: dict[str, tuple[Asked, int]] = {}

        def make(name: str) -> tuple[Asked, int]:
            if name not in made:
                made[name] = self._made(asks(film.shot(name)), name, profile)
            return made[name]

        def frame(name: str | None) -> str | None:
            if name is None:
                return None
            (_, prompt, _, first, _), take = asked, _ = make(name)
            turn = self.turns[asked][take - 1]
            return frame_of(prompt.partition(" ")[0], first, film.shot(name).seconds, turn)

        def asks(shot: Shot) -> Asked:
            model = "animatic" if profile else shot.model or film.model
            words = shot.words.replace("{{ weather }}", weather)
            before, end = frame(film.before(shot)), frame(shot.end)
            self.asked[shot.id] = (model, f"{shot.look} {words}", shot.seconds, before, end)
            return self.asked[shot.id]

        shown = {cut: [make(name) for name in names] for cut, names in film.shown.items()}
        return {
            cut: [text for text, _ in groupby(self.text(*each) for each in clips)]
            for cut, clips in shown.items()
        }

    def _made(self, asked: Asked, shot: str, profile: str | None) -> tuple[Asked, int]:
        if (shot, profile) in self.pins and asked[0] != "animatic":
            return self.pins[shot, profile]
        if not self.turns[asked]:
            self.turns[asked].append(0)
            self.chosen[asked] = 1
            self.drawn.append((asked[0], asked[1], str(asked[2])))
        return asked, self.chosen[asked]

    def text(self, asked: Asked, number: int) -> str:
        """A take's bytes."""
        return clip(*asked, number, self.turns[asked][number - 1])
