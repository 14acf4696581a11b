"""Storyboards of any length, of the density that people write: about 570 bytes a shot."""

from __future__ import annotations

_HEAD = """\
version: 1
title: Bench
size: 1280x720
vars:
  keeper: an old keeper in a navy oilskin coat
  light: soft dawn
defaults:
  model: animatic
  duration: 5
  style: 35 mm film, muted colour
templates:
  closeup:
    params:
      subject: {}
      light: {default: soft dawn, enum: [soft dawn, hard noon]}
    shot:
      prompt: "Extreme close-up of {{ subject }}, {{ light }}, 85 mm lens"
scenes:
"""
_SHOT = """\
      - id: shot-{n}
        # the keeper goes on, {n}
        prompt: "{{{{ keeper }}}} climbs the spiral stair, lantern in hand, step {n}, slow push in, wind outside, {{{{ light }}}}, rain on the windows, and far below the sea breaking on the rocks of the cape"
        duration: 5
        negative_prompt: blurry, watermark, extra fingers, low quality, distorted, text, logo, signature
        options:
          fal: {{cfg: 0.5}}
        notes: >-
          written for the director, to be looked at again before the shoot of day {n}
          the light must fall from the left and the lens must be clean
"""
_CLOSEUP = """\
      - id: shot-{n}
        template: closeup
        with: {{subject: the great lamp number {n}}}
        notes: written for the director, to be looked at again before the shoot of day {n}; the light must fall from the left and the lens must be clean, as we agreed in the meeting
        duration: 5
        negative_prompt: blurry, watermark, extra fingers, low quality, distorted, text, logo, signature
"""
_CHAIN = 10


def film(shots: int) -> str:
    """A storyboard of scenes of ten chained shots; every fifth shot is from a template."""
    parts = [_HEAD]
    for number in range(shots):
        if number % _CHAIN == 0:
            parts.append(f"  - id: scene-{number // _CHAIN}\n    shots:\n")
        parts.append((_CLOSEUP if number % 5 == 4 else _SHOT).format(n=number))
    return "".join(parts)
