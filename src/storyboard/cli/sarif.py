"""Diagnostics for other tools: SARIF for code scanning, annotations for GitHub's workflows."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import PurePath
from typing import Final
from urllib.parse import quote

from storyboard import __version__
from storyboard.cli.explained import sections
from storyboard.diagnostics import Code, Diagnostic
from storyboard.source import Plain, Span, Via

SCHEMA: Final = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)


def sarif(diagnostics: Iterable[Diagnostic]) -> dict[str, Plain]:
    """A SARIF 2.1.0 log of one run, with a rule for each code that was told.

    Places are relative to the working directory, columns count characters.

    Args:
        diagnostics: as `check` gives them.
    """
    found = list(diagnostics)
    codes = sorted({item.code for item in found}, key=lambda code: code.number)
    rules: list[Plain] = [_rule(code) for code in codes]
    driver: dict[str, Plain] = {
        "name": "storyboard",
        "semanticVersion": __version__,
        "rules": rules,
    }
    results: list[Plain] = [_result(item, codes.index(item.code)) for item in found]
    run: dict[str, Plain] = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": results,
    }
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _rule(code: Code) -> dict[str, Plain]:
    text = sections()[code.number].split("\n", 2)[2].strip()
    return {
        "id": code.number,
        "name": code.name.title().replace("_", ""),
        "shortDescription": {"text": code.about},
        "fullDescription": {"text": text.split("\n\n", 1)[0]},
        "help": {"text": text, "markdown": text},
        "defaultConfiguration": {"level": code.severity.value},
    }


def _result(item: Diagnostic, rule: int) -> dict[str, Plain]:
    said = item.message if item.help is None else f"{item.message} {item.help}"
    result: dict[str, Plain] = {
        "ruleId": item.code.number,
        "ruleIndex": rule,
        "level": item.severity.value,
        "message": {"text": said},
    }
    if item.span is not None and _is_file(item.span):
        result["locations"] = [_location(item.span)]
    steps = [*(item.via.steps() if item.via else ()), *item.uses]
    if related := [_related(number, step) for number, step in enumerate(steps)]:
        result["relatedLocations"] = related
    return result


def _related(number: int, step: Via) -> Plain:
    return {"id": number, **_location(step.span), "message": {"text": step.what}}


def _location(span: Span) -> dict[str, Plain]:
    line, column = span.begins
    end_line, end_column = span.ends
    path = PurePath(span.file).as_posix()
    uri = f"file://{quote(path)}" if path.startswith("/") else quote(path)
    region: dict[str, Plain] = {
        "startLine": line,
        "startColumn": column,
        "endLine": end_line,
        "endColumn": end_column,
    }
    return {"physicalLocation": {"artifactLocation": {"uri": uri}, "region": region}}


def github(diagnostics: Iterable[Diagnostic]) -> str:
    """The lines that make GitHub's workflows show each problem beside its line.

    Args:
        diagnostics: as `check` gives them.
    """
    return "".join(f"{_annotation(item)}\n" for item in diagnostics)


def _annotation(item: Diagnostic) -> str:
    properties = {"title": item.code.number}
    if item.span is not None and _is_file(item.span):
        line, column = item.span.begins
        end_line, end_column = item.span.ends
        properties = {"file": PurePath(item.span.file).as_posix(), "line": str(line)} | properties
        if end_line == line:  # GitHub refuses columns over several lines
            properties |= {"col": str(column), "endColumn": str(max(end_column, column + 1))}
        else:
            properties |= {"endLine": str(end_line)}
    said = ",".join(f"{name}={_escaped(value, ':,')}" for name, value in properties.items())
    text = item.message if item.help is None else f"{item.message}\n{item.help}"
    steps = "".join(f"\n{step.what}" for step in (item.via.steps() if item.via else ()))
    return f"::{item.severity.value} {said}::{_escaped(text + steps)}"


def _escaped(text: str, also: str = "") -> str:
    """As GitHub wants it: percent signs, line ends, and in properties colons and commas."""
    for char in "%\r\n" + also:
        text = text.replace(char, f"%{ord(char):02X}")
    return text


def _is_file(span: Span) -> bool:
    """Whether a place is in a file, not in a `--var` or a template that ships with the tool."""
    return not span.file.startswith(("--var ", "<"))
