"""`loudness`: of the storyboard, or of a cut."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from storyboard.model import Loudness
from storyboard.pipeline import Choices, compile_film, diagnose

SHOTS = "version: 1\nshots: [{id: a, prompt: x}]\n"


def film(folder: Path, text: str) -> Path:
    (folder / "storyboard.yaml").write_text(SHOTS + text, encoding="utf-8")
    return folder / "storyboard.yaml"


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("", Loudness(None, Fraction(-1))),
        ("loudness: -14", Loudness(Fraction(-14), Fraction(-1))),
        ("loudness: {target: -23.5}", Loudness(Fraction("-23.5"), Fraction(-1))),
        ("loudness: {target: -23, true_peak: -2}", Loudness(Fraction(-23), Fraction(-2))),
        ("loudness: {true_peak: 0}", Loudness(None, Fraction(0))),
        ('vars: {web: -14}\nloudness: "{{ web }}"', Loudness(Fraction(-14), Fraction(-1))),
        ("loudness: -14\ncuts: [{id: main, loudness: -23}]", Loudness(Fraction(-23))),
        ("loudness: -14\ncuts: [{id: main}]", Loudness(Fraction(-14))),
        ("loudness: -14\ncuts: [{id: main, loudness: {}}]", Loudness()),
    ],
)
def test_what_is_meant(written: str, meant: Loudness, tmp_path: Path) -> None:
    (cut,) = compile_film(film(tmp_path, written), Choices()).storyboard.cuts
    assert cut.loudness == meant


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("loudness: 14", "`loudness` must be LUFS from -40 to -5, and is 14."),
        ("loudness: {true_peak: 1}", "`true_peak` must be dBTP from -20 to 0, and is 1."),
        ("loudness: loud", "`loudness` must be a mapping, not the text `loud`."),
        ("loudness: {targt: -14}", "`loudness` has no field `targt`."),
    ],
)
def test_what_is_not(written: str, said: str, tmp_path: Path) -> None:
    messages = [each.message for each in diagnose(film(tmp_path, written), Choices())[0]]
    assert messages == [said]
