"""A lock's text as the facts in it, with every problem: damaged lines, conflicts, choices that contradict each other."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import PurePath
from typing import TypeAlias

from storyboard.collector import paused
from storyboard.diagnostics import Code, Diagnostic
from storyboard.facts import LOCK_VERSION, identity_in, place_in, written, wrong_in
from storyboard.lock import TAKE, Line, Lock, indexed
from storyboard.source import Plain, Source, Span, Via

_MARKER = re.compile(r"(<{7}|\|{7}|={7}|>{7})( |$)")

Read: TypeAlias = tuple[Lock, tuple[Diagnostic, ...]]


def read_lock(text: str, name: str) -> Read:
    """A lock's text as its facts, with every problem in it. Pure.

    Args:
        text: of the file, or of one of its revisions.
        name: what messages call it.
    """
    with paused():
        return _read_lock(Source(name, text.removeprefix("\ufeff")))


def sound_lock(text: str) -> Lock:
    """The facts of a text in which `read_lock` has found nothing wrong before.

    What its lines say is read line by line, when it is asked for.
    """
    facts: dict[str, Line] = {}
    with paused():
        for whole in text.removeprefix("\ufeff").split("\n"):
            each = whole.rstrip("\r ")
            if each.startswith(TAKE):
                facts[each] = Line(each)
            elif each and not _MARKER.match(each):
                fact = json.loads(each)
                if fact.get("lock") != "storyboard" and fact.keys() != {"shot"}:
                    facts[each] = Line(each, fact)
        return indexed(facts.values())


def _read_lock(source: Source) -> Read:
    lines: dict[str, Line] = {}
    places: dict[str, Span] = {}
    problems: list[Diagnostic] = []
    begun = False
    for span, text in _spans(source):
        if _MARKER.match(text):
            if text.startswith("<"):
                problems.append(_conflict(span))
            continue
        try:
            data = json.loads(text)
        except ValueError:
            data = None
        if isinstance(data, dict) and data.get("lock") == "storyboard":
            begun = True
            if data.get("version") != LOCK_VERSION:
                return Lock(), (_later(span, data.get("version")),)
            continue
        if not (begun or problems):
            problems.append(_damaged(span, "a lock begins with a line that says its version"))
            begun = True
        if isinstance(data, dict) and data.keys() == {"shot"}:
            continue
        wrong = _wrong(data)
        if wrong:
            problems.append(_damaged(span, wrong))
        elif text not in lines:
            lines[text] = Line(text, data)
            places[text] = span
    lock = indexed(lines.values())
    problems += _at_odds(lock, places)
    return lock, tuple(problems)


def _spans(source: Source) -> Iterator[tuple[Span, str]]:
    """The lines that are not empty, each with its place."""
    start = 0
    for line in source.text.split("\n"):
        text = line.rstrip("\r ")
        if text:
            yield Span(source, start, start + len(text)), text
        start += len(line) + 1


def _wrong(data: object) -> str | None:
    if not isinstance(data, dict) or len(data) != 1:
        return "it is no fact of a lock"
    ((kind, fields),) = data.items()
    return wrong_in(kind, fields)


def _at_odds(lock: Lock, places: Mapping[str, Span]) -> Iterator[Diagnostic]:
    """Selections and pins that contradict each other, or name what is not there."""
    first: dict[object, Line] = {}
    for line in lock.lines:
        if line.kind not in {"select", "pin"}:
            continue
        select = line.kind == "select"
        about: object = line.fields["key"] if select else place_in(line.fields)
        before = first.setdefault(about, line)
        if identity_in(before.fields) != identity_in(line.fields):
            yield _two(before, line, places)
        elif lock.take(identity_in(line.fields)) is None:
            yield Diagnostic(
                Code.LOCK_LOST_TAKE,
                f"This {'selection' if select else 'pin'} of shot `{line.fields['shot']}` names a"
                f" take ({line.fields['clip'][:8]}) that is not in the lock.",
                places[line.text],
                "Take back the line of the take from git's history, or remove this line.",
            )


def _two(before: Line, line: Line, places: Mapping[str, Span]) -> Diagnostic:
    shot, here, there = line.fields["shot"], places[line.text], places[before.text]
    what = "selections for one key" if line.kind == "select" else "pins of one place"
    clips = f"{before.fields['clip'][:8]} on line {there.begins[0]}, {line.fields['clip'][:8]} on line {here.begins[0]}"
    return Diagnostic(
        Code.LOCK_TWO_CHOICES,
        f"There are two {what}, of shot `{shot}`: {clips}.",
        here,
        f"Remove the line of the one that is not meant; `storyboard takes {shot}` shows both afterwards.",
        Via("the other", there),
    )


def _conflict(span: Span) -> Diagnostic:
    return Diagnostic(
        Code.LOCK_CONFLICT,
        "A merge of the lock left a conflict here.",
        span,
        "Remove the lines of the markers, `<<<<<<<`, `=======` and `>>>>>>>`, and keep the lines"
        f" of both sides. `{PurePath(span.file).name} merge=union` in .gitattributes has git do that.",
    )


def _damaged(span: Span, why: str) -> Diagnostic:
    return Diagnostic(
        Code.LOCK_DAMAGED,
        f"This line of the lock is damaged: {why}.",
        span,
        "Take the line back from git's history: `git log -p` of the file has it. Nothing is built"
        " with a damaged lock, so that nothing is paid for twice.",
    )


def _later(span: Span, version: Plain) -> Diagnostic:
    return Diagnostic(
        Code.LOCK_LATER,
        f"The lock is of version {written(version)}; this release reads version {LOCK_VERSION}.",
        span,
        "Install a later release of storyboard: the lock was written by one.",
    )
