"""Words on the picture, by what is seen of them."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from cutting import CANVAS, cut_of, flat, make_clip, shot, stitched

from storyboard.letters import LOOKS, Letters
from storyboard.media.container import BadMedia
from storyboard.media.fit import Planes
from storyboard.media.lettering import Lettering, drawn
from storyboard.media.stamp import Stamp
from storyboard.media.typeface import WIDE, Face, font_for, remarks, shapes, wrapped
from storyboard.model import Size
from storyboard.overlays import Overlay

HD = Size(640, 360)
BARE = replace(LOOKS["plain"], shadow=Fraction(0), fade_in=Fraction(0), fade_out=Fraction(0))


def overlay(text: str, position: str = "center", letters: Letters = BARE, **more: int) -> Overlay:
    return Overlay(
        more.get("first", 0),
        more.get("last", 10),
        text,
        position,
        letters,
        fade_in=more.get("up", 0),
        fade_out=more.get("down", 0),
    )


def stamp(text: str, position: str = "center", canvas: Size = HD, **settings: object) -> Stamp:
    made = drawn(overlay(text, position, replace(BARE, **settings)), canvas, None)
    assert made is not None
    return made


def box(made: Stamp) -> tuple[int, int, int, int]:
    """Left, top, right and bottom of what is seen."""
    rows, columns = np.nonzero(made.cover[..., 0] > 0.25)
    return (
        int(made.left + columns.min()),
        int(made.top + rows.min()),
        int(made.left + columns.max() + 1),
        int(made.top + rows.max() + 1),
    )


def grey(level: int, size: Size = HD) -> Planes:
    half = size.height // 2, size.width // 2
    y = np.full((size.height, size.width), level, np.uint8)
    return y, np.full(half, 128, np.uint8), np.full(half, 128, np.uint8)


POSITIONS = {
    "top": (0.5, 0.0), "center": (0.5, 0.5), "bottom": (0.5, 1.0),
    "top-left": (0.0, 0.0), "top-right": (1.0, 0.0),
    "bottom-left": (0.0, 1.0), "bottom-right": (1.0, 1.0),
}  # fmt: skip


class TestPlace:
    @pytest.mark.parametrize("position", POSITIONS)
    @pytest.mark.parametrize("canvas", [HD, Size(360, 640), Size(360, 360)], ids=str)
    def test_words_stand_in_their_place_within_the_safe_area(self, position, canvas):
        left, top, right, bottom = box(stamp("HHH", position, canvas))
        margin = 0.06 * canvas.width, 0.06 * canvas.height
        x, y = POSITIONS[position]
        near = {0.0: left - margin[0], 1.0: canvas.width - margin[0] - right}
        assert abs(near.get(x, (left + right - canvas.width) / 2)) < 4
        # Below the line there is room for the letters that fall below it.
        high = {0.0: top - margin[1], 1.0: canvas.height - margin[1] - bottom}
        assert -2 < high.get(y, (top + bottom - canvas.height) / 2) < 8

    def test_a_lower_third_stands_at_the_left_of_it(self):
        left, top, right, bottom = box(stamp("HHH", "lower-third"))
        assert (left < 45, right < 200, top > 240, bottom < 340) == (True, True, True, True)

    def test_letters_have_the_same_share_of_every_canvas(self):
        heights = [
            bottom - top
            for _, top, _, bottom in (box(stamp("H", canvas=c)) for c in (HD, Size(720, 1280)))
        ]
        assert heights[1] == pytest.approx(heights[0] * 2, abs=2)

    @pytest.mark.parametrize("text", ["Never " * 40, "Donaudampfschifffahrtsgesellschaft" * 2])
    def test_what_does_not_fit_is_broken_or_set_smaller(self, text):
        left, top, right, bottom = box(stamp(text, size=Fraction(12), spacing=Fraction(3)))
        assert (left > 30, top > 15, right < 610, bottom < 345) == (True, True, True, True)


class TestLines:
    def test_lines_are_even(self):
        face = Face(WIDE, 20)
        lines = wrapped("It never goes out, not while I am here", face, 300)
        assert " ".join(lines) == "It never goes out, not while I am here"
        assert len(lines) == 2
        assert min(map(face.length, lines)) > 0.7 * max(map(face.length, lines))

    def test_a_line_break_stays_one(self):
        assert wrapped("Skerry\n1903", Face(WIDE, 20), 500) == ["Skerry", "1903"]

    def test_text_without_spaces_is_broken_between_its_signs(self):
        assert wrapped("灯台守" * 4, Face(WIDE, 20), 130) == ["灯台守" * 2] * 2

    def test_spacing_keeps_marks_on_their_letters(self):
        assert Face(WIDE, 20, spacing=5).length("e\u0301e") == pytest.approx(
            Face(WIDE, 20).length("ee") + 5, abs=0.6
        )


class TestFonts:
    def test_another_font_stands_in_where_letters_are_missing(self):
        assert font_for("Épée, 12 €, Жизнь", None).name.startswith("SourceSans")
        assert font_for("שלום", None) == WIDE

    def test_no_letter_is_missing_in_silence(self):
        told = remarks(None, ["Skerry", "灯台", "Épée"])
        assert list(told) == ["灯台"]
        assert "`灯` (U+706F), `台` (U+53F0)" in told["灯台"][0]

    def test_what_is_no_font_is_told(self, tmp_path):
        (tmp_path / "a.ttf").write_text("<html>")
        with pytest.raises(BadMedia, match="it is no font"):
            remarks(tmp_path / "a.ttf", ["a"])

    @pytest.mark.skipif(not shapes(), reason="Pillow has no libraqm here")
    def test_hebrew_runs_from_right_to_left(self):
        ends = [stamp(text).cover[..., 0].sum(axis=0) for text in ("ווווש", "ש")]
        sheen = np.flatnonzero(ends[1])[[0, -1]]
        wide, line = sheen[1] - sheen[0], np.flatnonzero(ends[0])
        # The last letter, which is wide, stands at the left.
        assert (ends[0][line[0] : line[0] + wide] > 0).mean() > 0.9


class TestLight:
    def test_half_covered_is_half_the_light(self):
        stamps = Stamp(
            0, 0, np.full((2, 2, 3), 0.5, np.float32), np.full((2, 2, 1), 0.5, np.float32)
        )
        y = stamps.lay_on(grey(16, Size(2, 2)), 1.0)[0]
        # Half of white light is level 186 of 255, not 128.
        assert np.unique(y).tolist() == [pytest.approx(16 + 186 * 219 / 255, abs=1)]

    def test_what_is_not_covered_keeps_its_values(self):
        rng = np.random.default_rng(7)
        picture = tuple(rng.integers(16, 235, plane.shape, np.uint8) for plane in grey(0))
        made = stamp("Skerry", shadow=Fraction(1, 2), box="navy")
        laid = made.lay_on(picture, 1.0)
        bare = np.ones(picture[0].shape, bool)
        height, width = made.cover.shape[:2]
        bare[made.top : made.top + height, made.left : made.left + width] = made.cover[..., 0] == 0
        assert np.array_equal(laid[0][bare], picture[0][bare])
        assert not np.array_equal(laid[0], picture[0])

    @pytest.mark.parametrize(("settings", "darker"), [({"shadow": Fraction(1)}, True), ({}, False)])
    def test_a_shadow_darkens_what_is_around(self, settings, darker):
        laid = stamp("Skerry", **settings).lay_on(grey(200), 1.0)
        assert bool((laid[0] < 190).any()) == darker


class TestTime:
    def test_words_are_on_their_frames_exactly(self):
        words = Lettering(cut_of([], overlays=(overlay("HHH", first=3, last=6),), size=HD), {})
        seen = [int(words.lay_on(grey(16), frame)[0].max()) > 200 for frame in range(9)]
        assert seen == [False] * 3 + [True] * 3 + [False] * 3

    def test_they_come_and_go_softly(self):
        words = Lettering(
            cut_of([], overlays=(overlay("HHH", last=12, up=4, down=4),), size=HD), {}
        )
        levels = [int(words.lay_on(grey(16), frame)[0].max()) for frame in range(12)]
        assert levels[:5] == sorted(set(levels[:5]))
        assert levels == levels[::-1]
        assert levels[4:8] == [235] * 4


def test_a_film_has_its_words_and_carries_its_captions(tmp_path: Path) -> None:
    import av

    from storyboard.overlays import Caption, Chapter

    clips = {"a": make_clip(tmp_path / "a.mp4", draw=flat(60))}
    edit = replace(
        cut_of([shot("a"), shot("a")]),
        overlays=(overlay("H", first=12, last=30, letters=replace(BARE, size=Fraction(60))),),
        captions=(Caption(6, 18, "Grüße"), Caption(24, 36, "Two\nlines")),
        chapters=(Chapter(0, "One"), Chapter(24, "Zwei")),
    )
    film = stitched(edit, clips, tmp_path / "film.mp4")
    seen = [picture[CANVAS.height // 2].max() > 200 for picture in film.pictures]
    assert seen == [12 <= frame < 30 for frame in range(48)]
    with av.open(str(film.path)) as file:
        said = [
            (packet.pts * packet.time_base, packet.duration * packet.time_base, bytes(packet)[2:])
            for packet in file.demux(file.streams.subtitles[0])
            if packet.size > 2
        ]
        parts = [(part["start"] * part["time_base"], part["metadata"]) for part in file.chapters()]
    assert said == [
        (Fraction(1, 4), Fraction(1, 2), "Grüße".encode()),
        (Fraction(1), Fraction(1, 2), b"Two\nlines"),
    ]
    assert parts == [(0, {"title": "One"}), (1, {"title": "Zwei"})]
