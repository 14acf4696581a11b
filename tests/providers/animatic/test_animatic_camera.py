"""The camera: what words mean, which way it goes, how smoothly."""

from __future__ import annotations

import numpy as np
import pytest

from storyboard.providers.animatic.camera import HOLD, MOVES, QUIET, follow, read_movement


@pytest.mark.parametrize(
    ("prompt", "name"),
    [
        ("slow push in on the lamp", "push in"),
        ("Dolly in, the lamp glows", "push in"),
        ("the camera moves closer", "push in"),
        ("camera closes in on her", "push in"),
        ("The camera pulls back to reveal the bay", "pull back"),
        ("dolly out", "pull back"),
        ("zoom out slowly", "zoom out"),
        ("pan left across the sea", "pan left"),
        ("slow pan to the left", "pan left"),
        ("the shot pans right", "pan right"),
        ("tilt up to the sky", "tilt up"),
        ("tilting slowly down", "tilt down"),
        ("truck left past the shelves", "track left"),
        ("tracking shot left", "track left"),
        ("the camera moves slowly to the left", "track left"),
        ("camera tracks to the right", "track right"),
        ("panning shot left", "pan left"),
        ("pan-right over the roofs", "pan right"),
        ("the camera moves up", "tilt up"),
        ("pans down to the street", "tilt down"),
        ("crane up over the roofs", "crane up"),
        ("a drone rises over the roofs", "crane up"),
        ("the camera drifts right", "drift right"),
        ("orbit around the statue", "orbit right"),
        ("handheld, push in", "handheld + push in"),
        ("whip pan left", "whip pan left"),
        ("wide shot, static", "hold"),
        ("Locked-off shot of the sea", "hold"),
        ("The keeper waits. Hold.", "hold"),
        ("hold on her face", "hold"),
    ],
)
def test_words_of_movement(prompt, name):
    assert read_movement(prompt).name == name


@pytest.mark.parametrize(
    "prompt",
    [
        "a man holds a lantern",
        "he holds his breath",
        "a frying pan on the stove",
        "a truck on the road",
        "train tracks in snow",
        "a crane stands in the harbour",
        "Extreme close-up of the lamp",
        "he pushes in the door",
        "he stands still",
        "",
    ],
)
def test_other_words_do_not_move_the_camera(prompt):
    assert read_movement(prompt) == QUIET


def test_a_slow_move_is_gentler_and_a_quick_one_goes_further():
    slow, plain, quick = (read_movement(f"{pace}push in").zoom for pace in ("slow ", "", "quick "))
    assert slow < plain < quick


def test_longer_shots_go_further_but_never_far():
    ends = [follow(MOVES["push-in"], seconds, 10)[-1].scale for seconds in (2, 5, 10, 60, 600)]
    assert ends == sorted(ends, reverse=True)
    assert 0.88 < ends[1] < 0.92, "five seconds: about a tenth"
    assert ends[-1] > 0.8


def test_it_starts_on_the_canvas_and_starts_and_stops_softly():
    views = follow(MOVES["pan-right"], 5, 121)
    assert (views[0].x, views[0].y, views[0].scale) == (0, 0, 1)
    steps = np.diff([view.x for view in views])
    assert (steps >= 0).all()
    assert steps[0] < steps.max() / 20
    assert steps[-1] < steps.max() / 20


def test_hold_is_still():
    assert all(view.scale == 1 and view.x == view.y == 0 for view in follow(HOLD, 5, 10))


def edge_at(luma: np.ndarray) -> np.ndarray:
    """Where the edge between dark and light stands, in pixels, frame by frame."""
    row = luma[:, 40:70].mean(1)
    low, high = row[:, 4:12].mean(1, keepdims=True), row[:, -12:-4].mean(1, keepdims=True)
    return ((high - row) / (high - low))[:, 8:-8].clip(-0.2, 1.2).sum(1)


@pytest.mark.parametrize(("move", "way"), [("pan-left", 1), ("pan-right", -1)])
def test_a_pan_moves_the_picture_the_other_way(draw, edge, move, way):
    places = edge_at(draw(first_frame=edge, move=move, seconds=2).luma)
    assert (places[-1] - places[0]) * way > 5


def test_a_tilt_up_moves_the_picture_down(draw, edge, tmp_path):
    from PIL import Image

    sideways = tmp_path / "level.png"
    Image.open(edge).transpose(Image.Transpose.ROTATE_270).resize((192, 108)).save(sideways)
    luma = draw(first_frame=sideways, move="tilt-up", seconds=2).luma
    dark = (luma[:, 20:-20, 60:130] < 120).mean((1, 2))
    assert dark[-1] > dark[0] + 0.03


def test_a_push_in_spreads_the_picture_and_a_pull_back_gathers_it(draw, tmp_path):
    from PIL import Image

    bar = np.full((108, 192, 3), 200, np.uint8)
    bar[:, 66:126] = 40
    path = tmp_path / "bar.png"
    Image.fromarray(bar).save(path)
    for move, way in (("push-in", 1), ("pull-back", -1)):
        luma = draw(first_frame=path, move=move, seconds=2).luma
        dark = (luma[:, 20:-20] < 120).mean((1, 2))
        assert (dark[-1] - dark[0]) * way > 0.008


def test_an_edge_moves_without_jitter(draw, edge):
    places = edge_at(draw(first_frame=edge, move="pan-left", seconds=2).luma)
    expected = 192 * -np.array([view.x for view in follow(MOVES["pan-left"], 2, 25)])
    off = places - places[0] - expected
    assert np.abs(off).max() < 0.25
