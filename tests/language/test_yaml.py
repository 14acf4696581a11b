"""Files are read as YAML 1.2's core has it, and every value knows its place."""

from __future__ import annotations

import codecs
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from storyboard.language.decoding import decode
from storyboard.language.scalars import part
from storyboard.language.yaml import read
from storyboard.source import Node, Source, Span


def node_of(text: str) -> Node:
    root, problems = read(Source("film.yaml", text))
    assert problems == []
    assert root is not None
    return root


def written(span: Span) -> str:
    return span.source.text[span.start : span.end]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("true", True),
        ("False", False),
        ("yes", "yes"),
        ("on", "on"),
        ("off", "off"),
        ("No", "No"),
        ("null", None),
        ("~", None),
        ("", None),
        ("nothing", "nothing"),
        ("12", 12),
        ("-7", -7),
        ("012", 12),
        ("0o17", 15),
        ("0x1F", 31),
        ("1_000", "1_000"),
        ("12:30", "12:30"),
        ("1:30:00", "1:30:00"),
        ("16:9", "16:9"),
        ("2024-05-01", "2024-05-01"),
        ("2.5", 2.5),
        (".5", 0.5),
        ("1e3", 1000.0),
        ("1.", 1.0),
        ("'12'", "12"),
        ('"true"', "true"),
        ("!!str 12", "12"),
        ("12 mm", "12 mm"),
        ("0b11", "0b11"),
    ],
)
def test_a_scalar_is_what_yaml_1_2_says(text: str, value: Any) -> None:
    node = node_of(f"key: {text}\n").items["key"]
    assert node.value == value
    assert type(node.value) is type(value)


@pytest.mark.parametrize("text", ["off", "01", "9:16", "1234567890123456789", "1.50", "0x1F", "~x"])
def test_where_text_is_wanted_a_scalar_is_taken_as_it_is_written(text: str) -> None:
    assert node_of(f"key: {text}\n").items["key"].text == text


def test_a_key_and_its_value_know_their_places() -> None:
    text = (
        "shots:\n  - id: a\n    prompt: >-\n      the sea\n      and rain\n    trim: {start: 1}\n"
    )
    shot = node_of(text).items["shots"].elements[0]
    prompt = shot.items["prompt"]
    assert prompt.key is not None
    assert written(prompt.key) == "prompt"
    assert prompt.key.begins == (3, 5)
    assert written(prompt.span).startswith(">-")
    assert written(shot.items["trim"].items["start"].span) == "1"
    assert shot.items["trim"].items["start"].span.begins == (6, 19)


def test_a_value_of_an_anchor_stands_where_it_is_written() -> None:
    root = node_of("x-look: &look {lens: 85}\na: *look\nb:\n  <<: *look\n  fit: crop\n")
    assert root.items["a"].items["lens"].span.begins == (1, 22)
    assert root.items["b"].items["lens"].span.begins == (1, 22)
    assert root.items["b"].plain() == {"fit": "crop", "lens": 85}


def test_what_a_mapping_says_itself_wins_over_what_it_merges() -> None:
    text = "x-a: &a {one: 1, two: 2}\nx-b: &b {two: 3, three: 3}\nc:\n  two: own\n  <<: [*a, *b]\n"
    assert node_of(text).items["c"].plain() == {"two": "own", "one": 1, "three": 3}


def test_an_anchor_or_a_tag_is_no_part_of_its_value() -> None:
    node = node_of('a: &name "the {{ sea }}"\nb: !!str &other 12\n')
    assert written(node.items["a"].span) == '"the {{ sea }}"'
    assert written(node.items["b"].span) == "12"


@pytest.mark.parametrize(
    ("mark", "encoding"),
    [
        (b"", "utf-8"),
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
        (codecs.BOM_UTF32_LE, "utf-32-le"),
    ],
)
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_encodings_and_line_ends_change_neither_text_nor_place(
    mark: bytes, encoding: str, line_end: str
) -> None:
    text = line_end.join(["title: 灯台 🌊", "shots:", "  - prompt: |", "      é", "      sea", ""])
    source, problems = decode(mark + text.encode(encoding), "film.yaml")
    root, more = read(source)
    assert problems + more == []
    assert root is not None
    assert root.items["title"].text == "灯台 🌊"
    prompt = root.items["shots"].elements[0].items["prompt"]
    assert prompt.text == "é\nsea\n"
    assert part(prompt, 2, 5).begins == (5, 7)


def test_unquoted_braces_are_taken_for_the_text_that_was_meant() -> None:
    root, problems = read(Source("film.yaml", "prompt: {{ keeper.name | upper }}\nfit: crop\n"))
    assert root is not None
    assert root.items["prompt"].text == "{{ keeper.name | upper }}"
    assert root.items["fit"].value == "crop"
    assert [item.code.number for item in problems] == ["SB210"]


# What PyYAML itself can write and read back; it writes other line breaks than `\n` as escapes.
_TEXT = st.text(
    st.characters(
        codec="utf-8",
        exclude_categories=("Cs", "Cc"),
        include_characters="\n\t",
        exclude_characters="\u0085\u2028\u2029\ufeff\ufffe\uffff",
    ),
    min_size=1,
    max_size=80,
) | st.text("ab '\"\\{}:#\n", min_size=1, max_size=60)


@given(_TEXT, st.sampled_from([None, "'", '"', "|", ">"]), st.booleans(), st.integers(20, 90))
def test_every_character_of_a_scalar_is_found_again(
    text: str, style: str | None, unicode: bool, width: int
) -> None:
    dumped = yaml.dump(
        {"list": [{"key": text}]}, default_style=style, allow_unicode=unicode, width=width
    )
    source = Source("film.yaml", dumped)
    root, problems = read(source)
    assert problems == []
    assert root is not None
    (node,) = (entry for entry in root.items["list"].elements[0].items.values())
    assert node.text == text
    style = written(node.span)[0]
    for number, char in enumerate(text):
        if char in " \t\n":
            continue
        found = part(node, number, number + 1)
        at = written(found)[:1]
        escaped = style == '"' and at == "\\"
        assert at == char or escaped
        if escaped:
            assert yaml.safe_load(f'"{_escape(dumped, found.start)}"') == char


def _escape(text: str, at: int) -> str:
    length = {"x": 4, "u": 6, "U": 10}.get(text[at + 1], 2)
    return text[at : at + length]
