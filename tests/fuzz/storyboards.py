"""Storyboards that have gone wrong: the corpus and the examples, mutated."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import Final

ROOT = Path(__file__).parents[2]
# These reach the limits of a whole storyboard, which takes a second by design.
AT_THE_LIMIT = ("loop-in-a-loop", "jinja-endless-in-all")
_DULL = b"\x00\x01\x07\x1b\x7f\x80\xbf\xc3\xed\xa0\x80\xef\xbb\xbf\xff\xfe"
WORDS: Final = [
    word.encode()
    for word in (
        "{{", "}}", "{%", "%}", "{{ item }}", "{{ x }}", "{{ 9**9**9 }}", "{{ 'x' * 10**9 }}",
        "{% for i in range(10**9) %}", "{% endfor %}", "{{ range(10**12) }}", "{{ self }}",
        "{{ [1]|first.x }}", "{{ ''.join([[]]*3) }}", "&a ", "*a", "<<: *a", "!!int ", "!x ", "? ", ": ",
        "- ", "[", "]", "{", "}", "'", '"', "|\n", ">-\n", "#", " #x", "\t", "\r\n", "---\n", "...\n",
        "null", "~", "true", "yes", "1e999", "-.inf", ".nan", "0x" + "f" * 40, "9" * 400, "1_000",
        "for_each: ", "matrix: ", "when: ", "template: ", "with: ", "extends: ", "chain: ", "trim: ",
        "first_frame: ", "last_frame: ", "{shot: a}", "{shot: a, at: -1}", "cuts: ", "vars: ", "use: ",
        "file: ", "storyboard.yaml", "//", "../", "https://", "transition: {crossfade: 1e9}", "id: ",
        "duration: 1e-300", "fps: 0.0001", "size: 99999x2", "version: 1", "params: ", "items: ", "pattern: '('",
        "minimum: .inf", "enum: []", "\u2028", "\ud7ff", "\u0085", "🌊", "é́",
    )
]  # fmt: skip


def texts() -> list[bytes]:
    """What mutation starts from."""
    folders = (ROOT / "tests" / "golden" / "diagnostics", ROOT / "examples", ROOT / "templates")
    found = sorted(path for folder in folders for path in folder.rglob("*.yaml"))
    return [
        data
        for path in found
        if path.parent.name not in AT_THE_LIMIT and 0 < len(data := path.read_bytes()) < 20_000
    ]


def mutated(chance: random.Random, seeds: list[bytes]) -> bytes:
    """One text, changed in a few places."""
    data = chance.choice(seeds)
    for _ in range(chance.choice((1, 1, 2, 3, 5, 9))):
        data = chance.choice(_MUTATIONS)(data, chance, seeds)
    return data[:60_000]


def _at(data: bytes, chance: random.Random) -> int:
    return chance.randrange(len(data) + 1)


def _insert(data: bytes, chance: random.Random, _: list[bytes]) -> bytes:
    at = _at(data, chance)
    return data[:at] + chance.choice(WORDS) + data[at:]


def _byte(data: bytes, chance: random.Random, _: list[bytes]) -> bytes:
    at = _at(data, chance)
    return data[:at] + bytes([chance.choice(_DULL)]) + data[at + chance.randrange(2) :]


def _char(data: bytes, chance: random.Random, _: list[bytes]) -> bytes:
    at = _at(data, chance)
    return data[:at] + bytes([chance.randrange(32, 127)]) + data[at + 1 :]


def _cut(data: bytes, chance: random.Random, _: list[bytes]) -> bytes:
    at = _at(data, chance)
    return data[:at] + data[at + chance.choice((1, 1, 2, 5, 40)) :]


def _truncate(data: bytes, chance: random.Random, _: list[bytes]) -> bytes:
    return data[: _at(data, chance)]


def _lines(data: bytes, chance: random.Random, seeds: list[bytes]) -> bytes:
    lines, others = data.split(b"\n"), chance.choice(seeds).split(b"\n")
    at = chance.randrange(len(lines))
    match chance.randrange(5):
        case 0:
            del lines[at]
        case 1:
            lines.insert(at, lines[chance.randrange(len(lines))])
        case 2:
            lines.insert(at, chance.choice(others))
        case 3:
            lines[at] = b" " * chance.randrange(6) + lines[at].lstrip()
        case _:
            end = at + chance.randrange(12)
            lines[at:end] = others[chance.randrange(len(others)) :][:12]
    return b"\n".join(lines)


def _word(data: bytes, chance: random.Random, seeds: list[bytes]) -> bytes:
    """A word for another: what changes names and values."""
    words, others = data.split(b" "), chance.choice(seeds).split(b" ")
    words[chance.randrange(len(words))] = chance.choice([*others, *WORDS])
    return b" ".join(words)


def _repeat(data: bytes, chance: random.Random, _: list[bytes]) -> bytes:
    at = _at(data, chance)
    part = data[at : at + chance.choice((1, 2, 8, 60))]
    return data[:at] + part * chance.choice((2, 70, 400)) + data[at:]


_MUTATIONS: Final[tuple[Callable[[bytes, random.Random, list[bytes]], bytes], ...]] = (
    _insert, _insert, _byte, _char, _char, _cut, _truncate, _lines, _lines, _word, _word, _repeat,
)  # fmt: skip
