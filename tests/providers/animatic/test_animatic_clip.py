"""What a drawn clip is: its frames, its first and last picture, its bytes."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from storyboard.digest import digest_file
from storyboard.model import Size
from storyboard.provider import LocalProvider, Prompt, Request
from storyboard.providers.animatic import Animatic


def far(one: np.ndarray, other: np.ndarray) -> float:
    return float(np.abs(one.astype(float) - other.astype(float)).mean())


def rgb(path: Path) -> np.ndarray:
    return np.array(Image.open(path).convert("RGB"))


def test_it_is_a_local_provider():
    assert isinstance(Animatic(), LocalProvider)


def test_kling_lengths_rehearses_klings_lengths():
    models = Animatic().models()
    assert models["animatic"].lengths.covering(Fraction(7)) == 7
    assert models["animatic/kling-lengths"].lengths.covering(Fraction(7)) == 10


@pytest.mark.parametrize(
    ("seconds", "fps", "frames"),
    [(1, 12, 13), (Fraction(1, 2), Fraction(24000, 1001), 13), (Fraction(1, 10), 24, 3)],
)
def test_a_clip_has_one_frame_more_than_its_length(draw, seconds, fps, frames):
    assert len(draw("a boat at sea", seconds=seconds, fps=fps).frames) == frames


def test_a_shot_starts_with_exactly_the_given_picture(draw, picture):
    clip = draw("slow push in on the boat", first_frame=picture)
    assert far(clip.frames[0], rgb(picture)) < 1.5


def test_a_picture_of_another_shape_is_cut_to_cover_the_canvas(draw, tmp_path):
    tall = tmp_path / "tall.png"
    pixels = np.zeros((400, 200, 3), np.uint8)
    pixels[140:260] = (0, 200, 0)
    Image.fromarray(pixels).save(tall)
    clip = draw("hold", first_frame=tall)
    assert clip.frames[0][..., 1].min() > 150


def test_a_shot_ends_with_exactly_the_last_picture(draw, picture, edge):
    clip = draw("push in, pan left", first_frame=picture, last_frame=edge)
    assert far(clip.frames[-1], rgb(edge)) < 1.5
    assert far(clip.frames[0], rgb(picture)) < 1.5
    steps = [far(a, b) for a, b in zip(clip.frames[5:], clip.frames[6:], strict=False)]
    assert max(steps) < far(clip.frames[0], clip.frames[-1]) / 2, "it goes over in several frames"


def test_hold_keeps_the_picture_still(draw, picture):
    clip = draw("He waits. Hold.", first_frame=picture)
    assert far(clip.frames[0], clip.frames[-1]) < 0.3


def test_a_chain_of_holds_keeps_its_colours(draw, picture, tmp_path):
    frame = picture
    for hop in range(20):
        clip = draw("hold", first_frame=frame, seconds=Fraction(1, 4))
        frame = tmp_path / f"hop-{hop}.png"
        Image.fromarray(clip.frames[-1]).save(frame)
    shift = rgb(frame).reshape(-1, 3).mean(0) - rgb(picture).reshape(-1, 3).mean(0)
    assert np.abs(shift).max() <= 1


def test_other_words_leave_the_hand_over_frame_of_a_chained_shot_as_it_was(draw, picture):
    one = draw("the keeper looks up, slow push in", first_frame=picture)
    other = draw("slow push in; the gull has gone", first_frame=picture)
    assert np.array_equal(one.frames[-1], other.frames[-1])
    assert digest_file(one.path) != digest_file(other.path), "the caption differs"


def test_another_movement_changes_the_hand_over_frame(draw, picture):
    one = draw("the keeper looks up, push in", first_frame=picture)
    other = draw("the keeper looks up, pull back", first_frame=picture)
    assert far(one.frames[-1], other.frames[-1]) > 2


def test_words_stand_on_neither_the_first_nor_the_last_frame(draw, picture):
    clip = draw("An old keeper climbs the stair. Hold.", first_frame=picture)
    changed = [far(frame, clip.frames[0]) for frame in clip.frames]
    assert changed[-1] < 0.3
    assert changed[6] > 5
    assert changed[0] < changed[1] < changed[2], "they fade in"
    assert changed[-1] < changed[-2] < changed[-3], "and out"


def test_the_same_request_gives_the_same_bytes(draw):
    one, other = (draw("neon street at night, rain, a car, handheld") for _ in range(2))
    assert digest_file(one.path) == digest_file(other.path)


def test_different_prompts_look_different(draw):
    prompts = ["the sea at dawn", "neon street at night", "a forest in autumn", "hope", "despair"]
    firsts = [draw(prompt, seconds=Fraction(1, 4)).frames[0] for prompt in prompts]
    for index, one in enumerate(firsts):
        for other in firsts[index + 1 :]:
            assert far(one, other) > 6


def test_related_prompts_look_related(draw):
    day, same, night = (
        draw(prompt, seconds=Fraction(1, 4)).frames[0].reshape(-1, 3).mean(0)
        for prompt in ("a boat at noon", "two boats at noon", "a boat at midnight")
    )
    assert np.abs(day - same).max() < np.abs(day - night).max() / 3


@pytest.mark.parametrize("size", [Size(108, 192), Size(128, 128), Size(32, 18)])
def test_any_canvas_can_be_drawn_on(draw, size):
    clip = draw("a lighthouse, pull back, and many more words than fit", size=size)
    assert clip.frames.shape[1:] == (size.height, size.width, 3)
    assert clip.frames[0].std() > 5


@pytest.mark.parametrize(
    "text", ["灯台守が階段を上る", "Смотритель поднимается", "café — naïve 🎬", "x" * 500]
)
def test_any_script_can_be_a_prompt(draw, text):
    assert len(draw(text, seconds=Fraction(1, 2)).frames) == 7


def test_progress_goes_from_nothing_to_all(tmp_path):
    told: list[float] = []
    request = Request(
        model="animatic",
        prompts=(Prompt("hold", Fraction(1)),),
        duration=Fraction(1),
        size=Size(64, 36),
        fps=Fraction(12),
    )
    Animatic().draw(request, {}, tmp_path / "clip.mp4", told.append)
    assert told == sorted(told)
    assert (told[0], told[-1]) == (0, 1)


def test_an_interruption_leaves_no_clip(tmp_path):
    def interrupt(done: float) -> None:
        if done > 0.3:
            raise KeyboardInterrupt

    request = Request(
        model="animatic",
        prompts=(Prompt("pan left", Fraction(2)),),
        duration=Fraction(2),
        size=Size(64, 36),
        fps=Fraction(12),
    )
    with pytest.raises(KeyboardInterrupt):
        Animatic().draw(request, {}, tmp_path / "clip.mp4", interrupt)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there_is_an_os_error(tmp_path):
    request = Request(
        model="animatic", prompts=(), duration=Fraction(1), size=Size(64, 36), fps=Fraction(12)
    )
    with pytest.raises(OSError, match="gone"):
        Animatic().draw(request, {}, tmp_path / "gone" / "clip.mp4", lambda done: None)


def test_a_still_carries_no_words(draw, picture):
    clip = draw(first_frame=picture, move="none")
    assert max(far(frame, clip.frames[0]) for frame in clip.frames) < 0.5


def test_a_colour_is_a_still(draw):
    clip = draw(color="#102030", move="push-in")
    assert np.abs(clip.frames.reshape(-1, 3).mean(0) - (0x10, 0x20, 0x30)).max() < 2.5


def test_a_still_that_cannot_move_so_says_how_it_can(draw, picture):
    with pytest.raises(ValueError, match="pan-left"):
        draw(first_frame=picture, move="jump")


def test_a_motion_video_is_shown_in_a_corner_and_not_handed_on(draw, picture, tmp_path):
    video = draw(color="#ff2020", move="none", size=Size(64, 36), seconds=Fraction(1, 2)).path
    clip = draw("hold", first_frame=picture, motion=video)
    corner = clip.frames[6][16:32, 150:170]
    assert corner[..., 0].mean() > 200
    assert corner[..., 1].mean() < 80
    assert far(clip.frames[-1], rgb(picture)) < 1.5


def test_words_false_leaves_the_picture_without_words(draw, picture):
    written, plain = (draw("Hold.", first_frame=picture, words=words) for words in (True, False))
    assert far(plain.frames[0], plain.frames[6]) < 1
    assert far(written.frames[0], written.frames[6]) > 3
