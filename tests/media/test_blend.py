import numpy as np
import pytest

from storyboard.media.blend import mixed, plain


def picture(seed):
    values = np.random.default_rng(seed)
    y, u, v = (values.integers(0, 256, shape, np.uint8) for shape in ((90, 16), (45, 8), (45, 8)))
    return y, u, v


@pytest.mark.parametrize("share", [0, 1 / 24, 1 / 3, 0.5, 23 / 24, 1])
def test_a_mix_is_the_exact_one_rounded(share):
    first, second = picture(1), picture(2)
    for one, other, mix in zip(first, second, mixed(first, second, share), strict=True):
        assert mix.dtype == np.uint8
        assert np.abs(mix - (one * (1 - share) + other * share)).max() <= 0.505


def test_a_picture_goes_into_a_plain_colour():
    shown = picture(3)
    y, u, v = mixed(shown, plain(shown, (81, 90, 240)), 1)
    assert (y == 81).all()
    assert (u == 90).all()
    assert (v == 240).all()
