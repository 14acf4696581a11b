"""Texts of names alone are rendered without Jinja: just as Jinja renders them."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from storyboard.language.expressions import ExpressionError
from storyboard.language.jinja import Jinja
from storyboard.language.texts import Texts

NAMES = {"keeper": "an old keeper", "n": 3, "dark": False, "gone": None, "list": [1, "a"]}
PARTS = [
    "fog ", "}}", "{{", "'", "{{ keeper }}", "{{n}}", "{{ dark }}", "{{ gone }}", "{{ list }}",
    "{{ nobody }}", "{{ range }}", "{{ n + 1 }}", "{{ not }}", "{{ keeper | upper }}", "{% if n %}",
    "{% endif %}", "{# a note #}",
]  # fmt: skip


def said(renders: Jinja | Texts, what: str, text: str) -> object:
    try:
        if what == "render":
            return renders.render(text, {**renders.globals, **NAMES})
        return [(each.kind, each.message, each.start) for each in renders.unreadable(text)]
    except ExpressionError as error:
        return error.kind, error.message, error.start, error.end, error.help


@settings(deadline=None, max_examples=60)
@given(st.lists(st.sampled_from(PARTS), max_size=4).map("".join))
def test_a_text_is_what_jinja_makes_of_it(text: str) -> None:
    for what in ("render", "unreadable"):
        assert said(Texts(), what, text) == said(Jinja(), what, text)
