"""A cut laid out before anything of it is made: enough to say what is seen and heard when."""

from __future__ import annotations

from fractions import Fraction

from storyboard.assets import Assets
from storyboard.model import Cut, Seconds, Shot
from storyboard.timeline import Edit, Take, lay_out


def can_be_laid_out(cut: Cut, assets: Assets) -> bool:
    """Whether the cut can be laid out: shots with lengths, trims that leave something."""
    lengths = [(seen, cut.shots.get(seen.shot)) for seen in cut.order]
    return bool(lengths) and all(
        shot is not None
        and ((seen.trim or shot.trim).end or length_of(shot, assets))
        - (seen.trim or shot.trim).start
        > 0
        for seen, shot in lengths
    )


def laid_out(cut: Cut, assets: Assets) -> Edit:
    """The cut's shots in their places; their clips do not matter here."""
    shots = [(cut.shots[seen.shot], seen.trim) for seen in cut.order]
    takes = [
        Take(
            shot=shot.id,
            scene=shot.scene,
            pieces=(),
            duration=length_of(shot, assets),
            trim=trim or shot.trim,
            transition=shot.transition,
            fit="pad",
            focus=shot.focus,
        )
        for shot, trim in shots
    ]
    return Edit(size=cut.size, fps=cut.fps, events=lay_out(takes, cut.fps))


def length_of(shot: Shot, assets: Assets) -> Seconds:
    """How long a shot is: its duration, or that of its footage."""
    if shot.duration is not None:
        return shot.duration
    asset = assets.get((shot.clip or "", "video"))
    return (asset.duration if asset else None) or Fraction(0)
